"""Parameter lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.frontends.csharp.grammar import TRIVIA
from lmi_lint.frontends.csharp.types import TYPES, attributes, declared_type
from lmi_lint.frontends.csharp.unit import parts
from lmi_lint.ir.nodes import Decorator, Expr, Param, TypeRef

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import Unit

LISTS = frozenset({"parameter_list", "bracketed_parameter_list"})


class Parameters(Struct, frozen=True):
    """A parameter list; ``extends`` says that its first is the receiver of an extension method."""

    params: tuple[Param, ...]
    extends: bool = False


def parameters(unit: Unit, node: Node | None) -> Parameters:
    """The parameters of a method, constructor, indexer, delegate or lambda, their types noted in the current frame."""
    if node is None:
        return Parameters(())
    if node.type not in LISTS:  # x => …
        name = unit.id(node)
        unit.note_type(name, None)
        return Parameters((Param(node.start_byte, node.end_byte, name),))
    found: list[Param] = []
    extends = False
    rest = False
    rest_type: TypeRef | None = None
    for child in node.children:
        kind = child.type
        if kind == "parameter":
            param, modified = _parameter(unit, child)
            extends = extends or (b"this" in modified and not found)
            if param is not None:
                found.append(param)
        elif kind == "params":  # its type and name follow as children of the list
            rest = True
        elif rest and kind in TYPES and rest_type is None:
            rest_type = declared_type(unit, child)
        elif rest and kind == "identifier":
            found.append(Param(child.start_byte, child.end_byte, unit.id(child), rest_type, rest=True))
    unit.keep_errors(node)
    for param in found:
        unit.note_type(param.name, param.type)
    return Parameters(tuple(found), extends)


def _parameter(unit: Unit, node: Node) -> tuple[Param | None, list[bytes]]:
    name = node.child_by_field_name("name")
    decorators: list[Decorator] = []
    words: list[bytes] = []
    default: Expr | None = None
    children = node.children
    if len(children) > 2:
        seen_equals = False
        for child in children:
            kind = child.type
            if kind == "attribute_list":
                decorators.extend(attributes(unit, child))
            elif kind == "modifier":
                words.append(unit.data[child.start_byte : child.end_byte])
            elif kind == "=":
                seen_equals = True
            elif seen_equals and child.is_named and kind not in TRIVIA:
                default = unit.full(child)
    if name is None:
        return None, words
    written = declared_type(unit, node.child_by_field_name("type"))
    rest = b"params" in words
    by_ref = b"ref" in words or b"out" in words
    return Param(
        node.start_byte, node.end_byte, unit.id(name), written, default, rest, tuple(decorators), by_ref
    ), words


def receiver_of(unit: Unit) -> Param | None:
    """The receiver of the ``extension`` block that is being lowered, its type noted; None outside of one."""
    node = unit.klass.receiver if unit.klass is not None else None
    name = node.child_by_field_name("name") if node is not None else None
    if node is None or name is None:
        return None
    written = declared_type(unit, node.child_by_field_name("type"))
    unit.note_type(unit.id(name), written)
    return Param(node.start_byte, node.end_byte, unit.id(name), written)


def parameter_list(node: Node) -> Node | None:
    """The parameter list of a declaration that has no field for it."""
    return next((child for child in parts(node) if child.type in LISTS), None)
