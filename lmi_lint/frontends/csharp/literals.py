"""Literals: numbers, characters, strings of all kinds, interpolation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lmi_lint.frontends.csharp.grammar import TRIVIA
from lmi_lint.ir.nodes import Expr, Literal, Op, OpKind, Template

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import ExprHandler, Unit

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{1,4}|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "b": "\b", "f": "\f", "r": "\r", "v": "\v", "a": "\a", "0": "\0", "e": "\x1b"}
_BASES = {"0x": 16, "0X": 16, "0b": 2, "0B": 2}
_RANGE = 1 << 64
_LAST = 0x10FFFF


def _escape(match: re.Match[str]) -> str:
    body = match.group(1)
    if body[0] in "uUx" and len(body) > 1:
        code = int(body[1:], 16)
        return chr(code) if code <= _LAST else "\ufffd"
    return _SIMPLE.get(body, body)


def unescape(raw: str) -> str:
    """Resolve escapes; surrogate pairs become one character, halves of none the replacement character."""
    if "\\" not in raw:
        return raw
    result = _ESCAPE.sub(_escape, raw)
    return result.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def strip_indent(raw: str) -> str:
    """The content of a raw string: on several lines, without the first and last line break and the indentation of
    the closing delimiter."""
    lines = raw.replace("\r\n", "\n").split("\n")
    if len(lines) < 2:
        return raw
    indent = lines[-1] if not lines[-1].strip() else ""
    return "\n".join([line.removeprefix(indent) for line in lines[1:-1]])


def _string(unit: Unit, node: Node) -> Expr:
    raw = unit.text(node)
    raw = raw.removeprefix('"')
    for encoding in ("u8", "U8"):
        if raw.endswith('"' + encoding):
            raw = raw.removesuffix(encoding)
    return Literal(node.start_byte, node.end_byte, unescape(raw.removesuffix('"')))


def _verbatim(unit: Unit, node: Node) -> Expr:
    raw = unit.text(node).removeprefix("@").removeprefix('"')
    raw = raw.removesuffix("u8").removesuffix('"') if raw.endswith('"u8') else raw.removesuffix('"')
    return Literal(node.start_byte, node.end_byte, raw.replace('""', '"'))


def _raw(unit: Unit, node: Node) -> Expr:
    content = next((child for child in node.named_children if child.type == "raw_string_content"), None)
    value = strip_indent(unit.text(content)) if content is not None else ""
    return Literal(node.start_byte, node.end_byte, value)


def _interpolated(unit: Unit, node: Node) -> Expr:
    children = node.named_children
    opening = unit.text(children[0]) if children else "$"
    raw_quotes = any(child.type == "interpolation_quote" for child in children)
    found: list[Expr] = []
    for child in children:
        kind = child.type
        if kind == "interpolation":
            found.extend(_hole(unit, child))
        elif kind == "string_content":
            found.append(Literal(child.start_byte, child.end_byte, _piece(unit.text(child), opening, raw_quotes)))
    return Template(node.start_byte, node.end_byte, tuple(found))


def _piece(raw: str, opening: str, raw_quotes: bool) -> str:
    if raw_quotes:
        return raw if opening.count("$") > 1 else raw.replace("{{", "{").replace("}}", "}")
    raw = raw.replace("{{", "{").replace("}}", "}")
    return raw.replace('""', '"') if "@" in opening else unescape(raw)


def _hole(unit: Unit, node: Node) -> list[Expr]:
    found: list[Expr] = []
    for child in node.children:
        kind = child.type
        if kind == "interpolation_alignment_clause":
            found.extend([unit.expr(width) for width in child.named_children if width.type not in TRIVIA])
        elif kind in ("this", "base") or (
            child.is_named and kind not in ("interpolation_brace", "interpolation_format_clause") and kind not in TRIVIA
        ):
            found.append(unit.expr(child))
    if len(found) > 1:  # a width: evaluated, but no part of the text
        return [Op(node.start_byte, node.end_byte, OpKind.OTHER, ",", tuple(found))]
    return found


def _character(unit: Unit, node: Node) -> Expr:
    return Literal(node.start_byte, node.end_byte, unescape(unit.text(node)[1:].removesuffix("'")))


def _integer(unit: Unit, node: Node) -> Expr:
    raw = unit.text(node)
    digits = raw.replace("_", "").rstrip("lLuU")
    base = _BASES.get(digits[:2], 10)
    value: int | str = raw
    if len(digits) < 100:  # no C# integer is longer, and int() refuses very long ones
        try:
            value = int(digits, base)
        except ValueError:
            value = raw
    if isinstance(value, int) and value >= _RANGE:
        value = raw
    return Literal(node.start_byte, node.end_byte, value)


def _real(unit: Unit, node: Node) -> Expr:
    raw = unit.text(node)
    value: float | str = raw
    try:
        value = float(raw.replace("_", "").rstrip("fFdDmM"))
    except ValueError:
        value = raw
    return Literal(node.start_byte, node.end_byte, value)


def _boolean(unit: Unit, node: Node) -> Expr:
    return Literal(node.start_byte, node.end_byte, unit.data[node.start_byte : node.end_byte] == b"true")


def _null(_unit: Unit, node: Node) -> Expr:
    return Literal(node.start_byte, node.end_byte, None)


LITERALS: dict[str, ExprHandler] = {
    "string_literal": _string,
    "verbatim_string_literal": _verbatim,
    "raw_string_literal": _raw,
    "interpolated_string_expression": _interpolated,
    "character_literal": _character,
    "integer_literal": _integer,
    "real_literal": _real,
    "boolean_literal": _boolean,
    "null_literal": _null,
}
