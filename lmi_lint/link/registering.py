"""Calls by which code tells a container of services what it makes, and takes services out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts.model import Call, TypeName
from lmi_lint.link import container, modules
from lmi_lint.link.container import Asker, Registration, Service, service_of, supply, token_of, with_key
from lmi_lint.link.heap import NONE, Kind, Phase, Ref, Val, is_shared, join_all, of, only
from lmi_lint.link.methods import find_method
from lmi_lint.link.names import ClassInfo
from lmi_lint.link.texts import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lmi_lint.facts.model import Argument
    from lmi_lint.knowledge.wiring import BindEntry, Lifetime, RegisterEntry
    from lmi_lint.link.call_site import CallSite
    from lmi_lint.link.names import FunctionInfo


def answer(site: CallSite, name: str, receiver: Val, targets: tuple[Ref, ...]) -> Val | None:
    """What a call returns that registers or takes out a service; None if the call does neither, or if what it takes out
    is not known."""
    knowledge = site.machine.knowledge
    if not knowledge.wires(name):
        return assembled(site, name)
    answers = [_answer(site, name, receiver, target) for target in targets or (None,)]
    known = [each for each in answers if each is not None]
    return join_all(known) if known else None


def _answer(site: CallSite, name: str, receiver: Val, target: Ref | None) -> Val | None:
    machine, context = site.machine, site.context
    entry = machine.knowledge.registration(name)
    if entry is not None:
        _register(site, entry, target)
        return receiver
    bind = machine.knowledge.binding(name)
    if bind is not None:
        return _bind(site, bind, target)
    resolution = machine.knowledge.resolution(name)
    if resolution is None:
        return None
    machine.container.askers[context] = None
    shared = context.phase is Phase.LOAD
    outside = shared or (target is not None and is_shared(target))
    asker = Asker(shared, outside, (context, site.index), (context, site.index), _home(site, target))
    wanted = [machine.container.promised[obj] for obj in receiver.objects() if obj in machine.container.promised]
    wanted = wanted or services_named(site)
    if wanted and resolution.keyed:
        return supply(machine, with_key(wanted[0], literal(site.args[-1]) if site.args else None), asker)
    if wanted:
        return supply(machine, wanted[0], asker)
    called = literal(site.args[0]) if site.args and machine.near is not None else None
    found = machine.modules.components.named(called, machine.near) if called and machine.near is not None else []
    return container.obtained(machine, found, asker) if found else None


def _home(site: CallSite, target: Ref | None) -> Phase:
    """How long the components of a container live: as long as the container, which each request may have of its own."""
    if target is None or target[0].kind not in (Kind.INSTANCE, Kind.OBJECT):
        return Phase.LOAD
    return Phase.LOAD if is_shared(target) else target[0].phase


# --------------------------------------------------------------------------- registrations


def _register(site: CallSite, entry: RegisterEntry, target: Ref | None) -> None:
    args = site.args[1:] if entry.keyed else site.args
    given = NONE if entry.configured else Val(frozenset(ref for arg in args for ref in arg.refs))
    services = services_named(site)
    if not services:
        services = _inferred(site, given, site.event.args[1:] if entry.keyed else site.event.args)
    if not services:
        return
    wanted, made_of = services[0], services[-1].type
    if entry.keyed:
        wanted = with_key(wanted, literal(site.args[0]) if site.args else None)
    outlives = site.context.phase is Phase.LOAD or (target is not None and is_shared(target))
    home = Phase.LOAD if outlives else Phase.REQUEST
    made = None if given.refs else made_of
    registration = Registration(wanted, entry.lifetime, entry.if_absent, made, given, home)
    site.machine.container.add(site.machine, (site.context, site.index), registration)


def services_named(site: CallSite) -> list[Service]:
    """The types that a call names: as type arguments, or as values (``typeof``)."""
    function = site.context.function
    named = list(site.event.type_args)
    if not named:
        classes = [obj.klass for arg in site.args for obj in arg.objects() if obj.kind is Kind.CLASS]
        if classes:
            return [Service(klass) for klass in classes if klass is not None]
        if function.module.rules.keys_are_values:
            keys = [token_of(arg) for arg in site.args[:1]]
            return [key for key in keys if key is not None]
    if not named:
        named = [
            arg.value.type
            for arg in site.event.args
            if arg.value.type is not None and not arg.value.sources and not arg.value.constant
        ]
    found = [service_of(site.machine, function.module, function.scope, name) for name in named]
    return [service for service in found if service is not None]


def _inferred(site: CallSite, given: Val, args: Sequence[Argument]) -> list[Service]:
    """The type of the object that is registered, as it is declared, or of what the function makes."""
    function = site.context.function
    declared = [name for arg in args if (name := _declared(function, arg)) is not None]
    for obj in given.objects():
        if obj.kind is Kind.CLOSURE and obj.function is not None:
            types = [value.type for value in obj.function.facts.returns if value.type is not None]
            found = [service_of(site.machine, obj.function.module, obj.function.scope, name) for name in types]
        elif declared:
            found = [service_of(site.machine, function.module, function.scope, name) for name in declared]
        else:
            kind = obj.klass if obj.klass is not None else obj.type_name
            found = [Service(kind) if kind else None]
        known = [service for service in found if service is not None]
        if known:
            return known[:1]
    return []


def _declared(function: FunctionInfo, arg: Argument) -> TypeName | None:
    """The type that an argument is declared with: that of the variable rather than that of what was put into it."""
    sources = arg.value.sources
    made = function.facts.events[sources[0]] if len(sources) == 1 and sources[0] >= 0 else None
    return made.as_type if isinstance(made, Call) and made.as_type is not None else arg.value.type


# --------------------------------------------------------------------------- chains of calls that bind


def _bind(site: CallSite, entry: BindEntry, target: Ref | None) -> Val | None:
    """One call of a chain; what it returns stands for the registration as far as it has come."""
    machine, kept = site.machine, site.machine.container
    if entry.says == "install":
        _install(site, entry)
        return None
    if entry.says == "module":
        modules.install(site)
        return None
    key: object = kept.open.get(target[0]) if target is not None else None
    if entry.says == "service":
        services = services_named(site)
        key = (site.context, site.index)
        if not services:
            return None
        kept.add(machine, key, Registration(services[0], None, False, services[0].type, NONE, site.context.phase))
    if key is None:
        return None
    _refine(site, entry, key)
    known = machine.knowledge.call_entry(entry.call, len(site.args), None)
    type_name = known.returns_type if known is not None and known.returns_type else entry.call.rpartition(".")[0]
    obj = machine.make(("binding", site.context, site.index), Kind.INSTANCE, site.context.phase, type_name=type_name)
    kept.open[obj] = key
    return of(obj)


def _refine(site: CallSite, entry: BindEntry, key: object) -> None:
    kept = site.machine.container
    known = next((found[key] for found in kept.registered.values() if key in found), None)
    if known is None:
        return
    services = services_named(site)
    if entry.says == "type" and services:
        known = known._replace(type=services[0].type)
    elif entry.says in ("value", "maker"):
        given = Val(frozenset(ref for arg in site.args for ref in arg.refs))
        known = known._replace(type=None, value=given)
    lifetime = entry.lifetime or (_lifetime_given(site) if entry.says == "lifetime" else None)
    if lifetime is not None:
        known = known._replace(lifetime=lifetime)
    kept.add(site.machine, key, known)


def _lifetime_given(site: CallSite) -> Lifetime | None:
    """How long an annotation that is given as an argument lets live."""
    function = site.context.function
    rules = function.module.rules
    types = [arg.value.type for arg in site.event.args if arg.value.type is not None]
    names = [rules.type(site.machine.modules, function.module, function.scope, each) for each in types]
    names += [obj.type_name for arg in site.args for obj in arg.objects() if obj.kind is Kind.NAME]
    scopes = site.machine.knowledge.knowledge.scopes
    found = [entry for name in names if isinstance(name, str) for entry in scopes.get(name, ())]
    return found[0].lifetime if found else None


def _install(site: CallSite, entry: BindEntry) -> None:
    """Objects that are given to a container say in methods of theirs what it makes."""
    machine = site.machine
    given = [ref for arg in site.args for ref in _with_parts(site, arg)]
    for ref in given:
        klass = ref[0].klass
        for name in entry.methods if klass is not None and ref[0].kind is Kind.OBJECT else ():
            method = find_method(machine.modules, klass, name, None) if klass is not None else None
            if method is not None:
                site.invoke(method, only(ref), ref[0].env, [NONE] * len(method.facts.params))


def _with_parts(site: CallSite, value: Val) -> list[Ref]:
    """The objects of a value, and what the sequences among them hold."""
    found = list(value.each())
    for obj, _ in value.each():
        held = site.machine.heap.load_any(obj, site.context) if obj.klass is None else None
        found += list(held.each()) if held is not None else []
    return found


# --------------------------------------------------------------------------- generated code


def assembled(site: CallSite, name: str) -> Val | None:
    """What a class returns that is generated for an annotated interface: an object of that interface."""
    method = name.rpartition(".")[2]
    for entry in site.machine.knowledge.assembling(method):
        parts = name.replace("()", "").split(".")
        at = next((i for i, part in enumerate(parts) if part.startswith(entry.prefix) and part != entry.prefix), None)
        if at is None or at == len(parts) - 1:
            continue
        function = site.context.function
        written = ".".join((*parts[:at], parts[at].removeprefix(entry.prefix)))
        rules = function.module.rules
        found = rules.type(site.machine.modules, function.module, function.scope, TypeName(written))
        if isinstance(found, ClassInfo) and site.machine.modules.components.assembles(found) is not None:
            phase = site.context.phase
            made = site.machine.make(("assembled", found, phase), Kind.OBJECT, phase, klass=found, label=found.name)
            return of(made)
    return None


def handed_out(site: CallSite, method: FunctionInfo, ref: Ref) -> Val | None:
    """What a method of such an interface returns; one that returns nothing fills what it is given."""
    owner = method.owner
    if owner is None or site.machine.modules.components.assembles(owner) is None:
        return None
    site.reached = True
    if method.facts.return_type is None:
        return NONE
    service = service_of(site.machine, method.module, method.scope, method.facts.return_type)
    shared = site.context.phase is Phase.LOAD
    at = (site.context, site.index)
    asker = Asker(shared, shared or is_shared(ref), at, at, _home(site, ref))
    found = supply(site.machine, service, asker) if service is not None else None
    return found if found is not None else NONE
