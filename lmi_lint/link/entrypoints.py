"""From a deployed function to the code that an invocation starts in."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.link import closures, construction, container, hosts, objects
from lmi_lint.link.heap import CONTEXT_DATA, EVENT_DATA, NONE, Kind, Obj, Phase, Val, join, of
from lmi_lint.link.methods import find_method
from lmi_lint.link.names import (
    PARTIAL,
    STATIC,
    ClassInfo,
    CommonJs,
    External,
    FunctionInfo,
    ModuleInfo,
    Namespace,
    Symbol,
    Variable,
    library_supers,
)
from lmi_lint.model.runtime import RUNTIMES

if TYPE_CHECKING:
    from lmi_lint.deploy.model import Entry
    from lmi_lint.link.machine import Machine


class Started(Struct, frozen=True, eq=False):
    """How the invocation starts. ``functions``: project functions that the runtime (or a library for it) calls;
    ``handler``: the value that the runtime calls; ``problem``: why there is none; ``outside``: because a
    library or an unknown value makes it."""

    functions: tuple[FunctionInfo, ...]
    handler: Val
    problem: str = ""
    outside: bool = False


def start(machine: Machine, module: ModuleInfo, entry: Entry) -> Started:
    """Evaluate load, then one invocation of the entry, and of what that hands its events to."""
    machine.near = module
    started = _start(machine, module, entry)
    machine.run()
    served = hosts.serve_controllers(machine, *arguments(machine, module))
    if not served:
        return started
    return Started((*started.functions, *served), started.handler)


def _start(machine: Machine, module: ModuleInfo, entry: Entry) -> Started:
    objects.module_frame(machine, module)
    machine.run()
    klass = _class(module, entry.symbol) if entry.symbol else None
    if entry.program:
        if klass is not None:
            hosts.run_program(machine, klass, entry.method or "")
        return _started_host(machine, module, NONE)
    if klass is not None:
        return _start_class(machine, klass, entry)
    value = _export(machine, module, entry.symbol)
    if value is None or not value.refs:
        if value is not None:
            return Started((), NONE, f"what {entry.symbol} is cannot be told statically", outside=True)
        return Started((), NONE, f"{module.path} exports no {entry.symbol}")
    return _start_value(machine, value, module)


# --------------------------------------------------------------------------- exported functions


def _export(machine: Machine, module: ModuleInfo, symbol: str) -> Val | None:
    head, *rest = symbol.split(".")
    value = _symbol_value(machine, module, head)
    for part in rest:
        found = NONE
        for obj in value.objects() if value is not None else ():
            found = join(found, machine.heap.load(obj, part, None) or NONE)
        value = found
    return value


def _symbol_value(machine: Machine, module: ModuleInfo, name: str) -> Val | None:
    symbol = module.rules.exported(machine.modules, module, name)
    if symbol is None and module.facts.exports:  # compiled to CommonJS, ``module.exports`` counts beside ``export``
        value = _symbol_of(machine, CommonJs(module, name), name)
        return value if value is not None and value.refs else None
    return _symbol_of(machine, symbol, name)


def _symbol_of(machine: Machine, symbol: Symbol | None, name: str) -> Val | None:
    if isinstance(symbol, Variable):
        frame = objects.module_frame(machine, symbol.module)
        machine.run()
        return machine.heap.load(frame, symbol.name, None)
    if isinstance(symbol, CommonJs):
        objects.module_frame(machine, symbol.module)
        machine.run()
        exports = machine.heap.load(objects.module_object(machine, symbol.module), "exports", None) or NONE
        value = NONE
        for obj in exports.objects():
            value = join(value, machine.heap.load(obj, symbol.name or name, None) or NONE)
            if symbol.name is None:
                continue
            if obj.kind is Kind.CLOSURE and name in ("handler", "default"):
                value = join(value, of(obj))
            if obj.kind is Kind.MODULE and obj.env is not None and obj.env.function is not None:
                value = join(value, _symbol_value(machine, obj.env.function.module, symbol.name) or NONE)
        return value if value.refs or symbol.name is not None else exports
    if isinstance(symbol, Namespace):
        return of(objects.namespace(machine, symbol.module))
    if isinstance(symbol, External):
        return of(machine.name(symbol.name))
    return None


def _start_value(machine: Machine, value: Val, module: ModuleInfo) -> Started:
    event, context = arguments(machine, module)
    functions: dict[FunctionInfo, None] = {}
    for obj in value.objects():
        if obj.kind is Kind.CLOSURE and obj.function is not None:
            args = [*closures.bound_args(machine, obj), event, context, *_no_callback(machine, obj)]
            machine.call(None, 0, obj.function, obj.this or NONE, args, obj.env, phase=Phase.REQUEST)
            functions[obj.function] = None
        elif (method := _call_method(machine, obj, module)) is not None:
            machine.call(None, 0, method, of(obj), [event, context], obj.env, phase=Phase.REQUEST)
            functions[method] = None
        elif obj.kind in (Kind.INSTANCE, Kind.OBJECT):
            direct = {
                o for o in (machine.heap.load(obj, closures.KEPT, None) or NONE).objects() if o.kind is Kind.CLOSURE
            }
            for kept in closures.kept_closures(machine, obj, None):
                if kept.function is None:
                    continue
                params = len(kept.function.facts.params)
                # A wrapped handler takes what the runtime gives; a route or middleware, what the library makes of it.
                given = [event, context] if kept in direct and params <= 2 else [event] * max(params, 1)
                machine.call(None, 0, kept.function, kept.this or NONE, given, kept.env, phase=Phase.REQUEST)
                functions[kept.function] = None
    problem = "" if functions else "the handler is made by code outside the project"
    return Started(tuple(functions), value, problem, outside=not functions)


def _no_callback(machine: Machine, obj: Obj) -> list[Val]:
    """What stands for the callback that a handler which was not refused may look for, and does not get."""
    function = obj.function
    if function is None or not (name := function.module.rules.absent_callback):
        return []
    limit = RUNTIMES[function.module.language].rejected_arity
    return [] if limit is None or _length(machine, obj, function) >= limit else [of(machine.name(name))]


def _call_method(machine: Machine, obj: Obj, module: ModuleInfo) -> FunctionInfo | None:
    """The method that calling an instance of a project class calls."""
    name = module.rules.call_method
    if not name or obj.kind is not Kind.OBJECT or obj.klass is None:
        return None
    return find_method(machine.modules, obj.klass, name, None)


# --------------------------------------------------------------------------- classes


def _class(module: ModuleInfo, symbol: str) -> ClassInfo | None:
    if not module.rules.handlers_are_methods:
        return None
    simple = symbol.rpartition(".")[2]
    named = [klass for klass in module.classes if klass.qualified == symbol]
    fitting = named or [klass for klass in module.classes if klass.name == simple]
    return fitting[0] if fitting else None


def _start_class(machine: Machine, klass: ClassInfo, entry: Entry) -> Started:
    supers = library_supers(machine.modules, klass)
    lineage = [name for above in supers for name in machine.knowledge.lineage_names(above)]
    known = [each for each in machine.knowledge.entries if each.type in lineage]
    # A library's base class has the method that the runtime calls, and calls in turn what a class of the project adds.
    names = [*([entry.method] if entry.method else ()), *dict.fromkeys(each.method for each in known if not each.setup)]
    names = names or ["handleRequest"]
    method = next((m for name in names if (m := find_method(machine.modules, klass, name, None)) is not None), None)
    if method is None:
        hosting = next((each for each in known if each.setup and entry.method in (None, each.method)), None)
        if hosting is None:
            if klass.has(PARTIAL):
                reason = f"{klass.name} is partial and has no method {names[0]} here; a generator may write that part"
                return Started((), NONE, reason, outside=True)
            return Started((), NONE, f"{klass.name} has no method {names[0]}", outside=bool(supers))
        this = _handler(machine, klass)
        hosts.set_up(machine, klass, this, hosting)
        return _started_host(machine, klass.module, this)
    event, context = arguments(machine, klass.module)
    component = machine.modules.components.of_method(method)
    if component is not None:
        made = container.obtained(machine, (component,), container.Asker(False, False, None, klass))
        machine.run()
        return _start_value(machine, made, klass.module)
    annotated = hosts.annotated_by(machine, method)
    if annotated is not None and not method.has(STATIC):
        this = hosts.start_annotated(machine, klass, annotated)
        machine.run()
        args = hosts.request_arguments(machine, method, event, context, klass)
        machine.call(None, 0, method, this, args, None, phase=Phase.REQUEST)
        return Started((method,), this)
    roles: tuple[str, ...] = next(
        (each.params for each in known if each.method == method.facts.name), ("event", "context")
    )
    this = of(objects.class_object(machine, klass)) if method.has(STATIC) else _handler(machine, klass)
    by_role = {"event": event, "context": context}
    context_name = klass.module.rules.context_type.rpartition(".")[2]
    functions = _overloads(method)
    for function in functions:
        args = [by_role.get(role, NONE) for role in roles]
        for index, param in enumerate(function.facts.params):
            if param.type is not None and param.type.name.rpartition(".")[2] == context_name:
                args = [event] * index + [context]  # where the context stands the signature says
        machine.call(None, 0, function, this, args, None, phase=Phase.REQUEST)
    return Started(tuple(functions), this)


def _handler(machine: Machine, klass: ClassInfo) -> Val:
    """The object that the runtime makes at load."""
    this = of(machine.make(("handler", klass), Kind.OBJECT, Phase.LOAD, klass=klass, label=klass.name))
    root = container.root(klass.module, Phase.LOAD)
    holder = objects.class_object(machine, klass)
    construction.initialise(machine, root, 0, klass, holder, this, _injected(machine, klass))
    container.complete(machine, klass, this, container.Asker(True, True, None, klass))
    machine.run()
    return this


def _started_host(machine: Machine, module: ModuleInfo, handler: Val) -> Started:
    """One request to what a program or a web server serves."""
    event, context = arguments(machine, module)
    functions = hosts.serve(machine, module.path, event, context)
    problem = "" if functions else "what the program serves is not known"
    return Started(functions, handler, problem, outside=not functions)


def _overloads(method: FunctionInfo) -> list[FunctionInfo]:
    """All overloads that the runtime might pick; helpers of the same name with other arities are reached by calls."""
    owner = method.owner
    same = owner.methods.get(method.facts.name, [method]) if owner is not None else [method]
    return [function for function in same if len(function.facts.params) <= 3] or [method]


def _injected(machine: Machine, klass: ClassInfo) -> list[Val]:
    """Arguments of the handler's construction: the runtime uses the constructor without any, if there is one; a
    framework the one that is marked for it."""
    declared = construction.declared_constructors(machine, klass)
    if any(machine.modules.components.fills(function) for function in declared):
        return container.injected(machine, klass, container.Asker(True, True, None, klass))
    counts = [len(function.facts.params) for function in declared]
    return [] if not counts or 0 in counts else [NONE] * min(counts)


def arguments(machine: Machine, module: ModuleInfo) -> tuple[Val, Val]:
    """The event and the context of one invocation."""
    event = machine.make("event", Kind.EVENT, Phase.REQUEST, label="event")
    kind = module.rules.context_type
    context = machine.make("context", Kind.CONTEXT, Phase.REQUEST, type_name=kind, label="context")
    return Val(frozenset(((event, False),)), EVENT_DATA), Val(frozenset(((context, False),)), CONTEXT_DATA)


def arity(machine: Machine, handler: Val) -> list[tuple[Obj, int]]:
    """The handler functions with the number of parameters that the runtime counts."""
    found = []
    for obj in handler.objects():
        if obj.kind is Kind.CLOSURE and obj.function is not None:
            found.append((obj, _length(machine, obj, obj.function)))
        elif obj in machine.arities:
            found.append((obj, machine.arities[obj]))
    return found


def _length(machine: Machine, obj: Obj, function: FunctionInfo) -> int:
    counted = takewhile(lambda param: not (param.has_default or param.rest), function.facts.params)
    return max(len(list(counted)) - len(closures.bound_args(machine, obj)), 0)
