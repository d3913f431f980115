"""Classes: members, initialisers, heritage."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from lmi_lint.frontends.javascript.context import Frame, Lowering, real
from lmi_lint.frontends.javascript.functions import (
    Owner,
    decorator,
    flags_of,
    lower_function,
    named_value,
    parameter_properties,
)
from lmi_lint.frontends.javascript.literals import string_value
from lmi_lint.frontends.javascript.types import type_params, type_ref, type_refs
from lmi_lint.ir import nodes as ir

if TYPE_CHECKING:
    from tree_sitter import Node

_FIELDS = frozenset({"field_definition", "public_field_definition"})
_SIGNATURES = frozenset({"method_signature", "index_signature", "abstract_method_signature"})
_HERITAGE = frozenset({"identifier", "member_expression", "nested_identifier"})


_LowerBlock: TypeAlias = "Callable[[Node], ir.Block]"


class _Initializer(Struct):
    """Collects what runs when the class is defined, or when an instance is made."""

    flags: ir.Flags
    index: int | None = None
    body: list[ir.Stmt] = []


def declaration(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``class A {}``."""
    define(low, node, Owner(), out)


def define(low: Lowering, node: Node, owner: Owner, out: list[ir.Stmt]) -> None:
    """A class declaration; then its decorators that are given objects, as the calls that they are."""
    index = lower_class(low, node, owner)
    out.append(ir.Define(node.start_byte, node.end_byte, None, index))
    lowered = low.classes[index]
    for each in lowered.decorators if lowered is not None else ():
        if any(isinstance(arg.value, ir.Display) for arg in each.args):
            first, *rest = each.name.split(".")
            callee: ir.Expr = ir.Name(each.start, each.end, first)
            for part in rest:
                callee = ir.Member(each.start, each.end, callee, part)
            out.append(ir.Do(each.start, each.end, ir.Call(each.start, each.end, callee, each.args)))


def value(low: Lowering, node: Node) -> ir.Expr:
    """A class expression."""
    return ir.ClassValue(node.start_byte, node.end_byte, lower_class(low, node, Owner()))


def lower_class(low: Lowering, node: Node, owner: Owner) -> int:
    """Lower a class and return its index; ``owner`` gives name and decorators that stand outside of it."""
    index = low.reserve_class()
    saved, low.klass = low.klass, index
    decorators = owner.decorators + tuple([decorator(low, c) for c in node.named_children if c.type == "decorator"])
    bases, interfaces, base_expr = _heritage(low, node)
    fields: list[ir.Field] = []
    methods: list[int] = []
    static = _Initializer(ir.Flags.INITIALIZER | ir.Flags.STATIC)
    instance = _Initializer(ir.Flags.INITIALIZER)
    _members(low, node, index, fields, methods, (static, instance))
    for initializer in (static, instance):
        if initializer.index is not None:
            _close(low, node, index, initializer)
            methods.append(initializer.index)
    low.klass = saved
    own = node.child_by_field_name("name")
    name, start, end = owner.name, owner.start, owner.end
    if own is not None:
        name, start, end = low.text(own), own.start_byte, own.end_byte
    elif start < 0:
        start = end = node.start_byte
    flags = owner.flags | (ir.Flags.ABSTRACT if node.type == "abstract_class_declaration" else ir.Flags.NONE)
    low.classes[index] = ir.Class(
        node.start_byte,
        node.end_byte,
        name,
        start,
        end,
        bases,
        interfaces,
        tuple(fields),
        tuple(methods),
        flags,
        decorators,
        saved,
        low.frame.index,
        base_expr,
        type_params(low, node.child_by_field_name("type_parameters")),
    )
    return index


def _heritage(low: Lowering, node: Node) -> tuple[tuple[ir.TypeRef, ...], tuple[ir.TypeRef, ...], ir.Expr | None]:
    heritage = next((child for child in node.named_children if child.type == "class_heritage"), None)
    if heritage is None:
        return (), (), None
    base: Node | None = None
    args: tuple[ir.TypeRef, ...] = ()
    interfaces: tuple[ir.TypeRef, ...] = ()
    for child in real(heritage.named_children):
        if child.type == "extends_clause":
            base = child.child_by_field_name("value")
            args = type_refs(low, child.child_by_field_name("type_arguments"))
        elif child.type == "implements_clause":
            interfaces = type_refs(low, child)
        else:
            base = child
    if base is None:
        return (), interfaces, None
    bases: tuple[ir.TypeRef, ...] = ()
    if base.type in _HERITAGE:
        dotted = "".join(low.text(base).split())
        bases = (ir.TypeRef(base.start_byte, base.end_byte, dotted, args),) if "(" not in dotted else ()
    return bases, interfaces, low.expr(base)


def _members(
    low: Lowering,
    node: Node,
    index: int,
    fields: list[ir.Field],
    methods: list[int],
    initializers: tuple[_Initializer, _Initializer],
) -> None:
    body = node.child_by_field_name("body")
    static, instance = initializers
    before: list[ir.Decorator] = []
    for member in () if body is None else real(body.named_children):
        kind = member.type
        if kind == "decorator":
            before.append(decorator(low, member))
            continue
        inside = [decorator(low, child) for child in member.named_children if child.type == "decorator"]
        decorators, before = tuple(before + inside), []
        if kind == "method_definition":
            methods.append(_method(low, member, index, decorators, fields, static))
        elif kind in _FIELDS:
            is_static = any(child.type == "static" for child in member.children)
            _field(low, member, index, decorators, fields, static if is_static else instance)
        elif kind == "class_static_block":
            _run(low, member, static, low.body)
        elif kind not in _SIGNATURES:
            with_effect = low.opaque(member)
            _open(low, static)
            static.body.append(with_effect)


def _method(
    low: Lowering,
    node: Node,
    index: int,
    decorators: tuple[ir.Decorator, ...],
    fields: list[ir.Field],
    static: _Initializer,
) -> int:
    key = node.child_by_field_name("name")
    flags = ir.Flags.PRIVATE if key is not None and key.type == "private_property_identifier" else ir.Flags.NONE
    name, start, end = member_name(low, node, key)
    is_static = any(child.type == "static" for child in node.children)
    if name == "constructor" and not is_static:
        flags |= ir.Flags.CONSTRUCTOR
        fields.extend(parameter_properties(low, node))
    _computed_key(low, key, static)
    return lower_function(low, node, Owner(name, start, end, flags, index, decorators))


def member_name(low: Lowering, node: Node, key: Node | None) -> tuple[str, int, int]:
    """The name of a member and where it stands; a computed one is its source text in brackets."""
    if key is None:
        return "", node.start_byte, node.start_byte
    name = low.text(key)
    if key.type == "string":
        name = string_value(low, key)
    elif key.type == "computed_property_name":
        inner = real(key.named_children)
        if inner and inner[0].type == "string":
            name = string_value(low, inner[0])
    return name, key.start_byte, key.end_byte


def _computed_key(low: Lowering, key: Node | None, static: _Initializer) -> None:
    """A computed key is evaluated once, when the class is defined."""
    if key is None or key.type != "computed_property_name":
        return
    inner = real(key.named_children)
    if inner and inner[0].type not in ("string", "number"):
        _open(low, static)
        static.body.append(ir.Do(key.start_byte, key.end_byte, low.expr(inner[0])))


def _field(
    low: Lowering,
    node: Node,
    index: int,
    decorators: tuple[ir.Decorator, ...],
    fields: list[ir.Field],
    initializer: _Initializer,
) -> None:
    key = node.child_by_field_name("name") or node.child_by_field_name("property")
    name, _, _ = member_name(low, node, key)
    flags = flags_of(node)
    if key is not None and key.type == "private_property_identifier":
        flags |= ir.Flags.PRIVATE
    annotation = type_ref(low, node.child_by_field_name("type"))
    fields.append(ir.Field(node.start_byte, node.end_byte, name, annotation, flags, decorators))
    written = node.child_by_field_name("value")
    if written is None:
        return

    def assign(_: Node) -> ir.Block:
        start, end = node.start_byte, node.end_byte
        at, to = (start, end) if key is None else (key.start_byte, key.end_byte)
        is_static = ir.Flags.STATIC in initializer.flags
        base: ir.Expr = ir.ClassValue(at, to, index) if is_static else ir.This(at, to)
        target: ir.Target = ir.Member(at, to, base, name)
        inner = real(key.named_children) if key is not None and key.type == "computed_property_name" else []
        if inner and inner[0].type != "string":
            target = ir.Index(at, to, base, low.expr(inner[0]))
        return (ir.Do(start, end, ir.Assign(start, end, named_value(low, written, key), target)),)

    _run(low, node, initializer, assign)


def _open(low: Lowering, initializer: _Initializer) -> int:
    if initializer.index is None:
        initializer.index = low.reserve_function()
        initializer.body = []
    return initializer.index


def _run(low: Lowering, node: Node, initializer: _Initializer, lower: _LowerBlock) -> None:
    """Lower a part of an initialiser inside that function."""
    saved, label = low.frame, low.label
    low.frame, low.label = Frame(_open(low, initializer), initializer.flags, []), None
    block = node.child_by_field_name("body")
    lowered = lower(block if block is not None else node)
    low.frame, low.label = saved, label
    if node.type == "class_static_block":
        initializer.body.append(ir.BlockStmt(node.start_byte, node.end_byte, lowered))
    else:
        initializer.body.extend(lowered)


def _close(low: Lowering, node: Node, index: int, initializer: _Initializer) -> None:
    """Store the initialiser as a function of the class."""
    if initializer.index is None:
        return
    start, end = node.start_byte, node.end_byte
    low.functions[initializer.index] = ir.Function(
        start, end, "", start, start, (), tuple(initializer.body), initializer.flags, index, low.frame.index
    )


def interface(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``interface I`` → a Class with its fields only. It binds no name at run time, so there is no Define."""
    own = node.child_by_field_name("name")
    body = node.child_by_field_name("body")
    if own is None:
        return
    fields: list[ir.Field] = []
    for member in () if body is None else body.named_children:
        key = member.child_by_field_name("name")
        if member.type == "property_signature" and key is not None:
            name, start, end = member_name(low, member, key)
            annotation = type_ref(low, member.child_by_field_name("type"))
            fields.append(ir.Field(start, end, name, annotation, flags_of(member)))
    extends = next((child for child in node.named_children if child.type == "extends_type_clause"), None)
    low.classes.append(
        ir.Class(
            node.start_byte,
            node.end_byte,
            low.text(own),
            own.start_byte,
            own.end_byte,
            (),
            type_refs(low, extends),
            tuple(fields),
            (),
            ir.Flags.INTERFACE,
            outer=low.frame.index,
            type_params=type_params(low, node.child_by_field_name("type_parameters")),
        )
    )
