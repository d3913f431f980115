"""LMI106 shared-unsafe-type: a shared object of a type that is not made for concurrent use."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_race
from lmi_lint.checks.words import with_article
from lmi_lint.link.heap import describe
from lmi_lint.link.program import Program
from lmi_lint.link.races import RaceKind
from lmi_lint.model.finding import Finding


@rule("LMI106")
def shared_unsafe_type(program: Program) -> Iterator[Finding]:
    """One finding per object and function."""
    for race in program.races:
        if race.kind is RaceKind.UNSAFE_TYPE:
            obj = race.access.obj
            type_name = program.type_of(obj).rpartition(".")[2]
            place = describe(*obj.home) if obj.klass is not None and obj.home is not None else program.object_name(obj)
            what = f"{place} is {with_article(type_name)}" if place != type_name else f"a shared {type_name}"
            method = f"{race.access.method}() " if race.access.method else "this "
            message = f"{what}, which is not safe to share; {method}changes it while other invocations use it"
            yield of_race(program, "LMI106", race, message, "also used here", race.remedy)
