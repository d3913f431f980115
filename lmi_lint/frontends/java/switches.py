"""``switch`` statements and expressions: a chain of tests on the subject, evaluated once.

Arms that fall through form a run, whose later bodies are guarded by "an earlier arm of the run or this one matched",
so that no body is written twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.java.branches import Arm, chain
from lmi_lint.frontends.java.operators import logic
from lmi_lint.frontends.java.patterns import constant_test, type_test
from lmi_lint.frontends.java.unit import COMMENTS
from lmi_lint.ir.nodes import (
    Assign,
    Block,
    BlockStmt,
    Choice,
    Declare,
    Do,
    Expr,
    If,
    Jump,
    JumpKind,
    Name,
    Op,
    OpKind,
    Raise,
    Return,
    Sequence,
    Stmt,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.java.unit import ExprHandler, Unit


class _Case:
    """One arm: ``tests`` of its labels, ``default`` if it is the default too, its body, whether it falls through."""

    __slots__ = ("body", "declares", "default", "end", "falls", "start", "tests")

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start
        self.tests: list[Expr] = []
        self.declares: list[Declare] = []
        self.default = False
        self.body: list[Stmt] = []
        self.falls = False


def switch_statement(unit: Unit, node: Node, out: list[Stmt]) -> None:
    """A ``switch`` in the place of a statement."""
    frame = unit.frame
    label, frame.label = frame.label, None
    stmts = _switch(unit, node, None)
    frame.label = label
    out.append(BlockStmt(node.start_byte, node.end_byte, tuple(stmts)))


def _switch_expression(unit: Unit, node: Node) -> Expr:
    """A ``switch`` in the place of a value: its arms assign a result."""
    start, end = node.start_byte, node.end_byte
    frame = unit.frame
    result = unit.fresh()
    outer, frame.result = frame.result, result
    pending, frame.pending = frame.pending, []
    stmts = _switch(unit, node, result)
    frame.result = outer
    frame.pending = pending
    return Sequence(start, end, (Declare(start, end, result, None, None), *stmts), Name(start, end, result))


def _switch(unit: Unit, node: Node, result: str | None) -> list[Stmt]:
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
    if condition is None or body is None:
        return [unit.opaque(node)]
    end = node.end_byte
    value = unit.full(condition)
    subject = Name(condition.start_byte, condition.end_byte, unit.fresh())
    frame = unit.frame
    breaks, frame.breaks = frame.breaks, "switch"
    strays: list[Stmt] = []
    cases = _cases(unit, body, subject, result, strays)
    frame.breaks = breaks
    arms, default = _arms(cases, end)
    return [Declare(subject.start, subject.end, subject.id, None, value), *chain(unit, arms, default, end), *strays]


# --------------------------------------------------------------------------- reading


def _cases(unit: Unit, body: Node, subject: Name, result: str | None, strays: list[Stmt]) -> list[_Case]:
    found: list[_Case] = []
    carried: _Case | None = None
    for child in body.named_children:
        if child.type == "switch_rule":
            found.append(_rule(unit, child, subject, result))
        elif child.type == "switch_block_statement_group":
            case = carried or _Case(child.start_byte)
            carried = None
            _group(unit, child, subject, case)
            if case.falls and not case.body:  # labels without statements belong to the next group
                carried = case
            else:
                found.append(case)
        elif child.type not in COMMENTS:
            strays.append(unit.opaque(child))
    if carried is not None:
        found.append(carried)
    return found


def _group(unit: Unit, node: Node, subject: Name, case: _Case) -> None:
    for child in node.named_children:
        if child.type == "switch_label":
            _label(unit, child, subject, case)
        else:
            unit.stmt(child, case.body)
    case.falls = _completes(case.body)
    case.body = _without_break(case.body)
    case.end = node.end_byte


def _rule(unit: Unit, node: Node, subject: Name, result: str | None) -> _Case:
    case = _Case(node.start_byte)
    case.end = node.end_byte
    for child in node.named_children:
        if child.type == "switch_label":
            _label(unit, child, subject, case)
        elif child.type == "block":
            case.body.extend(unit.block(child))
        elif child.type == "expression_statement" and result is not None:
            _result(unit, child, result, case.body)
        else:
            unit.stmt(child, case.body)
    case.body = _without_break(case.body)
    return case


def _result(unit: Unit, node: Node, result: str, out: list[Stmt]) -> None:
    start, end = node.start_byte, node.end_byte
    for child in node.named_children:
        if child.type not in COMMENTS:
            out.append(Do(start, end, Assign(start, end, unit.full(child), Name(start, end, result))))


def _label(unit: Unit, node: Node, subject: Name, case: _Case) -> None:
    """Add the tests of ``case a, b:``, ``case T t when …``, ``case null, default`` or ``default``."""
    frame = unit.frame
    pending, frame.pending = frame.pending, []
    tests: list[Expr] = []
    guard: Expr | None = None
    for child in node.children:
        kind = child.type
        if kind == "default" or (kind == "identifier" and unit.text(child) == "default"):
            case.default = True
        elif kind == "pattern":
            tests.append(type_test(unit, child, subject))
        elif kind == "guard":
            guard = next((unit.expr(part) for part in child.named_children if part.type not in COMMENTS), None)
        elif kind == "ERROR":
            tests.extend(type_test(unit, part, subject) for part in child.named_children if part.type == "pattern")
        elif child.is_named and kind not in COMMENTS:
            tests.append(constant_test(unit, child, subject))
    case.declares.extend(frame.pending)
    frame.pending = pending
    if guard is not None and tests:
        matched = logic(False, tests)
        tests = [Choice(matched.start, guard.end, matched, guard, None)]
    case.tests.extend(tests)


# --------------------------------------------------------------------------- ends of arms


def _completes(body: list[Stmt]) -> bool:
    """Whether control may reach the end of ``body`` and so fall through."""
    stack: list[Stmt] = body[-1:]
    while stack:
        last = stack.pop()
        if isinstance(last, BlockStmt):
            if not last.body:
                return True
            stack.append(last.body[-1])
        elif isinstance(last, If):
            if not last.then or not last.orelse:
                return True
            stack.extend((last.then[-1], last.orelse[-1]))
        elif not isinstance(last, (Return, Raise, Jump)):
            return True
    return not body


def _without_break(body: list[Stmt]) -> list[Stmt]:
    """``body`` without the ``break`` that ends it, be it in a block."""
    blocks: list[BlockStmt] = []
    inner: Block = tuple(body)
    while inner and isinstance(inner[-1], BlockStmt):
        blocks.append(inner[-1])
        inner = inner[-1].body
    if not (inner and _leaves_switch(inner[-1])):
        return body
    inner = inner[:-1]
    outer = [tuple(body), *(block.body for block in blocks)]
    for block, around in zip(reversed(blocks), reversed(outer[:-1]), strict=True):
        inner = (*around[:-1], BlockStmt(block.start, block.end, inner))
    return list(inner)


def _leaves_switch(stmt: Stmt) -> bool:
    return isinstance(stmt, Jump) and stmt.how is JumpKind.BREAK and stmt.label == "switch"


# --------------------------------------------------------------------------- chaining


def _arms(cases: list[_Case], end: int) -> tuple[list[Arm], Block]:
    """The tested arms in order, and what runs if no test holds."""
    arms: list[Arm] = []
    default: Block = ()
    at = 0
    while at < len(cases):
        stop = at
        while stop < len(cases) - 1 and cases[stop].falls:
            stop += 1
        run = cases[at : stop + 1]
        at = stop + 1
        body = tuple(run[0].body) if len(run) == 1 else _run_body(run, end)
        declares = tuple(declare for case in run for declare in case.declares)
        if any(case.default for case in run):
            default = (*declares, *body)
        else:
            tests = [test for case in run for test in case.tests]
            if tests:
                arms.append(Arm(run[0].start, logic(False, tests), declares, body))
            else:  # a label that was not understood
                default = (*default, *body)
    return arms, default


def _run_body(run: list[_Case], end: int) -> Block:
    out: list[Stmt] = []
    for at, case in enumerate(run):
        test = _reached(run, at)
        if test is None:
            out.extend(case.body)
        elif case.body:
            out.append(If(case.start, end, test, tuple(case.body)))
    return tuple(out)


def _reached(run: list[_Case], at: int) -> Expr | None:
    """Whether arm ``at`` of a run that was entered is reached; None if it always is."""
    later = [test for case in run[at + 1 :] for test in case.tests]
    if at == len(run) - 1:
        return None
    if any(case.default for case in run[: at + 1]):
        if not later:
            return None
        matched = logic(False, later)
        return Op(matched.start, matched.end, OpKind.NOT, "!", (matched,))
    return logic(False, [test for case in run[: at + 1] for test in case.tests])


SWITCHES: dict[str, ExprHandler] = {"switch_expression": _switch_expression}
