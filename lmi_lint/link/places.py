"""Reads and writes of places: variables, fields, elements, names of other files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.facts.model import ELEMENT
from lmi_lint.link import calls
from lmi_lint.link.heap import (
    NONE,
    NULL,
    Kind,
    Obj,
    Origin,
    Phase,
    ReadId,
    Ref,
    Val,
    blend,
    is_shared,
    join,
    of,
)
from lmi_lint.link.names import (
    GETTER,
    INTERFACE,
    SETTER,
    STATIC,
    ClassInfo,
    ClassSymbol,
    CommonJs,
    External,
    FieldSymbol,
    Namespace,
    Undeclared,
    Variable,
    find_method,
    lineage,
    resolver,
)
from lmi_lint.link.names_module import exported
from lmi_lint.link.names_package import class_by_name
from lmi_lint.link.record import Access, Mode
from lmi_lint.model.source import Span

if TYPE_CHECKING:
    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine
    from lmi_lint.link.names import Symbol

_STORED = {f.How.SET: Mode.WRITE, f.How.UPDATE: Mode.WRITE, f.How.IF_ABSENT: Mode.INIT, f.How.DELETE: Mode.DELETE}


# --------------------------------------------------------------------------- events


def load_var(machine: Machine, context: Context, index: int, event: f.LoadVar) -> Val:
    """A variable of an enclosing frame."""
    frame = machine.frame_holding(context, event.function)
    return load_cell(machine, context, index, (frame, False), event.name) if frame is not None else NONE


def store_var(machine: Machine, context: Context, index: int, event: f.StoreVar) -> Val:
    """A write to a variable of an enclosing frame."""
    value = machine.value(context, event.value)
    frame = machine.frame_holding(context, event.function)
    if frame is not None:
        store_cell(machine, context, index, (frame, False), event.name, value, event.how)
    return value


def load_free(machine: Machine, context: Context, index: int, event: f.LoadFree) -> Val:
    """A bare name that the file does not declare as a variable."""
    symbol = resolver(context.function.module.language).free(machine.modules, context.function, event.name)
    return load_symbol(machine, context, index, symbol)


def store_free(machine: Machine, context: Context, index: int, event: f.StoreFree) -> Val:
    """A write to a bare name: an implicit global, or a field of the enclosing classes."""
    value = machine.value(context, event.value)
    symbol = resolver(context.function.module.language).free(machine.modules, context.function, event.name)
    if isinstance(symbol, FieldSymbol):
        for ref in holders(machine, context, symbol):
            store_cell(machine, context, index, ref, symbol.name, value, event.how)
    elif isinstance(symbol, Undeclared):
        store_cell(machine, context, index, (machine.implicit_globals, True), symbol.name, value, event.how)
    return value


def load(machine: Machine, context: Context, index: int, event: f.Load) -> Val:
    """``base.key`` or ``base[index]``."""
    base = machine.value(context, event.base)
    return load_member(machine, context, index, base, event.key)


def store(machine: Machine, context: Context, index: int, event: f.Store) -> Val:
    """``base.key = value``."""
    value = machine.value(context, event.value)
    base = machine.value(context, event.base)
    key_value = machine.value(context, event.index) if event.index is not None else None
    for ref in base.each():
        store_member(machine, context, index, ref, event.key, value, event.how, key_value)
    return value


def element(machine: Machine, context: Context, index: int, event: f.Element) -> Val:
    """One element of what is iterated over."""
    base = machine.value(context, event.base)
    result = elements(machine, context, index, base)
    if event.as_type is not None and not result.refs:
        scope = context.function.scope
        made = machine.summon(context, (context, index), event.as_type, context.function.module, scope, context.phase)
        result = join(result, made) if made.refs else result
    _note_content(machine, context, index, base, Mode.ITERATE)
    return result


def elements(machine: Machine, context: Context, index: int, base: Val) -> Val:
    """What a container holds."""
    result = blend([base])
    for ref in base.each():
        obj = ref[0]
        if obj.kind is Kind.EVENT:
            result = join(result, Val(frozenset((ref,)), base.data))
        elif obj.kind in (Kind.OBJECT, Kind.INSTANCE, Kind.NAME):
            result = join(result, load_cell(machine, context, index, ref, ELEMENT, quiet=True))
    return result


def make_display(machine: Machine, context: Context, index: int, event: f.MakeDisplay) -> Val:
    """A literal container or object."""
    type_name = {"sequence": "Array", "set": "Set"}.get(event.kind, "Object")
    if event.type is not None and event.type.array:
        type_name = f"{event.type.name}[]"
    obj = machine.allocate(context, index, Kind.OBJECT, type_name=type_name, label="")
    parts = []
    for item in event.items:
        value = machine.value(context, item.value)
        parts.append(value)
        if item.spread:
            _spread(machine, context, obj, value)
        else:
            machine.heap.store(obj, item.key, value)
    mixed = blend(parts)
    return Val(frozenset(((obj, False),)), mixed.data, mixed.reads)


def _spread(machine: Machine, context: Context, obj: Obj, value: Val) -> None:
    for source, shared in value.each():
        machine.heap.load_any(source, context)
        for key in sorted(machine.heap.keys.get(source, ())):
            cell = machine.heap.cells[source, key]
            machine.heap.store(obj, key, reached(cell, is_shared((source, shared))))
    if value.data:
        machine.heap.store(obj, ELEMENT, blend([value]))


# --------------------------------------------------------------------------- members


def load_member(machine: Machine, context: Context, index: int, base: Val, key: str) -> Val:
    """``base.key`` over all objects that the base may be."""
    result = NONE
    known = False
    for ref in base.each():
        found = _load_ref(machine, context, index, ref, key, base)
        if found is not None:
            # What a library object was made of is in its parts too; what was stored into one of ours is known.
            known = known or ref[0].kind is not Kind.INSTANCE
            result = join(result, found)
    if base.data and (not known or any(obj.kind is Kind.EVENT for obj, _ in base.refs)):
        result = join(result, Val(data=member_data(base.data, key), reads=base.reads))
    elif not known and base.reads:
        result = join(result, Val(reads=base.reads))
    return result


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
            return calls.unique_value(entry.unique, base.data)
        return Val(frozenset(((machine.name(f"{obj.type_name}.{key}"), False),)), member_data(base.data, key))
    if obj.kind is Kind.NAME:
        return _load_name(machine, context, index, ref, key)
    if obj.kind is Kind.MODULE and obj.env is not None and obj.env.function is not None:
        symbol = exported(machine.modules, obj.env.function.module, key)
        return load_symbol(machine, context, index, symbol) if symbol is not None else None
    if obj.kind is Kind.OBJECT and key == "this":
        return of(obj)
    if obj is machine.implicit_globals and machine.heap.load(obj, key, context) is None:
        return of(machine.name(key), shared=True)
    if obj.kind is Kind.CLOSURE and key == "prototype":
        return of(prototype(machine, obj), shared=ref[1])
    if obj.klass is not None:
        return _load_of_class(machine, context, index, ref, key)
    if key == ELEMENT:
        found = machine.heap.load_any(obj, context)
        if found is None:
            return None
        return load_cell(machine, context, index, ref, ELEMENT, found=found)
    if machine.heap.load(obj, key, context) is not None or obj.kind is not Kind.INSTANCE:
        result = load_cell(machine, context, index, ref, key)
        if obj.base is not None:
            result = join(result, load_member(machine, context, index, obj.base, key))
        if result is NONE and machine.heap.cells.get((obj, ELEMENT)) is not None:
            result = load_cell(machine, context, index, ref, ELEMENT)
        if result is NONE and obj.kind is Kind.OBJECT and (obj, key) not in machine.heap.cells:
            return Val(reads=_read_ids(machine, context, index, ref, key)) if machine.recorder or ref[1] else None
        return result
    entry = machine.knowledge.call_entry(f"{obj.type_name}.{key}", 0, None)
    if entry is not None and entry.returns_type:
        return of(
            machine.make(("property", obj, key), Kind.INSTANCE, obj.phase, type_name=entry.returns_type), shared=ref[1]
        )
    return load_cell(machine, context, index, ref, key)


def prototype(machine: Machine, function: Obj) -> Obj:
    """The object that instances made by a function inherit from, as the function comes with it."""
    return machine.make(("prototype", function), Kind.OBJECT, function.phase, label=f"{function.label}.prototype")


def _load_name(machine: Machine, context: Context, index: int, ref: Ref, key: str) -> Val:
    obj = ref[0]
    qualified = f"{obj.type_name}.{key}"
    found = (
        class_by_name(machine.modules, qualified, context.function.module.path) if obj.type_name[:1].islower() else None
    )
    if found is not None:
        return of(machine.class_object(found))
    stored = machine.heap.load(obj, key, context)
    result = of(machine.name(qualified), shared=True)
    if stored is not None:
        result = join(result, load_cell(machine, context, index, ref, key))
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
            return machine.call(context, index, getter, Val(frozenset((ref,))), [], obj.env, phase=context.phase)
    if static:
        for each in chain:
            field = each.fields.get(key)
            if field is not None and field.flags & STATIC:
                return load_cell(
                    machine, context, index, (machine.class_object(each, obj.env if each is klass else None), True), key
                )
        for candidate in klass.module.classes:
            if candidate.name == key and candidate.facts.outer_class == klass.index:
                return of(machine.class_object(candidate))
        if key == "this":  # Java: Outer.this
            return _outer_this(machine, context, klass)
    if machine.heap.load(obj, key, context) is None and not any(key in each.fields for each in chain):
        method = find_method(machine.modules, klass, key, None)
        if method is not None:
            bound = machine.make(
                ("bound", obj, method),
                Kind.CLOSURE,
                obj.phase,
                function=method,
                env=obj.env,
                this=Val(frozenset((ref,))),
                label=method.label,
            )
            return of(bound, shared=ref[1])
    if key == ELEMENT:
        found = machine.heap.load_any(obj, context)
        return load_cell(machine, context, index, ref, ELEMENT, found=found) if found is not None else None
    return load_cell(machine, context, index, ref, key)


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
        return [(machine.class_object(symbol.klass), True)]
    this = context.this
    for _ in range(max(symbol.hops, 0)):
        this = outward(this)
    exact = [ref for ref in this.each() if ref[0].klass and symbol.klass in lineage(machine.modules, ref[0].klass)]
    return exact or [ref for ref in this.each() if ref[0].klass is not None]


def load_symbol(machine: Machine, context: Context, index: int, symbol: Symbol) -> Val:
    """The value of what a name was resolved to."""
    match symbol:
        case Variable(module=module, name=name):
            return load_cell(machine, context, index, (machine.module_frame(module), False), name)
        case FieldSymbol():
            result = NONE
            for ref in holders(machine, context, symbol):
                result = join(result, load_member(machine, context, index, Val(frozenset((ref,))), symbol.name))
            return result
        case ClassSymbol(klass=klass):
            return of(machine.class_object(klass))
        case Namespace(module=module):
            return of(machine.namespace(module))
        case CommonJs(module=module, name=name):
            machine.module_frame(module)
            exports = load_cell(machine, context, index, (machine.module_object(module), False), "exports", quiet=True)
            return exports if name is None else load_member(machine, context, index, exports, name)
        case External(name=name):
            return of(machine.name(name), shared=True)
        case Undeclared(name=name):
            return _global(machine, context, index, name)


def _global(machine: Machine, context: Context, index: int, name: str) -> Val:
    if name in ("undefined", "null"):
        return NULL
    module = context.function.module
    if name == "module":
        return of(machine.module_object(module))
    if name == "exports":
        machine.module_frame(module)
        return of(machine.exports_object(module))
    if name in ("globalThis", "global"):
        return of(machine.implicit_globals, shared=True)
    stored = machine.heap.load(machine.implicit_globals, name, context)
    if stored is not None:
        return load_cell(machine, context, index, (machine.implicit_globals, True), name)
    return of(machine.name(name), shared=True)


# --------------------------------------------------------------------------- cells


def reached(value: Val, shared: bool) -> Val:
    """A value as read out of something shared: what it refers to is shared as well."""
    if not shared or all(flag for _, flag in value.refs):
        return value
    return Val(
        frozenset((obj, True) for obj, _ in value.refs),
        value.data,
        value.reads,
        value.texts,
        value.constant,
        value.null,
    )


def _read_ids(machine: Machine, context: Context, index: int, ref: Ref, key: str) -> frozenset[ReadId]:
    if context.phase is Phase.REQUEST and machine.shares_memory and (ref[0], key) in machine.request_written:
        return frozenset((ReadId(context, index),))
    return frozenset()


def load_cell(
    machine: Machine, context: Context, index: int, ref: Ref, key: str, *, quiet: bool = False, found: Val | None = None
) -> Val:
    """Read one cell; a read of a shared one carries its identity and is recorded."""
    obj, _ = ref
    stored = found if found is not None else machine.heap.load(obj, key, context)
    value = stored if stored is not None else NONE
    if not value.refs and not value.constant:
        value = join(value, _declared(machine, context, obj, key))
    shared = is_shared(ref)
    if not shared:
        return value
    value = reached(value, True)
    if context.phase is Phase.REQUEST and machine.shares_memory and not quiet:
        if (obj, key) in machine.request_written:
            value = Val(value.refs, value.data, value.reads | {ReadId(context, index)}, value.texts)
        if machine.recorder is not None and obj not in context.building:
            _record(machine, context, index, obj, key, Mode.READ, NONE, None, update=False)
    return value


def _declared(machine: Machine, context: Context, obj: Obj, key: str) -> Val:
    """An object of the declared type for a field that nothing here fills."""
    if obj.klass is None:
        return NONE
    for each in lineage(machine.modules, obj.klass):
        field = each.fields.get(key)
        if field is not None:
            if field.type is None:
                return NONE
            return machine.summon(context, (obj, key), field.type, each.module, each, obj.phase)
    return NONE


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
    """Write a member of one object: through its setter, to its class for statics, else to its cell."""
    obj = ref[0]
    if obj.klass is not None and key != ELEMENT:
        for each in lineage(machine.modules, obj.klass):
            setter = each.accessors.get((key, SETTER))
            if setter is not None:
                machine.call(context, index, setter, Val(frozenset((ref,))), [value], obj.env, phase=context.phase)
                return
            field = each.fields.get(key)
            if field is not None and obj.kind is Kind.CLASS and field.flags & STATIC and each is not obj.klass:
                ref = (machine.class_object(each), True)
                break
    if obj.kind in (Kind.EVENT, Kind.CONTEXT):
        return
    if obj.kind is Kind.MODULE and obj.env is not None:
        ref = (obj.env, ref[1])
    store_cell(machine, context, index, ref, key, value, how, key_value)


def store_cell(
    machine: Machine,
    context: Context,
    index: int,
    ref: Ref,
    key: str,
    value: Val,
    how: f.How,
    key_value: Val | None = None,
) -> None:
    """Write one cell; a write to a shared one in a request is recorded."""
    obj = ref[0]
    if how is not f.How.DELETE:
        machine.heap.store(obj, key, value)
    if not is_shared(ref) or context.phase is not Phase.REQUEST or obj in context.building:
        return
    mark_written(machine, obj, key)
    if machine.recorder is not None:
        _record(machine, context, index, obj, key, _STORED[how], value, key_value, update=how is f.How.UPDATE)


def mark_written(machine: Machine, obj: Obj, key: str) -> None:
    """A request writes this shared place: from now on reads of it carry their identity."""
    place = (obj, key)
    if place not in machine.request_written:
        machine.request_written.add(place)
        machine.heap.dirty.extend(machine.heap.readers.get(place, ()))
        machine.heap.dirty.extend(machine.heap.readers.get((obj, "*"), ()))


def _note_content(machine: Machine, context: Context, index: int, base: Val, mode: Mode) -> None:
    if machine.recorder is None or context.phase is not Phase.REQUEST:
        return
    for ref in base.each():
        if is_shared(ref) and ref[0].kind in (Kind.OBJECT, Kind.INSTANCE) and ref[0] not in context.building:
            _record(machine, context, index, ref[0], ELEMENT, mode, NONE, None, update=False)


def _record(
    machine: Machine,
    context: Context,
    index: int,
    obj: Obj,
    key: str,
    mode: Mode,
    value: Val,
    key_value: Val | None,
    *,
    update: bool,
    method: str = "",
    keeps: bool = False,
) -> None:
    if machine.recorder is None:
        return
    event = context.function.facts.events[index]
    machine.recorder.accesses.append(
        Access(
            context, index, obj, key, mode, Span(event.start, event.end), value, key_value, update, method,
            machine.guards_at(context, index), machine.locks_at(context, index), keeps,
        )
    )  # fmt: skip


def record_method(
    machine: Machine,
    context: Context,
    index: int,
    obj: Obj,
    mode: Mode,
    method: str,
    value: Val,
    key_value: Val | None,
    *,
    keeps: bool = False,
) -> None:
    """Record what a library method does to the content of a shared object."""
    _record(machine, context, index, obj, ELEMENT, mode, value, key_value, update=False, method=method, keeps=keeps)


def touch(machine: Machine, context: Context, index: int, obj: Obj, mode: Mode, method: str, value: Val) -> None:
    """A library function changes the content of a shared object that it was given."""
    if context.phase is Phase.REQUEST and obj not in context.building:
        mark_written(machine, obj, ELEMENT)
        record_method(machine, context, index, obj, mode, method, value, None)


def copy_parts(machine: Machine, context: Context, index: int, ref: Ref, value: Val) -> None:
    """``Object.assign(ref, value)``: each known part of the value is stored into the object under its own key."""
    stored = False
    for source, shared in value.each():
        machine.heap.load_any(source, context)
        for key in sorted(machine.heap.keys.get(source, ())):
            cell = reached(machine.heap.cells[source, key], is_shared((source, shared)))
            store_member(machine, context, index, ref, key, cell, f.How.SET)
            stored = True
    if value.data and not stored:
        store_member(machine, context, index, ref, ELEMENT, Val(value.refs, value.data, value.reads), f.How.SET)


def note_use(machine: Machine, context: Context, index: int, value: Val) -> None:
    """A shared object is handed out whole: whoever gets it reads what requests wrote into it."""
    if machine.recorder is None or context.phase is not Phase.REQUEST or not machine.shares_memory:
        return
    handed = list(value.each())
    seen: set[Obj] = set()
    for obj, shared in handed:
        if obj in seen or obj.kind not in (Kind.OBJECT, Kind.INSTANCE) or obj.klass is not None:
            continue
        seen.add(obj)
        for key in sorted(machine.heap.keys.get(obj, ())):
            if is_shared((obj, shared)):
                if (obj, key) in machine.request_written:
                    _record(machine, context, index, obj, key, Mode.READ, NONE, None, update=False)
            elif key != "(kept)":
                handed.extend(machine.heap.cells[obj, key].each())


def is_lock(machine: Machine, obj: Obj) -> bool:
    """Whether holding this object in a with or using block excludes others."""
    return obj.kind in (Kind.INSTANCE, Kind.NAME) and machine.knowledge.lock(obj.type_name) is not None


def is_abstract(klass: ClassInfo) -> bool:
    """Whether a class has no instances of its own."""
    return klass.has(INTERFACE)
