"""Constructions: ``new`` in all its forms, initialisers, arrays, collections, tuples, copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.csharp.arguments import arguments
from lmi_lint.frontends.csharp.types import declared_type, name_path, type_ref
from lmi_lint.frontends.csharp.unit import KEYWORDS, parts
from lmi_lint.frontends.treesitter import MAX_DEPTH
from lmi_lint.ir.nodes import (
    Call,
    Display,
    DisplayKind,
    Do,
    Entry,
    Expr,
    Literal,
    Member,
    Name,
    Sequence,
    Stmt,
    TypeRef,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import ExprHandler, Unit


def initial(unit: Unit, node: Node, written: TypeRef | None) -> Expr:
    """A value for a place of type ``written``, which ``new()``, ``{…}`` and ``[…]`` take their type from."""
    handler = _TYPED.get(node.type)
    if handler is None:
        return unit.expr(node)
    if unit.depth >= MAX_DEPTH:
        return unit.too_deep(node)
    unit.depth += 1
    value = handler(unit, node, written)
    unit.depth -= 1
    unit.keep_errors(node)
    return value


# --------------------------------------------------------------------------- objects


def _new(unit: Unit, node: Node) -> Expr:
    start, end = node.start_byte, node.end_byte
    type_node = node.child_by_field_name("type")
    if type_node is None:
        return unit.opaque(node)
    created = type_ref(unit, type_node)
    args = arguments(unit, node.child_by_field_name("arguments"))
    fills = fills_of(unit, node.child_by_field_name("initializer"))
    callee = name_path(created.start, created.end, created.name)
    return Call(start, end, callee, args, new=True, type=created, fills=fills)


def _implicit_new(unit: Unit, node: Node) -> Expr:
    return _typed_new(unit, node, None)


def _typed_new(unit: Unit, node: Node, written: TypeRef | None) -> Expr:
    """``new(…)`` where a value of type ``written`` is wanted; without one its callee is called ``new``."""
    start, end = node.start_byte, node.end_byte
    args_node = fills_node = None
    for child in node.named_children:
        if child.type == "argument_list":
            args_node = child
        elif child.type == "initializer_expression":
            fills_node = child
    args = arguments(unit, args_node)
    fills = fills_of(unit, fills_node)
    callee: Name | Member = Name(start, end, "new")
    created: TypeRef | None = None
    if written is not None:
        created = TypeRef(start, end, written.name, written.args)
        callee = name_path(start, end, written.name)
    return Call(start, end, callee, args, new=True, type=created, fills=fills)


def fills_of(unit: Unit, node: Node | None) -> tuple[Entry, ...]:
    """The members and elements of an object or collection initialiser; those added to a collection have no key."""
    if node is None:
        return ()
    if unit.depth >= MAX_DEPTH:
        unit.too_deep(node)
        return ()
    unit.depth += 1
    unit.keep_errors(node)
    found = tuple([_fill(unit, child) for child in parts(node)])
    unit.depth -= 1
    return found


def _fill(unit: Unit, node: Node) -> Entry:
    start, end = node.start_byte, node.end_byte
    if node.type == "assignment_expression":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None:
            key: Expr = Literal(left.start_byte, left.end_byte, unit.id(left))
            if left.type != "identifier":
                key = unit.expr(left)
            return Entry(start, end, key, _fill_value(unit, left, right))
    if node.type == "initializer_expression":  # { key, value } is passed to Add
        inner = parts(node)
        if len(inner) > 1:
            return Entry(start, end, unit.expr(inner[0]), _rest(unit, node, inner[1:]))
        if inner:
            return Entry(start, end, None, unit.expr(inner[0]))
    return Entry(start, end, None, unit.expr(node))


def _fill_value(unit: Unit, left: Node, right: Node) -> Expr:
    """The value of a member; ``A = { … }`` fills what ``A`` already holds."""
    start, end = right.start_byte, right.end_byte
    if right.type != "initializer_expression":
        return initial(unit, right, None)
    kind = DisplayKind.SEQUENCE
    if any(child.type == "assignment_expression" for child in right.named_children):
        kind = DisplayKind.MAPPING if left.type != "identifier" else DisplayKind.OBJECT
    return Display(start, end, kind, fills_of(unit, right))


def _rest(unit: Unit, node: Node, values: list[Node]) -> Expr:
    if len(values) == 1:
        return unit.expr(values[0])
    items = tuple([Entry(value.start_byte, value.end_byte, None, unit.expr(value)) for value in values])
    return Display(node.start_byte, node.end_byte, DisplayKind.SEQUENCE, items)


def _anonymous(unit: Unit, node: Node) -> Expr:
    """``new { a, b.C, D = e }``: a member that is not named takes the name of what it is."""
    items: list[Entry] = []
    children = node.children
    at = 0
    while at < len(children):
        child = children[at]
        at += 1
        if child.type == "assignment_expression":
            items.append(_fill(unit, child))
            continue
        if child.is_extra or child.is_error or not (child.is_named or child.type in KEYWORDS):
            continue
        if at + 1 < len(children) and children[at].type == "=":
            value = children[at + 1]
            key = Literal(child.start_byte, child.end_byte, unit.id(child))
            items.append(Entry(child.start_byte, value.end_byte, key, unit.expr(value)))
            at += 2
            continue
        name = unit.id(child).rpartition(".")[2].rpartition("?")[2].strip()
        key = Literal(child.start_byte, child.end_byte, name)
        items.append(Entry(child.start_byte, child.end_byte, key, unit.expr(child)))
    return Display(node.start_byte, node.end_byte, DisplayKind.OBJECT, tuple(items))


def _with(unit: Unit, node: Node) -> Expr:
    """``r with { A = 1 }``: a copy, filled."""
    inner = parts(node)
    if not inner:
        return unit.opaque(node)
    start, end = node.start_byte, node.end_byte
    base = unit.expr(inner[0])
    fills: list[Entry] = []
    for child in inner[1:]:
        pair = parts(child) if child.type == "with_initializer" else []
        if len(pair) > 1:
            key = Literal(pair[0].start_byte, pair[0].end_byte, unit.id(pair[0]))
            fills.append(Entry(child.start_byte, child.end_byte, key, unit.expr(pair[-1])))
    return Call(start, end, Member(start, base.end, base, "<clone>"), (), fills=tuple(fills))


# --------------------------------------------------------------------------- arrays, collections, tuples


def _array(unit: Unit, node: Node) -> Expr:
    """``new T[n]``, ``new T[] {…}``, ``stackalloc T[n]``: sizes are evaluated for their effect alone."""
    start, end = node.start_byte, node.end_byte
    written = node.child_by_field_name("type")
    if written is None:
        return unit.opaque(node)
    type_ = type_ref(unit, written)
    effects: list[Stmt] = []
    sized: Node | None = written
    while sized is not None and sized.type == "array_type":
        rank = sized.child_by_field_name("rank")
        for size in parts(rank) if rank is not None else ():
            if size.type != "integer_literal":
                effects.append(Do(size.start_byte, size.end_byte, unit.expr(size)))
        sized = sized.child_by_field_name("type")
    values = next((child for child in node.named_children if child.type == "initializer_expression"), None)
    items = _elements(unit, values, type_) if values is not None else ()
    display = Display(start, end, DisplayKind.SEQUENCE, items, type_)
    return Sequence(start, end, tuple(effects), display) if effects else display


def _implicit_array(unit: Unit, node: Node) -> Expr:
    values = next((child for child in node.named_children if child.type == "initializer_expression"), None)
    items = _elements(unit, values, None) if values is not None else ()
    return Display(node.start_byte, node.end_byte, DisplayKind.SEQUENCE, items)


def _elements(unit: Unit, node: Node, type_: TypeRef | None) -> tuple[Entry, ...]:
    element: TypeRef | None = None
    if type_ is not None and type_.name.endswith("[]"):
        element = TypeRef(type_.start, type_.end, type_.name[:-2], type_.args)
    unit.keep_errors(node)
    return tuple([Entry(c.start_byte, c.end_byte, None, initial(unit, c, element)) for c in parts(node)])


def _array_initializer(unit: Unit, node: Node, written: TypeRef | None) -> Expr:
    items = _elements(unit, node, written)
    return Display(node.start_byte, node.end_byte, DisplayKind.SEQUENCE, items, written)


def _bare_initializer(unit: Unit, node: Node) -> Expr:
    return _array_initializer(unit, node, None)


def _collection(unit: Unit, node: Node) -> Expr:
    return _typed_collection(unit, node, None)


def _typed_collection(unit: Unit, node: Node, written: TypeRef | None) -> Expr:
    """``[a, ..b]`` for a place of type ``written``."""
    items: list[Entry] = []
    for child in parts(node):
        for element in parts(child):
            inner = parts(element) if element.type in ("expression_element", "spread_element") else [element]
            for value in inner[-1:]:
                spread = element.type == "spread_element"
                items.append(Entry(element.start_byte, element.end_byte, None, unit.expr(value), spread))
        unit.keep_errors(child)
    return Display(node.start_byte, node.end_byte, DisplayKind.SEQUENCE, tuple(items), written)


def _tuple(unit: Unit, node: Node) -> Expr:
    """``(a, n: b)``: an object with members ``Item1``, ``n``."""
    items: list[Entry] = []
    for at, child in enumerate(parts(node), 1):
        inner = parts(child)
        if not inner:
            continue
        start, end = child.start_byte, child.end_byte
        name = unit.id(inner[0]) if len(inner) > 1 else f"Item{at}"
        items.append(Entry(start, end, Literal(start, end, name), unit.expr(inner[-1])))
    return Display(node.start_byte, node.end_byte, DisplayKind.OBJECT, tuple(items))


def initialised(unit: Unit, node: Node, written: Node | None) -> tuple[TypeRef | None, Expr | None]:
    """The declared type and the initial value of a ``variable_declarator`` whose type node is ``written``."""
    type_ = declared_type(unit, written)
    value = value_node(node)
    return type_, None if value is None else initial(unit, value, type_)


def value_node(declarator: Node) -> Node | None:
    """What follows ``=`` in a ``variable_declarator``."""
    inner = [child for child in parts(declarator) if child.type != "bracketed_argument_list"]
    return inner[-1] if len(inner) > 1 else None


CREATIONS: dict[str, ExprHandler] = {
    "object_creation_expression": _new,
    "implicit_object_creation_expression": _implicit_new,
    "anonymous_object_creation_expression": _anonymous,
    "with_expression": _with,
    "array_creation_expression": _array,
    "stackalloc_expression": _array,
    "implicit_array_creation_expression": _implicit_array,
    "implicit_stackalloc_expression": _implicit_array,
    "initializer_expression": _bare_initializer,
    "collection_expression": _collection,
    "tuple_expression": _tuple,
}
_TYPED = {
    "implicit_object_creation_expression": _typed_new,
    "initializer_expression": _array_initializer,
    "collection_expression": _typed_collection,
}
