"""The one judgement behind the rules on shared memory: which places two invocations can race for, and how.

Accesses are grouped by place; ``races_at_suspensions.py`` and ``races_anywhere.py`` judge each group by the way in
which the runtime switches between invocations. Each race is one view of the place: request data kept (104), a lost
update (103), a lazy initialisation (102), an unsafe type (106), inconsistent locks (105), a plain write (101). A
collection that only grows (107, ``growth.py``) is no race, but a view of the place as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lmi_lint.link.cells import of_thread
from lmi_lint.link.growth import Growth
from lmi_lint.link.heap import Kind, Obj
from lmi_lint.link.races import Race, RaceKind
from lmi_lint.link.races_anywhere import ThreadJudge
from lmi_lint.link.races_at_suspensions import SuspensionJudge
from lmi_lint.model.runtime import Preempts

if TYPE_CHECKING:
    from lmi_lint.link.program import Program
    from lmi_lint.link.record import Access
    from lmi_lint.model.source import Span

_LOCAL_ROLES = frozenset({"context-local", "thread-local", "lock", "logger"})


def judge(program: Program) -> list[Race]:
    """All races, one per place and function: the worst, with the other kinds beside it."""
    judges: dict[Preempts, type[SuspensionJudge | ThreadJudge]] = {
        Preempts.AT_SUSPENSION: SuspensionJudge,
        Preempts.ANYWHERE: ThreadJudge,
    }
    chosen = judges.get(program.runtime.preempts)
    if chosen is None:
        return []
    found: list[Race] = []
    growth = Growth(program)
    changes: dict[tuple[Obj, str], list[Access]] = {}
    for accesses in _places(program):
        found += chosen(program, accesses).races()
        found += growth.races(accesses)
        changes[accesses[0].place] = [access for access in accesses if access.mode.changes]
    return _worst(found, changes)


def _places(program: Program) -> list[list[Access]]:
    groups: dict[tuple[Obj, str], list[Access]] = {}
    for access in program.accesses:
        obj = access.obj
        if of_thread(obj, access.key):
            continue
        if obj.kind is Kind.NAME or program.knowledge.role_of(obj.type_name) in _LOCAL_ROLES:
            continue
        groups.setdefault(access.place, []).append(access)
    return [group for group in groups.values() if any(access.mode.changes for access in group)]


def _worst(races: Iterable[Race], changes: dict[tuple[Obj, str], list[Access]]) -> list[Race]:
    """One race per place and function; with it what else changes the place, in other functions too. What one use may
    do to several objects is told once."""
    groups: dict[tuple[object, object], list[Race]] = {}
    for race in races:
        groups.setdefault((race.access.place, race.access.context.function), []).append(race)
    chosen = []
    told: set[tuple[RaceKind, str, Span, str]] = set()
    for group in groups.values():
        best = min(group, key=lambda race: (-race.severity.rank, race.kind.value, race.access.span.start))
        use = best.kind, best.access.path, best.access.span, best.access.method
        if best.kind is RaceKind.UNSAFE_TYPE and use in told:
            continue
        told.add(use)
        also = tuple(sorted({race.kind for race in group} - {best.kind}, key=lambda kind: kind.value))
        known = {(best.access.path, best.access.span)} | ({(best.other.path, best.other.span)} if best.other else set())
        others = []
        met = [access for race in group for access in (race.access, race.other) if access is not None]
        for access in (*met, *changes[best.access.place]):
            if (access.path, access.span) not in known:
                known.add((access.path, access.span))
                others.append(access)
        chosen.append(
            Race(
                best.kind,
                best.severity,
                best.access,
                best.other,
                best.gap,
                best.reasons,
                best.message,
                best.remedy,
                also,
                tuple(others[:5]),
            )
        )
    return chosen
