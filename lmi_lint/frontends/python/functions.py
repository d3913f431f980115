"""Functions of every form and their parameters."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from msgspec import Struct

from lmi_lint.frontends.python.context import Frame, Lowering, Meaning, OwnClass, Receiver
from lmi_lint.frontends.python.decorators import Applied, decorators
from lmi_lint.frontends.python.types import annotation
from lmi_lint.ir import nodes as ir
from lmi_lint.ir.nodes import Flags

_CLASS_METHODS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
_ACCESSORS = {
    "property": Flags.ACCESSOR_GET,
    "cached_property": Flags.ACCESSOR_GET | Flags.MEMOISED,
    "setter": Flags.ACCESSOR_SET,
    "abstractmethod": Flags.ABSTRACT,
    "abstractproperty": Flags.ABSTRACT | Flags.ACCESSOR_GET,
    "override": Flags.OVERRIDE,
    "staticmethod": Flags.STATIC,
    "classmethod": Flags.STATIC,
}


class _Head(Struct, frozen=True):
    """What of a function is lowered in the scope around it. ``receiver`` is the name of a method's first parameter."""

    params: tuple[ir.Param, ...]
    receiver: str | None
    meaning: Meaning | None
    flags: Flags
    klass: int | None


def definition(low: Lowering, node: cst.FunctionDef, out: list[ir.Stmt]) -> None:
    """``def``; in a class body it is a method, elsewhere it binds its name."""
    applied = decorators(low, node.decorators)
    klass = low.frame.klass
    if klass is None:
        low.bound(*low.span(node.name), node.name.value)
    index = low.reserve_function()
    _lower(low, node, index, klass, applied)
    if klass is not None:
        low.frame.meanings.pop(node.name.value, None)
    if applied.called:
        at, to = low.span(node.name)
        made = ir.Closure(*low.span(node), index)
        target = low.bound(at, to, node.name.value)
        out.append(ir.Do(at, to, ir.Assign(at, to, applied.around(made), target)))
    elif klass is None:
        out.append(ir.Define(*low.span(node), index, None))


def closure(low: Lowering, node: cst.Lambda) -> ir.Expr:
    """``lambda a: e``."""
    return named_closure(low, node, None)


def named_closure(low: Lowering, node: cst.Lambda, bound: cst.Name | None) -> ir.Expr:
    """A lambda, called after the name that it is assigned to."""
    index = low.reserve_function()
    start, end = low.span(node)
    params = _params(low, node.params)
    frame = _enter(low, index, Flags.LAMBDA, params, None)
    value = low.expr(node.body)
    outer = _leave(low, frame)
    name, at, to = ("", start, start) if bound is None else (bound.value, *low.span(bound))
    body = (ir.Return(value.start, value.end, value),)
    low.functions[index] = ir.Function(start, end, name, at, to, params, body, low.frame.flags, outer=outer)
    low.frame = frame
    return ir.Closure(start, end, index)


# --------------------------------------------------------------------------- the body


def _lower(low: Lowering, node: cst.FunctionDef, index: int, klass: int | None, applied: Applied) -> None:
    """Lower a function into ``index``. A body that assigns a name of its surroundings' meanings is lowered again."""
    head = _head(low, node, applied, klass)
    returns = annotation(low, node.returns)
    saved = low.frame
    while True:
        mark = low.checkpoint()
        _enter(low, index, head.flags, head.params, head, low.rebound.get(id(node), frozenset()))
        body = low.suite(node.body)
        frame = low.frame
        low.frame = saved
        if not frame.rebound:
            break
        low.rebound.setdefault(id(node), set()).update(frame.rebound)
        low.roll_back(mark)
    body = _receiver_variable(low, node, head) + body
    low.functions[index] = ir.Function(
        *low.span(node),
        node.name.value,
        *low.span(node.name),
        head.params,
        body,
        frame.flags,
        klass,
        saved.index,
        applied.noted,
        returns,
    )


def _head(low: Lowering, node: cst.FunctionDef, applied: Applied, klass: int | None) -> _Head:
    flags = Flags.NONE if node.asynchronous is None else Flags.ASYNC
    if klass is None:
        if any(isinstance(meaning, Receiver) for meaning in low.frame.meanings.values()):
            flags |= Flags.LAMBDA  # the receiver that it sees is that of the method around it
        return _Head(_params(low, node.params), None, None, flags, low.frame.method_of)
    flags |= Flags.METHOD
    name = node.name.value
    kinds = {item.name.rpartition(".")[2] for item in applied.noted}
    for kind in kinds:
        flags |= _ACCESSORS.get(kind, Flags.NONE)
    if applied.called:
        flags |= Flags.REPLACED
    if name == "__init__":
        flags |= Flags.CONSTRUCTOR
    is_class_method = "classmethod" in kinds or name in _CLASS_METHODS
    if is_class_method:
        flags |= Flags.STATIC
    first = next(iter((*node.params.posonly_params, *node.params.params)), None)
    if first is None or (Flags.STATIC in flags and not is_class_method):
        return _Head(_params(low, node.params), None, None, flags, klass)
    meaning = OwnClass(klass) if is_class_method else Receiver()
    return _Head(_params(low, node.params, skipped=first), first.name.value, meaning, flags, klass)


def _enter(
    low: Lowering,
    index: int,
    flags: Flags,
    params: tuple[ir.Param, ...],
    head: _Head | None,
    rebound: set[str] | frozenset[str] = frozenset(),
) -> Frame:
    """Make a function the present one; gives the frame to return to."""
    saved = low.frame
    meanings = dict(saved.outside if saved.klass is not None else saved.meanings)
    if Flags.METHOD in flags:
        meanings = {name: item for name, item in meanings.items() if not isinstance(item, Receiver)}
    for param in params:
        meanings.pop(param.name, None)
    if head is not None and head.receiver is not None and head.meaning is not None:
        meanings[head.receiver] = head.meaning
    for name in rebound:
        meanings.pop(name, None)
    method_of = head.klass if head is not None else saved.method_of
    low.frame = Frame(index, flags, meanings, {}, None, method_of)
    return saved


def _leave(low: Lowering, outer: Frame) -> int:
    """The index of the function around, for a function whose frame is about to be dropped."""
    outer.rebound |= low.frame.rebound
    return outer.index


def _receiver_variable(low: Lowering, node: cst.FunctionDef, head: _Head) -> ir.Block:
    """A method that assigns its first parameter has a variable of that name."""
    if head.receiver is None or head.receiver not in low.rebound.get(id(node), ()):
        return ()
    start, end = low.span(node.name)
    value: ir.Expr = ir.This(start, end)
    if isinstance(head.meaning, OwnClass):
        value = ir.ClassValue(start, end, head.meaning.klass)
    return (ir.Do(start, end, ir.Assign(start, end, value, ir.Name(start, end, head.receiver))),)


# --------------------------------------------------------------------------- parameters


def _params(low: Lowering, node: cst.Parameters, skipped: cst.Param | None = None) -> tuple[ir.Param, ...]:
    """Parameters in source order, ``*args`` and ``**kwargs`` as rest; defaults belong to the scope around."""
    return tuple([_param(low, item, stars) for item, stars in _written(node) if item is not skipped])


def _written(node: cst.Parameters) -> Iterator[tuple[cst.Param, int]]:
    for item in (*node.posonly_params, *node.params):
        yield item, 0
    if isinstance(node.star_arg, cst.Param):
        yield node.star_arg, 1
    for item in node.kwonly_params:
        yield item, 0
    if node.star_kwarg is not None:
        yield node.star_kwarg, 2


def _param(low: Lowering, node: cst.Param, stars: int) -> ir.Param:
    start, end = low.span(node.name)
    type_ = annotation(low, node.annotation)
    if node.annotation is not None:
        end = low.positions.end(node.annotation.annotation)
    default = low.optional(node.default)
    if default is not None:
        end = default.end
    return ir.Param(start, max(start, end), node.name.value, type_, default, stars > 0, keywords=stars == 2)
