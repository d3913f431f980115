"""Reads and writes of places: variables, fields, elements, names of other files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.link import cells, members, objects, parts
from lmi_lint.link.heap import (
    NONE,
    Kind,
    Val,
    blend,
)
from lmi_lint.link.names import (
    FieldSymbol,
    Undeclared,
)
from lmi_lint.link.record import Mode

if TYPE_CHECKING:
    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine


def load_var(machine: Machine, context: Context, index: int, event: f.LoadVar) -> Val:
    """A variable of an enclosing frame."""
    frame = objects.frame_holding(machine, context, event.function)
    return cells.load_cell(machine, context, index, (frame, False), event.name) if frame is not None else NONE


def store_var(machine: Machine, context: Context, index: int, event: f.StoreVar) -> Val:
    """A write to a variable of an enclosing frame."""
    value = machine.value(context, event.value)
    frame = objects.frame_holding(machine, context, event.function)
    if frame is not None:
        cells.store_cell(machine, context, index, (frame, False), event.name, value, event.how)
    return value


def load_free(machine: Machine, context: Context, index: int, event: f.LoadFree) -> Val:
    """A bare name that the file does not declare as a variable."""
    symbol = context.function.module.rules.free(machine.modules, context.function, event.name)
    return members.load_symbol(machine, context, index, symbol)


def store_free(machine: Machine, context: Context, index: int, event: f.StoreFree) -> Val:
    """A write to a bare name: an implicit global, or a field of the enclosing classes."""
    value = machine.value(context, event.value)
    symbol = context.function.module.rules.free(machine.modules, context.function, event.name)
    if isinstance(symbol, FieldSymbol):
        for ref in members.holders(machine, context, symbol):
            members.store_member(machine, context, index, ref, symbol.name, value, event.how)
    elif isinstance(symbol, Undeclared):
        cells.store_cell(machine, context, index, (machine.implicit_globals, True), symbol.name, value, event.how)
    return value


def load(machine: Machine, context: Context, index: int, event: f.Load) -> Val:
    """``base.key`` or ``base[index]``."""
    base = machine.value(context, event.base)
    key_value = machine.value(context, event.index) if event.index is not None else None
    result = members.load_member(machine, context, index, base, event.key, key_value)
    place = event.index.const if event.index is not None and event.key == f.ELEMENT else None
    if isinstance(place, int) and not isinstance(place, bool):
        return parts.in_place(machine, context, base, place, result)
    return result


def store(machine: Machine, context: Context, index: int, event: f.Store) -> Val:
    """``base.key = value``."""
    value = machine.value(context, event.value)
    base = machine.value(context, event.base)
    key_value = machine.value(context, event.index) if event.index is not None else None
    for ref in base.each():
        members.store_member(machine, context, index, ref, event.key, value, event.how, key_value)
    return value


def element(machine: Machine, context: Context, index: int, event: f.Element) -> Val:
    """One element of what is iterated over."""
    base = machine.value(context, event.base)
    result = parts.elements(machine, context, index, base)
    if event.position is not None:
        result = parts.in_place(machine, context, base, event.position, result)
    if event.as_type is not None and not result.refs and (not result.texts or _holds_text(machine, context, event)):
        scope = context.function.scope
        made = objects.summon(
            machine, context, (context, index), event.as_type, context.function.module, scope, context.phase
        )
        if made.refs:
            result = Val(made.refs, result.data | made.data, result.reads | made.reads, result.texts)
    cells.note_content(machine, context, index, base, Mode.ITERATE)
    return result


def _holds_text(machine: Machine, context: Context, event: f.Element) -> bool:
    """Whether an element of a type that is no text, such as a file, is known by its text."""
    module = context.function.module
    if event.as_type is None:
        return False
    found = module.rules.type(machine.modules, module, context.function.scope, event.as_type)
    return isinstance(found, str) and machine.modules.known(found) and found not in module.rules.value_types()


def _of_written_type(machine: Machine, context: Context, index: int, event: f.MakeDisplay) -> Val | None:
    """A display where an object of a library type is wanted: ``List<string> names = ["a"]``."""
    module = context.function.module
    if event.type is None or event.type.array or not module.rules.displays_are_typed:
        return None
    found = module.rules.type(machine.modules, module, context.function.scope, event.type)
    if not isinstance(found, str) or not machine.modules.known(found):
        return None
    obj = objects.allocate(machine, context, index, Kind.INSTANCE, type_name=found)
    items = [machine.value(context, item.value) for item in event.items]
    for item, value in zip(event.items, items, strict=True):
        held = parts.elements(machine, context, index, value) if item.spread else value
        machine.heap.store(obj, item.key, held)
    mixed = blend(items)
    return Val(frozenset(((obj, False),)), mixed.data, mixed.reads)


def make_display(machine: Machine, context: Context, index: int, event: f.MakeDisplay) -> Val:
    """A literal container or object."""
    made = _of_written_type(machine, context, index, event)
    if made is not None:
        return made
    type_name = context.function.module.rules.display_type(event.kind)
    if event.type is not None:
        type_name = f"{event.type.name}[]" if event.type.array else event.type.name
    obj = objects.allocate(machine, context, index, Kind.OBJECT, type_name=type_name, label="")
    items = [machine.value(context, item.value) for item in event.items]
    if items and all(item.key == f.ELEMENT and not item.spread for item in event.items):
        machine.heap.lay_out(obj, items)
    else:
        if event.kind == "sequence" and all(item.key.isdecimal() for item in event.items):
            machine.packed.add(obj)  # what ``arguments`` holds, each under its place
        if event.kind == "object" and not any(item.spread or item.key == f.ELEMENT for item in event.items):
            machine.whole.add(obj)
        for item, value in zip(event.items, items, strict=True):
            if item.spread:
                parts.spread(machine, context, obj, value)
            else:
                machine.heap.store(obj, item.key, value)
    mixed = blend(items)
    return Val(frozenset(((obj, False),)), mixed.data, mixed.reads)
