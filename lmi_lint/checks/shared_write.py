"""LMI101 shared-write: a request writes a place that other invocations use, with no common lock."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_race
from lmi_lint.link.program import Program
from lmi_lint.link.races import RaceKind
from lmi_lint.model.finding import Finding


@rule("LMI101")
def shared_write(program: Program) -> Iterator[Finding]:
    """One finding per place and function."""
    for race in program.races:
        if race.kind is RaceKind.SHARED_WRITE:
            place = race.access.place_name
            message = f"{place} is written while an invocation runs, and {program.runtime.sharers} uses it too"
            yield of_race(program, "LMI101", race, message, "used here")
