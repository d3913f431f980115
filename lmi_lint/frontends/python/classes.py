"""Classes: members, class-level statements, bases."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst
from msgspec import Struct

from lmi_lint.frontends.python.context import Frame, Lowering, Meaning, Receiver
from lmi_lint.frontends.python.decorators import Applied, decorators, replaces
from lmi_lint.frontends.python.records import add_constructor
from lmi_lint.frontends.python.types import annotation, dotted, qualifiers, type_params, type_ref
from lmi_lint.ir import nodes as ir
from lmi_lint.ir.nodes import Flags

_WITHOUT_MEMBERS = frozenset({"object", "Generic", "Protocol", "ABC"})
_ENUMS = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"})
_INSTANCE_FIELDS = frozenset({"NamedTuple", "TypedDict"})


class _Bases(Struct, frozen=True):
    """What a class extends. ``effects`` are base and keyword expressions that are evaluated for themselves."""

    refs: tuple[ir.TypeRef, ...]
    expr: ir.Expr | None
    effects: tuple[ir.Stmt, ...]
    flags: Flags


def definition(low: Lowering, node: cst.ClassDef, out: list[ir.Stmt]) -> None:
    """``class A(B):``; in a class body it is an attribute, elsewhere it binds its name."""
    start, end = low.span(node)
    applied = decorators(low, node.decorators)
    bases = _bases(low, node)
    out.extend(bases.effects)
    index = low.reserve_class()
    outside = low.frame.klass is None
    if outside:
        low.bound(*low.span(node.name), node.name.value)
    _lower(low, node, index, bases, applied)
    if outside and not applied.called:
        out.append(ir.Define(start, end, None, index))
        return
    at, to = low.span(node.name)
    target = low.bound(at, to, node.name.value)
    out.append(ir.Do(at, to, ir.Assign(at, to, applied.around(ir.ClassValue(at, to, index)), target)))


def _lower(low: Lowering, node: cst.ClassDef, index: int, bases: _Bases, applied: Applied) -> None:
    start, end = low.span(node)
    saved, around = low.frame, low.klass
    has_statements = _has_statements(node.body.body)
    initializer = low.reserve_function() if has_statements else saved.index
    outside = dict(saved.outside if saved.klass is not None else saved.meanings)
    inside: dict[str, Meaning] = {name: item for name, item in outside.items() if not isinstance(item, Receiver)}
    flags = Flags.INITIALIZER | Flags.STATIC
    first = len(low.functions)
    low.frame, low.klass = Frame(initializer, flags, dict(inside), inside, index, index), index
    low.frame.globals = _globals(node.body.body)
    body = low.suite(node.body)
    low.frame, low.klass = saved, around
    if has_statements:
        low.functions[initializer] = ir.Function(start, end, "", start, start, (), body, flags, index, saved.index)
    methods = [
        position
        for position in range(first, len(low.functions))
        if (function := low.functions[position]) is not None and function.owner == index
    ]
    for position in methods if has_statements else ():
        _set_outer(low, position, saved.index)
    klass = ir.Class(
        start,
        end,
        node.name.value,
        *low.span(node.name),
        bases.refs,
        (),
        _fields(low, node, applied, bases),
        (*methods, *([initializer] if has_statements else [])),
        bases.flags,
        applied.noted,
        around,
        saved.index,
        bases.expr,
        type_params(node.type_parameters),
    )
    low.classes[index] = add_constructor(low, node, klass, index, applied.noted)


def _set_outer(low: Lowering, position: int, outer: int) -> None:
    """Methods do not see the names of the class body: the function around them is that around the class."""
    function = low.functions[position]
    if function is not None:
        from msgspec.structs import replace

        low.functions[position] = replace(function, outer=outer)


def _has_statements(body: Iterable[cst.CSTNode]) -> bool:
    """Whether a class body runs anything but definitions of methods that stay what they are."""
    for node in body:
        if isinstance(node, cst.FunctionDef):
            if any(map(replaces, node.decorators)):
                return True
            continue
        if not isinstance(node, cst.SimpleStatementLine):
            if isinstance(node, cst.Pass | cst.Expr) and not _has_effect(node):
                continue
            return True
        if any(_has_effect(small) for small in node.body):
            return True
    return False


def _has_effect(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Pass | cst.Global | cst.Import | cst.ImportFrom):
        return False
    if isinstance(node, cst.AnnAssign):
        return node.value is not None
    if isinstance(node, cst.Expr):
        return not isinstance(node.value, cst.SimpleString | cst.ConcatenatedString | cst.Ellipsis)
    return True


def _small(body: Iterable[cst.CSTNode]) -> Iterable[cst.CSTNode]:
    for node in body:
        yield from node.body if isinstance(node, cst.SimpleStatementLine) else (node,)


def _globals(body: Iterable[cst.CSTNode]) -> set[str]:
    return {item.name.value for node in _small(body) if isinstance(node, cst.Global) for item in node.names}


# --------------------------------------------------------------------------- heritage


def _bases(low: Lowering, node: cst.ClassDef) -> _Bases:
    refs: list[ir.TypeRef] = []
    effects: list[ir.Stmt] = []
    expr: ir.Expr | None = None
    flags = Flags.NONE
    for item in node.bases:
        ref = type_ref(low, item.value) if not item.star else None
        if ref is not None:
            refs.append(ref)
            last = ref.name.rpartition(".")[2]
            flags |= Flags.ENUM if last in _ENUMS else Flags.NONE
            flags |= Flags.INTERFACE if last == "Protocol" else Flags.NONE
            if last in _WITHOUT_MEMBERS:
                continue
        written = item.value.value if isinstance(item.value, cst.Subscript) else item.value
        value = low.expr(written)
        if expr is None:
            expr = value
        elif ref is None:
            effects.append(ir.Do(value.start, value.end, value))
    for item in node.keywords:
        if dotted(item.value) is None:
            value = low.expr(item.value)
            effects.append(ir.Do(value.start, value.end, value))
    return _Bases(tuple(refs), expr, tuple(effects), flags)


# --------------------------------------------------------------------------- fields


def _fields(low: Lowering, node: cst.ClassDef, applied: Applied, bases: _Bases) -> tuple[ir.Field, ...]:
    """Names that the class body assigns or annotates at its top level. Annotated ones are fields of the instances
    where a decorator or base makes them so, and where they have no value; all others are static.
    """
    makes_instances = any(item.name.rpartition(".")[2] == "dataclass" for item in applied.noted)
    makes_instances = makes_instances or any(ref.name.rpartition(".")[2] in _INSTANCE_FIELDS for ref in bases.refs)
    found: dict[str, ir.Field] = {}
    for small in _small(node.body.body):
        if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name):
            said = qualifiers(small.annotation)
            is_static = "ClassVar" in said or (small.value is not None and not makes_instances)
            flags = (Flags.STATIC if is_static else Flags.NONE) | (Flags.FINAL if "Final" in said else Flags.NONE)
            type_ = annotation(low, small.annotation)
            name = small.target.value
            found.setdefault(name, ir.Field(*low.span(small.target), name, type_, flags))
        elif isinstance(small, cst.Assign):
            for item in small.targets:
                if isinstance(item.target, cst.Name):
                    name = item.target.value
                    found.setdefault(name, ir.Field(*low.span(item.target), name, None, Flags.STATIC))
    return tuple(found.values())
