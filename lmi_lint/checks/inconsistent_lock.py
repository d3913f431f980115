"""LMI105 inconsistent-lock: some accesses to a place hold a lock, others none or another."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_race
from lmi_lint.link.program import Program
from lmi_lint.link.races import RaceKind
from lmi_lint.model.finding import Finding


@rule("LMI105")
def inconsistent_lock(program: Program) -> Iterator[Finding]:
    """One finding per place and function."""
    for race in program.races:
        if race.kind is RaceKind.INCONSISTENT_LOCK:
            place = race.access.place_name
            message = race.message.format(place=place)
            yield of_race(program, "LMI105", race, message, "not under the same lock")
