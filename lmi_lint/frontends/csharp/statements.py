"""Statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.csharp.assignments import is_text, pattern_of, take_apart, targets_of
from lmi_lint.frontends.csharp.branches import Arm, chain
from lmi_lint.frontends.csharp.creation import initial, value_node
from lmi_lint.frontends.csharp.expressions import expression_statement
from lmi_lint.frontends.csharp.resources import fixed, lock, using
from lmi_lint.frontends.csharp.types import declared_type
from lmi_lint.frontends.csharp.unit import TEXT, parts
from lmi_lint.ir.nodes import (
    Await,
    AwaitKind,
    Block,
    BlockStmt,
    Call,
    Declare,
    DeclareKind,
    Define,
    Do,
    Expr,
    Handler,
    If,
    Jump,
    JumpKind,
    Literal,
    Loop,
    Name,
    Raise,
    Return,
    Sequence,
    Stmt,
    Try,
    TypeRef,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import StmtHandler, Unit

_TUPLES = frozenset({"tuple_pattern", "tuple_expression"})


def _block(unit: Unit, node: Node, out: list[Stmt]) -> None:
    out.append(BlockStmt(node.start_byte, node.end_byte, unit.block(node)))


def _transparent(unit: Unit, node: Node, out: list[Stmt]) -> None:
    """``unsafe``, ``checked``, a label: what stands inside, as it is."""
    inner = parts(node)
    if not inner:
        out.append(unit.opaque(node))
    elif inner[-1].type == "block":
        out.append(BlockStmt(node.start_byte, node.end_byte, unit.block(inner[-1])))
    else:
        unit.stmt(inner[-1], out)


def _empty(_unit: Unit, _node: Node, _out: list[Stmt]) -> None:
    """Nothing to do."""


def _local(unit: Unit, node: Node, out: list[Stmt]) -> None:
    constant = any(child.type == "modifier" and unit.text(child) == "const" for child in node.children)
    for child in node.named_children:
        if child.type == "variable_declaration":
            declare(unit, child, out, constant)


def declare(unit: Unit, node: Node, out: list[Stmt], constant: bool = False) -> None:
    """The locals of a ``variable_declaration``."""
    kind = DeclareKind.CONST if constant else DeclareKind.LET
    written = declared_type(unit, node.child_by_field_name("type"))
    frame = unit.frame
    for child in node.named_children:
        if child.type != "variable_declarator":
            continue
        pending, frame.pending = frame.pending, []
        stmt = _declarator(unit, child, written, kind)
        out.extend(frame.pending)
        out.append(stmt)
        frame.pending = pending
        unit.keep_errors(child)
    unit.keep_errors(node)


def _declarator(unit: Unit, node: Node, written: TypeRef | None, kind: DeclareKind) -> Stmt:
    start, end = node.start_byte, node.end_byte
    name, value = node.child_by_field_name("name"), value_node(node)
    inner = parts(node)
    if name is None and len(inner) > 1 and inner[0].type == "tuple_pattern":
        return Do(start, end, take_apart(unit, node, inner[0], inner[-1]))
    if name is None:
        return unit.opaque(node)
    init: Expr | None = None
    if value is not None:
        init = initial(unit, value, written)
    found = written
    if found is None and init is not None and value is not None:
        if isinstance(init, Call) and init.new:
            found = init.type
        elif is_text(unit, init, value):
            found = TEXT
    unit.note_type(unit.id(name), found)
    return Declare(start, end, unit.id(name), written, init, kind, kind is not DeclareKind.CONST)


# --------------------------------------------------------------------------- branches and loops


def _if(unit: Unit, node: Node, out: list[Stmt]) -> None:
    """An ``if`` with all its ``else if``, taken along the chain; names that the first test gives outlive it."""
    arms: list[Arm] = []
    default: Block = ()
    last: Node | None = node
    while last is not None and last.type == "if_statement":
        condition = last.child_by_field_name("condition")
        if last is not node:
            unit.keep_errors(last)
        if condition is None:
            out.append(unit.opaque(last))
            break
        test, declares = unit.hoisted(condition)
        then = unit.block(last.child_by_field_name("consequence"))
        arms.append(Arm(last.start_byte, test, tuple(declares), then))
        following = last.child_by_field_name("alternative")
        if following is not None and following.type != "if_statement":
            default = unit.block(following)
        last = following
    out.extend(chain(unit, arms, default, node.end_byte))


def _place(node: Node, stmts: list[Stmt], out: list[Stmt]) -> None:
    """Append statements; those that declare names for themselves get a scope of their own."""
    if any(isinstance(stmt, Declare) for stmt in stmts):
        out.append(BlockStmt(node.start_byte, node.end_byte, tuple(stmts)))
    else:
        out.extend(stmts)


def _loop_body(unit: Unit, node: Node | None) -> Block:
    frame = unit.frame
    breaks, frame.breaks = frame.breaks, None
    body = unit.block(node)
    frame.breaks = breaks
    return body


def _condition(unit: Unit, node: Node) -> tuple[Expr | None, list[Declare]]:
    condition = node.child_by_field_name("condition")
    return (None, []) if condition is None else unit.hoisted(condition)


def _while(unit: Unit, node: Node, out: list[Stmt]) -> None:
    test, declares = _condition(unit, node)
    body = _loop_body(unit, node.child_by_field_name("body"))
    _place(node, [*declares, Loop(node.start_byte, node.end_byte, None, None, test, body)], out)


def _do(unit: Unit, node: Node, out: list[Stmt]) -> None:
    body = _loop_body(unit, node.child_by_field_name("body"))
    test, declares = _condition(unit, node)
    loop = Loop(node.start_byte, node.end_byte, None, None, test, body, at_least_once=True)
    _place(node, [*declares, loop], out)


def _for(unit: Unit, node: Node, out: list[Stmt]) -> None:
    stmts: list[Stmt] = []
    for init in node.children_by_field_name("initializer"):
        if init.type == "variable_declaration":
            declare(unit, init, stmts)
        elif init.is_named:
            stmts.append(Do(init.start_byte, init.end_byte, unit.full(init)))
    test, declares = _condition(unit, node)
    body = _loop_body(unit, node.child_by_field_name("body"))
    updates = [unit.full(update) for update in node.children_by_field_name("update") if update.is_named]
    loop = Loop(node.start_byte, node.end_byte, None, None, test, body, _all(updates))
    _place(node, [*stmts, *declares, loop], out)


def _all(values: list[Expr]) -> Expr | None:
    if len(values) < 2:
        return values[0] if values else None
    effects = tuple([Do(value.start, value.end, value) for value in values[:-1]])
    return Sequence(values[0].start, values[-1].end, effects, values[-1])


def _for_each(unit: Unit, node: Node, out: list[Stmt]) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        out.append(unit.opaque(node))
        return
    start, end = node.start_byte, node.end_byte
    iterates, declares = unit.hoisted(right)
    suspends = any(child.type == "await" for child in node.children)
    first: tuple[Stmt, ...] = ()
    if suspends:
        unit.frame.awaits = True
        first = (Do(right.start_byte, right.end_byte, Await(start, right.end_byte, None, AwaitKind.FOR_AWAIT)),)
    targets: list[Declare] = []
    target = (
        pattern_of(left, targets_of(unit, left, targets))
        if left.type in _TUPLES
        else _loop_name(unit, left, node.child_by_field_name("type"))
    )
    body = (*first, *_loop_body(unit, node.child_by_field_name("body")))
    loop = Loop(start, end, iterates, target, None, body, declares=DeclareKind.LET)
    _place(node, [*declares, loop], out)


def _loop_name(unit: Unit, node: Node, written: Node | None) -> Name:
    target = unit.name(node)
    unit.note_type(target.id, declared_type(unit, written))
    return target


# --------------------------------------------------------------------------- jumps


def _break(unit: Unit, node: Node, out: list[Stmt]) -> None:
    out.append(Jump(node.start_byte, node.end_byte, JumpKind.BREAK, unit.frame.breaks))


def _continue(_unit: Unit, node: Node, out: list[Stmt]) -> None:
    out.append(Jump(node.start_byte, node.end_byte, JumpKind.CONTINUE))


def _value(unit: Unit, node: Node, written: TypeRef | None, out: list[Stmt]) -> Expr | None:
    """The value of a ``return``, ``throw`` or ``yield``; the names that it declares are declared before it."""
    inner = parts(node)
    if not inner:
        return None
    frame = unit.frame
    pending, frame.pending = frame.pending, []
    value = initial(unit, inner[-1], written)
    out.extend(frame.pending)
    frame.pending = pending
    return value


def _return(unit: Unit, node: Node, out: list[Stmt]) -> None:
    value = _value(unit, node, unit.frame.returns, out)
    out.append(Return(node.start_byte, node.end_byte, value))


def _throw(unit: Unit, node: Node, out: list[Stmt]) -> None:
    value = _value(unit, node, None, out)
    out.append(Raise(node.start_byte, node.end_byte, value))


def _yield(unit: Unit, node: Node, out: list[Stmt]) -> None:
    start, end = node.start_byte, node.end_byte
    unit.frame.yields = True
    if any(child.type == "break" for child in node.children):
        out.append(Return(start, end, None))
        return
    value = _value(unit, node, None, out)
    out.append(Do(start, end, Await(start, end, value, AwaitKind.YIELD)))


# --------------------------------------------------------------------------- exceptions


def _try(unit: Unit, node: Node, out: list[Stmt]) -> None:
    handlers: list[Handler] = []
    final: Block = ()
    body = unit.block(node.child_by_field_name("body"))
    for child in node.named_children:
        if child.type == "catch_clause":
            handlers.append(_handler(unit, child))
        elif child.type == "finally_clause":
            final = unit.block(next((part for part in child.named_children if part.type == "block"), None))
            unit.keep_errors(child)
    out.append(Try(node.start_byte, node.end_byte, body, tuple(handlers), (), final))


def _handler(unit: Unit, node: Node) -> Handler:
    """A ``catch``; a filter that does not hold throws on."""
    name: str | None = None
    caught: TypeRef | None = None
    condition: Node | None = None
    for child in node.named_children:
        if child.type == "catch_declaration":
            caught = declared_type(unit, child.child_by_field_name("type"))
            written = child.child_by_field_name("name")
            name = unit.id(written) if written is not None else None
            unit.keep_errors(child)
        elif child.type == "catch_filter_clause":
            condition = next(iter(parts(child)), None)
    if name is not None:
        unit.note_type(name, caught)
    start, end = node.start_byte, node.end_byte
    if condition is None:
        body = unit.block(node.child_by_field_name("body"))
    else:
        test, declares = unit.hoisted(condition)
        again = (Raise(condition.start_byte, condition.end_byte, None),)
        body = (*declares, If(start, end, test, unit.block(node.child_by_field_name("body")), again))
    unit.keep_errors(node)
    return Handler(start, end, name, caught, body)


# --------------------------------------------------------------------------- directives


def _conditional(unit: Unit, node: Node, out: list[Stmt]) -> None:
    """``#if`` among statements: branches of an unknown test; in order where they declare names."""
    branches: list[list[Stmt]] = []
    last: Node | None = node
    while last is not None:
        branch: list[Stmt] = []
        condition, following = last.child_by_field_name("condition"), last.child_by_field_name("alternative")
        inner = [child for child in last.named_children if child not in (condition, following)]
        unit.tables.statements_of(unit, inner, branch)
        branches.append(branch)
        last = following
    start, end = node.start_byte, node.end_byte
    if any(isinstance(stmt, (Declare, Define)) for branch in branches for stmt in branch):
        out.extend([stmt for branch in branches for stmt in branch])
        return
    orelse: Block = tuple(branches[-1]) if len(branches) > 1 else ()
    for branch in reversed(branches[:-1] or branches):
        orelse = (If(start, end, Literal(start, end, "#if"), tuple(branch), orelse),)
    out.extend(orelse)


STATEMENTS: dict[str, StmtHandler] = {
    "expression_statement": expression_statement,
    "block": _block,
    "empty_statement": _empty,
    "unsafe_statement": _transparent,
    "checked_statement": _transparent,
    "labeled_statement": _transparent,
    "global_statement": _transparent,
    "local_declaration_statement": _local,
    "if_statement": _if,
    "while_statement": _while,
    "do_statement": _do,
    "for_statement": _for,
    "foreach_statement": _for_each,
    "break_statement": _break,
    "continue_statement": _continue,
    "return_statement": _return,
    "throw_statement": _throw,
    "yield_statement": _yield,
    "try_statement": _try,
    "lock_statement": lock,
    "using_statement": using,
    "fixed_statement": fixed,
    "preproc_if": _conditional,
    "preproc_elif": _conditional,
    "preproc_else": _conditional,
}
