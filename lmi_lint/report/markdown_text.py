"""Text from files under analysis, made harmless in GitHub's Markdown: no mark-up, links, mentions or references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from lmi_lint.report.neutral import neutral

LIMIT: Final = 65_536
"""Characters that GitHub takes in a comment."""

_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]<>#|~!&$]|^[-+=]")
_NUMBERED: Final = re.compile(r"^(\d+)([.)])(?=\s|$)")
_LINKED: Final = re.compile(r"(?<=@)(?=\w)|(?<=#)(?=\d)|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=GH)(?=\\?-\d)", re.IGNORECASE)
"""Where GitHub would begin a mention, a reference or a link although the text is escaped."""
_BREAK: Final = "&#8203;"
_TICKS: Final = re.compile(r"`+")


def plain(text: str) -> str:
    """One line of text that stays what it is, also in a table."""
    escaped = _SPECIAL.sub(r"\\\g<0>", _one_line(text))
    return _LINKED.sub(_BREAK, _NUMBERED.sub(r"\1\\\2", escaped))


def code(text: str) -> str:
    """The text as code, also in a table."""
    line = _one_line(text).replace("|", "\\|")
    if not line:
        return ""
    ticks = "`" * (max((len(run) for run in _TICKS.findall(line)), default=0) + 1)
    pad = " " if line[0] in "` " or line[-1] in "` " else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def html(text: str) -> str:
    """The text within HTML that stands in Markdown."""
    return _LINKED.sub(_BREAK, escape(_one_line(text)))


def row(cells: Iterable[str]) -> str:
    """A line of a table; the cells are Markdown already."""
    return f"| {' | '.join(cells)} |"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: frozenset[int] = frozenset()) -> list[str]:
    """Lines of a table; the cells of ``rows`` are Markdown already. ``right``: indexes of columns of numbers."""
    rule = ["---:" if index in right else "---" for index in range(len(head))]
    return [row(head), row(rule), *(row(cells) for cells in rows)]


def size(lines: Iterable[str]) -> int:
    """What lines take of ``LIMIT``, whichever characters it counts: bytes of UTF-8 are never fewer."""
    return sum(len(line.encode()) + 1 for line in lines)


def _one_line(text: str) -> str:
    return " ".join(neutral(text).split())
