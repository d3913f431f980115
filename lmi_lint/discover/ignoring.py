"""Patterns as git writes them (``.gitignore``, the setting ``exclude``), with a bound on what matching one may cost.

pathspec makes regular expressions of them, and Python's engine tries each place for each wildcard: a pattern such as
``a*a*a*a*a*b`` takes hours on a name that is made for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

MAX_PATTERNS: Final = 5_000
"""Lines of one ``.gitignore`` that are read."""
MAX_FOLDER_WILDCARDS: Final = 3
"""Times ``**`` stands in one pattern that is used."""

# A wildcard, and what stands between it and the next one in the same part of the path.
_WILD_AND_PLAIN: Final = re.compile(r"\[\^/\]\*((?:\[\^/\](?![*+])|[^/()$])+?)(?=\[\^/\]\*)")
_FOLDERS: Final = re.compile(r"\.\+")
# pathspec's mark of a folder. What stands in brackets is never a slash.
_MARK: Final = re.compile(r"\(\?P<\w+>(?=/\))")
_GROUP: Final = 32
"""Patterns that are tried at once, before each is."""
_ANYWHERE: Final = "^(?:.+/)?"
"""How the expression of a pattern begins that names a file or folder at any depth, as most do."""

# Shapes of expressions that can be told not to match without being compiled, which takes longer than all else here.
_PLAIN: Final = r"((?:[^\\()\[\]{}?*+|^$./]|\\\W)+)"
_END: Final = r"(?:\(\?P<\w+>/\)|\(\?:\(\?P<\w+>/\)\|\$\))"
_ESCAPED: Final = re.compile(r"\\(.)")
_SHAPES: Final = (
    ("name", re.compile(re.escape(_ANYWHERE) + _PLAIN + _END)),
    ("end", re.compile(re.escape(_ANYWHERE + "[^/]*") + _PLAIN + _END)),
    ("begin", re.compile(re.escape(_ANYWHERE) + _PLAIN + re.escape("[^/]*") + _END)),
    ("root", re.compile(r"\^" + _PLAIN + "/.*|" + r"\^" + _PLAIN + _END)),
)


class _Line(Struct, frozen=True):
    """A line of patterns: an expression for paths that it is about (None for comments), and whether it ignores them;
    ``usable``: it is one, and bounded in cost. ``shape`` and ``word``: it matches only paths of which one part is the
    word (``name``), ends or begins so, or the first part is it (``root``)."""

    expression: str | None = None
    ignores: bool | None = None
    usable: bool = True
    shape: str = ""
    word: str = ""


class Patterns:
    """The patterns of some lines, later ones before earlier ones. ``left_out``: the lines that are none, or that are
    too costly to match."""

    def __init__(self, lines: Iterable[str], known: dict[str, _Line] | None = None) -> None:
        """``known``: lines that have been translated, to be added to."""
        self.left_out: list[str] = []
        self._kind = _kind()
        known = {} if known is None else known
        self._lines: list[_Line] = []
        for line in lines:
            read = known.get(line)
            if read is None:
                read = known[line] = self._read(line)
            if not read.usable:
                self.left_out.append(line)
            elif read.expression is not None:
                self._lines.append(read)
        self._patterns: dict[_Line, GitIgnoreSpecPattern] = {}
        words = {shape: frozenset(each.word for each in self._lines if each.shape == shape) for shape, _ in _SHAPES}
        self._names, self._roots = words["name"], words["root"]
        self._ends, self._begins = tuple(words["end"]), tuple(words["begin"])
        rest = [each.expression or "" for each in self._lines if not each.shape]
        groups = [rest[start : start + _GROUP] for start in range(0, len(rest), _GROUP)]
        self._rest = [re.compile(_any_of(group)) for group in groups]

    def _read(self, line: str) -> _Line:
        if line.startswith("#") or not line.strip():
            return _Line()
        try:
            translated, ignores = self._kind.pattern_to_regex(line)
            expression = _without_retries(translated or "")
            if "[" in line:  # what stands in brackets is taken over as it is
                re.compile(expression)
        except (ValueError, re.error):
            return _Line(usable=False)
        if translated is None:
            return _Line(None, ignores, usable=_is_cheap(expression))
        for shape, written in _SHAPES:
            found = written.fullmatch(expression)
            if found is not None:
                word = _ESCAPED.sub(r"\1", next(filter(None, found.groups())))
                return _Line(expression, ignores, _is_cheap(expression), shape, word)
        return _Line(expression, ignores, _is_cheap(expression))

    def verdict(self, path: str) -> bool | None:
        """Whether a relative POSIX path is ignored, those of folders ending in ``/``; None where no pattern matches."""
        parts = path.rstrip("/").split("/")
        if not self._may_match(path, parts):
            return None
        from pathspec import GitIgnoreSpec

        patterns = [self._pattern(each) for each in self._lines if _may_match(each, parts)]
        return GitIgnoreSpec(patterns).check_file(path).include

    def _may_match(self, path: str, parts: list[str]) -> bool:
        """Whether one of the patterns may match a path of such parts. This is asked for each file."""
        if not self._names.isdisjoint(parts) or parts[0] in self._roots:
            return True
        ends, begins = self._ends, self._begins
        for part in parts:
            if part.endswith(ends) or part.startswith(begins):
                return True
        for each in self._rest:  # noqa: SIM110  any() takes longer
            if each.search(path) is not None:
                return True
        return False

    def _pattern(self, line: _Line) -> GitIgnoreSpecPattern:
        made = self._patterns.get(line)
        if made is None:
            made = self._patterns[line] = self._kind(re.compile(line.expression or ""), line.ignores)
        return made


def _may_match(line: _Line, parts: list[str]) -> bool:
    if line.shape == "name":
        return line.word in parts
    if line.shape == "root":
        return line.word == parts[0]
    if line.shape == "end":
        return any(part.endswith(line.word) for part in parts)
    return not line.shape or any(part.startswith(line.word) for part in parts)


class KnownPatterns:
    """The patterns of many files, most lines of which are the same."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}
        self._files: dict[tuple[str, ...], Patterns] = {}

    def of(self, lines: Iterable[str]) -> Patterns:
        """Those of a file's lines."""
        key = tuple(lines)
        found = self._files.get(key)
        if found is None:
            found = self._files[key] = Patterns(key, self._lines)
        return found


@cache
def _kind() -> type[GitIgnoreSpecPattern]:
    """The class of git's patterns. The library is imported here: a run in a git work tree does without it."""
    from pathspec import GitIgnoreSpec

    return type(GitIgnoreSpec.from_lines(["a"]).patterns[0])


def _any_of(expressions: Sequence[str]) -> str:
    """One expression that matches where any of several does; what they begin with in common stands in it once."""
    plain = [_MARK.sub("(?:", each) for each in expressions]
    anywhere = [each[len(_ANYWHERE) :] for each in plain if each.startswith(_ANYWHERE)]
    rest = [each for each in plain if not each.startswith(_ANYWHERE)]
    joined = [f"{_ANYWHERE}(?:{'|'.join(anywhere)})"] if anywhere else []
    return "|".join([*joined, *rest])


def _without_retries(expression: str) -> str:
    """The expression with the first place taken at which what follows a wildcard matches. That it is the first changes
    nothing, as the next wildcard takes what is left."""
    return _WILD_AND_PLAIN.sub(r"(?>[^/]*?\1)", expression)


def _is_cheap(expression: str) -> bool:
    again = any(part.count("[^/]*") > part.count("(?>") + 1 for part in re.split(r"(?<!\^)/", expression))
    return not again and len(_FOLDERS.findall(expression)) <= MAX_FOLDER_WILDCARDS
