"""Literals: numbers, characters, strings, text blocks, string templates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lmi_lint.frontends.java.unit import COMMENTS
from lmi_lint.ir.nodes import Arg, Call, Expr, Literal, Member, Template

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.java.unit import ExprHandler, Unit

_ESCAPE = re.compile(r"\\(u+[0-9a-fA-F]{4}|[0-3]?[0-7]{1,2}|\r\n|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "b": "\b", "f": "\f", "r": "\r", "s": " ", "\n": "", "\r\n": "", "\r": ""}
_BASES = {"0x": 16, "0X": 16, "0b": 2, "0B": 2}
_RANGE = 1 << 64


def _escape(match: re.Match[str]) -> str:
    body = match.group(1)
    if body[0] == "u" and len(body) > 4:
        return chr(int(body[-4:], 16))
    if body[0] in "01234567":
        return chr(int(body, 8))
    return _SIMPLE.get(body, body)


def unescape(raw: str) -> str:
    """Resolve escapes; surrogate pairs become one character, halves of none the replacement character."""
    if "\\" not in raw:
        return raw
    result = _ESCAPE.sub(_escape, raw)
    return result.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def strip_indent(raw: str) -> str:
    """The content of a text block: without the line of its opening delimiter, incidental indentation and trailing
    space. Escapes are still as written."""
    first, newline, rest = raw.replace("\r\n", "\n").partition("\n")
    if not newline:
        return first
    lines = rest.split("\n")
    significant = [line for line in lines[:-1] if line.strip()] + lines[-1:]
    indent = min(len(line) - len(line.lstrip(" \t\f")) for line in significant)
    return "\n".join(line[indent:].rstrip(" \t\f") for line in lines)


def _string(unit: Unit, node: Node) -> Expr:
    if node.named_child_count and any(child.type == "string_interpolation" for child in node.named_children):
        return _interpolated(unit, node)
    raw = unit.text(node)
    if raw.startswith('"""'):
        value = unescape(strip_indent(raw[3:].removesuffix('"""')))
    else:
        value = unescape(raw[1:].removesuffix('"'))
    return Literal(node.start_byte, node.end_byte, value)


def _interpolated(unit: Unit, node: Node) -> Expr:
    parts: list[Expr] = []
    for child in node.named_children:
        if child.type == "string_interpolation":
            parts.extend(unit.expr(inner) for inner in child.named_children if inner.type not in COMMENTS)
        elif child.type not in COMMENTS:
            parts.append(Literal(child.start_byte, child.end_byte, unescape(unit.text(child))))
    return Template(node.start_byte, node.end_byte, tuple(parts))


def _template(unit: Unit, node: Node) -> Expr:
    """A processed string template: ``STR."…"`` is a call of the processor."""
    processor = node.child_by_field_name("template_processor")
    argument = node.child_by_field_name("template_argument")
    if processor is None or argument is None:
        return unit.opaque(node)
    start, end = node.start_byte, node.end_byte
    callee = Member(start, end, unit.expr(processor), "process")
    return Call(start, end, callee, (Arg(argument.start_byte, argument.end_byte, unit.expr(argument)),))


def _character(unit: Unit, node: Node) -> Expr:
    return Literal(node.start_byte, node.end_byte, unescape(unit.text(node)[1:].removesuffix("'")))


def _integer(unit: Unit, node: Node) -> Expr:
    raw = unit.text(node)
    digits = raw.replace("_", "").rstrip("lL")
    base = _BASES.get(digits[:2], 8 if len(digits) > 1 and digits[0] == "0" else 10)
    value: int | str = raw
    if len(digits) < 100:  # no Java integer is longer, and int() refuses very long ones
        try:
            value = int(digits, base)
        except ValueError:
            value = raw
    if isinstance(value, int) and value >= _RANGE:
        value = raw
    return Literal(node.start_byte, node.end_byte, value)


def _float(unit: Unit, node: Node) -> Expr:
    raw = unit.text(node)
    digits = raw.replace("_", "")
    value: float | str = raw
    try:
        is_hex = digits[:2] in ("0x", "0X")
        value = float.fromhex(digits.rstrip("fFdD")) if is_hex else float(digits.rstrip("fFdD"))
    except (ValueError, OverflowError):
        value = raw
    return Literal(node.start_byte, node.end_byte, value)


def _true(_unit: Unit, node: Node) -> Expr:
    return Literal(node.start_byte, node.end_byte, True)


def _false(_unit: Unit, node: Node) -> Expr:
    return Literal(node.start_byte, node.end_byte, False)


def _null(_unit: Unit, node: Node) -> Expr:
    return Literal(node.start_byte, node.end_byte, None)


LITERALS: dict[str, ExprHandler] = {
    "string_literal": _string,
    "template_expression": _template,
    "character_literal": _character,
    "decimal_integer_literal": _integer,
    "hex_integer_literal": _integer,
    "octal_integer_literal": _integer,
    "binary_integer_literal": _integer,
    "decimal_floating_point_literal": _float,
    "hex_floating_point_literal": _float,
    "true": _true,
    "false": _false,
    "null_literal": _null,
}
