"""What a function makes once and keeps for later invocations, and what is only run for it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.link.heap import Kind, Phase
from lmi_lint.link.record import Mode

if TYPE_CHECKING:
    from lmi_lint.link.context import Context, Site
    from lmi_lint.link.heap import Obj
    from lmi_lint.link.program import Program
    from lmi_lint.link.record import Access, LibraryCall


class Lasting:
    """Answers about one function."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def fills_shared_place(self, call: LibraryCall) -> bool:
        """Whether what the call makes is kept for later invocations and only made when it is missing, as a shared place
        tells or the library itself."""
        kept = self._kept_objects
        if call.context in self._factories or any(obj in kept for obj in call.result.objects()):
            return True
        if call.guards:
            return True
        library = call.context.function.module.rules.library_of(call.name, call.new)
        facts = call.context.function.facts.events[call.event]
        for source in facts.guards:
            if source >= 0:
                for obj, _ in call.context.results[source].refs:
                    if obj.kind in (Kind.NAME, Kind.INSTANCE) and f"{obj.type_name}.".startswith(f"{library}."):
                        return True
        return False

    @cached_property
    def _factories(self) -> frozenset[Context]:
        """The evaluations of functions that fill a shared container: ``map.computeIfAbsent(key, factory)``."""
        sites = {
            (access.context, access.event)
            for access in self._program.accesses
            if access.mode in (Mode.ATOMIC, Mode.ADD)
        }
        return frozenset(
            called
            for context, event in sites
            for table in (context.callees, context.deferred)
            for called in table.get(event, ())
        )

    @cached_property
    def made_once(self) -> frozenset[Context]:
        """The evaluations of functions that run once, or once for each key."""
        once = [called for context, event in self._run_once for called in context.callees.get(event, ())]
        once += [called for context, event in self._run_once for called in context.deferred.get(event, ())]
        return self._factories.union(once)

    @cached_property
    def _kept_objects(self) -> frozenset[Obj]:
        """Objects made in the request that a shared place keeps after a test."""
        tested = {
            access.place
            for access in self._program.accesses
            if access.mode.changes and (access.guards or access.mode is Mode.INIT or _asked_first(access))
        }
        values = [value for place, value in self._program.machine.heap.cells.items() if place in tested]
        values += [factory.ret for factory in self._factories]
        return frozenset(obj for value in values for obj, _ in value.refs if obj.phase is Phase.REQUEST)

    def run_by(self, call: LibraryCall) -> list[LibraryCall]:
        """The library calls that the functions given to a call make, directly or not; without those in functions that
        run once, whoever asks (``Lazy<T>``)."""
        seen = set(call.context.callees.get(call.event, ()))
        frontier = list(seen)
        while frontier:
            context = frontier.pop()
            for event, targets in context.callees.items():
                if (context, event) not in self._run_once:
                    frontier += [target for target in targets if target not in seen]
                    seen.update(targets)
        return [each for each in self._program.calls if each.context in seen]

    @cached_property
    def _run_once(self) -> frozenset[Site]:
        return frozenset(
            (c.context, c.event) for c in self._program.index.known if c.entry is not None and c.entry.runs == "once"
        )


def _asked_first(access: Access) -> bool:
    """Whether a test of a container itself decides that something is put into it: ``if key not in kept``,
    ``if kept.get(key) is None``."""
    if access.obj.kind is Kind.FRAME or access.obj.klass is not None:
        return False
    events, results = access.context.function.facts.events, access.context.results
    asked = {source for source in events[access.event].guards if source >= 0}
    for source in tuple(asked):
        fact = events[source]
        if isinstance(fact, f.Call) and fact.receiver is not None:
            asked.update(each for each in fact.receiver.sources if each >= 0)
    return any(access.obj in results[source].objects() for source in asked)
