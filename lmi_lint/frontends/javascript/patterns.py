"""Destructuring: nested patterns → one flat ``Pattern``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.frontends.javascript.context import Lowering, real
from lmi_lint.frontends.javascript.literals import string_value
from lmi_lint.ir import nodes as ir

if TYPE_CHECKING:
    from tree_sitter import Node

PATTERNS = frozenset({"object_pattern", "array_pattern"})
TRANSPARENT = frozenset(
    {
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "instantiation_expression",
    }
)
"""Wrappers around an expression, which is their first child, that change nothing at run time."""

_ELEMENT, _REST = "*", "..."


class _Part(Struct, frozen=True, gc=False):
    target: ir.Name | ir.Member | ir.Index
    path: tuple[str, ...]
    default: ir.Expr | None


class _Todo(Struct, frozen=True, gc=False):
    node: Node
    path: tuple[str, ...]
    default: ir.Expr | None


def unwrap(node: Node) -> Node:
    """The expression inside parentheses and type-only wrappers."""
    while True:
        kind = node.type
        if kind in TRANSPARENT:
            inner = real(node.named_children)
            if not inner:
                return node
            node = inner[0]
        elif kind == "type_assertion":
            node = real(node.named_children)[-1]
        else:
            return node


def target_of(low: Lowering, node: Node) -> ir.Target:
    """Lower what stands left of ``=``, in ``for (… of``, or in ``++``."""
    node = unwrap(node)
    if node.type in PATTERNS:
        return pattern(low, node)
    if node.type == "undefined":
        return ir.Name(node.start_byte, node.end_byte, "undefined")
    value = low.expr(node)
    if isinstance(value, ir.Name | ir.Member | ir.Index | ir.Opaque):
        return value
    low.opaque_count += 1
    return ir.Opaque(node.start_byte, node.end_byte, node.type, (value,))


def pattern(low: Lowering, node: Node) -> ir.Pattern:
    """Lower an object or array pattern. Targets stand in source order."""
    parts: list[_Part] = []
    todo = [_Todo(node, (), None)]
    while todo:
        top = todo.pop()
        kind = top.node.type
        if kind in PATTERNS:
            todo.extend(reversed(_items(low, top)))
        elif kind in ("assignment_pattern", "object_assignment_pattern"):
            todo.append(_defaulted(low, top))
        else:
            _add(low, top, parts)
    return ir.Pattern(
        node.start_byte,
        node.end_byte,
        tuple([part.target for part in parts]),
        tuple([part.path for part in parts]),
        tuple([part.default for part in parts]),
    )


def _items(low: Lowering, top: _Todo) -> list[_Todo]:
    is_array = top.node.type == "array_pattern"
    items: list[_Todo] = []
    inherited = top.default
    for child in real(top.node.named_children):
        kind = child.type
        node: Node = child
        key = f"{_ELEMENT}{_position(top.node, child)}" if is_array else _ELEMENT
        if kind == "rest_pattern":
            inner = real(child.named_children)
            if not inner:
                continue
            node, key = inner[0], _REST
        elif kind == "pair_pattern":
            value = child.child_by_field_name("value")
            if value is None:
                continue
            node, key = value, _key(low, child.child_by_field_name("key"))
        elif not is_array:
            named = child.child_by_field_name("left") if kind == "object_assignment_pattern" else child
            key = low.text(named) if named is not None else _ELEMENT
        default = inherited
        if inherited is not None and not is_array and key not in (_ELEMENT, _REST):
            default = ir.Member(inherited.start, inherited.end, inherited, key)
        items.append(_Todo(node, (*top.path, key), default))
        # The default of a whole pattern is evaluated once, so only its first part shows it.
        inherited = None
    return items


def _position(array: Node, child: Node) -> int:
    """Which element of an array a part of its pattern takes; holes count."""
    return sum(other.type == "," and other.start_byte < child.start_byte for other in array.children)


def _defaulted(low: Lowering, top: _Todo) -> _Todo:
    left = top.node.child_by_field_name("left")
    right = top.node.child_by_field_name("right")
    default = None if right is None else low.expr(right)
    inner = top.node if left is None else left
    if inner.type in PATTERNS and isinstance(default, ir.Display) and not default.items:
        default = None
    return _Todo(inner, top.path, default if default is not None else top.default)


def _add(low: Lowering, top: _Todo, parts: list[_Part]) -> None:
    node = top.node
    if node.type in ("identifier", "shorthand_property_identifier_pattern"):
        name = ir.Name(node.start_byte, node.end_byte, low.text(node))
        parts.append(_Part(name, top.path, top.default))
        return
    value = target_of(low, node)
    if isinstance(value, ir.Name | ir.Member | ir.Index):
        parts.append(_Part(value, top.path, top.default))


def _key(low: Lowering, node: Node | None) -> str:
    if node is None:
        return _ELEMENT
    if node.type == "string":
        return string_value(low, node)
    if node.type == "computed_property_name":
        inner = real(node.named_children)
        return string_value(low, inner[0]) if inner and inner[0].type == "string" else _ELEMENT
    return low.text(node)


def declare_names(target: ir.Pattern, kind: ir.DeclareKind, mutable: bool, out: list[ir.Stmt]) -> None:
    """Append a Declare without a value for each name that a pattern introduces."""
    for part in target.targets:
        if isinstance(part, ir.Name):
            out.append(ir.Declare(part.start, part.end, part.id, None, None, kind, mutable))


def names_of(target: ir.Target) -> list[str]:
    """The names that a target assigns."""
    if isinstance(target, ir.Name):
        return [target.id]
    if isinstance(target, ir.Pattern):
        return [part.id for part in target.targets if isinstance(part, ir.Name)]
    return []
