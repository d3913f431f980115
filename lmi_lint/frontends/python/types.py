"""Annotations → ``TypeRef``."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from lmi_lint.frontends.python.context import Lowering
from lmi_lint.frontends.python.literals import string_value
from lmi_lint.ir import nodes as ir

_MAX_NESTED = 50
_QUOTED = re.compile(r"\s*([A-Za-z_][\w.]*)\s*(?:\[.*|\|.*)?$", re.DOTALL)
_TRANSPARENT = frozenset({"Final", "ClassVar", "Annotated", "Required", "NotRequired", "ReadOnly"})
_UNION = "|"


def annotation(low: Lowering, node: cst.Annotation | None) -> ir.TypeRef | None:
    """The type of a parameter, result or variable; None if there is none, or none that has a name."""
    return None if node is None else type_ref(low, node.annotation)


def qualifiers(node: cst.Annotation | None) -> frozenset[str]:
    """Which of ``Final`` and ``ClassVar`` an annotation says."""
    value = None if node is None else node.annotation
    found: set[str] = set()
    while value is not None:
        head = value.value if isinstance(value, cst.Subscript) else value
        name = (dotted(head) or "").rpartition(".")[2]
        if name not in ("Final", "ClassVar", "Annotated"):
            break
        found.add(name)
        value = next(iter(_arguments(value)), None) if isinstance(value, cst.Subscript) else None
    return frozenset(found)


def dotted(node: cst.CSTNode | None) -> str | None:
    """``a.b.c`` as text; None for anything but names and attributes."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return None
    parts.append(node.value)
    return ".".join(reversed(parts))


def type_ref(low: Lowering, node: cst.BaseExpression, depth: int = 0) -> ir.TypeRef | None:
    """The type that an expression names. A union of one type with None is that type, other unions are named ``|``
    with their members as arguments; a quoted type is read up to its arguments.
    """
    start, end = low.span(node)
    if isinstance(node, cst.SimpleString):
        found = _QUOTED.match(string_value(node))
        return ir.TypeRef(start, end, found.group(1)) if found is not None and found.group(1) != "None" else None
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        return _union(low, node, _alternatives(node), depth)
    if isinstance(node, cst.Subscript):
        return _generic(low, node, depth)
    name = dotted(node)
    return None if name is None or name == "None" else ir.TypeRef(start, end, name)


def _arguments(node: cst.Subscript) -> list[cst.BaseExpression]:
    return [item.slice.value for item in node.slice if isinstance(item.slice, cst.Index)]


def _generic(low: Lowering, node: cst.Subscript, depth: int) -> ir.TypeRef | None:
    name = dotted(node.value)
    if name is None:
        return None
    start, end = low.span(node)
    last = name.rpartition(".")[2]
    if depth >= _MAX_NESTED or last == "Literal":
        return ir.TypeRef(start, end, name)
    written = _arguments(node)
    if last in ("Optional", "Union"):
        return _union(low, node, written, depth)
    if last in _TRANSPARENT and written:
        return type_ref(low, written[0], depth + 1)
    args = [type_ref(low, item, depth + 1) for item in written]
    return ir.TypeRef(start, end, name, tuple([arg for arg in args if arg is not None]))


def _alternatives(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    members: list[cst.BaseExpression] = []
    while isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        members.append(node.right)
        node = node.left
    members.append(node)
    members.reverse()
    return members


def _union(low: Lowering, node: cst.CSTNode, members: Sequence[cst.BaseExpression], depth: int) -> ir.TypeRef | None:
    if depth >= _MAX_NESTED:
        return None
    refs = [type_ref(low, member, depth + 1) for member in members]
    known = [ref for ref in refs if ref is not None]
    if len(known) == 1:
        return known[0]
    return ir.TypeRef(*low.span(node), _UNION, tuple(known)) if known else None


def type_params(node: cst.TypeParameters | None) -> tuple[str, ...]:
    """The names in ``[T, *Ts, **P]``."""
    return () if node is None else tuple([item.param.name.value for item in node.params])
