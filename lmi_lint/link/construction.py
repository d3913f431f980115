"""Making instances of project classes: base classes, field initialisers, constructors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.link import objects, overloads
from lmi_lint.link.heap import Kind, Obj, Val, blend, of
from lmi_lint.link.names import (
    CONSTRUCTOR,
    INITIALIZER,
    STATIC,
    ClassInfo,
    FunctionInfo,
    choose,
    direct_bases,
    parts_of,
)

if TYPE_CHECKING:
    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine


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
    """Run what makes an instance: the base class, field initialisers, the constructor that fits the arguments."""
    building = frozenset(this.objects())
    constructors = constructors_for(machine, klass, args)
    explicit = any(_chains(constructor) for constructor in constructors)
    if not explicit:
        for above in direct_bases(machine.modules, klass):
            passed = [] if constructors else args
            initialise(machine, caller, event, above, objects.class_object(machine, above), this, passed)
    for part in (klass, *parts_of(machine.modules, klass)):
        for index in part.facts.methods:
            function = part.module.functions[index]
            if function.has(INITIALIZER) and not function.has(STATIC):
                machine.call(caller, event, function, this, [], holder.env, phase=caller.phase, building=building)
    for constructor in constructors:
        machine.call(caller, event, constructor, this, args, holder.env, phase=caller.phase, building=building)


def constructors_for(machine: Machine, klass: ClassInfo, args: list[Val]) -> list[FunctionInfo]:
    """The constructor that fits the arguments best, if the class declares any."""
    found = declared_constructors(machine, klass)
    chosen = choose(found, len(args), lambda function: overloads.fitness(machine, function, args)) if found else None
    return [chosen] if chosen is not None else []


def declared_constructors(machine: Machine, klass: ClassInfo) -> list[FunctionInfo]:
    """All constructors that a class declares, in whichever of its parts."""
    parts = (klass, *parts_of(machine.modules, klass))
    functions = [part.module.functions[i] for part in parts for i in part.facts.methods]
    return [function for function in functions if function.has(CONSTRUCTOR)]


def _chains(constructor: FunctionInfo) -> bool:
    """Whether a constructor calls another one itself."""
    return any(
        isinstance(event, f.Call) and (event.on_super or event.on_this) and not event.method
        for event in constructor.facts.events
    )
