"""Making instances of project classes: base classes, field initialisers, constructors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lmi_lint.facts import model as f
from lmi_lint.link import objects, overloads
from lmi_lint.link.heap import Kind, Obj, Val, blend, of
from lmi_lint.link.limits import LIMITS
from lmi_lint.link.methods import choose
from lmi_lint.link.names import (
    CONSTRUCTOR,
    INITIALIZER,
    STATIC,
    ClassInfo,
    FunctionInfo,
    direct_bases,
    lineage,
    parts_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine

    _Step: TypeAlias = tuple[ClassInfo, Obj, list[Val], list[FunctionInfo]]


def construct(machine: Machine, caller: Context, event: int, klass: ClassInfo, holder: Obj, args: list[Val]) -> Val:
    """``new klass(args)``: one object per site and evaluation; field initialisers and constructors run on it."""
    obj = objects.allocate(machine, caller, event, Kind.OBJECT, klass=klass, env=holder.env, label=klass.name)
    if obj.this is None:
        obj.this = caller.this
    made = of(obj)
    initialise(machine, caller, event, klass, holder, made, args)
    given = blend(args)
    return Val(made.refs, given.data, given.reads)


def initialise(
    machine: Machine,
    caller: Context,
    event: int,
    klass: ClassInfo,
    holder: Obj,
    this: Val,
    args: list[Val],
) -> None:
    """Run what makes an instance: the base classes, field initialisers, the constructor that fits the arguments."""
    if len(lineage(machine.modules, klass)) > LIMITS.ancestors:
        raise RecursionError(f"more than {LIMITS.ancestors} classes above one")
    building = frozenset(this.objects())
    for current, home, given, constructors in _made_in_order(machine, klass, holder, args):
        for function in _makers(machine, current).initialisers:
            machine.call(caller, event, function, this, [], home.env, phase=caller.phase, building=building)
        for function in constructors:
            machine.call(caller, event, function, this, given, home.env, phase=caller.phase, building=building)


def _made_in_order(machine: Machine, klass: ClassInfo, holder: Obj, args: list[Val]) -> Iterator[_Step]:
    """What makes an instance, base classes first: each class with its class object, the arguments that it is given and
    the constructor that fits them. One that calls another constructor itself makes its base classes itself; where
    constructors do not chain, the nearest one alone is run."""
    if not klass.module.rules.constructors_chain:
        yield from _with_nearest_constructor(machine, klass, holder, args)
        return
    seen: set[tuple[ClassInfo, bool]] = set()  # a base class may be reached by two ways
    steps: list[tuple[ClassInfo, list[Val]] | _Step] = [(klass, args)]
    while steps:
        step = steps.pop()
        if len(step) == 4:
            yield step
            continue
        current, given = step
        if (current, given is args) in seen:
            continue
        seen.add((current, given is args))
        home = holder if current is klass else objects.class_object(machine, current)
        constructors = constructors_for(machine, current, given)
        steps.append((current, home, given, constructors))
        chaining = _makers(machine, current).chaining
        if not any(constructor in chaining for constructor in constructors):
            passed = [] if constructors else given
            steps += [(above, passed) for above in reversed(direct_bases(machine.modules, current))]


def _with_nearest_constructor(machine: Machine, klass: ClassInfo, holder: Obj, args: list[Val]) -> Iterator[_Step]:
    order = lineage(machine.modules, klass)
    nearest = next((each for each in order if declared_constructors(machine, each)), None)
    for current in reversed(order):
        home = holder if current is klass else objects.class_object(machine, current)
        yield current, home, args, constructors_for(machine, current, args) if current is nearest else []


class _Makers(NamedTuple):
    """What a class declares, in whichever of its parts, that makes its instances: ``initialisers`` of their fields and
    ``constructors``; ``chaining``: those that call another one themselves."""

    initialisers: list[FunctionInfo]
    constructors: list[FunctionInfo]
    chaining: list[FunctionInfo]


def _makers(machine: Machine, klass: ClassInfo) -> _Makers:
    return machine.modules.remembered(("makers", klass), lambda: _declared(machine, klass))


def _declared(machine: Machine, klass: ClassInfo) -> _Makers:
    parts = (klass, *parts_of(machine.modules, klass))
    members = [part.module.functions[index] for part in parts for index in part.facts.methods]
    constructors = [function for function in members if function.has(CONSTRUCTOR)]
    initialisers = [function for function in members if function.has(INITIALIZER) and not function.has(STATIC)]
    return _Makers(initialisers, constructors, [each for each in constructors if _chains(each)])


def constructors_for(machine: Machine, klass: ClassInfo, args: list[Val]) -> list[FunctionInfo]:
    """The constructor that fits the arguments best, if the class declares any."""
    found = declared_constructors(machine, klass)
    chosen = choose(found, len(args), lambda function: overloads.fitness(machine, function, args)) if found else None
    return [chosen] if chosen is not None else []


def declared_constructors(machine: Machine, klass: ClassInfo) -> list[FunctionInfo]:
    """All constructors that a class declares, in whichever of its parts."""
    return _makers(machine, klass).constructors


def _chains(constructor: FunctionInfo) -> bool:
    """Whether a constructor calls another one itself."""
    return any(
        isinstance(event, f.Call) and (event.on_super or event.on_this) and not event.method
        for event in constructor.facts.events
    )
