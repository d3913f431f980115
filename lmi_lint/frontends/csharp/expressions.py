"""Expressions: names, member chains, calls, casts, awaits, conditional and other odd ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.csharp.arguments import arguments, fresh_local
from lmi_lint.frontends.csharp.closures import CLOSURES
from lmi_lint.frontends.csharp.creation import CREATIONS
from lmi_lint.frontends.csharp.grammar import TRIVIA
from lmi_lint.frontends.csharp.literals import LITERALS
from lmi_lint.frontends.csharp.operators import OPERATORS, prefixed
from lmi_lint.frontends.csharp.queries import QUERIES
from lmi_lint.frontends.csharp.types import declared_type, dotted, name_path, type_ref
from lmi_lint.frontends.csharp.unit import KEYWORDS, LINKS_PER_NAME, parts
from lmi_lint.ir.nodes import (
    Await,
    Call,
    Declare,
    Do,
    Expr,
    Index,
    Literal,
    Member,
    Name,
    Op,
    OpKind,
    Raise,
    Sequence,
    Stmt,
    Super,
    This,
    TypeRef,
    TypeValue,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import ExprHandler, Unit

_LINKS = frozenset(
    {"invocation_expression", "member_access_expression", "element_access_expression", "conditional_access_expression"}
)
# C# language specification, "Operator precedence": looser than the links of a chain. The grammar binds them tighter
# than ``?.``: it reads ``await a?.B()`` as ``(await a)?.B()``.
_LOOSER = frozenset({"await_expression", "cast_expression", "prefix_unary_expression"})


def _declaration(unit: Unit, node: Node) -> Expr:
    """``out var x``: the name, whose declaration stands before the statement."""
    name = node.child_by_field_name("name")
    if name is None:
        return unit.opaque(node)
    if unit.text(name) == "_":
        return fresh_local(unit, name)
    written = declared_type(unit, node.child_by_field_name("type"))
    target = unit.name(name)
    unit.note_type(target.id, written)
    unit.frame.pending.append(Declare(target.start, target.end, target.id, written, None))
    return target


# --------------------------------------------------------------------------- chains


def _chain(unit: Unit, node: Node) -> Expr:
    """``a.b().c[0]?.d()``, from the inside out and without recursion along the chain."""
    links: list[Node] = []
    around: list[Node] = []
    base: Node = node
    while True:
        kind, children = base.type, base.children
        operand = _operand(base) if links and kind in _LOOSER and len(around) < LINKS_PER_NAME else None
        if operand is not None:
            around.append(base)
            base = operand
            continue
        if not children or not (kind in _LINKS or (kind == "postfix_unary_expression" and children[-1].type == "!")):
            break
        inner = children[0]
        if inner.type in TRIVIA or (not inner.is_named and inner.type not in KEYWORDS):
            break
        links.append(base)
        base = inner
    if not links:
        return unit.opaque(node)
    for link in links[1:]:
        unit.keep_errors(link)
    value = _base(unit, base, links[-1])
    body: list[Stmt] = []
    for count, link in enumerate(reversed(links), start=1):
        value = _link(unit, link, value)
        if count % LINKS_PER_NAME == 0 and count < len(links):
            name = unit.fresh()
            body.append(Declare(value.start, value.end, name, None, value))
            value = Name(value.start, value.end, name)
    for each in reversed(around):
        value = _around(unit, each, node.end_byte, value)
    return Sequence(node.start_byte, node.end_byte, tuple(body), value) if body else value


def _operand(node: Node) -> Node | None:
    """What a unary operator without side effect stands before."""
    inner = parts(node)
    return inner[-1] if inner and node.children[0].type not in ("++", "--") else None


def _around(unit: Unit, node: Node, end: int, value: Expr) -> Expr:
    """A unary operator before a whole chain."""
    if node.type == "await_expression":
        unit.frame.awaits = True
        return Await(node.start_byte, end, value)
    return value if node.type == "cast_expression" else prefixed(node.start_byte, end, node.children[0].type, value)


def _base(unit: Unit, node: Node, link: Node) -> Expr:
    if node.type == "generic_name" and link.type == "invocation_expression":  # F<T>(…): type arguments join the call
        return Name(node.start_byte, node.end_byte, _simple_name(unit, node))
    if node.type in _LINKS:
        return unit.opaque(node)
    return unit.expr(node)


def _link(unit: Unit, node: Node, base: Expr) -> Expr:
    start, end = node.start_byte, node.end_byte
    children = node.children
    kind, last = node.type, children[-1]
    if kind == "member_access_expression":
        return Member(start, end, base, _simple_name(unit, last))
    if kind == "invocation_expression":
        return _call(unit, node, children, base)
    if kind == "postfix_unary_expression":
        return base
    if kind == "conditional_access_expression":
        if last.type == "member_binding_expression":
            name = last.child_by_field_name("name")
            return Member(start, end, base, _simple_name(unit, name) if name is not None else "")
        if last.type != "element_binding_expression":
            return Op(start, end, OpKind.OTHER, "?", (base, unit.expr(last)))
    return Index(start, end, base, _key(unit, last))


def _key(unit: Unit, node: Node) -> Expr:
    """What stands in ``[…]``; several indexes are one key."""
    keys = [arg.value for arg in arguments(unit, node)]
    if len(keys) == 1:
        return keys[0]
    return Op(node.start_byte, node.end_byte, OpKind.OTHER, ",", tuple(keys))


def _simple_name(unit: Unit, node: Node) -> str:
    """The identifier of a name with or without type arguments."""
    if node.type == "generic_name":
        return "".join([unit.id(child) for child in node.children[:1]])
    return unit.id(node)


def _call(unit: Unit, node: Node, children: list[Node], callee: Expr) -> Expr:
    start, end = node.start_byte, node.end_byte
    function, last = children[0], children[-1]
    if isinstance(callee, Name) and callee.id == "nameof":
        return _nameof(unit, node, last)
    args = arguments(unit, last) if last.type == "argument_list" else ()
    return Call(start, end, callee, args, type_args=_type_args(unit, function))


def _type_args(unit: Unit, function: Node) -> tuple[TypeRef, ...]:
    name: Node | None = function
    if function.type == "member_access_expression":
        name = function.children[-1]
    elif function.type == "conditional_access_expression":
        name = function.children[-1].child_by_field_name("name")
    if name is None or name.type != "generic_name":
        return ()
    return type_ref(unit, name).args


def _nameof(unit: Unit, node: Node, args: Node) -> Expr:
    start, end = node.start_byte, node.end_byte
    last = args
    while last.type != "identifier" and last.named_children:
        inner = [child for child in last.named_children if child.type not in TRIVIA | {"type_argument_list"}]
        if not inner:
            break
        last = inner[-1]
    return Literal(start, end, unit.id(last) if last.type == "identifier" else unit.text(last))


# --------------------------------------------------------------------------- single forms


def _parenthesized(unit: Unit, node: Node) -> Expr:
    while node.type == "parenthesized_expression":
        inner = parts(node)
        if len(inner) != 1:
            return unit.opaque(node)
        node = inner[0]
    return unit.expr(node)


def _last(unit: Unit, node: Node) -> Expr:
    """A form that is transparent: its last part is its value."""
    inner = parts(node)
    return unit.expr(inner[-1]) if inner else unit.opaque(node)


def _first(unit: Unit, node: Node) -> Expr:
    inner = parts(node)
    return unit.expr(inner[0]) if inner else unit.opaque(node)


def _this(_unit: Unit, node: Node) -> Expr:
    return This(node.start_byte, node.end_byte)


def _super(_unit: Unit, node: Node) -> Expr:
    return Super(node.start_byte, node.end_byte)


def _named_type(unit: Unit, node: Node) -> Expr:
    """A type in the place of a value: ``int.Parse``, ``List<int>.Empty``, ``global::System``."""
    return name_path(node.start_byte, node.end_byte, dotted(unit, node))


def _type_value(unit: Unit, node: Node) -> Expr:
    written = node.child_by_field_name("type")
    if written is None:
        return unit.opaque(node)
    return TypeValue(node.start_byte, node.end_byte, type_ref(unit, written))


def _sizeof(unit: Unit, node: Node) -> Expr:
    return Op(node.start_byte, node.end_byte, OpKind.OTHER, "sizeof", (_type_value(unit, node),))


def _default(_unit: Unit, node: Node) -> Expr:
    return Literal(node.start_byte, node.end_byte, None)


def _await(unit: Unit, node: Node) -> Expr:
    inner = parts(node)
    if not inner:
        return unit.opaque(node)
    unit.frame.awaits = True
    return Await(node.start_byte, node.end_byte, unit.expr(inner[-1]))


def _throw(unit: Unit, node: Node) -> Expr:
    inner = parts(node)
    if not inner:
        return unit.opaque(node)
    start, end = node.start_byte, node.end_byte
    return Sequence(start, end, (Raise(start, end, unit.expr(inner[-1])),), None)


def _range(unit: Unit, node: Node) -> Expr:
    operands = tuple([unit.expr(child) for child in parts(node)])
    return Op(node.start_byte, node.end_byte, OpKind.OTHER, "..", operands)


def _other(unit: Unit, node: Node) -> Expr:
    """A rare operator: its parts are evaluated."""
    operands = tuple([unit.expr(child) for child in parts(node)])
    return Op(node.start_byte, node.end_byte, OpKind.OTHER, node.type, operands)


def _element_binding(unit: Unit, node: Node) -> Expr:
    """``[…]`` without what it indexes, which is how the parser reads some list patterns."""
    return _key(unit, node)


def _assignment_arrow(unit: Unit, node: Node) -> Expr:
    return _last(unit, node)


def expression_statement(unit: Unit, node: Node, out: list[Stmt]) -> None:
    """An expression for its effect; the names that it declares are declared in the block around."""
    inner = parts(node)
    if not inner:
        unit.keep_errors(node)
        return
    value, declares = unit.hoisted(inner[0])
    out.extend(declares)
    out.append(Do(node.start_byte, node.end_byte, value))


EXPRESSIONS: dict[str, ExprHandler] = {
    **LITERALS,
    **OPERATORS,
    **CLOSURES,
    **CREATIONS,
    **QUERIES,
    "invocation_expression": _chain,
    "member_access_expression": _chain,
    "element_access_expression": _chain,
    "conditional_access_expression": _chain,
    "parenthesized_expression": _parenthesized,
    "cast_expression": _last,
    "as_expression": _first,
    "checked_expression": _last,
    "ref_expression": _last,
    "arrow_expression_clause": _assignment_arrow,
    "this": _this,
    "base": _super,
    "predefined_type": _named_type,
    "generic_name": _named_type,
    "qualified_name": _named_type,
    "alias_qualified_name": _named_type,
    "typeof_expression": _type_value,
    "sizeof_expression": _sizeof,
    "default_expression": _default,
    "await_expression": _await,
    "throw_expression": _throw,
    "range_expression": _range,
    "declaration_expression": _declaration,
    "element_binding_expression": _element_binding,
    "makeref_expression": _other,
    "reftype_expression": _other,
    "refvalue_expression": _other,
}
