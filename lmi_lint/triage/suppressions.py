"""Comments that silence findings: ``lmi: ignore[LMI104] reason`` and ``lmi: ignore-file[LMI2]``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from lmi_lint.catalog.page import Page
from lmi_lint.catalog.registry import find_page, suggest
from lmi_lint.facts.model import CommentFacts
from lmi_lint.model.finding import Confidence, Finding, Location, Severity
from lmi_lint.model.names import RuleId
from lmi_lint.model.source import Span, TextFile
from lmi_lint.triage.lines import statement_lines

UNUSED: Final = RuleId("LMI002")

_DIRECTIVE: Final = re.compile(r"(?<![\w-])lmi:[ \t]*(?P<word>[\w-]+)?[ \t]*(?P<list>\[[^\]\n]*\])?")
_WORDS: Final = frozenset({"ignore", "ignore-file"})
_PREFIX: Final = re.compile(r"[A-Z]{2,10}\d{0,3}")


class Suppression(Struct, frozen=True):
    """One rule id or prefix of one comment. ``lines``: 1-based, inclusive; None for the whole file."""

    path: str
    span: Span
    prefix: str
    lines: tuple[int, int] | None


def read_suppressions(
    path: str, comments: Sequence[CommentFacts], source: TextFile | None, pages: Mapping[RuleId, Page]
) -> tuple[list[Suppression], list[Finding]]:
    """The suppressions of one file, and findings about those that cannot be understood."""
    found: list[Suppression] = []
    faults: list[Finding] = []
    for comment in comments:
        span = Span(comment.start, comment.end)
        for match in _DIRECTIVE.finditer(comment.text):
            fault = _fault(match, comment.text)
            if fault:
                faults.append(_finding(path, span, *fault))
                continue
            if match["word"] not in _WORDS or match["list"] is None:
                continue
            lines = None if match["word"] == "ignore-file" else _lines(comment, source)
            for word in dict.fromkeys(part.strip() for part in match["list"][1:-1].split(",")):
                wrong = _unknown(word, pages)
                if wrong:
                    faults.append(_finding(path, span, *wrong))
                else:
                    found.append(Suppression(path, span, word, lines))
    return found, faults


def apply_suppressions(
    findings: Sequence[Finding],
    suppressions: Sequence[Suppression],
    sources: Mapping[str, TextFile],
    active: frozenset[RuleId],
) -> tuple[list[Finding], list[Finding]]:
    """The findings with ``suppressed`` set where a comment says so, and a finding for each suppression that did nothing
    although a rule that it names was ``active``.
    """
    by_path: dict[str, list[int]] = {}
    for index, suppression in enumerate(suppressions):
        by_path.setdefault(suppression.path, []).append(index)
    used: set[int] = set()
    marked: list[Finding] = []
    for finding in findings:
        hits = [
            index
            for index in by_path.get(finding.location.path, ())
            if _matches(suppressions[index], finding, sources.get(finding.location.path))
        ]
        used.update(hits)
        marked.append(msgspec.structs.replace(finding, suppressed=True) if hits else finding)
    unused = [
        _unused(suppression)
        for index, suppression in enumerate(suppressions)
        if index not in used and any(rule.startswith(suppression.prefix) for rule in active)
    ]
    return marked, unused


def _matches(suppression: Suppression, finding: Finding, source: TextFile | None) -> bool:
    if not finding.rule.startswith(suppression.prefix):
        return False
    if suppression.lines is None:
        return True
    if source is None:
        return False
    first, last = suppression.lines
    span = finding.location.span
    starts = source.line_of(span.start)
    ends = source.line_of(max(span.start, span.end - 1))
    return first <= starts <= last or starts <= first <= ends


def _lines(comment: CommentFacts, source: TextFile | None) -> tuple[int, int] | None:
    """The lines that a comment speaks of: its own, or those of the statement after it."""
    if source is None:
        return (0, 0)
    if comment.own_line:
        return statement_lines(source, source.line_of(max(comment.start, comment.end - 1)))
    line = source.line_of(comment.start)
    return (line, line)


def _fault(match: re.Match[str], text: str) -> tuple[str, str] | None:
    """What is wrong with a directive and how to mend it. Prose that happens to hold ``lmi:`` is left alone."""
    word = match["word"] or ""
    if word in _WORDS and match["list"] is not None:
        listed = match["list"][1:-1].strip()
        return None if listed else (f"'lmi: {word}[]' names no rule", f"write lmi: {word}[LMI101] and the reason")
    begins = not text[: match.start()].strip(" \t*/#<!-")
    if not begins:
        return None
    if word in _WORDS:
        return (f"'lmi: {word}' names no rule, so it silences nothing", f"write lmi: {word}[LMI101] and the reason")
    return (f"'lmi: {word}' is no directive of lmi-lint", "write lmi: ignore[LMI101] or lmi: ignore-file[LMI101]")


def _unknown(word: str, pages: Mapping[RuleId, Page]) -> tuple[str, str] | None:
    if _PREFIX.fullmatch(word) and (not pages or any(rule.startswith(word) for rule in pages)):
        return None
    page = find_page(pages, word)
    close = page.id if page else suggest(pages, word)
    hint = f"write {close}" if close else "lmi-lint rules lists the rules that exist"
    return (f"{word!r} is no rule id or start of one, so it silences nothing", hint)


def _unused(suppression: Suppression) -> Finding:
    where = "this file" if suppression.lines is None else "here"
    return _finding(
        suppression.path,
        suppression.span,
        f"nothing of {suppression.prefix} is reported {where}, so this comment silences nothing",
        "remove it",
    )


def _finding(path: str, span: Span, message: str, remedy: str) -> Finding:
    return Finding(
        rule=UNUSED,
        message=message,
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        location=Location(path, span),
        remedy=remedy,
        subject="suppression",
    )
