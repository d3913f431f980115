"""LMI403 env-mutation: a request changes the environment variables or system properties of all."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_access, of_call
from lmi_lint.link.heap import Kind, Val
from lmi_lint.link.program import Program
from lmi_lint.model.finding import Finding, Severity


@rule("LMI403")
def env_mutation(program: Program) -> Iterator[Finding]:
    """One finding per assignment or call."""
    if not program.runtime.shares_memory:
        return
    for access in program.accesses:
        env = access.obj.kind is Kind.NAME and program.knowledge.role_of(access.obj.type_name) == "process.env"
        if env and access.mode.changes:
            message = f"{access.place_name} is set for {program.runtime.sharers}"
            yield of_access(program, "LMI403", access, message, _severity(program, access.value))
    for call in program.request_calls(("process.env.write",)):
        severity = max((_severity(program, arg) for arg in call.args), key=lambda s: s.rank, default=Severity.WARNING)
        message = f"{call.name} changes the settings of {program.runtime.sharers}"
        yield of_call(program, "LMI403", call, message, severity)


def _severity(program: Program, value: Val) -> Severity:
    return Severity.ERROR if program.invocation_data(value) else Severity.WARNING
