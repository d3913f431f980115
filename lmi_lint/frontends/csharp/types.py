"""Types, modifiers and attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.csharp.grammar import TRIVIA
from lmi_lint.frontends.csharp.unit import parts
from lmi_lint.frontends.treesitter import MAX_DEPTH
from lmi_lint.ir.nodes import Arg, Decorator, Flags, Member, Name, TypeRef

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import Unit

TYPES = frozenset(
    {
        "identifier",
        "qualified_name",
        "generic_name",
        "alias_qualified_name",
        "predefined_type",
        "array_type",
        "nullable_type",
        "tuple_type",
        "pointer_type",
        "function_pointer_type",
        "ref_type",
        "scoped_type",
        "implicit_type",
    }
)
_WRAPPERS = frozenset({"nullable_type", "ref_type", "scoped_type"})
_FLAGS = {
    b"public": Flags.PUBLIC,
    b"private": Flags.PRIVATE,
    b"static": Flags.STATIC,
    b"sealed": Flags.FINAL,
    b"abstract": Flags.ABSTRACT,
    b"override": Flags.OVERRIDE,
    b"readonly": Flags.READONLY | Flags.FINAL,
    b"const": Flags.STATIC | Flags.READONLY | Flags.FINAL,
    b"volatile": Flags.VOLATILE,
    b"async": Flags.ASYNC,
    b"partial": Flags.PARTIAL,
}
_ACCESS = frozenset({b"public", b"private", b"protected", b"internal", b"file"})


def type_ref(unit: Unit, node: Node) -> TypeRef:
    """A type as written. ``T?`` and ``ref T`` are ``T``; a tuple is ``ValueTuple`` of its parts."""
    start, end = node.start_byte, node.end_byte
    kind = node.type
    if kind in ("identifier", "predefined_type"):
        return TypeRef(start, end, unit.id(node))
    if kind == "generic_name":
        return _generic(unit, node)
    if unit.depth >= MAX_DEPTH:
        unit.too_deep(node)
        return TypeRef(start, end, "?")
    unit.depth += 1
    found = _compound(unit, node, kind)
    unit.depth -= 1
    return found


def _compound(unit: Unit, node: Node, kind: str) -> TypeRef:
    start, end = node.start_byte, node.end_byte
    if kind in ("qualified_name", "alias_qualified_name"):
        last = node.child_by_field_name("name")
        generic = last is not None and last.type == "generic_name"
        args = _generic(unit, last).args if generic and last is not None else ()
        return TypeRef(start, end, dotted(unit, node), args)
    inner = node.child_by_field_name("type")
    if inner is None:
        inner = next((child for child in node.named_children if child.type in TYPES), None)
    if kind == "tuple_type":
        elements = [child.child_by_field_name("type") for child in node.named_children if child.type == "tuple_element"]
        return TypeRef(start, end, "ValueTuple", tuple([type_ref(unit, e) for e in elements if e is not None]))
    if inner is None or kind == "function_pointer_type":
        return TypeRef(start, end, unit.text(node))
    found = type_ref(unit, inner)
    if kind == "array_type":
        return TypeRef(start, end, found.name + "[]", found.args)
    if kind == "pointer_type":
        return TypeRef(start, end, found.name + "*", found.args)
    if kind in _WRAPPERS:
        return TypeRef(start, end, found.name, found.args)
    return TypeRef(start, end, unit.text(node))


def _generic(unit: Unit, node: Node) -> TypeRef:
    name = ""
    args: tuple[TypeRef, ...] = ()
    if unit.depth >= MAX_DEPTH:
        unit.too_deep(node)
        return TypeRef(node.start_byte, node.end_byte, "?")
    unit.depth += 1
    for child in node.named_children:
        if child.type == "type_argument_list":
            args = tuple([type_ref(unit, arg) for arg in child.named_children if arg.type in TYPES])
            if not args:  # typeof(Dictionary<,>)
                commas = sum(arg.type == "," for arg in child.children)
                args = (TypeRef(child.start_byte, child.end_byte, "?"),) * (commas + 1)
        elif child.type == "identifier":
            name = unit.id(child)
    unit.depth -= 1
    return TypeRef(node.start_byte, node.end_byte, name, args)


def declared_type(unit: Unit, node: Node | None) -> TypeRef | None:
    """The type of a declaration; None for ``var``."""
    if node is None or node.type == "implicit_type":
        return None
    if node.type in ("ref_type", "scoped_type"):
        return declared_type(unit, node.child_by_field_name("type"))
    found = type_ref(unit, node)
    return None if found.name == "var" and not found.args else found


def dotted(unit: Unit, node: Node) -> str:
    """The name ``a.b.C`` of a qualified name, without ``global::``, type arguments or space."""
    if node.type == "identifier":
        return unit.id(node)
    found: list[str] = []
    stack = [node]
    while stack:
        top = stack.pop()
        kind = top.type
        if kind in ("identifier", "predefined_type"):
            found.append(unit.id(top))
        elif kind != "type_argument_list":
            stack.extend(reversed(top.named_children))
    if len(found) > 1 and found[0] == "global":
        del found[0]
    return ".".join(found)


def name_path(start: int, end: int, name: str) -> Name | Member:
    """A dotted name as nested ``Member`` from a ``Name``, all with the same span."""
    pieces = name.split(".")
    result: Name | Member = Name(start, end, pieces[0])
    for piece in pieces[1:]:
        result = Member(start, end, result, piece)
    return result


def modifiers(unit: Unit, node: Node) -> tuple[Flags, tuple[Decorator, ...]]:
    """The flags and attributes of a declaration; a member without an access modifier is private."""
    flags = Flags.NONE
    decorators: list[Decorator] = []
    access = False
    data = unit.data
    for child in node.children:
        kind = child.type
        if kind == "modifier":
            word = data[child.start_byte : child.end_byte]
            flags |= _FLAGS.get(word, Flags.NONE)
            access = access or word in _ACCESS
        elif kind == "attribute_list":
            decorators.extend(attributes(unit, child))
        elif kind == "preproc_if_in_attribute_list":
            decorators.extend(_conditional(unit, child))
        elif (decorators or flags) and kind not in TRIVIA:
            break
    if not access and unit.klass is not None and not unit.klass.is_interface:
        flags |= Flags.PRIVATE
    for decorator in decorators:
        if decorator.name.rpartition(".")[2] in ("ThreadStatic", "ThreadStaticAttribute"):
            flags |= Flags.THREAD_STATIC
    return flags, tuple(decorators)


def _conditional(unit: Unit, node: Node) -> list[Decorator]:
    """The attributes of all branches of an ``#if`` around attributes."""
    found: list[Decorator] = []
    stack = list(reversed(node.named_children))
    while stack:
        child = stack.pop()
        if child.type == "attribute_list":
            found.extend(attributes(unit, child))
        else:
            stack.extend(reversed(child.named_children))
    return found


def attributes(unit: Unit, node: Node) -> list[Decorator]:
    """The attributes of one ``[…]``."""
    unit.keep_errors(node)
    return [attribute(unit, child) for child in node.named_children if child.type == "attribute"]


def attribute(unit: Unit, node: Node) -> Decorator:
    """An attribute with its arguments."""
    name = node.child_by_field_name("name")
    args: list[Arg] = []
    for values in node.named_children:
        if values.type != "attribute_argument_list":
            continue
        for child in values.named_children:
            inner = parts(child) if child.type == "attribute_argument" else []
            if not inner:
                continue
            key = unit.id(inner[0]) if len(inner) > 1 else None
            args.append(Arg(child.start_byte, child.end_byte, unit.full(inner[-1]), key))
    return Decorator(node.start_byte, node.end_byte, dotted(unit, name) if name is not None else "", tuple(args))


def type_params(unit: Unit, node: Node) -> tuple[str, ...]:
    """The names of the type parameters of a class."""
    found: list[str] = []
    for child in node.named_children:
        if child.type == "type_parameter_list":
            for param in child.named_children:
                name = param.child_by_field_name("name")
                if name is not None:
                    found.append(unit.id(name))
    return tuple(found)
