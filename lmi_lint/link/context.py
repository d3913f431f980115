"""One evaluation of one function: who calls it on what, in which phase, under which locks."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from lmi_lint.link.heap import NONE, Obj, Phase, ReadId, Val

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lmi_lint.link.names import FunctionInfo
    from lmi_lint.link.record import Recorder

EVERY: Final = -1
"""Stands for all events of an evaluation."""


class Grip(IntEnum):
    """Whom a lock that is held keeps out. ``READ``: who writes, not who reads; ``UPGRADE``: all but those who read, and
    those when it writes; ``ALONE``: everybody."""

    READ = 0
    UPGRADE = 1
    ALONE = 2


class Held(NamedTuple):
    """A lock that is held, and the critical section (evaluation and region or call) that took it: releasing and
    taking the same lock again is another section. ``shared``: other invocations can take it too; a lock made on the
    spot keeps nobody out. ``keyed``: it is one of many, chosen by data of the invocation or by the object at hand: it
    keeps out those who come with the same."""

    lock: Obj
    section: tuple[int, int]
    shared: bool
    grip: Grip = Grip.ALONE
    keyed: bool = False


Claim: TypeAlias = tuple["Obj", Grip]
"""A lock and how it is held: a thread may hold one lock in two ways."""
Note: TypeAlias = tuple[dict[Claim, Held] | None, Callable[["Recorder"], None]]
"""The locks taken by calls where something happened that is to be recorded, and what records it."""


class Context:
    """An evaluation; compared by identity.

    ``results``: value of each event; ``ret``: what it returns; ``callers``: (caller, event) that reach it, the
    first to do so first; ``askers``: events that reach it through code outside the project; ``callees``: per event
    the evaluations that it calls; ``deferred``: per event those that run after a suspension; ``held``: locks that
    its callers hold; ``building``: objects under construction; ``notes``: per event what it gives to record, with
    the locks that calls here had taken; ``kept`` and ``freed``: locks that it still holds when it returns, and
    those of its caller that it releases. ``at``: the event that is being evaluated, ``EVERY`` outside of that;
    ``stale``: the events, and last the returns, whose operands or cells have changed since they were evaluated;
    ``whole``: it is evaluated all over again if anything has, since it uses what is not followed by event (locks
    held from one event to the next).
    """

    __slots__ = (
        "args",
        "askers",
        "at",
        "building",
        "callees",
        "callers",
        "deferred",
        "env",
        "frame",
        "freed",
        "function",
        "held",
        "kept",
        "merged",
        "notes",
        "phase",
        "queued",
        "results",
        "ret",
        "serial",
        "stale",
        "this",
        "whole",
    )

    def __init__(
        self,
        serial: int,
        function: FunctionInfo,
        phase: Phase,
        this: Val,
        args: list[Val],
        env: Obj | None,
        held: frozenset[Held],
        building: frozenset[Obj],
    ) -> None:
        self.serial = serial
        self.function = function
        self.phase = phase
        self.this = this
        self.args = args
        self.env = env
        self.held = held
        self.building = building
        self.frame: Obj | None = None
        self.results: list[Val] = [NONE] * len(function.facts.events)
        self.ret = NONE
        self.callers: dict[tuple[Context | None, int], None] = {}
        self.askers: dict[Site, None] = {}
        self.callees: dict[int, dict[Context, None]] = {}
        self.deferred: dict[int, dict[Context, None]] = {}
        self.kept: frozenset[Claim] = frozenset()
        self.freed: frozenset[Claim] = frozenset()
        self.notes: dict[int, list[Note]] = {}
        self.queued = False
        self.merged = False
        self.at = EVERY
        self.stale = set(range(len(function.facts.events) + 1))
        self.whole = False

    def __repr__(self) -> str:
        return f"<{self.function.label} #{self.serial} {self.phase.name.lower()}>"

    def dissolve(self) -> None:
        """Let go of values and other evaluations."""
        self.this = self.ret = NONE
        self.frame = self.env = None
        for held in (self.args, self.results, self.callers, self.askers, self.callees, self.deferred, self.notes):
            held.clear()

    def outdate(self, events: Iterable[int] = (EVERY,)) -> None:
        """These events, or all, have to be evaluated again."""
        self.stale.update(events)
        if self.whole or EVERY in self.stale:
            self.stale.update(range(len(self.results) + 1))
            self.stale.discard(EVERY)

    def guards_of(self, event: int) -> frozenset[ReadId]:
        """The reads of shared places that decide whether an event of this evaluation happens."""
        found: frozenset[ReadId] = frozenset()
        for source in self.function.facts.events[event].guards:
            if source >= 0:
                found = found | self.results[source].reads
            elif source <= -2 and -2 - source < len(self.args):
                found = found | self.args[-2 - source].reads
        return found


Site: TypeAlias = tuple[Context, int]
