"""LMI402 legacy-context-method: context.done, succeed and fail do not exist there."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link.program import Program
from lmi_lint.model.finding import Finding, Severity


@rule("LMI402")
def legacy_context_method(program: Program) -> Iterator[Finding]:
    """One finding per call."""
    for call in program.request_calls(("context.legacy",)):
        method = call.name.rpartition(".")[2]
        message = f"context.{method} does not exist on managed instances; the call throws a TypeError"
        yield of_call(program, "LMI402", call, message, Severity.ERROR)
