"""What evaluates an event, by its type."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from lmi_lint.facts import model as f
from lmi_lint.link import calls, objects, places
from lmi_lint.link.heap import NONE, Kind, Val, of
from lmi_lint.link.names import CONSTRUCTOR, INITIALIZER, LAMBDA

if TYPE_CHECKING:
    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine


def _make_closure(machine: Machine, context: Context, index: int, event: f.MakeClosure) -> Val:
    function = context.function.module.functions[event.function]
    lexical = context.this if function.has(LAMBDA) else None
    return of(
        objects.allocate(
            machine,
            context,
            index,
            Kind.CLOSURE,
            function=function,
            env=objects.frame(machine, context),
            this=lexical,
            label=function.label,
        )
    )


def _make_class(machine: Machine, context: Context, index: int, event: f.MakeClass) -> Val:
    klass = context.function.module.classes[event.klass]
    base = machine.value(context, event.base) if event.base is not None else NONE
    env = None if context.function.index == 0 or context.function.owner is klass else objects.frame(machine, context)
    if context.function.has(INITIALIZER | CONSTRUCTOR) and context.function.owner is klass:
        known = [obj for obj in context.this.objects() if obj.kind is Kind.CLASS and obj.klass is klass]
        if known:
            return of(known[0])
    return of(objects.class_object(machine, klass, env, base))


def _suspend(machine: Machine, context: Context, index: int, event: f.Suspend) -> Val:
    return machine.value(context, event.value)


STEPS: Final[dict[type, Callable[[Machine, Context, int, Any], Val]]] = {
    f.LoadVar: places.load_var,
    f.LoadFree: places.load_free,
    f.Load: places.load,
    f.StoreVar: places.store_var,
    f.StoreFree: places.store_free,
    f.Store: places.store,
    f.Element: places.element,
    f.MakeDisplay: places.make_display,
    f.Call: calls.call,
    f.MakeClosure: _make_closure,
    f.MakeClass: _make_class,
    f.Suspend: _suspend,
}
