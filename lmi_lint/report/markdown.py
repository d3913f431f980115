"""The report for a comment on a pull request: short, folded by file, within what GitHub takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from lmi_lint.catalog.page import Page
from lmi_lint.fitness.model import Fitness
from lmi_lint.model.finding import Finding
from lmi_lint.model.names import RuleId
from lmi_lint.model.source import TextFile
from lmi_lint.report.fitness_markdown import ranked, ranking
from lmi_lint.report.fitness_words import tally as fitness_tally
from lmi_lint.report.functions import verdict_words
from lmi_lint.report.markdown_text import LIMIT, code, html, plain, size, table
from lmi_lint.report.places import path_to, place_words
from lmi_lint.report.text import counts, tally
from lmi_lint.triage.model import FunctionReport, Report

_FOLDED: Final = 12
"""More functions than these are folded."""
_SPARE: Final = 600
"""Characters kept free for saying what was left out."""
_SHARE: Final = 3
"""The functions and the fitness get at most one part in so many each, so that findings are not crowded out."""


def render(report: Report, pages: Mapping[RuleId, Page], *, limit: int = LIMIT) -> str:
    """The whole report with a final line end, at most ``limit`` characters. What was left out is said."""
    lines = [f"## lmi-lint: {_headline(report)}", "", plain(tally(report)), ""]
    cut: list[str] = []
    lines += _functions(report, limit // _SHARE, cut)
    if report.fitness is not None:
        lines += _fitness(report.fitness, limit // _SHARE, cut)
    problems = _problems(report, limit // 10, cut)
    lines += _findings(report, pages, limit - size([*lines, *problems]) - _SPARE, cut)
    lines += problems
    if cut:
        lines += ["", f"Left out, as a comment holds {limit:,} characters: {'; '.join(cut)}.", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _headline(report: Report) -> str:
    return counts(Counter(finding.severity for finding in report.findings)) or "no findings"


def _functions(report: Report, room: int, cut: list[str]) -> list[str]:
    if not report.functions:
        return []
    head = ("Function", "Runtime", "Memory", "Managed", "Errors", "Warnings", "Notes", "Verdict")
    rows = _fitting([_function(item) for item in report.functions], room, "functions", cut)
    shown = table(head, rows, frozenset({2, 4, 5, 6}))
    if len(rows) <= _FOLDED:
        return ["### Functions", "", *shown, ""]
    return ["### Functions", "", *_folded(f"{len(report.functions)} functions", shown)]


def _function(item: FunctionReport) -> tuple[str, ...]:
    function = item.function
    verdict, beside = verdict_words(item)
    return (
        code(function.name),
        plain(function.runtime or (function.language.value if function.language else "")),
        f"{function.memory_mb} MB" if function.memory_mb is not None else "",
        "yes" if function.managed else "no",
        *(str(number) if number else "" for number in (item.errors, item.warnings, item.notes)),
        f"**{verdict}** {plain(beside)}".rstrip(),
    )


def _findings(report: Report, pages: Mapping[RuleId, Page], room: int, cut: list[str]) -> list[str]:
    """A table for each file, folded; files that do not fit are left out, of the first of them as much as fits not."""
    if not report.findings:
        return []
    functions = {item.function.key: item for item in report.functions}
    lines, left = ["### Findings", ""], 0
    for path, group in groupby(report.findings, key=lambda finding: finding.location.path):
        found = list(group)
        rows = [_finding(finding, pages, functions, report.sources) for finding in found]
        summary = f"<code>{html(path)}</code>: {counts(Counter(each.severity for each in found))}"
        free = room - size(lines) - size(_folded(summary, table(_HEAD, [])))
        kept = _kept(rows, free) if not left else 0
        left += len(rows) - kept
        if kept:
            lines += _folded(summary, table(_HEAD, rows[:kept], frozenset({0})))
    if left:
        cut.append(f"{left} of {len(report.findings)} findings, of which --format json tells all")
    return lines


_HEAD: Final = ("Line", "Rule", "Finding")


def _finding(
    finding: Finding,
    pages: Mapping[RuleId, Page],
    functions: Mapping[str, FunctionReport],
    sources: Mapping[str, TextFile],
) -> tuple[str, ...]:
    source = sources.get(finding.location.path)
    page = pages.get(finding.rule)
    name = f" {plain(page.name)}" if page else ""
    told = [plain(finding.message)]
    steps = [step.words for step in path_to(finding, functions, sources)]
    if steps:
        told.append(f"Path: {' → '.join(plain(step) for step in steps)}")
    if finding.remedy:
        told.append(f"Remedy: {plain(finding.remedy)}")
    return (
        str(source.line_of(finding.location.span.start)) if source else "",
        f"**{finding.severity.value}** {plain(finding.rule)}{name}",
        "<br>".join(told),
    )


def _fitness(fitness: Fitness, room: int, cut: list[str]) -> list[str]:
    kept = _kept([ranked(each) for each in fitness.assessments], room)
    total = len(fitness.assessments)
    if kept < total:
        cut.append(f"{total - kept} of {total} functions of the fitness")
    shown = ranking(fitness, kept)
    shown += ["", *(f"- {plain(note)}" for note in fitness.notes)] if fitness.notes else []
    told = f"{total} function{'' if total == 1 else 's'}: {fitness_tally(fitness.assessments)}"
    return ["### Fitness for managed instances", "", *_folded(told, shown)]


def _problems(report: Report, room: int, cut: list[str]) -> list[str]:
    rows = [
        (
            code(place_words(problem.location, report.sources)) if problem.location else "",
            plain(f"{problem.kind}: {problem.message}"),
        )
        for problem in report.problems
    ]
    if not rows:
        return []
    kept = _fitting(rows, room, "problems", cut)
    return ["### Problems", "", *_folded(f"{len(rows)} not read or judged", table(("Where", "What"), kept))]


def _folded(summary: str, lines: Sequence[str]) -> list[str]:
    """Lines that are shown on demand; ``summary`` is HTML."""
    return [f"<details><summary>{summary}</summary>", "", *lines, "", "</details>", ""]


def _fitting(rows: Sequence[tuple[str, ...]], room: int, what: str, cut: list[str]) -> Sequence[tuple[str, ...]]:
    kept = _kept(rows, room)
    if kept < len(rows):
        cut.append(f"{len(rows) - kept} of {len(rows)} {what}")
    return rows[:kept]


def _kept(rows: Sequence[tuple[str, ...]], room: int) -> int:
    """How many rows fit, from the first on."""
    for number, cells in enumerate(rows):
        room -= size(table(cells, [])[:1])
        if room < 0:
            return number
    return len(rows)
