"""Patterns as git writes them (``.gitignore``, the setting ``exclude``), with a bound on what matching one may cost.

pathspec makes regular expressions of them, and Python's engine tries each place for each wildcard: a pattern such as
``a*a*a*a*a*b`` takes hours on a name that is made for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
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


class _Line(Struct, frozen=True):
    """A line of patterns: an expression for paths that it is about (None for comments), and whether it ignores them;
    ``usable``: it is one, and bounded in cost."""

    expression: str | None = None
    ignores: bool | None = None
    usable: bool = True


class Patterns:
    """The patterns of some lines, later ones before earlier ones. ``left_out``: the lines that are none, or that are
    too costly to match."""

    def __init__(self, lines: Iterable[str], known: dict[str, _Line] | None = None) -> None:
        """``known``: lines that have been translated, to be added to."""
        self.left_out: list[str] = []
        self._kind = _kind()
        known = {} if known is None else known
        found: list[tuple[str, bool | None]] = []
        for line in lines:
            read = known.get(line)
            if read is None:
                read = known[line] = self._read(line)
            if not read.usable:
                self.left_out.append(line)
            elif read.expression is not None:
                found.append((read.expression, read.ignores))
        self._patterns: dict[tuple[str, bool | None], GitIgnoreSpecPattern] = {}
        groups = [found[start : start + _GROUP] for start in range(0, len(found), _GROUP)]
        self._groups = [(re.compile(_any_of([each for each, _ in group])), group) for group in groups]

    def _read(self, line: str) -> _Line:
        try:
            translated, ignores = self._kind.pattern_to_regex(line)
            expression = _without_retries(translated or "")
            if "[" in line:  # what stands in brackets is taken over as it is
                re.compile(expression)
        except (ValueError, re.error):
            return _Line(usable=False)
        return _Line(expression if translated is not None else None, ignores, usable=_is_cheap(expression))

    def verdict(self, path: str) -> bool | None:
        """Whether a relative POSIX path is ignored, those of folders ending in ``/``; None where no pattern matches."""
        groups = [group for any_of, group in self._groups if any_of.search(path) is not None]
        if not groups:
            return None
        from pathspec import GitIgnoreSpec

        patterns = [self._pattern(*each) for group in groups for each in group]
        return GitIgnoreSpec(patterns).check_file(path).include

    def _pattern(self, expression: str, ignores: bool | None) -> GitIgnoreSpecPattern:
        made = self._patterns.get((expression, ignores))
        if made is None:
            made = self._patterns[expression, ignores] = self._kind(re.compile(expression), ignores)
        return made


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
