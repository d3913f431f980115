"""Query expressions as the method calls that they stand for.

With several range variables each element is an object that holds them all, which every lambda takes apart first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.csharp.unit import parts
from lmi_lint.frontends.treesitter import MAX_DEPTH
from lmi_lint.ir.nodes import (
    Arg,
    Call,
    Closure,
    Declare,
    Display,
    DisplayKind,
    Entry,
    Expr,
    Flags,
    Function,
    Literal,
    Member,
    Name,
    Param,
    Return,
    Sequence,
    Stmt,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import ExprHandler, Unit

_LINKS_PER_QUERY = 100


class _Query:
    """A query so far: ``source`` and the names of its range variables."""

    __slots__ = ("end", "names", "source", "start")

    def __init__(self, node: Node) -> None:
        self.start = node.start_byte
        self.end = node.end_byte
        self.source: Expr = Literal(self.start, self.start, None)
        self.names: tuple[str, ...] = ()


def _query(unit: Unit, node: Node) -> Expr:
    query = _Query(node)
    clauses = parts(node)
    body: list[Stmt] = []
    for at, clause in enumerate(clauses):
        handler = _CLAUSES.get(clause.type)
        if len(query.names) >= MAX_DEPTH:  # every lambda takes all range variables apart
            unit.strays.append(unit.too_deep(clause))
        elif handler is not None:
            handler(unit, query, clause)
            unit.keep_errors(clause)
        elif clause.type == "identifier":  # into x
            query.names = (unit.id(clause),)
        else:
            unit.strays.append(unit.opaque(clause))
        if at % _LINKS_PER_QUERY == _LINKS_PER_QUERY - 1:
            name = unit.fresh()
            body.append(Declare(query.start, query.end, name, None, query.source))
            query.source = Name(query.start, query.end, name)
    if body:
        return Sequence(query.start, query.end, tuple(body), query.source)
    return query.source


def _lambda(unit: Unit, node: Node, names: tuple[str, ...], value: Node | None, extra: str | None = None) -> Arg:
    """A lambda over the range variables ``names``, and over ``extra``: ``value``, or all of them as one object."""
    start, end = node.start_byte, node.end_byte
    index = unit.reserve()
    every = (*names, extra) if extra is not None else names
    outer = unit.enter(index, {**unit.frame.types, **dict.fromkeys(every)})
    params, taken = _params(unit, start, end, names)
    if extra is not None:
        params = (*params, Param(start, end, extra))
    result = unit.full(value) if value is not None else _together(start, end, every)
    unit.leave(outer)
    body: tuple[Stmt, ...] = (*taken, Return(result.start, result.end, result))
    unit.functions[index] = Function(
        start, end, "", start, start, params, body, Flags.LAMBDA, outer=unit.frame.function
    )
    return Arg(start, end, Closure(start, end, index))


def _params(unit: Unit, start: int, end: int, names: tuple[str, ...]) -> tuple[tuple[Param, ...], list[Stmt]]:
    if len(names) == 1:
        return (Param(start, end, names[0]),), []
    whole = unit.fresh()
    taken: list[Stmt] = [
        Declare(start, end, name, None, Member(start, end, Name(start, end, whole), name)) for name in names
    ]
    return (Param(start, end, whole),), taken


def _together(start: int, end: int, names: tuple[str, ...]) -> Expr:
    if len(names) == 1:
        return Name(start, end, names[0])
    items = tuple([Entry(start, end, Literal(start, end, name), Name(start, end, name)) for name in names])
    return Display(start, end, DisplayKind.OBJECT, items)


def _apply(query: _Query, node: Node, method: str, *args: Arg) -> None:
    start, end = query.start, node.end_byte
    query.source = Call(start, end, Member(start, end, query.source, method), args)


def _range(unit: Unit, node: Node) -> tuple[str, list[Node]]:
    """The range variable that a clause introduces, and the expressions after it."""
    inner = parts(node)
    name = node.child_by_field_name("name")
    if name is None:
        return (unit.id(inner[0]) if inner else ""), inner[1:]
    at = next((at for at, child in enumerate(inner) if child.start_byte == name.start_byte), 0)
    return unit.id(name), inner[at + 1 :]


def _from(unit: Unit, query: _Query, node: Node) -> None:
    name, values = _range(unit, node)
    if not values:
        unit.strays.append(unit.opaque(node))
        return
    if not query.names:
        query.source = unit.expr(values[-1])
        query.names = (name,)
        return
    inner = _lambda(unit, node, query.names, values[-1])
    _apply(query, node, "SelectMany", inner, _lambda(unit, node, query.names, None, name))
    query.names = (*query.names, name)


def _let(unit: Unit, query: _Query, node: Node) -> None:
    name, values = _range(unit, node)
    if not values:
        unit.strays.append(unit.opaque(node))
        return
    start, end = node.start_byte, node.end_byte
    index = unit.reserve()
    outer = unit.enter(index, {**unit.frame.types, **dict.fromkeys(query.names)})
    params, taken = _params(unit, start, end, query.names)
    value = unit.full(values[-1])
    unit.leave(outer)
    taken.append(Declare(start, end, name, None, value))
    names = (*query.names, name)
    body: tuple[Stmt, ...] = (*taken, Return(start, end, _together(start, end, names)))
    unit.functions[index] = Function(
        start, end, "", start, start, params, body, Flags.LAMBDA, outer=unit.frame.function
    )
    _apply(query, node, "Select", Arg(start, end, Closure(start, end, index)))
    query.names = names


def _join(unit: Unit, query: _Query, node: Node) -> None:
    inner = parts(node)
    into = next((child for child in inner if child.type == "join_into_clause"), None)
    values = [child for child in inner if child.type != "join_into_clause"]
    if len(values) < 4:
        unit.strays.append(unit.opaque(node))
        return
    name_node, source, left, right = values[-4:]
    name = unit.id(name_node)
    args = [
        Arg(source.start_byte, source.end_byte, unit.expr(source)),
        _lambda(unit, left, query.names, left),
        _lambda(unit, right, (name,), right),
    ]
    if into is not None:
        names = parts(into)
        name = unit.id(names[-1]) if names else name
    args.append(_lambda(unit, node, query.names, None, name))
    _apply(query, node, "Join" if into is None else "GroupJoin", *args)
    query.names = (*query.names, name)


def _where(unit: Unit, query: _Query, node: Node) -> None:
    for value in parts(node)[-1:]:
        _apply(query, node, "Where", _lambda(unit, node, query.names, value))


def _order_by(unit: Unit, query: _Query, node: Node) -> None:
    first = True
    children = node.children
    for at, child in enumerate(children):
        if (child.is_named and not child.is_extra and not child.is_error) or child.type == "this":
            following = children[at + 1].type if at + 1 < len(children) else ""
            method = ("OrderBy" if first else "ThenBy") + ("Descending" if following == "descending" else "")
            _apply(query, child, method, _lambda(unit, child, query.names, child))
            first = False


def _select(unit: Unit, query: _Query, node: Node) -> None:
    for value in parts(node)[-1:]:
        _apply(query, node, "Select", _lambda(unit, node, query.names, value))


def _group(unit: Unit, query: _Query, node: Node) -> None:
    values = parts(node)
    if len(values) < 2:
        unit.strays.append(unit.opaque(node))
        return
    key, element = _lambda(unit, node, query.names, values[1]), _lambda(unit, node, query.names, values[0])
    _apply(query, node, "GroupBy", key, element)


_CLAUSES = {
    "from_clause": _from,
    "let_clause": _let,
    "join_clause": _join,
    "where_clause": _where,
    "order_by_clause": _order_by,
    "select_clause": _select,
    "group_clause": _group,
}
QUERIES: dict[str, ExprHandler] = {"query_expression": _query}
