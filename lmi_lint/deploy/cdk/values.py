"""What an expression of a CDK app may be, as far as it can be told without running it."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from lmi_lint.model.finding import Location
from lmi_lint.model.source import Span


class Unknown:
    """A value that cannot be told. ``hint``: its text as far as that is known, ``…`` for the rest; for names only."""

    __slots__ = ("hint",)

    def __init__(self, hint: str = "") -> None:
        self.hint = hint


UNKNOWN: Final = Unknown()


class Slot:
    """A value and where it is written. ``sure``: nothing unknown may have replaced it since."""

    __slots__ = ("sure", "value", "where")

    def __init__(self, value: Value, where: Location, sure: bool = True) -> None:
        self.value = value
        self.where = where
        self.sure = sure


class Obj:
    """An object or mapping. ``is_open``: it may have keys that are not known. ``type``: the class of a props object."""

    __slots__ = ("is_open", "slots", "type")

    def __init__(self, type_: str = "") -> None:
        self.slots: dict[str, Slot] = {}
        self.is_open = False
        self.type = type_

    def spread(self, other: Value) -> None:
        """Take over the keys of another value; of an unknown one any key may be."""
        if isinstance(other, Obj):
            self._cloud(other.is_open)
            self.slots.update(other.slots)
        elif other is not None:
            self._cloud(True)

    def _cloud(self, unknown: bool) -> None:
        if unknown:
            self.is_open = True
            self.slots = {key: Slot(slot.value, slot.where, False) for key, slot in self.slots.items()}


class Seq:
    """A list. ``is_open``: there may be further items."""

    __slots__ = ("is_open", "items")

    def __init__(self, items: list[Slot] | None = None, is_open: bool = False) -> None:
        self.items = items or []
        self.is_open = is_open


class Sym:
    """Something of a library: a name (``cdk.aws_lambda.Runtime``), a member of a value, or what a call made.

    ``name``: the full dotted name, or that of the member or method where ``base`` is a value. ``called``: it is the
    result of a call with ``args`` and ``named``. ``fields``: what was stored in it. ``written``: the file that calls,
    where that is another than ``where`` is in: a class of the project extends it. ``turn``: when it was made.
    """

    __slots__ = ("args", "base", "called", "fields", "name", "named", "turn", "where", "written")

    def __init__(
        self, name: str, base: Value | None = None, args: list[Slot] | None = None, named: Obj | None = None,
        where: Location | None = None, called: bool = False,
    ) -> None:  # fmt: skip
        self.name = name
        self.base = base
        self.args = args or []
        self.named = named or Obj()
        self.where = where
        self.called = called
        self.fields = Obj()
        self.written = where.path if where is not None else ""
        self.turn = (0, "")

    @property
    def last(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


class Builder:
    """A Java builder: ``of`` is what it builds; ``create``: the arguments of ``create``, None for ``builder()``."""

    __slots__ = ("create", "of", "props")

    def __init__(self, of: str, create: list[Slot] | None = None) -> None:
        self.of = of
        self.create = create
        self.props = Obj(of)


class Fn:
    """A function of the project: index in its module, the scope that it was made in, and its receiver."""

    __slots__ = ("index", "path", "scope", "this")

    def __init__(self, path: str, index: int, scope: Scope | None, this: Value | None) -> None:
        self.path = path
        self.index = index
        self.scope = scope
        self.this = this


class Klass:
    """A class of the project. ``scope``: where it was defined; ``statics``: its static members so far."""

    __slots__ = ("index", "path", "prepared", "scope", "statics")

    def __init__(self, path: str, index: int, scope: Scope | None) -> None:
        self.path = path
        self.index = index
        self.scope = scope
        self.statics = Obj()
        self.prepared = False


class Instance:
    """An object of a class of the project; ``base``: the library object that it is by inheritance; ``where``: what
    made it."""

    __slots__ = ("base", "fields", "klass", "where")

    def __init__(self, klass: Klass, where: Location | None = None) -> None:
        self.klass = klass
        self.where = where
        self.fields = Obj()
        self.base: Sym | None = None


class ModuleValue:
    """A module of the project."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path


class Scope:
    """Names of one function's frame and of those around it."""

    __slots__ = ("names", "outer")

    def __init__(self, outer: Scope | None = None) -> None:
        self.names: dict[str, Value] = {}
        self.outer = outer

    def find(self, name: str) -> Scope | None:
        """The nearest scope that has a name."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.outer
        return scope


Value: TypeAlias = (
    bool | int | float | str | Unknown | Obj | Seq | Sym | Builder | Fn | Klass | Instance | ModuleValue | None
)
"""None stands for null, None, undefined. Paths are texts; those below the project begin with ``ROOT``."""

MAX_NUMBER: Final = 2**53
"""Numbers from here on are not reckoned with; JavaScript cannot tell them apart."""

ROOT: Final = "/:project:"
"""Stands for the project root in absolute paths."""


def is_known(value: Value) -> bool:
    """Whether a value is a plain one that is known."""
    return value is None or isinstance(value, bool | int | float | str)


def same(left: Value, right: Value) -> bool:
    """Whether two values are certainly one."""
    if left is right:
        return True
    if is_known(left) and is_known(right):
        return type(left) is type(right) and left == right
    if isinstance(left, Sym) and isinstance(right, Sym) and not (left.called or right.called):
        return left.name == right.name and left.base is right.base
    if isinstance(left, Sym) and isinstance(right, Sym) and left.name == right.name and left.args and right.args:
        # ``Code.fromAsset(path)`` and the same with options: what it is made of counts.
        return left.base is right.base and isinstance(left.args[0].value, str) and _first(left) == _first(right)
    return False


def _first(made: Sym) -> Value:
    return made.args[0].value


def either(left: Value, right: Value) -> Value:
    """One of two values."""
    return left if same(left, right) else UNKNOWN


def text_of(value: Value) -> str:
    """A value as a part of a text; ``…`` where it cannot be told."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int) and abs(value) < MAX_NUMBER:
        return str(value)
    if isinstance(value, Unknown):
        return value.hint or "…"
    return "…"


def joined_text(parts: list[Value]) -> Value:
    """The text that parts make one after the other."""
    text = "".join(map(text_of, parts))
    if all(isinstance(part, str) or (isinstance(part, int) and abs(part) < MAX_NUMBER) for part in parts):
        return text
    return Unknown(re.sub("…+", "…", text))


def truth(value: Value) -> bool | None:
    """Whether a value counts as true; None if that cannot be told."""
    if is_known(value):
        return bool(value)
    return None if isinstance(value, Unknown | Sym) else True


def camel(name: str) -> str:
    """A name of Python or C# as the others write it: ``memory_size``, ``MemorySize`` → ``memorySize``. Constants and
    class names with dots stay."""
    if name.isupper() or not name:
        return name
    if "_" in name.strip("_"):
        head, *rest = name.strip("_").split("_")
        name = head + "".join(part[:1].upper() + part[1:] for part in rest)
    name = name.strip("_")
    return _SPECIAL.get(name, name[:1].lower() + name[1:])


_SPECIAL: Final = {
    "executionEnvironmentMemoryGiBPerVCpu": "executionEnvironmentMemoryGiBPerVCpu",
    "executionEnvironmentMemoryGibPerVCpu": "executionEnvironmentMemoryGiBPerVCpu",
    "executionEnvironmentMemoryGibPerVcpu": "executionEnvironmentMemoryGiBPerVCpu",
    "maxVCpuCount": "maxVCpuCount",
    "maxVcpuCount": "maxVCpuCount",
}
"""Words that the generated names of Python break in other places (jsii: ``max_v_cpu_count``)."""


def nowhere() -> Location:
    """The place of what is written nowhere."""
    return Location("", Span(0, 0))
