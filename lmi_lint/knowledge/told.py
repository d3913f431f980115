"""What is believed of a name, and why: the entries that speak of it, inherited ones too, and where they stand."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

import msgspec
from msgspec import Struct

from lmi_lint.knowledge.load import TABLES, Joined, Table
from lmi_lint.knowledge.model import CallEntry, TypeEntry
from lmi_lint.knowledge.query import KnowledgeBase
from lmi_lint.knowledge.vocabulary import METHODS

CLOSE: Final = 5
"""Names that are suggested for one that is not known."""
_PLACED: Final = frozenset(("source", "override", "name", "names", "extends", "why", "instead", "role", "safety"))
_TABLE: Final = {table.kind: table for table in TABLES}


class Belief(Struct, frozen=True):
    """An entry: its ``table``, the name or the glob that it was written for, what it says (``says``: keys that are not
    at their defaults, but for names, role, safety and reasons), its role, where it stands and the page that says so."""

    table: str
    name: str
    says: dict[str, Any]
    role: str
    safety: str
    why: str
    instead: str
    path: str
    line: int
    source: str


class Method(Struct, frozen=True):
    """What a method does to its object (``adds`` …), and the type whose entry says so."""

    name: str
    does: tuple[str, ...]
    of: str


class Told(Struct, frozen=True):
    """What one language's family believes of a name. ``safety`` to ``role``: what comes of all entries of a type;
    ``extends``: the types above it, nearest first; ``beliefs``: entries of the name and of those types; ``methods``: by
    the method lists of types; ``calls``: entries of calls of its methods."""

    language: str
    name: str
    safety: str
    reasons: tuple[str, ...]
    instead: str
    role: str
    extends: tuple[str, ...]
    beliefs: tuple[Belief, ...]
    methods: tuple[Method, ...] = ()
    calls: tuple[Belief, ...] = ()

    @property
    def roles(self) -> tuple[str, ...]:
        """All roles in it, each once."""
        found = (self.role, *(belief.role for belief in (*self.beliefs, *self.calls)))
        return tuple(dict.fromkeys(role for role in found if role))


class Library:
    """The knowledge of some families, by name."""

    def __init__(self, families: Mapping[str, Joined]) -> None:
        self._families = families
        self._bases = {family: KnowledgeBase(joined.knowledge) for family, joined in families.items()}
        self._keys: dict[str, dict[str, list[tuple[str, tuple[Any, ...]]]]] = {}
        for family, joined in families.items():
            names = self._keys.setdefault(family, {})
            for kind, key in joined.places:
                names.setdefault(_name_of(kind, key), []).append((kind, key))

    def names(self, wanted: str) -> list[tuple[str, str]]:
        """The families and names that a word means: that very name, else what a glob fits, else names that end in it,
        else names that begin with it."""
        exact = [family for family in self._families if self._speaks_of(family, wanted)]
        if exact:
            return [(family, wanted) for family in exact]
        known = [(family, name) for family, names in self._keys.items() for name in names if name]
        if re.search(r"[*?[]", wanted):
            return [(family, name) for family, name in known if fnmatchcase(name, wanted)]
        tail = re.compile(rf"(?:^|[./:]){re.escape(wanted)}$", re.IGNORECASE)
        head = re.compile(rf"{re.escape(wanted)}(?:$|[./:(=])", re.IGNORECASE)
        ends = [(family, name) for family, name in known if tail.search(name)]
        return ends or [(family, name) for family, name in known if head.match(name)]

    def close(self, wanted: str) -> list[str]:
        """Names that are like one that is not known, by the whole or by the last part."""
        known = dict.fromkeys(name for names in self._keys.values() for name in names if name)
        lower = {name.lower(): name for name in known}
        tails: dict[str, str] = {}
        for name in known:
            tails.setdefault(name.rpartition(".")[2].lower(), name)
        found = [lower[each] for each in difflib.get_close_matches(wanted.lower(), lower, n=CLOSE, cutoff=0.7)]
        tail = wanted.rpartition(".")[2].lower()
        found += [tails[each] for each in difflib.get_close_matches(tail, tails, n=CLOSE, cutoff=0.75)]
        return list(dict.fromkeys(found))[:CLOSE]

    def tell(self, family: str, name: str) -> Told:
        """What a family believes of a name that it knows."""
        base = self._bases[family]
        verdict = base.safety_of(name)
        lineage = base.lineage_names(name)
        beliefs = [belief for each in lineage for belief in self._written(family, each)]
        globbed = base.type_entry(name)
        if globbed is not None and globbed.name != name:
            beliefs.append(self._belief(family, "type", (globbed.name,), globbed))
        beliefs += self._calls(family, name)
        methods = [method for entry in base.lineage(name) for method in _methods(entry)]
        return Told(
            family,
            name,
            verdict.safety,
            verdict.reasons,
            verdict.instead,
            base.role_of(name),
            lineage[1:],
            tuple(_once(beliefs)),
            tuple(methods),
            tuple(_once(call for owner in lineage for call in self._of_methods(family, owner))),
        )

    def _speaks_of(self, family: str, name: str) -> bool:
        base = self._bases[family]
        return name in self._keys[family] or base.type_entry(name) is not None or base.has_call(name)

    def _written(self, family: str, name: str) -> Iterator[Belief]:
        """The entries of that very name."""
        for kind, key in self._keys[family].get(name, ()):
            yield self._belief(family, kind, key, self._entry(family, kind, key))

    def _calls(self, family: str, name: str) -> Iterator[Belief]:
        """The entries of calls of a name, those of types above its owner and of globs too."""
        for entry in self._bases[family].calls_named(name):
            yield self._belief(family, "call", _call_key(entry), entry)

    def _of_methods(self, family: str, owner: str) -> Iterator[Belief]:
        for name in self._keys[family]:
            above, dot, method = name.rpartition(".")
            if dot and above == owner and method:
                yield from (belief for belief in self._written(family, name) if belief.table == "call")

    def _entry(self, family: str, kind: str, key: tuple[Any, ...]) -> Struct:
        entry: Struct = self._families[family].entries[kind, key]
        return entry

    def _belief(self, family: str, kind: str, key: tuple[Any, ...], entry: Struct) -> Belief:
        table = _TABLE[kind]
        place = self._families[family].places.get((kind, key))
        said = msgspec.to_builtins(entry)
        return Belief(
            kind,
            str(key[0]),
            {name: value for name, value in said.items() if name not in _PLACED and name != table.name and value},
            said.get("role", ""),
            said.get("safety", ""),
            said.get("why", ""),
            said.get("instead", ""),
            place.path if place is not None else "",
            place.line if place is not None else 0,
            said.get("source", ""),
        )


def _name_of(kind: str, key: tuple[Any, ...]) -> str:
    """The name of an entry; a set-up method of any type goes by its own."""
    return str(key[0]) or str(key[1] if kind == "setup" else "")


def _call_key(entry: CallEntry) -> tuple[Any, ...]:
    table: Table = _TABLE["call"]
    return (entry.name, *(getattr(entry, each) for each in table.also))


def _methods(entry: TypeEntry) -> Iterator[Method]:
    does: dict[str, list[str]] = {}
    for flag in METHODS:
        for name in getattr(entry, flag):
            does.setdefault(name, []).append(flag)
    return (Method(name, tuple(flags), entry.name) for name, flags in does.items())


def _once(beliefs: Iterable[Belief]) -> list[Belief]:
    found: dict[tuple[object, ...], Belief] = {}
    for belief in beliefs:
        found.setdefault((belief.table, belief.name, belief.path, belief.line, str(belief.says)), belief)
    return list(found.values())
