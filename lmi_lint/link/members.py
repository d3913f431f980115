"""Members of objects: fields, accessors, elements, statics, exports, and what names of other files stand for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.facts.model import ELEMENT
from lmi_lint.link import cells, getters, objects, setters, texts
from lmi_lint.link.heap import (
    NONE,
    Kind,
    Obj,
    Origin,
    Phase,
    Ref,
    Text,
    Val,
    is_shared,
    join,
    of,
    only,
)
from lmi_lint.link.methods import find_method, takes_receiver
from lmi_lint.link.names import (
    ABSTRACT,
    GETTER,
    MEMOISED,
    REPLACED,
    SETTER,
    STATIC,
    ClassInfo,
    ClassSymbol,
    CommonJs,
    External,
    FieldSymbol,
    FunctionInfo,
    Namespace,
    Undeclared,
    Variable,
    library_supers,
    lineage,
)
from lmi_lint.link.record import Mode
from lmi_lint.link.temp_paths import TEMP_DIRECTORY

if TYPE_CHECKING:
    from lmi_lint.knowledge.callee import Effect
    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine
    from lmi_lint.link.names import Symbol

_INDEXER = "Item"


def load_member(
    machine: Machine, context: Context, index: int, base: Val, key: str, key_value: Val | None = None
) -> Val:
    """``base.key`` over all objects that the base may be. ``key_value``: of a computed key."""
    result = NONE
    known = False
    getters.note(machine, context, index, base, key, key_value)
    for ref in base.each():
        found = _indexed(machine, context, index, ref, GETTER, [key_value]) if key_value is not None else None
        if found is None:
            found = _load_ref(machine, context, index, ref, key, base)
        if found is not None:
            # What a library object was made of is in its parts too; what was stored into one of ours is known.
            known = known or ref[0].kind is not Kind.INSTANCE
            result = join(result, found)
    if base.data and (not known or any(obj.kind is Kind.EVENT for obj, _ in base.refs)):
        result = join(result, Val(data=member_data(base.data, key), reads=base.reads))
    elif not known and base.reads:
        result = join(result, Val(reads=base.reads))
    if base.texts and not result.texts:
        return _with_texts(machine, base, key, result)
    return result


def _with_texts(machine: Machine, base: Val, key: str, member: Val) -> Val:
    """A member of a text, or of what is made of one: an element is a piece of it; knowledge tells of properties."""
    if key == ELEMENT or key.isdecimal():
        found = texts.computed((base,))
    else:
        names = [f"{obj.type_name}.{key}" for obj in base.objects() if obj.kind is Kind.INSTANCE]
        entries = [machine.knowledge.call_entry(name, 0, None) for name in names]
        found = _property_text(base, {entry.text for entry in entries if entry is not None})
    return Val(member.refs, member.data, member.reads, found, member.constant, member.null)


def _property_text(base: Val, ways: set[str]) -> frozenset[Text]:
    how = ways.pop() if len(ways) == 1 else ""
    if how.startswith("="):
        return frozenset({(how[1:],)})
    if how == "tmpdir":
        return frozenset({(TEMP_DIRECTORY,)})
    if how == "basename":
        return texts.last_part(base)
    if how == "dirname":
        return texts.directory(base)
    return base.texts if how == "same" else frozenset()


def _indexed(machine: Machine, context: Context, index: int, ref: Ref, which: int, args: list[Val]) -> Val | None:
    """What the indexer of a class answers (C#: accessors called ``Item`` that take the index); None without one."""
    klass = ref[0].klass
    for each in lineage(machine.modules, klass) if klass is not None and ref[0].kind is Kind.OBJECT else ():
        accessor = each.accessors.get((_INDEXER, which))
        if accessor is not None and len(accessor.facts.params) == len(args) and not accessor.has(ABSTRACT):
            return machine.call(context, index, accessor, only(ref), args, ref[0].env, phase=context.phase)
    return None


def _constant_key(key: str) -> Val:
    return Val(texts=frozenset(((key,),)), constant=True)


def member_data(data: frozenset[Origin], key: str) -> frozenset[Origin]:
    """The origins of one member of a value: one step further into the event or context, two steps at most."""
    if key == ELEMENT:
        return data
    return frozenset((*origin, key) if len(origin) < 3 else origin for origin in data)


def _load_ref(machine: Machine, context: Context, index: int, ref: Ref, key: str, base: Val) -> Val | None:
    obj = ref[0]
    if obj.kind is Kind.EVENT:
        return Val(frozenset((ref,)), member_data(base.data, key))
    if obj.kind is Kind.CONTEXT:
        entry = machine.knowledge.call_entry(f"{obj.type_name}.{key}", 0, None)
        if entry is not None and entry.unique:
            return texts.unique_value(entry.unique, base.data)
        if entry is not None and entry.text == "setting":
            return Val(texts=frozenset({(texts.SETTING,)}))
        return Val(frozenset(((machine.name(f"{obj.type_name}.{key}"), False),)), member_data(base.data, key))
    if obj.kind is Kind.NAME:
        return _load_name(machine, context, index, ref, key, base)
    if obj.kind is Kind.MODULE and obj.env is not None and obj.env.function is not None:
        home = obj.env.function.module
        symbol = home.rules.exported(machine.modules, home, key)
        if symbol is None:
            symbol = home.rules.named(machine.modules, home, f".{key}")
        return load_symbol(machine, context, index, symbol) if symbol is not None else None
    if obj.kind is Kind.OBJECT and key == "this":
        return of(obj)
    if obj is machine.implicit_globals and machine.heap.load(obj, key, context) is None:
        return of(machine.name(key))
    if obj.kind is Kind.CLOSURE and key == "prototype":
        return of(prototype(machine, obj), shared=ref[1])
    if obj.klass is not None:
        return _load_of_class(machine, context, index, ref, key)
    if key == ELEMENT:
        found = machine.heap.load_any(obj, context)
        if found is None:
            return None
        return cells.load_cell(machine, context, index, ref, ELEMENT, found=found)
    if machine.heap.load(obj, key, context) is not None or obj.kind is not Kind.INSTANCE:
        result = cells.load_cell(machine, context, index, ref, key)
        if obj.base is not None:
            result = join(result, load_member(machine, context, index, obj.base, key))
        if result is NONE and machine.heap.cells.get((obj, ELEMENT)) is not None:
            result = cells.load_cell(machine, context, index, ref, ELEMENT)
        absent = obj in machine.whole and (obj, key) not in machine.heap.cells
        if result is NONE and absent and machine.whole.issuperset(base.objects()):
            return Val(reads=cells.read_ids(machine, context, index, ref, key), constant=True, null=True)
        if result is NONE and obj.kind is Kind.OBJECT and (obj, key) not in machine.heap.cells:
            if not ref[1] and not machine.settled:
                machine.missing.setdefault(context, set()).add(index)
                return None
            return Val(reads=cells.read_ids(machine, context, index, ref, key))
        return Val(reads=result.reads) if _counts(machine, obj, key) else result
    return _load_of_library(machine, context, index, ref, key, obj.type_name)


def _load_of_library(machine: Machine, context: Context, index: int, ref: Ref, key: str, type_name: str) -> Val:
    """A property of a library type, which its object or one of a class that derives from it has."""
    obj = ref[0]
    effect = machine.knowledge.method_effect(type_name, key)
    found = _property(machine, context, index, ref, key, type_name, effect)
    if effect is not None and _in_request(context, ref):
        if effect.mutates:
            cells.touch(machine, context, index, obj, Mode.MUTATE, key, NONE)
        elif effect.reads:
            cells.record_method(machine, context, index, obj, Mode.LOOK, key, NONE, None)
            # What it tells of the content carries the identity of this look.
            return join(found, Val(reads=cells.read_ids(machine, context, index, ref, ELEMENT)))
    return found


def _counts(machine: Machine, obj: Obj, key: str) -> bool:
    """Whether it tells how much a container holds, and nothing of what that is."""
    return key in machine.knowledge.counting and any(key in e.counts for e in machine.knowledge.lineage(obj.type_name))


def _property(
    machine: Machine, context: Context, index: int, ref: Ref, key: str, type_name: str, effect: Effect | None
) -> Val:
    """What a property of a library type gives."""
    obj = ref[0]
    entry = machine.knowledge.call_entry(f"{type_name}.{key}", 0, None)
    if entry is None and effect is None and _passes_through(machine, context, key):
        return only(ref)
    if entry is not None and entry.arity is not None and entry.calls is None:
        machine.arities[obj] = entry.arity  # handed out as a handler, it answers with what the object was given
        return only(ref)
    if entry is not None and entry.returns_type:
        made = machine.make(("property", obj, key), Kind.INSTANCE, obj.phase, type_name=entry.returns_type)
        made.home = made.home or (obj, key)
        return of(made, shared=ref[1])
    if entry is not None and entry.returns == "receiver":
        return only(ref)
    if entry is not None and entry.returns == "element":
        return cells.load_cell(machine, context, index, ref, ELEMENT, quiet=True)
    return cells.load_cell(machine, context, index, ref, key)


def _passes_through(machine: Machine, context: Context, key: str) -> bool:
    from lmi_lint.link.contents import passes_through  # which looks into members itself

    return passes_through(machine, context.function.module, key, 0)


def _in_request(context: Context, ref: Ref) -> bool:
    """Whether an invocation reaches an object that others reach too."""
    return context.phase is Phase.REQUEST and is_shared(ref) and ref[0] not in context.building


def prototype(machine: Machine, function: Obj) -> Obj:
    """The object that instances made by a function inherit from, as the function comes with it."""
    return machine.make(("prototype", function), Kind.OBJECT, function.phase, label=f"{function.label}.prototype")


def _load_name(machine: Machine, context: Context, index: int, ref: Ref, key: str, base: Val) -> Val:
    obj = ref[0]
    qualified = f"{obj.type_name}.{key}"
    module = context.function.module
    modules = machine.modules
    symbol = modules.remembered(("by name", module, qualified), partial(module.rules.named, modules, module, qualified))
    if symbol is not None:
        return load_symbol(machine, context, index, symbol)
    entry = machine.knowledge.call_entry(qualified, 0, None)
    if entry is not None and entry.unique == "process":  # a property; what differs per call is called
        return texts.unique_value(entry.unique, base.data)
    stored = machine.heap.load(obj, key, context)
    if stored is None and entry is not None and machine.knowledge.safety_of(entry.returns_type).safety == "immutable":
        value = machine.make(("property", obj, key), Kind.INSTANCE, Phase.LOAD, type_name=entry.returns_type)
        return of(value)
    result = of(machine.name(qualified), shared=True)
    if machine.knowledge.role_of(obj.type_name) == "process.env":
        result = Val(result.refs, texts=frozenset({(texts.SETTING,)}))
    elif entry is not None and entry.unique == "second":
        result = Val(result.refs, texts=texts.unique_value(entry.unique, base.data).texts)
    elif entry is not None and entry.text:
        result = Val(result.refs, texts=_property_text(base, {entry.text}))
    if stored is not None:
        result = join(result, cells.load_cell(machine, context, index, ref, key))
    return result


def _load_of_class(machine: Machine, context: Context, index: int, ref: Ref, key: str) -> Val | None:
    obj = ref[0]
    klass = obj.klass
    if klass is None:
        return None
    chain = lineage(machine.modules, klass)
    static = obj.kind is Kind.CLASS
    for each in chain:
        getter = each.accessors.get((key, GETTER))
        if getter is not None and getter.has(STATIC) == static:
            phase = _phase_of(machine, context, ref, getter)
            return machine.call(context, index, getter, only(ref), [], obj.env, phase=phase)
    if static or machine.heap.load(obj, key, context) is None:
        for each in chain:
            field = each.fields.get(key)
            if field is not None and field.flags & STATIC:
                return cells.load_cell(
                    machine,
                    context,
                    index,
                    (objects.class_object(machine, each, obj.env if each is klass else None), True),
                    key,
                )
    if static:
        for candidate in klass.module.classes:
            if candidate.name == key and candidate.facts.outer_class == klass.index:
                return of(objects.class_object(machine, candidate))
        if key == "this":  # Java: Outer.this
            return _outer_this(machine, context, klass)
    if machine.heap.load(obj, key, context) is None and not any(key in each.fields for each in chain):
        method = find_method(machine.modules, klass, key, None)
        if method is not None and static and takes_receiver(method) and not method.has(STATIC):
            unbound = machine.make(
                ("unbound", obj, method), Kind.CLOSURE, obj.phase, function=method, env=obj.env, label=method.label
            )
            return of(unbound, shared=ref[1])
        if method is not None:
            bound = machine.make(
                ("bound", obj, method),
                Kind.CLOSURE,
                obj.phase,
                function=method,
                env=obj.env,
                this=only(ref),
                label=method.label,
            )
            return of(bound, shared=ref[1])
    if key == ELEMENT:
        found = machine.heap.load_any(obj, context)
        return cells.load_cell(machine, context, index, ref, ELEMENT, found=found) if found is not None else None
    if not static and not any(key in each.fields for each in chain):
        found = _indexed(machine, context, index, ref, GETTER, [_constant_key(key)])
        if found is not None or _passes_through(machine, context, key):
            return found or only(ref)
        for above in library_supers(machine.modules, klass) if machine.heap.load(obj, key, context) is None else ():
            known = machine.knowledge
            if known.call_entry(f"{above}.{key}", 0, None) or known.method_effect(above, key):
                return _load_of_library(machine, context, index, ref, key, above)
    return cells.load_cell(machine, context, index, ref, key)


def replaced(machine: Machine, context: Context, obj: Obj, method: FunctionInfo) -> Val | None:
    """What the decorators of a method made of it, as the class that declares it holds that."""
    if not method.has(REPLACED) or method.owner is None:
        return None
    env = obj.env if method.owner is obj.klass else None
    return machine.heap.load(objects.class_object(machine, method.owner, env), method.facts.name, context)


def _phase_of(machine: Machine, context: Context, ref: Ref, getter: FunctionInfo) -> Phase:
    """When a getter runs: one whose result is kept runs once for each object, of a lasting one as if at load."""
    made = replaced(machine, context, ref[0], getter)
    kept = getter.has(MEMOISED) or (made is not None and any(obj in machine.memoised for obj in made.objects()))
    return Phase.LOAD if kept and is_shared(ref) else context.phase


def _outer_this(machine: Machine, context: Context, klass: ClassInfo) -> Val | None:
    seen = context.this
    for _ in range(4):
        mine = [
            ref for ref in seen.each() if ref[0].klass is not None and klass in lineage(machine.modules, ref[0].klass)
        ]
        if mine:
            return Val(frozenset(mine))
        seen = outward(seen)
    return None


def outward(this: Val) -> Val:
    """The enclosing instances of inner-class instances."""
    result = NONE
    for obj, shared in this.each():
        if obj.this is not None:
            outer = obj.this
            result = join(result, Val(frozenset((o, s or shared) for o, s in outer.refs)))
    return result


def holders(machine: Machine, context: Context, symbol: FieldSymbol) -> list[Ref]:
    """The objects whose field a bare name means."""
    if symbol.static:
        return [(objects.class_object(machine, symbol.klass), True)]
    this = context.this
    for _ in range(max(symbol.hops, 0)):
        this = outward(this)
    exact = [ref for ref in this.each() if ref[0].klass and symbol.klass in lineage(machine.modules, ref[0].klass)]
    return exact or [ref for ref in this.each() if ref[0].klass is not None]


def load_symbol(machine: Machine, context: Context, index: int, symbol: Symbol) -> Val:
    """The value of what a name was resolved to."""
    match symbol:
        case Variable(module=module, name=name):
            return cells.load_cell(machine, context, index, (objects.module_frame(machine, module), False), name)
        case FieldSymbol():
            result = NONE
            for ref in holders(machine, context, symbol):
                result = join(result, load_member(machine, context, index, only(ref), symbol.name))
            return result
        case ClassSymbol(klass=klass):
            return of(objects.class_object(machine, klass))
        case Namespace(module=module):
            return of(objects.namespace(machine, module))
        case CommonJs(module=module, name=name):
            objects.module_frame(machine, module)
            exports = cells.load_cell(
                machine, context, index, (objects.module_object(machine, module), False), "exports", quiet=True
            )
            return exports if name is None else load_member(machine, context, index, exports, name)
        case External(name=name):
            return of(machine.name(name), shared=True)
        case Undeclared(name=name):
            return _global(machine, context, index, name)


def _global(machine: Machine, context: Context, index: int, name: str) -> Val:
    module = context.function.module
    match module.rules.well_known(name):
        case "module":
            return of(objects.module_object(machine, module))
        case "exports":
            objects.module_frame(machine, module)
            return of(objects.exports_object(machine, module))
        case "globals":
            return of(machine.implicit_globals, shared=True)
    stored = machine.heap.load(machine.implicit_globals, name, context)
    if stored is not None:
        return cells.load_cell(machine, context, index, (machine.implicit_globals, True), name)
    return of(machine.name(name), shared=True)


def store_member(
    machine: Machine,
    context: Context,
    index: int,
    ref: Ref,
    key: str,
    value: Val,
    how: f.How,
    key_value: Val | None = None,
) -> None:
    """Write a member of one object: through its setter or the library's, to its class for statics, else to its cell."""
    obj = ref[0]
    if key_value is not None and _indexed(machine, context, index, ref, SETTER, [key_value, value]) is not None:
        return
    if obj.klass is not None and key != ELEMENT:
        for each in lineage(machine.modules, obj.klass):
            setter = each.accessors.get((key, SETTER))
            if setter is not None:
                machine.call(context, index, setter, only(ref), [value], obj.env, phase=context.phase)
                return
            field = each.fields.get(key)
            if field is not None and obj.kind is Kind.CLASS and field.flags & STATIC and each is not obj.klass:
                ref = (objects.class_object(machine, each), True)
                break
            if field is not None:
                break
        else:
            if _indexed(machine, context, index, ref, SETTER, [_constant_key(key), value]) is not None:
                return
    if obj.kind in (Kind.EVENT, Kind.CONTEXT):
        return
    if how is not f.How.IF_ABSENT and setters.assign(machine, context, index, ref, key, value):
        return
    if obj.kind is Kind.MODULE and obj.env is not None:
        ref = (obj.env, ref[1])
    cells.store_cell(machine, context, index, ref, key, value, how, key_value)
