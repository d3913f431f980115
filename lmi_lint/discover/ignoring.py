"""Patterns as git writes them (``.gitignore``, the setting ``exclude``), with a bound on what matching one may cost.

pathspec makes regular expressions of them, and Python's engine tries each place for each wildcard: a pattern such as
``a*a*a*a*a*b`` takes hours on a name that is made for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec
    from pathspec.pattern import RegexPattern

MAX_PATTERNS: Final = 5_000
"""Lines of one ``.gitignore`` that are read."""
MAX_FOLDER_WILDCARDS: Final = 3
"""Times ``**`` stands in one pattern that is used."""

# A wildcard, and what stands between it and the next one in the same part of the path.
_WILD_AND_PLAIN: Final = re.compile(r"\[\^/\]\*((?:\[\^/\](?![*+])|[^/()$])+?)(?=\[\^/\]\*)")
_FOLDERS: Final = re.compile(r"\.\+")


def spec_of(lines: Iterable[str]) -> GitIgnoreSpec:
    """Compiled patterns. The library is imported here: a run in a git work tree does without it. ValueError."""
    from pathspec import GitIgnoreSpec

    spec = GitIgnoreSpec.from_lines(lines)
    for each in spec.patterns:
        pattern = cast("RegexPattern", each)
        if pattern.regex is not None:
            pattern.regex = re.compile(_without_retries(pattern.regex.pattern))
    return spec


def usable_spec(lines: Iterable[str]) -> tuple[GitIgnoreSpec, list[str]]:
    """Compiled patterns of the lines that are patterns, comments or empty, and bounded in cost; and the other lines."""
    from pathspec import GitIgnoreSpec

    patterns = list(spec_of(()).patterns)
    wrong: list[str] = []
    for line in lines:
        try:
            found = list(spec_of((line,)).patterns)
        except (ValueError, re.error):
            found = None
        if found is None or not all(_is_cheap(cast("RegexPattern", each)) for each in found):
            wrong.append(line)
        else:
            patterns += found
    return GitIgnoreSpec(patterns), wrong


def _without_retries(expression: str) -> str:
    """The expression with the first place taken at which what follows a wildcard matches. That it is the first changes
    nothing, as the next wildcard takes what is left."""
    return _WILD_AND_PLAIN.sub(r"(?>[^/]*?\1)", expression)


def _is_cheap(pattern: RegexPattern) -> bool:
    if pattern.regex is None:
        return True
    expression = pattern.regex.pattern
    again = any(part.count("[^/]*") > part.count("(?>") + 1 for part in re.split(r"(?<!\^)/", expression))
    return not again and len(_FOLDERS.findall(expression)) <= MAX_FOLDER_WILDCARDS
