"""LMI204 temp-database: one embedded database under the temporary directory for all invocations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link import texts
from lmi_lint.link.file_databases import file_of, is_read_only
from lmi_lint.link.heap import Phase, Text
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.link.temp_paths import is_fixed
from lmi_lint.link.uses import Use
from lmi_lint.model.finding import Finding, Severity

_READS = re.compile(r"\s*(?:select|pragma|explain|with|values|show|describe)\b", re.IGNORECASE)
_SQL = re.compile(
    rf"{_READS.pattern}|\s*(?:insert|update|delete|replace|create|drop|alter|begin|vacuum|merge)\b", re.IGNORECASE
)
_TURNS = re.compile(r"(?:immediate|exclusive)", re.IGNORECASE)
_READ_ONLY = re.compile(r"(?:.*[._])?read_?only", re.IGNORECASE)


@rule("LMI204")
def temp_database(program: Program) -> Iterator[Finding]:
    """One finding per call that opens the database."""
    for call in program.request_calls(("connection.open", "pool.open")) + _at_load(program):
        path = _file(program, call)
        if path is None or _is_one_per_environment(program, call) or _has_no_rivals(program, call):
            continue
        message = f"{texts.show(path)} is one database for all invocations, of which one at a time can write"
        reasons = [call.entry.why] if call.entry is not None and call.entry.why else []
        reasons.append(program.runtime.explanation)
        yield of_call(program, "LMI204", call, message, Severity.WARNING, reasons=reasons)


def _at_load(program: Program) -> list[LibraryCall]:
    """What load opens, where there are many that load: each has a connection of its own to the one file."""
    if not program.runtime.many_units_per_host:
        return []
    roles = ("connection.open", "pool.open")
    return [call for call in program.calls_of(roles) if call.phase is Phase.LOAD]


def _is_one_per_environment(program: Program, call: LibraryCall) -> bool:
    return not program.runtime.many_units_per_host and program.lasting.fills_shared_place(call)


def _file(program: Program, call: LibraryCall) -> Text | None:
    """The fixed path of the database's file, if it is opened for writing."""
    for value in program.paths_of(call):
        files = {file_of(text) for text in value.texts if not is_read_only(text)}
        if files and all(is_fixed(path) for path in files):
            return min(files, key=texts.show)
    return None


def _has_no_rivals(program: Program, call: LibraryCall) -> bool:
    """Whether nobody writes, or all who write wait for each other."""
    if any(program.temp_writes.keeps_out(held) for held in call.held) or _says_read_only(program, call):
        return True
    if any(_TURNS.fullmatch(texts.literal(value) or "") for _, value in call.named):
        return True
    uses = program.temp_writes.uses.of_result(call.result.objects())
    if any(used.entry is not None and used.entry.waits for use in uses for used in use.library):
        return True
    statements = [statement for use in uses for statement in _statements(program, use)]
    return bool(statements) and all(_READS.match(statement) for statement in statements)


def _statements(program: Program, use: Use) -> list[str]:
    """What a call sends to the database: texts that look like SQL, as arguments or members of a command; empty for what
    cannot be told."""
    heap = program.machine.heap
    made = [heap.cells[obj, key] for obj in use.result.objects() for key in sorted(heap.keys.get(obj, ()))]
    known = [statement for value in (*use.args, *made) if _SQL.match(statement := texts.literal(value) or "")]
    sends = any(used.role in ("connection.query", "transaction.begin") and used.args for used in use.library)
    return known or ([""] if sends else [])


def _says_read_only(program: Program, call: LibraryCall) -> bool:
    """Whether an argument, an option or a constant says so."""
    heap = program.machine.heap
    names = [name for name, _ in call.named]
    for arg in call.args:
        for obj in arg.objects():
            names += [obj.type_name, *heap.keys.get(obj, ())]
    return any(_READ_ONLY.fullmatch(name) for name in names)
