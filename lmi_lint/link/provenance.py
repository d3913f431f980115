"""What a value is made of, walked back from where it is used: through calls, results, parameters and fields.

Evaluation goes forward and keeps of a value what most rules need: its objects, texts, and the invocation's data in it.
Two questions that are asked of few values need more: is it the same whoever makes it, and is it made for one invocation
alone? Both rest on all calls that take part in making it.
"""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.link.choices import deciding
from lmi_lint.link.heap import Gap, Kind, Obj, Phase, ReadId
from lmi_lint.link.limits import LIMITS
from lmi_lint.link.texts import EVERY_INVOCATION

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from lmi_lint.knowledge.model import CallEntry
    from lmi_lint.link.context import Context, Site
    from lmi_lint.link.heap import Val
    from lmi_lint.link.names import FunctionInfo
    from lmi_lint.link.program import Program
    from lmi_lint.link.record import Access, LibraryCall


class Making:
    """What was met on the way back from a value. ``followed``: every way back ended at a constant, at something that
    load made and no request changes, or at a call of a library; ``calls``: those calls."""

    def __init__(self) -> None:
        self.followed = True
        self.calls: dict[LibraryCall, None] = {}


class WalkBack:
    """Walks back from values of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._chosen: dict[tuple[FunctionInfo, int], tuple[f.Source, ...]] = {}

    def same_for_all(self, site: Site, operand: f.Operand) -> bool:
        """Whether the value, and what chooses it, is the same in every invocation: made of settings of the deployment,
        constants and things of load by calls that only compute."""
        made = self._making(site, operand)
        return made.followed and all(map(self._settled, made.calls))

    def one_of_its_kind(self, site: Site, operand: f.Operand) -> bool:
        """Whether something that differs from one call to the next is in the value: a random number, a new id."""
        return any(call.entry is not None and call.entry.unique in EVERY_INVOCATION
                   for call in self._making(site, operand).calls)  # fmt: skip

    def answered_with(self, reads: Collection[ReadId]) -> bool:
        """Whether what is read of a shared place is put into what the request answers with."""
        machine = self._program.machine
        for site in chain.from_iterable(self._stores.values()):
            event = site[0].function.facts.events[site[1]]
            if not isinstance(event, f.Store | f.StoreFree) or self._answers.isdisjoint(self._holders(site[0], event)):
                continue
            if not machine.value(site[0], event.value).reads.isdisjoint(reads):
                return True
        return False

    def handed_back(self, write: Site, operand: f.Operand, read: Site) -> bool:
        """Whether what is written may be the very value that was read, handed on by functions of the project, and is
        not computed from it besides: it is kept as it is, or made anew."""
        as_it_is: set[Site] = set()
        computed: set[Site] = set()
        queue = [(write[0], operand, False)]
        while queue:
            context, value, changed = queue.pop()
            changed |= not set(value.made_from) <= set(value.sources)
            for source in dict.fromkeys(_sources(value)):
                into = computed if changed else as_it_is
                if (context, source) not in into:
                    into.add((context, source))
                    handed = [(*put, into is computed) for put in self._is_handed(context, source)]
                    queue += handed or [(*part, True) for part in _parts(context, source)]
            if len(as_it_is) + len(computed) > LIMITS.makings:
                return False
        return read in as_it_is and read not in computed

    def _is_handed(self, context: Context, source: f.Source) -> list[tuple[Context, f.Operand]]:
        """The operands whose value a source is, unchanged."""
        position = f.param_index(source)
        if position is not None:
            calls = [(caller, caller.function.facts.events[number]) for caller, number in context.callers
                     if caller is not None and caller.serial >= 0]  # fmt: skip
            return [(caller, call.args[position].value) for caller, call in calls
                    if isinstance(call, f.Call) and len(call.args) > position]  # fmt: skip
        if source < 0:
            return []
        event = context.function.facts.events[source]
        if isinstance(event, f.Call):
            callees = context.callees.get(source, ())
            return [(callee, returned) for callee in callees for returned in callee.function.facts.returns]
        if isinstance(event, f.Suspend):
            return [(context, event.value)]
        if isinstance(event, f.Load):
            bases = self._program.machine.value(context, event.base).objects()
            made = frozenset(obj for obj in bases if obj.phase is Phase.REQUEST and obj.kind is Kind.OBJECT)
            return [(at, value) for at, _, value in self._put(event.key, made)] if made else []
        if isinstance(event, f.LoadVar) and event.function != 0:
            return [(at, value) for at, _, value in self._put(event.name, None, context)]
        return []

    @cached_property
    def _answers(self) -> frozenset[Obj]:
        """The objects of the project that responses consist of."""
        heap = self._program.machine.heap
        found: set[Obj] = set()
        frontier = [obj for root in self._program.roots for obj in root.ret.objects()]
        while frontier and len(found) < LIMITS.components:
            obj = frontier.pop()
            if obj in found or obj.phase is Phase.LOAD or obj.kind not in (Kind.OBJECT, Kind.INSTANCE):
                continue
            found.add(obj)
            frontier += [each for key in sorted(heap.keys.get(obj, ())) for each in heap.cells[obj, key].objects()]
        return frozenset(obj for obj in found if obj.kind is Kind.OBJECT)

    def _settled(self, call: LibraryCall) -> bool:
        """Whether a call gives the same wherever it is given the same."""
        if call.new and not (call.entry is not None and call.entry.same):
            return self._never_changes(call.name)
        entry = call.entry or self._of_value(call.context, call.context.function.facts.events[call.event])
        if entry is None or entry.same:
            return entry is not None
        results = [obj for obj in call.result.objects() if obj.kind is Kind.INSTANCE]
        if entry.role == "client.open":
            return bool(results) and all(self._never_changes(obj.type_name) for obj in results)
        if entry.unique or entry.role not in ("", "presence", "log", "process.env.managed", "process.env.unset"):
            return entry.unique == "environment"
        if entry.pure or entry.text or entry.holds or entry.returns in ("receiver", "element"):
            return True
        return entry.returns.startswith("arg") or any(
            self._program.knowledge.is_container(obj.type_name) for obj in results
        )

    def _never_changes(self, type_name: str) -> bool:
        """Whether objects of a library type are safe to share and have nothing that a request could fill."""
        knowledge = self._program.knowledge
        if knowledge.safety_of(type_name).safety not in ("safe", "immutable"):
            return False
        return not any(each.container or each.mutates or each.atomic for each in knowledge.lineage(type_name))

    # ------------------------------------------------------------------ the walk

    def _making(self, site: Site, operand: f.Operand) -> Making:
        """``site``: where the operand is used; what decides between that and something else is walked back as well."""
        made = Making()
        context, event = site
        queue = [(context, source) for source in _sources(operand)]
        queue += self._choosing(context, event)
        made.followed = not _chosen_constant(operand)
        seen = set(queue)
        while queue:
            if len(seen) > LIMITS.makings:
                made.followed = False
                break
            for step in self._before(*queue.pop(), made):
                if step not in seen:
                    seen.add(step)
                    queue.append(step)
        return made

    def _before(self, context: Context, source: f.Source, made: Making) -> list[Site]:
        """What a source is made of in turn."""
        if source == f.THIS:
            made.followed &= all(obj.phase is Phase.LOAD for obj in context.this.objects())
            return []
        position = f.param_index(source)
        if position is not None:
            return self._given(context, position, made)
        event = context.function.facts.events[source]
        guards = self._choosing(context, source)
        if isinstance(event, f.Call):
            return guards + self._called(context, source, event, made)
        if isinstance(event, f.Load | f.LoadFree | f.LoadVar):
            return guards + self._read(context, source, event, made)
        if isinstance(event, f.MakeDisplay):
            return guards + [(context, each) for item in event.items for each in _sources(item.value)]
        if isinstance(event, f.Element):
            return guards + _all_of(context, event.base)
        if isinstance(event, f.Suspend):
            return guards + _all_of(context, event.value)
        made.followed &= isinstance(event, f.MakeClosure)
        return guards

    def _given(self, context: Context, position: int, made: Making) -> list[Site]:
        """What callers give for a parameter; a library gives the functions that it runs what it holds."""
        found: list[Site] = []
        for caller, number in context.callers:
            event = caller.function.facts.events[number] if caller is not None and caller.serial >= 0 else None
            if caller is None or not isinstance(event, f.Call):
                made.followed = False
            elif self._program.index.at.get((caller, number)):
                found += [] if event.receiver is None else _all_of(caller, event.receiver)
                found += [step for arg in event.args for step in _all_of(caller, arg.value)]
            elif len(event.args) > position and not any(arg.spread or arg.name for arg in event.args):
                found += _all_of(caller, event.args[position].value)
                made.followed &= not _chosen_constant(event.args[position].value)
            else:
                made.followed = False
        return found

    def _called(self, context: Context, number: int, event: f.Call, made: Making) -> list[Site]:
        library = self._program.index.at.get((context, number), [])
        callees = list(context.callees.get(number, ()))
        made.calls.update(dict.fromkeys(library))
        found: list[Site] = []
        for callee in callees:
            for returned in callee.function.facts.returns:
                found += _all_of(callee, returned)
                made.followed &= not _chosen_constant(returned)
        if callees and not library:
            return found + self._built(context, number, event, made) if event.new else found
        made.followed &= bool(library) or self._of_value(context, event) is not None
        found += [step for arg in event.args for step in _all_of(context, arg.value)]
        if event.receiver is not None and not self._is_name(context, event.receiver):
            found += _all_of(context, event.receiver)
        receivers = [obj for call in library for obj in call.receiver.objects() if obj.phase is Phase.REQUEST]
        for earlier in self._program.index.on(receivers):
            if earlier not in made.calls:
                found.append((earlier.context, earlier.event))
        if event.new:  # what is put into it later
            mine = frozenset(obj for call in library for obj in call.result.objects() if obj.phase is Phase.REQUEST)
            keys = {key: None for obj in mine for key in sorted(self._program.machine.heap.keys.get(obj, ()))}
            found += [step for key in keys for step in self._stored(key, mine, made)]
        return found

    def _built(self, context: Context, number: int, event: f.Call, made: Making) -> list[Site]:
        """What an object of the project is made of, which nothing changes once others see it."""
        mine = frozenset(context.results[number].objects())
        own = (obj.kind is Kind.OBJECT and obj.phase is Phase.REQUEST for obj in mine)
        made.followed &= bool(mine) and all(own) and mine.isdisjoint(self._program.written_objects)
        keys = {key: None for obj in mine for key in sorted(self._program.machine.heap.keys.get(obj, ()))}
        found = [step for arg in event.args for step in _all_of(context, arg.value)]
        return found + [step for key in keys for step in self._stored(key, mine, made)]

    def _of_value(self, context: Context, event: f.Event) -> CallEntry | None:
        """What is known of a method that values of the language have, such as one of a text."""
        if not isinstance(event, f.Call) or event.receiver is None:
            return None
        names = [f"{name}.{event.method}" for name in context.function.module.rules.value_types()]
        found = [self._program.knowledge.call_entry(name, len(event.args), None) for name in names]
        return next((entry for entry in found if entry is not None and not entry.role), None)

    def _is_name(self, context: Context, operand: f.Operand) -> bool:
        """Whether it is something outside the project by its name, as a library's class is."""
        objects = self._program.machine.value(context, operand).objects()
        return bool(objects) and all(obj.kind is Kind.NAME for obj in objects)

    def _read(self, context: Context, number: int, event: f.Load | f.LoadFree | f.LoadVar, made: Making) -> list[Site]:
        value = context.results[number]
        if value.constant or _of_settings(value):
            made.followed &= len(value.texts) < 2  # one of several, as it was put there
            return []
        read = self._program.reads_by_id.get(ReadId(context, number))
        written = self._program.writes_by_place.get(read.place, ()) if read is not None else ()
        if written:
            return self._shared(written, made)
        if isinstance(event, f.Load):
            bases = self._program.machine.value(context, event.base).objects()
            index = _all_of(context, event.index) if event.index is not None else []
            if not bases or any(obj.kind in (Kind.INSTANCE, Kind.NAME) for obj in bases):
                made.followed &= not any(obj.kind is Kind.NAME for obj in bases)
                return index + _all_of(context, event.base)
            if all(obj.phase is Phase.LOAD for obj in bases):
                return index
            return index + (self._stored(event.key, frozenset(bases), made) or _all_of(context, event.base))
        if isinstance(event, f.LoadVar):
            own = event.function != 0
            return self._stored(event.name, None, made, context) if own else []
        mine = frozenset(obj for obj in context.this.objects() if obj.phase is Phase.REQUEST)
        return self._stored(event.name, mine, made) if mine and self._stores.get(event.name) else []

    def _shared(self, writes: Sequence[Access], made: Making) -> list[Site]:
        """What requests put into a place that they share, if it is all one."""
        sites = {(write.context.function, write.event) for write in writes}
        made.followed &= len(sites) == 1 and not any(write.method or write.update for write in writes)
        found: list[Site] = []
        for write in writes if made.followed else ():
            event = write.context.function.facts.events[write.event]
            if isinstance(event, f.Store | f.StoreFree | f.StoreVar):
                made.followed &= not _chosen_constant(event.value)
                found += _all_of(write.context, event.value) + self._choosing(write.context, write.event)
        return found

    def _stored(
        self, name: str, objects: frozenset[Obj] | None, made: Making, near: Context | None = None
    ) -> list[Site]:
        """What is put into a field of some objects, or into a variable of the functions of a file."""
        found: list[Site] = []
        for context, number, value in self._put(name, objects, near):
            made.followed &= not _chosen_constant(value)
            found += _all_of(context, value)
            found += self._choosing(context, number)
        return found

    def _put(
        self, name: str, objects: frozenset[Obj] | None, near: Context | None = None
    ) -> Iterator[tuple[Context, int, f.Operand]]:
        """The events that put something there, with what they put."""
        for context, number in self._stores.get(name, ()):
            event = context.function.facts.events[number]
            if isinstance(event, f.MakeDisplay):
                if objects is not None and not objects.isdisjoint(context.results[number].objects()):
                    yield from ((context, number, item.value) for item in event.items if item.key == name)
                continue
            if not isinstance(event, f.Store | f.StoreFree | f.StoreVar):
                continue
            if objects is not None and objects.isdisjoint(self._holders(context, event)):
                continue
            if near is not None and context.function.module is not near.function.module:
                continue
            yield context, number, event.value

    def _choosing(self, context: Context, event: int) -> list[Site]:
        """The tests that choose the way on which an event lies."""
        key = context.function, event
        if key not in self._chosen:
            self._chosen[key] = deciding(context.function.facts, event)
        return [(context, test) for test in self._chosen[key]]

    def _holders(self, context: Context, event: f.Store | f.StoreFree | f.StoreVar) -> list[Obj]:
        base = self._program.machine.value(context, event.base) if isinstance(event, f.Store) else context.this
        return base.objects()

    @cached_property
    def _stores(self) -> dict[str, list[Site]]:
        """The stores of the request path by the name that they write, and the displays by their keys."""
        found: dict[str, list[Site]] = {}
        for context in self._program.request_contexts:
            for number, event in enumerate(context.function.facts.events):
                if isinstance(event, f.Store | f.StoreFree | f.StoreVar):
                    name = event.key if isinstance(event, f.Store) else event.name
                    found.setdefault(name, []).append((context, number))
                elif isinstance(event, f.MakeDisplay):
                    for name in dict.fromkeys(item.key for item in event.items):
                        found.setdefault(name, []).append((context, number))
        return found


def _parts(context: Context, source: f.Source) -> list[tuple[Context, f.Operand]]:
    """The operands that a source is a part of, is computed from, or holds."""
    event = context.function.facts.events[source] if source >= 0 else None
    if isinstance(event, f.Call) and not context.callees.get(source):
        return [(context, each) for each in (event.receiver, *(arg.value for arg in event.args)) if each is not None]
    if isinstance(event, f.MakeDisplay):
        return [(context, item.value) for item in event.items]
    return [(context, event.base)] if isinstance(event, f.Load | f.Element) else []


def _sources(operand: f.Operand) -> list[f.Source]:
    holes = [source for text in operand.texts for part in text if isinstance(part, f.Hole) for source in part.sources]
    return [*operand.sources, *operand.made_from, *holes]


def _all_of(context: Context, operand: f.Operand) -> list[Site]:
    return [(context, source) for source in _sources(operand)]


def _chosen_constant(operand: f.Operand) -> bool:
    """Whether it is one of several constants, by a choice of which nothing is known here; or made of nothing that is
    known."""
    literal = [text for text in operand.texts if all(isinstance(part, str) for part in text)]
    return len(literal) > 1 or not (operand.constant or _sources(operand) or literal)


def _of_settings(value: Val) -> bool:
    """Whether it is a text of settings and constants."""
    parts = [part for text in value.texts for part in text]
    settled = all(isinstance(part, str) or _is_settled(part) for part in parts)
    named = all(obj.kind is Kind.NAME for obj, _ in value.refs)
    return bool(parts) and settled and named and not value.data


def _is_settled(gap: Gap) -> bool:
    return gap.kind == "setting" or gap.reach == "environment"
