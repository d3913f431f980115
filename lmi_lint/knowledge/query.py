"""Answers from the knowledge of one language family: what a name is, and what a call of it does."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Final, Literal, TypeVar

from msgspec import Struct

from lmi_lint.knowledge.callee import Callee, Effect, effect_of
from lmi_lint.knowledge.expressions import search
from lmi_lint.knowledge.globs import Globs, filled
from lmi_lint.knowledge.model import (
    CallEntry,
    ContextEntry,
    FootprintEntry,
    Knowledge,
    LockEntry,
    MemberEntry,
    ProgramEntry,
    Safety,
    TypeEntry,
)
from lmi_lint.knowledge.wiring import (
    AnnotatedEntry,
    AssembleEntry,
    BindEntry,
    EndpointEntry,
    EntryEntry,
    RegisterEntry,
    ResolveEntry,
)

_Wiring = TypeVar("_Wiring", RegisterEntry, ResolveEntry, BindEntry)


class Verdict(Struct, frozen=True):
    """Whether a type may be shared. ``reasons``: why, the most specific first; ``instead``: what to use; ``source``:
    the page that says so."""

    safety: Safety
    reasons: tuple[str, ...] = ()
    instead: str = ""
    source: str = ""


class KnowledgeBase:
    """Knowledge with the look-ups that need more than a dict. Answers never change; they are remembered. ``programs``
    and ``members``: what holds for all languages."""

    def __init__(
        self,
        knowledge: Knowledge,
        programs: Mapping[str, ProgramEntry] | None = None,
        members: Mapping[str, MemberEntry] | None = None,
    ) -> None:
        self.knowledge: Final = knowledge
        self._programs: Final = programs or {}
        self._members: Final = members or {}
        self._call_globs: Final = Globs((entry.name, entry) for entry in knowledge.call_globs)
        self._type_globs: Final = Globs((entry.name, entry) for entry in knowledge.type_globs)
        self._types: Final[dict[str, TypeEntry | None]] = {}
        self._lineages: Final[dict[str, tuple[str, ...]]] = {}
        self._candidates: Final[dict[str, tuple[CallEntry, ...]]] = {}
        self._effects: Final[dict[tuple[str, str], Effect | None]] = {}
        wired = (*knowledge.registers, *knowledge.resolves, *knowledge.binds)
        self._owners: Final = frozenset(call.rpartition(".")[0] for call in (*knowledge.calls, *wired))
        self._bases: Final = frozenset(
            (
                *(entry.type for entry in knowledge.entries),
                *(entry.type for entry in knowledge.endpoints),
                *(entry.type for entry in knowledge.setups if entry.type),
                *self.annotations,
            )
        )
        self._verdicts: Final[dict[str, Verdict]] = {}
        self._locks: Final[dict[str, LockEntry | None]] = {}
        self._roles: Final[dict[str, str]] = {}
        self._contexts: Final[dict[str, ContextEntry | None]] = {}
        self._wired: Final = frozenset(call.rpartition(".")[2] for call in wired)
        self._assembling: Final[dict[str, tuple[AssembleEntry, ...]]] = {}
        for assemble in knowledge.assembles.values():
            for end in assemble.ends:
                self._assembling[end] = (*self._assembling.get(end, ()), assemble)
        self._entries: Final[dict[str, tuple[TypeEntry, ...]]] = {}
        self._containers: Final[dict[str, bool]] = {}
        self._unwrapping: Final[dict[tuple[tuple[str, ...], str, int], bool]] = {}
        self._plain: Final[dict[tuple[str, int], CallEntry | None]] = {}
        self._conditional: Final[dict[str, bool]] = {}
        self._callees: Final[dict[str, Callee]] = {}
        self._calls: Final[dict[tuple[str, tuple[str, ...]], tuple[tuple[CallEntry, ...], ...]]] = {}

    @cached_property
    def lock_methods(self) -> frozenset[str]:
        """The names of all methods that take or give back a lock."""
        locks = self.knowledge.locks.values()
        return frozenset(name for lock in locks for name in (*lock.acquire, *lock.try_acquire, *lock.release))

    @property
    def entries(self) -> tuple[EntryEntry, ...]:
        """Interfaces and base classes whose methods are Lambda entry points."""
        return self.knowledge.entries

    def footprints(self, modules: Iterable[str]) -> dict[str, FootprintEntry]:
        """The packages of note among imported modules, each by the module that names it best; what another one of them
        includes is left out."""
        found: dict[str, FootprintEntry] = {}
        for module in modules:
            parts = module.split(".")
            names = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
            entry = next((self.knowledge.footprints[name] for name in names if name in self.knowledge.footprints), None)
            if entry is not None:
                found.setdefault(entry.name, entry)
        included = {name for entry in found.values() for name in entry.includes}
        return {name: entry for name, entry in found.items() if name not in included}

    @property
    def annotated(self) -> tuple[AnnotatedEntry, ...]:
        """Annotations of methods that are Lambda entry points."""
        return self.knowledge.annotated

    @property
    def endpoints(self) -> tuple[EndpointEntry, ...]:
        """Types of which a web server makes one for each request."""
        return self.knowledge.endpoints

    def context(self, name: str) -> ContextEntry | None:
        """What a type, or one that it extends, holds for a thread or a flow."""
        if name not in self._contexts:
            known = self.knowledge.contexts
            self._contexts[name] = next((known[base] for base in self.lineage_names(name) if base in known), None)
        return self._contexts[name]

    @property
    def provider_type(self) -> str:
        """The type of a container as it hands itself to what it calls."""
        return next((name.rpartition(".")[0] for name in self.knowledge.resolves), "")

    def assembling(self, method: str) -> tuple[AssembleEntry, ...]:
        """The annotations for whose interfaces classes are generated that such a method takes an object out of."""
        return self._assembling.get(method, ())

    def wires(self, name: str) -> bool:
        """Whether a call of this name tells a container something, or asks it for something."""
        if name.rpartition(".")[2] not in self._wired:
            return False
        return any(find(name) is not None for find in (self.registration, self.binding, self.resolution))

    def registration(self, name: str) -> RegisterEntry | None:
        """How a call of this name tells a container to make a service, if it does."""
        return self._wiring(self.knowledge.registers, name)

    def resolution(self, name: str) -> ResolveEntry | None:
        """Whether a call of this name takes a service out of a container."""
        return self._wiring(self.knowledge.resolves, name)

    def _wiring(self, entries: dict[str, _Wiring], name: str) -> _Wiring | None:
        owner, dot, method = name.rpartition(".")
        if method not in self._wired:
            return None
        found = entries.get(name)
        if found is not None or not dot:
            return found
        names = (f"{base}.{method}" for base in self.lineage_names(owner))
        return next((entries[each] for each in names if each in entries), None)

    def binding(self, name: str) -> BindEntry | None:
        """What a call of this name in a chain tells a container."""
        return self._wiring(self.knowledge.binds, name)

    @cached_property
    def completes(self) -> bool:
        """Whether containers call methods of what they have made."""
        means = {entry.means for entry in self.knowledge.injects.values()}
        return bool(self.knowledge.setups) or not means.isdisjoint(("fill", "setup"))

    @cached_property
    def spreading(self) -> bool:
        """Whether some components make those that hold them live no longer."""
        return any(entry.spreads for entries in self.knowledge.scopes.values() for entry in entries)

    @cached_property
    def annotations(self) -> frozenset[str]:
        """The qualified names of all annotations by which code speaks to containers."""
        known = self.knowledge
        return frozenset((*known.scopes, *known.provides, *known.injects, *known.assembles))

    def program(self, name: str) -> ProgramEntry | None:
        """What a program does with the words of its command line."""
        for known in (name, f"{name.rstrip('0123456789.')}*", "*"):
            if known in self._programs:
                return self._programs[known]
        return None

    def member_values(self, name: str) -> Literal["unique", "few", ""]:
        """What values a member of an event or of an invocation's context has; empty if that is not known."""
        entry = self._members.get(name.lower().replace("_", "").removeprefix("get"))
        return entry.values if entry is not None else ""

    @cached_property
    def _all_calls(self) -> tuple[CallEntry, ...]:
        known = (entry for entries in self.knowledge.calls.values() for entry in entries)
        return (*known, *self.knowledge.call_globs)

    @cached_property
    def call_roles(self) -> frozenset[str]:
        """The roles that any call has."""
        return frozenset(entry.role for entry in self._all_calls) - {""}

    @cached_property
    def dropping(self) -> frozenset[str]:
        """The names of the methods that drop what the functions given to them return."""
        return frozenset(entry.name.rpartition(".")[2] for entry in self._all_calls if entry.drops)

    # ------------------------------------------------------------------ types

    def type_entry(self, name: str) -> TypeEntry | None:
        """The entry of a type by its name, else by the most specific glob."""
        if name not in self._types:
            exact = self.knowledge.types.get(name)
            self._types[name] = exact or next((entry for entry, _ in self._type_globs.matching(name)), None)
        return self._types[name]

    def below(self, name: str) -> tuple[TypeEntry, ...]:
        """The types that come to extend a type."""
        return tuple(entry for entry in self.knowledge.types.values() if name in self.lineage_names(entry.name)[1:])

    def lineage_names(self, name: str) -> tuple[str, ...]:
        """The type itself and all it extends, nearest first, those without an entry too."""
        if name not in self._lineages:
            seen = {name: None}
            queue = deque((name,))
            while queue:
                entry = self.type_entry(queue.popleft())
                fresh = [base for base in (entry.extends if entry else ()) if base not in seen]
                seen.update(dict.fromkeys(fresh))
                queue.extend(fresh)
            self._lineages[name] = tuple(seen)
        return self._lineages[name]

    def lineage(self, name: str) -> tuple[TypeEntry, ...]:
        """The entries of the type and of all it extends, nearest first; empty if nothing is known."""
        if name not in self._entries:
            entries = (self.type_entry(base) for base in self.lineage_names(name))
            self._entries[name] = tuple(entry for entry in entries if entry is not None)
        return self._entries[name]

    def is_subtype(self, name: str, base: str) -> bool:
        """Whether ``name`` is ``base`` or extends it."""
        return base in self.lineage_names(name)

    def role_of(self, name: str) -> str:
        """The nearest role in the lineage of a type, or nothing."""
        if name not in self._roles:
            self._roles[name] = next((entry.role for entry in self.lineage(name) if entry.role), "")
        return self._roles[name]

    def is_container(self, name: str) -> bool:
        """Whether an index access reaches an element."""
        if name not in self._containers:
            self._containers[name] = any(entry.container for entry in self.lineage(name))
        return self._containers[name]

    def is_distinct(self, name: str) -> bool:
        """Whether what is put in twice is in it once."""
        return any(entry.distinct for entry in self.lineage(name))

    def is_bounded(self, name: str) -> bool:
        """Whether it lets go of entries itself, or takes only so many."""
        return any(entry.bounded for entry in self.lineage(name))

    def is_few(self, name: str) -> bool:
        """Whether a program has only so many of them."""
        return any(entry.few for entry in self.lineage(name))

    @cached_property
    def counting(self) -> frozenset[str]:
        """The names of all methods and properties that tell how much something holds."""
        return frozenset(name for entry in self.knowledge.types.values() for name in entry.counts)

    def safety_of(self, name: str) -> Verdict:
        """The nearest claim in the lineage of a type; ``unknown`` without one."""
        if name not in self._verdicts:
            self._verdicts[name] = self._judge(name)
        return self._verdicts[name]

    def _judge(self, name: str) -> Verdict:
        lineage = self.lineage(name)
        claim = next((entry for entry in lineage if entry.safety != "unknown"), None)
        if claim is None:
            return Verdict("unknown")
        # What a base says is a reason only as long as it agrees with the nearest claim.
        agreeing = [entry for entry in lineage if entry.safety == claim.safety]
        return Verdict(
            claim.safety,
            tuple(dict.fromkeys(entry.why for entry in agreeing if entry.why)),
            next((entry.instead for entry in agreeing if entry.instead), ""),
            claim.source,
        )

    def lock(self, name: str) -> LockEntry | None:
        """How a type locks, if it is a lock."""
        if name not in self._locks:
            locks = (self.knowledge.locks.get(base) for base in self.lineage_names(name))
            self._locks[name] = next((lock for lock in locks if lock is not None), None)
        return self._locks[name]

    def method_effect(self, type_name: str, method: str) -> Effect | None:
        """What ``method`` does to a ``type_name``, all that the lineage says together; None if it says nothing."""
        key = type_name, method
        if key not in self._effects:
            self._effects[key] = effect_of(method, self.lineage(type_name))
        return self._effects[key]

    def speaks_of(self, name: str) -> bool:
        """Whether a type or call has this name, or a call of it is known."""
        return self.spells(name) or self.type_entry(name) is not None

    def spells(self, name: str) -> bool:
        """Whether it stands so in an entry, not as what a pattern fits."""
        own = name in self.knowledge.types or name in self.knowledge.calls
        return own or name in self._owners or name in self._bases

    # ------------------------------------------------------------------ calls

    def callee(self, name: str) -> Callee:
        """What holds for all calls of this name."""
        found = self._callees.get(name)
        if found is None:
            owner, _, method = name.rpartition(".")
            effect, role = self.method_effect(owner, method), self.role_of(owner)
            wires, assembles = self.wires(name), bool(self.assembling(method))
            found = Callee(owner, method, role, effect, self.conditional(name), wires, assembles)
            self._callees[name] = found
        return found

    def call_entry(
        self,
        name: str,
        arg_count: int,
        first_text: str | None,
        type_lineage: Sequence[TypeEntry | str] = (),
        texts: Sequence[str | None] = (),
        named: Mapping[str, str | None] = MappingProxyType({}),
    ) -> CallEntry | None:
        """What a call of ``name`` with ``arg_count`` arguments does.

        ``first_text``: the first argument's text where known. ``type_lineage``: the receiver's type and its bases,
        tried in turn with the method's name; left out, the lineage of the type that ``name`` begins with. ``texts``:
        all arguments' texts, for the few entries that look at another than the first; ``named``: of those with a
        name. Among the entries of one name, those with a condition that holds win. An exact name anywhere in the
        lineage wins over a glob.
        """
        key = name, arg_count
        if not type_lineage and key in self._plain:
            return self._plain[key]
        if not type_lineage and not self.conditional(name):
            groups = self._call_groups(name, ())
            self._plain[key] = next((found for group in groups if (found := _choose(group, arg_count))), None)
            return self._plain[key]
        bases = tuple([base if isinstance(base, str) else base.name for base in type_lineage])
        groups = self._call_groups(name, bases)
        known = tuple(texts) or (first_text,)
        return next((found for group in groups if (found := _choose(group, arg_count, known, named)) is not None), None)

    def has_call(self, name: str) -> bool:
        """Whether anything is known about calls of this name, on some condition."""
        return bool(self._call_groups(name, ()))

    def conditional(self, name: str) -> bool:
        """Whether what a call of this name does depends on what its arguments say."""
        found = self._conditional.get(name)
        if found is None:
            found = any(entry.when for group in self._call_groups(name, ()) for entry in group)
            self._conditional[name] = found
        return found

    def calls_named(self, name: str) -> tuple[CallEntry, ...]:
        """All entries about calls of this name, on whatever condition, the most specific first."""
        return tuple(entry for group in self._call_groups(name, ()) for entry in group)

    def unwraps(self, wrappers: tuple[str, ...], member: str, arg_count: int) -> bool:
        """Whether a member of one of these types, taken or called with so many arguments, gives the value inside."""
        key = (wrappers, member, arg_count)
        if key not in self._unwrapping:
            entries = (self.call_entry(f"{wrapper}.{member}", arg_count, None) for wrapper in wrappers)
            self._unwrapping[key] = any(entry is not None and entry.returns == "receiver" for entry in entries)
        return self._unwrapping[key]

    def _call_groups(self, name: str, bases: tuple[str, ...]) -> tuple[tuple[CallEntry, ...], ...]:
        key = (name, bases)
        groups = self._calls.get(key)
        if groups is None:
            names = self._call_names(name, bases)
            exact = [self.knowledge.calls.get(candidate, ()) for candidate in names]
            globs = [self._glob_calls(candidate) for candidate in names]
            groups = self._calls[key] = tuple(group for group in (*exact, *globs) if group)
        return groups

    def setter_entry(self, name: str, text: str | None) -> CallEntry | None:
        """What an assignment to ``name`` does: the entry of ``name=``. ``text``: that of the value, where known.
        A glob of methods (``S3.*``) says nothing about assignments."""
        entry = self.call_entry(f"{name}=", 1, text)
        return entry if entry is not None and entry.name.endswith("=") else None

    def _call_names(self, name: str, bases: Sequence[str]) -> list[str]:
        owner, dot, method = name.rpartition(".")
        if not dot:
            return [name]
        return list(dict.fromkeys((name, *(f"{base}.{method}" for base in bases or self.lineage_names(owner)))))

    def _glob_calls(self, name: str) -> tuple[CallEntry, ...]:
        if name not in self._candidates:
            self._candidates[name] = tuple(filled(entry, words) for entry, words in self._call_globs.matching(name))
        return self._candidates[name]


def _choose(
    entries: Sequence[CallEntry],
    arg_count: int,
    texts: Sequence[str | None] = (),
    named: Mapping[str, str | None] = MappingProxyType({}),
) -> CallEntry | None:
    """The entry with the most conditions, all of which hold; the first of equals."""
    holding = [entry for entry in entries if _holds(entry, arg_count, texts, named)]
    return max(holding, key=lambda entry: bool(entry.when) * 2 + (entry.when_args is not None), default=None)


def _holds(entry: CallEntry, arg_count: int, texts: Sequence[str | None], named: Mapping[str, str | None]) -> bool:
    if entry.when_args is not None and entry.when_args != arg_count:
        return False
    if not entry.when:
        return True
    if entry.when_name:
        text = named.get(entry.when_name)
    else:
        text = texts[entry.when_arg] if entry.when_arg < len(texts) else None
    return text is not None and search(entry.when, text)
