"""Reads knowledge files (``knowledge/<family>/*.toml``) and joins them."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from lmi_lint.cache import NO_CACHE, Cache, digest
from lmi_lint.errors import PackError
from lmi_lint.knowledge.model import (
    CallEntry,
    ContextEntry,
    FootprintEntry,
    Knowledge,
    KnowledgeFile,
    LockEntry,
    MemberEntry,
    MinimumEntry,
    ProgramEntry,
    TypeEntry,
)
from lmi_lint.knowledge.vocabulary import call_fault, program_fault, type_fault
from lmi_lint.knowledge.wiring import (
    AnnotatedEntry,
    AssembleEntry,
    BindEntry,
    EndpointEntry,
    EntryEntry,
    InjectEntry,
    ProvideEntry,
    RegisterEntry,
    ResolveEntry,
    ScopeEntry,
    SetupEntry,
)

_BRACES: Final = re.compile(r"\{([^{}]*)\}")
_PLACE: Final = re.compile(r" - at `\$(?:\.(\w+)\[(\d+)\])?(?:\.([\w.\[\]]+))?[^`]*`")
_SEPARATORS: Final = "./(:="
_KNOWLEDGE: Final = msgspec.msgpack.Decoder(Knowledge)

_Named = TypeVar("_Named", TypeEntry, CallEntry)
_Wired = TypeVar("_Wired", ScopeEntry, ProvideEntry, InjectEntry, SetupEntry, BindEntry, AssembleEntry)


def rules_root() -> Traversable:
    """The folder with our own ``catalog`` and ``knowledge``: in the installed package, or beside it in a checkout."""
    packaged = resources.files("lmi_lint") / "_rules"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[2] / "rules"


def load(language_family: str, roots: Sequence[Traversable], cache: Cache = NO_CACHE) -> Knowledge:
    """The union of ``knowledge/<language_family>/*.toml`` under all roots; a root without that folder adds nothing.

    A later entry may replace an earlier one of the same name and condition only with ``override = true``.
    Raises ``PackError`` for a file that cannot be read, is not TOML, has unknown keys or values, makes a claim without
    a source, or repeats an entry.
    """
    files = [(path, _read(path)) for root in roots for path in _files(root, language_family)]
    key = digest(language_family, *(part for path, data in files for part in (str(path), data)))
    kept = cache.get("knowledge", key, _KNOWLEDGE.decode)
    if kept is not None:
        return kept
    joined = _Join()
    for path, data in files:
        joined.add(_Pack(path, data, language_family))
    knowledge = joined.knowledge()
    cache.put("knowledge", key, msgspec.msgpack.encode(knowledge))
    return knowledge


def _files(root: Traversable, family: str) -> list[Traversable]:
    folder = root / "knowledge" / family
    try:
        if not folder.is_dir():
            return []
        return sorted((p for p in folder.iterdir() if p.name.endswith(".toml")), key=lambda p: p.name)
    except OSError as error:
        raise PackError(f"{folder}: cannot be listed: {error}", "check that the folder is readable") from error


def _read(path: Traversable) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PackError(f"{path}: cannot be read: {error}", "check that the file is readable") from error


class _Pack:
    """One file: its decoded content, and where its entries stand."""

    def __init__(self, path: Traversable, data: bytes, family: str) -> None:
        self.name = str(path)
        self.text = self._text(data)
        try:
            self.data: dict[str, Any] = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise PackError(f"{self.name}: not valid TOML: {error}", "mend the syntax there") from error
        except RecursionError as error:
            raise PackError(f"{self.name}: values are nested too deep", "flatten them") from error
        try:
            self.content = msgspec.convert(self.data, KnowledgeFile, strict=True)
        except msgspec.ValidationError as error:
            raise self._invalid(str(error)) from error
        if self.content.language != family:
            raise PackError(
                f"{self.name}: language is {self.content.language!r}, but the folder says {family!r}",
                f"move the file to knowledge/{self.content.language} or mend its language",
            )

    def _text(self, data: bytes) -> str:
        try:
            return data.decode().replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            raise PackError(f"{self.name}: not UTF-8: {error}", "save the file as UTF-8") from error

    def _invalid(self, message: str) -> PackError:
        match = _PLACE.search(message)
        what = _PLACE.sub("", message)
        hint = "the keys and values that exist are in rules/README.md"
        if match is None or match[1] is None:
            return PackError(f"{self.name}: {what}", hint)
        key = f", key {match[3]!r}" if match[3] else ""
        return PackError(f"{self.where(match[1], int(match[2]))}: {what}{key}", hint)

    def where(self, kind: str, index: int) -> str:
        """``file:line: [[kind]] "name"`` of an entry."""
        headers = [m.start() for m in re.finditer(rf"^[ \t]*\[\[\s*{kind}\s*\]\]", self.text, re.MULTILINE)]
        line = f":{self.text.count(chr(10), 0, headers[index]) + 1}" if index < len(headers) else ""
        entries = self.data.get(kind)
        entry = entries[index] if isinstance(entries, list) and index < len(entries) else None
        keys = ("name", "type", "call", "annotation", "package")
        name = next((entry[key] for key in keys if entry.get(key)), "?") if isinstance(entry, dict) else "?"
        return f'{self.name}{line}: [[{kind}]] "{name}"'

    def source_of(self, name: str) -> str:
        """The page of the longest prefix in ``[sources]`` that ``name`` begins with, or nothing."""
        best = max((p for p in self.content.sources if _begins(name, p)), key=len, default=None)
        if best is None:
            return ""
        return self.content.sources[best].replace("{class}", re.split(r"[.(=]", name[len(best) + 1 :])[0])


def _begins(name: str, prefix: str) -> bool:
    if prefix.endswith("*"):
        return name.startswith(prefix[:-1])
    return name.startswith(prefix) and (len(name) == len(prefix) or name[len(prefix)] in _SEPARATORS)


class _Slot:
    """An entry that was taken, and where it stands (for the message if another claims its place)."""

    def __init__(self, pack: _Pack, kind: str, index: int) -> None:
        self.pack, self.kind, self.index = pack, kind, index

    def __str__(self) -> str:
        return self.pack.where(self.kind, self.index)


class _Join:
    """Entries by key, in the order in which they came."""

    def __init__(self) -> None:
        self.types: dict[str, TypeEntry] = {}
        self.calls: dict[tuple[str, str, int, str, int | None], CallEntry] = {}
        self.locks: dict[str, LockEntry] = {}
        self.entries: dict[tuple[str, str], EntryEntry] = {}
        self.registers: dict[str, RegisterEntry] = {}
        self.resolves: dict[str, ResolveEntry] = {}
        self.scopes: dict[tuple[str, str, str], ScopeEntry] = {}
        self.provides: dict[str, ProvideEntry] = {}
        self.injects: dict[str, InjectEntry] = {}
        self.setups: dict[tuple[str, str], SetupEntry] = {}
        self.binds: dict[str, BindEntry] = {}
        self.assembles: dict[str, AssembleEntry] = {}
        self.annotated: dict[str, AnnotatedEntry] = {}
        self.endpoints: dict[str, EndpointEntry] = {}
        self.contexts: dict[str, ContextEntry] = {}
        self.footprints: dict[str, FootprintEntry] = {}
        self.programs: dict[str, ProgramEntry] = {}
        self.members: dict[str, MemberEntry] = {}
        self.minimums: dict[str, MinimumEntry] = {}
        self.slots: dict[tuple[str, object], _Slot] = {}

    def add(self, pack: _Pack) -> None:
        content = pack.content
        for index, kind in enumerate(content.types):
            slot = _Slot(pack, "type", index)
            for named in _expand(_sourced(kind, pack)):
                _refuse(slot, type_fault(named))
                self._claim(slot, named.name, named.override)
                self.types[named.name] = named
        for index, call in enumerate(content.calls):
            slot = _Slot(pack, "call", index)
            sourced = _sourced(call, pack)
            _refuse(slot, call_fault(sourced))
            for named_call in _expand(sourced):
                key = (
                    named_call.name,
                    named_call.when,
                    named_call.when_arg,
                    named_call.when_name,
                    named_call.when_args,
                )
                self._claim(slot, key, named_call.override)
                self.calls[key] = named_call
        for index, lock in enumerate(content.locks):
            for name in alternatives(lock.type):
                self._claim(_Slot(pack, "lock", index), name, lock.override)
                self.locks[name] = msgspec.structs.replace(lock, type=name, source=lock.source or pack.source_of(name))
        for index, entry in enumerate(content.entries):
            self._claim(_Slot(pack, "entry", index), (entry.type, entry.method), False)
            source = entry.source or pack.source_of(entry.type)
            self.entries[entry.type, entry.method] = msgspec.structs.replace(entry, source=source)
        for index, minimum in enumerate(content.minimums):
            slot = _Slot(pack, "minimum", index)
            for name in alternatives(minimum.package):
                source = minimum.source or pack.source_of(name)
                _refuse(slot, None if source else (f"{name} has no source", "say where its version is documented"))
                self._claim(slot, name, False)
                self.minimums[name] = msgspec.structs.replace(minimum, package=name, source=source)
        self._add_wiring(pack)
        self._add_annotations(pack)

    def _add_wiring(self, pack: _Pack) -> None:
        """What containers of services do, and who is called by code that is not written."""
        content = pack.content
        for index, register in enumerate(content.registers):
            for name in alternatives(register.call):
                self._claim(_Slot(pack, "register", index), name, False)
                source = register.source or pack.source_of(name)
                self.registers[name] = msgspec.structs.replace(register, call=name, source=source)
        for index, resolve in enumerate(content.resolves):
            for name in alternatives(resolve.call):
                self._claim(_Slot(pack, "resolve", index), name, False)
                source = resolve.source or pack.source_of(name)
                self.resolves[name] = msgspec.structs.replace(resolve, call=name, source=source)
        for index, annotated in enumerate(content.annotated):
            self._claim(_Slot(pack, "annotated", index), annotated.annotation, False)
            source = annotated.source or pack.source_of(annotated.annotation)
            self.annotated[annotated.annotation] = msgspec.structs.replace(annotated, source=source)
        for index, endpoint in enumerate(content.endpoints):
            self._claim(_Slot(pack, "endpoint", index), endpoint.type, False)
            source = endpoint.source or pack.source_of(endpoint.type)
            self.endpoints[endpoint.type] = msgspec.structs.replace(endpoint, source=source)

        for index, context in enumerate(content.contexts):
            for name in alternatives(context.type):
                self._claim(_Slot(pack, "context", index), name, False)
                source = context.source or pack.source_of(name)
                self.contexts[name] = msgspec.structs.replace(context, type=name, source=source)
        for index, footprint in enumerate(content.footprints):
            self._claim(_Slot(pack, "footprint", index), footprint.name, False)
            self.footprints[footprint.name] = footprint
        for index, program in enumerate(content.programs):
            slot = _Slot(pack, "program", index)
            _refuse(slot, program_fault(program))
            for name in alternatives(program.name):
                self._claim(slot, name, False)
                self.programs[name] = msgspec.structs.replace(program, name=name)
        for index, member in enumerate(content.members):
            for name in member.names:
                self._claim(_Slot(pack, "member", index), name, False)
                self.members[name] = member

    def _add_annotations(self, pack: _Pack) -> None:
        """What annotations tell containers, and chains of calls."""
        content = pack.content
        for index, scope in enumerate(content.scopes):
            for name in alternatives(scope.annotation):
                key = (name, scope.on, scope.when)
                self.scopes[key] = self._wired(pack, "scope", index, scope, key, annotation=name)
        for index, provide in enumerate(content.provides):
            for name in alternatives(provide.annotation):
                self.provides[name] = self._wired(pack, "provide", index, provide, name, annotation=name)
        for index, inject in enumerate(content.injects):
            for name in alternatives(inject.annotation):
                self.injects[name] = self._wired(pack, "inject", index, inject, name, annotation=name)
        for index, setup in enumerate(content.setups):
            for name in alternatives(setup.type):
                pair = (name, setup.method)
                self.setups[pair] = self._wired(pack, "setup", index, setup, pair, type=name)
        for index, bind in enumerate(content.binds):
            for name in alternatives(bind.call):
                self.binds[name] = self._wired(pack, "bind", index, bind, name, call=name)
        for index, assemble in enumerate(content.assembles):
            for name in alternatives(assemble.annotation):
                self.assembles[name] = self._wired(pack, "assemble", index, assemble, name, annotation=name)

    def _wired(self, pack: _Pack, kind: str, index: int, entry: _Wired, key: object, **name: str) -> _Wired:
        """One of the entries that a name with braces writes, with its source."""
        self._claim(_Slot(pack, kind, index), key, False)
        source = entry.source or pack.source_of(next(iter(name.values())))
        return msgspec.structs.replace(entry, source=source, **name)

    def _claim(self, slot: _Slot, key: object, override: bool) -> None:
        taken = self.slots.get((slot.kind, key))
        if taken is not None and not override:
            raise PackError(f"{slot}: already in {taken}", "set override = true to replace it, or drop one of them")
        self.slots[slot.kind, key] = slot

    def knowledge(self) -> Knowledge:
        calls: dict[str, list[CallEntry]] = {}
        globs: list[CallEntry] = []
        for call in self.calls.values():
            if "*" in call.name:
                globs.append(call)
            else:
                calls.setdefault(call.name, []).append(call)
        scopes: dict[str, list[ScopeEntry]] = {}
        for scope in self.scopes.values():
            scopes.setdefault(scope.annotation, []).append(scope)
        return Knowledge(
            types={name: entry for name, entry in self.types.items() if "*" not in name},
            calls={name: tuple(entries) for name, entries in calls.items()},
            call_globs=tuple(globs),
            locks=self.locks,
            entries=tuple(self.entries.values()),
            type_globs=tuple(entry for name, entry in self.types.items() if "*" in name),
            registers=self.registers,
            resolves=self.resolves,
            scopes={name: tuple(entries) for name, entries in scopes.items()},
            provides=self.provides,
            injects=self.injects,
            setups=tuple(self.setups.values()),
            binds=self.binds,
            assembles=self.assembles,
            annotated=tuple(self.annotated.values()),
            endpoints=tuple(self.endpoints.values()),
            contexts=self.contexts,
            footprints=self.footprints,
            programs=self.programs,
            members=self.members,
            minimums=self.minimums,
        )


def _refuse(slot: _Slot, fault: tuple[str, str] | None) -> None:
    if fault is not None:
        raise PackError(f"{slot}: {fault[0]}", fault[1])


def _sourced(entry: _Named, pack: _Pack) -> _Named:
    if entry.source:
        return entry
    source = pack.source_of(_first(entry.name))
    return msgspec.structs.replace(entry, source=source) if source else entry


def _first(name: str) -> str:
    return next(iter(alternatives(name)))


def _expand(entry: _Named) -> Iterable[_Named]:
    if "{" not in entry.name:
        return (entry,)
    return (msgspec.structs.replace(entry, name=name) for name in alternatives(entry.name))


def alternatives(name: str) -> Iterator[str]:
    """``a.{b,c}`` → ``a.b``, ``a.c``."""
    parts = _BRACES.split(name)
    choices = [part.split(",") if odd % 2 else [part] for odd, part in enumerate(parts)]
    for words in itertools.product(*choices):
        yield "".join(word.strip() for word in words)
