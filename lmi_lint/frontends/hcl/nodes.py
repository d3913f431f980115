"""The tree of an HCL file: a body of attributes and blocks, and expressions; every node with its byte span.

It is what leaves the parser's module. HCL syntax: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

from msgspec import Struct

from lmi_lint.model.source import Span


class Literal(Struct, frozen=True, array_like=True, tag=True):
    """A text without interpolations, a number, a boolean or null."""

    value: str | int | float | bool | None
    span: Span


class Template(Struct, frozen=True, array_like=True, tag=True):
    """A quoted text or heredoc with interpolations; texts between them are literals."""

    parts: tuple[Expression, ...]
    span: Span


class Listing(Struct, frozen=True, array_like=True, tag=True):
    """``[a, b]``."""

    items: tuple[Expression, ...]
    span: Span


class Item(Struct, frozen=True, array_like=True):
    """One ``key = value`` of an object. A bare name as a key is a literal."""

    key: Expression
    value: Expression


class Object(Struct, frozen=True, array_like=True, tag=True):
    """``{ a = 1 }``."""

    items: tuple[Item, ...]
    span: Span


class Name(Struct, frozen=True, array_like=True, tag=True):
    """The root of a reference: ``var``, ``local``, ``each``, a type of resource."""

    name: str
    span: Span


class Attr(Struct, frozen=True, array_like=True, tag=True):
    """``target.name``."""

    target: Expression
    name: str
    span: Span


class Index(Struct, frozen=True, array_like=True, tag=True):
    """``target[key]``."""

    target: Expression
    key: Expression
    span: Span


class Splat(Struct, frozen=True, array_like=True, tag=True):
    """``target[*].a.b``: ``each`` is the rest, over the name ``*``."""

    target: Expression
    each: Expression
    span: Span


class Call(Struct, frozen=True, array_like=True, tag=True):
    """A function's call; ``spread``: the last argument is a list of arguments."""

    name: str
    arguments: tuple[Expression, ...]
    spread: bool
    span: Span


class Conditional(Struct, frozen=True, array_like=True, tag=True):
    """``test ? yes : no``, and ``%{ if }`` of templates."""

    test: Expression
    yes: Expression
    no: Expression
    span: Span


class Operation(Struct, frozen=True, array_like=True, tag=True):
    """A binary operation, or a unary one without ``left``."""

    operator: str
    left: Expression | None
    right: Expression
    span: Span


class For(Struct, frozen=True, array_like=True, tag=True):
    """``[for k, v in c : value if test]`` or, with ``key``, ``{for … : key => value}``; ``grouped``: with ``...``."""

    names: tuple[str, ...]
    collection: Expression
    key: Expression | None
    value: Expression
    test: Expression | None
    grouped: bool
    span: Span


class Opaque(Struct, frozen=True, array_like=True, tag=True):
    """What is not understood."""

    span: Span


Expression = (
    Literal | Template | Listing | Object | Name | Attr | Index | Splat | Call | Conditional | Operation | For | Opaque
)


class Attribute(Struct, frozen=True, array_like=True):
    """``name = value``; ``span`` holds both."""

    name: str
    value: Expression
    span: Span


class Block(Struct, frozen=True, array_like=True):
    """``type "label" { … }``; ``head``: the span of type and labels."""

    type: str
    labels: tuple[str, ...]
    body: Body
    head: Span
    span: Span


class Body(Struct, frozen=True, array_like=True):
    """Attributes and blocks in file order."""

    attributes: tuple[Attribute, ...] = ()
    blocks: tuple[Block, ...] = ()


class Parsed(Struct, frozen=True, array_like=True):
    """One file. ``problem`` and ``at`` (byte offset): what was not understood first; the rest is in ``body``."""

    body: Body
    problem: str = ""
    at: int = 0
