"""Operators, text building, assignments, tests of type."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lmi_lint.frontends.java.patterns import type_test
from lmi_lint.frontends.java.unit import LINKS_PER_NAME
from lmi_lint.frontends.treesitter import MAX_DEPTH
from lmi_lint.ir.nodes import (
    Assign,
    Call,
    Choice,
    Closure,
    Declare,
    Expr,
    How,
    Index,
    Literal,
    Member,
    Name,
    Op,
    Opaque,
    OpKind,
    Sequence,
    Stmt,
    Template,
    This,
    walk,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.java.unit import ExprHandler, Unit

_COMPARES = frozenset({"==", "!=", "<", ">", "<=", ">="})
_EFFECTS = (Call, Assign, Choice, Closure, Sequence, Opaque)
_TEXT_METHODS = frozenset({"toString", "String.format", "String.valueOf", "String.join"})


def is_text(unit: Unit, value: Expr, node: Node | None = None) -> bool:
    """Whether a value is known to be text. ``node`` tells a character from a string."""
    if isinstance(value, Template):
        return True
    if isinstance(value, Literal):
        return isinstance(value.value, str) and (node is None or unwrap(node).type == "string_literal")
    if isinstance(value, Name):
        return value.id in unit.frame.textual
    if isinstance(value, Member):
        return isinstance(value.base, This) and unit.klass is not None and value.name in unit.klass.textual
    if isinstance(value, Call) and not value.new and isinstance(value.callee, Member):
        callee = value.callee
        qualified = f"{callee.base.id}.{callee.name}" if isinstance(callee.base, Name) else callee.name
        return callee.name == "toString" or qualified in _TEXT_METHODS
    return False


def unwrap(node: Node) -> Node:
    """The node inside any parentheses."""
    while node.type == "parenthesized_expression":
        inner = next((c for c in node.named_children if not c.is_extra), None)
        if inner is None:
            return node
        node = inner
    return node


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
        if self.operator in ("&&", "||"):
            return logic(self.operator == "&&", operands)
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
    if operator != run.operator or operator in _COMPARES:
        run.operands = _parts(run, operator, end)
        run.depth += 1
        run.operator = operator
    if operator == "text" and isinstance(right, Template):
        run.operands.extend(right.parts)
    else:
        run.operands.append(right)


def _parts(run: _Run, operator: str, end: int) -> list[Expr]:
    closed = run.close(end)
    return list(closed.parts) if operator == "text" and isinstance(closed, Template) else [closed]


def _unary(unit: Unit, node: Node) -> Expr:
    operator_node, operand_node = node.child_by_field_name("operator"), node.child_by_field_name("operand")
    if operator_node is None or operand_node is None:
        return unit.opaque(node)
    start, end = node.start_byte, node.end_byte
    operator = operator_node.type
    value = unit.expr(operand_node)
    number = value.value if isinstance(value, Literal) else None
    if operator == "-" and isinstance(number, (int, float)) and not isinstance(number, bool):
        return Literal(start, end, -number if number <= 1 << 63 else float(-number))
    kind = OpKind.NOT if operator == "!" else OpKind.ARITH
    return Op(start, end, kind, operator, (value,))


def _update(unit: Unit, node: Node) -> Expr:
    start, end = node.start_byte, node.end_byte
    operator, operand = "+", None
    for child in node.children:
        if child.type in ("++", "--"):
            operator = child.type[0]
        elif child.is_named and not child.is_extra:
            operand = child
    if operand is None:
        return unit.opaque(node)
    target, body = _settled(unit, unit.expr(unwrap(operand)))
    if target is None:
        return Opaque(start, end, node.type, body)
    value = Op(start, end, OpKind.ARITH, operator, (target, Literal(start, end, 1)))
    return _after(body, Assign(start, end, value, target, How.UPDATE))


def _assignment(unit: Unit, node: Node) -> Expr:
    left, operator_node = node.child_by_field_name("left"), node.child_by_field_name("operator")
    right_node = node.child_by_field_name("right")
    if left is None or right_node is None or operator_node is None:
        return unit.opaque(node)
    start, end = node.start_byte, node.end_byte
    written = unit.expr(unwrap(left))
    operator = operator_node.type.removesuffix("=")
    if not operator:
        return Assign(start, end, unit.expr(right_node), _as_target(written))
    target, body = _settled(unit, written)
    right = unit.expr(right_node)
    if target is None:
        return Opaque(start, end, node.type, (*body, right))
    value: Expr
    if operator == "+" and (is_text(unit, right, right_node) or is_text(unit, target)):
        more = right.parts if isinstance(right, Template) else (right,)
        value = Template(start, end, (target, *more))
    else:
        value = Op(start, end, OpKind.ARITH, operator, (target, right))
    return _after(body, Assign(start, end, value, target, How.UPDATE))


def has_effect(value: Expr) -> bool:
    """Whether evaluating a value may do more than read."""
    return any(isinstance(part, _EFFECTS) for part in walk(value))


def _settled(unit: Unit, value: Expr) -> tuple[Name | Member | Index | None, tuple[Expr | Stmt, ...]]:
    """A target that can be evaluated twice, and the statements that first name its parts with effects.

    None for what cannot be assigned to, with the value in the place of the statements.
    """
    body: list[Stmt] = []
    if isinstance(value, Member):
        return Member(value.start, value.end, _named(unit, value.base, body), value.name), tuple(body)
    if isinstance(value, Index):
        base = _named(unit, value.base, body)
        return Index(value.start, value.end, base, _named(unit, value.key, body)), tuple(body)
    return (value, ()) if isinstance(value, Name) else (None, (value,))


def _named(unit: Unit, value: Expr, body: list[Stmt]) -> Expr:
    if not has_effect(value):
        return value
    name = unit.fresh()
    body.append(Declare(value.start, value.end, name, None, value))
    return Name(value.start, value.end, name)


def _after(body: tuple[Expr | Stmt, ...], value: Expr) -> Expr:
    return Sequence(value.start, value.end, cast("tuple[Stmt, ...]", body), value) if body else value


def _as_target(value: Expr) -> Name | Member | Index | Opaque:
    """What an assignment may write; anything else is kept as an ``Opaque``."""
    if isinstance(value, (Name, Member, Index, Opaque)):
        return value
    return Opaque(value.start, value.end, "assignment target", (value,))


def _ternary(unit: Unit, node: Node) -> Expr:
    arms: list[tuple[int, Expr, Expr]] = []
    result: Expr | None = None
    last: Node | None = node
    while last is not None and last.type == "ternary_expression":
        condition, then = last.child_by_field_name("condition"), last.child_by_field_name("consequence")
        if condition is None or then is None:
            break
        if unit.depth + len(arms) >= MAX_DEPTH:
            result = unit.too_deep(last)
            break
        arms.append((last.start_byte, unit.expr(condition), unit.expr(then)))
        last = last.child_by_field_name("alternative")
    if last is None or last is node:
        return unit.opaque(node)
    if result is None:
        result = unit.expr(last)
    for start, condition_value, then_value in reversed(arms):
        result = Choice(start, node.end_byte, condition_value, then_value, result)
    return result


def _instanceof(unit: Unit, node: Node) -> Expr:
    left = node.child_by_field_name("left")
    if left is None:
        return unit.opaque(node)
    return type_test(unit, node, unit.expr(left))


OPERATORS: dict[str, ExprHandler] = {
    "binary_expression": _binary,
    "unary_expression": _unary,
    "update_expression": _update,
    "assignment_expression": _assignment,
    "ternary_expression": _ternary,
    "instanceof_expression": _instanceof,
}
