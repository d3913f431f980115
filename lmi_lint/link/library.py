"""Calls of libraries: what knowledge says they do to their receiver, their arguments and their functions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from lmi_lint.facts.model import ELEMENT
from lmi_lint.link import (
    cells,
    closures,
    container,
    contents,
    hosts,
    keeping,
    library_texts,
    locks,
    members,
    objects,
    parts,
    reflected,
    registering,
    texts,
)
from lmi_lint.link.context import Held
from lmi_lint.link.given import ANY_NAME
from lmi_lint.link.heap import (
    CONSTANT,
    NONE,
    Kind,
    Obj,
    Phase,
    ReadId,
    Ref,
    Val,
    blend,
    is_shared,
    join,
    join_all,
    of,
)
from lmi_lint.link.limits import LIMITS
from lmi_lint.link.noted import library_call
from lmi_lint.link.record import Mode, Recorder

if TYPE_CHECKING:
    from lmi_lint.knowledge.callee import Callee, Effect
    from lmi_lint.knowledge.model import CallEntry, LockEntry
    from lmi_lint.link.call_site import CallSite

_WITH_METHODS: Final = (Kind.INSTANCE, Kind.OBJECT, Kind.NAME)


def call(site: CallSite, name: str, receiver: Val, targets: tuple[Ref, ...] = (), *, new: bool = False) -> Val:
    """A call of a library function, constructor or method by its qualified name. ``targets``: the objects of one type
    whose method it is; of locks only one."""
    machine = site.machine
    target = targets[0] if targets else None
    callee = machine.knowledge.callee(name)
    entry = _entry(site, name, callee)
    lock = locks.lock_of(machine, target[0]) if target is not None else None
    effect = None
    if target is not None and target[0].kind in _WITH_METHODS and not new:
        if lock is not None:
            locks.take_or_release(site, lock, target, callee.method)
        effect = callee.effect
        if effect is not None or entry is not None:
            _touch(site, targets, effect, entry, callee.method)
    if entry is not None and entry.mutates:
        _change_argument(site, entry)
    if callee.role in ("atomic", "fence") and any(arg.by_ref for arg in site.event.args):
        (machine.atomic if callee.role == "atomic" else machine.fenced).add((site.context, site.index))
    if target is not None and target[0].kind is Kind.INSTANCE and entry is None and effect is None:
        through = contents.passes_through(machine, site.context.function.module, callee.method, len(site.args))
        if through and machine.knowledge.resolution(name) is None:
            _record_call(site, name, receiver, None, receiver, new=False)
            return Val(frozenset(targets), receiver.data, receiver.reads)
    if entry is not None and entry.hosts:
        machine.container.hosting[site.context, site.index] = None
    if entry is not None and entry.starts:
        hosts.run_startup(machine, registering.services_named(site), entry.starts)
    result = registering.answer(site, name, receiver, targets) if callee.wires or callee.assembles else None
    if result is None:
        returned = _run(site, receiver, entry, locks.around(site, lock, target, callee.method))
        if effect is not None and effect.adds and returned.refs:
            for obj, _ in targets:
                machine.heap.store(obj, ELEMENT, returned)
        result = _result(site, name, receiver, entry, effect, returned, targets, lock, new=new)
    if effect is not None:
        result = _with_read(site, targets, effect, result)
    _record_call(site, name, receiver, entry, result, new=new)
    return result


def _entry(site: CallSite, name: str, callee: Callee) -> CallEntry | None:
    """What is known about a call of this name with these arguments."""
    knowledge = site.machine.knowledge
    if not callee.conditional:
        return knowledge.call_entry(name, len(site.args), None)
    literals = [_literal(site, position) for position in range(len(site.args))]
    first = literals[0] if literals else None
    return knowledge.call_entry(name, len(site.args), first, (), literals, _named_literals(site, literals))


def unknown_call(site: CallSite, receiver: Val, name: str) -> Val:
    """A call on a value of unknown type: language values by their method names alone, for their functions only."""
    machine = site.machine
    entry = None
    for type_name in site.context.function.module.rules.value_types():
        entry = machine.knowledge.call_entry(f"{type_name}.{name}", len(site.args), None)
        if entry is not None:
            break
    returned = _run_functions(site, receiver, entry, frozenset()) if site.refers else NONE
    through = contents.passes_through(machine, site.context.function.module, name, len(site.args))
    if site.context.phase is Phase.REQUEST and not site.reached:
        known = entry is not None or bool(receiver.data) or through
        machine.note(site.context, site.index, Recorder.resolve if known else Recorder.give_up)
    if through:
        return receiver
    mixed = blend([receiver, *site.args])
    found = library_texts.texts_of_result(site, entry, receiver)
    refs = returned.refs
    if any(obj.kind is Kind.EVENT for obj, _ in receiver.refs):
        refs = refs | frozenset(ref for ref in receiver.refs if ref[0].kind is Kind.EVENT)
    return Val(refs, mixed.data | returned.data, mixed.reads | returned.reads, found)


# --------------------------------------------------------------------------- receiver


def _touch(
    site: CallSite, targets: tuple[Ref, ...], effect: Effect | None, entry: CallEntry | None, method: str
) -> None:
    """What the method does to the content of its receivers."""
    machine, context = site.machine, site.context
    stored = NONE
    if entry is not None and entry.stores:
        stored = _chosen(entry.stores.removesuffix(".element"), site.args) or NONE
        if stored is not NONE and entry.stores.endswith(".element"):
            stored = parts.elements(machine, context, site.index, stored)
    elif effect is not None and effect.adds:
        stored = join_all(site.args)
    if entry is not None and entry.calls in ("now", "after"):
        stored = contents.without_functions(stored)  # what they return is put in, not they themselves
    for target in targets:
        if target[0].kind is Kind.NAME:
            continue
        if stored is not NONE:
            machine.heap.store(target[0], ELEMENT, stored, shared=is_shared(target))
        if effect is None or not is_shared(target) or context.phase is not Phase.REQUEST:
            continue
        if target[0] not in context.building:
            _touch_shared(site, target[0], effect, entry, method, stored)


def _touch_shared(site: CallSite, obj: Obj, effect: Effect, entry: CallEntry | None, method: str, stored: Val) -> None:
    machine = site.machine
    if effect.mutates:
        cells.mark_written(machine, obj, ELEMENT)
    key_value = _chosen(entry.key, site.args) if entry is not None and entry.key else None
    value = stored if stored is not NONE else join_all(site.args)
    keeps = stored is not NONE and key_value is None and not effect.atomic
    only_removes = effect.removes and entry is not None and bool(entry.stores) and stored is NONE
    mode = Mode.REMOVE if only_removes else _mode(effect)
    cells.record_method(machine, site.context, site.index, obj, mode, method, value, key_value, keeps=keeps)


def _change_argument(site: CallSite, entry: CallEntry) -> None:
    """A call that changes one of its arguments: it takes the parts of the others."""
    machine, context = site.machine, site.context
    changed = _chosen(entry.mutates, site.args)
    if changed is None:
        return
    others = [arg for arg in site.args if arg is not changed]
    for ref in changed.each():
        for other in others:
            parts.copy_parts(machine, context, site.index, ref, other)
        if not others and ref[0].kind in (Kind.OBJECT, Kind.INSTANCE) and is_shared(ref):
            cells.touch(machine, context, site.index, ref[0], Mode.MUTATE, entry.name, NONE)


def _mode(effect: Effect) -> Mode:
    if effect.atomic:
        return Mode.ATOMIC
    if effect.adds:
        return Mode.ADD
    if effect.removes:
        return Mode.REMOVE
    if effect.mutates:
        return Mode.MUTATE
    return Mode.ITERATE if effect.iterates else Mode.LOOK


def _with_read(site: CallSite, targets: tuple[Ref, ...], effect: Effect, result: Val) -> Val:
    """A look into a shared object that requests change carries the identity of that read."""
    machine, context = site.machine, site.context
    shared = [target[0] for target in targets if is_shared(target)]
    if not (effect.reads or effect.element or effect.iterates) or context.phase is not Phase.REQUEST:
        return result
    for obj in shared:
        machine.heap.load(obj, ELEMENT, context)  # to be told when a request comes to write it
    if not any((obj, ELEMENT) in machine.request_written for obj in shared):
        return result
    reads = result.reads | {ReadId(context, site.index)}
    return Val(result.refs, result.data, reads, result.texts, result.constant, result.null)


# --------------------------------------------------------------------------- functions given as arguments


def _run(site: CallSite, receiver: Val, entry: CallEntry | None, around: frozenset[Held]) -> Val:
    """What the functions return that a call runs: those given to it, and those that the objects on hand keep."""
    if not site.refers:
        return NONE
    return join(_run_functions(site, receiver, entry, around), keeping.run_kept(site, receiver, entry))


def _run_functions(site: CallSite, receiver: Val, entry: CallEntry | None, around: frozenset[Held]) -> Val:
    """Run, defer or leave the functions among the arguments; the join of what they return."""
    machine, context = site.machine, site.context
    functions = [
        obj for arg in site.args for obj in arg.objects() if obj.kind is Kind.CLOSURE and obj.function is not None
    ]
    if not functions:
        return NONE
    when = entry.calls if entry is not None else None
    if when in ("never", "wraps", "once") or site.event.decorates:
        return NONE
    if when == "serves" and context.phase is Phase.LOAD:
        machine.served.update(dict.fromkeys(functions))
        return NONE
    if context.phase is Phase.LOAD and when not in ("now", "after"):
        if when in ("keeps", "background"):
            machine.listeners.update(dict.fromkeys(functions))
        return NONE
    given = _passed(site, receiver, entry)
    result = NONE
    before = dict(machine.held_now)
    for held in around:
        machine.held_now[held.lock, held.grip] = held
    for obj in functions:
        if obj.function is None:
            continue
        bound = closures.bound_args(machine, obj)
        own = given
        if entry is not None and entry.gives:
            own = given[max(len(given) + len(bound) - len(obj.function.facts.params), 0) :]
        args = [*bound, *own]
        args += [given[-1]] * (len(obj.function.facts.params) - len(args)) if given else []
        returned = machine.call(
            context,
            site.index,
            obj.function,
            obj.this or NONE,
            args,
            obj.env,
            phase=context.phase,
            later=when != "now" and not around,
            locked=bool(around) or when not in ("after", "background"),
        )
        result = join(result, returned)
    machine.held_now = before
    return result


def _passed(site: CallSite, receiver: Val, entry: CallEntry | None) -> list[Val]:
    """What the parameters of a function argument are."""
    passes = entry.passes if entry is not None else ""
    if passes == "element":
        return [parts.elements(site.machine, site.context, site.index, receiver)]
    if passes == "receiver":
        return [receiver]
    if entry is not None and entry.gives:
        return [of(container.provider(site.machine, name, site.context.phase)) for name in entry.gives]
    chosen = _chosen(passes, site.args) if passes else None
    if chosen is not None:
        return [chosen]
    mixed = blend([receiver, *site.args])
    held = frozenset(ref for ref in receiver.refs if ref[0].kind is Kind.EVENT)
    return [Val(held, mixed.data, mixed.reads)]


# --------------------------------------------------------------------------- result


def _result(
    site: CallSite,
    name: str,
    receiver: Val,
    entry: CallEntry | None,
    effect: Effect | None,
    returned: Val,
    targets: tuple[Ref, ...],
    lock: LockEntry | None,
    *,
    new: bool,
) -> Val:
    machine, context = site.machine, site.context
    mixed = blend((receiver, *site.args))
    target = targets[-1] if targets else None
    if target is not None and target[0].kind is Kind.CONTEXT:
        mixed = blend([Val(data=members.member_data(receiver.data, name.rpartition(".")[2])), *site.args])
    returns = entry.returns if entry is not None else ""
    if entry is not None:
        if entry.by_name and (named := reflected.named(site, entry.by_name)) is not NONE:
            return named
        if entry.freezes and site.args:
            machine.frozen.update(site.args[0].objects())
        if entry.unique == "environment" and entry.returns_type:
            same = machine.make(("same", name), Kind.INSTANCE, Phase.LOAD, type_name=entry.returns_type)
            return of(same, shared=True)
        if entry.unique:
            return library_texts.unique(site, entry, mixed)
    found = library_texts.texts_of_result(site, entry, receiver)
    if returns == "receiver":
        if entry is not None and entry.calls in (None, "wraps", "keeps"):
            keeping.keep(site, NONE, receiver)
        return receiver
    if returns == "element" or (not returns and effect is not None and effect.element):
        here = Val(frozenset(targets), receiver.data) if targets else receiver
        inside = parts.elements(machine, context, site.index, here)
        held = inside.texts or texts.computed((receiver,))
        return join(Val(inside.refs, inside.data, inside.reads, held), returned)
    chosen = _chosen(returns, site.args) if returns.startswith("arg") else None
    if chosen is not None:
        if entry is not None and entry.calls == "keeps":
            keeping.keep(site, NONE, receiver)
        return library_texts.default(chosen) if entry is not None and entry.text == "setting" else chosen
    if returns == "bound":
        return keeping.bound(site)
    if entry is not None and entry.pure and not entry.returns_type and not new:
        static = target is None or target[0].kind is Kind.NAME
        if static and not found and site.args and all(arg.constant for arg in site.args):
            return CONSTANT
        made = NONE
    else:
        type_name = (entry.returns_type if entry is not None else "") or (name if new else _unnamed(name))
        method = name.rpartition(".")[2]
        if lock is not None and target is not None and method in lock.parts:
            return locks.part(site, lock, target, method, type_name)
        obj = objects.allocate(machine, context, site.index, Kind.INSTANCE, type_name=type_name)
        made = of(obj)
        if new or type_name == f"{name}()":
            locks.made(site, obj)
        if entry is not None and entry.arity is not None:
            machine.arities[obj] = entry.arity
        if lock is not None and target is not None and method in lock.acquire:
            machine.releasers[obj] = target, locks.grip_of(lock, method)
        if target is not None and target[0].kind is Kind.INSTANCE:
            machine.origins[obj] = target[0]
        if entry is not None and entry.calls == "once":
            machine.memoised.add(obj)
        if entry is None or entry.calls in (None, "wraps", "keeps", "once"):
            looks = effect is not None and not effect.mutates  # ``list.includes(x)`` keeps nothing
            keeping.keep(site, made, NONE if looks else receiver)
        contents.fill(site, obj, entry, effect, receiver, returned)
    if mixed is NONE and returned is NONE and made is not NONE and not found:
        return made
    data = mixed.data | returned.data
    reads = mixed.reads | returned.reads
    if entry is not None and entry.holds:
        return Val(made.refs, data, reads, found)
    return Val(made.refs | returned.refs, data, reads, found)


def _unnamed(name: str) -> str:
    """The type of what an unknown call returns: named after the call. In ``x = x.next()`` the names end somewhere."""
    return f"{name}()" if name.count("()") < LIMITS.depth else name.rpartition(".")[0]


def _chosen(which: str, args: list[Val]) -> Val | None:
    """The argument that a word names; with ``arg0|arg1`` either."""
    if not which.startswith("arg"):
        return None
    found = [args[position] for word in which.split("|") if (position := int(word[3:])) < len(args)]
    return join_all(found) if found else None


def _literal(site: CallSite, position: int) -> str | None:
    """What an argument reads: a text, a constant as JSON writes it, or the name of something outside the project."""
    text = texts.literal(site.args[position])
    if text is not None:
        return text
    refs = site.args[position].refs
    if len(refs) == 1 and (named := next(iter(refs))[0]).kind is Kind.NAME:
        return named.type_name
    given = site.event.args[position].value if position < len(site.event.args) else None
    constant = given is not None and given.constant and given.const is not None
    return str(given.const).lower() if given is not None and constant else None


def _named_literals(site: CallSite, literals: list[str | None]) -> dict[str, str | None]:
    given = site.event.args
    if len(given) != len(literals):
        return {}
    return {arg.name: text for arg, text in zip(given, literals, strict=True) if arg.name}


def _record_call(site: CallSite, name: str, receiver: Val, entry: CallEntry | None, result: Val, *, new: bool) -> None:
    site.machine.note(site.context, site.index, partial(_recorded, site, name, receiver, entry, result, new))


def _recorded(
    site: CallSite, name: str, receiver: Val, entry: CallEntry | None, result: Val, new: bool, recorder: Recorder
) -> None:
    machine, context = site.machine, site.context
    if context.phase is Phase.REQUEST:
        recorder.resolve()
        for arg in site.args if site.refers else ():
            cells.record_use(machine, context, site.index, arg, recorder)
    args, named = tuple(site.args), _named(site)
    recorder.calls.append(
        library_call(machine, context, site.index, name, entry, receiver, args, result, new=new, named=named)
    )


def _named(site: CallSite) -> tuple[tuple[str, Val], ...]:
    if not site.args.some_named:
        return ()
    pairs = zip(site.args.names, site.args, strict=True)
    return tuple((name, value) for name, value in pairs if name is not None and name != ANY_NAME)
