"""Which locks are held: by regions of the code, by calls that acquire and release."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lmi_lint.facts import model as f
from lmi_lint.facts.model import ELEMENT
from lmi_lint.link import objects, texts
from lmi_lint.link.context import Grip, Held
from lmi_lint.link.heap import Kind, Phase, Val, is_shared
from lmi_lint.link.names import GENERATOR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lmi_lint.knowledge.model import LockEntry
    from lmi_lint.link.call_site import CallSite
    from lmi_lint.link.context import Claim, Context, Site
    from lmi_lint.link.heap import Obj, Ref
    from lmi_lint.link.machine import Machine
    from lmi_lint.link.names import FunctionInfo

_NO_LOCKS: frozenset[Held] = frozenset()
_NOTHING: frozenset[Claim] = frozenset()
AFTER_REGIONS = 1000
"""Sections from here on are opened by calls: the number of the event, counted from this."""


class Grasp(NamedTuple):
    """What holding an object means: which lock is held, and how. ``grip`` None: the method says it."""

    lock: Obj
    grip: Grip | None = None
    keyed: bool = False


def held_at(machine: Machine, context: Context, event: int) -> frozenset[Held]:
    """The locks held at an event: the callers', the enclosing regions', those acquired and not yet released."""
    held = context.held
    regions = context.function.facts.events[event].regions
    for index in regions:
        region = context.function.facts.regions[index]
        refs = _lock_refs(machine, context, region)
        any_of = _of_several(refs)
        for obj, shared in refs:
            lock = machine.releasers.get(obj)
            if lock is not None:
                held = held | {_taken(machine, lock[0], (context.serial, index), lock[1], any_of)}
            elif region.how == "monitor" or _is_lock(machine, obj):
                held = held | {_taken(machine, (obj, shared), (context.serial, index), Grip.ALONE, any_of)}
        for generator in _generators(context, region):
            section = (context.serial, index)
            held = held | {each._replace(section=section) for each in _held_by_generator(machine, generator)}
    if machine.held_now:
        held = held | frozenset(taken for taken in machine.held_now.values() if not _ended(context, taken, event))
    return held


def _generators(context: Context, region: f.Region) -> list[Context]:
    """The evaluations of a generator of the project that a block holds: the block has the locks that it takes."""
    sources = region.resource.sources if region.how == "with" else ()
    callees = [callee for source in sources for callee in context.callees.get(source, ())]
    return [callee for callee in callees if callee.function.has(GENERATOR)]


def _held_by_generator(machine: Machine, generator: Context) -> frozenset[Held]:
    """The locks that a generator takes, in blocks or by calls."""
    held = machine.taken_in.get(generator, frozenset())
    for region in generator.function.facts.regions:
        for ref in _lock_refs(machine, generator, region):
            if region.how == "monitor" or _is_lock(machine, ref[0]):
                held = held | {_taken(machine, ref, (generator.serial, -1), Grip.ALONE, False)}
    return held


def _taken(machine: Machine, ref: Ref, section: tuple[int, int], grip: Grip, any_of: bool) -> Held:
    """An object is held: a lock, a part of one, or one of those that a container keeps by key. ``any_of``: one of
    several objects, and each has a lock of its own."""
    lock, own, keyed = grasp(machine, ref[0])
    return Held(lock, section, is_shared((lock, ref[1])), own if own is not None else grip, keyed or any_of)


def _of_several(refs: list[Ref]) -> bool:
    """Whether what is locked is one of several objects of one class, or the lock of one of them."""
    owners = {obj if obj.klass is not None or obj.home is None else obj.home[0] for obj, _ in refs}
    classes = {owner.klass for owner in owners if owner.kind is Kind.OBJECT and owner.klass is not None}
    return len(owners) > len(classes) == 1


def grasp(machine: Machine, obj: Obj) -> Grasp:
    """The lock behind an object, and how it is held. One made for a request that a container keeps has a key."""
    found = machine.lock_parts.get(obj)
    if found is not None:
        return found
    kept = obj.phase is Phase.REQUEST and obj.home is not None and obj.home[1] == ELEMENT
    return Grasp(obj, None, kept or obj.kind is Kind.EVENT)


def held_at_return(machine: Machine, context: Context) -> frozenset[Claim]:
    """The locks that a function took and leaves to its caller."""
    if not machine.held_now:
        return _NOTHING
    taken = machine.held_now.values()
    return frozenset((held.lock, held.grip) for held in taken if held.shared and not _ended(context, held, None))


def _ended(context: Context, held: Held, event: int | None) -> bool:
    """Whether an event, or the return, comes after the block that gives back what was taken for it: it closes the file,
    or what a function of the project made that holds the lock."""
    evaluation, number = held.section
    if evaluation != context.serial or number < AFTER_REGIONS:
        return False
    events = context.function.facts.events
    index = number - AFTER_REGIONS
    region = _region_of_file(context.function, index)
    if region is None:
        region = _opened_region(context.function, index)
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
    value = machine.value(context, region.resource)
    refs = list(value.each())
    if refs or region.how != "monitor":
        return refs
    if value.data:  # a text of the request: lock (string.Intern(id))
        lock = machine.make("lock of a key", Kind.NAME, Phase.LOAD, type_name="(lock of a key)")
        machine.lock_parts[lock] = Grasp(lock, None, True)
        return [(lock, True)]
    return [_named(machine, context.function, region.resource.type)]


def _named(machine: Machine, function: FunctionInfo, written: f.TypeName | None) -> Ref:
    """What is locked by the name of its type. Whatever else cannot be told counts as one and the same lock: two that
    cannot be told apart are not called two."""
    if written is None:
        return machine.make("unknown lock", Kind.NAME, Phase.LOAD, type_name="(lock)"), True
    found = function.module.rules.type(machine.modules, function.module, function.scope, written)
    return (machine.name(found) if isinstance(found, str) else objects.class_object(machine, found)), True


def release(machine: Machine, obj: Obj, grip: Grip) -> None:
    """A lock is released: one taken here, or one that a caller holds."""
    lock, own, _ = grasp(machine, obj)
    claim = lock, own if own is not None else grip
    if machine.held_now.pop(claim, None) is None:
        machine.freed_now.add(claim)


def grip_of(lock: LockEntry, method: str) -> Grip:
    """How a method takes or gives back a lock."""
    if method in lock.reading:
        return Grip.READ
    return Grip.UPGRADE if method in lock.upgrading else Grip.ALONE


def part(site: CallSite, lock: LockEntry, target: Ref, method: str, type_name: str) -> Val:
    """What a method hands out that is, or is one of, the locks of its receiver: ``readLock()``, ``get(key)``."""
    machine = site.machine
    inner, _, keyed = grasp(machine, target[0])
    grip = grip_of(lock, method)
    if lock.keys is not None:
        inner, keyed = _of_key(site, lock, inner)
    obj = machine.make(("part", inner, grip, keyed), Kind.INSTANCE, target[0].phase, type_name=type_name)
    machine.lock_parts[obj] = Grasp(inner, grip if method in (*lock.reading, *lock.upgrading) else None, keyed)
    return Val(frozenset(((obj, target[1]),)))


def _of_key(site: CallSite, lock: LockEntry, obj: Obj) -> tuple[Obj, bool]:
    """The lock of one key, and whether the key is data of the invocation."""
    key = site.args[lock.keys] if lock.keys is not None and lock.keys < len(site.args) else None
    if key is None:
        return obj, False
    text = texts.literal(key)
    if text is not None:
        name = site.machine.make(("lock of", obj, text), obj.kind, obj.phase, type_name=obj.type_name)
        name.home = obj.home
        return name, False
    return obj, bool(key.data)


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


def take_or_release(site: CallSite, lock: LockEntry, target: Ref, method: str) -> None:
    """What a method of a lock does: acquire it, if only perhaps, or release it."""
    names = {given.type_name for arg in site.args for given in arg.objects() if given.kind is Kind.NAME}
    if method in lock.release or (lock.unlocks and lock.unlocks in names):
        for obj, _ in _locked(site, lock, target):
            _give_back(site.machine, lock, obj, method)
    elif method in (*lock.acquire, *lock.try_acquire) and not _opens_region(site.context.function, site.index):
        refs = list(_locked(site, lock, target))
        for ref in refs:
            _take(site, lock, ref, method, _of_several(refs))


def _take(site: CallSite, lock: LockEntry, ref: Ref, method: str, any_of: bool) -> None:
    machine = site.machine
    if ref[0] in machine.permissive or _holds_file(site, ref[0]):
        return
    if method in lock.validated and not _validates(site.context.function, lock):
        return
    taken = _taken(machine, ref, section(site.context.serial, site.index), grip_of(lock, method), any_of)
    before = machine.held_now.pop((taken.lock, Grip.READ), None) if method in lock.converts else None
    if before is not None:
        taken = before._replace(grip=taken.grip)  # the section goes on, with a better hold
    machine.held_now[taken.lock, taken.grip] = taken
    if site.context.function.has(GENERATOR):
        machine.taken_in[site.context] = machine.taken_in.get(site.context, frozenset()) | {taken}


def _give_back(machine: Machine, lock: LockEntry, obj: Obj, method: str) -> None:
    grip = grip_of(lock, method)
    inner = grasp(machine, obj).lock
    if grip is Grip.ALONE and (inner, grip) not in machine.held_now and (inner, Grip.READ) in machine.held_now:
        grip = Grip.READ  # a method that gives back whatever is held
    release(machine, obj, grip)


def _validates(function: FunctionInfo, lock: LockEntry) -> bool:
    """Whether a function asks, after an optimistic read, if somebody wrote meanwhile."""
    events = function.facts.events
    return any(isinstance(event, f.Call) and event.method in lock.validates for event in events)


def _holds_file(site: CallSite, lock: Obj) -> bool:
    """Whether a lock on a file is held already: files are not told apart, and the outer block holds it longest."""
    before = site.machine.held_now.get((lock, Grip.ALONE)) if lock.kind is Kind.NAME else None
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
    return _opened_region(function, index) is not None


def _opened_region(function: FunctionInfo, index: int) -> int | None:
    """The block that holds what a call hands out."""
    events = function.facts.events
    for number, region in enumerate(function.facts.regions):
        frontier = list(region.resource.sources)
        while frontier:
            source = frontier.pop()
            if source == index:
                return number
            event = events[source] if source >= 0 else None
            if isinstance(event, f.Suspend):
                frontier += event.value.sources
            elif isinstance(event, f.Call) and event.receiver is not None:
                frontier += event.receiver.sources
    return None


def made(site: CallSite, obj: Obj) -> None:
    """A lock was made: one that lets several in at once keeps nobody out."""
    lock = site.machine.knowledge.lock(obj.type_name)
    if lock is None or lock.permits is None:
        return
    count = site.event.args[lock.permits].value if lock.permits < len(site.event.args) else None
    if lock.option:
        count = _said(site, count, lock.option)
        many = count is None or (count.constant and count.const != 1)
    else:
        many = count is not None and count.constant and isinstance(count.const, int) and count.const > 1
    if many:
        site.machine.permissive.add(obj)


def _said(site: CallSite, given: f.Operand | None, option: str) -> f.Operand | None:
    """What an option is in an object that is written out in a call; the operand itself where it is no such object."""
    events = site.context.function.facts.events
    displays = [events[source] for source in given.sources if source >= 0] if given is not None else []
    if given is None or not any(isinstance(event, f.MakeDisplay) for event in displays):
        return given
    items = [item for event in displays if isinstance(event, f.MakeDisplay) for item in event.items]
    return next((item.value for item in items if item.key == option), None)


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


def around(site: CallSite, lock: LockEntry | None, target: Ref | None, method: str) -> frozenset[Held]:
    """The lock that a method holds while it runs the functions given to it."""
    if lock is None or target is None or method not in lock.around:
        return _NO_LOCKS
    if target[0].kind is not Kind.INSTANCE or target[0] in site.machine.permissive:
        return _NO_LOCKS
    here = section(site.context.serial, site.index)
    if lock.keys is None:
        return frozenset({_taken(site.machine, target, here, grip_of(lock, method), False)})
    obj, keyed = _of_key(site, lock, target[0])
    return frozenset({Held(obj, here, is_shared(target), grip_of(lock, method), keyed)})
