"""What regular expressions find in sources, and what is kept of it: finding it anew is another matter (``scan.py``,
``shapes.py``), whose expressions are compiled when they are imported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from msgspec import Struct

from lmi_lint.model.source import Span


class DeclaredType(Struct, frozen=True):
    """One type. ``qualified``: with its package or namespace and enclosing types, joined by dots. ``span``: its name;
    ``keyword``: offset of ``class`` and the like; ``body`` to ``end``: from its ``{`` to past its ``}``."""

    name: str
    nested: str
    qualified: str
    kind: str
    span: Span
    keyword: int
    body: int
    end: int


class Declared(Struct, frozen=True):
    """What a file declares; ``package`` is the package or the first namespace, empty for none."""

    package: str
    types: tuple[DeclaredType, ...]


class Shape(Struct, frozen=True):
    """Something that looks like a handler: ``symbol`` as in Entry, ``method`` where the language needs one, ``span`` of
    the name in the file's bytes; ``program``: the method (without a symbol, the statements of the file) runs once and
    hands functions to the runtime's client or to a web server; ``certain``: made by a library that makes
    nothing but handlers."""

    symbol: str
    method: str | None
    span: Span
    program: bool = False
    certain: bool = False


class BaseType(Struct, frozen=True):
    """A type in a C# type's list of bases: its name as written, without type arguments, and how many it has."""

    name: str
    arity: int = 0


class Called(Struct, frozen=True):
    """A public method with the runtime's context among its parameters; see ``ContextMethod``."""

    name: str
    modifiers: tuple[str, ...]
    takes_stream: bool


class Relation(Struct, frozen=True):
    """One type of a file. ``number``: which of the file's types it is; ``bases``: all supertypes as written, of Java
    without counts; ``arity``: its type parameters (C#); ``methods``: of C# those with the context."""

    number: int
    name: str
    nested: str
    qualified: str
    kind: str
    abstract: bool = False
    partial: bool = False
    bases: tuple[BaseType, ...] = ()
    arity: int = 0
    methods: tuple[Called, ...] = ()


class Heritage(Struct, frozen=True):
    """The types of one file in file order; ``imports``: qualified names (Java); ``usings``: alias (empty for none) and
    name (C#)."""

    package: str
    types: tuple[Relation, ...]
    imports: tuple[str, ...] = ()
    usings: tuple[tuple[str, str], ...] = ()

    def find(self, name: str) -> Relation | None:
        """The type of a simple, nested or qualified name."""
        return type_named(self.types, name)


_Type = TypeVar("_Type", DeclaredType, Relation)


def type_named(types: Iterable[_Type], name: str) -> _Type | None:
    """The first of some types with a simple, nested or qualified name, nested ones as Java or .NET writes them."""
    name = name.replace("$", ".").replace("+", ".")
    return next((item for item in types if name in (item.qualified, item.nested, item.name)), None)


class Target(Struct, frozen=True):
    """A class (its qualified name), or a method of one, that may be the function; ``names``: what it may be called
    by; ``part``: see ``frameworks.Framework``."""

    part: str
    owner: str
    method: str | None
    names: tuple[str, ...]
