"""LMI103 lost-update: read-modify-write of state that concurrent invocations share."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_race
from lmi_lint.link.program import Program
from lmi_lint.link.races import RaceKind
from lmi_lint.model.finding import Finding


@rule("LMI103")
def lost_update(program: Program) -> Iterator[Finding]:
    """One finding per place and function."""
    for race in program.races:
        if race.kind is RaceKind.LOST_UPDATE:
            place = race.access.place_name
            message = f"an update of {place} is lost when another invocation writes it between the read and the write"
            yield of_race(program, "LMI103", race, message, "read here")
