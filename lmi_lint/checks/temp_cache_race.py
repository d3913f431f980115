"""LMI203 temp-cache-race: a file under the temporary directory is made if it is missing, and read by all."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.checks.temp_files import fixed_path
from lmi_lint.link import texts
from lmi_lint.link.heap import Text
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.link.temp_paths import is_fixed
from lmi_lint.link.temp_writes import Standing
from lmi_lint.model.finding import Finding, Severity


@rule("LMI203")
def temp_cache_race(program: Program) -> Iterator[Finding]:
    """One finding per call that makes the file, with the test that lets two invocations do so at once."""
    for call in program.calls_of(("file.write", "file.move")):
        path = fixed_path(program, call)
        if path is None or program.temp_writes.standing(call, path) is not Standing.CACHE or _publishes(program, call):
            continue
        whole = call.entry is not None and call.entry.atomic_publication
        does = "several invocations make it at once" if whole else "another invocation finds it there half written"
        message = f"{texts.show(path)} is made if it is missing; {does}"
        test = program.temp_writes.test_of(call, path)
        related = [program.location(test.site, "tested here")] if test is not None else []
        severity = Severity.NOTE if whole else Severity.WARNING
        reasons = (program.runtime.explanation,)
        yield of_call(program, "LMI203", call, message, severity, reasons=reasons, related=related)


def _publishes(program: Program, call: LibraryCall) -> bool:
    """Whether a file of the invocation's own is renamed to its place: others see no file or the whole of it."""
    if call.role != "file.move" or call.entry is None or not call.entry.atomic_publication:
        return False
    return not any(_shared(text) for text in program.paths_of(call)[0].texts)


def _shared(text: Text) -> bool:
    return is_fixed(text)
