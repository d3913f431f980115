"""Loops that let time pass at every turn and end when something outside lets them: polling, and retries without end."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from lmi_lint.facts import model as f
from lmi_lint.facts.flows import parts
from lmi_lint.link.heap import Gap
from lmi_lint.link.reach import reached

if TYPE_CHECKING:
    from lmi_lint.link.context import Context, Site
    from lmi_lint.link.names import FunctionInfo
    from lmi_lint.link.program import Program


class Poll(NamedTuple):
    """A loop of an evaluation, by the event that lets time pass: the call of ``name``, or one that leads to it."""

    context: Context
    event: int
    name: str


class Polls:
    """The loops on the request path that nothing bounds."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def unbounded(self) -> Iterator[Poll]:
        """Loops that pause at every turn, neither walk nor drain anything, do not count, and look at no clock."""
        for context in self._program.request_contexts if self._pauses else ():
            if context not in self._program.invoked:
                continue
            for event, loop in self._loops[context.function].items():
                name = "" if loop.bounded else self._pause((context, event))
                if name and not any(self._bounds(context, each) for each in _events(loop)):
                    yield Poll(context, event, name)

    # ------------------------------------------------------------------ pauses

    def _pause(self, site: Site) -> str:
        """The name of the call that lets time pass at an event, by itself or in what it calls."""
        if site in self._pauses:
            return self._pauses[site]
        targets = site[0].callees.get(site[1], ())
        return next((self._pausing[context] for context in targets if context in self._pausing), "")

    @cached_property
    def _pauses(self) -> dict[Site, str]:
        """The calls that let time pass for whoever makes or awaits them."""
        found: dict[Site, str] = {}
        for call in self._program.calls:
            if call.entry is None or not call.entry.pauses:
                continue
            # A timer is waited for where it settles a promise: it is set in the function that a construction runs.
            if call.role != "background.timer":
                found[call.context, call.event] = call.name
            else:
                found |= dict.fromkeys(self._settled_by(call.context), call.name)
        return found

    def _settled_by(self, context: Context) -> Iterator[Site]:
        for caller, event in context.callers:
            made = self._program.call_at((caller, event)) if caller is not None else None
            if caller is not None and made is not None and made.new:
                yield caller, event

    @cached_property
    def _pausing(self) -> dict[Context, str]:
        """The evaluations that let time pass outside of loops of their own."""
        found: dict[Context, str] = {}
        fresh = [(context, event, name) for (context, event), name in self._pauses.items()]
        while fresh:
            context, event, name = fresh.pop()
            if context in found or event in self._loops.get(context.function, ()):
                continue
            found[context] = name
            fresh += [(caller, at, name) for caller, at in context.callers if caller is not None]
        return found

    @cached_property
    def _loops(self) -> dict[FunctionInfo, dict[int, f.Loop]]:
        """The events of each function that stand in loops, with the innermost one."""
        functions = dict.fromkeys(context.function for context in self._program.request_contexts)
        flows = ((function, _innermost(function.facts.flow, None)) for function in functions)
        return {function: {event: loop for event, loop in pairs if loop is not None} for function, pairs in flows}

    # ------------------------------------------------------------------ what ends a loop

    def _bounds(self, context: Context, event: int) -> bool:
        """Whether an event, or something that it calls, looks at the time or takes something out of a collection."""
        if self._looks(context, event) or self._drains(context, event):
            return True
        called = [*context.callees.get(event, ()), *context.deferred.get(event, ())]
        return bool(called) and not self._watching.isdisjoint(reached(called, frozenset()))

    @cached_property
    def _watching(self) -> frozenset[Context]:
        """The evaluations that look at the time."""
        contexts = self._program.request_contexts
        return frozenset(c for c in contexts if any(self._looks(c, event) for event in range(len(c.results))))

    def _looks(self, context: Context, event: int) -> bool:
        if (context, event) in self._deadlines:
            return True
        made = (part for text in context.results[event].texts for part in text)
        return any(isinstance(part, Gap) and part.kind == "unique" and part.reach == "second" for part in made)

    @cached_property
    def _deadlines(self) -> frozenset[Site]:
        return frozenset((call.context, call.event) for call in self._program.calls_of(("deadline",)))

    def _drains(self, context: Context, index: int) -> bool:
        event = context.function.facts.events[index]
        if not isinstance(event, f.Call) or event.receiver is None:
            return False
        receiver = self._program.machine.value(context, event.receiver)
        types = [obj.type_name for obj in receiver.objects() if obj.type_name]
        types += context.function.module.rules.value_types()
        effects = (self._program.knowledge.method_effect(name, event.method) for name in types)
        return any(effect is not None and effect.removes for effect in effects)


def _innermost(flow: f.Flow, loop: f.Loop | None) -> Iterator[tuple[int, f.Loop | None]]:
    """The events of a flow, each with the innermost loop around it."""
    if isinstance(flow, f.Step):
        yield flow.event, loop
    for part in parts(flow):
        yield from _innermost(part, flow if isinstance(flow, f.Loop) else loop)


def _events(flow: f.Flow) -> list[int]:
    return [event for event, _ in _innermost(flow, None)]
