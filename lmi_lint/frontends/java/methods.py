"""Methods, constructors, annotation elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.java.params import parameters
from lmi_lint.frontends.java.types import modifiers, type_ref, with_dimensions
from lmi_lint.ir.nodes import (
    Block,
    Decorator,
    Define,
    Expr,
    Flags,
    Function,
    Param,
    Return,
    Stmt,
    TypeRef,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.java.unit import MemberHandler, StmtHandler, Unit


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
    body = node.child_by_field_name("body")
    flags, decorators = modifiers(unit, node)
    returns_node = node.child_by_field_name("type")
    returns = None if returns_node is None else type_ref(unit, returns_node)
    returns = with_dimensions(returns, node.child_by_field_name("dimensions"))
    flags = _method_flags(unit, flags, body)
    return _function(unit, node, unit.text(name), name, flags, decorators, returns, body)


def _function(
    unit: Unit,
    node: Node,
    name: str,
    at: Node,
    flags: Flags,
    decorators: tuple[Decorator, ...],
    returns: TypeRef | None,
    body: Node | None,
) -> int:
    draft = unit.klass
    index = unit.reserve()
    outer = unit.enter(index, set(draft.textual) if draft is not None else set())
    params = parameters(unit, node.child_by_field_name("parameters"))
    block = unit.block(body)
    unit.leave(outer)
    _add(unit, index, node, name, at, params, block, flags, decorators, returns)
    return index


def _add(
    unit: Unit,
    index: int,
    node: Node,
    name: str,
    at: Node,
    params: tuple[Param, ...],
    body: Block,
    flags: Flags,
    decorators: tuple[Decorator, ...],
    returns: TypeRef | None,
) -> None:
    draft = unit.klass
    unit.functions[index] = Function(
        node.start_byte,
        node.end_byte,
        name,
        at.start_byte,
        at.end_byte,
        params,
        body,
        flags,
        owner=draft.index if draft is not None else None,
        outer=unit.frame.function,
        decorators=decorators,
        returns=returns,
    )
    if draft is not None:
        draft.methods.append(index)


def _constructor(unit: Unit, node: Node) -> None:
    name = node.child_by_field_name("name")
    if name is None:
        unit.strays.append(unit.opaque(node))
        return
    flags, decorators = modifiers(unit, node)
    flags |= Flags.CONSTRUCTOR | Flags.METHOD
    _function(unit, node, "<init>", name, flags, decorators, None, node.child_by_field_name("body"))


def _annotation_element(unit: Unit, node: Node) -> None:
    """An element of an annotation type: a method that returns its default, abstract without one."""
    name, default = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is None:
        unit.strays.append(unit.opaque(node))
        return
    flags, decorators = modifiers(unit, node)
    flags |= Flags.PUBLIC | Flags.METHOD
    returns_node = node.child_by_field_name("type")
    returns = None if returns_node is None else type_ref(unit, returns_node)
    returns = with_dimensions(returns, node.child_by_field_name("dimensions"))
    body: Block = ()
    index = unit.reserve()
    if default is None:
        flags |= Flags.ABSTRACT
    else:
        outer = unit.enter(index, set())
        value: Expr = unit.full(default)
        unit.leave(outer)
        body = (Return(default.start_byte, default.end_byte, value),)
    _add(unit, index, node, unit.text(name), name, (), body, flags, decorators, returns)


def _loose_method(unit: Unit, node: Node, out: list[Stmt]) -> None:
    """A method in a place for statements: of a compact source file, or after an error, then of the class around."""
    index = _lower_method(unit, node)
    if index is not None and unit.klass is None:
        out.append(Define(node.start_byte, node.end_byte, index, None))


METHODS: dict[str, MemberHandler] = {
    "method_declaration": _method,
    "constructor_declaration": _constructor,
    "annotation_type_element_declaration": _annotation_element,
}
LOOSE_METHODS: dict[str, StmtHandler] = {"method_declaration": _loose_method}
