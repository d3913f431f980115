"""TypeScript constructs that exist at run time: enums and namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.javascript.context import Lowering, real
from lmi_lint.frontends.javascript.literals import string_value
from lmi_lint.ir import nodes as ir

if TYPE_CHECKING:
    from tree_sitter import Node


def enum(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``enum E { A, B = 5 }`` → ``const E = {A: 0, B: 5}``."""
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None:
        out.append(low.opaque(node))
        return
    items: list[ir.Entry] = []
    following: int | float = 0
    for member in () if body is None else real(body.named_children):
        start, end = member.start_byte, member.end_byte
        key, value = member, None
        if member.type == "enum_assignment":
            key, value = member.child_by_field_name("name") or member, member.child_by_field_name("value")
        lowered = ir.Literal(start, end, following) if value is None else low.expr(value)
        if isinstance(lowered, ir.Literal) and isinstance(lowered.value, int | float):
            following = lowered.value + 1
        text = string_value(low, key) if key.type == "string" else low.text(key)
        items.append(ir.Entry(start, end, ir.Literal(key.start_byte, key.end_byte, text), lowered))
    display = ir.Display(node.start_byte, node.end_byte, ir.DisplayKind.OBJECT, tuple(items))
    declare = ir.Declare(node.start_byte, node.end_byte, low.text(name), None, display, ir.DeclareKind.CONST, False)
    out.append(declare)


def namespace(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``namespace N { export const x = 1 }`` → ``var N = {}; { const x = 1; N.x = x }``.

    ``N.M`` is a namespace M in N. It is a ``var`` because it may merge with a class, function or namespace.
    """
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None or name.type == "string":
        return
    start, end = node.start_byte, node.end_byte
    names = [part.strip() for part in low.text(name).split(".")]
    if not low.descend(len(names)):
        out.append(low.too_deep(node))
        return
    saved, low.namespace = low.namespace, names[-1]
    inner = low.body(body)
    low.namespace = saved
    low.ascend(len(names))
    empty = ir.Display(start, end, ir.DisplayKind.OBJECT, ())
    for position in range(len(names) - 1, -1, -1):
        declare = ir.Declare(start, end, names[position], None, empty, ir.DeclareKind.VAR, True)
        block = ir.BlockStmt(start, end, inner)
        if position == 0:
            out.extend((declare, block))
            return
        target = ir.Member(start, end, ir.Name(start, end, names[position - 1]), names[position])
        fill = ir.Assign(start, end, ir.Name(start, end, names[position]), target)
        inner = (declare, ir.Do(start, end, fill), block)
