"""Statements, except definitions, imports and ``match``."""

from __future__ import annotations

import libcst as cst

from lmi_lint.frontends.python.context import Lowering
from lmi_lint.frontends.python.functions import named_closure
from lmi_lint.frontends.python.operators import OPERATORS, arithmetic
from lmi_lint.frontends.python.targets import target_of
from lmi_lint.frontends.python.types import dotted, type_params, type_ref
from lmi_lint.ir import nodes as ir
from lmi_lint.ir.nodes import AwaitKind, How, JumpKind, ScopedKind

_MADE_BY_RAISE = frozenset({"SystemExit", "KeyboardInterrupt"})
"""Exceptions that end the process: raising the bare class calls it, as the language says for any class."""


def nothing(low: Lowering, node: cst.CSTNode, out: list[ir.Stmt]) -> None:
    """``pass``."""


def expression(low: Lowering, node: cst.Expr, out: list[ir.Stmt]) -> None:
    """An expression for its effect; a lone constant (a docstring, ``...``) has none."""
    value = low.expr(node.value)
    if not isinstance(value, ir.Literal):
        out.append(ir.Do(value.start, value.end, value))


def return_(low: Lowering, node: cst.Return, out: list[ir.Stmt]) -> None:
    """``return e``."""
    out.append(ir.Return(*low.span(node), low.optional(node.value)))


def raise_(low: Lowering, node: cst.Raise, out: list[ir.Stmt]) -> None:
    """``raise e from cause``: a cause that is more than a name is evaluated for its effect."""
    value = low.optional(node.exc)
    if isinstance(value, ir.Name) and value.id in _MADE_BY_RAISE:
        value = ir.Call(value.start, value.end, value, ())
    if node.cause is not None:
        cause = low.expr(node.cause.item)
        if not isinstance(cause, ir.Name | ir.Literal):
            out.append(ir.Do(cause.start, cause.end, cause))
    out.append(ir.Raise(*low.span(node), value))


def assert_(low: Lowering, node: cst.Assert, out: list[ir.Stmt]) -> None:
    """``assert t, m``."""
    start, end = low.span(node)
    test = low.expr(node.test)
    failed = ir.Raise(start, end, low.optional(node.msg))
    out.append(ir.If(start, end, ir.Op(test.start, test.end, ir.OpKind.NOT, "not", (test,)), (failed,)))


def scope(low: Lowering, node: cst.Global | cst.Nonlocal, out: list[ir.Stmt]) -> None:
    """``global a``, ``nonlocal a``."""
    names = tuple([item.name.value for item in node.names])
    for name in names:
        if low.frame.klass is None and name in low.frame.meanings:
            low.frame.rebound.add(name)
    out.append(ir.Scope(*low.span(node), isinstance(node, cst.Global), names))


def delete(low: Lowering, node: cst.Del, out: list[ir.Stmt]) -> None:
    """``del a, b[c]``."""
    targets: list[cst.BaseExpression] = [node.target]
    while targets:
        top = targets.pop()
        if isinstance(top, cst.Tuple | cst.List):
            targets.extend([element.value for element in reversed(top.elements)])
            continue
        target = target_of(low, top)
        value = ir.Assign(target.start, target.end, None, target, How.DELETE)
        out.append(ir.Do(target.start, target.end, value))


# --------------------------------------------------------------------------- assignments


def assign(low: Lowering, node: cst.Assign, out: list[ir.Stmt]) -> None:
    """``a = b = e``, targets from left to right; ``a, b = c, d`` is two assignments where the order cannot matter."""
    start, end = low.span(node)
    first = node.targets[0].target
    if len(node.targets) == 1 and isinstance(first, cst.Tuple | cst.List) and _assign_each(low, first, node.value, out):
        return
    value = _bound_value(low, first, node.value)
    for item in node.targets:
        value = ir.Assign(start, end, value, target_of(low, item.target))
    out.append(ir.Do(start, end, value))


def _bound_value(low: Lowering, target: cst.BaseExpression, value: cst.BaseExpression) -> ir.Expr:
    """Lower an assigned value; a lambda takes the name of its target."""
    if isinstance(value, cst.Lambda):
        if isinstance(target, cst.Name):
            return named_closure(low, value, target)
        if isinstance(target, cst.Attribute):
            return named_closure(low, value, target.attr)
    return low.expr(value)


def _assign_each(low: Lowering, targets: cst.Tuple | cst.List, written: cst.BaseExpression, out: list[ir.Stmt]) -> bool:
    if not isinstance(written, cst.Tuple | cst.List) or len(written.elements) != len(targets.elements):
        return False
    names = [element.value for element in targets.elements]
    if not all(isinstance(name, cst.Name) for name in names) or low.frame.klass is not None:
        return False
    if any(isinstance(item, cst.StarredElement) for item in (*targets.elements, *written.elements)):
        return False
    mark = low.checkpoint()
    values = [_bound_value(low, name, item.value) for name, item in zip(names, written.elements, strict=True)]
    assigned = {name.value for name in names if isinstance(name, cst.Name)}
    if any(_mentions(value, assigned) for value in values):
        low.roll_back(mark)
        return False
    for name, value in zip(names, values, strict=True):
        target = target_of(low, name)
        out.append(ir.Do(target.start, value.end, ir.Assign(target.start, value.end, value, target)))
    return True


def _mentions(value: ir.Expr, names: set[str]) -> bool:
    """Whether an expression reads one of the names, or may do so in code of its own."""
    return any(
        isinstance(node, ir.Closure | ir.Sequence) or (isinstance(node, ir.Name) and node.id in names)
        for node in ir.walk(value)
    )


def annotated(low: Lowering, node: cst.AnnAssign, out: list[ir.Stmt]) -> None:
    """``a: T = e``; without a value it does nothing at run time."""
    if node.value is None:
        return
    start, end = low.span(node)
    value = _bound_value(low, node.target, node.value)
    out.append(ir.Do(start, end, ir.Assign(start, end, value, target_of(low, node.target))))


def augmented(low: Lowering, node: cst.AugAssign, out: list[ir.Stmt]) -> None:
    """``a += e``."""
    start, end = low.span(node)
    target = target_of(low, node.target)
    old: ir.Expr = ir.Opaque(start, end, "pattern", ()) if isinstance(target, ir.Pattern) else target
    value = low.expr(node.value)
    changed = arithmetic(start, end, OPERATORS[type(node.operator)], [old, value])
    out.append(ir.Do(start, end, ir.Assign(start, end, changed, target, How.UPDATE)))


def type_alias(low: Lowering, node: cst.TypeAlias, out: list[ir.Stmt]) -> None:
    """``type X[T] = e``, whose value is not evaluated until it is asked for."""
    start, end = low.span(node)
    name, params = node.name.value, type_params(node.type_parameters)
    ref = type_ref(low, node.value)
    if ref is None or ref.name in params:
        ref = ir.TypeRef(*low.span(node.value), name)
    value = ir.TypeValue(ref.start, ref.end, ref)
    out.append(ir.Do(start, end, ir.Assign(start, end, value, low.bound(*low.span(node.name), name))))


# --------------------------------------------------------------------------- branches and loops


def if_(low: Lowering, node: cst.If, out: list[ir.Stmt]) -> None:
    """``if``/``elif``/``else``."""
    test = low.expr(node.test)
    # A handler's module is imported, never run as a script.
    then = () if _is_script_test(node.test) else low.suite(node.body)
    orelse: ir.Block = ()
    if isinstance(node.orelse, cst.If):
        orelse = low.block([node.orelse])
    elif node.orelse is not None:
        orelse = low.suite(node.orelse.body)
    out.append(ir.If(*low.span(node), test, then, orelse))


def _is_script_test(test: cst.BaseExpression) -> bool:
    """``__name__ == "__main__"``, either way round."""
    match test:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=cst.Equal(), comparator=right)]):
            sides = (left, right)
            names = any(isinstance(side, cst.Name) and side.value == "__name__" for side in sides)
            return names and any(
                isinstance(side, cst.SimpleString) and side.evaluated_value == "__main__" for side in sides
            )
        case _:
            return False


def while_(low: Lowering, node: cst.While, out: list[ir.Stmt]) -> None:
    """``while t: … else: …``."""
    start, end = low.span(node)
    test = low.expr(node.test)
    body, flag = _loop_body(low, node)
    _with_else(low, node, ir.Loop(start, end, None, None, test, body), flag, out)


def for_(low: Lowering, node: cst.For, out: list[ir.Stmt]) -> None:
    """``for x in e: … else: …``, ``async for``."""
    start, end = low.span(node)
    iterates = low.expr(node.iter)
    target = target_of(low, node.target)
    body, flag = _loop_body(low, node)
    if node.asynchronous is not None:
        step = ir.Do(target.start, target.end, ir.Await(target.start, target.end, None, AwaitKind.FOR_AWAIT))
        body = (step, *body)
    _with_else(low, node, ir.Loop(start, end, iterates, target, None, body), flag, out)


def _loop_body(low: Lowering, node: cst.While | cst.For) -> tuple[ir.Block, str | None]:
    """The body, and the flag that its ``break`` clears if the loop has an ``else``."""
    flag = None if node.orelse is None else low.temporary()
    low.frame.breaks.append(flag)
    body = low.suite(node.body)
    low.frame.breaks.pop()
    return body, flag


def _with_else(low: Lowering, node: cst.While | cst.For, loop: ir.Loop, flag: str | None, out: list[ir.Stmt]) -> None:
    """A loop's ``else`` runs unless the loop was left by ``break``: a flag tells."""
    if node.orelse is None or flag is None:
        out.append(loop)
        return
    start, end = low.span(node.orelse)
    orelse = low.suite(node.orelse.body)
    cleared = any(isinstance(item, ir.Assign) and item.target == _flag(item, flag) for item in ir.walk(loop))
    if not cleared:
        out.extend((loop, *orelse))
        return
    at = loop.start
    set_ = ir.Assign(at, at, ir.Literal(at, at, True), ir.Name(at, at, flag))
    out.extend((ir.Do(at, at, set_), loop, ir.If(start, end, ir.Name(start, start, flag), orelse)))


def _flag(item: ir.Assign, flag: str) -> ir.Name:
    return ir.Name(item.start, item.end, flag)


def break_(low: Lowering, node: cst.Break, out: list[ir.Stmt]) -> None:
    """``break``."""
    start, end = low.span(node)
    flag = low.frame.breaks[-1] if low.frame.breaks else None
    if flag is not None:
        value = ir.Assign(start, end, ir.Literal(start, end, False), ir.Name(start, end, flag))
        out.append(ir.Do(start, end, value))
    out.append(ir.Jump(start, end, JumpKind.BREAK))


def continue_(low: Lowering, node: cst.Continue, out: list[ir.Stmt]) -> None:
    """``continue``."""
    out.append(ir.Jump(*low.span(node), JumpKind.CONTINUE))


# --------------------------------------------------------------------------- try and with


def try_(low: Lowering, node: cst.Try | cst.TryStar, out: list[ir.Stmt]) -> None:
    """``try``/``except``/``else``/``finally``, ``except*``."""
    body = low.suite(node.body)
    handlers = tuple([_handler(low, item) for item in node.handlers])
    orelse = () if node.orelse is None else low.suite(node.orelse.body)
    final = () if node.finalbody is None else low.suite(node.finalbody.body)
    out.append(ir.Try(*low.span(node), body, handlers, orelse, final))


def _handler(low: Lowering, node: cst.ExceptHandler | cst.ExceptStarHandler) -> ir.Handler:
    name: str | None = None
    prologue: list[ir.Stmt] = []
    caught: ir.TypeRef | None = None
    if node.type is not None:
        caught = _caught(low, node.type)
        if caught is None:
            value = low.expr(node.type)
            prologue.append(ir.Do(value.start, value.end, value))
            caught = ir.TypeRef(value.start, value.end, "|")  # types that have no name here; not just any
    if node.name is not None:
        name = _held(low, node.name.name, prologue)
    return ir.Handler(*low.span(node), name, caught, (*prologue, *low.suite(node.body)))


def _caught(low: Lowering, node: cst.BaseExpression) -> ir.TypeRef | None:
    """The exception type; several are named ``|`` with the types as arguments. None for other expressions."""
    if not isinstance(node, cst.Tuple):
        return type_ref(low, node) if dotted(node) is not None else None
    refs = [_caught(low, element.value) for element in node.elements if not isinstance(element.value, cst.Tuple)]
    known = [ref for ref in refs if ref is not None]
    if len(known) < len(node.elements) or not known:
        return None
    return known[0] if len(known) == 1 else ir.TypeRef(*low.span(node), "|", tuple(known))


def _held(low: Lowering, target: cst.BaseExpression, prologue: list[ir.Stmt]) -> str:
    """The variable that takes what a block holds; any other target is assigned from it first thing in the block."""
    start, end = low.span(target)
    lowered = target_of(low, target)
    if isinstance(lowered, ir.Name):
        return lowered.id
    name = low.temporary()
    prologue.append(ir.Do(start, end, ir.Assign(start, end, ir.Name(start, end, name), lowered)))
    return name


def with_(low: Lowering, node: cst.With, out: list[ir.Stmt]) -> None:
    """``with a as b, c:``, ``async with``; one Scoped within the other."""
    start, end = low.span(node)
    held: list[tuple[ir.Expr, str | None, list[ir.Stmt]]] = []
    for item in node.items:
        resource = low.expr(item.item)
        prologue: list[ir.Stmt] = []
        name = None if item.asname is None else _held(low, item.asname.name, prologue)
        held.append((resource, name, prologue))
    if not low.descend(len(held) - 1):
        out.append(low.too_deep(node))
        return
    body = low.suite(node.body)
    low.ascend(len(held) - 1)
    suspends = node.asynchronous is not None
    for resource, name, prologue in reversed(held):
        body = (ir.Scoped(start, end, resource, name, (*prologue, *body), ScopedKind.WITH, suspends),)
    out.extend(body)
