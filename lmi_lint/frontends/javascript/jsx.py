"""JSX: a component is called with its properties; an element of the page is a fresh object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.javascript.context import Lowering, real
from lmi_lint.frontends.javascript.literals import string_value
from lmi_lint.ir import nodes as ir

if TYPE_CHECKING:
    from tree_sitter import Node

_TEXT = frozenset({"jsx_text", "html_character_reference"})


def element(low: Lowering, node: Node) -> ir.Expr:
    """``<A x={y}>…</A>``, ``<br/>``, ``<>…</>``."""
    start, end = node.start_byte, node.end_byte
    opening = node if node.type == "jsx_self_closing_element" else node.child_by_field_name("open_tag")
    items = [] if opening is None else _attributes(low, opening)
    items.extend(_content(low, node) if node.type != "jsx_self_closing_element" else [])
    properties = ir.Display(start, end, ir.DisplayKind.OBJECT, tuple(items))
    name = None if opening is None else opening.child_by_field_name("name")
    if name is None or not _is_component(low, name):
        return properties
    return ir.Call(start, end, low.expr(name), (ir.Arg(start, end, properties),))


def _is_component(low: Lowering, name: Node) -> bool:
    text = low.text(name)
    return name.type in ("member_expression", "nested_identifier") or (name.type == "identifier" and text[:1].isupper())


def _attributes(low: Lowering, opening: Node) -> list[ir.Entry]:
    items: list[ir.Entry] = []
    for child in opening.named_children:
        start, end = child.start_byte, child.end_byte
        parts = real(child.named_children)
        if child.type == "jsx_attribute" and parts:
            key = ir.Literal(parts[0].start_byte, parts[0].end_byte, low.text(parts[0]))
            value = _value(low, parts[1]) if len(parts) > 1 else None
            items.append(ir.Entry(start, end, key, value or ir.Literal(start, end, True)))
        elif child.type == "jsx_expression":
            value = _value(low, child)
            if value is not None:
                items.append(ir.Entry(start, end, None, value, spread=True))
    return items


def _value(low: Lowering, node: Node) -> ir.Expr | None:
    """The value of an attribute or of a child in braces; None for ``{}`` and ``{/* comment */}``."""
    if node.type == "string":
        return ir.Literal(node.start_byte, node.end_byte, string_value(low, node))
    if node.type != "jsx_expression":
        return low.expr(node)
    inner = real(node.named_children)
    if not inner:
        return None
    if inner[0].type == "spread_element":
        inner = real(inner[0].named_children)
    return low.expr(inner[0]) if inner else None


def _content(low: Lowering, node: Node) -> list[ir.Entry]:
    children: list[ir.Entry] = []
    for child in real(node.named_children):
        if child.type in _TEXT or child.type in ("jsx_opening_element", "jsx_closing_element"):
            continue
        value = _value(low, child)
        if value is not None:
            children.append(ir.Entry(child.start_byte, child.end_byte, None, value))
    if not children:
        return []
    start, end = children[0].start, children[-1].end
    display = ir.Display(start, end, ir.DisplayKind.SEQUENCE, tuple(children))
    return [ir.Entry(start, end, ir.Literal(start, end, "children"), display)]
