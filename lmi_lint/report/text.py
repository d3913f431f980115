"""The report for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lmi_lint.catalog.page import Page
from lmi_lint.model.finding import Finding, Location, Problem, Severity
from lmi_lint.model.names import RuleId
from lmi_lint.model.source import TextFile
from lmi_lint.model.verdict import Verdict
from lmi_lint.report.functions import function_table
from lmi_lint.report.neutral import neutral, text_width
from lmi_lint.report.paint import Paint
from lmi_lint.report.places import path_to, place_words
from lmi_lint.report.snippet import MAX_CELLS, excerpt
from lmi_lint.triage.model import FunctionReport, Report

_MAX_STEPS: Final = 8
"""Longer call paths are shown with their middle left out, and say so."""

_MAX_PROBLEMS: Final = 10
_VERDICTS: Final = {
    Verdict.BLOCKED: "blocked",
    Verdict.NEEDS_WORK: "need work",
    Verdict.READY: "ready",
    Verdict.NOT_ANALYSED: "not analysed",
}


def render(report: Report, pages: Mapping[RuleId, Page], *, color: bool = False) -> str:
    """The whole report with a final line end. ``color``: with ANSI escapes."""
    paint = Paint(color)
    functions = {item.function.key: item for item in report.functions}
    blocks = ["\n".join(_finding(item, pages, functions, report.sources, paint)) for item in report.findings]
    problems = list(_problems(report, paint))
    if problems:
        blocks.append("\n".join(problems))
    if report.functions:
        blocks.append("\n".join(function_table(report.functions, paint)))
    if report.fitness is not None:
        from lmi_lint.report.fitness_text import short_block

        blocks.append("\n".join(short_block(report.fitness, paint)))
    blocks.append(tally(report))
    return "\n\n".join(blocks) + "\n"


def render_functions(report: Report, *, color: bool = False) -> str:
    """The functions and problems alone, with a final line end."""
    paint = Paint(color)
    lines = function_table(report.functions, paint) if report.functions else ["no Lambda functions found"]
    problems = list(_problems(report, paint))
    return "\n".join([*lines, *([""] if problems else []), *problems]) + "\n"


def tally(report: Report) -> str:
    """The run in one line."""
    stats = report.stats
    severities = Counter(finding.severity for finding in report.findings)
    said = [counts(severities) or "no findings", _verdicts(report)]
    if stats.left_out:
        said.append(f"{_count(stats.left_out, 'function')} left out by a condition")
    skipped = sum(count for _, count in stats.skipped)
    said.append(_count(stats.files_read, "file") + " read" + (f", {skipped} skipped" if skipped else ""))
    calls = stats.calls_resolved + stats.calls_unresolved
    if calls:
        said.append(f"{stats.calls_unresolved} of {_count(calls, 'call')} unresolved")
    return " · ".join([*said, *_hidden(report)])


def counts(severities: Counter[Severity]) -> str:
    """``2 errors, 1 note``."""
    return ", ".join(
        _count(severities[severity], severity.value) for severity in reversed(Severity) if severities[severity]
    )


def _hidden(report: Report) -> Iterator[str]:
    stats = report.stats
    for number, text in (
        (stats.hidden_warnings, f"{_count(stats.hidden_warnings, 'warning')} hidden"),
        (stats.hidden_notes, f"{_count(stats.hidden_notes, 'note')} hidden"),
        (stats.hidden_low, f"{stats.hidden_low} of low confidence hidden"),
        (stats.hidden_elsewhere, f"{stats.hidden_elsewhere} in other files or functions"),
        (stats.hidden_suppressed, f"{stats.hidden_suppressed} suppressed"),
    ):
        if number:
            yield text


def _verdicts(report: Report) -> str:
    if not report.functions:
        return "no Lambda functions found"
    verdicts = Counter(item.verdict for item in report.functions)
    listed = ", ".join(f"{verdicts[verdict]} {words}" for verdict, words in _VERDICTS.items() if verdicts[verdict])
    return f"{_count(len(report.functions), 'function')}: {listed}"


def _finding(
    finding: Finding,
    pages: Mapping[RuleId, Page],
    functions: Mapping[str, FunctionReport],
    sources: Mapping[str, TextFile],
    paint: Paint,
) -> Iterator[str]:
    page = pages.get(finding.rule)
    title = f"{finding.rule} {page.name}" if page else str(finding.rule)
    severity = paint.severity(finding.severity)
    where = place_words(finding.location, sources, column=True)
    yield f"{paint.bold(where)}: {severity} {paint.bold(title)} [{finding.confidence.value}]"
    yield f"  {neutral(finding.message)}"
    yield from _excerpts(finding, sources, paint)
    yield from _detail("path", _path(finding, functions, sources), paint)
    yield from _detail("why", [neutral(reason) for reason in finding.reasons], paint)
    yield from _detail("remedy", [neutral(finding.remedy)] if finding.remedy else [], paint)


def _detail(label: str, lines: Sequence[str], paint: Paint) -> Iterator[str]:
    for index, line in enumerate(lines):
        heading = paint.dim(f"{'' if index else label:<6}")
        yield f"  {heading}  {line}"


def _excerpts(finding: Finding, sources: Mapping[str, TextFile], paint: Paint) -> Iterator[str]:
    """The lines of the location and of related ones in the same file, in order; then the related ones elsewhere."""
    here = finding.location.path
    source = sources.get(here)
    marked = [(finding.location, True)]
    marked += [(place, False) for place in finding.related if place.path == here and source is not None]
    elsewhere = [place for place in finding.related if place.path != here or source is None]
    if source is not None:
        by_line: dict[int, list[tuple[Location, bool]]] = {}
        for place, primary in sorted(marked, key=lambda item: (item[0].span.start, not item[1])):
            by_line.setdefault(source.line_of(place.span.start), []).append((place, primary))
        gutter = max(len(str(max(by_line))), 4)
        for line, places in by_line.items():
            yield from _line(source, line, places, gutter, paint)
    for place in elsewhere:
        yield f"  {place_words(place, sources)}: {neutral(place.message)}"


def _line(source: TextFile, line: int, places: list[tuple[Location, bool]], gutter: int, paint: Paint) -> Iterator[str]:
    """One source line with the marks under it. A line too long to be shown whole is repeated, cut around each mark."""
    shown = None
    for place, primary in places:
        view = excerpt(source, place.span)
        if view.text != shown:
            yield f"{paint.dim(f'{line:>{gutter}} |')} {view.text}".rstrip()
            shown = view.text
        mark = ("^" if primary else "-") * view.cells
        text = f"{mark} {neutral(place.message)}".rstrip()
        yield f"{paint.dim(' ' * gutter + ' |')} {' ' * view.indent}{paint.mark(text, primary=primary)}"


def _path(finding: Finding, functions: Mapping[str, FunctionReport], sources: Mapping[str, TextFile]) -> list[str]:
    """``OrdersFunction (template.yaml:21) → handler (handler.ts:12) → here``, a step a line if that is too long."""
    steps = [step.words for step in path_to(finding, functions, sources)]
    if len(steps) > _MAX_STEPS:
        cut = len(steps) - _MAX_STEPS + 1
        steps[_MAX_STEPS // 2 : _MAX_STEPS // 2 + cut] = [f"({cut} more)"]
    if not steps:
        return []
    steps.append("here")
    line = " → ".join(steps)
    return [line] if text_width(line) <= MAX_CELLS else [steps[0], *(f"→ {step}" for step in steps[1:])]


def _problems(report: Report, paint: Paint) -> Iterator[str]:
    for problem in report.problems[:_MAX_PROBLEMS]:
        yield paint.dim(_problem(problem, report.sources))
    left = len(report.problems) - _MAX_PROBLEMS
    if left > 0:
        yield paint.dim(f"… and {left} more problems; --format json lists them all")


def _problem(problem: Problem, sources: Mapping[str, TextFile]) -> str:
    where = f"{place_words(problem.location, sources)}: " if problem.location else ""
    return f"{where}{problem.kind}: {neutral(problem.message)}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
