"""LMI406 trace-id-from-env: the trace id is read where managed instances do not put it."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.model.finding import Finding, Severity

_TRACE_IDS = frozenset(("xraytraceid", "getxraytraceid", "traceid"))


@rule("LMI406")
def trace_id_from_env(program: Program) -> Iterator[Finding]:
    """One finding per read, at load too; none where it only stands in for the id of the context, or is stood in for by
    it, or where a test tells managed instances apart."""
    managed = {(call.context, call.event) for call in program.calls_of(("process.env.managed",))}
    for call in program.calls_of(("process.env.unset",)):
        events = call.context.function.facts.events
        tests = [source for source in events[call.event].guards if source >= 0]
        if any((call.context, test) in managed or _of_context(call, test) for test in tests):
            continue
        if any(call.event in event.guards and _of_context(call, index) for index, event in enumerate(events)):
            continue
        message = f"{call.name} is read for the trace id, which managed instances do not put there"
        reasons = [call.entry.why] if call.entry is not None and call.entry.why else []
        remedy = f"Use {call.entry.instead}" if call.entry is not None and call.entry.instead else ""
        yield of_call(program, "LMI406", call, message, Severity.WARNING, reasons=reasons, remedy=remedy)


def _of_context(call: LibraryCall, event: int) -> bool:
    """Whether an event reads the trace id of the invocation's context."""
    data = call.context.results[event].data
    return any(origin[0] == "context" and origin[-1].lower() in _TRACE_IDS for origin in data)
