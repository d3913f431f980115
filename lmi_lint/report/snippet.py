"""A source line with marks under a part of it."""

from __future__ import annotations

from typing import Final, NamedTuple

from lmi_lint.model.source import Span, TextFile
from lmi_lint.report.neutral import neutral_char, text_width

MAX_CELLS: Final = 110
"""Longer lines are cut around what is marked."""

_TAB: Final = 4
_LEAD: Final = 30
"""Cells kept before the marked part of a line that is cut."""


class Excerpt(NamedTuple):
    """``text``: the line as shown. The marked part takes ``cells`` cells after ``indent`` cells."""

    text: str
    indent: int
    cells: int


def excerpt(source: TextFile, span: Span) -> Excerpt:
    """The line on which ``span`` begins. A span of several lines is marked to the end of that line."""
    first = source.position(span.start)
    last = source.position(max(span.start, span.end))
    line = source.line_text(first.line)
    start = min(first.column - 1, len(line))
    end = last.column - 1 if last.line == first.line else len(line.rstrip())
    return _cut(line, start, max(end, start + 1))


def _cut(line: str, start: int, end: int) -> Excerpt:
    """Lay out columns ``start`` to ``end`` (code points, from 0) of a line within ``MAX_CELLS``."""
    whole = _cells(line[: 4 * MAX_CELLS])
    if len(line) <= 4 * MAX_CELLS and sum(map(text_width, whole)) <= MAX_CELLS:
        return _laid_out(whole, start, end, "", "")
    before = 0
    first = start
    while first > 0 and before < _LEAD:
        first -= 1
        before += text_width(neutral_char(line[first])) if line[first] != "\t" else _TAB
    cells = _cells(line[first : first + MAX_CELLS])
    room = MAX_CELLS - 2
    count = 0
    for cell in cells:
        room -= text_width(cell)
        if room < 0:
            break
        count += 1
    left = "…" if first > 0 else ""
    right = "…" if first + count < len(line) else ""
    return _laid_out(cells[:count], start - first, min(end - first, count), left, right)


def _laid_out(cells: list[str], start: int, end: int, left: str, right: str) -> Excerpt:
    indent = len(left) + sum(map(text_width, cells[:start]))
    marked = sum(map(text_width, cells[start:end]))
    return Excerpt(f"{left}{''.join(cells)}{right}", indent, max(marked, 1))


def _cells(text: str) -> list[str]:
    """What each character is shown as; a tab as the spaces to the next stop."""
    shown: list[str] = []
    column = 0
    for char in text:
        cell = " " * (_TAB - column % _TAB) if char == "\t" else neutral_char(char)
        shown.append(cell)
        column += text_width(cell)
    return shown
