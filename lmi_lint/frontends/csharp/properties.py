"""Properties, indexers and events: fields where they only store, accessor functions where they do more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.csharp.closures import body_of, effects
from lmi_lint.frontends.csharp.creation import initial
from lmi_lint.frontends.csharp.params import parameters, receiver_of
from lmi_lint.frontends.csharp.types import declared_type, modifiers
from lmi_lint.ir.nodes import (
    Assign,
    Block,
    ClassValue,
    Decorator,
    Do,
    Expr,
    Field,
    Flags,
    Function,
    Member,
    Name,
    Param,
    Return,
    Sequence,
    This,
    TypeRef,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import ClassDraft, Unit

_FLAGS = {
    "get": Flags.ACCESSOR_GET,
    "set": Flags.ACCESSOR_SET,
    "init": Flags.ACCESSOR_SET,
    "add": Flags.NONE,
    "remove": Flags.NONE,
}


class _Property:
    """What all accessors of a property share."""

    __slots__ = ("decorators", "flags", "name", "parameters", "type")

    def __init__(
        self,
        name: Name,
        written: TypeRef | None,
        flags: Flags,
        decorators: tuple[Decorator, ...],
        listed: Node | None = None,
    ) -> None:
        self.name = name
        self.type = written
        self.flags = flags
        self.decorators = decorators
        self.parameters = listed

    @property
    def field(self) -> str:
        """The name that the compiler gives the backing field."""
        return f"<{self.name.id}>k__BackingField"

    @property
    def is_static(self) -> bool:
        """Whether it belongs to the class."""
        return Flags.STATIC in self.flags


def add_field(
    unit: Unit, draft: ClassDraft, node: Node, field: Name, value: Node, written: TypeRef | None, static: bool
) -> None:
    """Assign a field's initial value in the initialiser; with a primary constructor, there."""
    types = {}
    if static:
        if draft.static_function is None:
            draft.static_function = unit.reserve()
        function, into = draft.static_function, draft.static_body
    elif draft.primary is not None:
        function, into, types = draft.primary, draft.primary_body, dict(draft.primary_types)
    else:
        if draft.instance_function is None:
            draft.instance_function = unit.reserve()
        function, into = draft.instance_function, draft.instance_body
    outer = unit.enter(function, types)
    result = initial(unit, value, written)
    declares = unit.frame.pending
    unit.leave(outer)
    if declares:
        result = Sequence(result.start, result.end, tuple(declares), result)
    owner: Expr = ClassValue(field.start, field.end, draft.index) if static else This(field.start, field.end)
    start, end = node.start_byte, node.end_byte
    into.append(Do(start, end, Assign(start, end, result, Member(field.start, field.end, owner, field.id))))


def property_(unit: Unit, node: Node) -> None:
    """A property: a field if all its accessors are automatic, else functions."""
    draft, name = unit.klass, node.child_by_field_name("name")
    if draft is None or name is None:
        unit.strays.append(unit.opaque(node))
        return
    flags, decorators = modifiers(unit, node)
    if draft.is_interface:
        flags |= Flags.PUBLIC
    found = _Property(unit.name(name), declared_type(unit, node.child_by_field_name("type")), flags, decorators)
    value = node.child_by_field_name("value")
    accessors = _accessors(node)
    if value is not None and value.type == "arrow_expression_clause":
        _accessor(unit, draft, found, value, "get", value, Flags.NONE)
        return
    if all(accessor.child_by_field_name("body") is None for accessor in accessors):
        _automatic(unit, draft, node, found, accessors)
        if value is not None:
            add_field(unit, draft, node, found.name, value, found.type, found.is_static)
        return
    uses_field = value is not None
    for accessor in accessors:
        uses_field = _own_accessor(unit, draft, found, accessor) or uses_field
    if uses_field:
        backing = Flags.PRIVATE | (flags & (Flags.STATIC | Flags.THREAD_STATIC))
        draft.fields.append(Field(node.start_byte, node.end_byte, found.field, found.type, backing))
    if value is not None:
        backing_name = Name(found.name.start, found.name.end, found.field)
        add_field(unit, draft, node, backing_name, value, found.type, found.is_static)


def _accessors(node: Node) -> list[Node]:
    listed = node.child_by_field_name("accessors")
    return [c for c in listed.named_children if c.type == "accessor_declaration"] if listed is not None else []


def _automatic(unit: Unit, draft: ClassDraft, node: Node, found: _Property, accessors: list[Node]) -> None:
    flags = found.flags
    words = {_word(unit, accessor) for accessor in accessors}
    if "set" not in words:
        flags |= Flags.READONLY | Flags.FINAL
    if draft.is_interface:
        flags |= Flags.ABSTRACT
    name = found.name.id
    draft.fields.append(Field(node.start_byte, node.end_byte, name, found.type, flags, found.decorators))


def _word(unit: Unit, accessor: Node) -> str:
    """``get``, ``set``, ``init``, ``add`` or ``remove``."""
    name = accessor.child_by_field_name("name")
    return unit.text(name) if name is not None else ""


def _own_accessor(unit: Unit, draft: ClassDraft, found: _Property, node: Node) -> bool:
    """Lower one accessor; whether it uses the backing field."""
    word = _word(unit, node)
    if word not in _FLAGS:
        unit.strays.append(unit.opaque(node))
        return False
    own, _ = modifiers(unit, node)
    unit.keep_errors(node)
    return _accessor(unit, draft, found, node, word, node.child_by_field_name("body"), own & Flags.PRIVATE)


def _accessor(
    unit: Unit, draft: ClassDraft, found: _Property, node: Node, word: str, body_node: Node | None, own: Flags
) -> bool:
    """Add the function of an accessor; without a body it reads or writes the backing field."""
    index = unit.reserve()
    is_get = word == "get"
    outer = unit.enter(index, {}, found.type if is_get else None)
    before = unit.backing, unit.backing_static, unit.backing_used
    unit.backing, unit.backing_static, unit.backing_used = found.field, found.is_static, False
    params = parameters(unit, found.parameters).params
    receiver = receiver_of(unit) if not found.is_static else None
    if receiver is not None:
        params = (receiver, *params)
    if not is_get:
        params = (*params, Param(node.start_byte, node.end_byte, "value", found.type))
        unit.note_type("value", found.type)
    if body_node is not None:
        body = body_of(unit, body_node, discards=not is_get)
    elif Flags.ABSTRACT in found.flags:
        body = ()
    else:
        body = _plain(draft, found, node, is_get)
        unit.backing_used = True
    used = unit.backing_used
    unit.backing, unit.backing_static, unit.backing_used = before
    left = unit.leave(outer)
    flags = found.flags | _FLAGS[word] | effects(left)
    if Flags.PRIVATE in own and any(child.type == "modifier" for child in node.children):
        flags = (flags & ~Flags.PUBLIC) | Flags.PRIVATE
    flags |= Flags.EXTENSION | Flags.STATIC if receiver is not None else Flags.NONE
    name = found.name
    unit.functions[index] = Function(
        node.start_byte,
        node.end_byte,
        name.id if _FLAGS[word] else f"{word}_{name.id}",
        name.start,
        name.end,
        params,
        body,
        flags if Flags.STATIC in flags else flags | Flags.METHOD,
        owner=draft.index,
        outer=unit.frame.function,
        decorators=found.decorators,
        returns=found.type if is_get else None,
    )
    draft.methods.append(index)
    return used


def _plain(draft: ClassDraft, found: _Property, node: Node, is_get: bool) -> Block:
    start, end = node.start_byte, node.end_byte
    owner: Expr = ClassValue(start, end, draft.index) if found.is_static else This(start, end)
    field = Member(start, end, owner, found.field)
    if is_get:
        return (Return(start, end, field),)
    return (Do(start, end, Assign(start, end, Name(start, end, "value"), field)),)


def indexer(unit: Unit, node: Node) -> None:
    """An indexer: accessors called ``Item`` that take the indexes first."""
    draft = unit.klass
    at = next((child for child in node.children if child.type == "this"), None)
    if draft is None or at is None:
        unit.strays.append(unit.opaque(node))
        return
    flags, decorators = modifiers(unit, node)
    if draft.is_interface:
        flags |= Flags.PUBLIC | Flags.ABSTRACT
    listed = node.child_by_field_name("parameters")
    written = declared_type(unit, node.child_by_field_name("type"))
    found = _Property(Name(at.start_byte, at.end_byte, "Item"), written, flags, decorators, listed)
    value = node.child_by_field_name("value")
    if value is not None:
        _accessor(unit, draft, found, value, "get", value, Flags.NONE)
    for accessor in _accessors(node):
        _own_accessor(unit, draft, found, accessor)


def event(unit: Unit, node: Node) -> None:
    """An event with accessors: methods ``add_E`` and ``remove_E``."""
    draft, name = unit.klass, node.child_by_field_name("name")
    if draft is None or name is None:
        unit.strays.append(unit.opaque(node))
        return
    flags, decorators = modifiers(unit, node)
    found = _Property(unit.name(name), declared_type(unit, node.child_by_field_name("type")), flags, decorators)
    for accessor in _accessors(node):
        _own_accessor(unit, draft, found, accessor)
