"""Statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.java.branches import Arm, chain
from lmi_lint.frontends.java.expressions import arguments, initial
from lmi_lint.frontends.java.switches import switch_statement
from lmi_lint.frontends.java.types import declared_type, modifiers, type_list, with_dimensions
from lmi_lint.frontends.java.unit import COMMENTS
from lmi_lint.ir.nodes import (
    Arg,
    Assign,
    Block,
    BlockStmt,
    Call,
    Declare,
    DeclareKind,
    Do,
    Expr,
    Flags,
    Handler,
    If,
    Jump,
    JumpKind,
    Loop,
    Name,
    Op,
    OpKind,
    Raise,
    Return,
    Scoped,
    ScopedKind,
    Sequence,
    Stmt,
    Super,
    This,
    Try,
    TypeRef,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.java.unit import StmtHandler, Unit


_LOOPS = frozenset({"while_statement", "do_statement", "for_statement", "enhanced_for_statement"})


def _first(node: Node) -> Node | None:
    """The first child with content."""
    return next((child for child in node.named_children if child.type not in COMMENTS and not child.is_error), None)


def _expression(unit: Unit, node: Node, out: list[Stmt]) -> None:
    value = _first(node)
    if value is None:
        return
    if value.type == "switch_expression":
        switch_statement(unit, value, out)
    else:
        out.append(Do(node.start_byte, node.end_byte, unit.full(value)))


def _block(unit: Unit, node: Node, out: list[Stmt]) -> None:
    out.append(BlockStmt(node.start_byte, node.end_byte, unit.block(node)))


def _local(unit: Unit, node: Node, out: list[Stmt]) -> None:
    flags, _ = modifiers(unit, node)
    final = Flags.FINAL in flags
    kind = DeclareKind.CONST if final else DeclareKind.LET
    base = declared_type(unit, node.child_by_field_name("type"))
    for child in node.children_by_field_name("declarator"):
        name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
        written = with_dimensions(base, child.child_by_field_name("dimensions"))
        init: Expr | None = None
        if value is not None:
            init = initial(unit, value, written) if value.type == "array_initializer" else unit.full(value)
        if name is None or unit.text(name) in ("_", ""):
            if init is not None:
                out.append(Do(child.start_byte, child.end_byte, init))
            continue
        unit.note_type(unit.text(name), written)
        out.append(Declare(child.start_byte, child.end_byte, unit.text(name), written, init, kind, not final))


def _condition(unit: Unit, node: Node | None) -> tuple[Expr | None, list[Declare]]:
    return (None, []) if node is None else unit.hoisted(node)


def _if(unit: Unit, node: Node, out: list[Stmt]) -> None:
    """An ``if`` with all its ``else if``, taken along the chain."""
    arms: list[Arm] = []
    default: Block = ()
    last: Node | None = node
    outlives = False
    while last is not None and last.type == "if_statement":
        condition = last.child_by_field_name("condition")
        test, declares = _condition(unit, condition)
        if last is not node:
            unit.keep_errors(last)
        if test is None:
            out.append(unit.opaque(last))
            break
        outlives = outlives or (not arms and bool(declares) and _negated(unit, condition))
        then = unit.block(last.child_by_field_name("consequence"))
        arms.append(Arm(last.start_byte, test, tuple(declares), then))
        following = last.child_by_field_name("alternative")
        if following is not None and following.type != "if_statement":
            default = unit.block(following)
        last = following
    _place(node, chain(unit, arms, default, node.end_byte), outlives, out)


def _negated(unit: Unit, condition: Node | None) -> bool:
    """Whether a pattern variable may outlive the statement, as it does in ``if (!(o instanceof T t)) return;``."""
    return condition is not None and b"!" in unit.data[condition.start_byte : condition.end_byte]


def _place(node: Node, stmts: list[Stmt], outlives: bool, out: list[Stmt]) -> None:
    """Append statements; those that declare names only for themselves get a scope of their own."""
    if not outlives and any(isinstance(stmt, Declare) for stmt in stmts):
        out.append(BlockStmt(node.start_byte, node.end_byte, tuple(stmts)))
    else:
        out.extend(stmts)


def _loop_body(unit: Unit, node: Node | None) -> tuple[Block, str | None]:
    """A loop's body, and the label that the loop was given."""
    frame = unit.frame
    label, frame.label = frame.label, None
    breaks, frame.breaks = frame.breaks, None
    body = unit.block(node)
    frame.breaks = breaks
    return body, label


def _while(unit: Unit, node: Node, out: list[Stmt]) -> None:
    condition = node.child_by_field_name("condition")
    test, declares = _condition(unit, condition)
    body, label = _loop_body(unit, node.child_by_field_name("body"))
    loop = Loop(node.start_byte, node.end_byte, None, None, test, body, label=label)
    _place(node, [*declares, loop], _negated(unit, condition), out)


def _do(unit: Unit, node: Node, out: list[Stmt]) -> None:
    body, label = _loop_body(unit, node.child_by_field_name("body"))
    test, declares = _condition(unit, node.child_by_field_name("condition"))
    loop = Loop(node.start_byte, node.end_byte, None, None, test, body, at_least_once=True, label=label)
    _place(node, [*declares, loop], False, out)


def _for(unit: Unit, node: Node, out: list[Stmt]) -> None:
    label, unit.frame.label = unit.frame.label, None
    stmts: list[Stmt] = []
    for init in node.children_by_field_name("init"):
        if init.type == "local_variable_declaration":
            unit.stmt(init, stmts)
        else:
            stmts.append(Do(init.start_byte, init.end_byte, unit.full(init)))
    test, declares = _condition(unit, node.child_by_field_name("condition"))
    unit.frame.label = label
    body, label = _loop_body(unit, node.child_by_field_name("body"))
    updates = [unit.full(update) for update in node.children_by_field_name("update")]
    loop = Loop(node.start_byte, node.end_byte, None, None, test, body, _all(updates), label=label)
    _place(node, [*stmts, *declares, loop], False, out)


def _all(values: list[Expr]) -> Expr | None:
    if len(values) < 2:
        return values[0] if values else None
    effects = tuple(Do(value.start, value.end, value) for value in values[:-1])
    return Sequence(values[0].start, values[-1].end, effects, values[-1])


def _for_each(unit: Unit, node: Node, out: list[Stmt]) -> None:
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is None or value is None:
        out.append(unit.opaque(node))
        return
    label, unit.frame.label = unit.frame.label, None
    iterates = unit.full(value)
    flags, _ = modifiers(unit, node)
    target = unit.name(name)
    declared = declared_type(unit, node.child_by_field_name("type"))
    unit.note_type(target.id, declared)
    unit.frame.label = label
    body, label = _loop_body(unit, node.child_by_field_name("body"))
    declares = DeclareKind.CONST if Flags.FINAL in flags else DeclareKind.LET
    span = (node.start_byte, node.end_byte)
    out.append(Loop(*span, iterates, target, None, body, declares=declares, label=label, type=declared))


def _labeled(unit: Unit, node: Node, out: list[Stmt]) -> None:
    parts = [child for child in node.named_children if child.type not in COMMENTS]
    if len(parts) < 2:
        out.append(unit.opaque(node))
        return
    unit.frame.label = unit.text(parts[0]) if parts[1].type in _LOOPS else None
    unit.stmt(parts[1], out)
    unit.frame.label = None


def _break(unit: Unit, node: Node, out: list[Stmt]) -> None:
    name = _first(node)
    label = unit.frame.breaks if name is None else unit.text(name)
    out.append(Jump(node.start_byte, node.end_byte, JumpKind.BREAK, label))


def _continue(unit: Unit, node: Node, out: list[Stmt]) -> None:
    name = _first(node)
    label = None if name is None else unit.text(name)
    out.append(Jump(node.start_byte, node.end_byte, JumpKind.CONTINUE, label))


def _return(unit: Unit, node: Node, out: list[Stmt]) -> None:
    value = _first(node)
    out.append(Return(node.start_byte, node.end_byte, None if value is None else unit.full(value)))


def _yield(unit: Unit, node: Node, out: list[Stmt]) -> None:
    """``yield v`` assigns the switch expression's result and leaves the arm."""
    value = _first(node)
    start, end = node.start_byte, node.end_byte
    result = unit.frame.result
    if value is None or result is None:
        out.append(unit.opaque(node))
        return
    out.append(Do(start, end, Assign(start, end, unit.full(value), Name(start, end, result))))
    out.append(Jump(start, end, JumpKind.BREAK, "switch"))


def _throw(unit: Unit, node: Node, out: list[Stmt]) -> None:
    value = _first(node)
    out.append(Raise(node.start_byte, node.end_byte, None if value is None else unit.full(value)))


def _assert(unit: Unit, node: Node, out: list[Stmt]) -> None:
    parts = [child for child in node.named_children if child.type not in COMMENTS and not child.is_error]
    if not parts:
        out.append(unit.opaque(node))
        return
    start, end = node.start_byte, node.end_byte
    test, declares = unit.hoisted(parts[0])
    message = unit.full(parts[1]) if len(parts) > 1 else None
    failed = Op(test.start, test.end, OpKind.NOT, "!", (test,))
    out.extend(declares)
    out.append(If(start, end, failed, (Raise(start, end, message),)))


def _synchronized(unit: Unit, node: Node, out: list[Stmt]) -> None:
    lock = next((child for child in node.named_children if child.type == "parenthesized_expression"), None)
    body = node.child_by_field_name("body")
    if lock is None or body is None:
        out.append(unit.opaque(node))
        return
    resource = unit.full(lock)
    out.append(Scoped(node.start_byte, node.end_byte, resource, None, unit.block(body), ScopedKind.MONITOR))


def _try(unit: Unit, node: Node, out: list[Stmt]) -> None:
    """Resources are nested ``Scoped`` inside the ``Try``: closed before a handler runs."""
    handlers: list[Handler] = []
    final: Block = ()
    start, end = node.start_byte, node.end_byte
    resources = node.child_by_field_name("resources")
    held = _resources(unit, resources)
    body_node = node.child_by_field_name("body")
    body = unit.block(body_node)
    body_end = body_node.end_byte if body_node is not None else end
    for at, name, resource, declared in reversed(held):
        body = (Scoped(at, body_end, resource, name, body, ScopedKind.USING, type=declared),)
    for child in node.named_children:
        if child.type == "catch_clause":
            handlers.append(_handler(unit, child))
        elif child.type == "finally_clause":
            final = unit.block(next((part for part in child.named_children if part.type == "block"), None))
    if held and not handlers and not final:
        out.extend(body)
    else:
        out.append(Try(start, end, body, tuple(handlers), (), final))


def _resources(unit: Unit, node: Node | None) -> list[tuple[int, str | None, Expr, TypeRef | None]]:
    found: list[tuple[int, str | None, Expr, TypeRef | None]] = []
    for child in node.named_children if node is not None else ():
        if child.type != "resource":
            continue
        name, value = child.child_by_field_name("name"), child.child_by_field_name("value") or _first(child)
        if value is None:
            continue
        written = unit.text(name) if name is not None else None
        declared = declared_type(unit, child.child_by_field_name("type"))
        found.append((child.start_byte, written if written not in ("_", "") else None, unit.full(value), declared))
    return found


def _handler(unit: Unit, node: Node) -> Handler:
    name: str | None = None
    caught: TypeRef | None = None
    for child in node.named_children:
        if child.type == "catch_formal_parameter":
            name_node = child.child_by_field_name("name")
            name = unit.text(name_node) if name_node is not None else None
            for part in child.named_children:
                if part.type == "catch_type":
                    caught = _alternatives(part, type_list(unit, part))
    unit.keep_errors(node)
    body = unit.block(node.child_by_field_name("body"))
    return Handler(node.start_byte, node.end_byte, name if name not in ("_", "") else None, caught, body)


def _alternatives(node: Node, types: tuple[TypeRef, ...]) -> TypeRef | None:
    """The type of ``catch (A | B e)``: named ``|`` with the alternatives as arguments."""
    if len(types) < 2:
        return types[0] if types else None
    return TypeRef(node.start_byte, node.end_byte, "|", types)


def _constructor_call(unit: Unit, node: Node, out: list[Stmt]) -> None:
    """``this(…)``, ``super(…)``; the outer instance of ``outer.super(…)`` is passed first, as it is by the compiler."""
    constructor = node.child_by_field_name("constructor")
    outer = node.child_by_field_name("object")
    if constructor is None:
        out.append(unit.opaque(node))
        return
    start, end = constructor.start_byte, constructor.end_byte
    callee = This(start, end) if constructor.type == "this" else Super(start, end)
    args = arguments(unit, node.child_by_field_name("arguments"))
    if outer is not None:
        args = (Arg(outer.start_byte, outer.end_byte, unit.full(outer)), *args)
    out.append(Do(node.start_byte, node.end_byte, Call(node.start_byte, node.end_byte, callee, args)))


STATEMENTS: dict[str, StmtHandler] = {
    "expression_statement": _expression,
    "block": _block,
    "constructor_body": _block,
    "local_variable_declaration": _local,
    "if_statement": _if,
    "while_statement": _while,
    "do_statement": _do,
    "for_statement": _for,
    "enhanced_for_statement": _for_each,
    "labeled_statement": _labeled,
    "break_statement": _break,
    "continue_statement": _continue,
    "return_statement": _return,
    "yield_statement": _yield,
    "throw_statement": _throw,
    "assert_statement": _assert,
    "synchronized_statement": _synchronized,
    "try_statement": _try,
    "try_with_resources_statement": _try,
    "switch_expression": switch_statement,
    "explicit_constructor_invocation": _constructor_call,
}
