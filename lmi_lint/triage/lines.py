"""Which lines a comment on a line of its own speaks of."""

from __future__ import annotations

import re
from typing import Final

from lmi_lint.model.source import TextFile

_HASH_SUFFIXES: Final = (".py", ".yaml", ".yml", ".toml", ".tf", ".txt", "Pipfile")
_ONE_BY_ONE: Final = (".xml", ".csproj", ".props", ".txt")
_GOES_ON: Final = re.compile(r"(?:[(\[,=+*/%?:.<>|^~-]|&&|=>|\breturn|\bawait|\bnew)$")
_CONTINUES: Final = re.compile(r"^(?:\.|\?\.|\?|:|\+|-|\*|&&|\|\||=|,|\)|\])")
_BLOCK_OPENS: Final = re.compile(r"\{\s*$")


def statement_lines(source: TextFile, after: int) -> tuple[int, int]:
    """First and last line (from 1) of the head of the statement that follows line ``after``.

    Blank lines, comments, decorators and annotations before it belong to it or are passed over. The head ends where a
    block opens: a comment above a function speaks of its signature, not of its body. In files of elements or of single
    lines it is one line.
    """
    hashes = source.path.endswith(_HASH_SUFFIXES)
    total = len(source.line_starts)
    line = _next_code(source, after + 1, total, hashes)
    first = last = line
    if source.path.endswith(_ONE_BY_ONE):
        return first, last
    while last < total:
        text = _code(source.line_text(last), hashes)
        following = _next_code(source, last + 1, total, hashes)
        annotation = text.startswith("@") and last == line
        goes_on = _GOES_ON.search(text) or _CONTINUES.match(source.line_text(following).strip())
        if annotation:
            line = following
        elif _BLOCK_OPENS.search(text) or not goes_on:
            break
        if following <= last:
            break
        last = following
    return first, last


def _next_code(source: TextFile, line: int, total: int, hashes: bool) -> int:
    """The first line at or after ``line`` that is neither blank nor comment (``total`` if there is none)."""
    inside = False
    for number in range(line, total + 1):
        text = source.line_text(number).strip()
        if inside:
            inside = "*/" not in text
            continue
        if not hashes and text.startswith("/*"):
            inside = "*/" not in text[2:]
            if inside or text.endswith("*/"):
                continue
        if text and not text.startswith("#" if hashes else "//"):
            return number
    return total


def _code(text: str, hashes: bool) -> str:
    """A line without a comment at its end; one inside a string is taken for one too, which does no harm here."""
    mark = "#" if hashes else "//"
    at = text.find(f" {mark}")
    return (text if at < 0 else text[:at]).strip()
