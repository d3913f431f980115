"""What a rule is told of a call that matters: built in one place for all the ways in which code can make one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link import locks
from lmi_lint.link.heap import NONE, Val
from lmi_lint.link.record import LibraryCall
from lmi_lint.model.source import Span

if TYPE_CHECKING:
    from lmi_lint.knowledge.model import CallEntry
    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine


def library_call(
    machine: Machine,
    context: Context,
    index: int,
    name: str,
    entry: CallEntry | None,
    receiver: Val,
    args: tuple[Val, ...] = (),
    result: Val = NONE,
    *,
    new: bool = False,
    named: tuple[tuple[str, Val], ...] = (),
) -> LibraryCall:
    """A call at an event, with the locks and guards that hold there once all has settled; see ``LibraryCall``."""
    event = context.function.facts.events[index]
    held, guards = locks.held_at(machine, context, index), machine.guards_at(context, index)
    span = Span(event.start, event.end)
    return LibraryCall(context, index, name, entry, receiver, args, result, new, span, held, guards, named)
