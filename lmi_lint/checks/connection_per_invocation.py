"""LMI301 connection-per-invocation: a connection or pool opened on the request path."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link.program import Program
from lmi_lint.model.finding import Finding, Severity


@rule("LMI301")
def connection_per_invocation(program: Program) -> Iterator[Finding]:
    """One finding per opening call, unless it only fills a shared place that was found empty."""
    for call in program.request_calls(("connection.open", "pool.open")):
        # A database in a file has no server to burden.
        of_file = call.entry is not None and bool(call.entry.path or program.paths_of(call))
        if of_file or program.fills_shared_place(call):
            continue
        opened = "pool" if call.role == "pool.open" else "connection"
        message = f"{call.name} opens a {opened} in every invocation; concurrency multiplies them"
        reasons = [call.entry.why] if call.entry is not None and call.entry.why else []
        remedy = call.entry.instead if call.entry is not None else ""
        yield of_call(program, "LMI301", call, message, Severity.WARNING, reasons=reasons, remedy=remedy)
