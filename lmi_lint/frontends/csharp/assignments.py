"""Assignments: plain, compound, to parts of a tuple; events that take a handler."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lmi_lint.frontends.csharp.creation import initial
from lmi_lint.frontends.csharp.types import declared_type
from lmi_lint.frontends.csharp.unit import is_text_type, parts
from lmi_lint.frontends.treesitter import MAX_DEPTH
from lmi_lint.ir.nodes import (
    Arg,
    Assign,
    Call,
    Choice,
    Closure,
    Declare,
    Do,
    Expr,
    How,
    Index,
    Literal,
    Member,
    Name,
    Op,
    Opaque,
    OpKind,
    Pattern,
    Sequence,
    Stmt,
    Template,
    This,
    TypeRef,
    walk,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import Unit

_EFFECTS = (Call, Assign, Choice, Closure, Sequence, Opaque)
_TEXT_METHODS = frozenset({"ToString", "string.Format", "string.Join", "string.Concat", "String.Format", "String.Join"})
_TUPLES = frozenset({"tuple_expression", "tuple_pattern", "parenthesized_variable_designation"})
_Target = Name | Member | Index


def is_text(unit: Unit, value: Expr, node: Node | None = None) -> bool:
    """Whether a value is known to be text. ``node`` tells a character from a string."""
    if isinstance(value, Template):
        return True
    if isinstance(value, Literal):
        return isinstance(value.value, str) and (node is None or unwrap(node).type.endswith("string_literal"))
    if isinstance(value, Name):
        return is_text_type(unit.type_of(value.id))
    if isinstance(value, Member):
        return isinstance(value.base, This) and is_text_type(unit.field_type(value.name))
    if isinstance(value, Call) and not value.new and isinstance(value.callee, Member):
        callee = value.callee
        qualified = f"{callee.base.id}.{callee.name}" if isinstance(callee.base, Name) else callee.name
        return callee.name == "ToString" or qualified in _TEXT_METHODS
    return False


def unwrap(node: Node) -> Node:
    """The node inside any parentheses."""
    while node.type == "parenthesized_expression":
        inner = parts(node)
        if len(inner) != 1:
            return node
        node = inner[0]
    return node


def assignment(unit: Unit, node: Node) -> Expr:
    """``a = b`` and its kin."""
    left, operator_node = node.child_by_field_name("left"), node.child_by_field_name("operator")
    right_node = node.child_by_field_name("right")
    if left is None or right_node is None or operator_node is None:
        return unit.opaque(node)
    start, end = node.start_byte, node.end_byte
    left = unwrap(left)
    operator = operator_node.type.removesuffix("=")
    if not operator and left.type in _TUPLES:
        return take_apart(unit, node, left, right_node)
    if not operator and left.type == "identifier" and unit.text(left) == "_" and unit.type_of("_") is None:
        return unit.expr(right_node)
    written = unit.expr(left)
    if operator in ("", "??"):
        how = How.IF_ABSENT if operator else How.SET
        value = initial(unit, right_node, _type_of(unit, written))
        return Assign(start, end, value, as_target(written), how)
    return _compound(unit, node, operator, written, right_node)


def _type_of(unit: Unit, target: Expr) -> TypeRef | None:
    if isinstance(target, Name):
        return unit.type_of(target.id)
    if isinstance(target, Member) and isinstance(target.base, This):
        return unit.field_type(target.name)
    return None


def _compound(unit: Unit, node: Node, operator: str, written: Expr, right_node: Node) -> Expr:
    start, end = node.start_byte, node.end_byte
    if operator in ("+", "-"):
        target_name = written.name if isinstance(written, Member) else getattr(written, "id", "")
        if _is_event(unit, str(target_name)) or _is_handler(unit, right_node):
            method = Member(written.start, written.end, written, "add_event" if operator == "+" else "remove_event")
            right = unit.expr(right_node)
            return Call(start, end, method, (Arg(right_node.start_byte, right_node.end_byte, right),))
    target, body = settled(unit, written)
    right = unit.expr(right_node)
    if target is None:
        return Opaque(start, end, node.type, (*body, right))
    value: Expr
    if operator == "+" and (is_text(unit, right, right_node) or is_text(unit, target)):
        more = right.parts if isinstance(right, Template) else (right,)
        value = Template(start, end, (target, *more))
    else:
        value = Op(start, end, OpKind.ARITH, operator, (target, right))
    return after(body, Assign(start, end, value, target, How.UPDATE))


def _is_event(unit: Unit, name: str) -> bool:
    draft = unit.klass
    while draft is not None:
        if name in draft.events:
            return True
        draft = draft.outer
    return False


def _is_handler(unit: Unit, node: Node) -> bool:
    """Whether a value can only be a function: a lambda, a method of this class, ``new SomeHandler(…)``."""
    node = unwrap(node)
    kind = node.type
    if kind in ("lambda_expression", "anonymous_method_expression"):
        return True
    if kind == "object_creation_expression":
        written = node.child_by_field_name("type")
        return written is not None and unit.text(written).partition("<")[0].endswith(("Handler", "Callback"))
    name: Node | None = node
    if kind == "member_access_expression":
        base = node.child_by_field_name("expression")
        name = node.child_by_field_name("name")
        if base is None or not _is_own(unit, base):
            return False
    elif kind != "identifier":
        return False
    draft = unit.klass
    while name is not None and draft is not None:
        if unit.id(name) in draft.groups:
            return kind != "identifier" or unit.id(name) not in unit.frame.types
        draft = draft.outer
    return False


def _is_own(unit: Unit, base: Node) -> bool:
    return base.type == "this" or (unit.klass is not None and unit.text(base) == unit.klass.name.id)


# --------------------------------------------------------------------------- targets


def has_effect(value: Expr) -> bool:
    """Whether evaluating a value may do more than read."""
    return any(isinstance(part, _EFFECTS) for part in walk(value))


def settled(unit: Unit, value: Expr) -> tuple[_Target | None, tuple[Expr | Stmt, ...]]:
    """A target that can be evaluated twice, and the statements that first name its parts with effects.

    None for what cannot be assigned to, with the value in the place of the statements.
    """
    body: list[Stmt] = []
    if isinstance(value, Member):
        return Member(value.start, value.end, named(unit, value.base, body), value.name), tuple(body)
    if isinstance(value, Index):
        base = named(unit, value.base, body)
        return Index(value.start, value.end, base, named(unit, value.key, body)), tuple(body)
    return (value, ()) if isinstance(value, Name) else (None, (value,))


def named(unit: Unit, value: Expr, body: list[Stmt]) -> Expr:
    """``value``, or a fresh name that ``body`` declares with it where evaluating it twice would differ."""
    if not has_effect(value):
        return value
    name = unit.fresh()
    body.append(Declare(value.start, value.end, name, None, value))
    return Name(value.start, value.end, name)


def after(body: tuple[Expr | Stmt, ...], value: Expr) -> Expr:
    """``value`` evaluated after the statements ``body``."""
    return Sequence(value.start, value.end, cast("tuple[Stmt, ...]", body), value) if body else value


def as_target(value: Expr) -> Name | Member | Index | Opaque:
    """What an assignment may write; anything else is kept as an ``Opaque``."""
    if isinstance(value, (Name, Member, Index, Opaque)):
        return value
    return Opaque(value.start, value.end, "assignment target", (value,))


# --------------------------------------------------------------------------- tuples


def targets_of(unit: Unit, node: Node, declares: list[Declare]) -> list[tuple[_Target | Opaque, tuple[str, ...]]]:
    """The targets of a tuple on the left and the member path that each takes; what it declares goes to ``declares``.

    Discards take nothing.
    """
    found: list[tuple[_Target | Opaque, tuple[str, ...]]] = []
    stack: list[tuple[Node, tuple[str, ...]]] = [(node, ())]
    while stack:
        part, path = stack.pop()
        kind = part.type
        if kind == "argument" and (inner := parts(part)):
            stack.append((inner[-1], path))
        elif kind in _TUPLES or _is_var_tuple(unit, part):
            elements = _elements(part)
            stack.extend((element, (*path, f"Item{at}")) for at, element in reversed(list(enumerate(elements, 1))))
            if len(path) > MAX_DEPTH:
                return found
        elif kind == "declaration_expression":
            name = part.child_by_field_name("name")
            if name is not None and unit.text(name) != "_":
                target = unit.name(name)
                written = declared_type(unit, part.child_by_field_name("type"))
                unit.note_type(target.id, written)
                declares.append(Declare(target.start, target.end, target.id, written, None))
                found.append((target, path))
        elif kind == "identifier" and node.type != "tuple_expression" and unit.text(part) != "_":
            target = unit.name(part)
            unit.note_type(target.id, None)
            declares.append(Declare(target.start, target.end, target.id, None, None))
            found.append((target, path))
        elif kind != "discard" and unit.text(part) != "_":
            found.append((as_target(unit.expr(part)), path))
    return found


def _is_var_tuple(unit: Unit, node: Node) -> bool:
    """``var (a, b)`` inside a tuple, which the parser reads as a call."""
    function = node.child_by_field_name("function") if node.type == "invocation_expression" else None
    return function is not None and unit.text(function) == "var"


def _elements(node: Node) -> list[Node]:
    if node.type == "invocation_expression":
        args = node.child_by_field_name("arguments")
        return parts(args) if args is not None else []
    return parts(node)


def pattern_of(node: Node, found: list[tuple[_Target | Opaque, tuple[str, ...]]]) -> Pattern:
    """The targets as one destructuring pattern."""
    whole = [(target, path) for target, path in found if not isinstance(target, Opaque)]
    targets = tuple([target for target, _ in whole])
    paths = tuple([path for _, path in whole])
    return Pattern(node.start_byte, node.end_byte, targets, paths, (None,) * len(whole))


def take_apart(unit: Unit, node: Node, left: Node, right: Node) -> Expr:
    """``(a, b) = t``: by parts where both sides are tuples of the same shape, else a destructuring."""
    start, end = node.start_byte, node.end_byte
    declares: list[Declare] = []
    sources = [parts(arg)[-1:] for arg in parts(right)] if right.type == "tuple_expression" else []
    elements = parts(left)
    flat = [parts(part)[-1:] if part.type == "argument" else [part] for part in elements]
    is_flat = all(part and part[0].type not in _TUPLES and not _is_var_tuple(unit, part[0]) for part in flat)
    found = targets_of(unit, left, declares)
    unit.frame.pending.extend(declares)
    if not (sources and is_flat and len(sources) == len(elements)):
        value = unit.expr(right)
        strays = tuple([Do(t.start, t.end, t) for t, _ in found if isinstance(t, Opaque)])
        return after(strays, Assign(start, end, value, pattern_of(left, found)))
    by_item = {path[0]: target for target, path in found if path}
    body: list[Stmt] = []
    stores: list[Stmt] = []
    for at, source in enumerate(sources, 1):
        value = unit.expr(source[0]) if source else unit.opaque(right)
        target = by_item.get(f"Item{at}")
        if target is None:
            body.append(Do(value.start, value.end, value))
            continue
        name = Name(value.start, value.end, unit.fresh())
        body.append(Declare(value.start, value.end, name.id, None, value))
        stores.append(Do(target.start, target.end, Assign(target.start, target.end, name, target)))
    return Sequence(start, end, (*body, *stores), None)
