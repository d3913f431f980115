"""Statements, except declarations of functions and classes, ``switch`` and modules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lmi_lint.frontends.javascript.context import Lowering, real
from lmi_lint.frontends.javascript.expressions import comma_parts
from lmi_lint.frontends.javascript.functions import named_value
from lmi_lint.frontends.javascript.imports import bind_dynamic
from lmi_lint.frontends.javascript.patterns import PATTERNS, declare_names, pattern, target_of
from lmi_lint.frontends.javascript.types import type_ref
from lmi_lint.ir import nodes as ir

if TYPE_CHECKING:
    from tree_sitter import Node

_KINDS = {
    "const": ir.DeclareKind.CONST,
    "let": ir.DeclareKind.LET,
    "var": ir.DeclareKind.VAR,
    "using": ir.DeclareKind.CONST,
}
_LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})


def expression(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """An expression for its effect; a comma operator becomes one statement per operand."""
    if _begins_split_let(low, node):
        low.split_let = True
        return
    declares, low.split_let = low.split_let, False
    for child in real(node.named_children):
        if child.type == "internal_module":  # a top-level namespace, which the grammar takes for an expression
            low.stmt(child, out)
            continue
        for part in comma_parts(child):
            if declares and _declares(low, part, out):
                continue
            out.append(ir.Do(part.start_byte, part.end_byte, low.expr(part)))


def _begins_split_let(low: Lowering, node: Node) -> bool:
    """``let`` at the end of a line, with what it declares on the next: the grammar takes that for two expressions."""
    if node.end_byte - node.start_byte != 3 or low.text(node) != "let":
        return False
    following = node.next_named_sibling
    return following is not None and following.type == "expression_statement"


def _declares(low: Lowering, part: Node, out: list[ir.Stmt]) -> bool:
    """Declare a name that stands after such a ``let``."""
    name = part.child_by_field_name("left") if part.type == "assignment_expression" else part
    if name is None or name.type != "identifier":
        return False
    value = part.child_by_field_name("right") if part is not name else None
    init = None if value is None else named_value(low, value, name)
    out.append(ir.Declare(part.start_byte, part.end_byte, low.text(name), None, init, ir.DeclareKind.LET, True))
    return True


def nothing(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """What has no effect at run time."""


def block(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``{ … }``."""
    out.append(ir.BlockStmt(node.start_byte, node.end_byte, low.block(node.named_children)))


def declaration(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``const``, ``let``, ``var``."""
    keyword = node.children[0].type
    kind = _KINDS.get(keyword, ir.DeclareKind.LET)
    for child in node.named_children:
        if child.type == "variable_declarator":
            _declarator(low, child, kind, out)
        elif child.type == "ERROR":
            out.append(low.opaque(child))


def _declarator(low: Lowering, node: Node, kind: ir.DeclareKind, out: list[ir.Stmt]) -> None:
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    start, end, mutable = node.start_byte, node.end_byte, kind is not ir.DeclareKind.CONST
    if name is None:
        out.append(low.opaque(node))
        return
    if value is not None:
        bind_dynamic(low, name, value)
    if name.type in PATTERNS:
        _take_apart(low, node, name, value, kind, out)
        return
    init = None if value is None else named_value(low, value, name)
    annotation = type_ref(low, node.child_by_field_name("type"))
    out.append(ir.Declare(start, end, low.text(name), annotation, init, kind, mutable))


def _take_apart(
    low: Lowering, node: Node, name: Node, value: Node | None, kind: ir.DeclareKind, out: list[ir.Stmt]
) -> None:
    lowered = low.missing(node) if value is None else low.expr(value)
    target = pattern(low, name)
    declare_names(target, kind, kind is not ir.DeclareKind.CONST, out)
    start, end = node.start_byte, node.end_byte
    out.append(ir.Do(start, end, ir.Assign(start, end, lowered, target)))


# --------------------------------------------------------------------------- branches and jumps


def if_(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``if``/``else``."""
    test = low.field(node, "condition")
    then = low.body(node.child_by_field_name("consequence"))
    alternative = node.child_by_field_name("alternative")
    orelse: ir.Block = ()
    if alternative is not None:
        branches = real(alternative.named_children) if alternative.type == "else_clause" else [alternative]
        orelse = low.body(branches[0]) if branches else ()
    out.append(ir.If(node.start_byte, node.end_byte, test, then, orelse))


def return_(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``return e``."""
    inner = real(node.named_children)
    out.append(ir.Return(node.start_byte, node.end_byte, low.expr(inner[0]) if inner else None))


def throw(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``throw e``."""
    inner = real(node.named_children)
    out.append(ir.Raise(node.start_byte, node.end_byte, low.expr(inner[0]) if inner else None))


def break_(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``break``, ``break label``; inside a switch arm it leaves the switch."""
    label = node.child_by_field_name("label")
    name = None if label is None else low.text(label)
    if name is None and low.frame.breaks and low.frame.breaks[-1] == "switch":
        name = "switch"
    out.append(ir.Jump(node.start_byte, node.end_byte, ir.JumpKind.BREAK, name))


def continue_(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``continue``, ``continue label``."""
    label = node.child_by_field_name("label")
    name = None if label is None else low.text(label)
    out.append(ir.Jump(node.start_byte, node.end_byte, ir.JumpKind.CONTINUE, name))


def labeled(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``name: statement``; a label of anything but a loop remains as the target of its breaks only."""
    label, body = node.child_by_field_name("label"), node.child_by_field_name("body")
    if body is None:
        return
    if body.type in _LOOPS:
        low.label = None if label is None else low.text(label)
        low.stmt(body, out)
        low.label = None
        return
    out.append(ir.BlockStmt(node.start_byte, node.end_byte, low.body(body)))


def try_(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``try``/``catch``/``finally``."""
    body = low.body(node.child_by_field_name("body"))
    handler = node.child_by_field_name("handler")
    handlers = () if handler is None else (_catch(low, handler),)
    finalizer = node.child_by_field_name("finalizer")
    final = () if finalizer is None else low.body(finalizer.child_by_field_name("body"))
    out.append(ir.Try(node.start_byte, node.end_byte, body, handlers, (), final))


def _catch(low: Lowering, node: Node) -> ir.Handler:
    parameter = node.child_by_field_name("parameter")
    annotation = type_ref(low, node.child_by_field_name("type"))
    name: str | None = None
    prologue: list[ir.Stmt] = []
    if parameter is not None and parameter.type in PATTERNS:
        name = low.temporary()
        start, end = parameter.start_byte, parameter.end_byte
        target = pattern(low, parameter)
        declare_names(target, ir.DeclareKind.LET, True, prologue)
        prologue.append(ir.Do(start, end, ir.Assign(start, end, ir.Name(start, end, name), target)))
    elif parameter is not None:
        name = low.text(parameter)
    body = low.body(node.child_by_field_name("body"))
    return ir.Handler(node.start_byte, node.end_byte, name, annotation, tuple(prologue) + body)


# --------------------------------------------------------------------------- loops


def _loop_body(low: Lowering, node: Node) -> ir.Block:
    low.frame.breaks.append("loop")
    lowered = low.body(node.child_by_field_name("body"))
    low.frame.breaks.pop()
    return lowered


def _clause(low: Lowering, node: Node, name: str) -> ir.Expr | None:
    """A condition or increment, which the grammar may wrap in a statement."""
    clause = node.child_by_field_name(name)
    if clause is None or clause.type == "empty_statement":
        return None
    if clause.type == "expression_statement":
        inner = real(clause.named_children)
        return low.expr(inner[0]) if inner else None
    return low.expr(clause)


def while_(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``while``, ``do … while``."""
    label, low.label = low.label, None
    test = low.field(node, "condition")
    body = _loop_body(low, node)
    once = node.type == "do_statement"
    out.append(ir.Loop(node.start_byte, node.end_byte, None, None, test, body, at_least_once=once, label=label))


def for_(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``for (init; test; update)``: a scope around the initialiser and the loop."""
    start, end = node.start_byte, node.end_byte
    label, low.label = low.label, None
    before: list[ir.Stmt] = []
    initializer = node.child_by_field_name("initializer")
    if initializer is not None:
        low.stmt(initializer, before)
    test = _clause(low, node, "condition")
    body = _loop_body(low, node)
    update = _clause(low, node, "increment")
    loop = ir.Loop(start, end, None, None, test, body, update, label=label)
    out.append(ir.BlockStmt(start, end, (*before, loop)) if before else loop)


def for_in(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``for (x of e)``, ``for await``; ``for (k in e)`` iterates the keys, written ``Op("in", e)``."""
    start, end = node.start_byte, node.end_byte
    label, low.label = low.label, None
    iterates = low.field(node, "right")
    words = {child.type for child in node.children if not child.is_named}
    if "in" in words and "of" not in words:
        iterates = ir.Op(iterates.start, iterates.end, ir.OpKind.OTHER, "in", (iterates,))
    left = node.child_by_field_name("left")
    target = low.missing(node) if left is None else target_of(low, left)
    kind = next((_KINDS[word] for word in ("const", "let", "var", "using") if word in words), None)
    body = _loop_body(low, node)
    if "await" in words and "using" not in words:
        body = (ir.Do(start, end, ir.Await(start, end, None, ir.AwaitKind.FOR_AWAIT)), *body)
    if "using" in words and isinstance(target, ir.Name):
        body = (ir.Scoped(start, end, target, None, body, ir.ScopedKind.USING, "await" in words),)
    out.append(ir.Loop(start, end, iterates, target, None, body, declares=kind, label=label))


# --------------------------------------------------------------------------- using


def using(low: Lowering, node: Node, rest: Sequence[Node]) -> ir.Scoped | None:
    """``using x = e`` or ``await using x = e`` with the statements after it; None for any other statement.

    The TypeScript grammar takes them for assignments with a stray keyword.
    """
    found = _using_parts(node)
    if found is None:
        return None
    declarators, suspends = found
    body = rest
    scoped: ir.Scoped | None = None
    for position in range(len(declarators) - 1, -1, -1):
        name, value = declarators[position]
        resource = low.expr(value)
        inner: ir.Block = low.block(body) if scoped is None else (scoped,)
        end = rest[-1].end_byte if rest else node.end_byte
        scoped = ir.Scoped(node.start_byte, end, resource, low.text(name), inner, ir.ScopedKind.USING, suspends)
    return scoped


def _using_parts(node: Node) -> tuple[list[tuple[Node, Node]], bool] | None:
    """The names and values that a ``using`` declares, and whether it awaits."""
    kind = node.type
    if kind == "using_declaration":
        suspends = any(child.type == "await" for child in node.children)
        pairs = [_pair(child, "name", "value") for child in node.named_children if child.type == "variable_declarator"]
        return ([pair for pair in pairs if pair is not None], suspends)
    inner = real(node.named_children) if kind == "expression_statement" else []
    if not inner:
        return None
    value, suspends = inner[0], False
    if value.type == "await_expression" and real(value.named_children):
        value, suspends = real(value.named_children)[0], True
    if value.type != "assignment_expression" or not any(child.type == "using" for child in value.children):
        return None
    pair = _pair(value, "left", "right")
    return ([pair] if pair is not None else [], suspends)


def _pair(node: Node, first: str, second: str) -> tuple[Node, Node] | None:
    one, two = node.child_by_field_name(first), node.child_by_field_name(second)
    return None if one is None or two is None else (one, two)
