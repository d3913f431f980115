"""Races on runtimes that switch between invocations at suspensions: one lies between two accesses of an invocation."""

from __future__ import annotations

from lmi_lint.facts import model as f
from lmi_lint.link.heap import Kind, Obj, Phase
from lmi_lint.link.interleave import Match, Question, Token, Walker
from lmi_lint.link.judge import READS, WRITES, Judge, keyed, stored
from lmi_lint.link.names import ASYNC
from lmi_lint.link.races import Race, RaceKind
from lmi_lint.link.record import Access, Mode
from lmi_lint.model.finding import Severity


class SuspensionJudge(Judge):
    """The judgement of one place where only a suspension lets another invocation run."""

    def races(self) -> list[Race]:
        """Races on a runtime that switches at suspensions."""
        return [
            *self._kept_data(),
            *self._stale(),
            *self._rejections(),
            *self._read_back(),
            *self._stateful(),
            *self.disagreeing_locks(),
        ]

    def _walk(self, question: Question, *, from_start: bool = False, beside: list[Access] | None = None) -> list[Match]:
        """``beside``: accesses to other places that the question asks about as well."""
        walker = Walker([*self.accesses, *(beside or ())], question, self.program.suspending)
        start = frozenset({Token(None, None)}) if from_start else frozenset()
        return walker.run(self.program.roots, start)

    def _kept_data(self) -> list[Race]:
        stores = [access for access in self.accesses if self.carries_data(access)]
        if not stores or not self.program.suspending:
            return []
        obj = self.accesses[0].obj
        renewed = self._renewals(obj)
        question = Question(
            begins=lambda access: access.obj is obj and self.carries_data(access),
            ends=lambda first, second: second.obj is obj and second.mode in READS and self.sees(second),
            kills=lambda access: access.mode in WRITES and not keyed(access),
        )
        races = []
        for first, gap, second in self._walk(question, from_start=True, beside=renewed):
            store = first if first is not None else self._store_seen_by(stores, second)
            races.append(Race(RaceKind.REQUEST_DATA, Severity.ERROR, store, second, gap))
        return races

    def _renewals(self, obj: Obj) -> list[Access]:
        """The stores that put a new object where others find it: what is read after them is the invocation's own, as
        long as nothing suspends it."""
        if obj.phase is not Phase.REQUEST or obj.kind is not Kind.OBJECT:
            return []
        return [
            access
            for access in self.program.accesses
            if access.mode is Mode.WRITE
            and not keyed(access)
            and access.obj is not obj
            and obj in access.value.objects()
        ]

    def _store_seen_by(self, stores: list[Access], read: Access) -> Access:
        same = [store for store in stores if store.context.function is read.context.function]
        return (same or stores)[0]

    def _stale(self) -> list[Race]:
        """Read, suspension, then a write that rests on the read."""

        def ends(first: Access | None, second: Access) -> bool:
            if first is None or second.mode not in (*WRITES, Mode.ADD, Mode.MUTATE):
                return False
            if self.depends_on(second, first):
                return not second.value.constant
            return self.guarded_by(second, first) and not second.value.constant

        question = Question(begins=lambda access: access.mode in READS, ends=ends, kills=lambda access: False)
        races = []
        for first, gap, second in self._walk(question):
            if first is None:
                continue
            computed = second.update or not (second.value.refs or self._may_be(second, first))
            if self.depends_on(second, first) and second.mode is Mode.WRITE and computed:
                races.append(Race(RaceKind.LOST_UPDATE, self.update_severity(), second, first, gap))
            elif second.mode in WRITES or not keyed(second):
                races.append(Race(RaceKind.LAZY_INIT, self.initialisation_severity(second), second, first, gap))
            else:
                races.append(Race(RaceKind.LAZY_INIT, Severity.NOTE, second, first, gap))
        return self._without_written_back(races)

    def _without_written_back(self, races: list[Race]) -> list[Race]:
        """Without initialisations that only write back what another one has put there: one place, one race."""
        lazy = [race for race in races if race.kind is RaceKind.LAZY_INIT]
        made = {obj for race in lazy if not self._from_place(race.access) for obj in race.access.value.objects()}
        back = [race for race in lazy if self._from_place(race.access) and made.issuperset(_kept(race.access))]
        return [race for race in races if race not in back]

    def _from_place(self, write: Access) -> bool:
        """Whether what is written was read from the place itself."""
        return any(read in self.by_id for read in write.value.reads)

    def _may_be(self, write: Access, read: Access) -> bool:
        """Whether what is written may be the very value that was read (``x = x || …``): written back, not updated."""
        value = stored(write)
        chosen = read.event in value.sources and set(value.made_from) <= set(value.sources)
        if read.context is write.context and chosen:
            return True
        return self.program.provenance.handed_back((write.context, write.event), value, (read.context, read.event))

    def _rejections(self) -> list[Race]:
        """A promise kept for all invocations that nothing forgets again when it is rejected."""
        if any(access.value.null or access.mode is Mode.DELETE for access in self.accesses if access.mode.changes):
            return []
        message = "{place} keeps a promise for all invocations; if it is rejected, it stays rejected"
        return [
            Race(RaceKind.LAZY_INIT, Severity.NOTE, access, message=message)
            for access in self.accesses
            if access.mode in WRITES and not keyed(access) and self._tested(access) and _keeps_promise(access)
        ]

    def _tested(self, access: Access) -> bool:
        """Whether the write depends on a look at the same place."""
        return access.mode is Mode.INIT or any(read in self.by_id for read in access.guards)

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
            ends=lambda first, second: first is not None and second.mode in READS,
            kills=lambda access: access.mode in WRITES and not keyed(access),
        )
        return [
            self.plain_write(first, second, gap) for first, gap, second in self._walk(question) if first is not None
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


def _kept(write: Access) -> frozenset[Obj | None]:
    """The objects written; None stands for a value that is none of those known."""
    return frozenset(write.value.objects()) or frozenset({None})


def _keeps_promise(access: Access) -> bool:
    """Whether what is written is the promise of an asynchronous function of the project, not its value."""
    for source in stored(access).sources:
        made = access.context.function.facts.events[source] if source >= 0 else None
        if isinstance(made, f.Call) and not made.awaited:
            return any(callee.function.has(ASYNC) for callee in access.context.callees.get(source, ()))
    return False
