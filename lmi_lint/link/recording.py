"""What settled evaluations have noted becomes what rules look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link import awaiting, cells, closings, reached
from lmi_lint.link.container import OUTSIDE
from lmi_lint.link.heap import NONE, Phase
from lmi_lint.link.record import Recorder

if TYPE_CHECKING:
    from collections.abc import Collection

    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine


def record(machine: Machine) -> Recorder:
    """Every access and call of the settled evaluations, once. Then what load left behind to run between invocations
    (listeners, timers): of that the calls count, not the accesses, since no invocation makes them."""
    recorder = _recorded(machine, ())
    seen = set(machine.contexts.values())
    for listener in machine.listeners:
        if listener.function is not None:
            this = listener.this or NONE
            machine.call(None, OUTSIDE, listener.function, this, [], listener.env, phase=Phase.REQUEST)
    machine.run()
    apart = _recorded(machine, seen)
    recorder.calls += apart.calls
    recorder.beside += apart.accesses
    recorder.calls += awaiting.waits(machine, recorder.calls)
    return recorder


def _recorded(machine: Machine, known: Collection[Context]) -> Recorder:
    """What all evaluations but the known ones have noted. First what still is to be evaluated: where a limit was
    reached, and what is missing for good."""
    machine.settled = True
    for context, events in machine.missing.items():
        context.outdate(events)
    machine.missing.clear()
    for context in list(machine.contexts.values()):
        if context.stale and context not in known:
            machine.evaluate(context)
    machine.queue.clear()
    recorder = Recorder()
    dead = reached.unreached(machine)
    for context in machine.contexts.values():
        if context not in known and (never := dead.get(context, frozenset())) is not None:
            _record(machine, context, recorder, never)
    recorder.accesses = [each for each in recorder.accesses if each.obj not in machine.frozen or not each.mode.changes]
    machine.settled = False
    return recorder


def _record(machine: Machine, context: Context, recorder: Recorder, never: Collection[int]) -> None:
    """``never``: events that cannot happen."""
    for event in sorted(context.notes.keys() - never):
        for held, record in context.notes[event]:
            machine.held_now = held or {}
            record(recorder)
    machine.held_now = {}
    closings.record(machine, context, recorder)
    if context.phase is Phase.REQUEST and (None, 0) in context.callers:
        for operand in context.function.facts.returns:
            for source in operand.sources:
                if source >= 0:
                    cells.record_use(machine, context, source, machine.value(context, operand), recorder)
