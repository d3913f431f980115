"""Values that are equal, or newer, in whichever invocation they are made: settings, what is parsed out of them, secrets
and parameters by their names. Setting such a value again changes nothing for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link.heap import Gap, Kind, Phase

if TYPE_CHECKING:
    from lmi_lint.link.heap import Obj, Val
    from lmi_lint.link.program import Program
    from lmi_lint.link.record import LibraryCall

_DEPTH = 8  # calls on what calls return


def equal_for_all(program: Program, value: Val, depth: int = _DEPTH) -> bool:
    """Whether every invocation would have an equal value here, as far as knowledge tells; what is not known differs."""
    if depth == 0 or program.invocation_data(value):
        return False
    if any(isinstance(part, Gap) and part.kind != "setting" for text in value.texts for part in text):
        return False
    if not value.refs:
        return bool(value.texts) or value.constant
    return all(_is_equal(program, obj, depth - 1) for obj in value.objects())


def _is_equal(program: Program, obj: Obj, depth: int) -> bool:
    heap = program.machine.heap
    if obj.kind is Kind.NAME:
        return True
    if obj.kind not in (Kind.OBJECT, Kind.INSTANCE) or obj.klass is not None or obj in program.written_objects:
        return False
    if obj.phase is Phase.LOAD:
        return True
    if obj.kind is Kind.OBJECT:
        return all(equal_for_all(program, heap.cells[obj, key], depth) for key in heap.keys.get(obj, ()))
    makers = program.index.making(obj)
    return bool(makers) and all(_gives_equal(program, call, depth) for call in makers)


def _gives_equal(program: Program, call: LibraryCall, depth: int) -> bool:
    """A call of which that is known, or a method of a value that is equal itself."""
    of_value = call.entry is None and any(obj.phase is Phase.REQUEST for obj in call.receiver.objects())
    entry = call.entry
    known = entry is not None and (entry.same or entry.text == "setting" or entry.unique == "environment")
    if not of_value and not known:
        return False
    receiver = not call.receiver.refs or equal_for_all(program, call.receiver, depth)
    return receiver and all(equal_for_all(program, arg, depth) for arg in call.args)
