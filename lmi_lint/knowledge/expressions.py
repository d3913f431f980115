"""Which regular expressions a knowledge file may hold: those that no text makes slow.

Python's engine tries every way to divide a text among the parts of an expression, and nothing stops it. A pack may come
with the code under analysis, and that code brings the texts. So what would multiply these ways is refused: something
repeated that itself repeats or chooses, references to groups, and looking around.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

MAX_CHARS: Final = 300
"""Of one expression."""
MAX_DEGREE: Final = 3
"""Time grows with the characters that are searched to the power of this at most: one for each part of any length that
follow one another, and one for a beginning that may lie anywhere."""
MAX_WAYS: Final = 200
"""That alternatives and what may be missing leave to read it: each multiplies those of the others."""
SEARCHED: Final = 400
"""Characters of a text that are searched, from its beginning."""
_FEW: Final = 8
"""A repetition of at most so many counts as so many parts."""

_COUNT: Final = re.compile(r"\{(\d*)(,?)(\d*)\}")
_GROUP: Final = re.compile(r"\?(?:[aisu]+\)|[ais]*(?:-[is]+)?:)")
_ANCHORED: Final = re.compile(r"(?:\(\?[aisu]+\))?(?:\^|\\A)")


def search(expression: str, text: str) -> bool:
    """Whether a checked expression is found in the beginning of a text."""
    return re.compile(expression).search(text, 0, SEARCHED) is not None


def expression_fault(expression: str) -> str:
    """Why an expression cannot be used; empty if it can."""
    if len(expression) > MAX_CHARS:
        return f"is longer than {MAX_CHARS} characters"
    try:
        re.compile(expression)
    except (re.error, RecursionError, OverflowError) as error:
        return f"is no regular expression ({error})"
    reader = _Reader(expression)
    try:
        _, whole = reader.choice(0)
    except _SlowError as slow:
        return f"could take very long: {slow}"
    anchored = _ANCHORED.match(expression) is not None and not reader.chooses
    if whole.repeats + (whole.repeats > 0 and not anchored) > MAX_DEGREE:
        return f"could take very long: {whole.repeats} repetitions in a row; begin it with ^ or drop some"
    return f"could take very long: more than {MAX_WAYS} ways to read it" if whole.ways > MAX_WAYS else ""


class _SlowError(Exception):
    """A construct that is refused."""


class _Item(NamedTuple):
    """A part of an expression: how many parts of any length follow one another in it, and how many ways its choices
    leave beside these."""

    repeats: int
    ways: int


_ONE: Final = _Item(0, 1)


class _Reader:
    """Walks an expression that ``re`` has accepted."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._depth = 0
        self.chooses = False
        """Whether there is an alternative to the whole."""

    def choice(self, at: int) -> tuple[int, _Item]:
        """Alternatives from ``at`` to the end of the group: the position after them, and what they come to."""
        most = ways = 0
        current = _ONE
        while at < len(self._text) and self._text[at] != ")":
            if self._text[at] == "|":
                most, ways, current = max(most, current.repeats), ways + current.ways, _ONE
                self.chooses |= self._depth == 0
                at += 1
                continue
            at, item = self._item(at)
            at, item = self._repeated(at, item)
            current = _Item(current.repeats + item.repeats, min(current.ways * item.ways, MAX_WAYS + 1))
        return at, _Item(max(most, current.repeats), ways + current.ways)

    def _item(self, at: int) -> tuple[int, _Item]:
        """One atom: the position after it, and what it is."""
        char = self._text[at]
        if char == "\\":
            if self._text[at + 1].isdigit() and self._text[at + 1] != "0":
                raise _SlowError("a reference to a group")
            return at + 2, _ONE  # what follows \x or \u are plain characters
        if char == "[":
            return self._set(at), _ONE
        if char != "(":
            return at + 1, _ONE
        start = at + 1
        if self._text.startswith("?", start):
            head = _GROUP.match(self._text, start)
            if head is None:
                raise _SlowError("a group of a kind that knowledge does not use")
            start = head.end()
            if self._text[start - 1] == ")":  # flags for the whole expression
                return start, _ONE
        self._depth += 1
        end, item = self.choice(start)
        self._depth -= 1
        return end + 1, item

    def _set(self, at: int) -> int:
        """The position after ``[…]``."""
        at += 2 if self._text.startswith("^", at + 1) else 1
        at += self._text.startswith("]", at)
        while self._text[at] != "]":
            at += 2 if self._text[at] == "\\" else 1
        return at + 1

    def _repeated(self, at: int, item: _Item) -> tuple[int, _Item]:
        """The position after what says how often, and what it makes of the item before it."""
        char = self._text[at : at + 1]
        count = _COUNT.match(self._text, at) if char == "{" else None
        if char and char in "*+?":
            end, least, most = at + 1, 0, 1 if char == "?" else None
        elif count is not None and (count[1] or count[3]):
            end, least = count.end(), int(count[1] or 0)
            most = (int(count[3]) if count[3] else None) if count[2] else least
        else:
            return at, item
        end += end < len(self._text) and self._text[end] in "?+"
        if most is not None and most <= _FEW:
            ways = sum(item.ways**times for times in range(least, most + 1))
            return end, _Item(item.repeats * most, min(ways, MAX_WAYS + 1))
        if item != _ONE:
            raise _SlowError("a repetition of something that repeats or chooses")
        return end, _Item(0, 1) if least == most else _Item(1, 1)
