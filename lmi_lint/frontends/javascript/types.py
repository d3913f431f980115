"""TypeScript types as written → TypeRef."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.javascript.context import Lowering, real
from lmi_lint.ir import nodes as ir

if TYPE_CHECKING:
    from tree_sitter import Node

_WRAPPERS = frozenset(
    {"type_annotation", "parenthesized_type", "readonly_type", "optional_type", "rest_type", "asserts_annotation"}
)
_LABELLED = frozenset({"required_parameter", "optional_parameter"})  # elements of ``[a: A, b?: B]``
_NAMED = frozenset({"type_identifier", "identifier", "predefined_type", "nested_type_identifier", "nested_identifier"})
_COMPOUND = frozenset({"intersection_type", "tuple_type"})
_ABSENT = frozenset({"undefined", "null"})
_MAX_TYPE_DEPTH = 50


def type_ref(low: Lowering, node: Node | None, depth: int = 0) -> ir.TypeRef | None:
    """The type written in ``node`` (a type or a ``: T`` annotation); None if there is none.

    A union of one type with null or undefined is that type. Types without a name keep their parser's node type in
    angle brackets: ``<object_type>``, ``<function_type>``; unions, intersections and tuples have their members as
    arguments. Arguments nested more than 50 levels deep are left out.
    """
    if node is None:
        return None
    kind = node.type
    while kind in _WRAPPERS or kind in _LABELLED:
        labelled = node.child_by_field_name("type") if kind in _LABELLED else None
        inner = [labelled] if labelled is not None else real(node.named_children)
        if not inner:
            return None
        node = inner[0]
        kind = node.type
    start, end = node.start_byte, node.end_byte
    if kind in _NAMED:
        return ir.TypeRef(start, end, "".join(low.text(node).split()))
    if depth > _MAX_TYPE_DEPTH:
        return ir.TypeRef(start, end, f"<{kind}>")
    if kind == "generic_type":
        return _generic(low, node, depth)
    if kind == "array_type":
        element = _inner(low, node, depth)
        return ir.TypeRef(start, end, f"{element[0].name}[]" if element else "[]", element[0].args if element else ())
    if kind == "union_type":
        return _union(low, node, depth)
    if kind == "literal_type":
        return ir.TypeRef(start, end, low.text(node))
    args = _inner(low, node, depth) if kind in _COMPOUND else ()
    return ir.TypeRef(start, end, f"<{kind}>", args)


def type_refs(low: Lowering, node: Node | None, depth: int = 0) -> tuple[ir.TypeRef, ...]:
    """The types in a ``<A, B>`` list; empty if there is none."""
    return () if node is None else _inner(low, node, depth)


def _inner(low: Lowering, node: Node, depth: int) -> tuple[ir.TypeRef, ...]:
    found = [type_ref(low, child, depth + 1) for child in real(node.named_children)]
    return tuple([ref for ref in found if ref is not None])


def _generic(low: Lowering, node: Node, depth: int) -> ir.TypeRef:
    name = node.child_by_field_name("name")
    args = type_refs(low, node.child_by_field_name("type_arguments"), depth)
    return ir.TypeRef(node.start_byte, node.end_byte, low.text(name) if name else "<generic_type>", args)


def _union(low: Lowering, node: Node, depth: int) -> ir.TypeRef:
    members: list[ir.TypeRef] = []
    pending = [node]
    while pending:
        top = pending.pop()
        if top.type == "union_type":
            pending.extend(reversed(real(top.named_children)))
            continue
        ref = type_ref(low, top, depth + 1)
        if ref is not None and ref.name not in _ABSENT:
            members.append(ref)
    if len(members) == 1:
        return members[0]
    return ir.TypeRef(node.start_byte, node.end_byte, "<union_type>", tuple(members))


def type_params(low: Lowering, node: Node | None) -> tuple[str, ...]:
    """The names in a ``<T, U extends V>`` list of type parameters."""
    if node is None:
        return ()
    names = [child.child_by_field_name("name") for child in real(node.named_children)]
    return tuple([low.text(name) for name in names if name is not None])
