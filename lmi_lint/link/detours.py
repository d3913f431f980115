"""Ways out of a function on the side: what they release is still held on the way that goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.facts.flows import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lmi_lint.link.context import Claim, Held
    from lmi_lint.link.machine import Machine
    from lmi_lint.link.names import FunctionInfo


class Detours:
    """The arms of one evaluation that leave by return, throw or jump: events are evaluated one after the other, so the
    locks held before such an arm are held again after it. ``ends``: last event of an arm → its first."""

    def __init__(self, machine: Machine, ends: dict[int, int]) -> None:
        self.machine = machine
        self.ends = ends
        self.starts = frozenset(ends.values())
        self.before: dict[int, tuple[dict[Claim, Held], set[Claim]]] = {}

    @staticmethod
    def of(machine: Machine, function: FunctionInfo) -> Detours | None:
        """The detours of a function that itself takes or releases locks by calls, if there are any."""
        if function.detours is None:
            names = machine.knowledge.lock_methods
            events = function.facts.events
            locking = any(isinstance(event, f.Call) and event.method in names for event in events)
            function.detours = dict(_arms(function.facts.flow)) if locking else {}
        return Detours(machine, function.detours) if function.detours else None

    def enter(self, event: int) -> None:
        """Before an event: remember what is held where an arm begins."""
        if event in self.starts:
            self.before[event] = dict(self.machine.held_now), set(self.machine.freed_now)

    def leave(self, event: int) -> None:
        """After an event: where an arm ends, what was held before it is held again."""
        first = self.ends.get(event)
        if first is not None and first in self.before:
            self.machine.held_now, self.machine.freed_now = self.before.pop(first)


def _arms(flow: f.Flow) -> Iterator[tuple[int, int]]:
    """Last and first event of the branches and handlers that leave, inner ones first."""
    for part in parts(flow):
        yield from _arms(part)
    arms = flow.arms if isinstance(flow, f.Branch) else flow.handlers if isinstance(flow, f.Attempt) else ()
    for arm in arms:
        steps = list(_steps(arm))
        if steps and _leaves(arm):
            yield max(steps), min(steps)


def _steps(flow: f.Flow) -> Iterator[int]:
    if isinstance(flow, f.Step):
        yield flow.event
    for part in parts(flow):
        yield from _steps(part)


def _leaves(flow: f.Flow) -> bool:
    last = flow.items[-1] if isinstance(flow, f.Seq) and flow.items else flow
    return isinstance(last, f.Exit)
