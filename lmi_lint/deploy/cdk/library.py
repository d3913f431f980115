"""What functions of standard libraries give for known values: paths, texts, collections.

Sources: https://nodejs.org/api/path.html, https://docs.python.org/3/library/os.path.html,
https://docs.python.org/3/library/pathlib.html, https://docs.oracle.com/en/java/javase/21/docs/api/ (java.nio.file.Path,
java.util), https://learn.microsoft.com/dotnet/api/system.io.path.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from lmi_lint.deploy.cdk.values import (
    ROOT,
    UNKNOWN,
    Builder,
    Fn,
    Obj,
    Seq,
    Slot,
    Sym,
    Unknown,
    Value,
    joined_text,
    text_of,
)

if TYPE_CHECKING:
    from lmi_lint.deploy.cdk.machine import Args, Frame, Machine
    from lmi_lint.model.finding import Location


def called(m: Machine, f: Frame, name: str, args: Args, where: Location) -> Value:
    """What a call of a library function gives, or a symbol for what it makes."""
    head, _, last = name.rpartition(".")
    if last == "builder" and head:
        return Builder(head)
    if last == "create" and head.endswith(".Builder"):
        return Builder(head.removesuffix(".Builder"), args.items)
    found = FUNCTIONS.get(_short(name))
    if found is not None and not name.startswith("cdk"):
        return found(m, f, args, where)
    return m.make(name, args, where)


def _short(name: str) -> str:
    """The last two parts of a name; one function of the standard library is called by several full names."""
    return ".".join(name.split(".")[-2:])


# ---- paths ----


def _join(m: Machine, f: Frame, args: Args, where: Location) -> Value:
    return _joined_path([slot.value for slot in args.items]) if not args.is_open else UNKNOWN


def _joined_path(parts: list[Value]) -> Value:
    texts = [each for each in parts if isinstance(each, str)]
    if len(texts) < len(parts):
        return Unknown("/".join(map(text_of, parts)))
    return posixpath.normpath(_stacked([text.replace("\\", "/") for text in texts])) if texts else "."


def _stacked(texts: list[str]) -> str:
    """Path parts one below the other; a part that is absolute by our own root starts anew, as ``resolve`` has it."""
    made = ""
    for text in texts:
        made = text if not made or text.startswith(ROOT) else f"{made}/{text}"
    return made


def _resolve(m: Machine, f: Frame, args: Args, where: Location) -> Value:
    found = _join(m, f, args, where)
    if isinstance(found, str) and not found.startswith("/"):
        return posixpath.normpath(posixpath.join(ROOT, m.working_folder(f.path), found))
    return found


def _first(m: Machine, f: Frame, args: Args, where: Location) -> Value:
    return args.value(0)


def _directory(m: Machine, f: Frame, args: Args, where: Location) -> Value:
    path = args.value(0)
    return posixpath.dirname(path) if isinstance(path, str) else UNKNOWN


def _working(m: Machine, f: Frame, args: Args, where: Location) -> Value:
    return posixpath.normpath(posixpath.join(ROOT, m.working_folder(f.path)))


def _basename(m: Machine, f: Frame, args: Args, where: Location) -> Value:
    path = args.value(0)
    return posixpath.basename(path) if isinstance(path, str) else UNKNOWN


def _url(m: Machine, f: Frame, args: Args, where: Location) -> Value:
    path, base = args.value(0), args.value(1)
    if isinstance(path, str) and isinstance(base, str):
        return posixpath.normpath(posixpath.join(posixpath.dirname(base), path))
    return UNKNOWN


# ---- collections and texts ----


def _mapping(m: Machine, f: Frame, args: Args, where: Location) -> Value:
    """``dict(a=1)``, ``Map.of("a", 1)``, ``Map.ofEntries(…)``, ``Object.assign({}, a)``."""
    made = Obj()
    made.is_open = args.is_open
    values = args.items
    if values and isinstance(values[0].value, str):
        for key, slot in zip(values[::2], values[1::2], strict=False):
            if isinstance(key.value, str):
                made.slots[key.value] = slot
            else:
                made.is_open = True
    else:
        for slot in values:
            made.spread(slot.value)
    made.spread(args.named)
    return made


def _listed(m: Machine, f: Frame, args: Args, where: Location) -> Value:
    if len(args.items) == 1 and isinstance(args.items[0].value, Seq):
        return args.items[0].value
    return Seq(list(args.items), args.is_open)


def _entries(m: Machine, f: Frame, args: Args, where: Location) -> Value:
    return _pairs(args.value(0))


def _pairs(value: Value) -> Value:
    if not isinstance(value, Obj):
        return UNKNOWN
    pairs = [Slot(Seq([Slot(key, slot.where), slot]), slot.where) for key, slot in value.slots.items()]
    return Seq(pairs, value.is_open)


def _values(m: Machine, f: Frame, args: Args, where: Location) -> Value:
    value = args.value(0)
    return Seq(list(value.slots.values()), value.is_open) if isinstance(value, Obj) else UNKNOWN


def _keys(m: Machine, f: Frame, args: Args, where: Location) -> Value:
    value = args.value(0)
    if not isinstance(value, Obj):
        return UNKNOWN
    return Seq([Slot(key, slot.where) for key, slot in value.slots.items()], value.is_open)


def _text(m: Machine, f: Frame, args: Args, where: Location) -> Value:
    value = args.value(0)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return value if isinstance(value, Unknown | Sym) else UNKNOWN
    return joined_text([value])


def _number(m: Machine, f: Frame, args: Args, where: Location) -> Value:
    value = args.value(0)
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int | float) else UNKNOWN


def _format(m: Machine, f: Frame, args: Args, where: Location) -> Value:
    template = args.value(0)
    if not isinstance(template, str):
        return UNKNOWN
    return _filled(template, [slot.value for slot in args.items[1:]])


def _filled(template: str, values: list[Value]) -> Value:
    parts: list[Value] = []
    rest = iter(values)
    for place, piece in enumerate(template.split("%s")):
        if place:
            parts.append(next(rest, UNKNOWN))
        parts.append(piece)
    return joined_text(parts) if "{" not in template and template.count("%") == template.count("%s") else UNKNOWN


FUNCTIONS: Final[dict[str, Callable[[Machine, Frame, Args, Location], Value]]] = {
    "path.join": _join,
    "path.resolve": _resolve,
    "posix.join": _join,
    "path.normalize": _join,
    "path.normpath": _join,
    "path.abspath": _resolve,
    "path.realpath": _resolve,
    "path.dirname": _directory,
    "path.basename": _basename,
    "Path.Combine": _join,
    "Path.Join": _join,
    "Path.GetFullPath": _resolve,
    "Paths.get": _join,
    "Path.of": _join,
    "file.Paths.get": _join,
    "pathlib.Path": _join,
    "pathlib.PurePath": _join,
    "Path.cwd": _working,
    "process.cwd": _working,
    "os.getcwd": _working,
    "Directory.GetCurrentDirectory": _working,
    "url.fileURLToPath": _first,
    "fileURLToPath": _first,
    "url.URL": _url,
    "URL": _url,
    "os.fspath": _first,
    "str": _text,
    "String": _text,
    "String.valueOf": _text,
    "int": _number,
    "Number": _number,
    "Number.parseInt": _number,
    "parseInt": _number,
    "Integer.parseInt": _number,
    "Object.freeze": _first,
    "Object.assign": _mapping,
    "Object.entries": _entries,
    "Object.values": _values,
    "Object.keys": _keys,
    "Array.from": _listed,
    "Promise.all": _listed,
    "dict": _mapping,
    "list": _listed,
    "tuple": _listed,
    "Map.of": _mapping,
    "Collections.singletonMap": _mapping,
    "List.of": _listed,
    "Set.of": _listed,
    "Arrays.asList": _listed,
    "Collections.singletonList": _listed,
    "util.Arrays.asList": _listed,
    "String.format": _format,
}
"""The last two parts of a function's name → what it gives."""


# ---- methods of plain values ----


def method_of_builtin(m: Machine, f: Frame, base: Value, name: str, args: Args, where: Location) -> Value:
    """A method of a list, a mapping or a text."""
    if isinstance(base, Seq):
        return _of_list(m, base, name, args)
    if isinstance(base, Obj):
        return _of_mapping(m, base, name, args)
    if isinstance(base, str):
        return _of_text(m, f, base, name, args)
    return UNKNOWN


def _of_list(m: Machine, base: Seq, name: str, args: Args) -> Value:
    callback = args.value(0)
    if name in ("forEach", "map", "ForEach", "Select", "flatMap", "filter") and isinstance(callback, Fn):
        return _each(m, base, name, callback)
    if name in ("push", "append", "add", "Add"):
        base.items += args.items
        base.is_open = base.is_open or args.is_open or bool(m.uncertain)
        return None
    if name in ("concat", "extend", "addAll", "AddRange"):
        made = base if name != "concat" else Seq(list(base.items), base.is_open)
        for slot in args.items:
            if isinstance(slot.value, Seq):
                made.items += slot.value.items
                made.is_open = made.is_open or slot.value.is_open
            else:
                made.is_open = True
        return made
    if name == "join" and not base.is_open:
        separator = args.value(0)
        texts = [slot.value for slot in base.items]
        if isinstance(separator, str) and all(isinstance(text, str) for text in texts):
            return separator.join(str(text) for text in texts)
    if name in ("get", "at") and isinstance(callback, int) and 0 <= callback < len(base.items):
        return base.items[callback].value
    return base if name in ("stream", "toList", "ToList", "ToArray", "values", "iterator") else UNKNOWN


def _each(m: Machine, base: Seq, name: str, callback: Fn) -> Value:
    from lmi_lint.deploy.cdk.machine import MAX_TURNS, Args

    made = Seq(is_open=base.is_open or name in ("flatMap", "filter"))
    if base.is_open:
        m.call(callback, Args(), unknown=True)
    if len(base.items) > MAX_TURNS:
        m.cut.add(f"{MAX_TURNS} turns of a loop")
    for place, slot in enumerate(base.items[:MAX_TURNS]):
        value = m.call(callback, Args([slot, Slot(place, slot.where)]))
        made.items.append(slot if name == "filter" else Slot(value, slot.where))
    if name == "filter":
        made = Seq(made.items, True)
    return made


def _of_mapping(m: Machine, base: Obj, name: str, args: Args) -> Value:
    key = args.value(0)
    if name in ("put", "set", "Add"):
        if isinstance(key, str) and len(args.items) > 1:
            base.slots[key] = args.items[1] if not m.uncertain else Slot(UNKNOWN, args.items[1].where)
        else:
            base.is_open = True
        return base
    if name in ("get", "getOrDefault", "pop"):
        slot = base.slots.get(key) if isinstance(key, str) else None
        if slot is not None and slot.sure:
            return slot.value
        return args.value(1) if isinstance(key, str) and slot is None and not base.is_open else UNKNOWN
    if name in ("update", "putAll"):
        base.spread(key)
        base.spread(args.named)
        return None
    if name in ("items", "entries", "entrySet"):
        return _pairs(base)
    if name in ("values", "Values"):
        return Seq(list(base.slots.values()), base.is_open)
    if name in ("keys", "keySet", "Keys"):
        return Seq([Slot(each, slot.where) for each, slot in base.slots.items()], base.is_open)
    if name == "copy":
        made = Obj()
        made.spread(base)
        return made
    return UNKNOWN


def _of_text(m: Machine, f: Frame, base: str, name: str, args: Args) -> Value:
    values = [slot.value for slot in args.items]
    if name in ("__truediv__", "joinpath"):
        return _joined_path([base, *values])
    if name in ("resolve", "absolute"):
        return _joined_path([base, *values]) if base.startswith("/") else _absolute(m, f, base)
    if name in ("as_posix", "toString", "toAbsolutePath", "normalize", "ToString", "trim", "strip", "expanduser"):
        return base
    if name == "__add__" and len(values) == 1:
        return joined_text([base, values[0]])
    if name in ("toLowerCase", "lower", "ToLower"):
        return base.lower()
    if name in ("toUpperCase", "upper", "ToUpper"):
        return base.upper()
    if name in ("replace", "replaceAll", "Replace") and len(values) == 2:
        old, new = values
        if isinstance(old, str) and isinstance(new, str):
            return base.replace(old, new, 1 if name == "replace" and f.tree.language.family == "javascript" else -1)
    if name in ("split", "Split") and len(values) == 1 and isinstance(values[0], str) and values[0]:
        return Seq([Slot(part, args.items[0].where) for part in base.split(values[0])])
    if name == "concat":
        return joined_text([base, *values])
    if name == "format" and "{}" in base and not args.named.slots:
        return _filled(base.replace("{}", "%s"), values)
    return UNKNOWN


def _absolute(m: Machine, f: Frame, path: str) -> Value:
    return posixpath.normpath(posixpath.join(ROOT, m.working_folder(f.path), path))
