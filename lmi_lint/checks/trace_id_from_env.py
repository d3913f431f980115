"""LMI406 trace-id-from-env: the trace id is read where managed instances do not put it."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import at_site
from lmi_lint.facts import model as f
from lmi_lint.link.context import Context, Site
from lmi_lint.link.heap import Gap, Kind
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.model.finding import Finding, Severity

_TRACE_IDS = frozenset(("xraytraceid", "getxraytraceid", "traceid"))


@rule("LMI406")
def trace_id_from_env(program: Program) -> Iterator[Finding]:
    """One finding per place that asks for it, at load too; none where it only stands in for an id from elsewhere, or is
    stood in for by that of the context, or where a test tells managed instances apart."""
    managed = {(call.context, call.event) for call in program.calls_of(("process.env.managed",))}
    for call in program.calls_of(("process.env.unset",)):
        message = f"{call.name} is read for the trace id, which managed instances do not put there"
        reasons = [call.entry.why] if call.entry is not None and call.entry.why else []
        remedy = f"Use {call.entry.instead}" if call.entry is not None and call.entry.instead else ""
        for site in _asking(program, call):
            if not _excused(site, managed):
                yield at_site(program, "LMI406", site, message, Severity.WARNING, call.name, reasons, remedy)


def _asking(program: Program, call: LibraryCall) -> list[Site]:
    """Where the id is asked for by name: a helper that reads whatever it is told to does not know."""
    sites = [(call.context, call.event)]
    asking: list[Site] = []
    seen = set(sites)
    while sites:
        site = sites.pop()
        named = _name(site)
        told = named is not None and named.sources and all(f.param_index(each) is not None for each in named.sources)
        givers = program.givers(site[0], program.machine.value(site[0], named)) if told and named is not None else []
        if not givers:
            asking.append(site)
        fresh = [giver for giver in givers if giver not in seen]
        seen.update(fresh)
        sites += fresh
    return asking


def _name(site: Site) -> f.Operand | None:
    """What says which variable is read, or which one a helper is to read."""
    event = site[0].function.facts.events[site[1]]
    if isinstance(event, f.Load):
        return event.index
    return event.args[0].value if isinstance(event, f.Call) and event.args else None


def _excused(site: Site, managed: set[Site]) -> bool:
    context, event = site
    events = context.function.facts.events
    tests = [source for source in events[event].guards if source >= 0]
    if any((context, test) in managed or _of_context(context, test) for test in tests):
        return True
    if any(event in each.guards and _of_context(context, index) for index, each in enumerate(events)):
        return True
    return any(_from_elsewhere(context, test) and _together(context, test, event) for test in tests)


def _of_context(context: Context, event: int) -> bool:
    """Whether an event reads the trace id of the invocation's context."""
    data = context.results[event].data
    return any(origin[0] == "context" and origin[-1].lower() in _TRACE_IDS for origin in data)


def _from_elsewhere(context: Context, event: int) -> bool:
    """Whether an event gets something that is no setting of the deployment."""
    value = context.results[event]
    if any(isinstance(part, Gap) and part.kind == "setting" for text in value.texts for part in text):
        return False
    return bool(value.data) or any(obj.kind is Kind.INSTANCE for obj in value.objects())


def _together(context: Context, first: int, second: int) -> bool:
    """Whether one value is either of two: one stands in for the other."""
    facts = context.function.facts
    uses = [operand for event in facts.events for operand in f.operands(event)]
    return any({first, second} <= set(operand.sources) for operand in (*uses, *facts.returns))
