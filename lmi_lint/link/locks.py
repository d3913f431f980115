"""Which locks are held: by regions of the code, by calls that acquire and release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link import objects
from lmi_lint.link.context import Held
from lmi_lint.link.heap import Kind, Phase, is_shared
from lmi_lint.link.names import resolver

if TYPE_CHECKING:
    from lmi_lint.facts import model as f
    from lmi_lint.link.calls import CallSite
    from lmi_lint.link.context import Context
    from lmi_lint.link.heap import Obj, Ref
    from lmi_lint.link.machine import Machine

AFTER_REGIONS = 1000
"""Sections from here on are opened by calls: the number of the event, counted from this."""


def held_at(machine: Machine, context: Context, event: int) -> frozenset[Held]:
    """The locks held at an event: the callers', the enclosing regions', those acquired and not yet released."""
    held = context.held
    regions = context.function.facts.events[event].regions
    for index in regions:
        region = context.function.facts.regions[index]
        for ref in _lock_refs(machine, context, index, region):
            if region.how == "monitor" or _is_lock(machine, ref[0]):
                held = held | {Held(ref[0], (context.serial, index), is_shared(ref))}
    if machine.held_now:
        held = held | frozenset(machine.held_now.values())
    return held


def _lock_refs(machine: Machine, context: Context, index: int, region: f.Region) -> list[Ref]:
    """What a region locks: an object, a class, or something unknown, which then stands for itself."""
    refs = list(machine.value(context, region.resource).each())
    if refs or region.how != "monitor":
        return refs
    function = context.function
    if region.resource.type is not None:
        found = resolver(function.module.language).type(
            machine.modules, function.module, function.scope, region.resource.type
        )
        return [(machine.name(found) if isinstance(found, str) else objects.class_object(machine, found), True)]
    return [(machine.make(("lock", function, index), Kind.NAME, Phase.LOAD, type_name="(lock)"), True)]


def release(machine: Machine, lock: Obj) -> None:
    """A lock is released: one taken here, or one that a caller holds."""
    if machine.held_now.pop(lock, None) is None:
        machine.freed_now.add(lock)


def _is_lock(machine: Machine, obj: Obj) -> bool:
    """Whether holding this object in a with or using block excludes others."""
    return obj.kind in (Kind.INSTANCE, Kind.NAME) and machine.knowledge.lock(obj.type_name) is not None


def section(evaluation: int, event: int) -> tuple[int, int]:
    """The critical section that a call opens, numbered apart from those that regions open."""
    return evaluation, AFTER_REGIONS + event


def take_or_release(site: CallSite, target: Ref, method: str) -> None:
    """What a method of a lock does: acquire it, if only perhaps, or release it."""
    machine, obj = site.machine, target[0]
    lock = machine.knowledge.lock(obj.type_name) if obj.kind is Kind.INSTANCE else None
    if lock is None:
        return
    if method in lock.acquire or method in lock.try_acquire:
        machine.held_now[obj] = Held(obj, section(site.context.serial, site.index), is_shared(target))
    elif method in lock.release:
        release(machine, obj)


def around(site: CallSite, target: Ref | None, method: str) -> frozenset[Held]:
    """The lock that a method holds while it runs the functions given to it."""
    if target is None or target[0].kind is not Kind.INSTANCE:
        return frozenset()
    lock = site.machine.knowledge.lock(target[0].type_name)
    if lock is None or method not in lock.around:
        return frozenset()
    return frozenset({Held(target[0], section(site.context.serial, site.index), is_shared(target))})
