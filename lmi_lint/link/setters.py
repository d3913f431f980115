"""Assignments to members of library objects that knowledge knows by ``type.member=``: they act like a call."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lmi_lint.link import cells
from lmi_lint.link.heap import Kind, Phase, Ref, Val, is_shared, only
from lmi_lint.link.names import library_supers, lineage
from lmi_lint.link.noted import library_call
from lmi_lint.link.record import Recorder
from lmi_lint.link.texts import literal

if TYPE_CHECKING:
    from lmi_lint.knowledge.model import CallEntry
    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine

_HELD_BY = (Kind.NAME, Kind.INSTANCE, Kind.OBJECT, Kind.CLASS)


def assign(machine: Machine, context: Context, index: int, ref: Ref, key: str, value: Val) -> bool:
    """Store a member as the library's setter does, and record the call; False if knowledge has none.

    The member is a setting then and no field of ours: that is what rules ask of a call, so no access is recorded.
    """
    obj = ref[0]
    if obj.kind not in _HELD_BY:
        return False
    for owner in _owners(machine, ref, key):
        entry = machine.knowledge.setter_entry(f"{owner}.{key}", literal(value)) if owner else None
        if entry is None:
            continue
        machine.heap.store(obj, key, value)
        if is_shared(ref) and context.phase is Phase.REQUEST and obj not in context.building:
            cells.mark_written(machine, obj, key)
        machine.note(context, index, partial(_recorded, machine, context, index, ref, f"{owner}.{key}", entry, value))
        return True
    return False


def _recorded(
    machine: Machine,
    context: Context,
    index: int,
    ref: Ref,
    name: str,
    entry: CallEntry,
    value: Val,
    recorder: Recorder,
) -> None:
    recorder.calls.append(library_call(machine, context, index, name, entry, only(ref), (value,), value))


def _owners(machine: Machine, ref: Ref, key: str) -> list[str]:
    """The library types whose member it may be; none if a class of the project declares it."""
    klass = ref[0].klass
    if klass is None:
        return [ref[0].type_name]
    own = any(key in each.fields for each in lineage(machine.modules, klass))
    return [] if own else library_supers(machine.modules, klass)
