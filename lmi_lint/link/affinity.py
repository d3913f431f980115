"""State that belongs to a thread or to an asynchronous flow: where it is left behind, missed, or one for all.

What holds it is knowledge (``[[context]]``) or a field that each thread has of its own. Four ways to go wrong: what an
invocation puts there and nothing takes out is there for the next one on that thread; another thread has none of it;
after a suspension the code may go on in another thread; a flow that holds one object for all keeps nobody apart.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from lmi_lint.facts import model as f
from lmi_lint.link.cells import of_thread
from lmi_lint.link.heap import Gap, Kind, Obj, Phase, Val, is_shared, name_of
from lmi_lint.link.interleave import Question, Walker
from lmi_lint.link.names import INITIALIZER, STATIC
from lmi_lint.link.record import Access, LibraryCall, Mode
from lmi_lint.link.texts import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lmi_lint.knowledge.model import ContextEntry
    from lmi_lint.link.context import Context, Site
    from lmi_lint.link.program import Program

_OF_INVOCATION = frozenset(("call", "request"))


class Use(NamedTuple):
    """A call that a context knows. ``holders``: the objects that it is made on; ``method``: its name there."""

    call: LibraryCall
    entry: ContextEntry
    method: str
    holders: frozenset[Obj]

    @property
    def name(self) -> str:
        """What holds it, for people: the variable, or the library's name for it."""
        named = [name_of(obj) for obj in self.call.receiver.objects() if obj.kind is Kind.INSTANCE]
        return named[0] if named and named[0] else self.entry.type.rpartition(".")[2]


class Affinity:
    """How one program treats what belongs to threads and flows."""

    def __init__(self, program: Program) -> None:
        self._program = program
        names = [name for name in program.index.names if program.knowledge.context(name.rpartition(".")[0]) is not None]
        self._uses = [use for call in program.index.named(names) if (use := self._use(call)) is not None]

    def _use(self, call: LibraryCall) -> Use | None:
        owner, _, method = call.name.rpartition(".")
        entry = self._program.knowledge.context(owner) if call.phase is Phase.REQUEST else None
        return Use(call, entry, method, frozenset(call.receiver.objects())) if entry is not None else None

    # ------------------------------------------------------------------ threads

    def left(self) -> Iterator[Use]:
        """What an invocation puts into its thread and nothing takes out: one for each key and function."""
        told: set[object] = set()
        for use in self._uses:
            puts = use.method in (*use.entry.sets, *use.entry.closing) and use.call.context in self._program.invoked
            if not (puts and use.entry.stays and any(map(self._of_invocation, use.call.args))):
                continue
            place = use.holders, _key(use), use.call.context.function
            if place not in told and not self._taken_out(use):
                told.add(place)
                yield use

    def _of_invocation(self, value: Val) -> bool:
        gaps = [part for text in value.texts for part in text if isinstance(part, Gap)]
        if any(gap.kind == "unique" and gap.reach in _OF_INVOCATION for gap in gaps):
            return True
        if self._program.invocation_data(value):
            return True
        heap = self._program.machine.heap
        own = [obj for obj, shared in value.refs if obj.klass is not None and not shared and obj.phase is Phase.REQUEST]
        return any(heap.cells[obj, key].data for obj in own for key in heap.keys.get(obj, ()))

    def _taken_out(self, put: Use) -> bool:
        if put.entry.cleared_by and any(_clears(root, put.entry.cleared_by) for root in self._program.roots):
            return True
        if put.method in put.entry.closing and self._is_closed(put.call):
            return True
        return any(self._takes_out(use, put) for use in self._uses)

    def _takes_out(self, use: Use, put: Use) -> bool:
        if use.method not in use.entry.clears or use.entry.type != put.entry.type:
            return False
        same = not use.holders or not put.holders or bool(use.holders & put.holders)
        key, known = _key(use), _key(put)
        return same and (key is None or known is None or key == known)

    def _is_closed(self, call: LibraryCall) -> bool:
        facts = call.context.function.facts
        if any(call.event in region.resource.sources for region in facts.regions):
            return True
        return any(each is not call for each in self._program.index.on(call.result.objects()))

    def missed(self) -> Iterator[Use]:
        """Reads in another thread than the one that has the value."""
        surely = self._program.invoked_surely
        for use in self._uses:
            if use.method not in use.entry.reads or use.entry.of != "thread" or use.call.context in surely:
                continue
            around = [each for each in self._uses if each.entry.type == use.entry.type]
            puts = [each for each in around if each.method in (*each.entry.sets, *each.entry.closing)]
            puts = [each for each in puts if not use.holders or use.holders & each.holders]
            handed_on = any(each.call.context not in surely for each in puts)
            if not handed_on and not use.entry.inherited and (use.entry.filled or puts):
                yield use

    def crossing(self) -> Iterator[tuple[Access, Access, Site | None]]:
        """What is put into a thread before a suspension and read after it: the write, the read, what lies between."""
        for accesses in self._of_threads:
            asked = {access for access in accesses if self._asks_first(access, accesses)}
            question = _crossing(frozenset(asked))
            for found in Walker(accesses, question, self._program.suspending).run(self._program.roots):
                if found.first is not None:
                    yield found.first, found.second, found.gap

    def _asks_first(self, access: Access, accesses: list[Access]) -> bool:
        """Whether it looks if this thread has an object yet, which is made if not: ``t_random ??= new Random()``."""
        return not access.mode.changes and any(
            fill.context is access.context
            and fill.mode in (Mode.WRITE, Mode.INIT)
            and access.event in fill.context.function.facts.events[fill.event].guards
            and not self._of_invocation(fill.value)
            for fill in accesses
        )

    @cached_property
    def _of_threads(self) -> list[list[Access]]:
        """The accesses to each place of which every thread has its own."""
        groups: dict[tuple[Obj, str], list[Access]] = {}
        for access in self._program.accesses:
            entry = self._program.knowledge.context(access.obj.type_name)
            local = entry is not None and entry.of == "thread" and access.obj.kind is Kind.INSTANCE
            if local or of_thread(access.obj, access.key):
                groups.setdefault(access.place, []).append(structs.replace(access, held=frozenset()))
        return list(groups.values())

    def made_by_one_thread(self) -> Iterator[Access]:
        """Reads of a field of each thread that only an initialiser fills: the thread that ran it has the value."""
        for accesses in self._of_threads:
            first = accesses[0]
            filled = any(access.mode.changes for access in accesses)
            if of_thread(first.obj, first.key) and not filled and self._has_initialiser(first):
                yield first

    def _has_initialiser(self, access: Access) -> bool:
        klass = access.obj.klass
        if klass is None:
            return False
        functions = [klass.module.functions[index] for index in klass.facts.methods]
        starts = [each for each in functions if each.has(INITIALIZER) and each.has(STATIC)]
        events = [event for each in starts for event in each.facts.events]
        return any(_stores(event, access.key) for event in events)

    # ------------------------------------------------------------------ flows

    def leaking(self) -> Iterator[Use]:
        """Stores that are set for whatever runs next, not for a function alone."""
        leaks = [use for use in self._uses if use.method in use.entry.leaks]
        free = self._outside_scopes() if leaks else frozenset()
        yield from (use for use in leaks if use.call.context in free)

    def _outside_scopes(self) -> frozenset[Context]:
        """The evaluations that an invocation reaches without a function that a store is set for."""
        scopes = {(u.call.context, u.call.event) for u in self._uses if u.method in u.entry.scopes}
        seen = dict.fromkeys(self._program.roots)
        frontier = list(seen)
        for context in frontier:
            for table in (context.callees, context.deferred):
                for event, called in table.items():
                    fresh = [each for each in called if each not in seen] if (context, event) not in scopes else []
                    seen.update(dict.fromkeys(fresh))
                    frontier.extend(fresh)
        return frozenset(seen)

    def one_for_all(self) -> Iterator[tuple[Access, Obj]]:
        """Objects that requests change and that a flow is given as its own, though it is one for all."""
        changed = {place[0] for place in self._program.machine.request_written}
        for access in self._program.accesses:
            entry = self._program.knowledge.context(access.obj.type_name)
            if entry is None or entry.of != "flow" or access.mode is not Mode.WRITE:
                continue
            for ref in access.value.each():
                if is_shared(ref) and ref[0] in changed and ref[0].kind in (Kind.OBJECT, Kind.INSTANCE):
                    yield access, ref[0]
                    break


def _key(use: Use) -> str | None:
    """The key of what is put or taken out, where there is one and it is known."""
    return literal(use.call.args[0]) if use.entry.keyed and use.call.args else None


def _clears(root: Context, annotation: str) -> bool:
    """Whether an annotation of the handler, with an option that is on, takes everything out at its end."""
    name, _, option = annotation.rpartition(".")
    for note in root.function.facts.annotations:
        given = dict(zip(note.names, note.args, strict=False))
        if note.name.rpartition(".")[2] == name.rpartition(".")[2] and given.get(option) == "true":
            return True
    return False


def _stores(event: f.Event, key: str) -> bool:
    """Whether an event gives a field something other than null."""
    if isinstance(event, f.Store):
        return event.key == key and not (event.value.constant and event.value.const is None)
    if isinstance(event, f.StoreFree):
        return event.name == key and not (event.value.constant and event.value.const is None)
    return False


def _crossing(asked: frozenset[Access]) -> Question:
    """What is put in and then read; ``asked``: looks after which this thread has an object of its own."""
    return Question(
        begins=lambda access: access.mode in (Mode.WRITE, Mode.INIT) and not access.value.null,
        ends=lambda first, second: first is not None and second.mode in (Mode.READ, Mode.LOOK) and second not in asked,
        kills=lambda access: access.mode is Mode.WRITE or access in asked,
    )
