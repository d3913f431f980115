"""LMI404 process-exit: a request ends the process that serves others."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link.escapes import escapes
from lmi_lint.link.program import Program
from lmi_lint.model.finding import Finding, Severity


@rule("LMI404")
def process_exit(program: Program) -> Iterator[Finding]:
    """One finding per call, unless something on every way to it catches it, or it ends a child or thread."""
    for call in program.request_calls(("process.exit",)):
        if not escapes(program, call):
            continue
        message = f"{call.name} ends {program.runtime.lost_by_exit}"
        yield of_call(program, "LMI404", call, message, Severity.ERROR)
