"""Collections that live as long as the environment, that invocations add to and that nothing is taken out of.

What may take something out counts as taking out: a removal, a replacement, a look at the size that decides something,
on the request path or by what load left running; a function of which nothing is known. A list grows by each addition;
a map or a set by each new key, so what its keys are made of decides.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import structs

from lmi_lint.facts import model as f
from lmi_lint.facts.model import ELEMENT
from lmi_lint.link.closures import KEPT
from lmi_lint.link.heap import Gap, Kind, Obj, ReadId, Val, of
from lmi_lint.link.names import ENUM, ClassInfo, lineage
from lmi_lint.link.races import Race, RaceKind
from lmi_lint.link.record import Access, Mode
from lmi_lint.link.uses import Uses
from lmi_lint.model.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lmi_lint.link.context import Context
    from lmi_lint.link.program import Program

_HOLDERS = 4
_LOADS = (f.Load, f.LoadFree)
_FOLLOWED = 8  # steps from a key back to where it comes from
_EVERY_INVOCATION = frozenset(("call", "request", "second"))
_APPENDED = "{place} is added to in every invocation, and nothing is ever taken out"
_OF_ONE_KEPT = "{place} gets an entry of its own for every invocation, and nothing is ever taken out"
_KEYED = "{place} keeps an entry for every {what} that ever comes, and nothing is ever taken out"
_NEVER = "nothing is ever taken out"
_NOT_CALLED = "nothing that runs in an invocation, as far as is seen, takes any out"
_REMEDY = "Use a cache with a limit of size or age, or take out what is done with"


class Growth:
    """The growing collections of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._knowledge = program.knowledge

    def races(self, accesses: list[Access]) -> list[Race]:
        """The additions to one place, if it is a collection that only grows."""
        obj, key = accesses[0].place
        # What no place of the project holds belongs to a library.
        of_library = obj.home is None or (obj.home[0].kind is Kind.INSTANCE and obj.home[1] != ELEMENT)
        if key != ELEMENT or of_library or any(map(self._bounds_itself, (obj, *self._wrapped(obj)))):
            return []
        found = [race for access in accesses if self._adds(access) and (race := self._race(access)) is not None]
        if not found or self._shrinks(obj):
            return []
        return [_milder(race) for race in found] if self._taken_out_elsewhere(obj) else found

    def _bounds_itself(self, obj: Obj) -> bool:
        """Whether it lets go of entries, as far as one can tell: a class of the project may."""
        return obj.klass is not None or self._knowledge.is_bounded(obj.type_name)

    def _wrapped(self, obj: Obj) -> list[Obj]:
        """What a library made the collection around: ``synchronizedMap(new WeakHashMap())``."""
        kept = self._program.machine.heap.cells.get((obj, KEPT))
        return kept.objects() if kept is not None else []

    # ------------------------------------------------------------------ what grows

    def _adds(self, access: Access) -> bool:
        """Whether it puts something into the collection in every invocation that comes this way."""
        if access.context not in self._program.invoked:
            return False
        if not access.method:
            own_entry = access.index is not None and not access.value.null and access.mode in (Mode.WRITE, Mode.INIT)
            return own_entry and not self._is_sequence(access.obj)
        effect = self._knowledge.method_effect(access.obj.type_name, access.method)
        return effect is not None and effect.adds and not effect.removes

    def _is_sequence(self, obj: Obj) -> bool:
        """Whether what is stored by its index takes a place that is there: arrays."""
        effect = self._knowledge.method_effect(obj.type_name, "push")
        return obj.type_name.endswith("[]") or (effect is not None and effect.adds)

    def _race(self, access: Access) -> Race | None:
        key = self._key(access)
        if key is None:
            if self._done_once(access):
                return None
            return Race(RaceKind.GROWTH, Severity.WARNING, access, message=_APPENDED, remedy=_REMEDY)
        if self._is_of_one(access, key):
            return Race(RaceKind.GROWTH, Severity.WARNING, access, message=_OF_ONE_KEPT, remedy=_REMEDY)
        what = self._varies(access, key)
        if not what:
            return None
        message = _KEYED.replace("{what}", what)
        return Race(RaceKind.GROWTH, Severity.NOTE, access, message=message, remedy=_REMEDY)

    def _key(self, access: Access) -> Val | None:
        """What an entry is told from others by; None where each addition is one more."""
        if access.index is not None:
            return access.index
        looked_first = any(read in self._looks(access.obj) for read in access.guards)
        return access.value if looked_first or self._knowledge.is_distinct(access.obj.type_name) else None

    def _is_of_one(self, access: Access, key: Val) -> bool:
        """Whether the key is another one in each invocation."""
        gaps = [part for text in key.texts for part in text if isinstance(part, Gap)]
        if any(gap.kind == "unique" and gap.reach in _EVERY_INVOCATION for gap in gaps):
            return True
        return "unique" in self._values(access, key)

    def _varies(self, access: Access, key: Val) -> str:
        """What of the invocation the key is made of, if it has no end of values; nothing if it may have few."""
        if any(self._is_enum(obj) or self._knowledge.is_few(obj.type_name) for obj in key.objects()):
            return ""
        if self._declares_few(access.obj):
            return ""
        origins = sorted(self._program.invocation_data(key))
        if not origins or "few" in self._values(access, key) or self._enums_of_event & self._words(access, key):
            return ""
        named = {origin[-1] for origin in key.data}
        return named.pop() if len(named) == 1 and all(len(origin) > 1 for origin in key.data) else "key"

    def _values(self, access: Access, key: Val) -> set[str]:
        """Of how many values the key is one, by what it is called."""
        return set(map(self._knowledge.member_values, self._words(access, key)))

    def _words(self, access: Access, key: Val) -> set[str]:
        """What the key is called where it is taken out of the event, and where it is handed on."""
        found = {origin[-1] for origin in self._program.invocation_data(key)}
        context = access.context
        facts = context.function.facts
        event = facts.events[access.event]
        frontier: list[f.Source] = []
        if isinstance(event, f.Store) and event.index is not None:
            frontier += event.index.made_from
        elif isinstance(event, f.Call) and event.args:
            call = self._program.call_at((context, access.event))
            at = int(call.entry.key[3:]) if call is not None and call.entry is not None and call.entry.key else 0
            frontier += event.args[at].value.made_from if at < len(event.args) else ()
        for source in frontier:
            position = f.param_index(source)
            if position is not None and position < len(facts.params):
                found.add(facts.params[position].name)
            made = facts.events[source] if source >= 0 else None
            if isinstance(made, f.Load):
                found.add(made.key)
                frontier += made.base.made_from if len(frontier) < _FOLLOWED else ()
            elif isinstance(made, f.Call):
                found.add(made.method)
                found.update(arg.value.const for arg in made.args if isinstance(arg.value.const, str))
                if made.receiver is not None and len(frontier) < _FOLLOWED:
                    frontier += made.receiver.made_from
        return found

    def _is_enum(self, obj: Obj) -> bool:
        return obj.klass is not None and obj.klass.has(ENUM)

    @cached_property
    def _enums_of_event(self) -> frozenset[str]:
        """The members that are enums, of the classes that handlers declare for their events."""
        modules = self._program.machine.modules
        members = [
            (each, *member)
            for event in self._event_classes()
            for each in lineage(modules, event)
            for member in _members(each)
        ]
        kinds = [(name, each.module.rules.type(modules, each.module, each, written)) for each, name, written in members]
        return frozenset(name for name, kind in kinds if isinstance(kind, ClassInfo) and kind.has(ENUM))

    def _event_classes(self) -> Iterator[ClassInfo]:
        modules = self._program.machine.modules
        for root in self._program.roots:
            function = root.function
            for param, value in zip(function.facts.params, root.args, strict=True):
                if param.type is not None and any(obj.kind is Kind.EVENT for obj in value.objects()):
                    found = function.module.rules.type(modules, function.module, function.scope, param.type)
                    if isinstance(found, ClassInfo):
                        yield found

    def _declares_few(self, obj: Obj) -> bool:
        """Whether the field that holds the collection declares keys of which there are few."""
        if obj.home is None or obj.home[0].klass is None:
            return False
        modules = self._program.machine.modules
        for each in lineage(modules, obj.home[0].klass):
            field = each.fields.get(obj.home[1])
            if field is not None and field.type is not None and field.type.args:
                found = each.module.rules.type(modules, each.module, each, field.type.args[0])
                if isinstance(found, ClassInfo):
                    return found.has(ENUM)
                return self._knowledge.is_few(found)
        return False

    def _done_once(self, access: Access) -> bool:
        """Whether a look at something that requests change decides that it happens: what fills a cache once."""
        return bool(access.guards) or access.context not in self._every_time

    @cached_property
    def _every_time(self) -> frozenset[Context]:
        """The evaluations that an invocation reaches without a function that runs once, or once for each key."""
        once = self._program.lasting.made_once
        seen = {root: None for root in self._program.roots if root not in once}
        frontier = list(seen)
        for context in frontier:
            for table in (context.callees, context.deferred):
                for called in table.values():
                    fresh = [each for each in called if each not in seen and each not in once]
                    seen.update(dict.fromkeys(fresh))
                    frontier.extend(fresh)
        return frozenset(seen)

    def _looks(self, obj: Obj) -> frozenset[ReadId]:
        return frozenset(access.read_id for access in self._all.get(obj, ()) if not access.mode.changes)

    # ------------------------------------------------------------------ what shrinks

    @cached_property
    def _all(self) -> dict[Obj, list[Access]]:
        found: dict[Obj, list[Access]] = {}
        for access in (*self._program.accesses, *self._program.recorder.beside):
            found.setdefault(access.obj, []).append(access)
        return found

    def _shrinks(self, obj: Obj) -> bool:
        return (
            "evaluations" in self._program.cut
            or any(self._takes_out(access) for access in self._all[obj])
            or obj in self._measured
            or obj in self._given_away
            or self._is_replaced(obj)
        )

    def _taken_out_elsewhere(self, obj: Obj) -> bool:
        """Whether a method that was not reached takes something out of the field that holds the collection: what calls
        it may not be seen, as where an aspect or a framework does."""
        if obj.home is None or obj.home[0].klass is None:
            return False
        reached = {context.function for context in self._program.machine.contexts.values()}
        return any(
            self._removes(obj, function.facts.events, event, obj.home[1])
            for each in lineage(self._program.machine.modules, obj.home[0].klass)
            for function in each.module.functions
            if function not in reached and function.scope is each
            for event in function.facts.events
        )

    def _removes(self, obj: Obj, events: tuple[f.Event, ...], event: f.Event, field: str) -> bool:
        """Whether an event calls something on the field's value that takes out of the collection."""
        if not isinstance(event, f.Call) or event.receiver is None:
            return False
        loads = [events[source] for source in event.receiver.sources if source >= 0]
        named = [load.key if isinstance(load, f.Load) else load.name for load in loads if isinstance(load, _LOADS)]
        if field not in named:
            return False
        effect = self._knowledge.method_effect(obj.type_name, event.method)
        return effect is not None and effect.removes

    def _takes_out(self, access: Access) -> bool:
        if access.mode in (Mode.REMOVE, Mode.DELETE) or (access.value.null and access.mode.changes):
            return True
        if not access.mode.changes:
            return False
        if not access.method:
            return access.key in self._knowledge.counting  # ``list.length = 0``
        effect = self._knowledge.method_effect(access.obj.type_name, access.method)
        return effect is None or effect.removes

    @cached_property
    def _measured(self) -> frozenset[Obj]:
        """The objects whose size decides something, or is told to a function that may decide by it."""
        found: set[Obj] = set()
        for context in self._program.request_contexts:
            facts = context.function.facts
            asked = {source for event in facts.events for source in event.guards}
            if (None, 0) not in context.callers:
                asked.update(source for operand in facts.returns for source in operand.made_from)
            for source in asked:
                if source >= 0:
                    found.update(self._measured_by(context, source))
        return frozenset(found)

    def _measured_by(self, context: Context, index: int) -> Iterator[Obj]:
        """The objects whose size an event asks for; of ``Object.keys(map).length`` the map."""
        event = context.function.facts.events[index]
        counting = self._knowledge.counting
        base: f.Operand | None = None
        if isinstance(event, f.Load) and event.key in counting:
            base = event.base
        elif isinstance(event, f.Call) and event.method in counting:
            base = event.receiver
        if base is None:
            return
        yield from self._behind(self._program.machine.value(context, base))
        for source in base.sources:
            inner = context.function.facts.events[source] if source >= 0 else None
            if isinstance(inner, f.Call):
                for arg in inner.args:
                    yield from self._behind(self._program.machine.value(context, arg.value))

    def _behind(self, value: Val) -> Iterator[Obj]:
        """The objects of a value, and those that a library made them of: views, iterators."""
        for obj in value.objects():
            current: Obj | None = obj
            seen: set[Obj] = set()
            while current is not None and current not in seen:
                seen.add(current)
                yield current
                current = self._program.machine.origins.get(current)

    @cached_property
    def _given_away(self) -> frozenset[Obj]:
        """The objects that a function gets of which nothing is known, or whose iterator removes."""
        found: set[Obj] = set()
        for use in Uses(self._program).all:
            if not (use.project or use.of_value or any(call.entry is not None for call in use.library)):
                found.update(obj for arg in use.args for obj in arg.objects())
            for call in use.library:
                for obj in use.receiver.objects():
                    effect = self._knowledge.method_effect(obj.type_name, call.name.rpartition(".")[2])
                    if obj.kind is Kind.INSTANCE and effect is not None and (effect.removes or effect.mutates):
                        found.update(each for each in self._behind(of(obj)) if each is not obj)
        return frozenset(found)

    def _is_replaced(self, obj: Obj) -> bool:
        """Whether a request puts another object into the place that holds it, or that holds what holds it."""
        home = obj.home
        for _ in range(_HOLDERS):
            if home is None:
                return False
            if any(self._replaces(access) for access in self._all.get(home[0], ()) if access.key == home[1]):
                return True
            home = home[0].home
        return False

    def _replaces(self, access: Access) -> bool:
        """Whether a write takes away what was there, and does not only fill what was empty."""
        if access.mode is not Mode.WRITE or access.index is not None:
            return False
        own = [source for source in access.context.function.facts.events[access.event].guards if source >= 0]
        fills = [source for source in own if self._is_read_of(access, source)]
        return not fills or len(fills) < len(own)

    def _is_read_of(self, access: Access, source: int) -> bool:
        reads = self._all.get(access.obj, ())
        return any(
            read.event == source and read.context is access.context and read.key == access.key
            for read in reads
            if not read.mode.changes
        )


def _milder(race: Race) -> Race:
    """A growth of which one cannot tell whether it ends."""
    return structs.replace(race, severity=Severity.NOTE, message=race.message.replace(_NEVER, _NOT_CALLED))


def _members(klass: ClassInfo) -> Iterator[tuple[str, f.TypeName]]:
    """The fields and methods of a class with what they are declared to give."""
    declared = [(name, field.type) for name, field in klass.fields.items()]
    declared += [(name, method.facts.return_type) for name, same in klass.methods.items() for method in same]
    yield from ((name, written) for name, written in declared if written is not None)
