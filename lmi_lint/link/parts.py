"""The parts of containers and displays: what they hold, one of them by its place, all of them copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.facts.model import ELEMENT
from lmi_lint.link import cells, members
from lmi_lint.link.heap import NONE, Kind, Obj, Ref, Val, blend, is_shared, join, join_all

if TYPE_CHECKING:
    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine


def elements(machine: Machine, context: Context, index: int, base: Val) -> Val:
    """What a container holds."""
    result = blend([base])
    for ref in base.each():
        obj = ref[0]
        if obj.kind is Kind.EVENT:
            result = join(result, Val(frozenset((ref,)), base.data))
        elif obj.kind in (Kind.OBJECT, Kind.INSTANCE, Kind.NAME):
            result = join(result, cells.load_cell(machine, context, index, ref, ELEMENT, quiet=True))
            if obj.kind is Kind.INSTANCE and machine.knowledge.is_container(obj.type_name):
                result = join(result, _entries(machine, context, ref))
    return result


def in_place(machine: Machine, context: Context, base: Val, place: int, found: Val) -> Val:
    """The element at one place (from the end, if negative) where sequences are written out, or are what a rest
    parameter took; else what was found."""
    result = NONE
    for ref in base.each():
        row = machine.heap.row(ref[0], context)
        if row is not None and -len(row) <= place < len(row):
            part: Val | None = row[place]
        else:
            part = machine.heap.load(ref[0], str(place), context) if ref[0] in machine.packed else None
        if part is None:
            return found
        result = join(result, cells.reached(part, is_shared(ref)))
    if not base.refs or (result is NONE and found is not NONE):
        return found
    return Val(result.refs, result.data, found.reads, result.texts, result.constant, result.null)


def _entries(machine: Machine, context: Context, ref: Ref) -> Val:
    """What a container of a library holds under constant keys."""
    obj = ref[0]
    machine.heap.load_any(obj, context)
    keys = sorted(key for key in machine.heap.keys.get(obj, ()) if key != ELEMENT and not key.startswith("("))
    return cells.reached(join_all([machine.heap.cells[obj, key] for key in keys]), is_shared(ref))


def copy_parts(machine: Machine, context: Context, index: int, ref: Ref, value: Val) -> None:
    """``Object.assign(ref, value)``: each known part of the value is stored into the object under its own key."""
    stored = False
    for source, shared in value.each():
        machine.heap.load_any(source, context)
        for key in sorted(machine.heap.keys.get(source, ())):
            cell = cells.reached(machine.heap.cells[source, key], is_shared((source, shared)))
            members.store_member(machine, context, index, ref, key, cell, f.How.SET)
            stored = True
    if value.data and not stored:
        members.store_member(machine, context, index, ref, ELEMENT, Val(value.refs, value.data, value.reads), f.How.SET)


def spread(machine: Machine, context: Context, obj: Obj, value: Val) -> None:
    """``{...value}``: the parts of a value become parts of a display."""
    for source, shared in value.each():
        machine.heap.load_any(source, context)
        for key in sorted(machine.heap.keys.get(source, ())):
            cell = machine.heap.cells[source, key]
            machine.heap.store(obj, key, cells.reached(cell, is_shared((source, shared))))
    if value.data:
        machine.heap.store(obj, ELEMENT, blend([value]))
