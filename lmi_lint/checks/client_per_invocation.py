"""LMI303 client-per-invocation: an SDK or HTTP client that each invocation builds for itself."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link.heap import Obj, Phase
from lmi_lint.link.makings import given, inside, may_be_own
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.model.finding import Finding, Severity


@rule("LMI303")
def client_per_invocation(program: Program) -> Iterator[Finding]:
    """One finding per construction; a client that another one is made of is part of that one."""
    opened = [
        call
        for call in program.request_calls(("client.open",))
        if call.context in program.invoked and not program.lasting.fills_shared_place(call)
    ]
    makers = {obj: call for call in opened for obj in call.result.objects() if obj.phase is Phase.REQUEST}
    parts = {call: _parts(program, call, makers) for call in opened}
    own = {call for call in opened if any(may_be_own(program, value) for value in given(program, call))}
    while grown := {call for call in opened if parts[call] & own} - own:
        own |= grown
    for call in opened:
        if call in own or any(call in used for used in parts.values()):
            continue
        message = f"{_short(call)} is built anew by every invocation; one that is built at load serves them all"
        reasons = [call.entry.why] if call.entry is not None and call.entry.why else []
        remedy = call.entry.instead if call.entry is not None else ""
        yield of_call(program, "LMI303", call, message, Severity.NOTE, reasons=reasons, remedy=remedy)


def _short(call: LibraryCall) -> str:
    """The call as it is written: the type that is constructed, or the method with what it is called on."""
    return ".".join(call.name.split(".")[-1 if call.new else -2 :])


def _parts(program: Program, call: LibraryCall, makers: dict[Obj, LibraryCall]) -> set[LibraryCall]:
    """The constructions of clients that this client is made of."""
    held = {obj for value in given(program, call) for obj in inside(program, value)}
    return {makers[obj] for obj in held if obj in makers} - {call}
