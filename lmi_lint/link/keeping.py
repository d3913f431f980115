"""Functions that code outside the project is given and keeps: decorated ones, routes, arguments bound to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link import closures
from lmi_lint.link.heap import NONE, Kind, Obj, Phase, Val, join, join_all, of

if TYPE_CHECKING:
    from lmi_lint.knowledge.model import CallEntry
    from lmi_lint.link.call_site import CallSite


def keep(site: CallSite, result: Val, receiver: Val) -> None:
    """Functions (and what holds some) given to a library stay with what it returns and with its receiver."""
    if not site.refers:
        return
    kept = [
        (obj, shared)
        for arg in site.args
        for obj, shared in arg.each()
        if obj.kind in (Kind.CLOSURE, Kind.INSTANCE, Kind.OBJECT)
    ]
    if not kept:
        return
    machine = site.machine
    value = Val(frozenset(kept))
    for obj, _ in (*result.each(), *receiver.each()):
        if obj.kind is Kind.INSTANCE:
            machine.heap.store(obj, closures.KEPT, value)
    if not site.event.decorates:
        return
    # ``@app.get("/")`` leaves the function with the application too, and what made the decorator with what it made.
    makers = [ref for ref in receiver.each() if ref[0].kind is Kind.INSTANCE]
    for obj, _ in result.each():
        if obj.kind is Kind.INSTANCE and makers:
            machine.heap.store(obj, closures.KEPT, Val(frozenset(makers)))
    seen: set[Obj] = set()
    for maker, _ in makers:
        origin = machine.origins.get(maker)
        while origin is not None and origin not in seen:
            seen.add(origin)
            machine.heap.store(origin, closures.KEPT, value)
            origin = machine.origins.get(origin)


def run_kept(site: CallSite, receiver: Val, entry: CallEntry | None) -> Val:
    """An unknown call that is given the event and the context is given the invocation: the functions that the objects
    on hand keep (the routes of an application) run."""
    machine, context = site.machine, site.context
    kinds = {obj.kind for arg in site.args for obj in arg.objects()}
    if entry is not None or context.phase is Phase.LOAD or not {Kind.EVENT, Kind.CONTEXT} <= kinds:
        return NONE
    found: dict[Obj, None] = {}
    for value in (receiver, *site.args):
        for obj in value.objects():
            if obj.kind is Kind.INSTANCE:
                found.update(dict.fromkeys(closures.kept_closures(machine, obj, context)))
    result = NONE
    mixed = join_all([arg for arg in site.args if any(obj.kind is Kind.EVENT for obj in arg.objects())])
    for kept in found:
        if kept.function is not None and kept.function is not context.function:
            given = [mixed] * len(kept.function.facts.params)
            result = join(result, site.invoke(kept.function, kept.this or NONE, kept.env, given))
    return result


def bound(site: CallSite) -> Val:
    """The first argument, a function, with the others before those of its calls."""
    machine = site.machine
    result = NONE
    for obj, shared in site.args[0].each() if site.args else ():
        if obj.kind is not Kind.CLOSURE:
            result = join(result, of(obj, shared=shared))
            continue
        made = machine.make(
            ("partial", obj, site.context, site.index), Kind.CLOSURE, site.context.phase,
            function=obj.function, env=obj.env, this=obj.this, label=obj.label,
        )  # fmt: skip
        before = closures.bound_args(machine, obj)
        given = [value for value, name in zip(site.args[1:], site.args.names[1:], strict=True) if name is None]
        for position, value in enumerate([*before, *given]):
            machine.heap.store(made, f"{closures.BOUND}{position}", value)
        result = join(result, of(made, shared=shared))
    return result
