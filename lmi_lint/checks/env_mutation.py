"""LMI403 env-mutation: a request changes the environment variables or system properties of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_access, of_call
from lmi_lint.facts.model import ELEMENT
from lmi_lint.link.heap import Kind, Val
from lmi_lint.link.program import Program
from lmi_lint.link.record import Access, LibraryCall
from lmi_lint.link.texts import literal
from lmi_lint.model.finding import Finding, Severity


@rule("LMI403")
def env_mutation(program: Program) -> Iterator[Finding]:
    """One finding per assignment or call."""
    if not program.runtime.shares_memory:
        return
    accesses = [access for access in program.accesses if _changes_env(program, access)]
    calls = list(program.request_calls(("process.env.write",)))
    written: dict[str | None, set[str | None]] = {}
    for name, value in (*map(_set_by_access, accesses), *map(_set_by_call, calls)):
        written.setdefault(name, set()).add(_text(value))
    for access in accesses:
        name, value = _set_by_access(access)
        severity = _severity(program, [value], name, written)
        message = f"{access.place_name} is set for {program.runtime.sharers}{_always(severity)}"
        yield of_access(program, "LMI403", access, message, severity)
    for call in calls:
        name, _ = _set_by_call(call)
        severity = _severity(program, call.args, name, written)
        message = f"{call.name} changes the settings of {program.runtime.sharers}{_always(severity)}"
        yield of_call(program, "LMI403", call, message, severity)


def _always(severity: Severity) -> str:
    return ", always to the same" if severity is Severity.NOTE else ""


def _changes_env(program: Program, access: Access) -> bool:
    env = access.obj.kind is Kind.NAME and program.knowledge.role_of(access.obj.type_name) == "process.env"
    return env and access.mode.changes


def _set_by_access(access: Access) -> tuple[str | None, Val]:
    """The variable, None if it cannot be told, and what it is set to."""
    return None if access.key == ELEMENT else access.key, access.value


def _set_by_call(call: LibraryCall) -> tuple[str | None, Val]:
    return (literal(call.args[0]), call.args[1]) if len(call.args) == 2 else (None, Val())


def _text(value: Val) -> str | None:
    return literal(value) if value.constant else None


def _severity(
    program: Program, values: Sequence[Val], name: str | None, written: dict[str | None, set[str | None]]
) -> Severity:
    """``written``: variables and all that is put into them. A variable that every change sets to one and the same text
    is what it has been since the first request."""
    if any(program.invocation_data(value) for value in values):
        return Severity.ERROR
    alone = None not in written and len(written.get(name, ())) == 1 and None not in written.get(name, ())
    return Severity.NOTE if alone else Severity.WARNING
