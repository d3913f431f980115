"""LMI301 connection-per-invocation: a connection or pool opened on the request path."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link.heap import Kind, Origin, Val
from lmi_lint.link.makings import given
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.link.traces import after_failure
from lmi_lint.model.finding import Finding, Severity

# The host of a proxy is <name>.proxy-<id>.<region>.rds.amazonaws.com; a variable that holds it is called after it.
_PROXY = re.compile(r"\.proxy-|(?:rds|db|database|aurora)[-_]?proxy", re.IGNORECASE)
# Pools that hosts of databases keep in front of them: supabase.com/docs/guides/database/connecting-to-postgres,
# neon.com/docs/connect/connection-pooling.
_POOLER = re.compile(r"\.pooler\.supabase\.com\b|-pooler\.[\w.-]*neon\.tech\b", re.IGNORECASE)

_ONE_EACH = (
    "Keep one at module level, checked and opened again when it is lost: a process serves one invocation at a time"
)


@rule("LMI301")
def connection_per_invocation(program: Program) -> Iterator[Finding]:
    """One finding per opening call, unless it only fills a shared place that was found empty, or is made again after
    something has failed."""
    for call in program.request_calls(("connection.open", "pool.open")):
        # A database in a file has no server to burden.
        if call.entry is None or call.entry.path or program.paths_of(call):
            continue
        if call.context not in program.invoked or program.lasting.fills_shared_place(call) or after_failure(call):
            continue
        opened = "pool" if call.role == "pool.open" else "connection"
        reasons = [call.entry.why] if call.entry.why else []
        instead = call.entry.instead or ("" if program.runtime.shares_memory else _ONE_EACH)
        if between := _between(program, call):
            message = f"{call.name} opens a {opened} in every invocation, if only to {between}"
            yield of_call(program, "LMI301", call, message, Severity.NOTE, reasons=reasons, remedy=instead)
            continue
        if _made_of_invocation(program, call):
            message = f"{call.name} opens a {opened} in every invocation, with settings of that invocation"
            remedy = f"Where few settings come back, keep one {opened} for each of them; else limit the concurrency"
            yield of_call(program, "LMI301", call, message, Severity.NOTE, reasons=reasons, remedy=remedy)
            continue
        message = f"{call.name} opens a {opened} in every invocation; concurrency multiplies them"
        yield of_call(program, "LMI301", call, message, Severity.WARNING, reasons=reasons, remedy=instead)


def _made_of_invocation(program: Program, call: LibraryCall) -> bool:
    """Whether it is opened with data of the event, such as a tenant's credentials: one kept for all would be wrong."""
    origins = frozenset[Origin]().union(*(program.invocation_data(value) for value in given(program, call)))
    return any(origin[0] != "context" for origin in origins)


def _between(program: Program, call: LibraryCall) -> str:
    """What stands before the database and spares it, by the function's environment or by what the call is given."""
    if call.entry is None or not call.entry.rds:
        return ""
    names = [name for value in call.args for name in _names(program, value)]
    if program.deployed.proxied or any(map(_PROXY.search, names)):
        return "RDS Proxy"
    return "a pool in front of the database" if any(map(_POOLER.search, names)) else ""


def _names(program: Program, value: Val) -> list[str]:
    """Texts and names in a value and in the options that it may be."""
    heap = program.machine.heap
    parts = [value]
    for obj in value.objects():
        parts += [heap.cells[obj, key] for key in sorted(heap.keys.get(obj, ())) if obj.kind is Kind.OBJECT]
    texts = [piece for part in parts for text in part.texts for piece in text if isinstance(piece, str)]
    return texts + [obj.type_name for part in parts for obj in part.objects() if obj.kind is Kind.NAME]
