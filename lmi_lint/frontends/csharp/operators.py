"""Operators, text building, increments, conditionals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.csharp.assignments import after, assignment, is_text, settled, unwrap
from lmi_lint.frontends.csharp.patterns import pattern_test, type_test
from lmi_lint.frontends.csharp.unit import LINKS_PER_NAME, parts
from lmi_lint.frontends.treesitter import MAX_DEPTH
from lmi_lint.ir.nodes import (
    Assign,
    Choice,
    Declare,
    Expr,
    How,
    Index,
    Literal,
    Name,
    Op,
    Opaque,
    OpKind,
    Sequence,
    Stmt,
    Template,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import ExprHandler, Unit

_COMPARES = frozenset({"==", "!=", "<", ">", "<=", ">="})
_LOGIC = frozenset({"&&", "||"})


class _Run:
    """Operands of equal operators, gathered while climbing a left-nested chain. ``depth`` counts the changes."""

    __slots__ = ("depth", "operands", "operator", "start")

    def __init__(self, start: int, first: Expr) -> None:
        self.start = start
        self.operator = ""
        self.operands = [first]
        self.depth = 0

    def close(self, end: int) -> Expr:
        """The operands gathered so far as one value."""
        operands = self.operands
        if len(operands) == 1:
            return operands[0]
        if self.operator == "text":
            return Template(self.start, end, tuple(operands))
        if self.operator in _LOGIC:
            return logic(self.operator == "&&", operands)
        if self.operator == "??":
            return Choice(self.start, end, operands[0], None, operands[1])
        kind = OpKind.COMPARE if self.operator in _COMPARES else OpKind.ARITH
        return Op(self.start, end, kind, self.operator, tuple(operands))


def logic(both: bool, operands: list[Expr]) -> Expr:
    """``a && b && …``, or ``||`` unless ``both``: balanced, so that a long chain is not
    deep. Order and short circuit stay the same."""
    level = operands
    while len(level) > 1:
        paired: list[Expr] = []
        for at in range(0, len(level) - 1, 2):
            left, right = level[at], level[at + 1]
            then, orelse = (right, None) if both else (None, right)
            paired.append(Choice(left.start, right.end, left, then, orelse))
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def _binary(unit: Unit, node: Node) -> Expr:
    spine = []
    while node.type == "binary_expression":
        left = node.child_by_field_name("left")
        if left is None:
            break
        spine.append(node)
        node = left
    if not spine:
        return unit.opaque(node)
    for parent in spine[1:]:
        unit.keep_errors(parent)
    run = _Run(node.start_byte, unit.expr(node))
    text = is_text(unit, run.operands[0], node)
    end = node.end_byte
    body: list[Stmt] = []
    for parent in reversed(spine):
        operator_node, right_node = parent.child_by_field_name("operator"), parent.child_by_field_name("right")
        if operator_node is None or right_node is None:
            run = _Run(run.start, Opaque(run.start, parent.end_byte, parent.type, (run.close(end),)))
            continue
        operator = operator_node.type
        right = unit.expr(right_node)
        text = operator == "+" and (text or is_text(unit, right, right_node))
        _join(run, "text" if text else operator, right, end)
        end = parent.end_byte
        if run.depth >= LINKS_PER_NAME:
            name = unit.fresh()
            body.append(Declare(run.start, end, name, None, run.close(end)))
            run = _Run(run.start, Name(run.start, end, name))
    value = run.close(end)
    return Sequence(run.start, end, tuple(body), value) if body else value


def _join(run: _Run, operator: str, right: Expr, end: int) -> None:
    """Add an operand; another operator than before closes what was gathered into the first operand."""
    if operator != run.operator or operator in _COMPARES or operator == "??":
        run.operands = _pieces(run, operator, end)
        run.depth += 1
        run.operator = operator
    if operator == "text" and isinstance(right, Template):
        run.operands.extend(right.parts)
    else:
        run.operands.append(right)


def _pieces(run: _Run, operator: str, end: int) -> list[Expr]:
    closed = run.close(end)
    return list(closed.parts) if operator == "text" and isinstance(closed, Template) else [closed]


def _operator(node: Node) -> tuple[str, Node | None]:
    """The operator of a unary expression and its operand."""
    inner = parts(node)
    written = next((c.type for c in node.children if not c.is_named and c.type not in ("this", "base")), "")
    return written, inner[0] if inner else None


def _prefix(unit: Unit, node: Node) -> Expr:
    operator, operand = _operator(node)
    if operand is None:
        return unit.opaque(node)
    start, end = node.start_byte, node.end_byte
    if operator in ("++", "--"):
        return _step(unit, node, operator, operand)
    return prefixed(start, end, operator, unit.expr(operand))


def prefixed(start: int, end: int, operator: str, value: Expr) -> Expr:
    """A unary operator before a value."""
    if operator == "*":
        return Index(start, end, value, Literal(start, end, 0))
    number = value.value if isinstance(value, Literal) else None
    if operator == "-" and isinstance(number, (int, float)) and not isinstance(number, bool):
        return Literal(start, end, -number if number <= 1 << 63 else float(-number))
    if operator == "!":
        return Op(start, end, OpKind.NOT, "!", (value,))
    return Op(start, end, OpKind.OTHER if operator in ("&", "^") else OpKind.ARITH, operator, (value,))


def _postfix(unit: Unit, node: Node) -> Expr:
    operator, operand = _operator(node)
    if operand is None:
        return unit.opaque(node)
    return unit.expr(operand) if operator == "!" else _step(unit, node, operator, operand)


def _step(unit: Unit, node: Node, operator: str, operand: Node) -> Expr:
    start, end = node.start_byte, node.end_byte
    target, body = settled(unit, unit.expr(unwrap(operand)))
    if target is None:
        return Opaque(start, end, node.type, body)
    value = Op(start, end, OpKind.ARITH, operator[:1] or "+", (target, Literal(start, end, 1)))
    return after(body, Assign(start, end, value, target, How.UPDATE))


def _conditional(unit: Unit, node: Node) -> Expr:
    arms: list[tuple[int, Expr, Expr]] = []
    result: Expr | None = None
    last: Node | None = node
    while last is not None and last.type == "conditional_expression":
        condition, then = last.child_by_field_name("condition"), last.child_by_field_name("consequence")
        if condition is None or then is None:
            break
        if unit.depth + len(arms) >= MAX_DEPTH:
            result = unit.too_deep(last)
            break
        if last is not node:
            unit.keep_errors(last)
        arms.append((last.start_byte, unit.expr(condition), unit.expr(then)))
        last = last.child_by_field_name("alternative")
    if last is None or last is node:
        return unit.opaque(node)
    if result is None:
        result = unit.expr(last)
    for start, condition_value, then_value in reversed(arms):
        result = Choice(start, node.end_byte, condition_value, then_value, result)
    return result


def _is_pattern(unit: Unit, node: Node) -> Expr:
    left, pattern = node.child_by_field_name("expression"), node.child_by_field_name("pattern")
    if left is None or pattern is None:
        return unit.opaque(node)
    return pattern_test(unit, pattern, unit.expr(left), node)


def _is_type(unit: Unit, node: Node) -> Expr:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return unit.opaque(node)
    return type_test(unit, node, unit.expr(left), right)


def _assignment(unit: Unit, node: Node) -> Expr:
    return assignment(unit, node)


OPERATORS: dict[str, ExprHandler] = {
    "binary_expression": _binary,
    "prefix_unary_expression": _prefix,
    "unary_expression": _prefix,
    "postfix_unary_expression": _postfix,
    "assignment_expression": _assignment,
    "conditional_expression": _conditional,
    "is_pattern_expression": _is_pattern,
    "is_expression": _is_type,
}
