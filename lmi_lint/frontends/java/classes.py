"""Classes, interfaces, enums, records, annotation types: their headers, fields and initialisers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.frontends.java.expressions import arguments, initial
from lmi_lint.frontends.java.records import complete_record
from lmi_lint.frontends.java.types import declared_type, modifiers, type_list, with_dimensions
from lmi_lint.frontends.java.unit import COMMENTS, ClassDraft
from lmi_lint.frontends.treesitter import MAX_DEPTH
from lmi_lint.ir.nodes import (
    Arg,
    Assign,
    BlockStmt,
    Call,
    Class,
    ClassValue,
    Decorator,
    Define,
    Do,
    Expr,
    Field,
    Flags,
    Function,
    Member,
    Name,
    Stmt,
    This,
    TypeRef,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.java.unit import MemberHandler, StmtHandler, Unit

_KINDS = {
    "class_declaration": Flags.NONE,
    "interface_declaration": Flags.INTERFACE | Flags.ABSTRACT,
    "annotation_type_declaration": Flags.INTERFACE | Flags.ABSTRACT,
    "enum_declaration": Flags.ENUM,
    "record_declaration": Flags.RECORD | Flags.FINAL,
}
_IMPLICITLY_STATIC = Flags.INTERFACE | Flags.ENUM | Flags.RECORD
_CONSTANT = Flags.PUBLIC | Flags.STATIC | Flags.FINAL


class _Header(Struct, frozen=True):
    """What a class says of itself before its body."""

    name: Name
    flags: Flags
    decorators: tuple[Decorator, ...]
    bases: tuple[TypeRef, ...]
    interfaces: tuple[TypeRef, ...]
    type_params: tuple[str, ...]


def _header(unit: Unit, node: Node) -> _Header:
    flags, decorators = modifiers(unit, node)
    flags |= _KINDS[node.type]
    interfaces = node.child_by_field_name("interfaces")
    if interfaces is None:
        interfaces = next((child for child in node.named_children if child.type == "extends_interfaces"), None)
    around = unit.klass
    if around is not None and (flags & _IMPLICITLY_STATIC or around.is_interface):
        flags |= Flags.STATIC
    if around is not None and around.is_interface:
        flags |= Flags.PUBLIC
    name = node.child_by_field_name("name")
    return _Header(
        name=unit.name(name) if name is not None else Name(node.start_byte, node.start_byte, ""),
        flags=flags,
        decorators=decorators,
        bases=type_list(unit, node.child_by_field_name("superclass")),
        interfaces=type_list(unit, interfaces),
        type_params=_type_params(unit, node.child_by_field_name("type_parameters")),
    )


def _type_params(unit: Unit, node: Node | None) -> tuple[str, ...]:
    found: list[str] = []
    for child in node.named_children if node is not None else ():
        if child.type == "type_parameter":
            name = next((part for part in child.named_children if part.type in ("type_identifier", "identifier")), None)
            if name is not None:
                found.append(unit.text(name))
    return tuple(found)


def declare_class(unit: Unit, node: Node) -> int | None:
    """Lower a class declaration; its index, or None where it is nested too deeply."""
    if unit.depth >= MAX_DEPTH:
        unit.strays.append(unit.too_deep(node))
        return None
    unit.depth += 1
    header = _header(unit, node)
    index = len(unit.classes)
    unit.classes.append(None)
    is_interface = Flags.INTERFACE in header.flags
    draft = ClassDraft(index, node, header.name, _textual_around(unit), is_interface)
    body = node.child_by_field_name("body")
    record = node.child_by_field_name("parameters") if node.type == "record_declaration" else None
    _body(unit, draft, body, record)
    _finish(unit, draft, header)
    unit.keep_errors(node)
    unit.depth -= 1
    return index


def anonymous_class(unit: Unit, node: Node, base: TypeRef, args: tuple[Arg, ...], body: Node) -> Expr:
    """Construct an anonymous subclass of ``base``; whether that is a class or an interface is not known here."""
    if unit.depth >= MAX_DEPTH:
        return unit.too_deep(node)
    unit.depth += 1
    index = len(unit.classes)
    unit.classes.append(None)
    name = Name(base.start, base.end, "")
    draft = ClassDraft(index, node, name, _textual_around(unit), False)
    _body(unit, draft, body, None)
    _finish(unit, draft, _Header(name, Flags.NONE, (), (base,), (), ()))
    unit.depth -= 1
    callee = ClassValue(base.start, base.end, index)
    return Call(node.start_byte, node.end_byte, callee, args, new=True, type=base)


def _textual_around(unit: Unit) -> set[str]:
    around = set(unit.frame.textual)
    if unit.klass is not None:
        around |= unit.klass.textual
    return around


def _body(unit: Unit, draft: ClassDraft, body: Node | None, record: Node | None) -> None:
    """Lower all members into ``draft``."""
    outer, unit.klass = unit.klass, draft
    members = _members(body)
    _note_fields(unit, draft, members)
    if record is not None:
        complete_record(unit, draft, record, members)
    for member in members:
        handler = unit.tables.members.get(member.type)
        if handler is not None:
            handler(unit, member)
            unit.keep_errors(member)
        elif member.type not in COMMENTS:
            unit.strays.append(unit.opaque(member))
    unit.klass = outer


def _members(body: Node | None) -> list[Node]:
    """The members of a class, also those after an enum's constants."""
    found: list[Node] = []
    for child in body.named_children if body is not None else ():
        if child.type == "enum_body_declarations":
            found.extend(child.named_children)
        else:
            found.append(child)
    return found


def _note_fields(unit: Unit, draft: ClassDraft, members: list[Node]) -> None:
    """Learn which fields hold text before any method that reads them is lowered."""
    for member in members:
        if member.type not in ("field_declaration", "constant_declaration"):
            continue
        written = member.child_by_field_name("type")
        is_text = written is not None and unit.text(written) in ("String", "java.lang.String")
        for declarator in member.children_by_field_name("declarator"):
            name = declarator.child_by_field_name("name")
            if name is None:
                continue
            if is_text and declarator.child_by_field_name("dimensions") is None:
                draft.textual.add(unit.text(name))
            else:
                draft.textual.discard(unit.text(name))


def _finish(unit: Unit, draft: ClassDraft, header: _Header) -> None:
    """Put the class and its initialisers in their places; the current class is again the one around it."""
    if draft.static_function is not None:
        _initializer(unit, draft, draft.static_function, "<static>", draft.static_body, Flags.STATIC)
    if draft.instance_function is not None:
        _initializer(unit, draft, draft.instance_function, "<init-fields>", draft.instance_body, Flags.METHOD)
    node, name = draft.node, draft.name
    unit.classes[draft.index] = Class(
        node.start_byte,
        node.end_byte,
        name.id,
        name.start,
        name.end,
        header.bases,
        header.interfaces,
        tuple(draft.fields),
        tuple(draft.methods),
        header.flags,
        header.decorators,
        outer_class=unit.klass.index if unit.klass is not None else None,
        outer=unit.frame.function,
        type_params=header.type_params,
    )


def _initializer(unit: Unit, draft: ClassDraft, index: int, name: str, body: list[Stmt], flags: Flags) -> None:
    node, at = draft.node, draft.name
    unit.functions[index] = Function(
        node.start_byte,
        node.end_byte,
        name,
        at.start,
        at.end,
        (),
        tuple(body),
        Flags.INITIALIZER | flags,
        owner=draft.index,
        outer=unit.frame.function,
    )
    draft.methods.append(index)


# --------------------------------------------------------------------------- fields and initialisers


def _static_function(unit: Unit, draft: ClassDraft) -> int:
    if draft.static_function is None:
        draft.static_function = unit.reserve()
    return draft.static_function


def _instance_function(unit: Unit, draft: ClassDraft) -> int:
    if draft.instance_function is None:
        draft.instance_function = unit.reserve()
    return draft.instance_function


def _field(unit: Unit, node: Node) -> None:
    draft = unit.klass
    if draft is None:
        return
    flags, decorators = modifiers(unit, node)
    if draft.is_interface:
        flags |= _CONSTANT
    base = declared_type(unit, node.child_by_field_name("type"))
    for child in node.children_by_field_name("declarator"):
        name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
        if name is None:
            continue
        written = with_dimensions(base, child.child_by_field_name("dimensions"))
        field = unit.name(name)
        draft.fields.append(Field(child.start_byte, child.end_byte, field.id, written, flags, decorators))
        if value is not None:
            _assign_field(unit, draft, child, field, value, written, Flags.STATIC in flags)
        unit.keep_errors(child)


def _assign_field(
    unit: Unit, draft: ClassDraft, node: Node, field: Name, value: Node, written: TypeRef | None, static: bool
) -> None:
    function = _static_function(unit, draft) if static else _instance_function(unit, draft)
    outer = unit.enter(function, set(draft.textual))
    array = value.type == "array_initializer"
    result = initial(unit, value, written) if array else unit.full(value)
    unit.leave(outer)
    owner = ClassValue(field.start, field.end, draft.index) if static else This(field.start, field.end)
    target = Member(field.start, field.end, owner, field.id)
    start, end = node.start_byte, node.end_byte
    into = draft.static_body if static else draft.instance_body
    into.append(Do(start, end, Assign(start, end, result, target)))


def _static_block(unit: Unit, node: Node) -> None:
    draft = unit.klass
    block = next((child for child in node.named_children if child.type == "block"), None)
    if draft is None or block is None:
        return
    outer = unit.enter(_static_function(unit, draft), set(draft.textual))
    draft.static_body.append(BlockStmt(node.start_byte, node.end_byte, unit.block(block)))
    unit.leave(outer)


def _instance_block(unit: Unit, node: Node) -> None:
    draft = unit.klass
    if draft is None:
        return
    outer = unit.enter(_instance_function(unit, draft), set(draft.textual))
    draft.instance_body.append(BlockStmt(node.start_byte, node.end_byte, unit.block(node)))
    unit.leave(outer)


def _enum_constant(unit: Unit, node: Node) -> None:
    """A constant is a static field that the static initialiser constructs."""
    draft = unit.klass
    name = node.child_by_field_name("name")
    if draft is None or name is None:
        return
    field = unit.name(name)
    start, end = node.start_byte, node.end_byte
    type_ = TypeRef(field.start, field.end, draft.name.id)
    _, decorators = modifiers(unit, node)
    draft.fields.append(Field(start, end, field.id, type_, _CONSTANT, decorators))
    outer = unit.enter(_static_function(unit, draft), set(draft.textual))
    args = arguments(unit, node.child_by_field_name("arguments"))
    body = node.child_by_field_name("body")
    value: Expr
    if body is not None:
        value = anonymous_class(unit, node, type_, args, body)
    else:
        value = Call(start, end, Name(field.start, field.end, draft.name.id), args, new=True, type=type_)
    unit.leave(outer)
    target = Member(field.start, field.end, ClassValue(field.start, field.end, draft.index), field.id)
    draft.static_body.append(Do(start, end, Assign(start, end, value, target)))


# --------------------------------------------------------------------------- places a class can stand in


def _member_class(unit: Unit, node: Node) -> None:
    declare_class(unit, node)


def _local_class(unit: Unit, node: Node, out: list[Stmt]) -> None:
    index = declare_class(unit, node)
    if index is not None:
        out.append(Define(node.start_byte, node.end_byte, None, index))


CLASS_MEMBERS: dict[str, MemberHandler] = {
    "field_declaration": _field,
    "constant_declaration": _field,
    "static_initializer": _static_block,
    "block": _instance_block,
    "enum_constant": _enum_constant,
    **dict.fromkeys(_KINDS, _member_class),
}
LOCAL_CLASSES: dict[str, StmtHandler] = dict.fromkeys(_KINDS, _local_class)
