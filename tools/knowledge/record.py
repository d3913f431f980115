"""What is kept between runs: names that were found, and those that cannot be or need not be looked up."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct, field

from tools.knowledge.claims import ROOT, Claim, Family

PACKAGES: Final = Path(__file__).with_name("packages.toml")
VERIFIED: Final = ROOT / "tests" / "knowledge" / "verified"


class Names(Struct, frozen=True, forbid_unknown_fields=True):
    """Names of a family, ``*`` for any text, and why they are not looked up."""

    family: Family
    names: tuple[str, ...]
    reason: str

    def fits(self, name: str) -> bool:
        """Whether one of the patterns is this name, or what this name is a member of."""
        return any(_pattern(each).match(name) is not None for each in self.names)


class Alias(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a name of ours is to be looked up: what stands for it, and perhaps for its members, in packages."""

    family: Family
    ours: str
    theirs: tuple[str, ...]


class Packages(Struct, frozen=True, forbid_unknown_fields=True):
    """``packages.toml``: what to install, by sets that go together, and what is said of names beside."""

    python: dict[str, tuple[str, ...]]
    node: dict[str, tuple[str, ...]]
    java: tuple[str, ...]
    dotnet: tuple[str, ...]
    aliases: tuple[Alias, ...] = field(default=(), name="alias")
    made_up: tuple[Names, ...] = field(default=(), name="made-up")
    unchecked: tuple[Names, ...] = field(default=(), name="unchecked")


def packages() -> Packages:
    """The content of ``packages.toml``."""
    return msgspec.convert(tomllib.loads(PACKAGES.read_text("utf-8")), Packages, strict=True)


def said_otherwise(claim: Claim, groups: Iterable[Names]) -> Names | None:
    """The group that answers for a claim: all its names fit it."""
    return next(
        (group for group in groups if group.family == claim.family and any(group.fits(name) for name in claim.names)),
        None,
    )


def spellings(name: str, aliases: Iterable[Alias]) -> tuple[str, ...]:
    """The names under which packages may have it."""
    found = [name]
    for alias in aliases:
        if name == alias.ours or name.startswith((f"{alias.ours}.", f"{alias.ours}=")):
            found += (f"{each}{name[len(alias.ours) :]}" for each in alias.theirs)
    return tuple(found)


def verified(family: Family) -> frozenset[str]:
    """The names that were found when the tool last ran."""
    path = VERIFIED / f"{family}.txt"
    return frozenset(_names(path.read_text("utf-8").splitlines())) if path.exists() else frozenset()


def write(family: Family, found: Iterable[str]) -> None:
    """Keeps the names that were found: one line for each owner, with its members."""
    owners: dict[str, list[str]] = {}
    for name in sorted(set(found)):
        owner, _, member = name.rpartition(".")
        owners.setdefault(owner, []).append(member)
    VERIFIED.mkdir(exist_ok=True)
    lines = [f"{owner}: {' '.join(members)}\n" for owner, members in sorted(owners.items())]
    head = "# Names that packages have, by what they belong to; written by python -m tools.knowledge check --write\n"
    (VERIFIED / f"{family}.txt").write_text(head + "".join(lines), "utf-8")


def _names(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if line.startswith("#"):
            continue
        owner, _, members = line.partition(": ")
        for member in members.split():
            yield f"{owner}.{member}" if owner else member


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(re.escape(glob).replace(r"\*", ".*") + r"(?=$|[.=(\[])")
