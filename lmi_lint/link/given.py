"""Arguments: what a call gives, and which parameter takes what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lmi_lint.facts.model import ELEMENT
from lmi_lint.link import cells, objects, parts
from lmi_lint.link.heap import NONE, NULL, Kind, Obj, Phase, Val, blend, is_shared, join
from lmi_lint.link.limits import LIMITS

if TYPE_CHECKING:
    from lmi_lint.facts import model as f
    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine
    from lmi_lint.link.names import FunctionInfo

ANY_NAME = "**"
"""The name of a value out of which parameters take what nothing else gives them."""


class Given(list[Val]):
    """The arguments of a call in source order; ``names``: of those given by name, None for the others."""

    __slots__ = ("names",)

    def __init__(self, values: Iterable[Val] = (), names: Iterable[str | None] = ()) -> None:
        super().__init__(values)
        self.names = list(names) or [None] * len(self)

    @property
    def some_named(self) -> bool:
        """Whether any is given by name."""
        return self.names.count(None) < len(self.names)

    def add(self, value: Val, name: str | None = None) -> None:
        """One more argument."""
        self.append(value)
        self.names.append(name)

    def after(self, values: list[Val]) -> Given:
        """These arguments with others before them."""
        return Given([*values, *self], [*([None] * len(values)), *self.names])

    def without_first(self) -> Given:
        """All but the first argument."""
        return Given(self[1:], self.names[1:])


def arguments(machine: Machine, context: Context, index: int, event: f.Call) -> Given:
    """The values that a call gives; what is spread out of a function's own rest parameters keeps place and name."""
    given = Given()
    for arg in event.args:
        value = machine.value(context, arg.value)
        if not arg.spread:
            given.append(value)
            given.names.append(arg.name)
        elif arg.keywords:
            _spread_names(machine, context, index, value, given)
        else:
            _spread(machine, context, index, value, given)
    return given


def spread_out(machine: Machine, context: Context, index: int, value: Val) -> Given:
    """The arguments that a sequence stands for; any of them where their places are not known."""
    found = Given()
    _spread(machine, context, index, value, found)
    places_known = bool(value.refs) and machine.packed.issuperset(value.objects())
    return found if places_known else Given(list(found) * 4)


def _spread(machine: Machine, context: Context, index: int, value: Val, given: Given) -> None:
    packed = value.refs and all(obj in machine.packed for obj, _ in value.refs)
    if not packed:
        given.add(parts.elements(machine, context, index, value))
        return
    for position in range(LIMITS.arguments):
        found = NONE
        for ref in value.each():
            machine.heap.load_any(ref[0], context)
            if (ref[0], str(position)) in machine.heap.cells:
                found = join(found, cells.load_cell(machine, context, index, ref, str(position), quiet=True))
        if not any((obj, str(position)) in machine.heap.cells for obj, _ in value.refs):
            return
        given.add(found)


def _spread_names(machine: Machine, context: Context, index: int, value: Val, given: Given) -> None:
    rest = bool(value.data)
    for ref in value.each():
        if ref[0].kind is not Kind.OBJECT or ref[0].klass is not None:
            rest = True
            continue
        machine.heap.load_any(ref[0], context)
        for key in sorted(machine.heap.keys.get(ref[0], ())):
            if key == ELEMENT:
                rest = True
            elif key not in given.names:
                given.add(cells.reached(machine.heap.cells[ref[0], key], is_shared(ref)), key)
    if rest:
        given.add(parts.elements(machine, context, index, value), ANY_NAME)


def taken(
    machine: Machine,
    caller: Context | None,
    function: FunctionInfo,
    phase: Phase,
    args: list[Val],
    where: object,
) -> list[Val]:
    """The value of each parameter: by name, then in order; rests take what is left; where nothing is known, an object
    of the declared type. ``where`` tells the calls of one function apart."""
    named: dict[str, Val] = {}
    positional = args
    if isinstance(args, Given) and args.some_named:
        names = args.names
        named = {name: value for name, value in zip(names, args, strict=False) if name is not None}
        positional = [value for at, value in enumerate(args) if at >= len(names) or names[at] is None]
    found: list[Val] = []
    at = 0
    for index, param in enumerate(function.facts.params):
        if param.rest:
            rest = _rest(machine, function, phase, index, where)
            left = positional[at:]
            shares = named if param.keywords else {str(i): value for i, value in enumerate(left)}
            found.append(_packed(machine, rest, shares, ordered=not param.keywords))
            at = at if param.keywords else len(positional)
            continue
        if param.name in named:
            value = named.pop(param.name)
        elif at < len(positional):
            value, at = positional[at], at + 1
        else:
            value = named.get(ANY_NAME, NULL if param.has_default else NONE)
        if param.type is not None and not (value.refs or value.texts or value.constant):
            key = (function, index, phase)
            made = objects.summon(
                machine, caller, key, param.type, function.module, function.scope, phase, notes=param.annotations
            )
            value = join(value, made) if made.refs else value
        found.append(value)
    return found


def _rest(machine: Machine, function: FunctionInfo, phase: Phase, index: int, where: object) -> Obj:
    """The object that a rest parameter is."""
    param = function.facts.params[index]
    type_name = function.module.rules.display_type("mapping") if param.keywords else "Array"
    return machine.make(
        ("rest", function, phase, index, where), Kind.OBJECT, phase, type_name=type_name, label=param.name
    )


def _packed(machine: Machine, rest: Obj, shares: dict[str, Val], *, ordered: bool) -> Val:
    for key, value in shares.items():
        if ordered or key == ANY_NAME:
            machine.heap.store(rest, ELEMENT, value)
        if key != ANY_NAME and not (ordered and int(key) >= LIMITS.arguments):
            machine.heap.store(rest, key, value)
    if ordered:
        machine.packed.add(rest)
    mixed = blend(shares.values())
    return Val(frozenset(((rest, False),)), mixed.data, mixed.reads)
