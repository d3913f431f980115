"""``switch`` → a chain of ``If``.

Arms that fall through into each other form one group: ``case 1: A; case 2: B; break`` becomes
``if (x === 1 || x === 2) { if (x === 1) A; B }``. Nothing is lowered twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.frontends.javascript.context import COMMENTS, Lowering, real
from lmi_lint.frontends.javascript.operators import choice
from lmi_lint.ir import nodes as ir

if TYPE_CHECKING:
    from tree_sitter import Node

_LONG = 60
"""Groups that are nested as else-branches; those after stand side by side, each under its own test.
Also the arms of one group that keep tests of their own."""


class _Arm(Struct, frozen=True):
    """``tests`` are the labels that lead here, ``is_default`` among them; ``body`` ends without its break."""

    start: int
    end: int
    tests: tuple[ir.Expr, ...]
    is_default: bool
    body: ir.Block


def switch(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """Lower a whole ``switch``."""
    start, end = node.start_byte, node.end_byte
    written = node.child_by_field_name("body")
    cases = [] if written is None else real(written.named_children)
    levels = min(len(cases), _LONG)
    if not low.descend(levels):
        out.append(low.too_deep(node))
        return
    subject = low.field(node, "value")
    body: list[ir.Stmt] = []
    if not isinstance(subject, ir.Name | ir.Literal):
        name = low.temporary()
        body.append(ir.Declare(subject.start, subject.end, name, None, subject, ir.DeclareKind.CONST, False))
        subject = ir.Name(subject.start, subject.end, name)
    low.frame.breaks.append("switch")
    groups = _groups(low, node, cases, subject)
    low.frame.breaks.pop()
    low.ascend(levels)
    body.extend(_chain(groups))
    out.append(ir.BlockStmt(start, end, tuple(body)))


def _groups(low: Lowering, node: Node, cases: list[Node], subject: ir.Expr) -> list[list[_Arm]]:
    """The arms in order, those that fall through together."""
    groups: list[list[_Arm]] = []
    tests: list[ir.Expr] = []
    is_default, is_open = False, False
    for case in cases:
        if case.type == "switch_case":
            value = case.child_by_field_name("value")
            label = low.missing(case) if value is None else low.expr(value)
            tests.append(ir.Op(label.start, label.end, ir.OpKind.COMPARE, "===", (subject, label)))
        elif case.type == "switch_default":
            is_default = True
        statements = [child for child in case.children_by_field_name("body") if child.type not in COMMENTS]
        if case.type == "ERROR":
            statements = [case]
        if not statements:
            continue
        body, falls = _without_break(low.block(statements))
        arm = _Arm(case.start_byte, case.end_byte, tuple(tests), is_default, body)
        tests, is_default = [], False
        if is_open:
            groups[-1].append(arm)
        else:
            groups.append([arm])
        is_open = falls
    if tests or is_default:
        groups.append([_Arm(node.start_byte, node.end_byte, tuple(tests), is_default, ())])
    return groups


def _without_break(body: ir.Block) -> tuple[ir.Block, bool]:
    """The body without the break that ends it, and whether control falls out of its end."""
    last = body[-1] if body else None
    if isinstance(last, ir.Jump) and last.label == "switch":
        return body[:-1], False
    if isinstance(last, ir.BlockStmt):
        inner, falls = _without_break(last.body)
        return (*body[:-1], ir.BlockStmt(last.start, last.end, inner)), falls
    return body, not (last is not None and _leaves(last))


def _leaves(statement: ir.Stmt) -> bool:
    if isinstance(statement, ir.If):
        return (
            bool(statement.then and statement.orelse) and _leaves(statement.then[-1]) and _leaves(statement.orelse[-1])
        )
    if isinstance(statement, ir.Try):
        bodies = [statement.body, *[handler.body for handler in statement.handlers]]
        return all(body and _leaves(body[-1]) for body in bodies)
    return isinstance(statement, ir.Return | ir.Raise | ir.Jump)


def _chain(groups: list[list[_Arm]]) -> ir.Block:
    usual = [group for group in groups if not any(arm.is_default for arm in group)]
    default = [group for group in groups if any(arm.is_default for arm in group)]
    tail: list[ir.Stmt] = [_if(group, ()) for group in usual[_LONG:]]
    for group in default:
        tail.extend(_body(group))
    chain: ir.Block = tuple(tail)
    for group in reversed(usual[:_LONG]):
        chain = (_if(group, chain),)
    return chain


def _if(group: list[_Arm], orelse: ir.Block) -> ir.If:
    tests = [test for arm in group for test in arm.tests]
    return ir.If(group[0].start, group[-1].end, _any(tests), _body(group), orelse)


def _body(group: list[_Arm]) -> ir.Block:
    """The bodies of a group; all but the last run only if entered at or before them."""
    out: list[ir.Stmt] = []
    entered: list[ir.Expr] = []
    later = [test for arm in group for test in arm.tests]
    has_default = False
    for position, arm in enumerate(group[:-1]):
        if position >= _LONG:
            # The tests of a group grow with the square of its arms: after so many, a body only keeps the group's.
            out.extend(arm.body)
            continue
        entered.extend(arm.tests)
        later = later[len(arm.tests) :]
        has_default = has_default or arm.is_default
        if not has_default:
            out.append(ir.If(arm.start, arm.end, _any(entered), arm.body))
        elif later:
            not_later = ir.Op(arm.start, arm.end, ir.OpKind.NOT, "!", (_any(later),))
            out.append(ir.If(arm.start, arm.end, not_later, arm.body))
        else:
            out.extend(arm.body)
    out.extend(group[-1].body)
    return tuple(out)


def _any(tests: list[ir.Expr]) -> ir.Expr:
    """``a || b || …`` as a shallow tree; a group without a test cannot be entered."""
    if not tests:
        return ir.Literal(0, 0, False)
    if len(tests) == 1:
        return tests[0]
    middle = len(tests) // 2
    left, right = _any(tests[:middle]), _any(tests[middle:])
    return choice(left.start, right.end, "||", left, right)
