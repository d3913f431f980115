"""Comprehensions and generator expressions → a Sequence that fills a fresh display."""

from __future__ import annotations

import libcst as cst
from msgspec import Struct

from lmi_lint.frontends.python.context import Lowering
from lmi_lint.frontends.python.targets import bound_names, target_of
from lmi_lint.ir import nodes as ir
from lmi_lint.ir.nodes import AwaitKind, DeclareKind, DisplayKind


class _Clause(Struct, frozen=True):
    """One ``for … in … if …``."""

    node: cst.CompFor
    iterates: ir.Expr
    target: ir.Target
    tests: tuple[ir.Expr, ...]


def list_(low: Lowering, node: cst.ListComp) -> ir.Expr:
    """``[e for x in xs]``."""
    return _comprehension(low, node, DisplayKind.SEQUENCE)


def set_(low: Lowering, node: cst.SetComp) -> ir.Expr:
    """``{e for x in xs}``."""
    return _comprehension(low, node, DisplayKind.SET)


def generator(low: Lowering, node: cst.GeneratorExp) -> ir.Expr:
    """``(e for x in xs)``, taken to run where it is written."""
    return _comprehension(low, node, DisplayKind.SEQUENCE)


def dict_(low: Lowering, node: cst.CSTNode) -> ir.Expr:
    """``{k: v for x in xs}``, ``{**m for m in ms}``."""
    return _comprehension(low, node, DisplayKind.MAPPING)


def _comprehension(low: Lowering, node: cst.CSTNode, kind: DisplayKind) -> ir.Expr:
    start, end = low.span(node)
    made = low.temporary()
    clauses: list[_Clause] = []
    frame = low.frame
    meanings = frame.meanings
    top: cst.CompFor | None = node.for_in  # type: ignore[attr-defined]  # each kind of comprehension has one
    while top is not None:
        iterates = low.expr(top.iter)
        if not clauses:
            # All but the first iterable is in a scope of its own, which does not see names of a class body.
            frame.meanings = dict(frame.outside if frame.klass is not None else meanings)
        for name in bound_names(top.target):
            frame.meanings.pop(name, None)
        target = target_of(low, top.target, declares=True)
        tests = tuple([low.expr(item.test) for item in top.ifs])
        clauses.append(_Clause(top, iterates, target, tests))
        top = top.inner_for_in
    body = _element(low, node, made)
    frame.meanings = meanings
    declared = ir.Declare(start, end, made, None, ir.Display(start, end, kind, ()), DeclareKind.CONST, mutable=False)
    return ir.Sequence(start, end, (declared, *_loops(low, clauses, body)), ir.Name(start, end, made))


def _element(low: Lowering, node: cst.CSTNode, made: str) -> ir.Block:
    """What one turn adds to the display ``made``."""
    if isinstance(node, cst.DictComp):
        key, value = low.expr(node.key), low.expr(node.value)
        return (_add(key.start, value.end, made, key, value),)
    written = node.elt if isinstance(node, cst.ListComp | cst.SetComp | cst.GeneratorExp) else node.value  # type: ignore[attr-defined]
    is_spread = isinstance(written, cst.StarredElement) or not isinstance(
        node, cst.ListComp | cst.SetComp | cst.GeneratorExp
    )
    value = low.expr(written.value if isinstance(written, cst.StarredElement) else written)
    start, end = value.start, value.end
    if not is_spread:
        return (_add(start, end, made, ir.Literal(start, end, None), value),)
    part = low.temporary()
    added = _add(start, end, made, ir.Literal(start, end, None), ir.Name(start, end, part))
    target = ir.Name(start, end, part)
    return (ir.Loop(start, end, value, target, None, (added,), declares=DeclareKind.CONST),)


def _add(start: int, end: int, made: str, key: ir.Expr, value: ir.Expr) -> ir.Stmt:
    target = ir.Index(start, end, ir.Name(start, end, made), key)
    return ir.Do(start, end, ir.Assign(start, end, value, target))


def _loops(low: Lowering, clauses: list[_Clause], body: ir.Block) -> ir.Block:
    for clause in reversed(clauses):
        start, end = low.span(clause.node)
        for test in reversed(clause.tests):
            body = (ir.If(test.start, test.end, test, body),)
        if clause.node.asynchronous is not None:
            body = (ir.Do(start, end, ir.Await(start, end, None, AwaitKind.FOR_AWAIT)), *body)
        body = (ir.Loop(start, end, clause.iterates, clause.target, None, body, declares=DeclareKind.CONST),)
    return body
