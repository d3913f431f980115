"""Terraform's built-in functions, as far as they decide on deployed functions; all others are unknown.

Semantics: https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Callable, Sequence
from typing import Final

from lmi_lint.deploy.terraform.values import (
    FAILED,
    HOLE,
    MAX_ITEMS,
    MAX_TEXT,
    MAX_VISITED,
    PROJECT,
    Ref,
    Unknown,
    Value,
    as_bool,
    as_number,
    as_text,
    is_known,
    items_of,
    partly,
    refs_of,
    same,
    traced,
    unknown,
)

_FORMAT: Final = re.compile(r"%(?:%|(0?\d{0,3})([svdq]))")
_FILES: Final = frozenset(
    {
        "file", "filebase64", "filemd5", "filesha1", "filesha256", "filesha512", "filebase64sha256",
        "filebase64sha512", "templatefile",
    }
)  # fmt: skip
_MAX_RANGE: Final = 200


class _Unsupported(Exception):  # noqa: N818  not an error of the configuration
    """What a function does with these arguments is not known here."""


def call(name: str, arguments: Sequence[Value]) -> Value:
    """The value of a call; unknown if the function is, or if what it needs of its arguments is."""
    name = name.removeprefix("core::")
    if name in _FILES:
        return _file(arguments)
    function = _FUNCTIONS.get(name)
    if function is None:
        return unknown(*arguments)
    try:
        found = function(*arguments)
    except _Unsupported:
        return unknown(*arguments)
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        return FAILED if is_known(*arguments) else unknown(*arguments)
    if isinstance(found, Unknown) and not found.refs:
        return Unknown(refs_of(*arguments), found.text)
    return found


def _file(arguments: Sequence[Value]) -> Value:
    """What stands in a file is not read, but which one it is counts."""
    path = as_text(arguments[0]) if arguments else None
    if path is None:
        return unknown(*arguments)
    return Unknown((Ref("", "file", path), *refs_of(*arguments)))


def _texts(*values: Value) -> list[str]:
    """Texts of known scalars; ValueError if one is none."""
    found = [as_text(value) for value in values]
    if any(text is None for text in found):
        raise ValueError("not a text")
    return [text for text in found if text is not None]


def _on_text(change: Callable[..., str]) -> Callable[..., Value]:
    def run(*arguments: Value) -> Value:
        first = arguments[0]
        if isinstance(first, Unknown) and first.text:
            rest = _texts(*arguments[1:])
            return partly(change(first.text, *rest), first)
        return traced(change(*_texts(*arguments)), *arguments)

    return run


def _known_items(value: Value) -> list[tuple[str | int, Value]]:
    items = items_of(value)
    if items is None:
        raise ValueError("not a collection")
    return items


def _merge(*maps: Value) -> Value:
    found: dict[str, Value] = {}
    for each in maps:
        if isinstance(each, dict):
            found.update(each)
        elif each is not None:
            raise ValueError("not a map")
    return found


def _concat(*lists: Value) -> Value:
    return _bounded([item for each in lists for _, item in _known_items(each)])


def _bounded(items: list[Value]) -> Value:
    return tuple(items) if len(items) <= MAX_ITEMS else unknown(*items)


def _lookup(table: Value, key: Value, *default: Value) -> Value:
    if not isinstance(table, dict):
        raise TypeError("not a map")
    name = _texts(key)[0]
    if name in table:
        return table[name]
    return default[0] if default else unknown(table)


def _element(items: Value, index: Value) -> Value:
    number, known = as_number(index), _known_items(items)
    if not isinstance(number, int) or not known:
        raise ValueError("no element")
    return known[number % len(known)][1]


def _join(separator: Value, *lists: Value) -> Value:
    texts = [item for each in lists for _, item in _known_items(each)]
    between = _texts(separator)[0]
    if len(between) * len(texts) > MAX_TEXT:
        raise _Unsupported
    if any(isinstance(item, Unknown) for item in texts):
        parts = [as_text(item) or (item.text if isinstance(item, Unknown) else "") or HOLE for item in texts]
        return partly(between.join(parts), *texts)
    return traced(between.join(_texts(*texts)), *texts)


def _format(pattern: Value, *arguments: Value) -> Value:
    """``%s``, ``%d``, ``%v`` and zero-padded numbers; unknown arguments leave holes."""
    rest = list(arguments)
    holes = False

    def one(match: re.Match[str]) -> str:
        nonlocal holes
        if match.group() == "%%":
            return "%"
        value = rest.pop(0)
        text = as_text(value)
        if text is None:
            holes = True
            return value.text or HOLE if isinstance(value, Unknown) else HOLE
        if match.group(2) == "q":
            return f'"{text}"'
        width = match.group(1)
        return text.rjust(int(width), "0" if width.startswith("0") else " ") if width else text

    spec = _texts(pattern)[0]
    if "%" in _FORMAT.sub("", spec):
        raise _Unsupported
    text = _FORMAT.sub(one, spec)
    return partly(text, *arguments) if holes else traced(text, pattern, *arguments)


def _replace(text: str, old: str, new: str) -> str:
    if text.count(old) * len(new) > MAX_TEXT:
        raise _Unsupported
    if len(old) > 1 and old[0] == "/" and old[-1] == "/":
        raise _Unsupported
    return text.replace(old, new)


def _split(separator: Value, text: Value) -> Value:
    between, whole = _texts(separator, text)
    return tuple(traced(part, text) for part in (whole.split(between) if between else list(whole))[:MAX_ITEMS])


def _set(items: Value) -> Value:
    known = [item for _, item in _known_items(items)]
    texts = [as_text(item) for item in known]
    if any(text is None for text in texts):
        return _bounded(known)
    return _bounded([known[texts.index(text)] for text in sorted({text for text in texts if text is not None})])


def _flatten(items: Value) -> Value:
    found: list[Value] = []
    visited = [0]

    def add(value: Value, depth: int) -> None:
        for _, item in _known_items(value):
            visited[0] += 1
            if visited[0] > MAX_VISITED:
                raise _Unsupported
            if isinstance(item, tuple) and depth < 20:
                add(item, depth + 1)
            elif isinstance(item, Unknown):
                raise ValueError("of unknown length")
            else:
                found.append(item)
            if len(found) > MAX_ITEMS:
                raise _Unsupported

    add(items, 0)
    return _bounded(found)


def _coalesce(*values: Value) -> Value:
    for value in values:
        if isinstance(value, Unknown):
            return unknown(*values)
        if value is not None and value != "":
            return value
    return None


def _coalesce_list(*values: Value) -> Value:
    for value in values:
        if isinstance(value, Unknown):
            return unknown(*values)
        if items_of(value):
            return value
    return ()


def _length(value: Value) -> Value:
    return len(value) if isinstance(value, str) else len(_known_items(value))


def _contains(items: Value, wanted: Value) -> Value:
    known = [item for _, item in _known_items(items)]
    if isinstance(wanted, Unknown):
        return unknown(items, wanted)
    found = [same(item, wanted) for item in known]
    return True if True in found else unknown(items) if None in found else False


def _range(*bounds: Value) -> Value:
    numbers = [as_number(bound) for bound in bounds]
    whole = [number for number in numbers if isinstance(number, int)]
    if len(whole) != len(bounds) or not whole or 0 in whole[2:]:
        raise ValueError("not whole numbers")
    found = range(*whole)
    return tuple(found) if len(found) <= _MAX_RANGE else unknown()


def _zipmap(keys: Value, values: Value) -> Value:
    names = _texts(*(item for _, item in _known_items(keys)))
    return dict(zip(names, (item for _, item in _known_items(values)), strict=True))


def _to_map(value: Value) -> Value:
    if isinstance(value, dict):
        return value
    raise TypeError("not a map")


def _one(items: Value) -> Value:
    known = _known_items(items)
    return known[0][1] if len(known) == 1 else None if not known else unknown(items)


def _pick(choose: Callable[[list[int | float]], int | float]) -> Callable[..., Value]:
    def run(*arguments: Value) -> Value:
        numbers = [as_number(each) for each in arguments]
        known = [number for number in numbers if number is not None]
        if not known or len(known) != len(numbers):
            raise ValueError("not a number")
        return choose(known)

    return run


def _number(value: Value) -> Value:
    number = as_number(value)
    if number is None and value is not None:
        raise ValueError("not a number")
    return number


def _boolean(value: Value) -> Value:
    found = as_bool(value)
    if found is None and value is not None:
        raise ValueError("not a boolean")
    return found


def _dirname(path: str) -> str:
    return posixpath.dirname(path) or "."


def _absolute(path: str) -> str:
    if path.startswith((PROJECT, "/")):
        return path
    raise _Unsupported


def _slice(items: Value, start: Value, end: Value) -> Value:
    known = [item for _, item in _known_items(items)]
    first, last = as_number(start), as_number(end)
    if not isinstance(first, int) or not isinstance(last, int):
        raise TypeError("not whole numbers")
    return tuple(known[first:last])


def _title(text: str) -> str:
    return re.sub(r"\b[a-z]", lambda match: match.group().upper(), text)


def _distinct(items: Value) -> Value:
    found: list[Value] = []
    for _, item in _known_items(items):
        alike = [same(item, other) for other in found]
        if None in alike:
            raise TypeError("an element is unknown")
        if True not in alike:
            found.append(item)
    return tuple(found)


def _keys(table: Value) -> Value:
    return tuple(sorted(_to_dict(table)))


def _values(table: Value) -> Value:
    known = _to_dict(table)
    return tuple(known[key] for key in sorted(known))


def _to_dict(value: Value) -> dict[str, Value]:
    if isinstance(value, dict):
        return value
    raise TypeError("not a map")


_FUNCTIONS: Final[dict[str, Callable[..., Value]]] = {
    "abspath": _on_text(_absolute),
    "alltrue": lambda items: all(_boolean(item) for _, item in _known_items(items)),
    "anytrue": lambda items: any(_boolean(item) for _, item in _known_items(items)),
    "basename": _on_text(posixpath.basename),
    "ceil": _pick(lambda numbers: math.ceil(numbers[0])),
    "chomp": _on_text(lambda text: text.rstrip("\r\n")),
    "coalesce": _coalesce,
    "coalescelist": _coalesce_list,
    "compact": lambda items: tuple(item for _, item in _known_items(items) if item not in (None, "")),
    "concat": _concat,
    "contains": _contains,
    "dirname": _on_text(_dirname),
    "distinct": _distinct,
    "element": _element,
    "endswith": lambda text, end: _texts(text)[0].endswith(_texts(end)[0]),
    "flatten": _flatten,
    "floor": _pick(lambda numbers: math.floor(numbers[0])),
    "format": _format,
    "join": _join,
    "keys": _keys,
    "length": _length,
    "lookup": _lookup,
    "lower": _on_text(str.lower),
    "max": _pick(max),
    "merge": _merge,
    "min": _pick(min),
    "nonsensitive": lambda value: value,
    "one": _one,
    "pathexpand": _on_text(lambda path: path),
    "range": _range,
    "replace": _on_text(_replace),
    "reverse": lambda items: tuple(item for _, item in reversed(_known_items(items))),
    "sensitive": lambda value: value,
    "slice": _slice,
    "sort": _set,
    "split": _split,
    "startswith": lambda text, start: _texts(text)[0].startswith(_texts(start)[0]),
    "substr": _on_text(lambda text, at, count: text[int(at) :][: int(count)] if int(count) >= 0 else text[int(at) :]),
    "title": _on_text(_title),
    "tobool": _boolean,
    "tolist": lambda items: tuple(item for _, item in _known_items(items)),
    "tomap": _to_map,
    "tonumber": _number,
    "toset": _set,
    "tostring": lambda value: None if value is None else traced(_texts(value)[0], value),
    "trim": _on_text(lambda text, what: text.strip(what)),
    "trimprefix": _on_text(str.removeprefix),
    "trimspace": _on_text(str.strip),
    "trimsuffix": _on_text(str.removesuffix),
    "upper": _on_text(str.upper),
    "values": _values,
    "zipmap": _zipmap,
}
