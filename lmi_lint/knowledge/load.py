"""Reads knowledge files (``knowledge/<family>/*.toml``) and joins them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources.abc import Traversable
from math import prod
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import Struct

from lmi_lint.cache import NO_CACHE, Cache, digest
from lmi_lint.errors import PackError
from lmi_lint.knowledge import folders
from lmi_lint.knowledge.file import Place, SourceText
from lmi_lint.knowledge.model import Knowledge
from lmi_lint.knowledge.vocabulary import (
    MAX_STARS,
    Fault,
    call_fault,
    minimum_fault,
    number_fault,
    program_fault,
    scope_fault,
    type_fault,
)

MAX_NAMES: Final = 500
"""That braces of one entry may write (our longest: 260)."""
MAX_ENTRIES: Final = 20_000
"""Of one family in all packs, with all names written out (ours: under 4,000)."""
MAX_BASES: Final = 50
"""Types that one type may extend, one after the other (ours: under 10)."""

_BRACES: Final = re.compile(r"\{([^{}]*)\}")
_KNOWLEDGE: Final = msgspec.msgpack.Decoder(Knowledge)
_Key: TypeAlias = tuple[Any, ...]


class Table(Struct, frozen=True):
    """A table of knowledge files. ``kind``: as it is written; ``field``: where ``KnowledgeFile`` has it; ``name``: the
    key that holds the name; ``also``: further keys that tell entries apart; ``fault``: what may be wrong with one."""

    kind: str
    field: str
    name: str
    also: tuple[str, ...] = ()
    fault: Callable[[Any, frozenset[str]], Fault | None] | None = None


TABLES: Final = (
    Table("type", "types", "name", fault=type_fault),
    Table("call", "calls", "name", ("when", "when_arg", "when_name", "when_args"), call_fault),
    Table("lock", "locks", "type"),
    Table("entry", "entries", "type", ("method",)),
    Table("register", "registers", "call"),
    Table("resolve", "resolves", "call"),
    Table("scope", "scopes", "annotation", ("on", "when"), scope_fault),
    Table("provide", "provides", "annotation"),
    Table("inject", "injects", "annotation"),
    Table("setup", "setups", "type", ("method",)),
    Table("bind", "binds", "call"),
    Table("assemble", "assembles", "annotation"),
    Table("annotated", "annotated", "annotation"),
    Table("endpoint", "endpoints", "type"),
    Table("context", "contexts", "type"),
    Table("footprint", "footprints", "name"),
    Table("program", "programs", "name", fault=program_fault),
    Table("member", "members", "names"),
    Table("minimum", "minimums", "package", fault=minimum_fault),
)


class Joined(Struct, frozen=True):
    """The knowledge of a family. ``places`` and ``entries``: where each entry stands, and the entry, by its table and
    the keys that tell entries of that table apart, the name first."""

    knowledge: Knowledge
    places: Mapping[tuple[str, _Key], Place]
    entries: Mapping[tuple[str, _Key], Any]


def load(
    language_family: str, roots: Sequence[Traversable], cache: Cache = NO_CACHE, roles: frozenset[str] = frozenset()
) -> Knowledge:
    """The union of ``knowledge/<language_family>/*.toml`` under all roots; a root without that folder adds nothing.

    A later entry may replace an earlier one of the same name and condition only with ``override = true``. ``roles``:
    those that rules of packs ask for, beside our own. Raises ``PackError`` for a file that cannot be read, is not TOML,
    has unknown keys or values, makes a claim without a source, or repeats an entry.
    """
    files = folders.read(language_family, roots)
    key = digest(language_family, *sorted(roles), "", *(part for path, data in files for part in (str(path), data)))
    kept = cache.get("knowledge", key, _KNOWLEDGE.decode)
    if kept is not None:
        return kept
    knowledge = _entries(language_family, files, roles).knowledge()
    cache.put("knowledge", key, msgspec.msgpack.encode(knowledge))
    return knowledge


def join(language_family: str, roots: Sequence[Traversable], roles: frozenset[str] = frozenset()) -> Joined:
    """As ``load``, with the place of each entry, and never from a cache."""
    return _joined(language_family, folders.read(language_family, roots), roles)


def _joined(family: str, files: Sequence[tuple[Traversable, bytes]], roles: frozenset[str]) -> Joined:
    joined = _entries(family, files, roles)
    return Joined(joined.knowledge(), joined.places(), joined.entries())


def _entries(family: str, files: Sequence[tuple[Traversable, bytes]], roles: frozenset[str]) -> _Join:
    joined = _Join(roles)
    for path, data in files:
        joined.add(SourceText(str(path), data, family))
    return joined


class _Slot:
    """An entry that was taken, and where it stands."""

    def __init__(self, text: SourceText, kind: str, index: int) -> None:
        self.text, self.kind, self.index = text, kind, index

    def at(self, key: str = "") -> str:
        """The entry for a message, at one of its keys."""
        return self.text.entry(self.kind, self.index, key)


class _Join:
    """Entries by table and key, in the order in which they came."""

    def __init__(self, roles: frozenset[str]) -> None:
        self._roles = roles
        self._tables: dict[str, dict[_Key, Any]] = {table.kind: {} for table in TABLES}
        self._slots: dict[tuple[str, _Key], _Slot] = {}

    def add(self, text: SourceText) -> None:
        """The entries of one file. PackError."""
        for table in TABLES:
            for index, entry in enumerate(getattr(text.content, table.field)):
                self._add(table, _Slot(text, table.kind, index), entry)

    def _add(self, table: Table, slot: _Slot, entry: Any) -> None:
        faults: dict[bool, Fault | None] = {}  # whether there is a source is all that a name may change
        for name in self._names(table, slot, entry):
            sourced = entry
            if isinstance(getattr(entry, table.name), str):
                source = entry.source or slot.text.source_of(name)
                sourced = msgspec.structs.replace(entry, **{table.name: name, "source": source})
            said = bool(getattr(sourced, "source", ""))
            if said not in faults:
                wrong = table.fault(sourced, self._roles) if table.fault is not None else None
                faults[said] = number_fault(sourced) or wrong
            fault = faults[said]
            if fault is not None:
                raise PackError(f"{slot.at(fault.key)}: {fault.what}", fault.hint)
            key = (name, *(getattr(entry, each) for each in table.also))
            taken = self._slots.get((table.kind, key))
            if taken is not None and not getattr(entry, "override", False):
                hint = "set override = true to replace it, or drop one of them"
                raise PackError(f"{slot.at()}: already in {taken.at()}", hint)
            self._slots[table.kind, key] = slot
            self._tables[table.kind][key] = sourced

    def _names(self, table: Table, slot: _Slot, entry: Any) -> Sequence[str]:
        """The names that an entry writes. PackError for too many."""
        written: str | tuple[str, ...] = getattr(entry, table.name)
        patterns = (written,) if isinstance(written, str) else written
        count = sum(_count(pattern) for pattern in patterns)
        if count > MAX_NAMES:
            what = f"braces write {count} names, more than {MAX_NAMES}"
            raise PackError(f"{slot.at(table.name)}: {what}", "divide the entry")
        if len(self._slots) + count > MAX_ENTRIES:
            raise PackError(f"{slot.at()}: more than {MAX_ENTRIES} entries of one family", "keep those that are needed")
        names = [name for pattern in patterns for name in alternatives(pattern)]
        if any(part.count("*") > MAX_STARS for name in names if "*" in name for part in name.split(".")):
            what = f"more than {MAX_STARS} stars between two dots of a name"
            raise PackError(f"{slot.at(table.name)}: {what}", "write out more of the name")
        return names

    def places(self) -> dict[tuple[str, _Key], Place]:
        """Where each entry stands."""
        return {key: slot.text.place(slot.kind, slot.index) for key, slot in self._slots.items()}

    def entries(self) -> dict[tuple[str, _Key], Any]:
        """All entries."""
        return {(kind, key): entry for kind, table in self._tables.items() for key, entry in table.items()}

    def knowledge(self) -> Knowledge:
        """What all files say together. PackError for types that extend themselves."""
        self._refuse_circles()
        tables = self._tables
        calls = _grouped(tables["call"])
        types = _named(tables["type"])
        fields: dict[str, Any] = {
            "types": {name: entry for name, entry in types.items() if "*" not in name},
            "type_globs": tuple(entry for name, entry in types.items() if "*" in name),
            "calls": {name: entries for name, entries in calls.items() if "*" not in name},
            "call_globs": tuple(entry for entry in tables["call"].values() if "*" in entry.name),
            "scopes": _grouped(tables["scope"]),
        }
        for table in TABLES:
            if table.field not in fields:
                entries = tables[table.kind]
                fields[table.field] = tuple(entries.values()) if table.field in _IN_ORDER else _named(entries)
        return Knowledge(**fields)

    def _refuse_circles(self) -> None:
        """PackError for a type that comes to extend itself, or too many others one after the other."""
        heights: dict[str, int] = {}
        for key in self._tables["type"]:
            if self._height(key[0], (), heights) > MAX_BASES:
                what = f"extends more than {MAX_BASES} types, one after the other"
                raise PackError(f"{self._slots['type', key].at('extends')}: {what}", "drop some of them")

    def _height(self, name: str, below: tuple[str, ...], heights: dict[str, int]) -> int:
        """How many types a type extends, one after the other; ``below`` extend it."""
        if name not in heights:
            entry = self._tables["type"].get((name,))
            if name in below:
                slot = self._slots["type", (name,)]
                circle = " → ".join((*below[below.index(name) :], name))
                raise PackError(f"{slot.at('extends')}: extends itself: {circle}", "drop one of these extends")
            path = (*below, name)
            bases = entry.extends if entry is not None and len(path) <= MAX_BASES + 1 else ()
            heights[name] = max((1 + self._height(base, path, heights) for base in bases), default=0)
        return heights[name]


_IN_ORDER: Final = frozenset(("entries", "setups", "annotated", "endpoints"))
"""What ``Knowledge`` has as a sequence, not by name."""


def _named(table: Mapping[_Key, Any]) -> dict[str, Any]:
    return {key[0]: entry for key, entry in table.items()}


def _grouped(table: Mapping[_Key, Any]) -> dict[str, tuple[Any, ...]]:
    """Entries of one name together."""
    found: dict[str, list[Any]] = {}
    for key, entry in table.items():
        found.setdefault(key[0], []).append(entry)
    return {name: tuple(entries) for name, entries in found.items()}


def _count(name: str) -> int:
    return prod(part.count(",") + 1 for part in _BRACES.findall(name))


def alternatives(name: str) -> Iterator[str]:
    """``a.{b,c}`` → ``a.b``, ``a.c``."""
    if "{" not in name:
        yield name.strip()
        return
    parts = _BRACES.split(name)
    choices = [part.split(",") if odd % 2 else [part] for odd, part in enumerate(parts)]
    for words in itertools.product(*choices):
        yield "".join(word.strip() for word in words)
