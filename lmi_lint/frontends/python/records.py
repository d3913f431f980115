"""The constructors that dataclasses get without writing them."""

from __future__ import annotations

import libcst as cst
from msgspec import structs

from lmi_lint.frontends.python.context import Lowering
from lmi_lint.ir import nodes as ir
from lmi_lint.ir.nodes import Flags

_MAKER = "dataclass"
_WITHOUT_FIELDS = frozenset({"object", "Generic", "Protocol", "ABC"})
_PLAIN = (cst.SimpleString, cst.ConcatenatedString, cst.Integer, cst.Float, cst.Name)
_MARK = "_"  # ``_: KW_ONLY`` is no field


def add_constructor(
    low: Lowering, node: cst.ClassDef, klass: ir.Class, index: int, noted: tuple[ir.Decorator, ...]
) -> ir.Class:
    """The class with an ``__init__`` whose parameters are its fields, if it is made one: one that writes its own, or
    that derives from a class whose fields come first, is left as it is."""
    above = {ref.name.rpartition(".")[2] for ref in klass.bases}
    made = any(item.name.rpartition(".")[2] == _MAKER for item in noted)
    own = any(
        function is not None and function.name == "__init__"
        for function in map(low.functions.__getitem__, klass.methods)
    )
    if own or not made or not above <= _WITHOUT_FIELDS:
        return klass
    written = _written(node)
    fields = [
        field
        for field in klass.fields
        if Flags.STATIC not in field.flags and field.name != _MARK and field.name in written
    ]
    start, end = low.span(node.name)
    body = tuple([_kept(field) for field in fields])
    params = tuple([_param(low, field, written[field.name]) for field in fields])
    number = low.reserve_function()
    flags = Flags.METHOD | Flags.CONSTRUCTOR
    low.functions[number] = ir.Function(start, end, "__init__", start, end, params, body, flags, index, low.frame.index)
    return structs.replace(klass, methods=(*klass.methods, number))


def _param(low: Lowering, field: ir.Field, value: cst.BaseExpression | None) -> ir.Param:
    """A parameter with its default, where that is written as it stands: what a factory makes is left open."""
    default = low.expr(value) if isinstance(value, _PLAIN) else None
    return ir.Param(field.start, field.end, field.name, field.type, default)


def _kept(field: ir.Field) -> ir.Stmt:
    """``self.field = field``."""
    at, to = field.start, field.end
    target = ir.Member(at, to, ir.This(at, to), field.name)
    return ir.Do(at, to, ir.Assign(at, to, ir.Name(at, to, field.name), target))


def _written(node: cst.ClassDef) -> dict[str, cst.BaseExpression | None]:
    """The fields that are parameters, with what stands behind their ``=``."""
    found: dict[str, cst.BaseExpression | None] = {}
    for line in node.body.body:
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name):
                value = small.value
                options = _options(value) if isinstance(value, cst.Call) else {}
                init = options.get("init")
                if not isinstance(init, cst.Name) or init.value != "False":  # else it is set later
                    found[small.target.value] = options.get("default", value)
    return found


def _options(call: cst.Call) -> dict[str, cst.BaseExpression]:
    return {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}
