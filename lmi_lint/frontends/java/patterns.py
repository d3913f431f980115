"""Type and record patterns: a test that assigns the pattern's variables, whose declarations are hoisted.

``o instanceof Foo f`` becomes ``(f = o) instanceof Foo``: the subject is evaluated once, and ``f`` is in scope
wherever the enclosing statement places its declaration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.java.types import TYPES, declared_type, name_path, type_ref
from lmi_lint.ir.nodes import (
    Assign,
    Declare,
    DeclareKind,
    Expr,
    Literal,
    Name,
    Op,
    OpKind,
    Pattern,
    TypeRef,
    TypeValue,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.java.unit import Unit

_PATTERNS = frozenset({"type_pattern", "record_pattern"})
_PARTS = frozenset({"record_pattern", "record_pattern_component", "type_pattern"})


def type_test(unit: Unit, node: Node, subject: Expr) -> Expr:
    """The test of an ``instanceof_expression`` or of the ``pattern`` of a ``case``."""
    start, end = node.start_byte, node.end_byte
    pattern = node.child_by_field_name("pattern")
    if pattern is None:
        pattern = next((child for child in node.named_children if child.type in _PATTERNS), None)
    if pattern is not None and pattern.type == "record_pattern":
        return _record_test(unit, pattern, subject, start, end)
    if pattern is not None:
        return _variable_test(unit, pattern, subject, start, end)
    right, name = node.child_by_field_name("right"), node.child_by_field_name("name")
    if right is None:
        return unit.opaque(node)
    final = any(child.type == "final" for child in node.children)
    if name is not None:
        subject = _bind(unit, name, type_ref(unit, right), subject, final)
    return _test(start, end, subject, (type_ref(unit, right),))


def _test(start: int, end: int, subject: Expr, types: tuple[TypeRef, ...]) -> Expr:
    if not types:  # a pattern without a type always matches
        return Op(start, end, OpKind.COMPARE, "instanceof", (subject, Literal(start, end, True)))
    values = tuple(TypeValue(found.start, found.end, found) for found in types)
    return Op(start, end, OpKind.COMPARE, "instanceof", (subject, *values))


def _bind(unit: Unit, name: Node, named_type: TypeRef | None, subject: Expr, final: bool) -> Expr:
    target = _declare(unit, name, named_type, final)
    return subject if target is None else Assign(name.start_byte, name.end_byte, subject, target)


def _declare(unit: Unit, name: Node, named_type: TypeRef | None, final: bool) -> Name | None:
    target = unit.name(name)
    if target.id in ("", "_"):
        return None
    kind = DeclareKind.CONST if final else DeclareKind.LET
    unit.note_type(target.id, named_type)
    unit.frame.pending.append(Declare(target.start, target.end, target.id, named_type, None, kind, not final))
    return target


def _typed_name(unit: Unit, node: Node) -> tuple[TypeRef | None, Node | None]:
    """The type and the name of a ``type_pattern`` or ``record_pattern_component``."""
    written: TypeRef | None = None
    name: Node | None = None
    for child in node.named_children:
        if child.type in TYPES:
            written = declared_type(unit, child)
        elif child.type == "identifier":
            name = child
    return written, name


def _variable_test(unit: Unit, node: Node, subject: Expr, start: int, end: int) -> Expr:
    written, name = _typed_name(unit, node)
    if name is not None:
        subject = _bind(unit, name, written, subject, any(child.type == "final" for child in node.children))
    return _test(start, end, subject, () if written is None else (written,))


def _record_test(unit: Unit, node: Node, subject: Expr, start: int, end: int) -> Expr:
    """A record pattern: its variables are taken out of the subject, the types of all levels are tested."""
    types: list[TypeRef] = []
    targets: list[Name] = []
    paths: list[tuple[str, ...]] = []
    stack: list[tuple[Node, tuple[str, ...]]] = [(node, ())]
    while stack:
        part, path = stack.pop()
        if part.type != "record_pattern":
            written, name = _typed_name(unit, part)
            if written is not None:
                types.append(written)
            target = None if name is None else _declare(unit, name, written, False)
            if target is not None:
                targets.append(target)
                paths.append(path)
            continue
        inner: list[Node] = []
        for child in part.named_children:
            if child.type == "record_pattern_body":
                inner = [component for component in child.named_children if component.type in _PARTS]
            elif child.type == "identifier" or child.type in TYPES:
                types.append(type_ref(unit, child))
        stack.extend((component, (*path, "*")) for component in reversed(inner))
    if targets:
        taken = Pattern(node.start_byte, node.end_byte, tuple(targets), tuple(paths), (None,) * len(targets))
        subject = Assign(node.start_byte, node.end_byte, subject, taken)
    return _test(start, end, subject, tuple(types))


def constant_test(unit: Unit, node: Node, subject: Expr) -> Expr:
    """The test of a ``case`` constant: equality. A qualified enum constant is a path of members."""
    if node.type == "scoped_identifier":
        value: Expr = name_path(node.start_byte, node.end_byte, unit.text(node))
    else:
        value = unit.expr(node)
    return Op(node.start_byte, node.end_byte, OpKind.COMPARE, "==", (subject, value))
