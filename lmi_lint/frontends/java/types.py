"""Types, modifiers and annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.java.unit import COMMENTS
from lmi_lint.frontends.treesitter import MAX_DEPTH
from lmi_lint.ir.nodes import Arg, Decorator, Display, DisplayKind, Entry, Expr, Flags, Literal, Member, Name, TypeRef

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.java.unit import Unit

ANNOTATIONS = frozenset({"marker_annotation", "annotation"})
TYPES = frozenset(
    {
        "type_identifier",
        "scoped_type_identifier",
        "generic_type",
        "array_type",
        "annotated_type",
        "integral_type",
        "floating_point_type",
        "boolean_type",
        "void_type",
        "wildcard",
    }
)
_FLAGS = {
    "public": Flags.PUBLIC,
    "private": Flags.PRIVATE,
    "static": Flags.STATIC,
    "final": Flags.FINAL,
    "volatile": Flags.VOLATILE,
    "synchronized": Flags.SYNCHRONIZED,
    "abstract": Flags.ABSTRACT,
}


def type_ref(unit: Unit, node: Node) -> TypeRef:
    """A type as written. ``? extends T`` and ``? super T`` are ``T``; a bare wildcard is ``?``."""
    kind = node.type
    if kind == "type_identifier":
        return TypeRef(node.start_byte, node.end_byte, unit.text(node))
    if kind == "generic_type":
        return _generic(unit, node)
    if kind == "array_type":
        return _array(unit, node)
    if kind in ("scoped_type_identifier", "scoped_identifier"):
        return TypeRef(node.start_byte, node.end_byte, dotted(unit, node))
    if kind in ("annotated_type", "wildcard"):
        inner = [child for child in node.named_children if child.type in TYPES]
        if inner:
            found = type_ref(unit, inner[-1])
            return TypeRef(node.start_byte, node.end_byte, found.name, found.args)
        return TypeRef(node.start_byte, node.end_byte, "?")
    return TypeRef(node.start_byte, node.end_byte, unit.text(node))


def _generic(unit: Unit, node: Node) -> TypeRef:
    name = ""
    args: tuple[TypeRef, ...] = ()
    if unit.depth >= MAX_DEPTH:
        unit.too_deep(node)
        return TypeRef(node.start_byte, node.end_byte, dotted(unit, node))
    unit.depth += 1
    for child in node.named_children:
        if child.type == "type_arguments":
            args = type_args(unit, child)
        elif child.type not in COMMENTS and not name:
            name = dotted(unit, child)
    unit.depth -= 1
    return TypeRef(node.start_byte, node.end_byte, name, args)


def _array(unit: Unit, node: Node) -> TypeRef:
    element = node.child_by_field_name("element")
    inner = type_ref(unit, element) if element is not None else TypeRef(node.start_byte, node.end_byte, "?")
    name = inner.name + "[]" * dimensions(node.child_by_field_name("dimensions"))
    return TypeRef(node.start_byte, node.end_byte, name, inner.args)


def dimensions(node: Node | None) -> int:
    """How many ``[]`` a ``dimensions`` node has."""
    return 0 if node is None else sum(1 for child in node.children if child.type == "[")


def with_dimensions(base: TypeRef | None, node: Node | None) -> TypeRef | None:
    """The type of ``int a[]``: ``base`` with the dimensions written after the name."""
    if base is None or node is None:
        return base
    return TypeRef(base.start, base.end, base.name + "[]" * dimensions(node), base.args)


def type_args(unit: Unit, node: Node | None) -> tuple[TypeRef, ...]:
    """The arguments of a ``type_arguments`` node; the diamond has none."""
    if node is None:
        return ()
    return tuple(type_ref(unit, child) for child in node.named_children if child.type in TYPES)


def type_list(unit: Unit, node: Node | None) -> tuple[TypeRef, ...]:
    """The types in ``extends``, ``implements`` and the like."""
    if node is None:
        return ()
    found: list[TypeRef] = []
    for child in node.named_children:
        if child.type in TYPES:
            found.append(type_ref(unit, child))
        elif child.type == "type_list":
            found.extend(type_ref(unit, inner) for inner in child.named_children if inner.type in TYPES)
    return tuple(found)


def declared_type(unit: Unit, node: Node | None) -> TypeRef | None:
    """The type of a declaration; None for ``var``."""
    if node is None:
        return None
    found = type_ref(unit, node)
    return None if found.name == "var" and not found.args else found


def dotted(unit: Unit, node: Node) -> str:
    """The name ``a.b.C`` of a scoped identifier or type, without annotations, type arguments or space."""
    if node.child_count == 0:
        return unit.text(node)
    parts: list[str] = []
    stack = [node]
    while stack:
        top = stack.pop()
        if top.child_count == 0:
            if top.is_named and top.type not in COMMENTS:
                parts.append(unit.text(top))
        elif top.type not in ANNOTATIONS and top.type != "type_arguments":
            stack.extend(reversed(top.children))
    return ".".join(parts)


def name_path(start: int, end: int, name: str) -> Name | Member:
    """A dotted name as nested ``Member`` from a ``Name``, all with the same span."""
    parts = name.split(".")
    result: Name | Member = Name(start, end, parts[0])
    for part in parts[1:]:
        result = Member(start, end, result, part)
    return result


def modifiers(unit: Unit, node: Node) -> tuple[Flags, tuple[Decorator, ...]]:
    """The flags and annotations of a declaration."""
    children = node.children
    for child in children:
        if child.type == "modifiers":
            return _modifiers(unit, child)
    return Flags.NONE, ()


def _modifiers(unit: Unit, node: Node) -> tuple[Flags, tuple[Decorator, ...]]:
    flags = Flags.NONE
    decorators: list[Decorator] = []
    for child in node.children:
        kind = child.type
        flag = _FLAGS.get(kind)
        if flag is not None:
            flags |= flag
        elif kind in ANNOTATIONS:
            found = annotation(unit, child)
            decorators.append(found)
            if found.name == "Override":
                flags |= Flags.OVERRIDE
    unit.keep_errors(node)
    return flags, tuple(decorators)


def annotation(unit: Unit, node: Node) -> Decorator:
    """An annotation with its arguments; elements by name, a lone value without."""
    name = node.child_by_field_name("name")
    values = node.child_by_field_name("arguments")
    args: list[Arg] = []
    for child in values.named_children if values is not None else ():
        if child.type == "element_value_pair":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is not None and value is not None:
                args.append(Arg(child.start_byte, child.end_byte, unit.full(value), unit.text(key)))
        elif child.type not in COMMENTS:
            args.append(Arg(child.start_byte, child.end_byte, unit.full(child)))
    return Decorator(node.start_byte, node.end_byte, dotted(unit, name) if name is not None else "", tuple(args))


def annotation_value(unit: Unit, node: Node) -> Expr:
    """An annotation inside an annotation: a fresh object of the annotation's type."""
    found = annotation(unit, node)
    items = tuple(
        Entry(arg.start, arg.end, Literal(arg.start, arg.end, arg.name or "value"), arg.value) for arg in found.args
    )
    named = TypeRef(node.start_byte, node.end_byte, found.name)
    return Display(node.start_byte, node.end_byte, DisplayKind.OBJECT, items, named)
