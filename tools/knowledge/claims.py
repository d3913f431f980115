"""What knowledge files claim to exist: the names that each entry mentions, and which of them must be there."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from lmi_lint.knowledge.load import alternatives, load
from lmi_lint.knowledge.model import KnowledgeFile
from lmi_lint.knowledge.query import KnowledgeBase

ROOT: Final = Path(__file__).resolve().parents[2]
RULES: Final = ROOT / "rules"
FAMILIES: Final = ("python", "javascript", "java", "csharp")
Family = Literal["python", "javascript", "java", "csharp"]

_BRACES: Final = re.compile(r"\{([^{}]*)\}")
_LISTS: Final = ("mutates", "reads", "iterates", "atomic", "adds", "removes", "element", "counts")
_LOCK_LISTS: Final = (
    *("acquire", "try_acquire", "release", "around", "parts", "reading", "upgrading"),
    *("validated", "validates", "converts"),
)
_CONTEXT_LISTS: Final = ("sets", "closing", "clears", "reads", "leaks", "scopes")


class Claim(Struct, frozen=True):
    """That one of ``names`` exists. ``place``: file and entry; ``word``: the part of the entry that says so."""

    family: Family
    place: str
    word: str
    names: tuple[str, ...]


def claims(family: Family) -> list[Claim]:
    """All claims of a language family's files, in their order."""
    base = KnowledgeBase(load(family, [RULES]))
    return [claim for path in files(family) for claim in _File(family, path, base).claims()]


def files(family: Family) -> list[Path]:
    """The knowledge files of a language family."""
    return sorted((RULES / "knowledge" / family).glob("*.toml"))


def unsourced(family: Family) -> list[str]:
    """``[[table]] name`` of the entries of a family that cite no page, neither of their own nor by a prefix."""
    known = load(family, [RULES])
    tables: tuple[tuple[str, Iterable[tuple[str, str]]], ...] = (
        ("type", ((entry.name, entry.source) for entry in (*known.types.values(), *known.type_globs))),
        (
            "call",
            (
                (entry.name, entry.source)
                for entry in (*itertools.chain.from_iterable(known.calls.values()), *known.call_globs)
            ),
        ),
        ("lock", ((entry.type, entry.source) for entry in known.locks.values())),
        ("entry", ((entry.type, entry.source) for entry in known.entries)),
        ("register", ((entry.call, entry.source) for entry in known.registers.values())),
        ("resolve", ((entry.call, entry.source) for entry in known.resolves.values())),
        ("scope", ((e.annotation, e.source) for e in itertools.chain.from_iterable(known.scopes.values()))),
        ("provide", ((entry.annotation, entry.source) for entry in known.provides.values())),
        ("inject", ((entry.annotation, entry.source) for entry in known.injects.values())),
        ("setup", ((entry.type or entry.method, entry.source) for entry in known.setups)),
        ("bind", ((entry.call, entry.source) for entry in known.binds.values())),
        ("assemble", ((entry.annotation, entry.source) for entry in known.assembles.values())),
        ("annotated", ((entry.annotation, entry.source) for entry in known.annotated)),
        ("endpoint", ((entry.type, entry.source) for entry in known.endpoints)),
        ("context", ((entry.type, entry.source) for entry in known.contexts.values())),
        ("footprint", ((entry.name, entry.source) for entry in known.footprints.values())),
    )
    return sorted({f"[[{table}]] {name}" for table, entries in tables for name, source in entries if not source})


def unmet(family_claims: Iterable[Claim], exists: Callable[[str], bool]) -> list[Claim]:
    """The claims none of whose names exists."""
    return [claim for claim in family_claims if not any(exists(name) for name in claim.names)]


class _File:
    def __init__(self, family: Family, path: Path, base: KnowledgeBase) -> None:
        self.family, self.base = family, base
        self.kin: dict[str, tuple[str, ...]] = {}
        self.path = path.relative_to(ROOT).as_posix()
        self.content = msgspec.convert(tomllib.loads(path.read_text("utf-8")), KnowledgeFile, strict=True)

    def claims(self) -> Iterator[Claim]:
        content = self.content
        for kind in content.types:
            yield from self._named("type", kind.name)
            methods = (word for key in _LISTS for word in getattr(kind, key))
            yield from self._members("type", kind.name, methods)
            yield from self._plain("type", kind.name, kind.extends)
        for call in content.calls:
            yield from self._named("call", call.name)
            held = (word.partition(" in ")[2] for words in call.holds for word in words.split(", "))
            others = (call.returns_type, *call.gives, *call.raises, *held)
            yield from self._plain("call", call.name, (name for name in others if name))
        for lock in content.locks:
            yield from self._named("lock", lock.type)
            yield from self._members("lock", lock.type, (word for key in _LOCK_LISTS for word in getattr(lock, key)))
        for entry in content.entries:
            yield from self._named("entry", entry.type)
            yield from self._members("entry", entry.type, (entry.method, *entry.setup))
        yield from self._containers()
        for context in content.contexts:
            yield from self._named("context", context.type)
            words = (word for key in _CONTEXT_LISTS for word in getattr(context, key))
            yield from self._members("context", context.type, words)
            yield from self._plain("context", context.type, (context.cleared_by,) if context.cleared_by else ())
        for footprint in content.footprints:
            yield from self._named("footprint", footprint.name)
            yield from self._plain("footprint", footprint.name, footprint.includes)

    def _containers(self) -> Iterator[Claim]:
        """What speaks of containers of components, and of servers."""
        content = self.content
        calls = (
            *(("register", each.call) for each in content.registers),
            *(("resolve", each.call) for each in content.resolves),
            *(("bind", each.call) for each in content.binds),
        )
        annotations = (
            *(("scope", each.annotation) for each in content.scopes),
            *(("provide", each.annotation) for each in content.provides),
            *(("inject", each.annotation) for each in content.injects),
            *(("assemble", each.annotation) for each in content.assembles),
            *(("annotated", each.annotation) for each in content.annotated),
        )
        for table, name in (*calls, *annotations):
            yield from self._named(table, name)
        for annotated in content.annotated:
            yield from self._plain("annotated", annotated.annotation, (annotated.startup,) if annotated.startup else ())
        for setup in content.setups:
            if setup.type:
                yield from self._named("setup", setup.type)
                yield from self._members("setup", setup.type, (setup.method,))
        for endpoint in content.endpoints:
            yield from self._named("endpoint", endpoint.type)
            package = endpoint.type.rpartition(".")[0]
            for word in (*endpoint.excluded, *endpoint.routes):
                yield self._claim("endpoint", endpoint.type, word, (f"{package}.{word}",))

    def _named(self, table: str, name: str) -> Iterator[Claim]:
        """Each alternative of each ``{a,b}`` in the entry's own name, with some choice of the others."""
        choices = [[word.strip() for word in group.split(",")] for group in _BRACES.findall(name)]
        if not choices:
            yield self._claim(table, name, name, (name, *self._of_kin(name)))
            return
        expanded = list(zip(itertools.product(*choices), alternatives(name), strict=True))
        for index, words in enumerate(choices):
            for word in words:
                names = tuple(full for chosen, full in expanded if chosen[index] == word)
                shown = word if len(choices) > 1 else names[0]
                names = (*names, *(each for full in names for each in self._of_kin(full)))
                yield self._claim(table, name, shown, tuple(dict.fromkeys(names)))

    def _of_kin(self, name: str) -> Iterator[str]:
        """A method as that of what its type extends, and of what extends its type."""
        owner, _, method = name.rpartition(".")
        return (f"{kin}.{method}" for kin in self._kin(owner))

    def _kin(self, name: str) -> tuple[str, ...]:
        if name not in self.kin:
            known = self.base.type_entry(name) is not None
            below = (entry.name for entry in self.base.below(name)) if known else ()
            self.kin[name] = (*self.base.lineage_names(name)[1:], *below)
        return self.kin[name]

    def _members(self, table: str, name: str, words: Iterable[str]) -> Iterator[Claim]:
        """Methods of the entry's types: of one of them, of what they extend, or of what extends them."""
        types = tuple(alternatives(name))
        kin = [*types, *(kin for each in types for kin in self._kin(each))]
        for word in dict.fromkeys(words):
            for method in alternatives(word):
                # A type that is itself called names its call by its own name.
                names = (method,) if method in types else dict.fromkeys(f"{each}.{method}" for each in kin)
                yield self._claim(table, name, method, tuple(names))

    def _plain(self, table: str, name: str, others: Iterable[str]) -> Iterator[Claim]:
        for other in others:
            for alternative in alternatives(other):
                yield self._claim(table, name, alternative, (alternative,))

    def _claim(self, table: str, name: str, word: str, names: tuple[str, ...]) -> Claim:
        shown = name if len(name) <= 80 else f"{name[:77]}…"
        return Claim(self.family, f"{self.path}: [[{table}]] {shown}", word, names)
