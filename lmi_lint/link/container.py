"""Containers of services (dependency injection): what code registers with them, and what they hand out.

A service of the environment's lifetime is one object, made at load. One of a scope or of a single use is made for
whoever asks: for a request it is the request's own, for anything that outlives requests it is shared, whatever its
lifetime is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lmi_lint.link import construction, members, objects, texts
from lmi_lint.link.components import written
from lmi_lint.link.context import Context
from lmi_lint.link.heap import NONE, Kind, Obj, Phase, Val, join, of, only
from lmi_lint.link.names import (
    ABSTRACT,
    CONSTRUCTOR,
    INTERFACE,
    STATIC,
    ClassInfo,
    Undeclared,
    Variable,
    library_supers,
    lineage,
    type_named,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lmi_lint.facts import model as f
    from lmi_lint.knowledge.wiring import Lifetime
    from lmi_lint.link.components import Component
    from lmi_lint.link.context import Site
    from lmi_lint.link.machine import Machine
    from lmi_lint.link.names import FunctionInfo, ModuleInfo, Symbol

OUTSIDE = 1
"""The event of calls that come from no function of the project and not from the runtime either."""
KEYED = "key:"
"""Before services that are known by a key that is no type."""
ANY = "?"
"""A type argument that is left open: ``typeof(IStore<>)``."""


class Service(NamedTuple):
    """What is asked for: a class of the project or a library type, and its type arguments as written."""

    type: ClassInfo | str
    args: tuple[str, ...] = ()


class Registration(NamedTuple):
    """How one service is made: by a class or library type, or from a ``value``, an object or functions that make it.
    ``lifetime``: None if the class says itself; ``home``: the phase in which its container was made; ``needs``: the
    services that functions which make it are given, where that is written."""

    service: Service
    lifetime: Lifetime | None
    if_absent: bool
    type: ClassInfo | str | None
    value: Val
    home: Phase
    needs: tuple[Service, ...] = ()


class Container:
    """What was registered so far, by service and in order, and the evaluations that asked for anything. ``open``: what
    chains of calls that register have returned so far, with the key of the registration; ``promised``: objects that
    hand out a service when they are asked; ``controllers``: classes whose objects serve requests, ``hosting``: calls
    that make a server of them."""

    def __init__(self) -> None:
        self.registered: dict[Service, dict[object, Registration]] = {}
        self.askers: dict[Context, None] = {}
        self.making: set[object] = set()
        self.open: dict[Obj, object] = {}
        self.promised: dict[Obj, Service] = {}
        self.controllers: dict[ClassInfo, None] = {}
        self.hosting: dict[Site, None] = {}

    def add(self, machine: Machine, key: object, registration: Registration) -> None:
        """Note a registration; whoever asked before has to ask again."""
        known = self.registered.setdefault(registration.service, {})
        if known.get(key) != registration:
            known[key] = registration
            for asker in self.askers:
                asker.outdate()
                machine.heap.dirty.append(asker)

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
    request's scope; ``site``: the call that asks; ``slot``: tells the single uses apart; ``home``: the phase in which
    the container was made that keeps annotated components."""

    shared: bool
    outside: bool
    site: Site | None
    slot: object
    home: Phase = Phase.LOAD


def service_of(machine: Machine, module: ModuleInfo, scope: ClassInfo | None, name: f.TypeName) -> Service | None:
    """The service that a written type means; None for what is no type that could be told apart."""
    found = type_named(machine.modules, module, scope, name)
    if isinstance(found, str) and ("." not in found or name.array):
        return None
    return Service(found, tuple(written(arg) for arg in name.args))


# --------------------------------------------------------------------------- what it hands out


def supply(machine: Machine, wanted: Service, asker: Asker, name: str = "", hint: str = "") -> Val | None:
    """The object that a container hands out for a service, of several the one of that name, else the one that is called
    like what it is put into; None if none is known."""
    phase = Phase.LOAD if asker.shared else Phase.REQUEST
    scope = Phase.LOAD if asker.outside else Phase.REQUEST
    if isinstance(wanted.type, str) and machine.knowledge.role_of(wanted.type) == "container":
        return of(provider(machine, wanted.type, scope))
    found = machine.container.find(wanted)
    if found is None:
        return annotated(machine, wanted, asker, name, hint)
    key: tuple[object, ...] = ("service", found.service)
    if found.lifetime is None:
        return _bound(machine, found, asker)
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
            result = join(result, only(ref))
            continue
        given = [of(provider(machine, machine.knowledge.provider_type, scope))]
        if found.needs:
            asker = Asker(phase is Phase.LOAD, scope is Phase.LOAD, None, found.service, found.home)
            given = [supply(machine, each, asker) or NONE for each in found.needs]
        result = join(result, machine.call(None, OUTSIDE, obj.function, obj.this or NONE, given, obj.env, phase=phase))
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
        asker = Asker(phase is Phase.LOAD, outside or phase is Phase.LOAD, None, obj)
        construction.initialise(machine, caller, event, klass, holder, of(obj), injected(machine, klass, asker))
        complete(machine, klass, of(obj), asker)
        machine.container.making.discard(obj)
    return of(obj)


def complete(machine: Machine, klass: ClassInfo, this: Val, asker: Asker) -> None:
    """What a container calls on an object that it has made: methods that take components, then those that set up."""
    knowledge = machine.knowledge.knowledge
    if not machine.knowledge.completes:
        return
    supers = {
        name for above in library_supers(machine.modules, klass) for name in machine.knowledge.lineage_names(above)
    }
    named = {entry.method for entry in knowledge.setups if not entry.type or entry.type in supers}
    filling: dict[str, FunctionInfo] = {}
    setting_up: dict[str, FunctionInfo] = {}
    for each in lineage(machine.modules, klass):
        for function in (function for same in each.methods.values() for function in same):
            name = function.facts.name
            means = {
                entry.means for entry, _ in machine.modules.components.meant(each.module, function.facts.annotations)
            }
            if function.has(CONSTRUCTOR | ABSTRACT | STATIC):
                continue
            if "fill" in means:
                filling.setdefault(name, function)
            elif "setup" in means or name in named:
                setting_up.setdefault(name, function)
    phase = Phase.LOAD if asker.shared else Phase.REQUEST
    for function in (*filling.values(), *setting_up.values()):
        args = parameters(machine, function, asker._replace(slot=(asker.slot, function)))
        machine.call(root(klass.module, phase), 0, function, this, args, None, phase=phase)


def root(module: ModuleInfo, phase: Phase) -> Context:
    """Stands for code outside the project that calls into it."""
    return Context(-1, module.functions[0], phase, NONE, [], None, frozenset(), frozenset())


def injected(machine: Machine, klass: ClassInfo, asker: Asker) -> list[Val]:
    """Arguments for the constructor of a class that a container makes: the marked one, else the one that asks for
    most."""
    constructors = construction.declared_constructors(machine, klass)
    marked = [function for function in constructors if machine.modules.components.fills(function)]
    longest = max(marked or constructors, key=lambda function: len(function.facts.params), default=None)
    return parameters(machine, longest, asker) if longest is not None else []


def parameters(machine: Machine, function: FunctionInfo, asker: Asker) -> list[Val]:
    """What a container passes for each parameter; nothing where it knows of no such service."""
    found = []
    for index, param in enumerate(function.facts.params):
        own = asker._replace(slot=(asker.slot, index))
        value = filled(machine, function.module, function.scope, param.type, param.annotations, own, param.name)
        found.append(value if value is not None else NONE)
    return found


def filled(
    machine: Machine,
    module: ModuleInfo,
    scope: ClassInfo | None,
    name: f.TypeName | None,
    notes: tuple[f.AnnotationFacts, ...],
    asker: Asker,
    hint: str = "",
) -> Val | None:
    """What a container puts into a parameter or a field; None where it knows of no such service."""
    told = {entry.means: arg for entry, arg in machine.modules.components.meant(module, notes)} if notes else {}
    if "setting" in told:
        return Val(texts=frozenset({(texts.SETTING,)}))
    if told.get("token"):
        return supply(machine, token_named(machine, module, told["token"]), asker)
    service = service_of(machine, module, scope, name) if name is not None else None
    if service is None or name is None:
        return None
    if "key" in told:
        return supply(machine, with_key(service, told["key"] or None), asker)
    if isinstance(service.type, str) and name.args and machine.knowledge.role_of(service.type) == "provider":
        return _promise(machine, service, service_of(machine, module, scope, name.args[0]), asker)
    return supply(machine, service, asker, told.get("name", ""), hint)


def with_key(service: Service, key: str | None) -> Service:
    """The service of a type that is registered with a key; one whose text is not known is like no other."""
    return Service(service.type, (*service.args, KEYED + (key if key is not None else ANY)))


def token_named(machine: Machine, module: ModuleInfo, written: str) -> Service:
    """The service that an annotation names by a text, or by the name of a value or class."""
    rules = module.rules
    head, *rest = written.split(".")
    symbol: Symbol = Variable(module, head)
    if head not in module.defined:
        symbol = rules.free(machine.modules, module.functions[0], head)
    if isinstance(symbol, Undeclared):
        return Service(KEYED + written)
    value = members.load_symbol(machine, root(module, Phase.LOAD), 0, symbol)
    for part in rest:
        value = members.load_member(machine, root(module, Phase.LOAD), 0, value, part)
    return token_of(value) or Service(KEYED + written)


def token_of(value: Val) -> Service | None:
    """The service that a value stands for: a class, a text, or an object that is its own key."""
    for obj in value.objects():
        if obj.klass is not None and obj.kind is Kind.CLASS:
            return Service(obj.klass)
        return Service(obj.type_name if obj.kind is Kind.NAME else f"{KEYED}#{obj.serial}")
    text = texts.literal(value)
    return Service(KEYED + text) if text is not None else None


def _promise(machine: Machine, provider: Service, wanted: Service | None, asker: Asker) -> Val | None:
    """An object that hands out a service whenever it is asked."""
    if wanted is None or isinstance(provider.type, ClassInfo):
        return None
    phase = Phase.LOAD if asker.shared else Phase.REQUEST
    obj = machine.make(("promise", asker.slot, wanted), Kind.INSTANCE, phase, type_name=provider.type)
    machine.container.promised[obj] = wanted
    return of(obj)


# --------------------------------------------------------------------------- annotated components


def annotated(machine: Machine, wanted: Service, asker: Asker, name: str = "", hint: str = "") -> Val | None:
    """What annotations say that a container hands out for a type; None if they say nothing."""
    if machine.near is None:
        return None
    found = machine.modules.components.find(wanted.type, machine.near, name, wanted.args, hint)
    return obtained(machine, found, asker) if found else None


def obtained(machine: Machine, found: Iterable[Component], asker: Asker) -> Val:
    """The objects of components; which of several it is nobody knows."""
    result = NONE
    for component in found:
        result = join(result, _obtained(machine, component, asker))
    if len(result.refs) > 1:
        for obj in result.objects():
            obj.guessed = True
    return result


def _obtained(machine: Machine, component: Component, asker: Asker) -> Val:
    key: tuple[object, ...] = ("component", component)
    lifetime = component.lifetime
    if lifetime == "environment" and _follows_request(machine, component, ()):
        lifetime = "scope"
    if lifetime == "environment":
        phase = asker.home
    elif lifetime == "scope":
        phase = Phase.REQUEST
    else:
        phase = Phase.LOAD if asker.shared else Phase.REQUEST
        key = (*key, asker.slot)
    own = asker._replace(shared=phase is Phase.LOAD, outside=phase is Phase.LOAD, slot=key)
    if component.klass is not None:
        result = made(machine, (*key, phase), Service(component.klass), phase, asker.site)
    else:
        result = _produced(machine, component, own, phase)
    if lifetime == "scope":
        for obj in result.objects():
            obj.transient = obj.phase is Phase.REQUEST
    return result


def _produced(machine: Machine, component: Component, asker: Asker, phase: Phase) -> Val:
    """What a method makes that a container calls, once for each object that it hands out."""
    maker = component.maker
    if maker is None or maker in machine.container.making:
        return NONE
    machine.container.making.add(maker)
    args = parameters(machine, maker, asker)
    result = NONE
    if component.hands_on:
        result = args[0] if args else NONE
    elif not maker.has(ABSTRACT):
        this = NONE
        if maker.owner is not None and maker.has(STATIC):
            this = of(objects.class_object(machine, maker.owner))
        elif maker.owner is not None:
            this = made(machine, ("makers", maker.owner, phase), Service(maker.owner), phase, None)
        result = machine.call(None, OUTSIDE, maker, this, args, None, phase=phase)
    machine.container.making.discard(maker)
    return result


def _follows_request(machine: Machine, component: Component, seen: tuple[Component, ...]) -> bool:
    """Whether a component holds one that lives as long as a request and makes its holders live so too."""
    if component.spreads and component.lifetime == "scope":
        return True
    if component.klass is None or component in seen or not machine.knowledge.spreading or machine.near is None:
        return False
    for function in construction.declared_constructors(machine, component.klass):
        for param in function.facts.params:
            if _asks_for_request(machine, function.module, param):
                return True
            service = service_of(machine, function.module, function.scope, param.type) if param.type else None
            bound = machine.container.find(service) if service is not None else None
            if bound is not None and bound.lifetime == "scope":
                return True
            held = machine.modules.components.find(service.type, machine.near) if service is not None else []
            if any(_follows_request(machine, each, (*seen, component)) for each in held):
                return True
    return False


def _asks_for_request(machine: Machine, module: ModuleInfo, param: f.ParamFacts) -> bool:
    """Whether a parameter is the request itself, by a key that knowledge has among the scopes."""
    known = machine.knowledge.knowledge.scopes
    told = machine.modules.components.meant(module, param.annotations)
    keys = [token_named(machine, module, arg).type for entry, arg in told if entry.means == "token" and arg]
    return any(entry.spreads for key in keys if isinstance(key, str) for entry in known.get(key, ()))


def _bound(machine: Machine, found: Registration, asker: Asker) -> Val | None:
    """What is bound to a class without a word about how long it lives: as its annotations say, else for one use."""
    home = asker._replace(home=found.home)
    if found.type is None:
        phase = Phase.LOAD if asker.shared else Phase.REQUEST
        return _given(machine, found, phase, phase)
    if found.type != found.service.type:
        return supply(machine, Service(found.type, ()), home)
    known = annotated(machine, found.service, home)
    if known is not None or isinstance(found.type, str):
        return known
    phase = Phase.LOAD if asker.shared else Phase.REQUEST
    return made(machine, ("bound", found.service, asker.slot, phase), found.service, phase, asker.site)
