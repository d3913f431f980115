"""Which of the dotted names on standard input (a JSON list) exist in the packages that this interpreter can import.

Prints a JSON list of those that do. Run by an interpreter of its own, with nothing of lmi-lint: it imports packages.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import io
import json
import os
import pkgutil
import re
import sys
import typing
import warnings
from collections.abc import Iterator
from typing import Any

_MISSING = object()


def exists(name: str) -> bool:
    """Whether a module, or a member of one, has this name; ``*`` stands for any text without a dot."""
    parts = [word for part in name.split(".") for word in _words(part)]
    for count in range(len(parts), 0, -1):
        for module in _modules(parts[:count]):
            if _has([module], parts[count:]):
                return True
    return _has([importlib.import_module("builtins")], parts)


def _words(part: str) -> list[str]:
    return [part[:-2], "()"] if part.endswith("()") else [part]


@functools.cache
def _module(name: str) -> object:
    try:
        return importlib.import_module(name)
    except BaseException:  # noqa: BLE001 - whatever a package does when it is imported
        return _MISSING


def _modules(parts: list[str]) -> Iterator[object]:
    if not any("*" in part for part in parts):
        found = _module(".".join(parts))
        if found is not _MISSING:
            yield found
        return
    if "*" in parts[-1] and "*" not in "".join(parts[:-1]) and len(parts) > 1:
        parent = _module(".".join(parts[:-1]))
        for info in pkgutil.iter_modules(getattr(parent, "__path__", [])):
            if _pattern(parts[-1]).fullmatch(info.name):
                yield _module(f"{'.'.join(parts[:-1])}.{info.name}")


def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(re.escape(word).replace(r"\*", ".*"))


def _has(places: list[object], words: list[str]) -> bool:
    for word in words:
        places = [found for place in places for found in _step(place, word)][:200]
        if not places:
            return False
    return True


def _step(place: object, word: str) -> Iterator[object]:
    if word == "()":
        yield from _results(place)
        return
    if "*" in word:
        for each in _names(place):
            if _pattern(word).fullmatch(each):
                yield from _step(place, each)
        return
    found = _attribute(place, word)
    if found is not _MISSING:
        yield found
        # A property, or a method's result, stands for what it is declared to be.
        if isinstance(found, property) and found.fget is not None:
            yield from _results(found.fget)
    elif isinstance(place, type):
        hints = _hints(place)
        if word in hints:
            yield from _declared(hints[word])
            yield hints[word]
        elif word in _set_on_self(place):
            yield None


def _attribute(place: object, word: str) -> object:
    try:
        return inspect.getattr_static(place, word)
    except AttributeError:
        pass
    try:
        return getattr(place, word)
    except BaseException:  # noqa: BLE001 - lazy modules raise what they like
        return _MISSING


def _names(place: object) -> set[str]:
    with contextlib.suppress(BaseException):
        return {*dir(place), *(_set_on_self(place) if isinstance(place, type) else ())}
    return set()


def _hints(place: type) -> dict[str, object]:
    return {name: hint for base in reversed(place.__mro__) for name, hint in inspect.get_annotations(base).items()}


@functools.cache
def _set_on_self(place: Any) -> frozenset[str]:
    """Attributes that methods of the class set on their object."""
    found: set[str] = set(getattr(place, "__slots__", ()) or ())
    for base in place.__mro__:
        with contextlib.suppress(OSError, TypeError):
            found.update(re.findall(r"\bself\.(\w+)\b[^=\n]*=", inspect.getsource(base)))
    return frozenset(found)


def _results(place: object) -> Iterator[object]:
    if inspect.isclass(place):
        yield place
        return
    declared: list[object] = []
    with contextlib.suppress(BaseException):
        declared += _declared(typing.get_type_hints(place).get("return"))
    yield from declared
    if not declared and callable(place):
        yield None


def _declared(hint: object) -> Iterator[object]:
    if inspect.isclass(hint):
        yield hint
    for argument in typing.get_args(hint):
        yield from _declared(argument)


def main() -> None:
    """See the module."""
    names = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    output = os.dup(1)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a plain script
        os.dup2(nowhere.fileno(), 1)
    with contextlib.redirect_stdout(io.StringIO()):
        found = [name for name in names if exists(name)]
    os.write(output, json.dumps(found).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
