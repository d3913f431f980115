"""Classes, structs, records, interfaces, enums, delegates: their headers and what they declare without saying so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.csharp.arguments import arguments
from lmi_lint.frontends.csharp.grammar import TRIVIA
from lmi_lint.frontends.csharp.params import parameter_list, parameters
from lmi_lint.frontends.csharp.types import TYPES, declared_type, modifiers, type_params, type_ref
from lmi_lint.frontends.csharp.unit import ClassDraft, parts
from lmi_lint.frontends.treesitter import MAX_DEPTH
from lmi_lint.ir.nodes import (
    Arg,
    Assign,
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
    Literal,
    Member,
    Name,
    Param,
    Stmt,
    Super,
    This,
    TypeRef,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import MemberHandler, StmtHandler, Unit

_KINDS = {
    "class_declaration": Flags.NONE,
    "struct_declaration": Flags.NONE,
    "interface_declaration": Flags.INTERFACE | Flags.ABSTRACT,
    "enum_declaration": Flags.ENUM,
    "record_declaration": Flags.RECORD,
    "delegate_declaration": Flags.INTERFACE | Flags.ABSTRACT,
}
_CONSTANT = Flags.PUBLIC | Flags.STATIC | Flags.READONLY | Flags.FINAL
_TYPED_MEMBERS = frozenset({"property_declaration", "event_declaration"})
_FIELDS = frozenset({"field_declaration", "event_field_declaration"})
_EXTENSION = b"extension"


class _Header:
    """What a class says of itself before its body. ``passed`` is the argument list for the base's constructor."""

    __slots__ = ("bases", "decorators", "flags", "interfaces", "passed")

    def __init__(self, flags: Flags, decorators: tuple[Decorator, ...]) -> None:
        self.flags = flags
        self.decorators = decorators
        self.bases: tuple[TypeRef, ...] = ()
        self.interfaces: tuple[TypeRef, ...] = ()
        self.passed: Node | None = None


def _header(unit: Unit, node: Node, name: Name) -> _Header:
    flags, decorators = modifiers(unit, node)
    flags |= _KINDS[node.type]
    if unit.namespace != unit.package:
        at = name.start
        own = Arg(at, at, Literal(at, at, unit.namespace or ""))
        decorators = (*decorators, Decorator(at, at, "namespace", (own,)))
    header = _Header(flags, decorators)
    base_list = next((child for child in node.named_children if child.type == "base_list"), None)
    for child in base_list.named_children if base_list is not None and node.type != "enum_declaration" else ():
        written: Node | None = child
        if child.type == "primary_constructor_base_type":
            written = child.child_by_field_name("type")
            header.passed = next((part for part in child.named_children if part.type == "argument_list"), None)
        elif child.type == "argument_list":
            header.passed = child
            continue
        if written is None or written.type not in TYPES:
            continue
        found = type_ref(unit, written)
        first = not header.bases and not header.interfaces and node.type in ("class_declaration", "record_declaration")
        if first and not _is_interface(found.name):
            header.bases = (found,)
        else:
            header.interfaces = (*header.interfaces, found)
    return header


def _is_interface(name: str) -> bool:
    """Whether a type is an interface, by the convention of its name; the syntax does not tell."""
    last = name.rpartition(".")[2]
    return len(last) > 1 and last[0] == "I" and last[1].isupper()


def declare_class(unit: Unit, node: Node) -> int | None:
    """Lower a class declaration; its index, or None where it is nested too deeply."""
    if unit.depth >= MAX_DEPTH:
        unit.strays.append(unit.too_deep(node))
        return None
    unit.depth += 1
    written = node.child_by_field_name("name")
    name = unit.name(written) if written is not None else Name(node.start_byte, node.start_byte, "")
    extends = _is_extension(unit, node)
    if extends:
        name = Name(name.start, name.end, "extension")
    header = _header(unit, node, name)
    index = len(unit.classes)
    unit.classes.append(None)
    draft = ClassDraft(index, node, name, unit.klass, Flags.INTERFACE in header.flags)
    _read_body(unit, draft, header, extends)
    _finish(unit, draft, header, type_params(unit, node))
    unit.keep_errors(node)
    unit.depth -= 1
    return index


def _read_body(unit: Unit, draft: ClassDraft, header: _Header, extends: bool) -> None:
    """Lower all members into ``draft``."""
    node = draft.node
    unit.klass = draft
    outer = unit.enter(unit.frame.function, {})
    if node.type == "delegate_declaration":
        _invoke(unit, draft)
    body = node.child_by_field_name("body")
    members = _members(body)
    _note_members(unit, draft, members)
    listed = parameter_list(node) if node.type != "delegate_declaration" else None
    own: tuple[Param, ...] = ()
    if extends:
        draft.receiver = next(iter(parts(listed)), None) if listed is not None else None
    elif listed is not None:
        own = _primary(unit, draft, listed)
    for member in members:
        handler = unit.tables.members.get(member.type)
        if handler is not None:
            handler(unit, member)
            unit.keep_errors(member)
        else:
            unit.strays.append(unit.opaque(member))
    if body is not None:
        unit.keep_errors(body)
    if draft.primary is not None:
        _finish_primary(unit, draft, own, header)
    unit.leave(outer)
    unit.klass = draft.outer


def _is_extension(unit: Unit, node: Node) -> bool:
    """Whether a class is an ``extension (T x) { … }`` block, which is parsed as a nested class."""
    keyword = next((child for child in node.children if child.type == "class"), None)
    return keyword is not None and unit.data[keyword.start_byte : keyword.start_byte + 9] == _EXTENSION


def _members(body: Node | None) -> list[Node]:
    """The members of a class, those inside ``#if`` too."""
    found: list[Node] = []
    stack = list(reversed(body.named_children)) if body is not None else []
    while stack:
        child = stack.pop()
        if child.type in ("preproc_if", "preproc_elif", "preproc_else"):
            condition = child.child_by_field_name("condition")
            stack.extend(part for part in reversed(child.named_children) if part != condition)
        elif child.type not in TRIVIA and not child.is_error:
            found.append(child)
    return found


def _note_members(unit: Unit, draft: ClassDraft, members: list[Node]) -> None:
    """Learn the types of fields and the names of methods and events before any member is lowered."""
    types = draft.types
    for member in members:
        kind = member.type
        if kind in _FIELDS:
            for declaration in member.named_children:
                if declaration.type != "variable_declaration":
                    continue
                written = declared_type(unit, declaration.child_by_field_name("type"))
                for declarator in declaration.named_children:
                    name = declarator.child_by_field_name("name") if declarator.type == "variable_declarator" else None
                    if name is not None:
                        types[unit.id(name)] = written
                        if kind == "event_field_declaration":
                            draft.events.add(unit.id(name))
        elif kind == "method_declaration" or kind in _TYPED_MEMBERS:
            name = member.child_by_field_name("name")
            if name is None:
                continue
            if kind == "method_declaration":
                draft.groups.add(unit.id(name))
                continue
            types[unit.id(name)] = declared_type(unit, member.child_by_field_name("type"))
            if kind == "event_declaration":
                draft.events.add(unit.id(name))


def _invoke(unit: Unit, draft: ClassDraft) -> None:
    """A delegate is an interface with one method."""
    node = draft.node
    index = unit.reserve()
    outer = unit.enter(index, {})
    params = parameters(unit, node.child_by_field_name("parameters")).params
    unit.leave(outer)
    returns = declared_type(unit, node.child_by_field_name("type"))
    flags = Flags.PUBLIC | Flags.METHOD | Flags.ABSTRACT
    _method(unit, draft, index, "Invoke", params, (), flags, returns)


# --------------------------------------------------------------------------- primary constructors


def _primary(unit: Unit, draft: ClassDraft, listed: Node) -> tuple[Param, ...]:
    """A primary constructor: its parameters, which are fields, unless a member of the same name is declared."""
    is_record = draft.node.type == "record_declaration"
    draft.primary = unit.reserve()
    outer = unit.enter(draft.primary, {})
    params = parameters(unit, listed).params
    draft.primary_types = unit.leave(outer).types
    for param in params:
        if param.name in draft.types:
            continue
        flags = Flags.PUBLIC if is_record else Flags.PRIVATE
        readonly = any(child.type == "modifier" and unit.text(child) == "readonly" for child in draft.node.children)
        if is_record and (readonly or not any(child.type == "struct" for child in draft.node.children)):
            flags |= Flags.READONLY | Flags.FINAL
        draft.fields.append(Field(param.start, param.end, param.name, param.type, flags, param.decorators))
        draft.types[param.name] = param.type
        target = Member(param.start, param.end, This(param.start, param.end), param.name)
        value = Name(param.start, param.end, param.name)
        draft.primary_body.append(Do(param.start, param.end, Assign(param.start, param.end, value, target)))
    return params


def _finish_primary(unit: Unit, draft: ClassDraft, params: tuple[Param, ...], header: _Header) -> None:
    """The primary constructor takes its parameters, initialises the fields, then calls the base's."""
    if draft.primary is None:
        return
    body = draft.primary_body
    if header.passed is not None:
        start, end = header.passed.start_byte, header.passed.end_byte
        outer = unit.enter(draft.primary, dict(draft.primary_types))
        args = arguments(unit, header.passed)
        declares = unit.frame.pending
        unit.leave(outer)
        body = [*body, *declares, Do(start, end, Call(start, end, Super(start, end), args))]
    flags = Flags.PUBLIC | Flags.CONSTRUCTOR | Flags.METHOD
    _method(unit, draft, draft.primary, "<init>", params, tuple(body), flags, None)


def _method(
    unit: Unit,
    draft: ClassDraft,
    index: int,
    name: str,
    params: tuple[Param, ...],
    body: tuple[Stmt, ...],
    flags: Flags,
    returns: TypeRef | None,
) -> None:
    """Put a method that the whole declaration makes in its place."""
    node, at = draft.node, draft.name
    unit.functions[index] = Function(
        node.start_byte,
        node.end_byte,
        name,
        at.start,
        at.end,
        params,
        body,
        flags,
        owner=draft.index,
        outer=unit.frame.function,
        returns=returns,
    )
    draft.methods.append(index)


# --------------------------------------------------------------------------- finishing


def _finish(unit: Unit, draft: ClassDraft, header: _Header, generics: tuple[str, ...]) -> None:
    """Put the class and its initialisers in their places."""
    initializer = Flags.INITIALIZER
    if draft.static_function is not None:
        body = tuple(draft.static_body)
        _method(unit, draft, draft.static_function, "<static>", (), body, initializer | Flags.STATIC, None)
    if draft.instance_function is not None:
        body = tuple(draft.instance_body)
        _method(unit, draft, draft.instance_function, "<init-fields>", (), body, initializer | Flags.METHOD, None)
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
        outer_class=draft.outer.index if draft.outer is not None else None,
        outer=unit.frame.function,
        type_params=generics,
    )


def enum_member(unit: Unit, node: Node) -> None:
    """A constant is a static field that the static initialiser sets."""
    draft = unit.klass
    name = node.child_by_field_name("name")
    if draft is None or name is None:
        return
    field = unit.name(name)
    start, end = node.start_byte, node.end_byte
    type_ = TypeRef(field.start, field.end, draft.name.id)
    _, decorators = modifiers(unit, node)
    draft.fields.append(Field(start, end, field.id, type_, _CONSTANT, decorators))
    if draft.static_function is None:
        draft.static_function = unit.reserve()
    outer = unit.enter(draft.static_function, {})
    value_node = node.child_by_field_name("value")
    value: Expr = Literal(start, end, field.id) if value_node is None else unit.full(value_node)
    unit.leave(outer)
    target = Member(field.start, field.end, ClassValue(field.start, field.end, draft.index), field.id)
    draft.static_body.append(Do(start, end, Assign(start, end, value, target)))


def _member_class(unit: Unit, node: Node) -> None:
    declare_class(unit, node)


def _local_class(unit: Unit, node: Node, out: list[Stmt]) -> None:
    index = declare_class(unit, node)
    if index is not None:
        out.append(Define(node.start_byte, node.end_byte, None, index))


CLASS_MEMBERS: dict[str, MemberHandler] = {
    "enum_member_declaration": enum_member,
    **dict.fromkeys(_KINDS, _member_class),
}
LOCAL_CLASSES: dict[str, StmtHandler] = dict.fromkeys(_KINDS, _local_class)
