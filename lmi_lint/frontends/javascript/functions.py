"""Functions of every form, and their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.frontends.javascript.context import Frame, Lowering, real
from lmi_lint.frontends.javascript.patterns import PATTERNS, declare_names, pattern, unwrap
from lmi_lint.frontends.javascript.types import type_ref
from lmi_lint.ir import nodes as ir

if TYPE_CHECKING:
    from tree_sitter import Node

FUNCTION_VALUES = frozenset({"arrow_function", "function_expression", "generator_function"})
CLASS_VALUES = frozenset({"class"})
_NAMELESS = FUNCTION_VALUES | CLASS_VALUES
_PARAMETER_WRAPPERS = frozenset({"required_parameter", "optional_parameter"})
_ACCESS = {"public": ir.Flags.PUBLIC, "private": ir.Flags.PRIVATE, "readonly": ir.Flags.READONLY}
_MODIFIERS = {
    "async": ir.Flags.ASYNC,
    "*": ir.Flags.GENERATOR,
    "static": ir.Flags.STATIC,
    "get": ir.Flags.ACCESSOR_GET,
    "set": ir.Flags.ACCESSOR_SET,
    "readonly": ir.Flags.READONLY,
    "abstract": ir.Flags.ABSTRACT,
    "override_modifier": ir.Flags.OVERRIDE,
}


class Owner(Struct, frozen=True):
    """What makes a function more than a plain one: its name, flags, and the class that it is a member of."""

    name: str = ""
    start: int = -1
    end: int = -1
    flags: ir.Flags = ir.Flags.NONE
    klass: int | None = None
    decorators: tuple[ir.Decorator, ...] = ()


class Parameters(Struct, frozen=True):
    """Lowered parameters; ``prologue`` takes destructured ones apart, ``properties`` become fields."""

    params: tuple[ir.Param, ...]
    prologue: tuple[ir.Stmt, ...]
    properties: tuple[ir.Field, ...]


def flags_of(node: Node) -> ir.Flags:
    """The modifiers before a function, method or field."""
    flags = ir.Flags.NONE
    for child in node.children:
        kind = child.type
        if kind in _MODIFIERS:
            flags |= _MODIFIERS[kind]
        elif kind == "accessibility_modifier":
            flags |= _ACCESS.get(child.children[0].type if child.children else "", ir.Flags.NONE)
        elif kind in ("formal_parameters", "statement_block", "=>"):
            break
    return flags


def named_value(low: Lowering, node: Node, name: Node | None) -> ir.Expr:
    """Lower a value; a function or class without a name of its own takes that of the place it is bound to."""
    value = node if name is None else unwrap(node)
    if name is None or value.type not in _NAMELESS or not low.descend():
        return low.expr(node)
    owner = Owner(_bound_text(low, name), name.start_byte, name.end_byte)
    lowered: ir.Expr
    if value.type in CLASS_VALUES:
        from lmi_lint.frontends.javascript.classes import lower_class

        lowered = ir.ClassValue(value.start_byte, value.end_byte, lower_class(low, value, owner))
    else:
        lowered = ir.Closure(value.start_byte, value.end_byte, lower_function(low, value, owner))
    low.ascend()
    return lowered


def _bound_text(low: Lowering, name: Node) -> str:
    text = low.text(name)
    return text[1:-1] if name.type == "string" else text


def closure(low: Lowering, node: Node) -> ir.Expr:
    """A function expression or arrow function."""
    return ir.Closure(node.start_byte, node.end_byte, lower_function(low, node, Owner()))


def declaration(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """A function declaration."""
    index = lower_function(low, node, Owner())
    out.append(ir.Define(node.start_byte, node.end_byte, index, None))


def lower_function(low: Lowering, node: Node, owner: Owner) -> int:
    """Lower a function and return its index. ``owner.name`` counts where the function has no name itself."""
    index = low.reserve_function()
    own = node.child_by_field_name("name") if owner.klass is None else None
    flags = owner.flags | flags_of(node)
    flags |= ir.Flags.LAMBDA if node.type == "arrow_function" else ir.Flags.METHOD
    saved, label = low.frame, low.label
    low.frame, low.label = Frame(index, flags, []), None
    parameters = lower_parameters(low, node)
    body = node.child_by_field_name("body")
    statements = parameters.prologue + _property_assignments(parameters) + _function_body(low, body)
    low.frame, low.label = saved, label
    name, start, end = owner.name, owner.start, owner.end
    if own is not None and owner.klass is None and own.type in ("identifier", "type_identifier"):
        name, start, end = low.text(own), own.start_byte, own.end_byte
    elif start < 0:
        start = end = node.start_byte
    low.functions[index] = ir.Function(
        node.start_byte,
        node.end_byte,
        name,
        start,
        end,
        parameters.params,
        statements,
        flags,
        owner.klass,
        saved.index,
        owner.decorators,
        type_ref(low, node.child_by_field_name("return_type")),
    )
    return index


def _function_body(low: Lowering, body: Node | None) -> ir.Block:
    if body is None:
        return ()
    if body.type == "statement_block":
        return low.block(body.named_children)
    return (ir.Return(body.start_byte, body.end_byte, low.expr(body)),)


# --------------------------------------------------------------------------- parameters


def lower_parameters(low: Lowering, function: Node) -> Parameters:
    """The parameters of a function, arrow or method."""
    single = function.child_by_field_name("parameter")
    written = function.child_by_field_name("parameters")
    nodes = [single] if single is not None else [] if written is None else real(written.named_children)
    params: list[ir.Param] = []
    prologue: list[ir.Stmt] = []
    properties: list[ir.Field] = []
    decorators: list[ir.Decorator] = []
    for node in nodes:
        if node.type == "decorator":
            decorators.append(decorator(low, node))
            continue
        param = _parameter(low, node, len(params), prologue, tuple(decorators))
        decorators = []
        if param is not None:
            params.append(param)
            _property(node, param, properties)
    return Parameters(tuple(params), tuple(prologue), tuple(properties))


def _parameter(
    low: Lowering, node: Node, position: int, prologue: list[ir.Stmt], decorators: tuple[ir.Decorator, ...]
) -> ir.Param | None:
    start, end = node.start_byte, node.end_byte
    annotation: ir.TypeRef | None = None
    default: Node | None = None
    inner: Node | None = node
    is_rest = False
    if node.type in _PARAMETER_WRAPPERS:
        annotation = type_ref(low, node.child_by_field_name("type"))
        default = node.child_by_field_name("value")
        inner = node.child_by_field_name("pattern")
        if inner is None or inner.type == "this":
            return None
        decorators += tuple([decorator(low, child) for child in node.named_children if child.type == "decorator"])
    elif node.type == "this":
        return None
    elif node.type == "assignment_pattern":
        inner, default = node.child_by_field_name("left"), node.child_by_field_name("right")
    if inner is not None and inner.type == "rest_pattern":
        is_rest = True
        inner = real(inner.named_children)[0] if real(inner.named_children) else None
    value = None if default is None else low.expr(default)
    if inner is not None and inner.type in PATTERNS:
        name = f"${position}"
        _take_apart(low, inner, name, prologue)
    else:
        name = f"${position}" if inner is None else low.text(inner)
    return ir.Param(start, end, name, annotation, value, is_rest, decorators)


def _take_apart(low: Lowering, node: Node, name: str, prologue: list[ir.Stmt]) -> None:
    target = pattern(low, node)
    declare_names(target, ir.DeclareKind.LET, True, prologue)
    value = ir.Name(node.start_byte, node.end_byte, name)
    assign = ir.Assign(node.start_byte, node.end_byte, value, target)
    prologue.append(ir.Do(node.start_byte, node.end_byte, assign))


def _property(node: Node, param: ir.Param, properties: list[ir.Field]) -> None:
    flags = flags_of(node)
    if any(child.type in ("accessibility_modifier", "override_modifier", "readonly") for child in node.children):
        properties.append(ir.Field(param.start, param.end, param.name, param.type, flags, param.decorators))


def _property_assignments(parameters: Parameters) -> tuple[ir.Stmt, ...]:
    """``constructor(private a: T)`` → ``this.a = a``."""
    out: list[ir.Stmt] = []
    for field in parameters.properties:
        start, end = field.start, field.end
        target = ir.Member(start, end, ir.This(start, end), field.name)
        out.append(ir.Do(start, end, ir.Assign(start, end, ir.Name(start, end, field.name), target)))
    return tuple(out)


def parameter_properties(low: Lowering, constructor: Node) -> tuple[ir.Field, ...]:
    """The fields that a TypeScript constructor declares in its parameter list."""
    written = constructor.child_by_field_name("parameters")
    fields: list[ir.Field] = []
    for node in () if written is None else real(written.named_children):
        name = node.child_by_field_name("pattern")
        if node.type in _PARAMETER_WRAPPERS and name is not None and name.type == "identifier":
            annotation = type_ref(low, node.child_by_field_name("type"))
            param = ir.Param(node.start_byte, node.end_byte, low.text(name), annotation)
            _property(node, param, fields)
    return tuple(fields)


# --------------------------------------------------------------------------- decorators


def decorator(low: Lowering, node: Node) -> ir.Decorator:
    """``@a.b(c)``."""
    inner = real(node.named_children)
    if not inner:
        return ir.Decorator(node.start_byte, node.end_byte, "")
    value = unwrap(inner[0])
    args: tuple[ir.Arg, ...] = ()
    if value.type == "call_expression":
        lowered = low.expr(value)
        args = lowered.args if isinstance(lowered, ir.Call) else ()
        value = value.child_by_field_name("function") or value
    return ir.Decorator(node.start_byte, node.end_byte, "".join(low.text(value).split()), args)
