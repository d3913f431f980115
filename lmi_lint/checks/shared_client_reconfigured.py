"""LMI108 shared-client-reconfigured: a request changes the settings of a client that others use."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link.heap import is_shared
from lmi_lint.link.makings import captures_invocation
from lmi_lint.link.program import Program
from lmi_lint.model.finding import Finding, Severity


@rule("LMI108")
def shared_client_reconfigured(program: Program) -> Iterator[Finding]:
    """One finding per call or assignment. A constant set after a test of shared state is part of making the client."""
    if not program.runtime.shares_memory:
        return
    for call in program.request_calls(("client.reconfigure",)):
        if call.context not in program.invoked_surely or call.entry is None:
            continue
        shared = [ref for ref in call.receiver.each() if is_shared(ref) and ref[0] not in call.context.building]
        if not shared:
            continue
        data = any(program.invocation_data(arg) or captures_invocation(program, arg) for arg in call.args)
        if not data and call.guards:
            continue
        does = "puts data of one invocation on" if data else "changes"
        message = f"{call.name} {does} a client of {program.runtime.sharers}"
        severity = Severity.ERROR if data else Severity.WARNING
        yield of_call(program, "LMI108", call, message, severity, reasons=[call.entry.why], remedy=call.entry.instead)
