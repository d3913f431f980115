"""What an expression can be: known values, or unknown ones that still say what they refer to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Self, TypeAlias

from msgspec import Struct

ANY: Final = "*any*"
"""The key of an instance that cannot be known."""

HOLE: Final = "\0"
"""Stands in a partly known text for what is unknown."""

PROJECT: Final = "\x02"
"""Stands for the project's root at the start of a path that is known from there (``path.module``)."""

MAX_TEXT: Final = 100_000
MAX_ITEMS: Final = 1_000
"""Characters of a text and elements of a collection; larger ones are unknown."""


MAX_VISITED: Final = 20_000
"""Elements of nested collections that are looked at for one question."""


class Ref(Struct, frozen=True):
    """One thing that a value refers to. ``module``: address of the module instance that declares it, empty for the
    root; ``kind``: type of the resource, with ``data.`` in front for data sources; ``module``, or ``file`` for a path
    in ``name``. ``key``: of its instance, None if it has no ``count`` and ``for_each``. ``attribute``: read from it."""

    module: str
    kind: str
    name: str
    key: str | int | None = None
    attribute: str = ""

    @property
    def address(self) -> str:
        """As Terraform writes it, without the attribute."""
        return qualified(self.module, f"{self.kind}.{self.name}", self.key)

    def means(self, other: Ref) -> bool:
        """Whether both may be the same thing; an unknown key may be any."""
        return (self.module, self.kind, self.name) == (other.module, other.kind, other.name) and (
            self.key == other.key or ANY in (self.key, other.key)
        )


class Unknown(Struct, frozen=True):
    """What only a deployment knows. ``refs``: what it is made of; ``text``: of a text, what is known of it.
    ``failed``: Terraform itself would refuse to compute it; ``present``: it is a text and not null."""

    refs: tuple[Ref, ...] = ()
    text: str = ""
    failed: bool = False
    present: bool = False


class Traced(str):
    """A known text, and what it was read from."""

    __slots__ = ("refs",)
    refs: tuple[Ref, ...]

    def __new__(cls, text: str, refs: tuple[Ref, ...]) -> Self:
        """A text with references."""
        made = super().__new__(cls, text)
        made.refs = refs
        return made


class Opened:
    """A value whose attributes are computed when asked for: a resource, a data source or a module."""

    ref: Ref

    def attribute(self, name: str) -> Value:
        """The value of one attribute."""
        raise NotImplementedError


Value: TypeAlias = "str | int | float | bool | Unknown | Opened | tuple[Value, ...] | dict[str, Value] | None"

UNKNOWN: Final = Unknown()
FAILED: Final = Unknown(failed=True)


def qualified(module: str, name: str, key: str | int | None = None) -> str:
    """An address with its module and the key of its instance."""
    shown = "" if key is None else "[*]" if key == ANY else f"[{key}]" if isinstance(key, int) else f'["{key}"]'
    return f"{module}.{name}{shown}" if module else f"{name}{shown}"


def refs_of(*values: Value) -> tuple[Ref, ...]:
    """All that values refer to, each once, in order."""
    found: dict[Ref, None] = {}
    for value in _inside(values):
        if isinstance(value, Unknown | Traced):
            found.update(dict.fromkeys(value.refs))
        elif isinstance(value, Opened):
            found[value.ref] = None
        if len(found) > MAX_ITEMS:
            break
    return tuple(found)[:MAX_ITEMS]


def _inside(values: tuple[Value, ...]) -> Iterator[Value]:
    """Values and what is in them, as far as it is looked at: collections can repeat each other's elements, far beyond
    what is written."""
    waiting: list[Value] = list(reversed(values))
    for _ in range(MAX_VISITED):
        if not waiting:
            return
        value = waiting.pop()
        yield value
        if isinstance(value, tuple):
            waiting.extend(reversed(value))
        elif isinstance(value, dict):
            waiting.extend(reversed(value.values()))
    yield UNKNOWN  # the rest


def traced(text: str, *origins: Value) -> Value:
    """A text made from others; unknown if it is too long."""
    refs = refs_of(*origins)
    if len(text) > MAX_TEXT:
        return Unknown(refs)
    return Traced(text, refs) if refs else text


def partly(text: str, *origins: Value) -> Unknown:
    """A text of which a part is known, with holes; it is not null."""
    return Unknown(refs_of(*origins), text if len(text) <= MAX_TEXT else "", present=True)


def unknown(*origins: Value) -> Unknown:
    """Unknown, made from these."""
    failed = any(isinstance(value, Unknown) and value.failed for value in origins)
    return Unknown(refs_of(*origins), "", failed)


def as_text(value: Value) -> str | None:
    """A known scalar as Terraform writes it into a text."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(value)
    return None


def as_number(value: Value) -> int | float | None:
    """A number, or a text that spells one."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and len(value) < 40:
        try:
            number = float(value)
        except ValueError:
            return None
        if not abs(number) < 2**53:
            return None
        return int(number) if number == int(number) else number
    return None


def as_bool(value: Value) -> bool | None:
    """A boolean, or a text that spells one."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


def items_of(value: Value) -> list[tuple[str | int, Value]] | None:
    """Keys and values of a known collection."""
    if isinstance(value, tuple):
        return list(enumerate(value))
    return list(value.items()) if isinstance(value, dict) else None


def is_known(*values: Value) -> bool:
    """Whether nothing about values is unknown."""
    return not any(isinstance(value, Unknown | Opened) for value in _inside(values))


def same(left: Value, right: Value) -> bool | None:
    """Whether two values are equal; None if that is not known, or too much to look at."""
    pairs: list[tuple[Value, Value]] = [(left, right)]
    unsure = False
    for _ in range(MAX_VISITED):
        if not pairs:
            return None if unsure else True
        a, b = pairs.pop()
        if isinstance(a, Unknown | Opened) or isinstance(b, Unknown | Opened):
            unsure = True
        elif isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
            pairs.extend(zip(a, b, strict=True))
        elif isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
            pairs.extend((a[key], b[key]) for key in a)
        elif _unlike(a, b):
            return False
    return None


def _unlike(a: Value, b: Value) -> bool:
    """Whether values that are not both collections of one shape differ."""
    if isinstance(a, tuple | dict) or isinstance(b, tuple | dict):
        return True
    return isinstance(a, bool) != isinstance(b, bool) or a != b
