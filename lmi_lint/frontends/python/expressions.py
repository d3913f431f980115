"""Expressions, except literals, operators, comprehensions and functions."""

from __future__ import annotations

import libcst as cst

from lmi_lint.frontends.python.context import Lowering
from lmi_lint.frontends.python.targets import target_of
from lmi_lint.ir import nodes as ir
from lmi_lint.ir.nodes import DisplayKind

_CONSTANTS = {"True": True, "False": False, "None": None}


def name(low: Lowering, node: cst.Name) -> ir.Expr:
    """An identifier or one of the constants that libcst takes for one."""
    start, end = low.span(node)
    value = node.value
    return ir.Literal(start, end, _CONSTANTS[value]) if value in _CONSTANTS else low.name(start, end, value)


def attribute(low: Lowering, node: cst.Attribute) -> ir.Expr:
    """``a.b``."""
    return ir.Member(*low.span(node), low.expr(node.value), node.attr.value)


def subscript(low: Lowering, node: cst.Subscript) -> ir.Expr:
    """``a[k]``; several keys are a tuple, a slice is an Opaque of its bounds."""
    base = low.expr(node.value)
    start, end = low.span(node)
    first = node.slice[0]
    has_comma = isinstance(first.comma, cst.Comma)
    if len(node.slice) == 1 and not has_comma and not (isinstance(first.slice, cst.Index) and first.slice.star):
        return ir.Index(start, end, base, _key(low, first.slice))
    entries: list[ir.Entry] = []
    for item in node.slice:
        is_spread = isinstance(item.slice, cst.Index) and bool(item.slice.star)
        key = _key(low, item.slice)
        entries.append(ir.Entry(key.start, key.end, None, key, is_spread))
    at, to = entries[0].start, entries[-1].end
    return ir.Index(start, end, base, ir.Display(at, to, DisplayKind.SEQUENCE, tuple(entries), tuple_type(at, to)))


def _key(low: Lowering, node: cst.BaseSlice) -> ir.Expr:
    if isinstance(node, cst.Index):
        return low.expr(node.value)
    if not isinstance(node, cst.Slice):
        return low.opaque(node)
    bounds = [low.expr(bound) for bound in (node.lower, node.upper, node.step) if bound is not None]
    # Not counted as unknown: which part of the container is taken is not asked.
    return ir.Opaque(*low.span(node), "slice", tuple(bounds))


def call(low: Lowering, node: cst.Call) -> ir.Expr:
    """``f(a, *b, k=c, **d)``; in a class, ``super()`` is the receiver seen from the base."""
    func = node.func
    start, end = low.span(node)
    if isinstance(func, cst.Name) and func.value == "super" and low.frame.method_of is not None:
        return ir.Super(start, end)
    callee = low.expr(func)
    return ir.Call(start, end, callee, arguments(low, node))


def arguments(low: Lowering, node: cst.Call) -> tuple[ir.Arg, ...]:
    """The arguments of a call in source order."""
    return tuple([_argument(low, item) for item in node.args])


def _argument(low: Lowering, node: cst.Arg) -> ir.Arg:
    value = low.expr(node.value)
    keyword = node.keyword
    start = value.start if keyword is None else low.positions.start(keyword)
    name = None if keyword is None else keyword.value
    return ir.Arg(start, value.end, value, name, bool(node.star), keywords=node.star == "**")


# --------------------------------------------------------------------------- displays


def tuple_type(start: int, end: int) -> ir.TypeRef:
    """The type that tells a tuple from a list."""
    return ir.TypeRef(start, end, "tuple")


def list_(low: Lowering, node: cst.List) -> ir.Expr:
    """``[a, *b]``."""
    return ir.Display(*low.span(node), DisplayKind.SEQUENCE, _elements(low, node))


def tuple_(low: Lowering, node: cst.Tuple) -> ir.Expr:
    """``(a, *b)``."""
    start, end = low.span(node)
    return ir.Display(start, end, DisplayKind.SEQUENCE, _elements(low, node), tuple_type(start, end))


def set_(low: Lowering, node: cst.Set) -> ir.Expr:
    """``{a, *b}``."""
    return ir.Display(*low.span(node), DisplayKind.SET, _elements(low, node))


def _elements(low: Lowering, node: cst.List | cst.Tuple | cst.Set) -> tuple[ir.Entry, ...]:
    entries: list[ir.Entry] = []
    for element in node.elements:
        value = low.expr(element.value)
        entries.append(ir.Entry(value.start, value.end, None, value, isinstance(element, cst.StarredElement)))
    return tuple(entries)


def dict_(low: Lowering, node: cst.Dict) -> ir.Expr:
    """``{k: v, **rest}``."""
    entries: list[ir.Entry] = []
    for element in node.elements:
        if isinstance(element, cst.DictElement):
            key, value = low.expr(element.key), low.expr(element.value)
            entries.append(ir.Entry(key.start, value.end, key, value))
        else:
            value = low.expr(element.value)
            entries.append(ir.Entry(value.start, value.end, None, value, spread=True))
    return ir.Display(*low.span(node), DisplayKind.MAPPING, tuple(entries))


def starred(low: Lowering, node: cst.StarredElement) -> ir.Expr:
    """``*a`` where no display takes it: ``return *a, b`` has one; this is the rest."""
    value = low.expr(node.value)
    entry = ir.Entry(value.start, value.end, None, value, spread=True)
    return ir.Display(*low.span(node), DisplayKind.SEQUENCE, (entry,))


# --------------------------------------------------------------------------- control inside expressions


def conditional(low: Lowering, node: cst.IfExp) -> ir.Expr:
    """``a if t else b``."""
    test = low.expr(node.test)
    then = low.expr(node.body)
    return ir.Choice(*low.span(node), test, then, low.expr(node.orelse))


def walrus(low: Lowering, node: cst.NamedExpr) -> ir.Expr:
    """``(x := e)``."""
    value = low.expr(node.value)
    return ir.Assign(*low.span(node), value, target_of(low, node.target))


def await_(low: Lowering, node: cst.Await) -> ir.Expr:
    """``await e``."""
    return ir.Await(*low.span(node), low.expr(node.expression))


def yield_(low: Lowering, node: cst.Yield) -> ir.Expr:
    """``yield e``: a suspension in async generators; elsewhere only an operator, since its caller runs on."""
    start, end = low.span(node)
    low.frame.flags |= ir.Flags.GENERATOR
    written = node.value
    value = None if written is None else low.expr(written.item if isinstance(written, cst.From) else written)
    if ir.Flags.ASYNC in low.frame.flags:
        return ir.Await(start, end, value, ir.AwaitKind.YIELD)
    return ir.Op(start, end, ir.OpKind.OTHER, "yield", () if value is None else (value,))
