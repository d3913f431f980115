"""Rules without code: what the ``[match]`` table of a page asks for, by role and phase."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.catalog.match import Match, filled
from lmi_lint.catalog.page import Page
from lmi_lint.checks.base import Rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link.heap import Kind, Phase
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.model.finding import Finding

_PHASES = {"request": Phase.REQUEST, "load": Phase.LOAD}


def rule_of(page: Page, match: Match) -> Rule:
    """The rule of a page with a ``[match]`` table: one finding per call."""

    def check(program: Program) -> Iterator[Finding]:
        language = program.deployed.language
        if language is None or language.value not in page.languages:
            return
        text = match.text(language.family) or f"{{call}}: {page.summary}"
        runtime = program.runtime
        for call in _asked(program, match):
            words = {"call": call.name, "runtime": runtime.name, "sharers": runtime.sharers, "unit": runtime.unit}
            reasons = [call.entry.why] if call.entry is not None and call.entry.why else []
            remedy = call.entry.instead if call.entry is not None else ""
            yield of_call(program, page.id, call, filled(text, words), page.severity[0], reasons=reasons, remedy=remedy)

    return Rule(page.id, check)


def _asked(program: Program, match: Match) -> Iterator[LibraryCall]:
    """The calls that a table asks for, in order."""
    phase = _PHASES.get(match.phase)
    for call in program.calls_of((match.call,)) if match.call else program.calls:
        if phase is not None and call.phase is not phase:
            continue
        if match.type and not _makes(program, call, match.type):
            continue
        if match.kept or not program.lasting.fills_shared_place(call):
            yield call


def _makes(program: Program, call: LibraryCall, role: str) -> bool:
    """Whether a call makes an object of a type with that role."""
    here = (call.path, call.span.start, call.span.end)
    return any(
        obj.kind is Kind.INSTANCE and obj.site == here and program.role_of(obj) == role for obj in call.result.objects()
    )
