"""Whether what a manifest says is older than a version, in the words of each ecosystem.

Python: https://packaging.python.org/en/latest/specifications/version-specifiers/, npm: https://github.com/npm/node-semver,
both by libraries; Maven and NuGet, of which there are none: ``ordering.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from lmi_lint.dependencies.model import Dependency, Scheme
from lmi_lint.dependencies.ordering import Bounds, maven_key, maven_upper, nuget_key, nuget_upper

if TYPE_CHECKING:
    from packaging.specifiers import Specifier
    from packaging.version import Version
    from semantic_version import NpmSpec
    from semantic_version import Version as SemVer

# Libraries are imported on first use: most projects hold nothing to compare.

_LONGEST: Final = 200
"""Characters of a version or range that is read; real ones have a few dozen at most."""

_OPERATOR_SPACE: Final = re.compile(r"([<>=~^]+)\s+")
_PARTIAL: Final = re.compile(r"[vV=]?\s*(\d+(?:\.\d+){0,2}(?:[-+][\w.+-]+)?)")


class Ordering(Struct, frozen=True):
    """``older``: whether a version is below another; ``only_older``: whether a range admits only versions below one.
    Both None where they cannot tell."""

    older: Callable[[str, str], bool | None]
    only_older: Callable[[str, str], bool | None]


def outdated(dependency: Dependency, minimum: str) -> bool | None:
    """Whether what is deployed is older than ``minimum``, or, where that is not settled, must be older; None where it
    cannot be told."""
    ordering = ORDERINGS[dependency.scheme]
    if len(minimum) > _LONGEST:
        return None
    if dependency.version is not None:
        return ordering.older(dependency.version, minimum) if len(dependency.version) <= _LONGEST else None
    if dependency.admits is not None and len(dependency.admits) <= _LONGEST:
        return ordering.only_older(dependency.admits, minimum)
    return None


# ---- Python ----


def _pypi_older(version: str, minimum: str) -> bool | None:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(version) < Version(minimum)
    except InvalidVersion:
        return None


def _pypi_only_older(admits: str, minimum: str) -> bool | None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        least = Version(minimum)
        return any(_ends_below(each, least) for each in SpecifierSet(admits))
    except (InvalidSpecifier, InvalidVersion, ValueError):
        return None


def _ends_below(specifier: Specifier, least: Version) -> bool:
    """Whether a specifier leaves out every version from ``least`` on."""
    from packaging.version import Version

    text = specifier.version
    if specifier.operator == "==" and text.endswith(".*"):
        return _after_prefix(text[:-2]) <= least
    if specifier.operator == "~=":
        return _after_prefix(text.rpartition(".")[0]) <= least
    if specifier.operator == "<":
        return Version(text) <= least
    return specifier.operator in ("==", "===", "<=") and Version(text) < least


def _after_prefix(prefix: str) -> Version:
    """The first version beyond all that begin with a prefix: ``2.1`` → 2.2."""
    from packaging.version import Version

    release = list(Version(prefix).release)
    release[-1] += 1
    return Version(".".join(map(str, release)))


# ---- npm ----


def _npm_older(version: str, minimum: str) -> bool | None:
    from semantic_version import Version as SemVer

    match = _PARTIAL.fullmatch(version.strip())
    try:
        return None if match is None else bool(SemVer.coerce(match[1]) < SemVer(minimum))
    except ValueError:
        return None


def _npm_only_older(admits: str, minimum: str) -> bool | None:
    from semantic_version import NpmSpec
    from semantic_version import Version as SemVer

    try:
        spec = NpmSpec(_OPERATOR_SPACE.sub(r"\1", admits.strip()))
        return _clause_only_older(spec.clause, SemVer(minimum))
    except (ValueError, TypeError, AttributeError):
        return None


def _clause_only_older(clause: NpmSpec.Clause, least: SemVer) -> bool:
    """Whether no version from ``least`` on fits a clause: one of alternatives, one of several that all must hold."""
    from semantic_version.base import AllOf, AnyOf

    if isinstance(clause, AnyOf):
        return all(_clause_only_older(each, least) for each in clause.clauses)
    if isinstance(clause, AllOf):
        return any(_clause_only_older(each, least) for each in clause.clauses)
    operator, target = getattr(clause, "operator", ""), getattr(clause, "target", None)
    if target is None:
        return False
    return bool(target <= least) if operator == "<" else operator in ("==", "<=") and bool(target < least)


# ---- Maven and NuGet ----


def _below(upper: Bounds | None, least: tuple[object, ...]) -> bool | None:
    if upper is None:
        return None
    return all(end.key is not None and (end.key < least or (end.key == least and not end.included)) for end in upper)


ORDERINGS: Final[dict[Scheme, Ordering]] = {
    Scheme.PYPI: Ordering(_pypi_older, _pypi_only_older),
    Scheme.NPM: Ordering(_npm_older, _npm_only_older),
    Scheme.MAVEN: Ordering(
        lambda version, minimum: maven_key(version) < maven_key(minimum),
        lambda admits, minimum: _below(maven_upper(admits), maven_key(minimum)),
    ),
    Scheme.NUGET: Ordering(
        lambda version, minimum: None if (key := nuget_key(version)) is None else key < (nuget_key(minimum) or ()),
        lambda admits, minimum: _below(nuget_upper(admits), nuget_key(minimum) or ()),
    ),
}
"""Ecosystem → how its versions compare."""
