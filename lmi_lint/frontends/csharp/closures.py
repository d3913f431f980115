"""Lambdas, anonymous methods, local functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.csharp.creation import initial
from lmi_lint.frontends.csharp.params import parameters
from lmi_lint.frontends.csharp.types import attributes, declared_type, modifiers
from lmi_lint.frontends.csharp.unit import parts
from lmi_lint.ir.nodes import (
    Block,
    Closure,
    Declare,
    Decorator,
    Define,
    Do,
    Expr,
    Flags,
    Function,
    Raise,
    Return,
    Stmt,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import ExprHandler, Frame, StmtHandler, Unit


def body_of(unit: Unit, node: Node | None, discards: bool = False) -> Block:
    """The statements of a block, of an arrow clause, or of a lambda's expression; that is the result of the function
    unless it ``discards`` it."""
    if node is None:
        return ()
    if node.type == "block":
        return unit.block(node)
    value_node = node
    if node.type == "arrow_expression_clause":
        inner = parts(node)
        if not inner:
            return (unit.opaque(node),)
        value_node = inner[-1]
        unit.keep_errors(node)
    start, end = value_node.start_byte, value_node.end_byte
    frame = unit.frame
    outer, frame.pending = frame.pending, []
    declares: list[Declare] = frame.pending
    last: Stmt
    if value_node.type == "throw_expression":
        thrown = parts(value_node)
        last = Raise(start, end, unit.expr(thrown[-1]) if thrown else None)
    else:
        value = initial(unit, value_node, frame.returns)
        last = Do(start, end, value) if discards else Return(start, end, value)
    frame.pending = outer
    return (*declares, last)


def effects(frame: Frame) -> Flags:
    """What a function is by what its body does."""
    return Flags.GENERATOR if frame.yields else Flags.NONE


def _lambda(unit: Unit, node: Node) -> Expr:
    start, end = node.start_byte, node.end_byte
    flags = Flags.LAMBDA
    params_node = node.child_by_field_name("parameters")
    body_node = node.child_by_field_name("body")
    decorators: list[Decorator] = []
    for child in node.children:
        if child.type == "modifier" and unit.text(child) == "async":
            flags |= Flags.ASYNC
        elif child.type == "attribute_list":
            decorators.extend(attributes(unit, child))
        elif child.type == "block" and body_node is None:
            body_node = child
    if body_node is None:
        return unit.opaque(node)
    index = unit.reserve()
    outer = unit.enter(index, dict(unit.frame.types))
    params = parameters(unit, params_node).params
    body = body_of(unit, body_node)
    left = unit.leave(outer)
    unit.functions[index] = Function(
        start,
        end,
        "",
        start,
        start,
        params,
        body,
        flags | effects(left),
        outer=unit.frame.function,
        decorators=tuple(decorators),
    )
    return Closure(start, end, index)


def _local_function(unit: Unit, node: Node, out: list[Stmt]) -> None:
    name = node.child_by_field_name("name")
    if name is None:
        out.append(unit.opaque(node))
        return
    start, end = node.start_byte, node.end_byte
    flags, decorators = modifiers(unit, node)
    flags &= ~(Flags.PRIVATE | Flags.STATIC)
    returns = declared_type(unit, node.child_by_field_name("type"))
    index = unit.reserve()
    outer = unit.enter(index, dict(unit.frame.types), returns)
    params = parameters(unit, node.child_by_field_name("parameters")).params
    discards = returns is not None and returns.name == "void"
    body = body_of(unit, node.child_by_field_name("body"), discards)
    left = unit.leave(outer)
    unit.functions[index] = Function(
        start,
        end,
        unit.id(name),
        name.start_byte,
        name.end_byte,
        params,
        body,
        flags | Flags.LAMBDA | effects(left),
        outer=unit.frame.function,
        decorators=decorators,
        returns=returns,
    )
    out.append(Define(start, end, index, None))


CLOSURES: dict[str, ExprHandler] = {
    "lambda_expression": _lambda,
    "anonymous_method_expression": _lambda,
}
LOCAL_FUNCTIONS: dict[str, StmtHandler] = {"local_function_statement": _local_function}
