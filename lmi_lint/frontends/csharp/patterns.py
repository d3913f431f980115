"""Patterns: a test that assigns the pattern's variables, whose declarations are hoisted.

``o is Foo f`` becomes ``(f = o) is Foo``: the subject is evaluated once, and ``f`` is in scope wherever the enclosing
statement places its declaration. A pattern that looks at several parts of its subject names it first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.csharp.types import TYPES, declared_type, type_ref
from lmi_lint.frontends.csharp.unit import parts
from lmi_lint.frontends.treesitter import MAX_DEPTH
from lmi_lint.ir.nodes import (
    Assign,
    Choice,
    Declare,
    Do,
    Expr,
    Index,
    Literal,
    Member,
    Name,
    Op,
    OpKind,
    Pattern,
    Sequence,
    This,
    TypeValue,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import Unit

_MANY = frozenset({"recursive_pattern", "list_pattern", "and_pattern", "or_pattern", "tuple_pattern"})
_LOGIC = frozenset({"and_pattern", "or_pattern"})


def pattern_test(unit: Unit, pattern: Node, subject: Expr, whole: Node) -> Expr:
    """The test of ``subject is pattern``; ``whole`` is the expression or arm that it stands in."""
    if _looks_twice(pattern) and not _is_plain(subject):
        start, end = whole.start_byte, whole.end_byte
        name = unit.fresh()
        unit.frame.pending.append(Declare(start, end, name, None, None))
        target = Name(subject.start, subject.end, name)
        first = Do(start, end, Assign(start, end, subject, target))
        return Sequence(start, end, (first,), _test(unit, pattern, Name(subject.start, subject.end, name)))
    return _test(unit, pattern, subject)


def _looks_twice(node: Node) -> bool:
    while node.type in ("negated_pattern", "parenthesized_pattern"):
        inner = parts(node)
        if not inner:
            return False
        node = inner[-1]
    if node.type == "constant_pattern":
        return bool(node.named_children) and node.named_children[0].type == "tuple_expression"
    return node.type in _MANY


def _is_plain(value: Expr) -> bool:
    """Whether reading a value twice is as good as once."""
    while isinstance(value, Member):
        value = value.base
    return isinstance(value, (Name, This))


def _test(unit: Unit, node: Node, subject: Expr) -> Expr:
    """The test that ``subject``, which may be evaluated again, matches a pattern."""
    if unit.depth >= MAX_DEPTH:
        return unit.too_deep(node)
    unit.depth += 1
    found = _matched(unit, node, subject)
    unit.depth -= 1
    if unit.broken and node.has_error:
        unit.keep_errors(node)
    return found


def _matched(unit: Unit, node: Node, subject: Expr) -> Expr:
    start, end = node.start_byte, node.end_byte
    kind = node.type
    if kind == "constant_pattern":
        return _constant(unit, node, subject)
    if kind == "tuple_expression":
        return _tuple(unit, node, subject)
    if kind in ("declaration_pattern", "var_pattern", "declaration_expression"):
        return _declaration(unit, node, subject)
    if kind == "type_pattern":
        written = node.child_by_field_name("type")
        return unit.opaque(node) if written is None else type_test(unit, node, subject, written)
    if kind in ("negated_pattern", "parenthesized_pattern"):
        inner = parts(node)
        if not inner:
            return unit.opaque(node)
        value = _test(unit, inner[-1], subject)
        return value if kind == "parenthesized_pattern" else Op(start, end, OpKind.NOT, "!", (value,))
    if kind == "relational_pattern":
        operator = next((child.type for child in node.children if not child.is_named), "<")
        values = [unit.expr(child) for child in parts(node)]
        return Op(start, end, OpKind.COMPARE, operator, (subject, *values))
    if kind in _LOGIC:
        return _logic(unit, node, subject)
    if kind == "recursive_pattern":
        return _recursive(unit, node, subject)
    if kind == "list_pattern":
        return _list(unit, node, subject)
    if kind == "discard" or (kind == "identifier" and unit.text(node) == "_"):
        return Op(start, end, OpKind.COMPARE, "is", (subject, Literal(start, end, True)))
    return Op(start, end, OpKind.COMPARE, "==", (subject, unit.expr(node)))


def type_test(unit: Unit, node: Node, subject: Expr, written: Node) -> Expr:
    """``subject is T``."""
    start, end = node.start_byte, node.end_byte
    if written.type == "implicit_type":
        return Op(start, end, OpKind.COMPARE, "is", (subject, Literal(start, end, True)))
    value = TypeValue(written.start_byte, written.end_byte, type_ref(unit, written))
    return Op(start, end, OpKind.COMPARE, "is", (subject, value))


def _constant(unit: Unit, node: Node, subject: Expr) -> Expr:
    """Equality with a constant; the name of a type stands in the same place and cannot be told from one."""
    start, end = node.start_byte, node.end_byte
    inner = parts(node)
    if not inner:
        return unit.opaque(node)
    value = inner[0]
    if value.type == "tuple_expression":
        return _tuple(unit, value, subject)
    if value.type in ("generic_name", "predefined_type", "qualified_name"):
        return type_test(unit, node, subject, value)
    if value.type == "identifier" and node.parent is not None and node.parent.type == "is_pattern_expression":
        return type_test(unit, node, subject, value)
    return Op(start, end, OpKind.COMPARE, "==", (subject, unit.expr(value)))


def _tuple(unit: Unit, node: Node, subject: Expr) -> Expr:
    """``(1, var x, _)``, which is parsed as a value: each element is a pattern."""
    start, end = node.start_byte, node.end_byte
    elements = [(parts(child)[-1:], f"Item{at}") for at, child in enumerate(parts(node), 1)]
    tests = [_test(unit, part[0], Member(start, end, subject, name)) for part, name in elements if part]
    return _all(node, tests, subject)


def _declaration(unit: Unit, node: Node, subject: Expr) -> Expr:
    written = node.child_by_field_name("type")
    name = node.child_by_field_name("name")
    designation = next((c for c in node.named_children if c.type == "parenthesized_variable_designation"), None)
    if designation is not None:
        subject = _designated(unit, designation, subject)
    elif name is not None:
        subject = _bound(unit, name, written, subject)
    start, end = node.start_byte, node.end_byte
    if written is None or written.type == "implicit_type":
        return Op(start, end, OpKind.COMPARE, "is", (subject, Literal(start, end, True)))
    return type_test(unit, node, subject, written)


def _bound(unit: Unit, name: Node, written: Node | None, subject: Expr) -> Expr:
    target = unit.name(name)
    if target.id in ("", "_"):
        return subject
    kind = declared_type(unit, written) if written is not None and written.type in TYPES else None
    unit.note_type(target.id, kind)
    unit.frame.pending.append(Declare(target.start, target.end, target.id, kind, None))
    return Assign(target.start, target.end, subject, target)


def _designated(unit: Unit, node: Node, subject: Expr) -> Expr:
    """``var (a, b)``: the names take the parts of the subject."""
    targets: list[Name] = []
    paths: list[tuple[str, ...]] = []
    stack: list[tuple[Node, tuple[str, ...]]] = [(node, ())]
    while stack:
        part, path = stack.pop()
        if part.type == "identifier":
            target = unit.name(part)
            unit.note_type(target.id, None)
            unit.frame.pending.append(Declare(target.start, target.end, target.id, None, None))
            targets.append(target)
            paths.append(path)
        elif part.type != "discard" and len(path) < MAX_DEPTH:
            inner = list(enumerate(parts(part), 1))
            stack.extend((child, (*path, f"Item{at}")) for at, child in reversed(inner))
    taken = Pattern(node.start_byte, node.end_byte, tuple(targets), tuple(paths), (None,) * len(targets))
    return Assign(node.start_byte, node.end_byte, subject, taken)


def _logic(unit: Unit, node: Node, subject: Expr) -> Expr:
    """``a or b or c``, along the left-nested chain."""
    kind = node.type
    rights: list[Node] = []
    last: Node | None = node
    while last is not None and last.type == kind:
        right = last.child_by_field_name("right")
        if right is not None:
            rights.append(right)
        last = last.child_by_field_name("left")
    patterns = ([last] if last is not None else []) + rights[::-1]
    return _joined(kind == "and_pattern", [_test(unit, pattern, subject) for pattern in patterns])


def _joined(both: bool, tests: list[Expr]) -> Expr:
    level = tests
    while len(level) > 1:
        paired: list[Expr] = []
        for at in range(0, len(level) - 1, 2):
            left, right = level[at], level[at + 1]
            then, orelse = (right, None) if both else (None, right)
            paired.append(Choice(left.start, right.end, left, then, orelse))
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def _recursive(unit: Unit, node: Node, subject: Expr) -> Expr:
    """``Foo (…) { A: …, B.C: … } f``: the type, then each part."""
    start, end = node.start_byte, node.end_byte
    written, name = node.child_by_field_name("type"), node.child_by_field_name("name")
    bound = subject if name is None else _bound(unit, name, written, subject)
    tests: list[Expr] = []
    if written is not None:
        tests.append(type_test(unit, node, bound, written))
    elif bound is not subject:
        tests.append(Op(start, end, OpKind.COMPARE, "is", (bound, Literal(start, end, True))))
    for clause in node.named_children:
        if clause.type == "positional_pattern_clause":
            for at, child in enumerate(_subpatterns(clause), 1):
                tests.append(_part(unit, child, Member(child.start_byte, child.end_byte, subject, f"Item{at}"), False))
        elif clause.type == "property_pattern_clause":
            tests.extend([_part(unit, child, subject, True) for child in _subpatterns(clause)])
    return _all(node, tests, subject)


def _all(node: Node, tests: list[Expr], subject: Expr) -> Expr:
    if tests:
        return _joined(True, tests)
    start, end = node.start_byte, node.end_byte
    null = Literal(start, end, None)  # `is { }`: not null
    return Op(start, end, OpKind.COMPARE, "!=", (subject, null))


def _subpatterns(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type == "subpattern"]


def _part(unit: Unit, node: Node, subject: Expr, by_name: bool) -> Expr:
    """One ``A.B: pattern`` of a property clause, or ``name: pattern`` of a positional one."""
    inner = parts(node)
    if not inner:
        return unit.opaque(node)
    if by_name and len(inner) > 1:
        for name in unit.text(inner[0]).split("."):
            subject = Member(inner[0].start_byte, inner[0].end_byte, subject, name.strip())
    return _test(unit, inner[-1], subject)


def _list(unit: Unit, node: Node, subject: Expr) -> Expr:
    """``[a, .., b]``: each element in turn."""
    tests: list[Expr] = []
    at = 0
    for child in parts(node):
        start, end = child.start_byte, child.end_byte
        tests.append(_test(unit, child, Index(start, end, subject, Literal(start, end, at))))
        at += 1
    start, end = node.start_byte, node.end_byte
    length = Member(start, end, subject, "Length")
    compare = ">=" if any(child.type == ".." for child in node.children) else "=="
    return _joined(True, [Op(start, end, OpKind.COMPARE, compare, (length, Literal(start, end, at))), *tests])
