"""LMI405 process-wide-setting: a setting of the process that a worker cannot change, or that a request changes."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link.closures import captured
from lmi_lint.link.heap import Kind, Obj, Phase, Val
from lmi_lint.link.names import FunctionInfo
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.model.finding import Finding, Severity
from lmi_lint.model.runtime import Preempts


@rule("LMI405")
def process_wide_setting(program: Program) -> Iterator[Finding]:
    """One finding per call that cannot work at all, at load too; one per setting that a function of a request changes,
    since the second change mostly puts back what was there."""
    if not program.runtime.shares_memory:
        return
    for call in program.calls_of(("process.refused", "process.deaf")):
        if call.role == "process.refused":
            message = f"{call.name} throws in a worker of {program.runtime.name}"
            yield _finding(program, call, message, Severity.ERROR)
        else:
            message = f"the function given to {call.name} is never called"
            yield _finding(program, call, message, Severity.WARNING)
    if program.runtime.preempts is Preempts.AT_SUSPENSION and not any(
        root in program.suspending for root in program.roots
    ):
        return  # nothing runs between the change and its use
    changes: dict[tuple[FunctionInfo, str], list[LibraryCall]] = {}
    places: dict[str, set[tuple[FunctionInfo, int]]] = {}
    for call in program.request_calls(("process.setting",)):
        changes.setdefault((call.context.function, call.name), []).append(call)
        places.setdefault(call.name, set()).add((call.context.function, call.event))
    for (_, name), calls in changes.items():
        yield _change(program, calls, alone=len(places[name]) == 1)


def _change(program: Program, calls: list[LibraryCall], *, alone: bool) -> Finding:
    severities = [_severity(program, call, alone=alone) for call in calls]
    worst = max(severities, key=lambda severity: severity.rank)
    call = calls[severities.index(worst)]
    assigned = call.entry is not None and call.entry.name.endswith("=")
    message = f"{call.name} {'is set for' if assigned else 'changes a setting of'} {program.runtime.sharers}"
    return _finding(program, call, message, worst)


def _finding(program: Program, call: LibraryCall, message: str, severity: Severity) -> Finding:
    reasons = [call.entry.why] if call.entry is not None and call.entry.why else []
    instead = call.entry.instead if call.entry is not None else ""
    return of_call(program, "LMI405", call, message, severity, reasons=reasons, remedy=instead)


def _severity(program: Program, call: LibraryCall, *, alone: bool) -> Severity:
    """What differs between invocations is an error. ``alone``: nothing else in a request changes the setting, so that a
    constant is what it has been since the first request."""
    if not call.args or any(program.invocation_data(arg) or _own(program, arg) for arg in call.args):
        return Severity.ERROR
    return Severity.NOTE if alone and all(_is_fixed(arg) for arg in call.args) else Severity.WARNING


def _is_fixed(value: Val) -> bool:
    """Whether it is written in the code: a literal, a function, a constant of a library."""
    objects = value.objects()
    return value.constant or (bool(objects) and all(obj.kind in (Kind.CLOSURE, Kind.NAME) for obj in objects))


def _own(program: Program, value: Val) -> bool:
    """Whether it may be an object that belongs to this invocation: a stream, a function that knows the event."""
    return any(_is_own(program, obj) for obj in value.objects() if obj.phase is Phase.REQUEST)


def _is_own(program: Program, obj: Obj) -> bool:
    if obj.kind is Kind.CLOSURE:
        return bool(program.invocation_data(captured(program.machine, obj)))
    if obj.kind is Kind.INSTANCE:  # what a call of unknown result returned may as well be a constant
        unsafe = program.knowledge.safety_of(obj.type_name).safety != "immutable"
        return unsafe and not obj.type_name.endswith("()")
    return obj.kind is Kind.OBJECT
