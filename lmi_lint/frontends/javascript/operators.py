"""Operators and assignments."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from lmi_lint.frontends.javascript.context import Lowering, real
from lmi_lint.frontends.javascript.functions import named_value
from lmi_lint.frontends.javascript.patterns import target_of
from lmi_lint.ir import nodes as ir

if TYPE_CHECKING:
    from tree_sitter import Node

_LOGICAL = frozenset({"&&", "||", "??"})
_COMPARE = frozenset({"==", "===", "!=", "!==", "<", ">", "<=", ">=", "in", "instanceof"})
_UNARY = {"!": ir.OpKind.NOT, "-": ir.OpKind.ARITH, "+": ir.OpKind.ARITH, "~": ir.OpKind.ARITH}
_LONG = 50
"""Operands of one chain up to which it keeps its shape; longer ones are built flat or balanced."""

_MAX_UPDATES = 6
"""Updates within the places of updates (``a[b[c++]++]++``) that are lowered: the tree doubles with each."""


def binary(low: Lowering, node: Node) -> ir.Expr:
    """Any binary operator. Long left-nested chains are walked, not recursed into."""
    operator = _operator(low, node)
    if operator in _LOGICAL:
        return _logical_chain(low, node, operator)
    if operator in _COMPARE:
        operands = (low.field(node, "left"), low.field(node, "right"))
        return ir.Op(node.start_byte, node.end_byte, ir.OpKind.COMPARE, operator, operands)
    return _arithmetic_chain(low, node)


def _operator(low: Lowering, node: Node) -> str:
    found = node.child_by_field_name("operator")
    return "" if found is None else found.type


def _logical_chain(low: Lowering, node: Node, operator: str) -> ir.Expr:
    rights: list[Node | None] = []
    top: Node | None = node
    while top is not None and top.type == "binary_expression" and _operator(low, top) == operator:
        rights.append(top.child_by_field_name("right"))
        top = top.child_by_field_name("left")
    levels = len(rights) if len(rights) < _LONG else len(rights).bit_length()
    if not low.descend(levels):
        return low.too_deep(node)
    operands = [low.missing(node) if top is None else low.expr(top)]
    for right in reversed(rights):
        operands.append(low.missing(node) if right is None else low.expr(right))
    low.ascend(levels)
    if len(operands) > _LONG:
        return _balanced(operator, operands)
    value = operands[0]
    for operand in operands[1:]:
        value = choice(value.start, operand.end, operator, value, operand)
    return value


def _balanced(operator: str, operands: list[ir.Expr]) -> ir.Expr:
    """The operators are associative, so a chain of thousands can be a shallow tree."""
    if len(operands) == 1:
        return operands[0]
    middle = len(operands) // 2
    left, right = _balanced(operator, operands[:middle]), _balanced(operator, operands[middle:])
    return choice(left.start, right.end, operator, left, right)


def choice(start: int, end: int, operator: str, left: ir.Expr, right: ir.Expr) -> ir.Choice:
    """``left && right``, ``left || right`` or ``left ?? right``."""
    return ir.Choice(start, end, left, right, None) if operator == "&&" else ir.Choice(start, end, left, None, right)


def _arithmetic_chain(low: Lowering, node: Node) -> ir.Expr:
    links: list[tuple[str, Node | None, int]] = []
    top: Node | None = node
    while top is not None and top.type == "binary_expression":
        operator = _operator(low, top)
        if operator in _LOGICAL or operator in _COMPARE:
            break
        links.append((operator, top.child_by_field_name("right"), top.end_byte))
        top = top.child_by_field_name("left")
    links.reverse()
    switches = sum(1 for one, two in pairwise(links) if one[0] != two[0])
    levels = switches if switches <= _LONG else 0
    if not low.descend(levels):
        return low.too_deep(node)
    first = low.missing(node) if top is None else low.expr(top)
    run, current, end = [first], links[0][0], node.end_byte
    for operator, right, link_end in links:
        if operator != current and switches <= _LONG:
            run, current = [arithmetic(node.start_byte, end, current, run)], operator
        run.append(low.missing(node) if right is None else low.expr(right))
        end = link_end
    low.ascend(levels)
    return arithmetic(node.start_byte, node.end_byte, current, run)


def arithmetic(start: int, end: int, operator: str, operands: list[ir.Expr]) -> ir.Expr:
    """Operands under one operator: text where ``+`` joins at least one operand known to be text."""
    if operator == "+" and any(_is_text(operand) for operand in operands):
        parts: list[ir.Expr] = []
        for operand in operands:
            parts.extend(operand.parts if isinstance(operand, ir.Template) else (operand,))
        return ir.Template(start, end, tuple(parts))
    return ir.Op(start, end, ir.OpKind.ARITH, operator, tuple(operands))


def _is_text(value: ir.Expr) -> bool:
    return isinstance(value, ir.Template) or (isinstance(value, ir.Literal) and isinstance(value.value, str))


def unary(low: Lowering, node: Node) -> ir.Expr:
    """``!x``, ``-x``, ``typeof x``, ``void x``, ``delete a.b``."""
    operator = _operator(low, node)
    start, end = node.start_byte, node.end_byte
    value = low.field(node, "argument")
    if operator == "delete" and isinstance(value, ir.Member | ir.Index):
        return ir.Assign(start, end, None, value, ir.How.DELETE)
    if operator == "-" and isinstance(value, ir.Literal) and type(value.value) in (int, float):
        return ir.Literal(start, end, -value.value)  # type: ignore[operator]
    return ir.Op(start, end, _UNARY.get(operator, ir.OpKind.OTHER), operator, (value,))


def update(low: Lowering, node: Node) -> ir.Expr:
    """``x++``, ``--x``."""
    start, end = node.start_byte, node.end_byte
    argument = node.child_by_field_name("argument")
    target = _updated(low, node, argument)
    if low.updates >= _MAX_UPDATES:
        return _not_updated(low, node, target)
    operator = _operator(low, node)[:1] or "+"
    value = ir.Op(start, end, ir.OpKind.ARITH, operator, (_read(target), ir.Literal(start, end, 1)))
    return ir.Assign(start, end, value, target, ir.How.UPDATE)


def assignment(low: Lowering, node: Node) -> ir.Expr:
    """``a = e``, and destructuring assignment."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    value = low.missing(node) if right is None else named_value(low, right, _bound_name(low, left))
    target = low.missing(node) if left is None else target_of(low, left)
    return ir.Assign(node.start_byte, node.end_byte, value, target)


def _bound_name(low: Lowering, left: Node | None) -> Node | None:
    """The node whose text names a function assigned to ``left``: none for ``module.exports`` itself."""
    if left is None or left.type == "identifier":
        return left
    if left.type == "member_expression":
        parts = real(left.named_children)
        return None if low.text(left) == "module.exports" else parts[-1]
    return None


def augmented(low: Lowering, node: Node) -> ir.Expr:
    """``a += e`` and its like, ``a ||= e``, ``a ??= e``, ``a &&= e``."""
    start, end = node.start_byte, node.end_byte
    left = node.child_by_field_name("left")
    target = _updated(low, node, left)
    operator = _operator(low, node).removesuffix("=")
    right = node.child_by_field_name("right")
    value = low.missing(node) if right is None else named_value(low, right, _bound_name(low, left))
    if operator in ("||", "??"):
        return ir.Assign(start, end, value, target, ir.How.IF_ABSENT)
    if low.updates >= _MAX_UPDATES:
        return _not_updated(low, node, target, value)
    old = _read(target)
    if operator == "&&":
        return ir.Assign(start, end, ir.Choice(start, end, old, value, None), target, ir.How.UPDATE)
    return ir.Assign(start, end, arithmetic(start, end, operator, [old, value]), target, ir.How.UPDATE)


def _updated(low: Lowering, node: Node, place: Node | None) -> ir.Target:
    """The place that an update reads and writes; updates within it are counted, since each is lowered twice."""
    if place is None:
        return low.missing(node)
    low.updates += 1
    target = target_of(low, place)
    low.updates -= 1
    return target


def _not_updated(low: Lowering, node: Node, target: ir.Target, *more: ir.Expr) -> ir.Expr:
    low.opaque_count += 1
    left = () if isinstance(target, ir.Pattern) else (target,)
    return ir.Opaque(node.start_byte, node.end_byte, node.type, (*left, *more))


def _read(target: ir.Target) -> ir.Expr:
    """The read of an assigned place. What is no place cannot be updated; there is a syntax error already."""
    return ir.Opaque(target.start, target.end, "pattern", ()) if isinstance(target, ir.Pattern | ir.Opaque) else target
