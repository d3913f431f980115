"""What a library object is made of: the arguments of its construction, and what its builder was told before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts.model import ELEMENT
from lmi_lint.link import closures
from lmi_lint.link.heap import Gap, Kind, Obj, Phase, Val

if TYPE_CHECKING:
    from lmi_lint.link.program import Program
    from lmi_lint.link.record import LibraryCall

_DEPTH = 4  # options in options in arguments


def given(program: Program, call: LibraryCall) -> list[Val]:
    """The arguments of a construction; for a builder's last call, also the builder and all that it was given; and
    what the object was set to when it was made."""
    made = {obj for obj in call.result.objects() if obj.phase is Phase.REQUEST}
    settings = {each for key, each in program.machine.objects.items() if _is_setting(key, made)}
    builders = {obj for obj in call.receiver.objects() if obj.kind is Kind.INSTANCE and obj.phase is Phase.REQUEST}
    heap = program.machine.heap
    values = [*call.args, *([call.receiver] if call.receiver.refs else ())]
    told = [(obj, key) for obj in (*made, *settings) for key in sorted(heap.keys.get(obj, ())) if key != closures.KEPT]
    values += [heap.cells[place] for place in told]
    for each in program.index.on(builders | settings | made):
        of_builder = any(obj in builders or obj in settings for obj in each.receiver.objects())
        if each is not call and (of_builder or each.role == "client.reconfigure"):
            values += each.args
    return values


def _is_setting(key: object, made: set[Obj]) -> bool:
    """Whether an object is a property of one that was made (``client.defaults``)."""
    return isinstance(key, tuple) and len(key) == 3 and key[0] == "property" and key[1] in made


def captures_invocation(program: Program, value: Val) -> bool:
    """Whether a function among what a value may be reads data of the invocation from the scope around it."""
    functions = [obj for obj in value.objects() if obj.kind is Kind.CLOSURE]
    return any(program.invocation_data(closures.captured(program.machine, obj)) for obj in functions)


def inside(program: Program, value: Val) -> list[Obj]:
    """The objects of the request that a value holds, its own first."""
    found: dict[Obj, None] = {}
    frontier = [value]
    for _ in range(_DEPTH):
        fresh = [obj for each in frontier for obj, shared in each.each() if not shared and obj.phase is Phase.REQUEST]
        fresh = [obj for obj in fresh if obj.kind in (Kind.OBJECT, Kind.INSTANCE) and obj not in found]
        found.update(dict.fromkeys(fresh))
        keys = program.machine.heap.keys
        frontier = [program.machine.heap.cells[obj, key] for obj in fresh for key in sorted(keys.get(obj, ()))]
    return list(found)


def may_be_own(program: Program, value: Val) -> bool:
    """Whether a value is known to one invocation alone, as far as one can tell: it holds data of the invocation,
    credentials that the code hands over, or something of which nothing is known."""
    heap = program.machine.heap
    if _unknown(value) or program.invocation_data(value):
        return True
    for obj in inside(program, value):
        if program.knowledge.role_of(obj.type_name) == "credentials":
            return True
        for key in heap.keys.get(obj, ()):
            cell = heap.cells[obj, key]
            if (key != ELEMENT and _unknown(cell)) or program.invocation_data(cell):
                return True
    return False


def _unknown(value: Val) -> bool:
    """Nothing is known of it: it is neither an object nor a constant, nor a text of constants and settings."""
    if any(isinstance(part, Gap) and part.kind != "setting" for text in value.texts for part in text):
        return True
    return not (value.refs or value.texts or value.constant)
