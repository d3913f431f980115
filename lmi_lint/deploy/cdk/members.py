"""Members, calls and constructions of values."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from lmi_lint.deploy.cdk.library import called, method_of_builtin
from lmi_lint.deploy.cdk.machine import Args
from lmi_lint.deploy.cdk.names import canonical
from lmi_lint.deploy.cdk.values import (
    ROOT,
    UNKNOWN,
    Builder,
    Fn,
    Instance,
    Klass,
    ModuleValue,
    Obj,
    Seq,
    Slot,
    Sym,
    Unknown,
    Value,
    camel,
    nowhere,
)
from lmi_lint.ir.nodes import Flags

if TYPE_CHECKING:
    from lmi_lint.deploy.cdk.machine import Frame, Machine
    from lmi_lint.model.finding import Location

_COLLECTIONS = {
    "HashMap": "map", "LinkedHashMap": "map", "TreeMap": "map", "Dictionary": "map", "Map": "map",
    "ArrayList": "list", "List": "list", "LinkedList": "list", "Set": "list", "HashSet": "list", "Array": "list",
}  # fmt: skip


# ---- reading and writing ----


def member(m: Machine, f: Frame, base: Value, name: str) -> Value:
    """``base.name``."""
    if isinstance(base, Obj):
        return _slot(base, name)
    if isinstance(base, Instance):
        return _of_instance(m, base, name)
    if isinstance(base, Klass):
        return _of_class(m, base, name)
    if isinstance(base, ModuleValue):
        return m.names.exported(base.path, name)
    if isinstance(base, Sym):
        return _of_symbol(m, f, base, name)
    if isinstance(base, str):
        return _of_text(base, name)
    if isinstance(base, Seq) and name == "length":
        return UNKNOWN if base.is_open else len(base.items)
    return UNKNOWN


def _slot(base: Obj, name: str) -> Value:
    slot = base.slots.get(name)
    if slot is None:
        return UNKNOWN if base.is_open else None
    return slot.value if slot.sure else UNKNOWN


def _of_instance(m: Machine, base: Instance, name: str) -> Value:
    slot = base.fields.slots.get(name)
    if slot is not None:
        return slot.value if slot.sure else UNKNOWN
    found = m.method(base.klass, name, 0)
    if found is not None:
        holder, index = found
        tree = m.tree(holder.path)
        fn = Fn(holder.path, index, holder.scope, base)
        if tree is not None and _is_property(tree.functions[index]):
            return m.call(fn, Args())
        return fn
    statics = m.statics(base.klass)
    if name in statics.slots:
        return statics.slots[name].value
    if base.base is not None and not base.base.base:
        return Sym(name, base.base)
    return UNKNOWN


def _is_property(function: object) -> bool:
    flags = getattr(function, "flags", Flags.NONE)
    decorators = getattr(function, "decorators", ())
    return Flags.ACCESSOR_GET in flags or any(each.name == "property" for each in decorators)


def _of_class(m: Machine, base: Klass, name: str) -> Value:
    statics = m.statics(base)
    if name in statics.slots:
        return statics.slots[name].value
    found = m.method(base, name, 0)
    if found is not None:
        return Fn(found[0].path, found[1], found[0].scope, base)
    tree = m.tree(base.path)
    for index, declared in enumerate(tree.classes if tree is not None else ()):
        if declared.name == name and declared.outer_class == base.index:
            return m.names.klass(base.path, index, base.scope)
    return UNKNOWN


def _of_symbol(m: Machine, f: Frame, base: Sym, name: str) -> Value:
    if name in base.fields.slots:
        return _slot(base.fields, name)
    if base.called or base.base is not None:
        made = Sym(name, base)
        if camel(name) in ("currentVersion", "defaultChild"):
            m.made.append(made)
        return made
    if base.name == "import.meta" and name in ("url", "filename", "dirname"):
        return posixpath.join(ROOT, posixpath.dirname(f.path) if name == "dirname" else f.path)
    return Sym(canonical(f"{base.name}.{name}"))


def _of_text(base: str, name: str) -> Value:
    if name == "parent":
        return posixpath.dirname(base)
    if name == "name":
        return posixpath.basename(base)
    if name == "stem":
        return posixpath.splitext(posixpath.basename(base))[0]
    if name in ("length", "Length"):
        return len(base)
    if name in ("pathname", "FullName", "href"):
        return base
    if name == "parents":
        above: list[str] = []
        while base not in ("", "/", "//"):
            base = posixpath.dirname(base)
            above.append(base)
        made = Seq()
        made.items = [Slot(each, nowhere()) for each in above]
        return made
    return UNKNOWN


def store(m: Machine, f: Frame, base: Value, name: str, slot: Slot) -> None:
    """``base.name = value``; on a path that may not be taken, what was there may have stayed."""
    target = (
        base if isinstance(base, Obj) else base.fields if isinstance(base, Instance | Sym)
        else base.statics if isinstance(base, Klass) else None
    )  # fmt: skip
    if target is None:
        return
    if m.uncertain and (name in target.slots or isinstance(base, Obj)):
        slot = Slot(slot.value, slot.where, False)
    target.slots[name] = slot


def index(m: Machine, f: Frame, base: Value, key: Value) -> Value:
    """``base[key]``."""
    if isinstance(base, Seq):
        if isinstance(key, int) and not isinstance(key, bool) and -len(base.items) <= key < len(base.items):
            return base.items[key].value
        return UNKNOWN
    if isinstance(base, Sym) and isinstance(key, str):
        return Sym(key, base)
    return member(m, f, base, str(key)) if isinstance(key, str | int) else UNKNOWN


def elements(value: Value) -> list[Value] | None:
    """The elements that a loop over a value sees; None where these are not all known."""
    if isinstance(value, Seq):
        return None if value.is_open else [slot.value for slot in value.items]
    if isinstance(value, Obj):
        return None if value.is_open else list(value.slots)
    return list(value) if isinstance(value, str) else None


# ---- calls ----


def call_value(m: Machine, f: Frame, callee: Value, args: Args, where: Location) -> Value:
    """``callee(args)``."""
    if isinstance(callee, Fn):
        return m.call(callee, args)
    if isinstance(callee, Klass):
        return m.construct(callee, args, where)
    if isinstance(callee, Sym) and callee.base is None and not callee.called:
        return called(m, f, callee.name, args, where)
    if isinstance(callee, Sym):
        return m.make(callee.name, args, where, callee)
    _try_callbacks(m, args)
    return UNKNOWN


def _try_callbacks(m: Machine, args: Args) -> None:
    """Functions given to something unknown may be called with anything."""
    for slot in args.items:
        if isinstance(slot.value, Fn):
            m.call(slot.value, Args(), unknown=True)


def made_by(m: Machine, f: Frame, callee: Value, args: Args, fills: Obj, where: Location) -> Value:
    """``new callee(args) { fills }``."""
    if isinstance(callee, Klass):
        made = m.construct(callee, args, where)
        made.fields.slots.update(fills.slots)
        return made
    if not isinstance(callee, Sym):
        return call_value(m, f, callee, args, where)
    collection = _COLLECTIONS.get(callee.last) if callee.base is None and not callee.name.startswith("cdk") else None
    if collection is not None:
        return _collection(collection, args, fills)
    if not args.items and not args.named.slots and (fills.slots or callee.last.endswith(("Props", "Options"))):
        return fills
    made_symbol = call_value(m, f, callee, args, where)
    if isinstance(made_symbol, Sym):
        made_symbol.fields.slots.update(fills.slots)
    return made_symbol


def _collection(kind: str, args: Args, fills: Obj) -> Value:
    if kind == "list":
        given = args.items[0].value if args.items else None
        items = list(given.items) if isinstance(given, Seq) else []
        return Seq([*items, *fills.slots.values()], fills.is_open or isinstance(given, Unknown | Sym))
    made = Obj()
    made.spread(fills)
    if args.items:
        given = args.items[0].value
        if not isinstance(given, int):
            made.spread(given)
    return made


def call_method(m: Machine, f: Frame, base: Value, name: str, args: Args, where: Location) -> Value:
    """``base.name(args)``."""
    if isinstance(base, Instance):
        return _call_on_instance(m, f, base, name, args, where)
    if isinstance(base, Klass):
        found = m.method(base, name, len(args.items))
        if found is not None:
            return m.call(Fn(found[0].path, found[1], found[0].scope, base), args)
        return call_value(m, f, member(m, f, base, name), args, where)
    if isinstance(base, ModuleValue):
        return call_value(m, f, member(m, f, base, name), args, where)
    if isinstance(base, Builder):
        return _build(m, base, name, args, where)
    if isinstance(base, Sym):
        if base.called or base.base is not None:
            return m.make(name, args, where, base)
        return called(m, f, canonical(f"{base.name}.{name}"), args, where)
    if isinstance(base, Obj) and name in base.slots:
        return call_value(m, f, base.slots[name].value, args, where)
    found_value = method_of_builtin(m, f, base, name, args, where)
    if found_value is UNKNOWN:
        _try_callbacks(m, args)
    return found_value


def _call_on_instance(m: Machine, f: Frame, base: Instance, name: str, args: Args, where: Location) -> Value:
    slot = base.fields.slots.get(name)
    if slot is not None:
        return call_value(m, f, slot.value, args, where)
    found = m.method(base.klass, name, len(args.items) + len(args.named.slots))
    if found is not None:
        return m.call(Fn(found[0].path, found[1], found[0].scope, base), args)
    getter = name[3:4].lower() + name[4:] if name.startswith("get") else ""
    if getter in base.fields.slots:
        return base.fields.slots[getter].value
    return m.make(name, args, where, base.base) if base.base is not None else UNKNOWN


def _build(m: Machine, base: Builder, name: str, args: Args, where: Location) -> Value:
    """A step of a Java builder."""
    if name == "build":
        if base.create is None:
            return base.props
        if len(base.create) < 2:  # Builder.create(value): what it takes besides is set by name
            return m.make(base.of, Args([*base.create], base.props), where)
        return m.make(base.of, Args([*base.create, Slot(base.props, where)]), where)
    if len(args.items) == 1:
        base.props.slots[name] = Slot(args.items[0].value, args.items[0].where)
    return base
