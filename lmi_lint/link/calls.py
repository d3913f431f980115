"""Calls: which function, class or library name a call reaches, over the objects that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.link import (
    closures,
    construction,
    contents,
    extensions,
    library,
    locks,
    members,
    objects,
    registering,
    texts,
)
from lmi_lint.link.call_site import CallSite
from lmi_lint.link.given import Given, arguments, spread_out
from lmi_lint.link.heap import NONE, Kind, Obj, Phase, Ref, Val, is_shared, join, join_all, of, only
from lmi_lint.link.methods import find_method, takes_receiver
from lmi_lint.link.names import (
    ABSTRACT,
    STATIC,
    ClassInfo,
    External,
    FunctionInfo,
    direct_bases,
    library_supers,
    type_named,
)
from lmi_lint.link.names_module import library_name

if TYPE_CHECKING:
    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine


def call(machine: Machine, context: Context, index: int, event: f.Call) -> Val:
    """One call or construction."""
    site = CallSite(machine, context, index, event, arguments(machine, context, index, event))
    if event.on_super or event.on_this:
        result = _upward(site)
    elif event.receiver is not None:
        result = method_call(site, machine.value(context, event.receiver), event.method)
    elif event.callee is not None:
        result = call_value(site, machine.value(context, event.callee), new=event.new)
    else:
        result = _bare(site)
    if event.decorates:
        result = _decorated(site.args[0] if site.args else NONE, result)
    if event.as_type is not None and not (result.refs or result.texts or result.constant):
        owner = context.function.scope
        made = objects.summon(
            machine, context, (context, index), event.as_type, context.function.module, owner, context.phase
        )
        result = join(result, made) if made.refs else result
    return result


def _decorated(given: Val, result: Val) -> Val:
    """What a decorator makes. Code outside the project is taken to give back the class that it was given, and never to
    lose a function."""
    ours = any(obj.kind in (Kind.CLOSURE, Kind.CLASS, Kind.OBJECT) for obj in result.objects())
    classes = any(obj.kind is Kind.CLASS for obj in given.objects())
    return given if not result.refs or (classes and not ours) else result


# --------------------------------------------------------------------------- shapes of calls


def _bare(site: CallSite) -> Val:
    """``name(…)`` or ``new Name(…)`` where no scope of the file declares the name."""
    machine, context, event = site.machine, site.context, site.event
    function = context.function
    rules = function.module.rules
    if event.new and event.type is not None:
        return _new_typed(site, event.type)
    scope = rules.method_scope(machine.modules, function, event.method)
    if scope is not None:
        return _scoped_method(site, *scope)
    if event.method in ("require", "import"):
        return _require(site)
    if function.scope is not None:
        for above in _library_scopes(machine, function):
            known = machine.knowledge.call_entry(f"{above}.{event.method}", len(site.args), None)
            if known is not None or machine.knowledge.method_effect(above, event.method) is not None:
                return _inherited(site, above)
    symbol = rules.free(machine.modules, function, event.method)
    if isinstance(symbol, External) and not event.new:
        return site.library(symbol.name)
    return call_value(site, members.load_symbol(machine, context, site.index, symbol), new=event.new)


def _inherited(site: CallSite, above: str) -> Val:
    """A method of a library type that the class at hand derives from, on the instance at hand."""
    name, this = f"{above}.{site.event.method}", site.context.this
    if not this.refs:
        return site.library(name, this)
    return join_all([site.library(name, Val(frozenset((ref,)), this.data), ref) for ref in this.each()])


def _library_scopes(machine: Machine, function: FunctionInfo) -> list[str]:
    return library_supers(machine.modules, function.scope) if function.scope is not None else []


def _scoped_method(site: CallSite, klass: ClassInfo, hops: int) -> Val:
    """A method of an enclosing class called by its bare name, on this or on an outer instance."""
    machine, name, count = site.machine, site.event.method, len(site.args)
    method = find_method(machine.modules, klass, name, count, fit=site.fit)
    if method is None:
        return _unknown(site, NONE, name)
    if method.has(STATIC):
        return site.invoke(method, of(objects.class_object(machine, method.owner or klass)), None)
    this = site.context.this
    for _ in range(max(hops, 0)):
        this = members.outward(this)
    result = NONE
    for ref in this.each():
        own = ref[0].klass
        actual = find_method(machine.modules, own, name, count, fit=site.fit) if own is not None else None
        result = join(result, _virtual(site, actual or method, ref))
    return result if this.refs else site.invoke(method, NONE, None)


def _virtual(site: CallSite, method: FunctionInfo, ref: Ref) -> Val:
    """Call a method on an instance; an abstract one through the classes that are known to implement it."""
    if not method.has(ABSTRACT):
        return site.invoke(method, only(ref), ref[0].env)
    handed = registering.handed_out(site, method, ref)
    if handed is not None:
        return handed
    result, answered = NONE, False
    for klass in site.machine.modules.implementors(method.owner) if method.owner is not None else ():
        actual = find_method(site.machine.modules, klass, method.facts.name, len(site.args), fit=site.fit)
        if actual is not None and not actual.has(ABSTRACT):
            answered = True
            made = site.machine.make(
                ("implementor", ref[0], klass), Kind.OBJECT, ref[0].phase, klass=klass, label=klass.name
            )
            result = join(result, site.invoke(actual, of(made, shared=ref[1]), None))
    above = library_supers(site.machine.modules, method.owner) if method.owner is not None and not answered else []
    return site.library(f"{above[0]}.{method.facts.name}", only(ref)) if above else result


def _require(site: CallSite) -> Val:
    """``require("x")`` and ``import("x")``."""
    specifier = texts.literal(site.args[0]) if site.args else None
    if specifier is None:
        return _unknown(site, NONE, site.event.method)
    site.reached = True
    machine = site.machine
    path = machine.modules.resolve_module(site.context.function.module.path, specifier)
    module = machine.modules.module(path) if path is not None else None
    if module is None:
        return of(machine.name(library_name(specifier)), shared=True)
    if module.facts.exports:
        return of(objects.namespace(machine, module))
    objects.module_frame(machine, module)
    exports = machine.heap.load(objects.module_object(machine, module), "exports", site.context)
    return exports if exports is not None else NONE


def _upward(site: CallSite) -> Val:
    """``super(…)``, ``this(…)``, ``super.m(…)``."""
    machine, context, event = site.machine, site.context, site.event
    owner = context.function.owner
    if owner is None:
        return _unknown(site, context.this, event.method)
    if event.on_this and not event.method:
        for constructor in construction.constructors_for(machine, owner, site.args):
            if constructor is not context.function:
                site.invoke(constructor, context.this, context.env)
        return NONE
    if not event.method:
        site.reached = True
        for above in direct_bases(machine.modules, owner):
            holder = objects.class_object(machine, above)
            construction.initialise(machine, context, site.index, above, holder, context.this, site.args)
        return NONE
    method = find_method(machine.modules, owner, event.method, len(site.args), skip=True, fit=site.fit)
    if method is not None:
        return site.invoke(method, context.this, context.env)
    supers = library_supers(machine.modules, owner)
    if supers:
        return _inherited(site, supers[0])
    return _unknown(site, context.this, event.method)


def _new_typed(site: CallSite, name: f.TypeName) -> Val:
    function = site.context.function
    found = type_named(site.machine.modules, function.module, function.scope, name)
    if isinstance(found, ClassInfo):
        site.reached = True
        env = objects.frame(site.machine, site.context) if found.facts.outer not in (None, 0) else None
        return construction.construct(
            site.machine, site.context, site.index, found, objects.class_object(site.machine, found, env), site.args
        )
    return site.library(found, new=True)


# --------------------------------------------------------------------------- calls on values


def method_call(site: CallSite, receiver: Val, name: str) -> Val:
    """``receiver.name(args)`` over all objects that the receiver may be: those of one library type at once, but locks
    each by itself."""
    if not receiver.refs:
        return _unknown_method(site, receiver, name)
    result = NONE
    alike: dict[object, list[Ref]] = {}
    for ref in receiver.each():
        obj = ref[0]
        if obj.kind is not Kind.INSTANCE:
            result = join(result, _dispatch(site, ref, receiver, name))
            continue
        stored = site.machine.heap.load(obj, name, site.context)
        if stored is not None and any(o.kind is Kind.CLOSURE for o, _ in stored.refs):
            result = join(result, call_value(site, stored, this=only(ref)))
        else:
            lock = site.machine.knowledge.lock(obj.type_name) is not None
            alike.setdefault(ref if lock else obj.type_name, []).append(ref)
    for refs in alike.values():
        result = join(result, _on_instances(site, refs, receiver, name))
    return result


def _on_instances(site: CallSite, refs: list[Ref], receiver: Val, name: str) -> Val:
    if extensions.candidates(site, name):
        extension = extensions.call(site, Val(frozenset(refs), receiver.data, receiver.reads), name)
        if extension is not None:
            return extension
    return site.library(f"{refs[0][0].type_name}.{name}", receiver, *refs)


def _dispatch(site: CallSite, ref: Ref, receiver: Val, name: str) -> Val:
    machine, obj = site.machine, ref[0]
    match obj.kind:
        case Kind.NAME:
            return _on_name(site, ref, receiver, name)
        case Kind.CONTEXT:
            return site.library(f"{obj.type_name}.{name}", receiver, ref)
        case Kind.EVENT:
            return _unknown_method(site, receiver, name)
        case Kind.CLOSURE:
            return _on_closure(site, ref, name)
        case Kind.MODULE:
            found = members.load_member(machine, site.context, site.index, only(ref), name)
            return call_value(site, found, this=NONE, new=site.event.new)
        case _:
            return _on_object(site, ref, receiver, name)


def _on_name(site: CallSite, ref: Ref, receiver: Val, name: str) -> Val:
    machine = site.machine
    stored = machine.heap.load(ref[0], name, site.context)
    if stored is not None and any(obj.kind is Kind.CLOSURE for obj, _ in stored.refs):
        return call_value(site, stored, new=site.event.new)
    qualified = f"{ref[0].type_name}.{name}"
    if receiver.texts and machine.knowledge.call_entry(qualified, len(site.args), None) is None:
        return _unknown(site, receiver, name)  # a text, known by its name: a separator, a setting
    return site.library(qualified, receiver, ref, new=site.event.new)


def _on_object(site: CallSite, ref: Ref, receiver: Val, name: str) -> Val:
    machine, context, obj = site.machine, site.context, ref[0]
    this = only(ref)
    if obj.klass is not None:
        method = find_method(machine.modules, obj.klass, name, len(site.args), fit=site.fit)
        if method is not None:
            made = members.replaced(machine, context, obj, method)
            if made is not None and made.refs:
                return _call_replaced(site, method, ref, made)
            if method.has(STATIC):
                return site.invoke(method, of(objects.class_object(machine, method.owner or obj.klass)), obj.env)
            if obj.kind is Kind.CLASS and takes_receiver(method) and site.args:
                return site.invoke(method, site.args[0], obj.env, site.args.without_first())
            if method is context.function and site.event.receiver != f.Operand((f.THIS,), (f.THIS,)):
                # Through a property of an interface's type: no method of it, else it would call itself for ever.
                extension = extensions.call(site, this, name)
                if extension is not None:
                    return extension
            return _virtual(site, method, ref)
    found = machine.heap.load(obj, name, context)
    if found is None and obj is machine.implicit_globals:
        return site.library(name, new=site.event.new)
    if found is None and obj.base is not None:
        found = members.load_member(machine, context, site.index, obj.base, name)
    if found is not None and found.refs:
        return call_value(site, found, this=this, new=site.event.new)
    if contents.passes_through(machine, context.function.module, name, len(site.args)):
        return this
    if obj.klass is not None:
        field = members.load_member(machine, context, site.index, this, name)
        if field.refs:
            return call_value(site, field, this=this, new=site.event.new)
        extension = extensions.call(site, this, name)
        if extension is not None:
            return extension
        for above in library_supers(machine.modules, obj.klass):
            return site.library(f"{above}.{name}", receiver, ref)
        if obj.kind is Kind.CLASS and name in ("values", "valueOf"):
            site.reached = True
            cells = [machine.heap.load(obj, key, context) for key in sorted(machine.heap.keys.get(obj, ()))]
            return join_all([cell for cell in cells if cell is not None])
        return _unknown_method(site, receiver, name)
    if obj.type_name:
        return site.library(f"{obj.type_name}.{name}", receiver, ref)
    return _unknown_method(site, receiver, name)


def _call_replaced(site: CallSite, method: FunctionInfo, ref: Ref, made: Val) -> Val:
    """A method whose decorators made something else of it: that is called, with the receiver in front."""
    if not takes_receiver(method):
        return call_value(site, made)
    this = only(ref)
    if method.has(STATIC):
        this = of(objects.class_object(site.machine, method.owner)) if method.owner is not None else NONE
    return call_value(site, made, args=site.args.after([this]))


def _on_closure(site: CallSite, ref: Ref, name: str) -> Val:
    """A method of a function value: the language says whether that calls it."""
    machine, obj = site.machine, ref[0]
    stored = machine.heap.load(obj, name, site.context)
    if stored is not None and stored.refs:
        return call_value(site, stored, this=only(ref))
    how = site.context.function.module.rules.closure_method(name)
    if not how:
        return _unknown(site, NONE, name)
    callee = only(ref)
    if how == "call":
        return call_value(site, callee, this=site.args[0] if site.args else NONE, args=site.args[1:])
    if how == "apply":
        spread = spread_out(machine, site.context, site.index, site.args[1]) if len(site.args) > 1 else Given()
        return call_value(site, callee, this=site.args[0] if site.args else NONE, args=spread)
    if how == "bind":
        site.reached = True
        this = obj.this if obj.this is not None else (site.args[0] if site.args else NONE)
        bound = machine.make(
            ("bind", obj, site.context, site.index), Kind.CLOSURE, site.context.phase,
            function=obj.function, env=obj.env, this=this, label=obj.label,
        )  # fmt: skip
        for position, arg in enumerate(site.args[1:]):
            machine.heap.store(bound, f"{closures.BOUND}{position}", arg)
        return of(bound)
    return call_value(site, callee)


def call_value(
    site: CallSite, callee: Val, *, this: Val = NONE, new: bool = False, args: list[Val] | None = None
) -> Val:
    """Call whatever a value may be."""
    result = NONE
    for ref in callee.each():
        given = args if isinstance(args, Given) else Given(args) if args is not None else site.args
        result = join(result, _call_object(site, ref, this, given, new=new))
    if not callee.refs:
        return _unknown(site, callee, site.event.method)
    return result


def _call_object(site: CallSite, ref: Ref, this: Val, args: Given, *, new: bool) -> Val:
    machine, obj = site.machine, ref[0]
    if obj.kind is Kind.CLOSURE and obj.function is not None:
        args = args.after(closures.bound_args(machine, obj))
        if new:
            made = objects.allocate(machine, site.context, site.index, Kind.OBJECT, label=obj.label, env=obj.env)
            replaced = machine.heap.load(obj, "prototype", site.context)
            made.base = replaced if replaced is not None else of(members.prototype(machine, obj))
            site.invoke(obj.function, of(made), obj.env, args)
            return of(made)
        return _invoke_closure(site, obj, this, args, site.context.phase)
    if obj.kind is Kind.CLASS and obj.klass is not None:
        site.reached = True
        return construction.construct(machine, site.context, site.index, obj.klass, obj, args)
    if obj.kind is Kind.NAME:
        return site.library(obj.type_name, only(ref), new=new)
    if obj.kind is Kind.OBJECT and obj.klass is not None:
        name = site.context.function.module.rules.call_method
        method = find_method(machine.modules, obj.klass, name, None) if name else None
        if method is not None:
            return site.invoke(method, only(ref), obj.env, args)
    if obj.kind in (Kind.INSTANCE, Kind.OBJECT):
        return _call_instance(site, ref, args)
    return _unknown(site, only(ref), site.event.method)


def _invoke_closure(site: CallSite, obj: Obj, this: Val, args: Given, phase: Phase) -> Val:
    """Call a function value; a method that is bound to nothing takes its first argument as the receiver."""
    if obj.function is None:
        return NONE
    own = obj.this if obj.this is not None else this
    if obj.this is None and not this.refs and args and takes_receiver(obj.function):
        own, args = args[0], args.without_first()
    return site.invoke(obj.function, own, obj.env, args, phase)


def _call_instance(site: CallSite, ref: Ref, args: Given) -> Val:
    """Calling what a library returned: a lock's releaser, a decorator, a wrapped handler, something unknown."""
    machine, obj = site.machine, ref[0]
    name = obj.type_name if obj.type_name.endswith("()") else f"{obj.type_name}()"
    if site.event.decorates:
        return site.library(name, only(ref), ref)
    lock = machine.releasers.get(obj)
    if lock is not None:
        locks.release(machine, lock[0][0], lock[1])
        site.reached = True
        return NONE
    inside = closures.kept_closures(machine, obj, site.context)
    if inside:
        return join_all(
            _invoke_closure(site, kept, NONE, args, _phase_inside(site, obj, kept, args)) for kept in inside
        )
    return site.library(name, only(ref), *([ref] if locks.lock_of(machine, obj) is not None else ()))


def _phase_inside(site: CallSite, obj: Obj, kept: Obj, args: Given) -> Phase:
    """When a function runs that a library object holds. One whose result is kept for the process runs once, like
    load; if it is a method, that holds for receivers that live as long."""
    lasting = obj in site.machine.memoised and site.context.phase is Phase.REQUEST and is_shared((obj, False))
    if lasting and kept.function is not None and kept.this is None and takes_receiver(kept.function):
        lasting = bool(args) and bool(args[0].refs) and all(map(is_shared, args[0].refs))
    return Phase.LOAD if lasting else site.context.phase


def _unknown_method(site: CallSite, receiver: Val, name: str) -> Val:
    extension = extensions.call(site, receiver, name)
    return extension if extension is not None else _unknown(site, receiver, name)


def _unknown(site: CallSite, receiver: Val, name: str) -> Val:
    """A call that nothing here explains: its functions may run now or later, its result is made of everything."""
    return library.unknown_call(site, receiver, name)
