"""Which findings are shown; the others are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

import msgspec
from msgspec import Struct

from lmi_lint.catalog.page import Page
from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.model.finding import Confidence, Finding, Severity
from lmi_lint.model.names import RuleId
from lmi_lint.triage.model import FunctionReport
from lmi_lint.triage.options import Options, selected


class Selection(Struct, frozen=True):
    """``shown`` findings, and how many were hidden for which reason."""

    shown: tuple[Finding, ...]
    notes: int = 0
    warnings: int = 0
    low: int = 0
    elsewhere: int = 0
    suppressed: int = 0


def of_selected_rules(findings: Iterable[Finding], options: Options) -> list[Finding]:
    """Without those of rules that the settings do not select: as if these had not been run."""
    return [finding for finding in findings if selected(finding.rule, options.settings)]


def function_filter(options: Options) -> Callable[[DeployedFunction], bool]:
    """Whether a function is one of those that the user wants judged."""
    globs = options.settings.functions

    def wanted(function: DeployedFunction) -> bool:
        if options.only_managed and not function.managed:
            return False
        return not globs or any(fnmatchcase(function.name, glob) for glob in globs)

    return wanted


def of_functions(findings: Iterable[Finding], keys: frozenset[str]) -> tuple[list[Finding], int]:
    """Findings that some named function reaches or that belong to none, their handlers limited to ``keys``; and how
    many were left out.
    """
    kept: list[Finding] = []
    dropped = 0
    for finding in findings:
        handlers = tuple(key for key in finding.handlers if key in keys)
        if handlers == finding.handlers:
            kept.append(finding)
        elif handlers:
            kept.append(msgspec.structs.replace(finding, handlers=handlers))
        else:
            dropped += 1
    return kept, dropped


def choose(findings: Sequence[Finding], options: Options) -> Selection:
    """Split findings into shown ones, sorted by path, position and rule, and counts. Each counts once, for the first
    reason that applies of: in another file, suppressed, low confidence, below the lowest severity.
    """
    shown: list[Finding] = []
    low = notes = warnings = elsewhere = suppressed = 0
    for finding in findings:
        if options.focus is not None and finding.location.path not in options.focus:
            elsewhere += 1
        elif finding.suppressed:
            suppressed += 1
        elif finding.confidence is Confidence.LOW and not options.pedantic:
            low += 1
        elif finding.severity.rank < options.settings.min_severity.rank:
            notes += finding.severity is Severity.NOTE
            warnings += finding.severity is Severity.WARNING
        else:
            shown.append(finding)
    shown.sort(key=_order)
    return Selection(tuple(shown), notes, warnings, low, elsewhere, suppressed)


def in_focus(
    functions: Sequence[FunctionReport], shown: Sequence[Finding], focus: frozenset[str] | None
) -> tuple[FunctionReport, ...]:
    """The functions that the files in focus speak of: written or deployed there, or reached by a shown finding."""
    if focus is None:
        return tuple(functions)
    reached = {key for finding in shown for key in finding.handlers}

    def concerned(function: DeployedFunction) -> bool:
        own = {function.template, function.entry.path if function.entry else None}
        return function.key in reached or bool(own & focus)

    return tuple(item for item in functions if concerned(item.function))


def with_remedies(findings: Iterable[Finding], pages: Mapping[RuleId, Page]) -> list[Finding]:
    """A finding without a remedy takes that of its page."""
    return [_with_remedy(finding, pages.get(finding.rule)) for finding in findings]


def _with_remedy(finding: Finding, page: Page | None) -> Finding:
    if finding.remedy or page is None or not page.remedy:
        return finding
    return msgspec.structs.replace(finding, remedy=page.remedy)


def _order(finding: Finding) -> tuple[str, int, int, str, str]:
    span = finding.location.span
    return finding.location.path, span.start, span.end, finding.rule, finding.message
