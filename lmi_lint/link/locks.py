"""Which locks are held: by regions of the code, by calls that acquire and release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.link import objects
from lmi_lint.link.context import Held
from lmi_lint.link.heap import Kind, Phase, is_shared
from lmi_lint.link.names import resolver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lmi_lint.knowledge.model import LockEntry
    from lmi_lint.link.calls import CallSite
    from lmi_lint.link.context import Context, Site
    from lmi_lint.link.heap import Obj, Ref
    from lmi_lint.link.machine import Machine
    from lmi_lint.link.names import FunctionInfo

AFTER_REGIONS = 1000
"""Sections from here on are opened by calls: the number of the event, counted from this."""


def held_at(machine: Machine, context: Context, event: int) -> frozenset[Held]:
    """The locks held at an event: the callers', the enclosing regions', those acquired and not yet released."""
    held = context.held
    regions = context.function.facts.events[event].regions
    for index in regions:
        region = context.function.facts.regions[index]
        for obj, shared in _lock_refs(machine, context, region):
            lock = machine.releasers.get(obj)
            if lock is not None:
                held = held | {Held(lock[0], (context.serial, index), is_shared(lock))}
            elif region.how == "monitor" or _is_lock(machine, obj):
                held = held | {Held(obj, (context.serial, index), is_shared((obj, shared)))}
    if machine.held_now:
        held = held | frozenset(taken for taken in machine.held_now.values() if not _ended(context, taken, event))
    return held


def held_at_return(machine: Machine, context: Context) -> frozenset[Obj]:
    """The locks that a function took and leaves to its caller."""
    taken = machine.held_now.values()
    return frozenset(held.lock for held in taken if held.shared and not _ended(context, held, None))


def _ended(context: Context, held: Held, event: int | None) -> bool:
    """Whether an event, or the return, comes after the block that closes the file on which a lock was taken."""
    evaluation, number = held.section
    if evaluation != context.serial or number < AFTER_REGIONS:
        return False
    events = context.function.facts.events
    region = _region_of_file(context.function, number - AFTER_REGIONS)
    return region is not None and (event is None or region not in events[event].regions)


def _region_of_file(function: FunctionInfo, index: int) -> int | None:
    """The block that holds, and at its end closes, the file that a call locks: ``with open(p) as x: flock(x)``."""
    events, regions = function.facts.events, function.facts.regions
    call = events[index]
    if not regions or not isinstance(call, f.Call):
        return None
    frontier = [source for arg in call.args for source in arg.value.sources]
    while frontier:
        source = frontier.pop()
        for number in call.regions:
            if source in regions[number].resource.sources:
                return number
        event = events[source] if source >= 0 else None
        if isinstance(event, f.Call) and event.receiver is not None:
            frontier += event.receiver.sources
    return None


def _lock_refs(machine: Machine, context: Context, region: f.Region) -> list[Ref]:
    """What a region locks: an object, a class, or something unknown."""
    refs = list(machine.value(context, region.resource).each())
    return refs if refs or region.how != "monitor" else [_named(machine, context.function, region.resource.type)]


def _named(machine: Machine, function: FunctionInfo, written: f.TypeName | None) -> Ref:
    """What is locked by the name of its type. Whatever else cannot be told counts as one and the same lock: two that
    cannot be told apart are not called two."""
    if written is None:
        return machine.make("unknown lock", Kind.NAME, Phase.LOAD, type_name="(lock)"), True
    found = resolver(function.module.language).type(machine.modules, function.module, function.scope, written)
    return (machine.name(found) if isinstance(found, str) else objects.class_object(machine, found)), True


def release(machine: Machine, lock: Obj) -> None:
    """A lock is released: one taken here, or one that a caller holds."""
    if machine.held_now.pop(lock, None) is None:
        machine.freed_now.add(lock)


def _is_lock(machine: Machine, obj: Obj) -> bool:
    """Whether holding this object in a with or using block excludes others."""
    if obj.kind not in (Kind.INSTANCE, Kind.NAME) or obj in machine.permissive:
        return False
    return machine.knowledge.lock(obj.type_name) is not None


def lock_of(machine: Machine, obj: Obj) -> LockEntry | None:
    """How the methods of an object lock: a lock's, a class's that lock an argument, a module's that lock files."""
    lock = machine.knowledge.lock(obj.type_name) if obj.kind in (Kind.INSTANCE, Kind.NAME) else None
    if lock is not None and obj.kind is Kind.NAME and lock.argument is None and lock.reach != "host":
        return None
    return lock


def section(evaluation: int, event: int) -> tuple[int, int]:
    """The critical section that a call opens, numbered apart from those that regions open."""
    return evaluation, AFTER_REGIONS + event


def take_or_release(site: CallSite, target: Ref, method: str) -> None:
    """What a method of a lock does: acquire it, if only perhaps, or release it."""
    machine = site.machine
    lock = lock_of(machine, target[0])
    if lock is None:
        return
    names = {given.type_name for arg in site.args for given in arg.objects() if given.kind is Kind.NAME}
    if method in lock.release or (lock.unlocks and lock.unlocks in names):
        for obj, _ in _locked(site, lock, target):
            release(machine, obj)
    elif method in lock.acquire or method in lock.try_acquire:
        if _opens_region(site.context.function, site.index):
            return
        for obj, shared in _locked(site, lock, target):
            if obj not in machine.permissive and not _holds_file(site, obj):
                taken = Held(obj, section(site.context.serial, site.index), is_shared((obj, shared)))
                machine.held_now[obj] = taken


def _holds_file(site: CallSite, lock: Obj) -> bool:
    """Whether a lock on a file is held already: files are not told apart, and the outer block holds it longest."""
    before = site.machine.held_now.get(lock) if lock.kind is Kind.NAME else None
    return before is not None and not _ended(site.context, before, site.index)


def _locked(site: CallSite, lock: LockEntry, target: Ref) -> Iterable[Ref]:
    """The objects that a call locks: the receiver, or what the argument may be."""
    if lock.argument is None:
        return (target,)
    if lock.argument >= len(site.args):
        return ()
    refs = list(site.args[lock.argument].each())
    written = site.event.args[lock.argument].value.type if lock.argument < len(site.event.args) else None
    return refs or [_named(site.machine, site.context.function, written)]


def _opens_region(function: FunctionInfo, index: int) -> bool:
    """Whether what a call hands out is what a with or using block holds: the block releases it."""
    events = function.facts.events
    for region in function.facts.regions:
        frontier = list(region.resource.sources)
        while frontier:
            source = frontier.pop()
            if source == index:
                return True
            event = events[source] if source >= 0 else None
            if isinstance(event, f.Suspend):
                frontier += event.value.sources
            elif isinstance(event, f.Call) and event.receiver is not None:
                frontier += event.receiver.sources
    return False


def made(site: CallSite, obj: Obj) -> None:
    """A lock was made: one that lets several in at once keeps nobody out."""
    lock = site.machine.knowledge.lock(obj.type_name)
    if lock is None or lock.permits is None or lock.permits >= len(site.event.args):
        return
    count = site.event.args[lock.permits].value
    if count.constant and isinstance(count.const, int) and count.const > 1:
        site.machine.permissive.add(obj)


def taken_at(contexts: Iterable[Context], held: Held) -> Site | None:
    """Where a lock that is held was taken: the call that took it, or what the block names."""
    evaluation, number = held.section
    context = next((context for context in contexts if context.serial == evaluation), None)
    if context is None or number < 0:
        return None
    if number >= AFTER_REGIONS:
        return context, number - AFTER_REGIONS
    sources = context.function.facts.regions[number].resource.sources
    return next(((context, source) for source in sources if source >= 0), None)


def around(site: CallSite, target: Ref | None, method: str) -> frozenset[Held]:
    """The lock that a method holds while it runs the functions given to it."""
    if target is None or target[0].kind is not Kind.INSTANCE or target[0] in site.machine.permissive:
        return frozenset()
    lock = site.machine.knowledge.lock(target[0].type_name)
    if lock is None or method not in lock.around:
        return frozenset()
    return frozenset({Held(target[0], section(site.context.serial, site.index), is_shared(target))})
