"""Functions as values: the arguments bound to them, the objects of libraries that keep them to call later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts.model import LoadVar
from lmi_lint.link.heap import NONE, Kind, Obj, Val, join_all

if TYPE_CHECKING:
    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine

KEPT = "(kept)"
"""The key of the functions that a library object keeps."""
BOUND = "(bound)"
"""The keys of bound arguments start so."""


def bound_args(machine: Machine, obj: Obj) -> list[Val]:
    """The arguments that ``bind`` put before those of the call."""
    found: list[Val] = []
    while (value := machine.heap.cells.get((obj, f"{BOUND}{len(found)}"))) is not None:
        found.append(value)
    return found


def kept_closures(machine: Machine, obj: Obj, reader: Context | None) -> list[Obj]:
    """The functions that a library object was given to call later, through whatever it was built from."""
    found: dict[Obj, None] = {}
    seen: set[Obj] = set()
    stack = [obj]
    while stack:
        top = stack.pop()
        if top in seen:
            continue
        seen.add(top)
        if top.kind is Kind.CLOSURE:
            found[top] = None
            continue
        value = machine.heap.load(top, KEPT, reader)
        stack.extend(value.objects() if value is not None else ())
        if top.kind is Kind.OBJECT and top is not obj:
            display = top.klass is None  # a table of routes holds functions at any depth, an instance in its fields
            for key in sorted(machine.heap.keys.get(top, ())):
                cell = machine.heap.load(top, key, reader)
                held = cell.objects() if cell else ()
                stack.extend(o for o in held if o.kind is Kind.CLOSURE or (display and o.kind is Kind.OBJECT))
    return sorted(found, key=lambda closure: closure.serial)


def captured(machine: Machine, obj: Obj) -> Val:
    """What a function reads out of the frame that it was made in."""
    if obj.function is None or obj.env is None:
        return NONE
    names = [event.name for event in obj.function.facts.events if isinstance(event, LoadVar)]
    return join_all([machine.heap.cells.get((obj.env, name), NONE) for name in names])
