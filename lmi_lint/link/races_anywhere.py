"""Races on runtimes whose threads switch anywhere: two accesses that no one lock covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.facts.model import ELEMENT
from lmi_lint.link.choices import chosen_by_data
from lmi_lint.link.heap import Kind, Phase, ReadId
from lmi_lint.link.interleave import protected
from lmi_lint.link.judge import EXCLUSIVE_ROLES, WRITES, Judge, keyed
from lmi_lint.link.races import Race, RaceKind
from lmi_lint.link.record import Access, Mode
from lmi_lint.model.finding import Severity

if TYPE_CHECKING:
    from lmi_lint.link.context import Context

_CONTENT = (Mode.ADD, Mode.MUTATE, Mode.REMOVE, Mode.ATOMIC)


class ThreadJudge(Judge):
    """The judgement of one place where threads run side by side."""

    def races(self) -> list[Race]:
        """Races on a runtime whose threads switch anywhere."""
        return [
            *self._slot_data(),
            *self._unlocked_updates(),
            *self._unsafe_uses(),
            *self._plain_writes(),
            *self.disagreeing_locks(),
        ]

    def _slot_data(self) -> list[Race]:
        races = []
        for store in self.accesses:
            if not self.carries_data(store):
                continue
            seen = next((read for read in self.reads if self.sees(read) and not protected(store, read)), None)
            if seen is not None or self._written_out(store):
                races.append(Race(RaceKind.REQUEST_DATA, Severity.ERROR, store, seen))
        return races

    def _written_out(self, store: Access) -> bool:
        """Whether a request has the object of a field turned into a text, with all that its fields hold."""
        if store.obj.klass is None or store.held:
            return False
        calls = (call for call in self.program.index.known if call.entry is not None and call.entry.same)
        return any(store.obj in arg.objects() for call in calls for arg in call.args)

    def _unlocked_updates(self) -> list[Race]:
        races = []
        for write in self.accesses:
            if write.mode not in (*WRITES, Mode.ADD, Mode.MUTATE):
                continue
            made_of = [self.by_id[read] for read in sorted(write.value.reads, key=_read_order) if read in self.by_id]
            own = [read for read in made_of if read.context is write.context]
            if write.update and own:
                made_of = own  # others have been written back since, and are in what this one found
            tested = [self.by_id[read] for read in sorted(write.guards, key=_read_order) if read in self.by_id]
            if (write.mode is not Mode.INIT and write.update) or made_of:
                stale = next((read for read in made_of if not protected(read, write)), None)
                if stale is not None and (write.update or self._replaces(write)):
                    races.append(Race(RaceKind.LOST_UPDATE, self.update_severity(), write, stale))
                    continue
                if write.update and made_of and stale is None:
                    continue  # it counts on from what is there, whatever was seen before
            if write.value.constant and not tested:
                continue
            unsafe_test = [read for read in tested if not protected(read, write)]
            checked_again = any(protected(read, write) for read in tested)
            if unsafe_test and not write.value.constant and not self._there_since_load(write):
                if not checked_again:
                    races.append(self._set_after_test(write, unsafe_test[0]))
                elif not (self.program.runtime.publishes_safely or self.is_volatile(write) or write.method):
                    reason = "double-checked locking needs a volatile field"
                    races.append(Race(RaceKind.LAZY_INIT, Severity.WARNING, write, unsafe_test[0], None, (reason,)))
        return races

    def _there_since_load(self, write: Access) -> bool:
        """Whether load has put an object into the place, no request takes it out, and the write asks for nothing but
        whether there is one."""
        if keyed(write) or not self._made_at_load(write):
            return False
        changes = [access for access in self.accesses if access.mode.changes]
        if any(access.mode is Mode.DELETE or (access.value.null and not access.value.refs) for access in changes):
            return False
        context = write.context
        asked = [source for source in context.function.facts.events[write.event].guards if source >= 0]
        about = [source for source in asked if any(read in self.by_id for read in context.results[source].reads)]
        presence = all(self._asks_for_presence(context, source) for source in about)
        return bool(about) and presence and not self._looks_inside(write)

    def _asks_for_presence(self, context: Context, source: int) -> bool:
        """Whether a test is of what was read itself, not of something that it is asked for."""
        if any(read.context is context and read.event == source for read in self.reads):
            return True
        call = self.program.call_at((context, source))
        return call is not None and call.role == "presence"

    def _looks_inside(self, write: Access) -> bool:
        """Whether what decides on the write is asked of what the place holds, by a method or a field."""
        events = write.context.function.facts.events
        asked = [events[source] for source in events[write.event].guards if source >= 0]
        bases = [event.receiver for event in asked if isinstance(event, f.Call) and event.receiver is not None]
        bases += [event.base for event in asked if isinstance(event, f.Load)]
        held = {read.event for read in self.reads if read.context is write.context}
        return any(held.intersection(base.sources) for base in bases)

    def _made_at_load(self, write: Access) -> bool:
        cell = self.program.machine.heap.cells.get(write.place)
        return cell is not None and any(obj.phase is Phase.LOAD for obj in cell.objects())

    def _set_after_test(self, write: Access, test: Access) -> Race:
        """A lazy initialisation; where load has made an object for the place, another one takes its place."""
        severity = self.initialisation_severity(write)
        if write.mode is Mode.INIT or keyed(write) or not self._made_at_load(write):
            return Race(RaceKind.LAZY_INIT, severity, write, test)
        message = "{place} is looked at and replaced in two steps; concurrent invocations can each replace it"
        remedy = "Look at it and replace it under one lock"
        return Race(RaceKind.LAZY_INIT, severity, write, test, message=message, remedy=remedy)

    def _replaces(self, write: Access) -> bool:
        """Whether what is made of the old value takes its place: a scalar, or a collection that never changes."""
        safety_of = self.program.knowledge.safety_of
        return all(safety_of(obj.type_name).safety == "immutable" for obj, _ in write.value.refs)

    def _unsafe_uses(self) -> list[Race]:
        obj, key = self.accesses[0].place
        if (key != ELEMENT and obj.kind is not Kind.INSTANCE and obj.klass is None) or self.declared:
            return []
        type_name = self.program.type_of(obj)
        verdict = self.program.knowledge.safety_of(type_name)
        if any(entry.locks_itself for entry in self.program.knowledge.lineage(type_name)):
            return [
                Race(RaceKind.UNSAFE_TYPE, Severity.ERROR, access, self._partner(access), None, verdict.reasons)
                for access in self.accesses
                if access.mode is Mode.ITERATE and obj not in self.locks(access)
            ]
        role = self.program.knowledge.role_of(type_name)
        if verdict.safety != "unsafe" or role in EXCLUSIVE_ROLES or self.locked():
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
            if access.mode in _CONTENT or (access.mode in WRITES and (obj.kind is Kind.INSTANCE or obj.klass))
        ]

    def _partner(self, access: Access) -> Access | None:
        return next((other for other in self.accesses if other is not access and other.span != access.span), None)

    def _plain_writes(self) -> list[Race]:
        if not self.reads or self.locking():
            return []
        return [
            self.plain_write(write, self.reads[0])
            for write in self.accesses
            if write.mode in WRITES
            and not keyed(write)
            and not self.is_volatile(write)
            and not self.initialises(write)
            and (not write.value.constant or chosen_by_data(self.program, write, self.accesses))
        ]


def _read_order(read: ReadId) -> tuple[int, int]:
    return read.context.serial, read.event
