"""LMI304 pool-closed: an invocation ends a pool or client that others use."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link.heap import Kind, Obj, is_shared
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.model.finding import Finding, Severity


@rule("LMI304")
def pool_closed(program: Program) -> Iterator[Finding]:
    """One finding per closing call. Where memory is not shared, the only user of the pool is who closes it."""
    if not program.runtime.shares_memory:
        return
    for call in program.request_calls(("pool.close", "connection.close")):
        if call.context not in program.invoked_surely:
            continue
        ended = [ref[0] for ref in call.receiver.each() if is_shared(ref) and _ends(program, call, ref[0])]
        if not ended:
            continue
        what = program.object_name(ended[0])
        message = f"{call.name} ends {what} for {program.runtime.sharers}"
        reasons = [call.entry.why] if call.entry is not None and call.entry.why else []
        related = [where] if (where := program.made_at(ended[0])) is not None else []
        yield of_call(program, "LMI304", call, message, Severity.ERROR, reasons=reasons, related=related)


def _ends(program: Program, call: LibraryCall, obj: Obj) -> bool:
    """Whether others lose it by this call; a single connection is the business of LMI302."""
    single = call.role == "connection.close" and program.role_of(obj) not in ("client", "pool")
    return not single and obj not in call.context.building and not _renews(program, call, obj)


def _renews(program: Program, call: LibraryCall, obj: Obj) -> bool:
    """Whether another one takes its place after a test: an outdated pool is ended, as its users are told apart."""
    if not call.guards or obj.kind is Kind.NAME:
        return False
    return any(
        access.context is call.context
        and access.mode.changes
        and not access.value.null
        and obj in (program.machine.heap.cells.get(access.place) or access.value).objects()
        for access in program.accesses
    )
