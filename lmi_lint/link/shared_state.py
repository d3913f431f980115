"""The one judgement behind the rules on shared memory: which places two invocations can race for, and how.

Accesses are grouped by place. On a runtime that switches at suspensions a race needs one between two
accesses of an invocation (``interleave.py`` finds it); where threads switch anywhere it needs two accesses that no
one lock covers. Each race is one view of that: request data kept (104), a lost update (103), a lazy initialisation
(102), an unsafe type (106), inconsistent locks (105), a plain write (101).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.facts import model as f
from lmi_lint.facts.model import ELEMENT
from lmi_lint.link.heap import Kind, Obj, Phase, ReadId
from lmi_lint.link.interleave import Match, Question, Token, Walker, protected, suspending
from lmi_lint.link.names import ASYNC, VOLATILE, lineage
from lmi_lint.link.record import Access, Mode
from lmi_lint.model.finding import Severity
from lmi_lint.model.runtime import Preempts

if TYPE_CHECKING:
    from lmi_lint.link.context import Site
    from lmi_lint.link.heap import Val
    from lmi_lint.link.program import Program


class RaceKind(Enum):
    """How invocations race; the value orders races of equal severity at one place."""

    REQUEST_DATA = 0
    UNSAFE_TYPE = 1
    LOST_UPDATE = 2
    LAZY_INIT = 3
    INCONSISTENT_LOCK = 4
    SHARED_WRITE = 5


class Race(Struct, frozen=True, eq=False):
    """One race. ``access``: the write that makes it; ``other``: the access that sees or precedes it; ``gap``: the
    suspension between, if one is needed; ``message`` and ``remedy``: said instead of the rule's usual words; ``also``: other kinds of race at the same place; ``others``: further accesses."""

    kind: RaceKind
    severity: Severity
    access: Access
    other: Access | None = None
    gap: Site | None = None
    reasons: tuple[str, ...] = ()
    message: str = ""
    remedy: str = ""
    also: tuple[RaceKind, ...] = ()
    others: tuple[Access, ...] = ()


_MAX_PARTS = 200
_READS = (Mode.READ, Mode.LOOK, Mode.ITERATE)
_WRITES = (Mode.WRITE, Mode.INIT)
_CONTENT = (Mode.ADD, Mode.MUTATE, Mode.REMOVE, Mode.ATOMIC)
_EXCLUSIVE_ROLES = frozenset({"connection", "pool"})
_LOCAL_ROLES = frozenset({"context-local", "thread-local", "lock", "logger"})


def judge(program: Program) -> list[Race]:
    """All races, one per place and function: the worst, with the other kinds beside it."""
    strategies: dict[Preempts, Callable[[Judge], list[Race]]] = {
        Preempts.AT_SUSPENSION: Judge.at_suspensions,
        Preempts.ANYWHERE: Judge.anywhere,
    }
    strategy = strategies.get(program.runtime.preempts)
    if strategy is None:
        return []
    found: list[Race] = []
    for accesses in _places(program):
        found += strategy(Judge(program, accesses))
    return _worst(found)


def _places(program: Program) -> list[list[Access]]:
    groups: dict[tuple[Obj, str], list[Access]] = {}
    for access in program.accesses:
        obj = access.obj
        if obj.kind is Kind.NAME or program.knowledge.role_of(obj.type_name) in _LOCAL_ROLES:
            continue
        groups.setdefault(access.place, []).append(access)
    return [group for group in groups.values() if any(access.mode.changes for access in group)]


def _worst(races: Iterable[Race]) -> list[Race]:
    groups: dict[tuple[object, object], list[Race]] = {}
    for race in races:
        groups.setdefault((race.access.place, race.access.context.function), []).append(race)
    chosen = []
    for group in groups.values():
        best = min(group, key=lambda race: (-race.severity.rank, race.kind.value, race.access.span.start))
        also = tuple(sorted({race.kind for race in group} - {best.kind}, key=lambda kind: kind.value))
        known = {(best.access.path, best.access.span)} | ({(best.other.path, best.other.span)} if best.other else set())
        others = []
        for race in group:
            for access in (race.access, race.other):
                if access is not None and (access.path, access.span) not in known:
                    known.add((access.path, access.span))
                    others.append(access)
        chosen.append(
            Race(
                best.kind,
                best.severity,
                best.access,
                best.other,
                best.gap,
                best.reasons,
                best.message,
                best.remedy,
                also,
                tuple(others[:5]),
            )
        )
    return chosen


class Judge:
    """The judgement of one place."""

    def __init__(self, program: Program, accesses: list[Access]) -> None:
        self.program = program
        self.accesses = accesses
        self.reads = [access for access in accesses if access.mode in _READS]
        self.by_id: dict[ReadId, Access] = {access.read_id: access for access in self.reads}
        self.data: dict[Access, bool] = {}

    # ------------------------------------------------------------------ common

    def carries_data(self, access: Access) -> bool:
        """Whether it puts the invocation's data into a slot, or appends it without a key."""
        if access.mode not in (*_WRITES, Mode.ADD, Mode.MUTATE) or keyed(access):
            return False
        if access.method and not access.keeps and access.mode is not Mode.ADD:
            return False
        known = self.data.get(access)
        if known is None:
            known = self.data[access] = bool(self.program.invocation_data(access.value))
        return known

    def depends_on(self, access: Access, read: Access) -> bool:
        """Whether the value written is made of what was read."""
        return read.read_id in access.value.reads

    def guarded_by(self, access: Access, read: Access) -> bool:
        """Whether the write happens or not because of what was read."""
        return read.read_id in access.guards

    def initialises(self, access: Access) -> bool:
        """Whether the write only happens after a test of a shared place."""
        return access.mode is Mode.INIT or bool(access.guards)

    def lazy_severity(self, value: Val) -> Severity:
        """How bad it is that a lazily made value is made twice."""
        if self.program.invocation_data(value):
            return Severity.WARNING
        parts, known = self._parts(value)
        if any(self.program.knowledge.role_of(obj.type_name) in _EXCLUSIVE_ROLES for obj in parts):
            return Severity.ERROR
        return Severity.NOTE if known and all(self._harmless(obj) for obj in parts) else Severity.WARNING

    def _parts(self, value: Val) -> tuple[list[Obj], bool]:
        """The objects that a value consists of, and whether all could be listed."""
        found: dict[Obj, None] = {}
        frontier = value.objects()
        while frontier:
            obj = frontier.pop()
            if obj in found or obj.kind in (Kind.NAME, Kind.CLOSURE, Kind.CLASS, Kind.FRAME, Kind.MODULE):
                continue
            if len(found) >= _MAX_PARTS:
                return list(found), False
            found[obj] = None
            heap = self.program.machine.heap
            for key in sorted(heap.keys.get(obj, ())):
                frontier += heap.cells[obj, key].objects()
        return list(found), True

    def _harmless(self, obj: Obj) -> bool:
        """Whether two of it instead of one do no harm: nothing changes it once it is made."""
        if obj.kind is Kind.INSTANCE:
            return self.program.knowledge.safety_of(obj.type_name).safety in ("safe", "immutable")
        return obj.kind is Kind.OBJECT and obj not in self._written

    @cached_property
    def _written(self) -> frozenset[Obj]:
        return frozenset(place[0] for place in self.program.machine.request_written)

    # ------------------------------------------------------------------ event loop

    def at_suspensions(self) -> list[Race]:
        """Races on a runtime that switches at suspensions."""
        races = [
            *self._kept_data(),
            *self._stale(),
            *self._rejections(),
            *self._read_back(),
            *self._stateful(),
            *self._disagreeing_locks(),
        ]
        return [race for race in races if not keyed(race.access) or race.kind is not RaceKind.LOST_UPDATE or race.other]

    def _walk(self, question: Question, *, from_start: bool = False) -> list[Match]:
        walker = Walker(self.accesses, question, suspending(self.program.request_contexts))
        start = frozenset({Token(None, None)}) if from_start else frozenset()
        return walker.run(self.program.roots, start)

    def _kept_data(self) -> list[Race]:
        stores = [access for access in self.accesses if self.carries_data(access)]
        if not stores or not self._any_suspension():
            return []
        question = Question(
            begins=self.carries_data,
            ends=lambda first, second: second.mode in _READS,
            kills=lambda access: access.mode in _WRITES and not keyed(access),
        )
        races = []
        for first, gap, second in self._walk(question, from_start=True):
            store = first if first is not None else self._store_seen_by(stores, second)
            races.append(Race(RaceKind.REQUEST_DATA, Severity.ERROR, store, second, gap))
        return races

    def _store_seen_by(self, stores: list[Access], read: Access) -> Access:
        same = [store for store in stores if store.context.function is read.context.function]
        return (same or stores)[0]

    def _any_suspension(self) -> bool:
        suspends = suspending(self.program.request_contexts)
        return any(suspends(context) for context in self.program.request_contexts)

    def _stale(self) -> list[Race]:
        """Read, suspension, then a write that rests on the read."""

        def ends(first: Access | None, second: Access) -> bool:
            if first is None or second.mode not in (*_WRITES, Mode.ADD, Mode.MUTATE):
                return False
            if self.depends_on(second, first):
                return not second.value.constant
            return self.guarded_by(second, first) and not second.value.constant

        question = Question(begins=lambda access: access.mode in _READS, ends=ends, kills=lambda access: False)
        races = []
        for first, gap, second in self._walk(question):
            if first is None:
                continue
            computed = second.update or not (second.value.refs or _may_be(second, first))
            if self.depends_on(second, first) and second.mode is Mode.WRITE and computed:
                races.append(Race(RaceKind.LOST_UPDATE, self._update_severity(second), second, first, gap))
            elif second.mode in _WRITES or not keyed(second):
                races.append(Race(RaceKind.LAZY_INIT, self._lazy(second), second, first, gap))
            else:
                races.append(Race(RaceKind.LAZY_INIT, Severity.NOTE, second, first, gap))
        return races

    def _rejections(self) -> list[Race]:
        """A promise kept for all invocations that nothing forgets again when it is rejected."""
        if any(access.value.null or access.mode is Mode.DELETE for access in self.accesses if access.mode.changes):
            return []
        message = "{place} keeps a promise for all invocations; if it is rejected, it stays rejected"
        return [
            Race(RaceKind.LAZY_INIT, Severity.NOTE, access, message=message)
            for access in self.accesses
            if access.mode in _WRITES and not keyed(access) and self._tested(access) and _keeps_promise(access)
        ]

    def _tested(self, access: Access) -> bool:
        """Whether the write depends on a look at the same place."""
        return access.mode is Mode.INIT or any(read in self.by_id for read in access.guards)

    def _lazy(self, write: Access) -> Severity:
        severity = self.lazy_severity(write.value)
        return Severity.NOTE if keyed(write) and severity is Severity.WARNING else severity

    def _read_back(self) -> list[Race]:
        """A value of this invocation, though not its data, read back after a suspension."""
        question = Question(
            begins=lambda access: (
                access.mode is Mode.WRITE
                and not keyed(access)
                and not access.value.constant
                and not access.update
                and not access.value.reads
                and not self.initialises(access)
                and not self.carries_data(access)
            ),
            ends=lambda first, second: first is not None and second.mode in _READS,
            kills=lambda access: access.mode in _WRITES and not keyed(access),
        )
        return [
            Race(RaceKind.SHARED_WRITE, Severity.WARNING, first, second, gap)
            for first, gap, second in self._walk(question)
            if first is not None
        ]

    def _stateful(self) -> list[Race]:
        """An object that keeps a position between calls, used across a suspension."""
        if self.program.knowledge.safety_of(self.accesses[0].obj.type_name).safety != "confined":
            return []
        question = Question(
            begins=lambda access: access.mode is Mode.MUTATE,
            ends=lambda first, second: first is not None and second.mode is Mode.MUTATE,
            kills=lambda access: False,
        )
        verdict = self.program.knowledge.safety_of(self.accesses[0].obj.type_name)
        return [
            Race(RaceKind.UNSAFE_TYPE, Severity.ERROR, second, first, gap, verdict.reasons)
            for first, gap, second in self._walk(question)
        ]

    # ------------------------------------------------------------------ threads

    def anywhere(self) -> list[Race]:
        """Races on a runtime whose threads switch anywhere."""
        return [
            *self._slot_data(),
            *self._unlocked_updates(),
            *self._unsafe_uses(),
            *self._plain_writes(),
            *self._disagreeing_locks(),
        ]

    def _slot_data(self) -> list[Race]:
        races = []
        for store in self.accesses:
            if not self.carries_data(store):
                continue
            seen = next((read for read in self.reads if not protected(store, read)), None)
            if seen is not None:
                races.append(Race(RaceKind.REQUEST_DATA, Severity.ERROR, store, seen))
        return races

    def _unlocked_updates(self) -> list[Race]:
        races = []
        for write in self.accesses:
            if write.mode not in (*_WRITES, Mode.ADD, Mode.MUTATE):
                continue
            made_of = [self.by_id[read] for read in sorted(write.value.reads, key=_read_order) if read in self.by_id]
            tested = [self.by_id[read] for read in sorted(write.guards, key=_read_order) if read in self.by_id]
            if write.mode is not Mode.INIT and write.update or made_of:
                stale = next((read for read in made_of if not protected(read, write)), None)
                if stale is not None and (write.update or not write.value.refs):
                    races.append(Race(RaceKind.LOST_UPDATE, self._update_severity(write), write, stale))
                    continue
            if write.value.constant and not tested:
                continue
            unsafe_test = [read for read in tested if not protected(read, write)]
            checked_again = any(protected(read, write) for read in tested)
            if unsafe_test and not write.value.constant:
                if not checked_again:
                    races.append(Race(RaceKind.LAZY_INIT, self._lazy(write), write, unsafe_test[0]))
                elif not self._volatile(write) and not write.method:
                    reason = "double-checked locking needs a volatile field"
                    races.append(Race(RaceKind.LAZY_INIT, Severity.WARNING, write, unsafe_test[0], None, (reason,)))
        return races

    def _volatile(self, access: Access) -> bool:
        klass = access.obj.klass
        if klass is None:
            return False
        for each in lineage(self.program.machine.modules, klass):
            field = each.fields.get(access.key)
            if field is not None:
                return bool(field.flags & VOLATILE)
        return False

    def _unsafe_uses(self) -> list[Race]:
        obj = self.accesses[0].obj
        if self.accesses[0].key != ELEMENT:
            return []
        type_name = obj.type_name
        verdict = self.program.knowledge.safety_of(type_name)
        if any(entry.locks_itself for entry in self.program.knowledge.lineage(type_name)):
            return [
                Race(RaceKind.UNSAFE_TYPE, Severity.ERROR, access, self._partner(access), None, verdict.reasons)
                for access in self.accesses
                if access.mode is Mode.ITERATE and obj not in self._locks(access)
            ]
        role = self.program.knowledge.role_of(type_name)
        if verdict.safety != "unsafe" or role in _EXCLUSIVE_ROLES or self._locked(self.accesses):
            return []
        remedy = f"Use {verdict.instead}, or make the object anew in each invocation" if verdict.instead else ""
        return [
            Race(
                RaceKind.UNSAFE_TYPE,
                Severity.ERROR,
                access,
                self._partner(access),
                reasons=verdict.reasons,
                remedy=remedy,
            )
            for access in self.accesses
            if access.mode in _CONTENT or (access.mode in _WRITES and obj.kind is Kind.INSTANCE)
        ]

    def _partner(self, access: Access) -> Access | None:
        return next((other for other in self.accesses if other is not access and other.span != access.span), None)

    def _plain_writes(self) -> list[Race]:
        if not self.reads or self._locking():
            return []
        return [
            Race(RaceKind.SHARED_WRITE, self._write_severity(write), write, self.reads[0])
            for write in self.accesses
            if write.mode in _WRITES
            and not write.value.constant
            and not keyed(write)
            and not self._volatile(write)
            and not self.initialises(write)
        ]

    def _write_severity(self, write: Access) -> Severity:
        """A note where every invocation writes the same: things made at load, or settings."""
        value = write.value
        same = value.refs and all(obj.phase is Phase.LOAD for obj, _ in value.refs)
        return Severity.NOTE if same and not self.program.invocation_data(value) else Severity.WARNING

    # ------------------------------------------------------------------ locks

    def _locking(self) -> list[Access]:
        """Accesses under some lock, if only one that keeps nobody out."""
        return [access for access in self.accesses if access.held]

    def _disagreeing_locks(self) -> list[Race]:
        """Writes that no one lock keeps apart from another access, where locks are taken at all."""
        first = self.accesses[0]
        of_library = first.key == ELEMENT and first.obj.kind is Kind.INSTANCE  # judged by its type
        if of_library or not self._locking() or self._locked(self.accesses):
            return []
        anywhere = self.program.runtime.preempts is Preempts.ANYWHERE
        pairs = []
        for write in self.accesses:
            if not write.mode.changes or keyed(write) or self._volatile(write):
                continue
            others = [a for a in self.accesses if (a.mode.changes or anywhere) and not self._common(write, a)]
            if others:
                pairs.append((write, next((other for other in others if other is not write), write)))
        bare = [pair for pair in pairs if not self._locks(pair[0])]
        telling = bare or [pair for pair in pairs if not pair[0].value.constant] or pairs
        return [
            Race(RaceKind.INCONSISTENT_LOCK, Severity.WARNING, write, other if other is not write else None)
            for write, other in telling
        ]

    def _common(self, left: Access, right: Access) -> bool:
        return bool(self._locks(left) & self._locks(right))

    def _locks(self, access: Access) -> frozenset[Obj]:
        """Locks that other invocations take as well: not those made in the request."""
        return frozenset(held.lock for held in access.held if held.shared)

    def _locked(self, accesses: list[Access]) -> bool:
        common = self._locks(accesses[0])
        for access in accesses[1:]:
            common = common & self._locks(access)
        return bool(common)

    def _update_severity(self, write: Access) -> Severity:
        """An error if the value goes anywhere but back into the place or into a log."""
        used = self.program.outcome_reads
        return Severity.ERROR if any(read.read_id in used for read in self.reads) else Severity.WARNING


def keyed(access: Access) -> bool:
    """Whether it goes to an entry of its own, under a computed key."""
    return access.key == ELEMENT and access.index is not None and not access.index.constant


def _stored(access: Access) -> f.Operand:
    """The operand that a store writes."""
    event = access.context.function.facts.events[access.event]
    return event.value if isinstance(event, f.StoreVar | f.Store | f.StoreFree) else f.NOTHING


def _may_be(write: Access, read: Access) -> bool:
    """Whether what is written may be the very value that was read (``x = x || …``): written back, not updated."""
    stored = _stored(write)
    chosen = read.event in stored.sources and set(stored.made_from) <= set(stored.sources)
    return read.context is write.context and chosen


def _keeps_promise(access: Access) -> bool:
    """Whether what is written is the promise of an asynchronous function of the project, not its value."""
    for source in _stored(access).sources:
        made = access.context.function.facts.events[source] if source >= 0 else None
        if isinstance(made, f.Call) and not made.awaited:
            return any(callee.function.has(ASYNC) for callee in access.context.callees.get(source, ()))
    return False


def _read_order(read: ReadId) -> tuple[int, int]:
    return read.context.serial, read.event
