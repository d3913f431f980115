"""LMI201 fixed-temp-path: every invocation writes the same file under the temporary directory."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.checks.temp_files import Use, changes, uses
from lmi_lint.link import texts
from lmi_lint.link.file_tests import chosen_by_name
from lmi_lint.link.heap import Phase, Text
from lmi_lint.link.program import Program
from lmi_lint.link.temp_paths import PathKind
from lmi_lint.link.temp_writes import Standing
from lmi_lint.model.finding import Finding, Severity

_SHARED = (PathKind.FIXED, PathKind.UNIT, PathKind.WHOLE)


@rule("LMI201")
def fixed_temp_path(program: Program) -> Iterator[Finding]:
    """One finding per call that acts on a fixed path."""
    old = _tested_for_age(program)
    found = [use for use in uses(program, _SHARED) if use.is_look or use.standing(program) is Standing.OPEN]
    found = [
        use
        for use in found
        if use.role != "file.delete" or (use.text not in old and not chosen_by_name(program, use.call))
    ]
    removed = {use.text for use in found if use.role == "file.delete" and use.call.phase is not Phase.LOAD}
    for use, related in changes(program, found):
        yield of_call(
            program, "LMI201", use.call, _message(program, use), _severity(program, use, removed),
            reasons=(program.runtime.explanation,), related=related, confidence=use.confidence(program),
        )  # fmt: skip


def _tested_for_age(program: Program) -> set[Text]:
    """Patterns of files that are asked for their age: what is old enough is no longer in use by another invocation."""
    asked = [value for call in program.calls_of(("file.age",)) for value in program.paths_of(call)]
    return {text for value in asked for text in value.texts if "*" in texts.show(text)}


def _message(program: Program, use: Use) -> str:
    path = texts.show(use.text)
    unit = program.runtime.unit
    loading = f"when {'an' if unit[0] in 'aeiou' else 'a'} {unit} loads"
    when = loading if use.call.phase is Phase.LOAD else "by every invocation"
    if use.command:
        when = f"by a command {when}" if use.call.phase is Phase.LOAD else "by a command of every invocation"
    if use.kind is PathKind.UNIT:
        return f"{path} got its name once, at load; it is {use.verb} {when} and shared with {program.runtime.sharers}"
    if use.kind is PathKind.WHOLE and use.role == "file.delete":
        return f"{path} is emptied {when}, with the files of all others that run at once"
    if use.kind is PathKind.WHOLE:
        return f"{path} is written to {when} with no folder between; invocations that run at once share what lies there"
    return f"{path} is {use.verb} {when} under one fixed name; invocations that run at once share the file"


def _severity(program: Program, use: Use, removed: Collection[Text]) -> Severity:
    """What all write alike, and whole, harms nobody, unless one removes it while another still needs it."""
    call = use.call
    publishes = use.role != "file.move" and call.entry is not None and call.entry.atomic_publication
    alike = publishes and use.text not in removed and not program.temp_writes.varies(call)
    if use.role == "file.mkdir" or use.published or alike:
        return Severity.NOTE
    if call.phase is Phase.LOAD:
        return Severity.WARNING if program.runtime.many_units_per_host else Severity.NOTE
    return Severity.ERROR
