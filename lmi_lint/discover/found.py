"""What regular expressions find in sources, and what is kept of it: finding it anew is another matter (``scan.py``,
``shapes.py``), whose expressions are compiled when they are imported."""

from __future__ import annotations

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
