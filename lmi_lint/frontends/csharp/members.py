"""Members: methods, constructors, fields, properties, indexers, events, operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.csharp.arguments import arguments
from lmi_lint.frontends.csharp.closures import body_of, effects
from lmi_lint.frontends.csharp.creation import value_node
from lmi_lint.frontends.csharp.params import Parameters, parameters, receiver_of
from lmi_lint.frontends.csharp.properties import add_field, event, indexer, property_
from lmi_lint.frontends.csharp.types import declared_type, modifiers
from lmi_lint.ir.nodes import (
    BlockStmt,
    Call,
    Decorator,
    Define,
    Do,
    Field,
    Flags,
    Function,
    Name,
    Param,
    Stmt,
    Super,
    This,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import MemberHandler, StmtHandler, Unit

_TASKS = frozenset({"Task", "ValueTask"})


def _method_flags(unit: Unit, flags: Flags, body: Node | None) -> Flags:
    draft = unit.klass
    if draft is not None and draft.is_interface:
        if Flags.PRIVATE not in flags:
            flags |= Flags.PUBLIC
        if body is None:
            flags |= Flags.ABSTRACT
    return flags if Flags.STATIC in flags or draft is None else flags | Flags.METHOD


def _method(unit: Unit, node: Node) -> None:
    _lower_method(unit, node)


def _lower_method(unit: Unit, node: Node) -> int | None:
    name = node.child_by_field_name("name")
    if name is None:
        unit.strays.append(unit.opaque(node))
        return None
    flags, decorators = modifiers(unit, node)
    if any(child.type == "explicit_interface_specifier" for child in node.named_children):
        flags = (flags & ~Flags.PRIVATE) | Flags.PUBLIC
    flags = _method_flags(unit, flags, node.child_by_field_name("body"))
    return _function(unit, node, unit.name(name), flags, decorators, node.child_by_field_name("returns"))


def _function(
    unit: Unit,
    node: Node,
    name: Name,
    flags: Flags,
    decorators: tuple[Decorator, ...],
    returns_node: Node | None,
    first: tuple[Stmt, ...] = (),
    reserved: int | None = None,
) -> int:
    """Lower a method with a parameter list and a body; ``first`` runs before the body."""
    returns = declared_type(unit, returns_node)
    index = unit.reserve() if reserved is None else reserved
    awaited = returns
    if returns is not None and Flags.ASYNC in flags and returns.name in _TASKS and returns.args:
        awaited = returns.args[0]
    outer = unit.enter(index, {}, awaited)
    found = parameters(unit, node.child_by_field_name("parameters"))
    flags, params = _receiver(unit, flags, found)
    discards = returns is None or returns.name == "void"
    body = (*first, *body_of(unit, node.child_by_field_name("body"), discards))
    left = unit.leave(outer)
    draft = unit.klass
    unit.functions[index] = Function(
        node.start_byte,
        node.end_byte,
        name.id,
        name.start,
        name.end,
        params,
        body,
        flags | effects(left),
        owner=draft.index if draft is not None else None,
        outer=unit.frame.function,
        decorators=decorators,
        returns=returns,
    )
    if draft is not None:
        draft.methods.append(index)
    return index


def _receiver(unit: Unit, flags: Flags, found: Parameters) -> tuple[Flags, tuple[Param, ...]]:
    """The parameters of an extension method: in an ``extension`` block the receiver is the first."""
    if found.extends:
        return flags | Flags.EXTENSION, found.params
    receiver = receiver_of(unit) if Flags.STATIC not in flags else None
    if receiver is None:
        return flags, found.params
    return (flags & ~Flags.METHOD) | Flags.EXTENSION | Flags.STATIC, (receiver, *found.params)


def _constructor(unit: Unit, node: Node) -> None:
    name = node.child_by_field_name("name")
    draft = unit.klass
    if name is None or draft is None:
        unit.strays.append(unit.opaque(node))
        return
    flags, decorators = modifiers(unit, node)
    if Flags.STATIC in flags:
        _static_constructor(unit, node)
        return
    index = unit.reserve()
    first: tuple[Stmt, ...] = ()
    initializer = next((child for child in node.named_children if child.type == "constructor_initializer"), None)
    if initializer is not None:
        outer = unit.enter(index, {})
        parameters(unit, node.child_by_field_name("parameters"))
        start, end = initializer.start_byte, initializer.end_byte
        args_node = next((child for child in initializer.named_children if child.type == "argument_list"), None)
        on_this = any(child.type == "this" for child in initializer.children)
        callee = This(start, end) if on_this else Super(start, end)
        call = Do(start, end, Call(start, end, callee, arguments(unit, args_node)))
        first = (*unit.frame.pending, call)
        unit.leave(outer)
        unit.keep_errors(initializer)
    flags |= Flags.CONSTRUCTOR | Flags.METHOD
    at = Name(name.start_byte, name.end_byte, "<init>")
    _function(unit, node, at, flags, decorators, None, first, index)


def _static_constructor(unit: Unit, node: Node) -> None:
    draft = unit.klass
    if draft is None:
        return
    if draft.static_function is None:
        draft.static_function = unit.reserve()
    outer = unit.enter(draft.static_function, {})
    body = body_of(unit, node.child_by_field_name("body"), discards=True)
    unit.leave(outer)
    draft.static_body.append(BlockStmt(node.start_byte, node.end_byte, body))


def _finalizer(unit: Unit, node: Node) -> None:
    name = node.child_by_field_name("name")
    if name is None:
        unit.strays.append(unit.opaque(node))
        return
    _, decorators = modifiers(unit, node)
    at = Name(name.start_byte, name.end_byte, "Finalize")
    _function(unit, node, at, Flags.METHOD | Flags.OVERRIDE, decorators, None)


def _operator(unit: Unit, node: Node) -> None:
    """An operator: a static method called ``operator +``; a conversion is called after its type."""
    symbol = node.child_by_field_name("operator")
    written = node.child_by_field_name("type")
    flags, decorators = modifiers(unit, node)
    at = symbol if symbol is not None and node.type == "operator_declaration" else written
    if at is None:
        unit.strays.append(unit.opaque(node))
        return
    flags = _method_flags(unit, flags, node.child_by_field_name("body"))
    name = Name(at.start_byte, at.end_byte, f"operator {unit.text(at)}")
    _function(unit, node, name, flags, decorators, written)


def _fields(unit: Unit, node: Node) -> None:
    """Fields and field-like events; initialisers run in the initialiser function."""
    draft = unit.klass
    if draft is None:
        return
    flags, decorators = modifiers(unit, node)
    declaration = next((child for child in node.named_children if child.type == "variable_declaration"), None)
    if declaration is None:
        unit.strays.append(unit.opaque(node))
        return
    if node.type == "event_field_declaration" and draft.is_interface:
        flags |= Flags.ABSTRACT
    written = declared_type(unit, declaration.child_by_field_name("type"))
    for child in declaration.named_children:
        name = child.child_by_field_name("name") if child.type == "variable_declarator" else None
        if name is None:
            continue
        field = unit.name(name)
        draft.fields.append(Field(child.start_byte, child.end_byte, field.id, written, flags, decorators))
        value = value_node(child)
        if value is not None:
            add_field(unit, draft, child, field, value, written, Flags.STATIC in flags)
        unit.keep_errors(child)
    unit.keep_errors(declaration)


def _loose_method(unit: Unit, node: Node, out: list[Stmt]) -> None:
    """A method in a place for statements, after an error: of the class around."""
    index = _lower_method(unit, node)
    if index is not None and unit.klass is None:
        out.append(Define(node.start_byte, node.end_byte, index, None))


def _loose_constructor(unit: Unit, node: Node, out: list[Stmt]) -> None:
    """What the parser takes for a constructor after an error may be a call with a block."""
    if unit.klass is not None:
        _constructor(unit, node)
    else:
        out.append(unit.opaque(node))


MEMBERS: dict[str, MemberHandler] = {
    "method_declaration": _method,
    "constructor_declaration": _constructor,
    "destructor_declaration": _finalizer,
    "operator_declaration": _operator,
    "conversion_operator_declaration": _operator,
    "field_declaration": _fields,
    "event_field_declaration": _fields,
    "property_declaration": property_,
    "indexer_declaration": indexer,
    "event_declaration": event,
}
LOOSE_MEMBERS: dict[str, StmtHandler] = {
    "method_declaration": _loose_method,
    "constructor_declaration": _loose_constructor,
}
