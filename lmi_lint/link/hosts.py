"""Handlers that code outside the project calls for the runtime: programs that give functions to a host, web servers
with routes and controllers, methods that generated code wraps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.ir.nodes import Flags
from lmi_lint.link import closures, container, objects
from lmi_lint.link.container import OUTSIDE, Asker, Service
from lmi_lint.link.heap import EVENT_DATA, NONE, Kind, Phase, Val, of
from lmi_lint.link.methods import find_method
from lmi_lint.link.names import (
    ABSTRACT,
    CONSTRUCTOR,
    GETTER,
    INITIALIZER,
    INTERFACE,
    SETTER,
    STATIC,
    ClassInfo,
    FunctionInfo,
    ModuleInfo,
    has_annotation,
    lineage,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lmi_lint.knowledge.wiring import AnnotatedEntry, EntryEntry
    from lmi_lint.link.machine import Machine

_NO_ACTION = STATIC | CONSTRUCTOR | INITIALIZER | GETTER | SETTER | ABSTRACT
_PUBLIC = Flags.PUBLIC.value


def run_program(machine: Machine, klass: ClassInfo, method: str) -> None:
    """What a program does before it serves: its main method, at load."""
    main = find_method(machine.modules, klass, method, None)
    if main is not None:
        machine.call(None, OUTSIDE, main, of(objects.class_object(machine, klass)), [], None, phase=Phase.LOAD)
    machine.run()


def set_up(machine: Machine, klass: ClassInfo, this: Val, entry: EntryEntry) -> None:
    """What the library's base class calls before it serves."""
    for name in entry.setup:
        for each in lineage(machine.modules, klass):
            for function in each.methods.get(name, ()):
                machine.call(None, OUTSIDE, function, this, [], None, phase=Phase.LOAD)
    machine.run()


def serve(machine: Machine, near: str, event: Val, context: Val) -> tuple[FunctionInfo, ...]:
    """One request for everything that load gave to a host: functions, and the public methods of endpoints."""
    called: dict[FunctionInfo, None] = {}
    for obj in list(machine.served):
        if obj.function is None:
            continue
        args = request_arguments(machine, obj.function, event, context, obj)
        args = [*closures.bound_args(machine, obj), *args]
        machine.call(None, 0, obj.function, obj.this or NONE, args, obj.env, phase=Phase.REQUEST)
        called[obj.function] = None
    for klass, excluded in _endpoints(machine, near):
        this = _instance(machine, klass, Phase.REQUEST)
        for function in _actions(machine, klass, excluded):
            args = request_arguments(machine, function, event, context, klass)
            machine.call(None, 0, function, this, args, None, phase=Phase.REQUEST)
            called[function] = None
    return tuple(called)


def serve_controllers(machine: Machine, event: Val, context: Val) -> tuple[FunctionInfo, ...]:
    """One request to each route of the controllers that a container has made a server of. They live as long as that:
    one that every invocation makes is its own."""
    kept = machine.container
    if not kept.hosting or machine.near is None:
        return ()
    lasting = any(site[0].phase is Phase.LOAD or machine.guards_at(*site) for site in kept.hosting)
    machine.inherited.clear()  # what was asked before all ways in were known
    home = Phase.LOAD if lasting else Phase.REQUEST
    routes = tuple(route for entry in machine.knowledge.endpoints for route in entry.routes)
    called: dict[FunctionInfo, None] = {}
    for klass in dict.fromkeys((*kept.controllers, *_scanned(machine, machine.near))):
        asker = Asker(lasting, lasting, None, klass, home)
        this = container.supply(machine, Service(klass), asker) or _instance(machine, klass, home)
        for each in lineage(machine.modules, klass):
            for function in (function for same in each.methods.values() for function in same):
                if function not in called and any(has_annotation(function.facts.annotations, name) for name in routes):
                    args = request_arguments(machine, function, event, context, klass)
                    machine.call(None, 0, function, this, args, None, phase=Phase.REQUEST)
                    called[function] = None
    machine.run()
    return tuple(called)


def _scanned(machine: Machine, near: ModuleInfo) -> list[ClassInfo]:
    """The controllers that a server finds by their annotation."""
    found = [
        klass
        for entry in machine.knowledge.endpoints
        if entry.scanned
        for klass in machine.modules.annotated(entry.type, near.path)
    ]
    return [klass for klass in dict.fromkeys(found) if not klass.has(INTERFACE | ABSTRACT)]


def _endpoints(machine: Machine, near: str) -> list[tuple[ClassInfo, tuple[str, ...]]]:
    """The concrete classes of the project around a file of which a web server makes instances."""
    found = []
    for entry in machine.knowledge.endpoints:
        for klass in machine.modules.deriving(entry.type, near) if not entry.routes else ():
            if not klass.has(INTERFACE | ABSTRACT):
                found.append((klass, entry.excluded))
    return found


def _actions(machine: Machine, klass: ClassInfo, excluded: tuple[str, ...]) -> list[FunctionInfo]:
    """The public methods of an endpoint, inherited ones too; of overridden ones the nearest."""
    found: dict[tuple[str, int], FunctionInfo] = {}
    for each in lineage(machine.modules, klass):
        for function in (function for same in each.methods.values() for function in same):
            skipped = function.has(_NO_ACTION) or not function.has(_PUBLIC)
            if not skipped and not any(has_annotation(function.facts.annotations, name) for name in excluded):
                found.setdefault((function.facts.name, len(function.facts.params)), function)
    return list(found.values())


# --------------------------------------------------------------------------- methods that generated code calls


def annotated_by(machine: Machine, function: FunctionInfo) -> AnnotatedEntry | None:
    """The knowledge of an annotation that makes a method an entry point."""
    notes = function.facts.annotations
    return next((each for each in machine.knowledge.annotated if has_annotation(notes, each.annotation)), None)


def start_annotated(machine: Machine, klass: ClassInfo, entry: AnnotatedEntry) -> Val:
    """The object whose method generated code calls: from the container that a startup class fills."""
    for startup in machine.modules.annotated(entry.startup, klass.module.path) if entry.startup else ():
        configured = _instance(machine, startup, Phase.LOAD)
        for name in entry.configure:
            method = find_method(machine.modules, startup, name, None)
            if method is not None:
                machine.call(None, OUTSIDE, method, configured, [], None, phase=Phase.LOAD)
    machine.run()
    registered = container.supply(machine, Service(klass), Asker(False, False, None, klass))
    phase = Phase.LOAD if entry.lifetime == "environment" else Phase.REQUEST
    return registered if registered is not None else _instance(machine, klass, phase)


def _instance(machine: Machine, klass: ClassInfo, phase: Phase) -> Val:
    return container.made(machine, ("made", klass, phase), Service(klass), phase, None)


def run_startup(machine: Machine, types: Iterable[Service], methods: tuple[str, ...]) -> None:
    """A host makes one object of a startup class and calls its methods, each parameter being a service."""
    for service in types:
        if not isinstance(service.type, ClassInfo):
            continue
        this = _instance(machine, service.type, Phase.LOAD)
        for name in methods:
            method = find_method(machine.modules, service.type, name, None)
            if method is not None:
                args = container.parameters(machine, method, Asker(True, True, None, (service, name)))
                machine.call(None, OUTSIDE, method, this, args, None, phase=Phase.LOAD)


# --------------------------------------------------------------------------- parameters


def request_arguments(machine: Machine, function: FunctionInfo, event: Val, context: Val, slot: object) -> list[Val]:
    """What each parameter of a function that serves requests is: a service, the context, or a part of the event."""
    context_type = function.module.rules.context_type.rpartition(".")[2]
    return [
        context
        if param.type is not None and param.type.name.rpartition(".")[2] == context_type
        else _request_argument(machine, function, param, event, (slot, index))
        for index, param in enumerate(function.facts.params)
    ]


def _request_argument(machine: Machine, function: FunctionInfo, param: f.ParamFacts, event: Val, slot: object) -> Val:
    if param.type is None:
        return event
    service = container.service_of(machine, function.module, function.scope, param.type)
    if service is None:
        return event
    supplied = container.supply(machine, service, Asker(False, False, None, slot))
    if supplied is not None:
        return supplied
    if isinstance(service.type, ClassInfo):
        return NONE if service.type.has(INTERFACE | ABSTRACT) else event
    knowledge = machine.knowledge
    if knowledge.role_of(service.type):
        return NONE  # a service that a library registers
    if not knowledge.speaks_of(service.type) or service.type.startswith("System."):
        return event
    if knowledge.safety_of(service.type).safety in ("safe", "immutable"):
        return NONE
    made = machine.make(("request part", slot), Kind.INSTANCE, Phase.REQUEST, type_name=service.type)
    return Val(frozenset(((made, False),)), EVENT_DATA)
