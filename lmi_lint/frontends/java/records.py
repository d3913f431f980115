"""What a record declares without saying so: fields, the canonical constructor, accessors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.java.params import parameters
from lmi_lint.frontends.java.types import modifiers
from lmi_lint.ir.nodes import (
    Assign,
    Block,
    Decorator,
    Do,
    Field,
    Flags,
    Function,
    Member,
    Name,
    Param,
    Return,
    Stmt,
    This,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.java.unit import ClassDraft, Unit

_COMPONENTS = frozenset({"formal_parameter", "spread_parameter"})


def complete_record(unit: Unit, draft: ClassDraft, components: Node, members: list[Node]) -> None:
    """Add a record's fields, its canonical constructor and its accessors, unless its body declares them.

    Takes a compact constructor, whose body comes before the assignments, out of ``members``.
    """
    outer = unit.enter(unit.frame.function, set())
    params = parameters(unit, components)
    draft.textual |= unit.frame.textual
    unit.leave(outer)
    for param in params:
        flags = Flags.PRIVATE | Flags.FINAL
        draft.fields.append(Field(param.start, param.end, param.name, param.type, flags, param.decorators))
    compact = next((member for member in members if member.type == "compact_constructor_declaration"), None)
    if compact is not None:
        members.remove(compact)
        unit.keep_errors(compact)
    if compact is not None or not any(_is_canonical(unit, member, params) for member in members):
        _canonical(unit, draft, params, compact)
    for param in params:
        if not any(_is_accessor(unit, member, param.name) for member in members):
            _accessor(unit, draft, param)


def _is_canonical(unit: Unit, member: Node, params: tuple[Param, ...]) -> bool:
    """Whether a member is a constructor with the record's parameter types, as they are written."""
    if member.type != "constructor_declaration":
        return False
    parts = member.child_by_field_name("parameters")
    own = [child for child in parts.named_children if child.type in _COMPONENTS] if parts is not None else []
    if len(own) != len(params):
        return False
    outer = unit.enter(unit.frame.function, set())
    found = parameters(unit, parts)
    unit.leave(outer)
    return [_type_name(param) for param in found] == [_type_name(param) for param in params]


def _type_name(param: Param) -> str:
    return param.type.name if param.type is not None else ""


def _is_accessor(unit: Unit, member: Node, name: str) -> bool:
    if member.type != "method_declaration":
        return False
    found, parts = member.child_by_field_name("name"), member.child_by_field_name("parameters")
    if found is None or unit.text(found) != name:
        return False
    return parts is None or not any(child.type in _COMPONENTS for child in parts.named_children)


def _canonical(unit: Unit, draft: ClassDraft, params: tuple[Param, ...], compact: Node | None) -> None:
    node = compact if compact is not None else draft.node
    index = unit.reserve()
    own: Block = ()
    flags = Flags.PUBLIC
    decorators: tuple[Decorator, ...] = ()
    if compact is not None:
        flags, decorators = modifiers(unit, compact)
        outer = unit.enter(index, set(draft.textual))
        own = unit.block(compact.child_by_field_name("body"))
        unit.leave(outer)
    assigns: list[Stmt] = []
    for param in params:
        start, end = param.start, param.end
        target = Member(start, end, This(start, end), param.name)
        assigns.append(Do(start, end, Assign(start, end, Name(start, end, param.name), target)))
    unit.functions[index] = Function(
        node.start_byte,
        node.end_byte,
        "<init>",
        draft.name.start,
        draft.name.end,
        params,
        (*own, *assigns),
        flags | Flags.CONSTRUCTOR | Flags.METHOD,
        owner=draft.index,
        outer=unit.frame.function,
        decorators=decorators,
    )
    draft.methods.append(index)


def _accessor(unit: Unit, draft: ClassDraft, param: Param) -> None:
    start, end = param.start, param.end
    index = unit.reserve()
    body = (Return(start, end, Member(start, end, This(start, end), param.name)),)
    flags = Flags.PUBLIC | Flags.METHOD
    unit.functions[index] = Function(
        start,
        end,
        param.name,
        start,
        end,
        (),
        body,
        flags,
        owner=draft.index,
        outer=unit.frame.function,
        returns=param.type,
    )
    draft.methods.append(index)
