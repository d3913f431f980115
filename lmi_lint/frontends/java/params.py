"""Parameter lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.java.types import TYPES, declared_type, modifiers, with_dimensions
from lmi_lint.ir.nodes import Param, TypeRef

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.java.unit import Unit


def parameters(unit: Unit, node: Node | None) -> tuple[Param, ...]:
    """The parameters of a method, constructor, record or lambda, without the receiver parameter."""
    found: list[Param] = []
    for child in node.named_children if node is not None else ():
        param: Param | None = None
        if child.type == "formal_parameter":
            param = _formal(unit, child)
        elif child.type == "spread_parameter":
            param = _spread(unit, child)
        if param is not None:
            unit.keep_errors(child)
            unit.note_type(param.name, param.type)
            found.append(param)
    return tuple(found)


def _formal(unit: Unit, node: Node) -> Param | None:
    name = node.child_by_field_name("name")
    if name is None or (name.type == "identifier" and unit.text(name) in ("this", "")):
        return None
    written = declared_type(unit, node.child_by_field_name("type"))
    written = with_dimensions(written, node.child_by_field_name("dimensions"))
    return Param(node.start_byte, node.end_byte, unit.text(name), written, decorators=modifiers(unit, node)[1])


def _spread(unit: Unit, node: Node) -> Param | None:
    written: TypeRef | None = None
    name: Node | None = None
    for child in node.named_children:
        if child.type in TYPES:
            written = declared_type(unit, child)
        elif child.type == "variable_declarator":
            name = child.child_by_field_name("name")
    if name is None:
        return None
    if written is not None:
        written = TypeRef(written.start, written.end, written.name + "[]", written.args)
    decorators = modifiers(unit, node)[1]
    return Param(node.start_byte, node.end_byte, unit.text(name), written, rest=True, decorators=decorators)
