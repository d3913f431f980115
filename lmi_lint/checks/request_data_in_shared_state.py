"""LMI104 request-data-in-shared-state: data of one invocation in a slot that others read."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_race
from lmi_lint.link.program import Program
from lmi_lint.link.races import RaceKind
from lmi_lint.model.finding import Finding


@rule("LMI104")
def request_data_in_shared_state(program: Program) -> Iterator[Finding]:
    """One finding per place and function."""
    for race in program.races:
        if race.kind is RaceKind.REQUEST_DATA:
            place = race.access.place_name
            words = race.message or "{place} takes data of this invocation; {sharers} sees it"
            message = words.format(place=place, sharers=program.runtime.sharers)
            seen = "read back here" if race.gap is not None else "read here"
            yield of_race(program, "LMI104", race, message, seen)
