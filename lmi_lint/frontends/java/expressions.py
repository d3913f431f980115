"""Expressions: names, member chains, calls, constructions, arrays, closures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.java.closures import CLOSURES
from lmi_lint.frontends.java.literals import LITERALS
from lmi_lint.frontends.java.operators import OPERATORS, has_effect
from lmi_lint.frontends.java.types import (
    ANNOTATIONS,
    TYPES,
    annotation_value,
    dimensions,
    name_path,
    type_args,
    type_ref,
)
from lmi_lint.frontends.java.unit import COMMENTS, LINKS_PER_NAME
from lmi_lint.frontends.treesitter import MAX_DEPTH
from lmi_lint.ir.nodes import (
    Arg,
    Call,
    Declare,
    Display,
    DisplayKind,
    Do,
    Entry,
    Expr,
    Index,
    Member,
    Name,
    Sequence,
    Stmt,
    Super,
    This,
    TypeRef,
    TypeValue,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.java.unit import ExprHandler, Unit

_LINKS = {"method_invocation": "object", "field_access": "object", "array_access": "array"}
_CONSTRUCTORS: dict[str, type[This | Super]] = {"this": This, "super": Super}
"""Callees that are constructors; the parser takes them for methods after other statements (``repair.py``)."""


def arguments(unit: Unit, node: Node | None) -> tuple[Arg, ...]:
    """The arguments of a call."""
    if node is None:
        return ()
    found: list[Arg] = []
    for child in node.named_children:
        if child.type not in COMMENTS:
            found.append(Arg(child.start_byte, child.end_byte, unit.expr(child)))
    return tuple(found)


def _chain(unit: Unit, node: Node) -> Expr:
    """``a.b().c[0].d()``, from the inside out and without recursion along the chain."""
    links: list[Node] = []
    base: Node = node
    while (field := _LINKS.get(base.type)) is not None:
        inner = base.child_by_field_name(field)
        if inner is None:
            break
        links.append(base)
        base = inner
    for link in links[1:]:
        unit.keep_errors(link)
    value = unit.expr(base) if base.type not in _LINKS else _bare_call(unit, base)
    body: list[Stmt] = []
    for count, link in enumerate(reversed(links), start=1):
        value = _link(unit, link, value)
        if count % LINKS_PER_NAME == 0 and count < len(links):
            name = unit.fresh()
            body.append(Declare(value.start, value.end, name, None, value))
            value = Name(value.start, value.end, name)
    return Sequence(node.start_byte, node.end_byte, tuple(body), value) if body else value


def _link(unit: Unit, node: Node, base: Expr) -> Expr:
    start, end = node.start_byte, node.end_byte
    if node.type == "array_access":
        index = node.child_by_field_name("index")
        return unit.opaque(node) if index is None else Index(start, end, base, unit.expr(index))
    children = node.children
    if len(children) > 3 and any(child.type == "super" for child in children[1:]):
        base = Super(base.start, base.end)  # Outer.super.x, Interface.super.m()
    if node.type == "field_access":
        field = node.child_by_field_name("field")
        return unit.opaque(node) if field is None else Member(start, end, base, unit.text(field))
    name, args = children[-2], children[-1]
    if name.type != "identifier" or args.type != "argument_list":
        found = node.child_by_field_name("name")
        if found is None:
            return unit.opaque(node)
        name, args = found, node.child_by_field_name("arguments") or args
    callee = Member(start, name.end_byte, base, unit.text(name))
    generic = type_args(unit, node.child_by_field_name("type_arguments")) if len(children) > 4 else ()
    return Call(start, end, callee, arguments(unit, args), type_args=generic)


def _bare_call(unit: Unit, node: Node) -> Expr:
    name = node.child_by_field_name("name")
    if name is None or node.type != "method_invocation":
        return unit.opaque(node)
    args = arguments(unit, node.child_by_field_name("arguments"))
    constructor = _CONSTRUCTORS.get(unit.text(name))
    called: Expr = unit.name(name)
    if constructor is not None:
        called = constructor(name.start_byte, name.end_byte)
    return Call(node.start_byte, node.end_byte, called, args)


def _parenthesized(unit: Unit, node: Node) -> Expr:
    while node.type == "parenthesized_expression":
        inner = next((child for child in node.named_children if child.type not in COMMENTS), None)
        if inner is None or inner.is_error:
            return unit.opaque(node)
        node = inner
    return unit.expr(node)


def _cast(unit: Unit, node: Node) -> Expr:
    value = node.child_by_field_name("value")
    return unit.opaque(node) if value is None else unit.expr(value)


def _this(_unit: Unit, node: Node) -> Expr:
    return This(node.start_byte, node.end_byte)


def _super(_unit: Unit, node: Node) -> Expr:
    return Super(node.start_byte, node.end_byte)


def _scoped(unit: Unit, node: Node) -> Expr:
    return name_path(node.start_byte, node.end_byte, unit.text(node))


def _class_literal(unit: Unit, node: Node) -> Expr:
    written = next((child for child in node.named_children if child.type in TYPES), None)
    if written is None:
        return unit.opaque(node)
    return TypeValue(node.start_byte, node.end_byte, type_ref(unit, written))


def _new(unit: Unit, node: Node) -> Expr:
    start, end = node.start_byte, node.end_byte
    type_node = node.child_by_field_name("type")
    if type_node is None:
        return unit.opaque(node)
    created = type_ref(unit, type_node)
    outer: Expr | None = None
    body: Node | None = None
    generic: tuple[TypeRef, ...] = ()
    seen_new = False
    for child in node.children:
        kind = child.type
        if kind == "new":
            seen_new = True
        elif kind == "class_body":
            body = child
        elif kind == "type_arguments":
            generic = type_args(unit, child)
        elif not seen_new and child.is_named and kind not in COMMENTS and kind not in ANNOTATIONS:
            outer = unit.expr(child)
    args = arguments(unit, node.child_by_field_name("arguments"))
    if body is not None:
        return unit.tables.anonymous(unit, node, created, args, body)
    callee: Expr = name_path(created.start, created.end, created.name)
    if outer is not None:
        callee = Member(start, created.end, outer, created.name)
    return Call(start, end, callee, args, new=True, type=created, type_args=generic)


def array_literal(unit: Unit, node: Node, type_: TypeRef | None) -> Expr:
    """``{1, 2}`` as an initialiser of type ``type_``."""
    element: TypeRef | None = None
    if type_ is not None and type_.name.endswith("[]"):
        element = TypeRef(type_.start, type_.end, type_.name[:-2], type_.args)
    items: list[Entry] = []
    for child in node.named_children:
        if child.type not in COMMENTS:
            items.append(Entry(child.start_byte, child.end_byte, None, initial(unit, child, element)))
    return Display(node.start_byte, node.end_byte, DisplayKind.SEQUENCE, tuple(items), type_)


def initial(unit: Unit, node: Node, type_: TypeRef | None) -> Expr:
    """A variable's initialiser: an expression or an array literal."""
    if node.type != "array_initializer":
        return unit.expr(node)
    if unit.depth >= MAX_DEPTH:
        return unit.too_deep(node)
    unit.depth += 1
    value = array_literal(unit, node, type_)
    unit.depth -= 1
    return value


def _new_array(unit: Unit, node: Node) -> Expr:
    start, end = node.start_byte, node.end_byte
    written = node.child_by_field_name("type")
    if written is None:
        return unit.opaque(node)
    base = type_ref(unit, written)
    sizes: list[Expr] = []
    levels = 0
    for child in node.named_children:
        if child.type == "dimensions":
            levels += dimensions(child)
        elif child.type == "dimensions_expr":
            levels += 1
            sizes.extend(unit.expr(size) for size in child.named_children if _is_size(size))
    type_ = TypeRef(base.start, base.end, base.name + "[]" * levels, base.args)
    value = node.child_by_field_name("value")
    if value is not None:
        return initial(unit, value, type_)
    display = Display(start, end, DisplayKind.SEQUENCE, (), type_)
    effects: list[Stmt] = [Do(size.start, size.end, size) for size in sizes if has_effect(size)]
    return Sequence(start, end, tuple(effects), display) if effects else display


def _is_size(node: Node) -> bool:
    return node.type not in COMMENTS and node.type not in ANNOTATIONS


def _array_initializer(unit: Unit, node: Node) -> Expr:
    return array_literal(unit, node, None)


EXPRESSIONS: dict[str, ExprHandler] = {
    **LITERALS,
    **OPERATORS,
    **CLOSURES,
    "method_invocation": _chain,
    "field_access": _chain,
    "array_access": _chain,
    "parenthesized_expression": _parenthesized,
    "cast_expression": _cast,
    "this": _this,
    "super": _super,
    "scoped_identifier": _scoped,
    "class_literal": _class_literal,
    "object_creation_expression": _new,
    "array_creation_expression": _new_array,
    "array_initializer": _array_initializer,
    "element_value_array_initializer": _array_initializer,
    "marker_annotation": annotation_value,
    "annotation": annotation_value,
}
