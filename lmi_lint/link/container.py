"""Containers of services (dependency injection): what code registers with them, and what they hand out.

A service of the environment's lifetime is one object, made at load. One of a scope or of a single use is made for
whoever asks: for a request it is the request's own, for anything that outlives requests it is shared, whatever its
lifetime is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lmi_lint.link import construction, objects
from lmi_lint.link.context import Context
from lmi_lint.link.heap import NONE, Kind, Obj, Phase, Ref, Val, is_shared, join, of
from lmi_lint.link.names import ABSTRACT, INTERFACE, ClassInfo, resolver

if TYPE_CHECKING:
    from lmi_lint.facts import model as f
    from lmi_lint.knowledge.model import Lifetime, RegisterEntry
    from lmi_lint.link.calls import CallSite
    from lmi_lint.link.context import Site
    from lmi_lint.link.machine import Machine
    from lmi_lint.link.names import FunctionInfo, ModuleInfo

OUTSIDE = 1
"""The event of calls that come from no function of the project and not from the runtime either."""
ANY = "?"
"""A type argument that is left open: ``typeof(IStore<>)``."""


class Service(NamedTuple):
    """What is asked for: a class of the project or a library type, and its type arguments as written."""

    type: ClassInfo | str
    args: tuple[str, ...] = ()


class Registration(NamedTuple):
    """How one service is made: by a class or library type, or from a ``value``, an object or functions that make it.
    ``home``: the phase in which its container was made."""

    service: Service
    lifetime: Lifetime
    if_absent: bool
    type: ClassInfo | str | None
    value: Val
    home: Phase


class Container:
    """What was registered so far, by service and in order, and the evaluations that asked for anything."""

    def __init__(self) -> None:
        self.registered: dict[Service, dict[object, Registration]] = {}
        self.askers: dict[Context, None] = {}
        self.making: set[object] = set()

    def add(self, machine: Machine, key: object, registration: Registration) -> None:
        """Note a registration; whoever asked before has to ask again."""
        known = self.registered.setdefault(registration.service, {})
        if known.get(key) != registration:
            known[key] = registration
            machine.heap.dirty.extend(self.askers)

    def find(self, service: Service) -> Registration | None:
        """The registration that counts for a service: the last one, or the first of those that only fill a gap."""
        found = list(self.registered.get(service, {}).values())
        if not found and service.args:
            open_ = Service(service.type, (ANY,) * len(service.args))
            found = list(self.registered.get(open_, {}).values())
        firm = [registration for registration in found if not registration.if_absent]
        return firm[-1] if firm else found[0] if found else None


class Asker(NamedTuple):
    """Who wants a service. ``shared``: it outlives requests; ``outside``: it asks for scoped services outside of any
    request's scope; ``site``: the call that asks; ``slot``: tells the single uses apart."""

    shared: bool
    outside: bool
    site: Site | None
    slot: object


# --------------------------------------------------------------------------- calls of a container


def answer(site: CallSite, name: str, receiver: Val, target: Ref | None) -> Val | None:
    """What a call returns that registers or takes out a service; None if the call does neither, or if what it takes out
    is not known."""
    knowledge = site.machine.knowledge
    entry = knowledge.registration(name)
    if entry is not None:
        _register(site, entry, target)
        return receiver
    if knowledge.resolution(name) is None:
        return None
    machine, context = site.machine, site.context
    machine.container.askers[context] = None
    shared = context.phase is Phase.LOAD
    outside = shared or (target is not None and is_shared(target))
    asker = Asker(shared, outside, (context, site.index), (context, site.index))
    wanted = services_named(site)
    return supply(machine, wanted[0], asker) if wanted else None


def _register(site: CallSite, entry: RegisterEntry, target: Ref | None) -> None:
    given = NONE if entry.configured else Val(frozenset(ref for arg in site.args for ref in arg.refs))
    services = services_named(site)
    if not services:
        services = _inferred(site, given)
    if not services:
        return
    outlives = site.context.phase is Phase.LOAD or (target is not None and is_shared(target))
    home = Phase.LOAD if outlives else Phase.REQUEST
    made = None if given.refs else services[-1].type
    registration = Registration(services[0], entry.lifetime, entry.if_absent, made, given, home)
    site.machine.container.add(site.machine, (site.context, site.index), registration)


def services_named(site: CallSite) -> list[Service]:
    """The types that a call names: as type arguments, or as values (``typeof``)."""
    function = site.context.function
    named = list(site.event.type_args)
    if not named:
        named = [
            arg.value.type
            for arg in site.event.args
            if arg.value.type is not None and not arg.value.sources and not arg.value.constant
        ]
    found = [service_of(site.machine, function.module, function.scope, name) for name in named]
    return [service for service in found if service is not None]


def _inferred(site: CallSite, given: Val) -> list[Service]:
    """The type of the object that is registered, or of what the function makes."""
    for obj in given.objects():
        if obj.kind is Kind.CLOSURE and obj.function is not None:
            types = [value.type for value in obj.function.facts.returns if value.type is not None]
            found = [service_of(site.machine, obj.function.module, obj.function.scope, name) for name in types]
        else:
            kind = obj.klass if obj.klass is not None else obj.type_name
            found = [Service(kind) if kind else None]
        known = [service for service in found if service is not None]
        if known:
            return known[:1]
    return []


def service_of(machine: Machine, module: ModuleInfo, scope: ClassInfo | None, name: f.TypeName) -> Service | None:
    """The service that a written type means; None for what is no type that could be told apart."""
    found = resolver(module.language).type(machine.modules, module, scope, name)
    if isinstance(found, str) and ("." not in found or name.array):
        return None
    return Service(found, tuple(_written(arg) for arg in name.args))


def _written(name: f.TypeName) -> str:
    inner = ",".join(_written(arg) for arg in name.args)
    return name.name.rpartition(".")[2] + (f"<{inner}>" if inner else "") + ("[]" if name.array else "")


# --------------------------------------------------------------------------- what it hands out


def supply(machine: Machine, wanted: Service, asker: Asker) -> Val | None:
    """The object that a container hands out for a service; None if it is not registered."""
    phase = Phase.LOAD if asker.shared else Phase.REQUEST
    scope = Phase.LOAD if asker.outside else Phase.REQUEST
    if isinstance(wanted.type, str) and machine.knowledge.role_of(wanted.type) == "container":
        return of(provider(machine, wanted.type, scope))
    found = machine.container.find(wanted)
    if found is None:
        return None
    key: tuple[object, ...] = ("service", found.service)
    if found.lifetime == "environment":
        phase = scope = found.home
    elif found.lifetime == "scope":
        phase = scope
        key = (*key, scope)
    else:
        key = (*key, phase, asker.slot)
    if found.type is None:
        return _given(machine, found, phase, scope)
    outside = scope is Phase.LOAD
    return made(machine, key, Service(found.type, found.service.args), phase, asker.site, outside=outside)


def provider(machine: Machine, type_name: str, phase: Phase) -> Obj:
    """The container itself as it is handed to those whom it makes."""
    return machine.make(("container", type_name, phase), Kind.INSTANCE, phase, type_name=type_name)


def _given(machine: Machine, found: Registration, phase: Phase, scope: Phase) -> Val:
    """A registered object, or what the registered functions make of the container."""
    result = NONE
    for ref in found.value.each():
        obj = ref[0]
        if obj.kind is not Kind.CLOSURE or obj.function is None:
            result = join(result, Val(frozenset((ref,))))
            continue
        own = of(provider(machine, machine.knowledge.provider_type, scope))
        result = join(result, machine.call(None, OUTSIDE, obj.function, obj.this or NONE, [own], obj.env, phase=phase))
    return result


def made(
    machine: Machine, key: object, what: Service, phase: Phase, site: Site | None, *, outside: bool = False
) -> Val:
    """An object of a class that a container constructs, with what its constructor asks for; ``outside``: of any
    request's scope."""
    if isinstance(what.type, str):
        return of(machine.make((key, what.type), Kind.INSTANCE, phase, type_name=what.type))
    klass = what.type
    if klass.has(INTERFACE | ABSTRACT):
        return NONE
    obj = machine.make((key, klass), Kind.OBJECT, phase, klass=klass, label=klass.name)
    if obj not in machine.container.making:
        machine.container.making.add(obj)
        caller = site[0] if site is not None and phase is Phase.REQUEST else root(klass.module, phase)
        event = site[1] if site is not None and phase is Phase.REQUEST else 0
        holder = objects.class_object(machine, klass)
        args = injected(machine, klass, Asker(phase is Phase.LOAD, outside or phase is Phase.LOAD, None, obj))
        construction.initialise(machine, caller, event, klass, holder, of(obj), args)
        machine.container.making.discard(obj)
    return of(obj)


def root(module: ModuleInfo, phase: Phase) -> Context:
    """Stands for code outside the project that calls into it."""
    return Context(-1, module.functions[0], phase, NONE, [], None, frozenset(), frozenset())


def injected(machine: Machine, klass: ClassInfo, asker: Asker) -> list[Val]:
    """Arguments for the constructor of a class that a container makes: the one that asks for most."""
    constructors = construction.declared_constructors(machine, klass)
    longest = max(constructors, key=lambda function: len(function.facts.params), default=None)
    return parameters(machine, longest, asker) if longest is not None else []


def parameters(machine: Machine, function: FunctionInfo, asker: Asker) -> list[Val]:
    """What a container passes for each parameter; nothing where it knows of no such service."""
    found = []
    for index, param in enumerate(function.facts.params):
        service = None
        if param.type is not None:
            service = service_of(machine, function.module, function.scope, param.type)
        own = asker._replace(slot=(asker.slot, index))
        value = supply(machine, service, own) if service is not None else None
        found.append(value if value is not None else NONE)
    return found
