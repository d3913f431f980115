"""LMI102 unguarded-lazy-init: test, then set, with room for another invocation between."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_race
from lmi_lint.link.program import Program
from lmi_lint.link.races import RaceKind
from lmi_lint.model.finding import Finding

_USUAL = "{place} is tested and set in two steps; concurrent invocations can each set it"


@rule("LMI102")
def unguarded_lazy_init(program: Program) -> Iterator[Finding]:
    """One finding per place and function."""
    for race in program.races:
        if race.kind is RaceKind.LAZY_INIT:
            place = race.access.place_name
            message = (race.message or _USUAL).format(place=place)
            yield of_race(program, "LMI102", race, message, "tested here")
