"""LMI201 fixed-temp-path: every invocation writes the same file under the temporary directory."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link import texts
from lmi_lint.link.heap import Phase, Text
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.link.temp_paths import PathKind, classify
from lmi_lint.link.temp_writes import Standing
from lmi_lint.model.finding import Finding, Severity

_ROLES = {
    "file.write": "written",
    "file.move": "moved or replaced",
    "file.delete": "deleted",
    "file.mkdir": "created",
}


@rule("LMI201")
def fixed_temp_path(program: Program) -> Iterator[Finding]:
    """One finding per call that acts on a fixed path."""
    for call in program.calls:
        verb = _ROLES.get(call.role)
        if verb is None or call.entry is None:
            continue
        fixed = fixed_path(program, call)
        if fixed is None or program.temp_writes.standing(call, fixed) is not Standing.OPEN:
            continue
        at_load = call.phase is Phase.LOAD
        severity = _severity(program, call, at_load=at_load)
        when = "when a worker loads" if at_load else "by every invocation"
        message = (
            f"{texts.show(fixed)} is {verb} {when} under one fixed name; invocations that run at once share the file"
        )
        reasons = (program.runtime.explanation,)
        yield of_call(program, "LMI201", call, message, severity, reasons=reasons)


def fixed_path(program: Program, call: LibraryCall) -> Text | None:
    """The fixed path that the call acts on, if all that is known of its paths is fixed."""
    for value in program.paths_of(call):
        if not value.texts:
            continue
        kinds = {text: classify(text) for text in value.texts}
        if set(kinds.values()) == {PathKind.FIXED}:
            return min(kinds, key=texts.show)
    return None


def _severity(program: Program, call: LibraryCall, *, at_load: bool) -> Severity:
    publishes = call.entry is not None and call.entry.atomic_publication and not program.temp_writes.varies(call)
    if call.role == "file.mkdir" or publishes:
        return Severity.NOTE
    if at_load:
        return Severity.WARNING if program.runtime.many_units_per_host else Severity.NOTE
    return Severity.ERROR
