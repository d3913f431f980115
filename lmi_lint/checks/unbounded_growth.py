"""LMI107 unbounded-growth: a collection that lives as long as the environment and that requests only add to."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call, of_race
from lmi_lint.checks.unguarded_lazy_init import side_effect
from lmi_lint.link.program import Program
from lmi_lint.link.races import Race, RaceKind
from lmi_lint.link.record import LibraryCall
from lmi_lint.model.finding import Finding, Severity

_OFF = ("off", "removeListener", "removeAllListeners")


@rule("LMI107")
def unbounded_growth(program: Program) -> Iterator[Finding]:
    """One finding per collection and function, unless LMI102 speaks of what fills it there; one per listener."""
    for race in program.races:
        if race.kind is RaceKind.GROWTH and not _filled_twice(program, race):
            message = race.message.format(place=race.access.place_name.removesuffix("[…]"))
            yield of_race(program, "LMI107", race, message, "also added to here", race.remedy)
    for call in program.request_calls(("listener",)) if program.runtime.shares_memory else ():
        if call.context in program.invoked and not call.guards and not _taken_off(program, call):
            message = f"{call.name} adds a listener in every invocation, and nothing takes it off again"
            why = [call.entry.why] if call.entry is not None else []
            remedy = "Add it once, when the module loads"
            yield of_call(program, "LMI107", call, message, Severity.WARNING, reasons=why, remedy=remedy)


def _taken_off(program: Program, call: LibraryCall) -> bool:
    owner = call.name.rpartition(".")[0]
    return bool(program.index.named(f"{owner}.{method}" for method in _OFF))


def _filled_twice(program: Program, race: Race) -> bool:
    call = program.call_at((race.access.context, race.access.event))
    return call is not None and side_effect(program, call) is not None
