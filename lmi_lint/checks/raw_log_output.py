"""LMI408 raw-log-output: lines in the log that do not say which invocation wrote them."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.facts import model as f
from lmi_lint.link.heap import Kind, Val
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.model.finding import Finding, Severity

_METRICS = "_aws"  # the root member of CloudWatch's embedded metric format


@rule("LMI408")
def raw_log_output(program: Program) -> Iterator[Finding]:
    """One finding per file, at the first call; none for lines that hold data of the context, for metrics, and for what
    is written elsewhere."""
    found: dict[str, list[LibraryCall]] = {}
    for call in program.request_calls(("log.raw",)):
        if call.context in program.invoked and not (_identified(call) or _metrics(program, call) or _elsewhere(call)):
            found.setdefault(call.path, []).append(call)
    for calls in found.values():
        first = min(calls, key=lambda call: (call.span.start, call.span.end))
        message = f"{first.name} writes to the log without the request id"
        others = len({call.span for call in calls}) - 1
        reasons = [first.entry.why] if first.entry is not None and first.entry.why else []
        if others:
            reasons.append(f"so do {others} more calls in this file" if others > 1 else "so does one more in this file")
        remedy = f"Use {first.entry.instead}" if first.entry is not None and first.entry.instead else ""
        yield of_call(program, "LMI408", first, message, Severity.NOTE, reasons=reasons, remedy=remedy)


def _identified(call: LibraryCall) -> bool:
    """Whether the line holds something of the invocation's context, as a rule its id."""
    return any(origin[0] == "context" for value in call.args for origin in value.data)


def _elsewhere(call: LibraryCall) -> bool:
    """Whether a named argument may be a stream of the code's own (``print(…, file=report)``)."""
    return any(not (value.constant or value.texts or _is_name(value)) for _, value in call.named)


def _is_name(value: Val) -> bool:
    return bool(value.refs) and all(obj.kind is Kind.NAME for obj, _ in value.refs)


def _metrics(program: Program, call: LibraryCall) -> bool:
    """Whether what is written is made of an object in the embedded metric format."""
    context, heap = call.context, program.machine.heap
    event = context.function.facts.events[call.event]
    values = list(call.args)
    for argument in event.args if isinstance(event, f.Call) else ():
        for source in argument.value.sources:
            made = context.function.facts.events[source] if source >= 0 else None
            if isinstance(made, f.Call):
                values += [program.machine.value(context, given.value) for given in made.args]
    return any(_METRICS in heap.keys.get(obj, ()) for value in values for obj in value.objects())
