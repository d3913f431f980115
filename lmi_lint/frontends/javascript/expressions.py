"""Expressions that are neither operators nor literals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.javascript.classes import member_name
from lmi_lint.frontends.javascript.context import COMMENTS, Lowering, real
from lmi_lint.frontends.javascript.functions import Owner, lower_function, named_value
from lmi_lint.frontends.javascript.imports import record_dynamic
from lmi_lint.frontends.javascript.literals import template_parts
from lmi_lint.frontends.javascript.types import type_refs
from lmi_lint.ir import nodes as ir

if TYPE_CHECKING:
    from tree_sitter import Node


def identifier(low: Lowering, node: Node) -> ir.Expr:
    """A name."""
    start, end = node.start_byte, node.end_byte
    if start == end:
        return low.missing(node)
    return ir.Name(start, end, low.data[start:end].decode("utf-8", "replace"))


def private_name(low: Lowering, node: Node) -> ir.Expr:
    """``#p`` in ``#p in object``: the key, as text."""
    return ir.Literal(node.start_byte, node.end_byte, low.text(node))


def this(low: Lowering, node: Node) -> ir.Expr:
    """``this``."""
    return ir.This(node.start_byte, node.end_byte)


def super_(low: Lowering, node: Node) -> ir.Expr:
    """``super``."""
    return ir.Super(node.start_byte, node.end_byte)


def import_(low: Lowering, node: Node) -> ir.Expr:
    """The callee of ``import(…)``."""
    return ir.Name(node.start_byte, node.end_byte, "import")


def meta(low: Lowering, node: Node) -> ir.Expr:
    """``import.meta`` and ``new.target`` → a member of a name that no program can declare."""
    start, end = node.start_byte, node.end_byte
    first, _, second = low.text(node).partition(".")
    return ir.Member(start, end, ir.Name(start, end, first.strip()), second.strip())


def transparent(low: Lowering, node: Node) -> ir.Expr:
    """Parentheses, ``as``, ``satisfies``, ``!``, explicit instantiation: their first child."""
    inner = real(node.named_children)
    return low.expr(inner[0]) if inner else low.missing(node)


def type_assertion(low: Lowering, node: Node) -> ir.Expr:
    """``<T>x`` → x."""
    inner = real(node.named_children)
    return low.expr(inner[-1]) if inner else low.missing(node)


def member(low: Lowering, node: Node) -> ir.Expr:
    """``a.b``, ``a?.b``, ``a.#b``."""
    parts = node.named_children
    if len(parts) < 2:
        return low.opaque(node)
    return ir.Member(node.start_byte, node.end_byte, low.expr(parts[0]), low.text(parts[-1]))


def subscript(low: Lowering, node: Node) -> ir.Expr:
    """``a[k]``, ``a?.[k]``."""
    base = low.field(node, "object")
    return ir.Index(node.start_byte, node.end_byte, base, low.field(node, "index"))


def call(low: Lowering, node: Node) -> ir.Expr:
    """``f(a, ...b)``, ``f?.()`` (``f && f()``), ``tag`…` ``, ``require("m")``, ``import("m")``."""
    parts = node.named_children
    written = parts[-1]
    # The grammar reads ``await f<T>(x)`` as ``(await f)<T>(x)``; that in parentheses would be another node.
    awaited = len(parts) > 2 and parts[0].type == "await_expression"
    callee = transparent(low, parts[0]) if awaited else low.expr(parts[0])
    if written.type == "template_string":
        args = _tag_arguments(low, written)
    elif written.type == "arguments":
        args = arguments(low, written)
    else:
        return low.opaque(node)
    type_args = type_refs(low, node.child_by_field_name("type_arguments")) if len(parts) > 2 else ()
    if isinstance(callee, ir.Name) and callee.id in ("require", "import"):
        record_dynamic(low, node, args)
    if awaited:
        inner = ir.Call(callee.start, node.end_byte, callee, args, type_args=type_args)
        return ir.Await(node.start_byte, node.end_byte, inner)
    made = ir.Call(node.start_byte, node.end_byte, callee, args, type_args=type_args)
    if _is_plain(callee) and _is_optional(node):
        return ir.Choice(node.start_byte, node.end_byte, callee, made, None)
    return made


def _is_optional(node: Node) -> bool:
    """Whether the call is made only if there is a function; the grammar of TypeScript does not name the token."""
    return node.child_count > 2 and node.children[1].type in ("optional_chain", "?.")


def _is_plain(node: ir.Expr) -> bool:
    """A name or a member of one: reading it twice does nothing."""
    return isinstance(node, ir.Name) or (isinstance(node, ir.Member) and isinstance(node.base, ir.Name | ir.This))


def arguments(low: Lowering, node: Node) -> tuple[ir.Arg, ...]:
    """The arguments in parentheses."""
    args: list[ir.Arg] = []
    for child in node.named_children:
        kind = child.type
        if kind == "spread_element":
            args.append(ir.Arg(child.start_byte, child.end_byte, transparent(low, child), spread=True))
        elif kind not in COMMENTS:
            args.append(ir.Arg(child.start_byte, child.end_byte, low.expr(child)))
    return tuple(args)


def _tag_arguments(low: Lowering, node: Node) -> tuple[ir.Arg, ...]:
    """A tag function gets the sequence of texts, then each value."""
    parts = template_parts(low, node)
    start, end = node.start_byte, node.end_byte
    texts = tuple([ir.Entry(part.start, part.end, None, part) for part in parts[::2]])
    first = ir.Arg(start, end, ir.Display(start, end, ir.DisplayKind.SEQUENCE, texts))
    return (first, *[ir.Arg(part.start, part.end, part) for part in parts[1::2]])


def new(low: Lowering, node: Node) -> ir.Expr:
    """``new F(a)``, ``new F``."""
    callee = low.field(node, "constructor")
    written = node.child_by_field_name("arguments")
    args = () if written is None else arguments(low, written)
    type_args = type_refs(low, node.child_by_field_name("type_arguments"))
    return ir.Call(node.start_byte, node.end_byte, callee, args, new=True, type_args=type_args)


def await_(low: Lowering, node: Node) -> ir.Expr:
    """``await e``."""
    return ir.Await(node.start_byte, node.end_byte, transparent(low, node))


def yield_(low: Lowering, node: Node) -> ir.Expr:
    """``yield e``: a suspension in async generators; elsewhere only an operator, since its caller runs on."""
    start, end = node.start_byte, node.end_byte
    inner = real(node.named_children)
    value = low.expr(inner[0]) if inner else None
    if ir.Flags.ASYNC in low.frame.flags:
        return ir.Await(start, end, value, ir.AwaitKind.YIELD)
    return ir.Op(start, end, ir.OpKind.OTHER, "yield", () if value is None else (value,))


def ternary(low: Lowering, node: Node) -> ir.Expr:
    """``t ? a : b``."""
    test = low.field(node, "condition")
    then = low.field(node, "consequence")
    return ir.Choice(node.start_byte, node.end_byte, test, then, low.field(node, "alternative"))


def sequence(low: Lowering, node: Node) -> ir.Expr:
    """``(a, b, c)``."""
    values = [low.expr(part) for part in comma_parts(node)]
    if not values:
        return low.missing(node)
    body = tuple([ir.Do(value.start, value.end, value) for value in values[:-1]])
    return ir.Sequence(node.start_byte, node.end_byte, body, values[-1])


def comma_parts(node: Node) -> list[Node]:
    """The operands of nested comma operators, in order."""
    parts: list[Node] = []
    todo = [node]
    while todo:
        top = todo.pop()
        if top.type == "sequence_expression":
            todo.extend(reversed(real(top.named_children)))
        else:
            parts.append(top)
    return parts


def array(low: Lowering, node: Node) -> ir.Expr:
    """``[a, ...b]``."""
    items: list[ir.Entry] = []
    for child in node.named_children:
        kind = child.type
        if kind in COMMENTS:
            continue
        spread = kind == "spread_element"
        value = transparent(low, child) if spread else low.expr(child)
        items.append(ir.Entry(child.start_byte, child.end_byte, None, value, spread))
    return ir.Display(node.start_byte, node.end_byte, ir.DisplayKind.SEQUENCE, tuple(items))


def object_(low: Lowering, node: Node) -> ir.Expr:
    """``{a, b: c, [k]: v, m() {}, ...r}``."""
    items = [_entry(low, child) for child in node.named_children if child.type not in COMMENTS]
    return ir.Display(node.start_byte, node.end_byte, ir.DisplayKind.OBJECT, tuple(items))


def _entry(low: Lowering, node: Node) -> ir.Entry:
    kind, start, end = node.type, node.start_byte, node.end_byte
    if kind == "pair":
        key = node.child_by_field_name("key")
        value = node.child_by_field_name("value")
        lowered = low.missing(node) if key is None else property_key(low, key)
        named = None if key is None or key.type == "computed_property_name" else key
        return ir.Entry(start, end, lowered, low.missing(node) if value is None else named_value(low, value, named))
    if kind == "shorthand_property_identifier":
        name = low.text(node)
        return ir.Entry(start, end, ir.Literal(start, end, name), ir.Name(start, end, name))
    if kind == "spread_element":
        return ir.Entry(start, end, None, transparent(low, node), True)
    if kind == "method_definition":
        key = node.child_by_field_name("name")
        name, name_start, name_end = member_name(low, node, key)
        lowered = low.missing(node) if key is None else property_key(low, key)
        index = lower_function(low, node, Owner(name, name_start, name_end))
        return ir.Entry(start, end, lowered, ir.Closure(start, end, index))
    return ir.Entry(start, end, None, low.expr(node))


def property_key(low: Lowering, node: Node) -> ir.Expr:
    """The key of a property: a Literal unless computed."""
    kind = node.type
    if kind == "computed_property_name":
        return transparent(low, node)
    if kind in ("string", "number"):
        return low.expr(node)
    return ir.Literal(node.start_byte, node.end_byte, low.text(node))
