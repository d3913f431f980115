"""``match`` → a chain of ``If``: tests of the subject and its parts, captures as assignments."""

from __future__ import annotations

import libcst as cst
from msgspec import Struct

from lmi_lint.frontends.python.context import Lowering
from lmi_lint.frontends.python.operators import balanced
from lmi_lint.frontends.python.targets import target_of
from lmi_lint.ir import nodes as ir


class _Found(Struct):
    """What a pattern tests, in order, and what it binds once it matches."""

    tests: list[ir.Expr] = []
    captures: list[ir.Stmt] = []


def match(low: Lowering, node: cst.Match, out: list[ir.Stmt]) -> None:
    """The subject is evaluated once, then compared by each arm."""
    start, end = low.span(node)
    subject = low.expr(node.subject)
    if not isinstance(subject, ir.Name | ir.This):
        name = low.temporary()
        at, to = subject.start, subject.end
        out.append(ir.Do(at, to, ir.Assign(at, to, subject, ir.Name(at, to, name))))
        subject = ir.Name(at, to, name)
    if not low.descend(len(node.cases)):
        out.append(low.too_deep(node))
        return
    arms = [_arm(low, case, subject) for case in node.cases]
    low.ascend(len(node.cases))
    orelse: ir.Block = ()
    for case, (test, body) in zip(reversed(node.cases), reversed(arms), strict=True):
        orelse = body if test is None else (ir.If(low.positions.start(case), end, test, body, orelse),)
    if any(test is not None for test, _ in arms):
        out.extend(orelse)
    else:
        out.append(ir.BlockStmt(start, end, orelse))


def _arm(low: Lowering, case: cst.MatchCase, subject: ir.Expr) -> tuple[ir.Expr | None, ir.Block]:
    """The test of an arm (None if it always matches) and its body."""
    found = _Found()
    _pattern(low, case.pattern, subject, found)
    tests, captures = found.tests, tuple(found.captures)
    if case.guard is not None:
        guard = low.expr(case.guard)
        if captures:
            guard = ir.Sequence(guard.start, guard.end, captures, guard)
            captures = ()
        tests.append(guard)
    body = captures + low.suite(case.body)
    return (balanced(True, tests) if tests else None), body


def _pattern(low: Lowering, node: cst.MatchPattern, subject: ir.Expr, found: _Found) -> None:
    start, end = low.span(node)
    if not low.descend():
        found.tests.append(low.too_deep(node))
        return
    if isinstance(node, cst.MatchValue):
        found.tests.append(_compare(start, end, "==", subject, low.expr(node.value)))
    elif isinstance(node, cst.MatchSingleton):
        found.tests.append(_compare(start, end, "is", subject, low.expr(node.value)))
    elif isinstance(node, cst.MatchAs):
        if node.pattern is not None:
            _pattern(low, node.pattern, subject, found)
        _capture(low, node.name, subject, found)
    elif isinstance(node, cst.MatchOr):
        _alternatives(low, node, subject, found)
    elif isinstance(node, cst.MatchSequence):
        _sequence(low, node, subject, found)
    elif isinstance(node, cst.MatchMapping):
        _mapping(low, node, subject, found)
    elif isinstance(node, cst.MatchClass):
        _class(low, node, subject, found)
    else:
        found.tests.append(low.opaque(node))
    low.ascend()


def _compare(start: int, end: int, text: str, *operands: ir.Expr) -> ir.Expr:
    return ir.Op(start, end, ir.OpKind.COMPARE, text, operands)


def _capture(low: Lowering, name: cst.Name | None, value: ir.Expr, found: _Found) -> None:
    if name is not None:
        start, end = low.span(name)
        found.captures.append(ir.Do(start, end, ir.Assign(start, end, value, target_of(low, name))))


def _alternatives(low: Lowering, node: cst.MatchOr, subject: ir.Expr, found: _Found) -> None:
    """Any of several patterns; all of them bind the same names, so the first one's captures stand for all."""
    tests: list[ir.Expr] = []
    for position, item in enumerate(node.patterns):
        one = _Found()
        _pattern(low, item.pattern, subject, one)
        if position == 0:
            found.captures.extend(one.captures)
        if not one.tests:
            return  # this alternative always matches
        tests.append(balanced(True, one.tests))
    found.tests.append(balanced(False, tests))


def _sequence(low: Lowering, node: cst.MatchSequence, subject: ir.Expr, found: _Found) -> None:
    start, end = low.span(node)
    found.tests.append(_compare(start, end, "is sequence", subject))
    has_star = False
    for position, item in enumerate(node.patterns):
        at, to = low.span(item)
        key: ir.Expr = ir.Opaque(at, to, "slice", ()) if has_star else ir.Literal(at, to, position)
        if isinstance(item, cst.MatchStar):
            has_star = True
            _capture(low, item.name, ir.Index(at, to, subject, ir.Opaque(at, to, "slice", ())), found)
        elif isinstance(item, cst.MatchSequenceElement):
            _pattern(low, item.value, ir.Index(at, to, subject, key), found)


def _mapping(low: Lowering, node: cst.MatchMapping, subject: ir.Expr, found: _Found) -> None:
    start, end = low.span(node)
    found.tests.append(_compare(start, end, "is mapping", subject))
    for item in node.elements:
        at, to = low.span(item)
        key = low.expr(item.key)
        found.tests.append(_compare(at, to, "in", key, subject))
        _pattern(low, item.pattern, ir.Index(at, to, subject, key), found)
    _capture(low, node.rest, subject, found)


def _class(low: Lowering, node: cst.MatchClass, subject: ir.Expr, found: _Found) -> None:
    start, end = low.span(node)
    found.tests.append(_compare(start, end, "isinstance", subject, low.expr(node.cls)))
    for position, item in enumerate(node.patterns):
        at, to = low.span(item)
        # Which attribute a positional pattern takes is known to the class alone.
        _pattern(low, item.value, ir.Index(at, to, subject, ir.Literal(at, to, position)), found)
    for keyword in node.kwds:
        at, to = low.span(keyword)
        _pattern(low, keyword.pattern, ir.Member(at, to, subject, keyword.key.value), found)
