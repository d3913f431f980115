"""LMI102 unguarded-lazy-init: test, then set, with room for another invocation between."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import ALSO, of_call, of_race
from lmi_lint.link.heap import Phase, is_shared
from lmi_lint.link.judge import EXCLUSIVE_ROLES
from lmi_lint.link.program import Program
from lmi_lint.link.races import RaceKind
from lmi_lint.link.record import LibraryCall
from lmi_lint.model.finding import Finding, Severity

# What is left behind, or done, by a factory whose result is dropped. A client that nobody uses harms nobody.
_SIDE_EFFECTS = frozenset(
    "connection.open pool.open file.write file.move file.delete process.spawn process.env.write background".split()
)
_USUAL = "{place} is tested and set in two steps; concurrent invocations can each set it"


@rule("LMI102")
def unguarded_lazy_init(program: Program) -> Iterator[Finding]:
    """One finding per place and function."""
    for race in program.races:
        if race.kind is RaceKind.LAZY_INIT:
            place = race.access.place_name
            message = (race.message or _USUAL).format(place=place)
            yield of_race(program, "LMI102", race, message, "tested here", race.remedy)
    for call in program.index.known:
        effect = side_effect(program, call)
        if effect is not None and call.entry is not None:
            place = next((program.object_name(ref[0]) for ref in call.receiver.each() if is_shared(ref)), call.name)
            message = f"{place} may run the function given to {call.name.rpartition('.')[2]} more than once for a key"
            did = program.location((effect.context, effect.event), "what is done here is done more than once")
            grows = [ALSO[RaceKind.GROWTH]] if program.grows_at((call.context, call.event)) else []
            reasons = (call.entry.why, program.runtime.explanation, *grows)
            remedy = f"Keep {call.entry.instead}" if call.entry.instead else ""
            yield of_call(
                program, "LMI102", call, message, Severity.WARNING, reasons=reasons, remedy=remedy, related=(did,)
            )


def side_effect(program: Program, call: LibraryCall) -> LibraryCall | None:
    """What the functions do that a call on a shared object may run several times at once, if it matters."""
    if call.entry is None or call.entry.runs != "again" or call.phase is not Phase.REQUEST:
        return None
    alone = any(held.shared for held in call.held)
    if alone or not program.runtime.shares_memory or not any(is_shared(ref) for ref in call.receiver.refs):
        return None
    kept = {obj for obj in call.result.objects() if program.role_of(obj) in EXCLUSIVE_ROLES}
    for each in program.lasting.run_by(call):
        if each.role in _SIDE_EFFECTS or kept.intersection(each.result.objects()):
            return each
    return None
