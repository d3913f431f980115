"""Lambdas and method references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.java.params import parameters
from lmi_lint.frontends.java.types import TYPES, dotted, name_path, type_ref
from lmi_lint.frontends.java.unit import COMMENTS
from lmi_lint.ir.nodes import (
    Arg,
    Block,
    Call,
    Closure,
    Display,
    DisplayKind,
    Expr,
    Flags,
    Function,
    Member,
    Name,
    Param,
    Return,
    TypeRef,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.java.unit import ExprHandler, Unit


def _lambda(unit: Unit, node: Node) -> Expr:
    body_node = node.child_by_field_name("body")
    if body_node is None:
        return unit.opaque(node)
    index = unit.reserve()
    outer = unit.enter(index, set(unit.frame.textual))
    params = _lambda_parameters(unit, node.child_by_field_name("parameters"))
    body: Block
    if body_node.type == "block":
        body = unit.block(body_node)
    else:
        body = (Return(body_node.start_byte, body_node.end_byte, unit.full(body_node)),)
    unit.leave(outer)
    _add(unit, node, index, params, body)
    return Closure(node.start_byte, node.end_byte, index)


def _add(unit: Unit, node: Node, index: int, params: tuple[Param, ...], body: Block) -> None:
    start = node.start_byte
    unit.functions[index] = Function(
        start, node.end_byte, "", start, start, params, body, Flags.LAMBDA, outer=unit.frame.function
    )


def _lambda_parameters(unit: Unit, node: Node | None) -> tuple[Param, ...]:
    if node is None:
        return ()
    if node.type == "formal_parameters":
        return parameters(unit, node)
    names = [node] if node.type == "identifier" else node.named_children
    found: list[Param] = []
    for name in names:
        if name.type in ("identifier", "underscore_pattern"):
            unit.note_type(unit.text(name), None)
            found.append(Param(name.start_byte, name.end_byte, unit.text(name)))
    return tuple(found)


def _method_reference(unit: Unit, node: Node) -> Expr:
    """``a::m`` is a lambda that passes all its arguments on to ``a.m``; ``A::new`` one that constructs."""
    start, end = node.start_byte, node.end_byte
    children = [child for child in node.children if child.type not in COMMENTS]
    if len(children) < 3:
        return unit.opaque(node)
    index = unit.reserve()
    outer = unit.enter(index, set(unit.frame.textual))
    name = unit.fresh()
    passed = (Arg(start, end, Name(start, end, name), spread=True),)
    value = _referenced(unit, node, children[0], children[-1], passed)
    unit.leave(outer)
    _add(unit, node, index, (Param(start, end, name, rest=True),), (Return(start, end, value),))
    return Closure(start, end, index)


def _referenced(unit: Unit, node: Node, base: Node, member: Node, passed: tuple[Arg, ...]) -> Expr:
    start, end = node.start_byte, node.end_byte
    if member.type != "new":
        if base.type in TYPES:
            value: Expr = name_path(base.start_byte, base.end_byte, dotted(unit, base))
        else:
            value = unit.expr(base)
        return Call(start, end, Member(start, end, value, unit.text(member)), passed)
    if base.type in TYPES:
        created = type_ref(unit, base)
    elif base.type in ("identifier", "field_access", "scoped_identifier"):
        created = TypeRef(base.start_byte, base.end_byte, dotted(unit, base))
    else:
        return unit.opaque(node)
    if created.name.endswith("[]"):
        return Display(start, end, DisplayKind.SEQUENCE, (), created)
    callee = name_path(created.start, created.end, created.name)
    return Call(start, end, callee, passed, new=True, type=created)


CLOSURES: dict[str, ExprHandler] = {
    "lambda_expression": _lambda,
    "method_reference": _method_reference,
}
