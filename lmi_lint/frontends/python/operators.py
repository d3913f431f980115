"""Operators. Long left-nested chains are walked, not recursed into."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import libcst as cst

from lmi_lint.frontends.python.context import Lowering
from lmi_lint.frontends.python.literals import TEXTS
from lmi_lint.ir import nodes as ir

OPERATORS: Final[dict[type, str]] = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.MatrixMultiply: "@",
    cst.Divide: "/",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.Power: "**",
    cst.LeftShift: "<<",
    cst.RightShift: ">>",
    cst.BitAnd: "&",
    cst.BitOr: "|",
    cst.BitXor: "^",
    cst.AddAssign: "+",
    cst.SubtractAssign: "-",
    cst.MultiplyAssign: "*",
    cst.MatrixMultiplyAssign: "@",
    cst.DivideAssign: "/",
    cst.FloorDivideAssign: "//",
    cst.ModuloAssign: "%",
    cst.PowerAssign: "**",
    cst.LeftShiftAssign: "<<",
    cst.RightShiftAssign: ">>",
    cst.BitAndAssign: "&",
    cst.BitOrAssign: "|",
    cst.BitXorAssign: "^",
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.In: "in",
    cst.NotIn: "not in",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.Minus: "-",
    cst.Plus: "+",
    cst.BitInvert: "~",
    cst.Not: "not",
    cst.And: "and",
    cst.Or: "or",
}
"""Operator class → its text."""

_FORMAT = "%format"
_LONG = 50
"""Operands of one chain up to which it keeps its shape; longer ones are built flat or balanced."""


def binary(low: Lowering, node: cst.BinaryOperation) -> ir.Expr:
    """Arithmetic; ``"text" % values`` is a call of ``%format``."""
    links: list[cst.BinaryOperation] = []
    top: cst.BaseExpression = node
    while isinstance(top, cst.BinaryOperation):
        links.append(top)
        top = top.left
    links.reverse()
    texts = [OPERATORS[type(link.operator)] for link in links]
    switches = sum(1 for one, two in pairwise(texts) if one != two)
    levels = switches if switches <= _LONG else 0
    if not low.descend(levels):
        return low.too_deep(node)
    start = low.positions.start(node)
    run, current = [low.expr(top)], texts[0]
    is_text = isinstance(top, TEXTS)
    for position, (operator, link) in enumerate(zip(texts, links, strict=True)):
        if operator != current and switches <= _LONG:
            # The last operand of the previous link ends what has been gathered.
            run = [arithmetic(start, low.positions.end(links[position - 1]), current, run)]
            current = operator
        if operator == "%" and (is_text if position == 0 else isinstance(run[0], ir.Template)) and len(run) == 1:
            run = [_percent(low, link, run[0])]
        else:
            run.append(low.expr(link.right))
    low.ascend(levels)
    return run[0] if len(run) == 1 else arithmetic(start, low.positions.end(node), current, run)


def _percent(low: Lowering, node: cst.BinaryOperation, left: ir.Expr) -> ir.Expr:
    """``"…" % (a, b)``; ``%`` binds as tightly as ``*``, so what is left of it is the text itself."""
    right = node.right
    args = [ir.Arg(left.start, left.end, left)]
    if isinstance(right, cst.Tuple):
        for element in right.elements:
            value = low.expr(element.value)
            args.append(ir.Arg(value.start, value.end, value, spread=isinstance(element, cst.StarredElement)))
    else:
        value = low.expr(right)
        args.append(ir.Arg(value.start, value.end, value))
    callee = ir.Name(*low.span(node.operator), _FORMAT)
    return ir.Call(left.start, low.positions.end(node), callee, tuple(args))


def arithmetic(start: int, end: int, operator: str, operands: list[ir.Expr]) -> ir.Expr:
    """Operands under one operator: text where ``+`` joins at least one operand known to be text."""
    if len(operands) == 1:
        return operands[0]
    if operator == "+" and any(_is_text(operand) for operand in operands):
        parts: list[ir.Expr] = []
        for operand in operands:
            parts.extend(operand.parts if isinstance(operand, ir.Template) else (operand,))
        return ir.Template(start, end, tuple(parts))
    if operator == "/" and not any(isinstance(operand, ir.Literal) and _is_number(operand) for operand in operands):
        return _divided(start, operands)
    return ir.Op(start, end, ir.OpKind.ARITH, operator, tuple(operands))


def _divided(start: int, operands: list[ir.Expr]) -> ir.Expr:
    """``a / b`` as the call that it is: paths are joined so."""
    result = operands[0]
    for operand in operands[1:]:
        callee = ir.Member(start, result.end, result, "__truediv__")
        result = ir.Call(start, operand.end, callee, (ir.Arg(operand.start, operand.end, operand),))
    return result


def _is_number(literal: ir.Literal) -> bool:
    return isinstance(literal.value, int | float)


def _is_text(value: ir.Expr) -> bool:
    if isinstance(value, ir.Call):
        return isinstance(value.callee, ir.Name) and value.callee.id == _FORMAT
    return isinstance(value, ir.Template) or (isinstance(value, ir.Literal) and isinstance(value.value, str))


def boolean(low: Lowering, node: cst.BooleanOperation) -> ir.Expr:
    """``a and b``, ``a or b``."""
    is_and = isinstance(node.operator, cst.And)
    rights: list[cst.BaseExpression] = []
    top: cst.BaseExpression = node
    while isinstance(top, cst.BooleanOperation) and isinstance(top.operator, cst.And) is is_and:
        rights.append(top.right)
        top = top.left
    levels = len(rights) if len(rights) < _LONG else len(rights).bit_length()
    if not low.descend(levels):
        return low.too_deep(node)
    operands = [low.expr(top), *[low.expr(right) for right in reversed(rights)]]
    low.ascend(levels)
    if len(operands) > _LONG:
        return balanced(is_and, operands)
    value = operands[0]
    for operand in operands[1:]:
        value = choice(is_and, value, operand)
    return value


def balanced(is_and: bool, operands: list[ir.Expr]) -> ir.Expr:
    """The operators are associative, so a chain of thousands can be a shallow tree. ``operands`` is not empty."""
    if len(operands) == 1:
        return operands[0]
    middle = len(operands) // 2
    return choice(is_and, balanced(is_and, operands[:middle]), balanced(is_and, operands[middle:]))


def choice(is_and: bool, left: ir.Expr, right: ir.Expr) -> ir.Choice:
    """``left and right`` or ``left or right``."""
    then, orelse = (right, None) if is_and else (None, right)
    return ir.Choice(left.start, max(left.end, right.end), left, then, orelse)


def comparison(low: Lowering, node: cst.Comparison) -> ir.Expr:
    """``a < b``; a chain ``a < b <= c`` is one operator over all operands, since each is evaluated once."""
    operands = [low.expr(node.left), *[low.expr(item.comparator) for item in node.comparisons]]
    text = " ".join([OPERATORS[type(item.operator)] for item in node.comparisons])
    return ir.Op(*low.span(node), ir.OpKind.COMPARE, text, tuple(operands))


def unary(low: Lowering, node: cst.UnaryOperation) -> ir.Expr:
    """``not x``, ``-x``, ``~x``."""
    start, end = low.span(node)
    operator = OPERATORS[type(node.operator)]
    value = low.expr(node.expression)
    if operator == "not":
        return ir.Op(start, end, ir.OpKind.NOT, operator, (value,))
    if operator == "-" and isinstance(value, ir.Literal) and type(value.value) in (int, float):
        return ir.Literal(start, end, -value.value)  # type: ignore[operator]
    return ir.Op(start, end, ir.OpKind.ARITH, operator, (value,))
