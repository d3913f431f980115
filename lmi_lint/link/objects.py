"""How objects are made: of allocation sites, frames, modules, classes and declared types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lmi_lint.link.heap import NONE, Kind, Obj, Phase, Val, join, of
from lmi_lint.link.limits import LIMITS
from lmi_lint.link.names import INITIALIZER, STATIC, parts_of, type_named

if TYPE_CHECKING:
    from lmi_lint.facts import model as f
    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine
    from lmi_lint.link.names import ClassInfo, ModuleInfo


def allocate(machine: Machine, context: Context, event: int, kind: Kind, **more: Any) -> Obj:
    """A fresh object of an allocation site in one evaluation (of the site alone, once there are too many)."""
    depth = 1
    for obj, _ in context.this.refs:
        if obj.depth >= depth:
            depth = obj.depth + 1
    crowded = depth > LIMITS.depth or "objects" in machine.cut
    where: object = (context.function, context.phase, event, kind) if crowded else (context, event, kind)
    key = where, more.get("klass"), more.get("type_name")
    found = machine.objects.get(key)
    if found is not None:
        return found
    fact = context.function.facts.events[event]
    site = (context.function.module.path, fact.start, fact.end)
    return machine.make(key, kind, context.phase, site=site, depth=depth, **more)


def frame(machine: Machine, context: Context) -> Obj:
    """The frame of an evaluation's shared variables."""
    if context.frame is None:
        function = context.function
        if function.index == 0:
            context.frame = module_frame(machine, function.module)
        else:
            context.frame = machine.make(
                ("frame", context),
                Kind.FRAME,
                context.phase,
                function=function,
                env=context.env,
                label=function.label,
            )
    return context.frame


def module_frame(machine: Machine, module: ModuleInfo) -> Obj:
    """The frame of a module's variables; evaluates the module body on first use."""
    key = ("module frame", module)
    found = machine.objects.get(key)
    if found is None:
        body = module.functions[0]
        found = machine.make(key, Kind.FRAME, Phase.LOAD, function=body)
        machine.heap.store(module_object(machine, module), "exports", of(exports_object(machine, module)))
        machine.call(None, 0, body, NONE, [], None, phase=Phase.LOAD)
    return found


def frame_holding(machine: Machine, context: Context, function: int) -> Obj | None:
    """The frame of the enclosing function of that index, as this evaluation sees it."""
    module = context.function.module
    if function == context.function.index:
        return frame(machine, context)
    if function == 0:
        return module_frame(machine, module)
    env = context.env
    while env is not None:
        if env.function is not None and env.function.index == function and env.function.module is module:
            return env
        env = env.env
    return None


def module_object(machine: Machine, module: ModuleInfo) -> Obj:
    """CommonJS ``module``."""
    return machine.make(("module object", module), Kind.OBJECT, Phase.LOAD, label="module")


def exports_object(machine: Machine, module: ModuleInfo) -> Obj:
    """CommonJS ``exports`` as the module finds it."""
    return machine.make(("exports", module), Kind.OBJECT, Phase.LOAD, label="exports")


def namespace(machine: Machine, module: ModuleInfo) -> Obj:
    """All exports of a module as one object."""
    module_frame(machine, module)
    return machine.make(
        ("namespace", module), Kind.MODULE, Phase.LOAD, env=module_frame(machine, module), label=module.path
    )


def class_object(machine: Machine, klass: ClassInfo, env: Obj | None = None, base: Val = NONE) -> Obj:
    """The class as an object: holder of its statics; its static initialiser runs on first use, at load."""
    key = ("class", klass, env)
    obj = machine.objects.get(key)
    if obj is None:
        obj = machine.make(key, Kind.CLASS, Phase.LOAD, klass=klass, env=env, label=klass.name)
        for index in klass.facts.methods:
            function = klass.module.functions[index]
            if function.has(INITIALIZER) and function.has(STATIC):
                machine.call(None, 0, function, of(obj), [], env, phase=Phase.LOAD)
        for part in parts_of(machine.modules, klass):
            class_object(machine, part, env)  # their static initialisers are those of one class
    if base is not NONE:
        obj.base = base if obj.base is None else join(obj.base, base)
    return obj


def summon(
    machine: Machine,
    asker: Context | None,
    key: object,
    name: f.TypeName,
    module: ModuleInfo,
    klass: ClassInfo | None,
    phase: Phase,
    notes: tuple[f.AnnotationFacts, ...] | None = None,
) -> Val:
    """An object of a declared type where none is known: an instance that something outside made. Nothing is
    known to be unknown before the rest has settled, so the asker waits until then. ``notes``: the annotations of a
    field or parameter, into which a container may put a component of its own."""
    if not machine.summoning:
        if asker is not None:
            machine.waiting.setdefault(asker, set()).add(asker.at)
        return NONE
    if notes is not None:
        held = machine.fill(module, klass, name, notes, phase, key)
        if held is not None and (held.refs or held.texts):
            return held
    found = type_named(machine.modules, module, klass, name)
    if isinstance(found, str):
        if "." not in found:
            return NONE
        return of(machine.make(("summoned", key, found), Kind.INSTANCE, phase, type_name=found, guessed=True))
    if found.facts.type_params and any(found.name == param for param in found.facts.type_params):
        return NONE
    return of(machine.make(("summoned", key, found), Kind.OBJECT, phase, klass=found, guessed=True))
