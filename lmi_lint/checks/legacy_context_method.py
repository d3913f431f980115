"""LMI402 legacy-context-method: context.done, succeed and fail do not exist there."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link.presence import context_given, handed_on, tested_before
from lmi_lint.link.program import Program
from lmi_lint.model.finding import Finding, Severity

_ROLES = ("context.legacy",)
_CONTEXT = "aws.lambda.Context."
_METHODS = frozenset({"done", "succeed", "fail"})


@rule("LMI402")
def legacy_context_method(program: Program) -> Iterator[Finding]:
    """One finding per call, and per call that is given such a method to call back; none where the code asks first
    whether the method is there."""
    for call in program.request_calls(_ROLES):
        if call.name.startswith(_CONTEXT):
            method = call.name.rpartition(".")[2]
            message = f"context.{method} does not exist on managed instances; the call throws a TypeError"
            asked = tested_before(call)
        else:
            message = f"{call.name} answers by a method of the context that does not exist on managed instances"
            asked = context_given(program, _METHODS)
        if not asked:
            yield of_call(program, "LMI402", call, message, Severity.ERROR)
    for call, name in handed_on(program, _ROLES):
        method = name.rpartition(".")[2]
        message = f"context.{method} does not exist on managed instances; undefined is handed on in its place"
        yield of_call(program, "LMI402", call, message, Severity.ERROR)
