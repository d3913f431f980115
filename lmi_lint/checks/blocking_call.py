"""LMI409 blocking-call: a request blocks the thread that others need."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link.program import Program
from lmi_lint.model.finding import Finding, Severity


@rule("LMI409")
def blocking_call(program: Program) -> Iterator[Finding]:
    """One finding per call, unless what requests wrote decides whether it happens."""
    if not program.runtime.stalled_by_blocking:
        return
    for call in program.request_calls(("blocking",)):
        if call.guards:  # what a shared place holds decides: done once, and kept
            continue
        message = f"{call.name} {program.runtime.stalled_by_blocking}"
        reasons = [call.entry.why] if call.entry is not None and call.entry.why else []
        remedy = call.entry.instead if call.entry is not None else ""
        yield of_call(program, "LMI409", call, message, Severity.WARNING, reasons=reasons, remedy=remedy)
