"""``switch`` statements and expressions: a chain of tests on the subject, evaluated once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.csharp.branches import Arm, chain
from lmi_lint.frontends.csharp.creation import initial
from lmi_lint.frontends.csharp.grammar import TRIVIA
from lmi_lint.frontends.csharp.operators import logic
from lmi_lint.frontends.csharp.patterns import pattern_test
from lmi_lint.frontends.csharp.unit import parts
from lmi_lint.ir.nodes import (
    Assign,
    Block,
    BlockStmt,
    Choice,
    Declare,
    Do,
    Expr,
    Jump,
    JumpKind,
    Name,
    Raise,
    Sequence,
    Stmt,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import ExprHandler, StmtHandler, Unit


class _Case:
    """One arm: ``tests`` of its labels, ``default`` if it is the default too, its body."""

    __slots__ = ("body", "declares", "default", "start", "tests")

    def __init__(self, start: int) -> None:
        self.start = start
        self.tests: list[Expr] = []
        self.declares: list[Declare] = []
        self.default = False
        self.body: list[Stmt] = []


def _switch_statement(unit: Unit, node: Node, out: list[Stmt]) -> None:
    value, body = node.child_by_field_name("value"), node.child_by_field_name("body")
    if value is None or body is None:
        out.append(unit.opaque(node))
        return
    subject, stmts = _subject(unit, value)
    frame = unit.frame
    breaks, frame.breaks = frame.breaks, "switch"
    cases: list[_Case] = []
    carried: _Case | None = None
    for child in body.named_children:
        if child.type != "switch_section":
            if child.type not in TRIVIA:
                stmts.append(unit.opaque(child))
            continue
        case = carried or _Case(child.start_byte)
        carried = None
        if _section(unit, child, subject, case):
            cases.append(case)
        else:  # labels without statements belong to the next section
            carried = case
    if carried is not None:
        cases.append(carried)
    frame.breaks = breaks
    stmts.extend(_chained(unit, cases, node.end_byte))
    out.append(BlockStmt(node.start_byte, node.end_byte, tuple(stmts)))


def _subject(unit: Unit, value: Node) -> tuple[Name, list[Stmt]]:
    """The name of a switch's subject, and the statements that evaluate it."""
    subject = Name(value.start_byte, value.end_byte, unit.fresh())
    return subject, [Declare(subject.start, subject.end, subject.id, None, unit.full(value))]


def _section(unit: Unit, node: Node, subject: Name, case: _Case) -> bool:
    """Read one section into ``case``; False if it has no statements."""
    pattern: Node | None = None
    guard: Node | None = None
    stmts: list[Node] = []
    in_label = True
    for child in node.children:
        kind = child.type
        if kind == ":":
            in_label = False
        elif kind == "default":
            case.default = True
        elif kind == "when_clause":
            guard = child
        elif child.is_named and kind not in TRIVIA:
            if in_label and not child.is_error and pattern is None:
                pattern = child
            else:
                stmts.append(child)
    if pattern is not None:
        _label(unit, pattern, guard, subject, case)
    body: list[Stmt] = []
    unit.tables.statements_of(unit, stmts, body)
    case.body = _without_break(body)
    return bool(body)


def _label(unit: Unit, pattern: Node, guard: Node | None, subject: Name, case: _Case) -> None:
    frame = unit.frame
    pending, frame.pending = frame.pending, []
    test = pattern_test(unit, pattern, subject, pattern)
    for condition in parts(guard)[-1:] if guard is not None else ():
        held = unit.expr(condition)
        test = Choice(test.start, held.end, test, held, None)
    case.declares.extend(frame.pending)
    frame.pending = pending
    case.tests.append(test)


def _chained(unit: Unit, cases: list[_Case], end: int) -> list[Stmt]:
    arms: list[Arm] = []
    default: Block = ()
    for case in cases:
        if case.default or not case.tests:
            default = (*case.declares, *case.body)
        else:
            arms.append(Arm(case.start, logic(False, case.tests), tuple(case.declares), tuple(case.body)))
    return chain(unit, arms, default, end)


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


# --------------------------------------------------------------------------- expressions


def _switch_expression(unit: Unit, node: Node) -> Expr:
    """A ``switch`` in the place of a value: its arms assign a result."""
    inner = parts(node)
    if not inner or inner[0].type == "switch_expression_arm":
        return unit.opaque(node)
    start, end = node.start_byte, node.end_byte
    result = unit.fresh()
    frame = unit.frame
    pending, frame.pending = frame.pending, []
    subject, stmts = _subject(unit, inner[0])
    cases: list[_Case] = []
    for child in inner[1:]:
        if child.type == "switch_expression_arm":
            cases.append(_arm(unit, child, subject, result))
        else:
            stmts.append(unit.opaque(child))
    frame.pending = pending
    body = (Declare(start, end, result, None, None), *stmts, *_chained(unit, cases, end))
    return Sequence(start, end, body, Name(start, end, result))


def _arm(unit: Unit, node: Node, subject: Name, result: str) -> _Case:
    case = _Case(node.start_byte)
    inner = parts(node)
    guard = next((child for child in inner if child.type == "when_clause"), None)
    rest = [child for child in inner if child.type != "when_clause"]
    if len(rest) < 2:
        case.body.append(unit.opaque(node))
        return case
    if rest[0].type == "discard" and guard is None:
        case.default = True
    else:
        _label(unit, rest[0], guard, subject, case)
    start, end = node.start_byte, node.end_byte
    value = rest[-1]
    frame = unit.frame
    pending, frame.pending = frame.pending, []
    last: Stmt
    if value.type == "throw_expression":
        thrown = parts(value)
        last = Raise(start, end, unit.expr(thrown[-1]) if thrown else None)
    else:
        last = Do(start, end, Assign(start, end, initial(unit, value, None), Name(start, end, result)))
    case.body.extend(frame.pending)
    frame.pending = pending
    case.body.append(last)
    unit.keep_errors(node)
    return case


SWITCH_STATEMENTS: dict[str, StmtHandler] = {"switch_statement": _switch_statement}
SWITCHES: dict[str, ExprHandler] = {"switch_expression": _switch_expression}
