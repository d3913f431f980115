"""LMI410 no-deadline-check: a loop waits for something and never asks how much time is left."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import at_site
from lmi_lint.link.polling import Polls
from lmi_lint.link.program import Program
from lmi_lint.model.finding import Finding, Severity
from lmi_lint.model.source import Span


@rule("LMI410")
def no_deadline_check(program: Program) -> Iterator[Finding]:
    """One finding per place where such a loop lets time pass."""
    seen: set[tuple[str, Span]] = set()
    for context, event, name in Polls(program).unbounded():
        site = (context, event)
        place = (context.function.module.path, program.span(site))
        if place in seen:
            continue
        seen.add(place)
        message = f"a loop waits by {name} and never looks at the remaining time"
        reasons = ("after the timeout the caller has its error, but the code runs on and keeps its place",)
        yield at_site(program, "LMI410", site, message, Severity.NOTE, name, reasons)
