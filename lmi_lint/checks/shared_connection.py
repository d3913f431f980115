"""LMI302 shared-connection: invocations that run at once use one connection."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link.heap import Kind, Obj, Ref, is_shared
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.model.finding import Finding, Location, Severity
from lmi_lint.model.runtime import Preempts

_SHOWN = 5
_ROLES = ("connection", "pool", "client")
_SESSION = {
    "transaction.begin": "begins a transaction",
    "transaction.end": "ends a transaction",
    "session.set": "sets session state",
    "connection.close": "closes the connection",
}


@rule("LMI302")
def shared_connection(program: Program) -> Iterator[Finding]:
    """One finding per connection: the worst use, with some of the others."""
    if not program.runtime.shares_memory:
        return
    worst: dict[Obj, Finding] = {}
    uses: dict[Obj, list[Location]] = {}
    wholes: dict[Obj, Obj | None] = {}
    for call in _candidates(program):
        for part, shared in _used(program, call):
            if part not in wholes:
                wholes[part] = _connection(program, part)
            obj = wholes[part]
            if obj is None or not is_shared((part, shared)):
                continue
            found = _of_library(program, call, obj) if obj.kind is Kind.NAME else _judge(program, call, obj)
            if found is None:
                continue
            uses.setdefault(obj, []).append(program.location((call.context, call.event), "used here too"))
            if obj not in worst or worst[obj].severity.rank < found.severity.rank:
                worst[obj] = found
    for obj, finding in worst.items():
        here = (finding.location.path, finding.location.span)
        others = {(use.path, use.span): use for use in uses[obj] if (use.path, use.span) != here}
        yield msgspec.structs.replace(finding, related=tuple(others.values())[:_SHOWN])


def _candidates(program: Program) -> list[LibraryCall]:
    """The calls of the request that may use a connection: those on one, those that make one, those of a session."""
    connections = [obj for obj in program.index.receivers if obj.kind is not Kind.NAME and _connection(program, obj)]
    makers = [name for name in program.index.names if program.knowledge.role_of(name) == "connection"]
    chosen = {*program.index.on(connections), *program.index.named(makers), *program.calls_of(_SESSION)}
    if not chosen:
        return []
    return [call for call in program.request_calls((*_SESSION, "connection.query", "")) if call in chosen]


def _connection(program: Program, part: Obj) -> Obj | None:
    """The connection, pool, client (commands of many are told apart, the state of its connection is not) or library
    that an object is or is part of; None if it is nothing of the kind."""
    if part.kind not in (Kind.INSTANCE, Kind.OBJECT, Kind.NAME):
        return None
    obj = _whole(program, part)
    return obj if obj.kind is Kind.NAME or program.role_of(obj) in _ROLES else None


def _whole(program: Program, obj: Obj) -> Obj:
    """The connection that an object is part of: the context of a set or of a transaction manager."""
    while obj.home is not None and obj.home[0] is not obj and program.role_of(obj.home[0]) == "connection":
        obj = obj.home[0]
    return obj


def _used(program: Program, call: LibraryCall) -> list[Ref]:
    """What a call uses: its receiver, and the connection that it makes a command or the like for."""
    used = list(call.receiver.each())
    if call.new and program.knowledge.role_of(call.name) == "connection":
        used += [ref for arg in call.args for ref in arg.each() if ref[0].kind is Kind.INSTANCE]
    return used


def _of_library(program: Program, call: LibraryCall, obj: Obj) -> Finding | None:
    """The one connection that a library keeps for the whole process."""
    what = _SESSION.get(call.role)
    if what is None:
        return None
    message = f"{obj.type_name} is one connection for {program.runtime.sharers}; this {what} for all of them"
    return of_call(program, "LMI302", call, message, Severity.ERROR, reasons=(program.runtime.explanation,))


def _judge(program: Program, call: LibraryCall, obj: Obj) -> Finding | None:
    role = program.role_of(obj)
    what = _SESSION.get(call.role)
    name = program.object_name(obj)
    if role == "pool" and call.role == "transaction.begin":
        message = f"a transaction through {name} spreads over the pool's connections; take one connection for all of it"
        return of_call(program, "LMI302", call, message, Severity.ERROR)
    if role != "connection" and (role, call.role) != ("client", "session.set"):
        return None
    if role == "connection" and program.runtime.preempts is Preempts.ANYWHERE:
        message = f"{name} is one connection for {program.runtime.sharers}"
        return of_call(program, "LMI302", call, message, Severity.ERROR, reasons=(program.runtime.explanation,))
    if what is not None:
        message = f"{name} is one connection for {program.runtime.sharers}; this {what} for all of them"
        return of_call(program, "LMI302", call, message, Severity.ERROR, reasons=(program.runtime.explanation,))
    if call.role == "connection.query":
        message = f"{name} is one connection: the statements of concurrent invocations wait for each other"
        return of_call(program, "LMI302", call, message, Severity.NOTE)
    return None
