"""How Maven and NuGet order versions and write ranges.

Maven: https://maven.apache.org/pom.html#version-order-specification and #dependency-version-requirement-specification;
NuGet: https://learn.microsoft.com/en-us/nuget/concepts/package-versioning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from msgspec import Struct

Key: TypeAlias = tuple[Any, ...]


class Bound(Struct, frozen=True):
    """The upper end of a range; ``key`` is None where it has none."""

    key: Key | None
    included: bool = True


Bounds: TypeAlias = tuple[Bound, ...]

_MAVEN_TOKEN: Final = re.compile(r"(\d+|[^\d.\-_]+)|([.\-_])")
_QUALIFIERS: Final = {"alpha": 0, "beta": 1, "milestone": 2, "rc": 3, "cr": 3, "snapshot": 4, "": 5, "sp": 6}
_SHORT: Final = {"a": "alpha", "b": "beta", "m": "milestone"}
_RELEASE: Final = frozenset({"ga", "final", "release"})
_RANGE: Final = re.compile(r"\s*([\[(])\s*([^\[\](),]*?)\s*(?:(,)\s*([^\[\](),]*?)\s*)?([\])])\s*(?:,|$)")
_NUGET: Final = re.compile(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_FLOATING: Final = re.compile(r"(?:(\d+(?:\.\d+){0,2})\.)?\*(?:-\*)?")
_DYNAMIC: Final = re.compile(r"(\d+(?:\.\d+)*)\.\+")


def maven_key(version: str) -> Key:
    """What versions of Maven compare by: qualifiers before numbers at the same place, what is missing as a release."""
    parts: list[tuple[int, int, str]] = []
    for separator, token in _tokens(version.strip().lower()):
        if separator == "-" or not token.isdigit():
            _trim(parts)
        if token.isdigit():
            parts.append((2 if separator == "." else 1, int(token), ""))
        else:
            parts.append(_qualifier(token))
    _trim(parts)
    return (*parts, _END)


def _trim(parts: list[tuple[int, int, str]]) -> None:
    """Take away what says no more than that it is missing: zeros and words for a release."""
    while parts and (parts[-1] == _END or (parts[-1][0] > 0 and parts[-1][1] == 0)):
        parts.pop()


_END: Final = (0, _QUALIFIERS[""], "")


def _qualifier(token: str) -> tuple[int, int, str]:
    token = "" if token in _RELEASE else token
    rank = _QUALIFIERS.get(token)
    # Unknown qualifiers come after all known ones, by their letters.
    return (0, rank, "") if rank is not None else (0, len(_QUALIFIERS), token)


def _tokens(version: str) -> Iterator[tuple[str, str]]:
    """Numbers and words, each with the separator before it; where digits meet letters that counts as a hyphen."""
    separator, before = ".", ""
    for match in _MAVEN_TOKEN.finditer(version):
        word, mark = match.groups()
        if mark:
            separator, before = ("-" if mark == "_" else mark), ""
            continue
        if before:
            separator = "-"
        following = version[match.end() : match.end() + 1]
        yield separator, _SHORT.get(word, word) if following.isdigit() else word
        before = word


def maven_upper(admits: str) -> Bounds | None:
    """The upper ends of a range of Maven or Gradle, one for each of its parts; None if it is none."""
    dynamic = _DYNAMIC.fullmatch(admits.strip())
    if dynamic:
        return (Bound(maven_key(_next(dynamic[1])), included=False),)
    return _upper(admits, maven_key)


def nuget_key(version: str) -> Key | None:
    """What versions of NuGet compare by; None for what is no version."""
    match = _NUGET.fullmatch(version.strip())
    if match is None:
        return None
    numbers = tuple(int(part or 0) for part in match.groups()[:4])
    labels = tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part.lower()) for part in (match[5] or "").split(".") if part
    )
    return (*numbers, not labels, labels)


def nuget_upper(admits: str) -> Bounds | None:
    """The upper ends of a floating version or a range of NuGet; None if it is neither."""
    floating = _FLOATING.fullmatch(admits.strip())
    if floating:
        return (Bound(nuget_key(_next(floating[1])), included=False),) if floating[1] else (Bound(None),)
    return _upper(admits, nuget_key)


def _upper(admits: str, key: Any) -> Bounds | None:
    found: list[Bound] = []
    at = 0
    while at < len(admits):
        match = _RANGE.match(admits, at)
        if match is None:
            return None
        exact = match[3] is None
        end = match[2] if exact else match[4]
        if exact and not end:
            return None
        found.append(Bound(key(end) if end else None, match[5] == "]"))
        at = match.end()
    return tuple(found) or None


def lowest(admits: str) -> str | None:
    """The lower end of a single range if that belongs to it: what NuGet picks."""
    match = _RANGE.fullmatch(admits)
    return match[2] if match is not None and match[1] == "[" and match[2] else None


def _next(prefix: str) -> str:
    head, _, last = prefix.rpartition(".")
    return f"{head}.{int(last) + 1}" if head else str(int(last) + 1)
