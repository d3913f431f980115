"""What holds for all calls of one name, whatever their arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from lmi_lint.knowledge.globs import glob_regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lmi_lint.knowledge.model import TypeEntry

_Flag = Literal["mutates", "reads", "iterates", "atomic", "adds", "removes", "element"]
_FLAGS: Final[tuple[_Flag, ...]] = ("mutates", "reads", "iterates", "atomic", "adds", "removes", "element")


class Effect(Struct, frozen=True):
    """What a method does to its receiver. ``adds``, ``removes`` and ``atomic`` imply ``mutates``; ``iterates`` and
    ``element`` imply ``reads`` unless the method mutates."""

    mutates: bool = False
    reads: bool = False
    iterates: bool = False
    atomic: bool = False
    adds: bool = False
    removes: bool = False
    element: bool = False


class Callee(Struct, frozen=True):
    """A qualified name that is called. ``owner``: the type or module before the last dot, and ``role``: of that;
    ``method``: what comes after it, and ``effect``: what it does to an object of the owner's type; ``conditional``:
    what a call does depends on what its arguments say; ``wires``: it tells a container of services something, or asks
    it for something; ``assembles``: it may take an object out of a generated class."""

    owner: str
    method: str
    role: str
    effect: Effect | None
    conditional: bool
    wires: bool
    assembles: bool


def effect_of(method: str, lineage: Iterable[TypeEntry]) -> Effect | None:
    """What a method does to an object, all that the entries of its types say together; None if they say nothing."""
    lineage = tuple(lineage)
    flags = {flag: any(_listed(method, entry, flag) for entry in lineage) for flag in _FLAGS}
    return _effect(flags) if any(flags.values()) else None


def _listed(method: str, entry: TypeEntry, flag: _Flag) -> bool:
    names: tuple[str, ...] = getattr(entry, flag)
    return any(name == method or ("*" in name and glob_regex(name).fullmatch(method) is not None) for name in names)


def _effect(flags: dict[_Flag, bool]) -> Effect:
    mutates = flags["mutates"] or flags["atomic"] or flags["adds"] or flags["removes"]
    reads = flags["reads"] or flags["iterates"] or (flags["element"] and not mutates)
    return Effect(**{**flags, "mutates": mutates, "reads": reads})
