"""Strings, numbers, regular expressions and template literals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lmi_lint.frontends.javascript.context import Lowering
from lmi_lint.ir import nodes as ir

if TYPE_CHECKING:
    from tree_sitter import Node

_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]{1,8}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-7]{1,3}|\r\n|[\s\S])")
_SINGLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\n": "", "\r": "", "\r\n": ""}
_SINGLE |= {"\u2028": "", "\u2029": ""}
_SURROGATE = re.compile("[\ud800-\udfff]")
_INTEGER = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|[0-9]{1,18}")


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    head = code[0]
    if head == "u" and len(code) > 1:
        point = int(code.strip("u{}"), 16)
        return chr(point) if point <= 0x10FFFF else "\ufffd"
    if head == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    if head in "01234567":
        return chr(int(code, 8))
    return _SINGLE.get(code, code)


def cooked(raw: str) -> str:
    """The value of string source text without its quotes. Lone surrogates become U+FFFD."""
    if "\\" not in raw:
        return raw
    value = _ESCAPE.sub(_unescape, raw)
    if _SURROGATE.search(value):
        value = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value


def string_value(low: Lowering, node: Node) -> str:
    """The value of a ``string`` node."""
    return cooked(low.text(node)[1:-1])


def string(low: Lowering, node: Node) -> ir.Expr:
    """``"text"``."""
    return ir.Literal(node.start_byte, node.end_byte, string_value(low, node))


def number_value(source: str) -> int | float:
    """The value of a number as written; integers that need more than 64 bits become floats."""
    digits = source.replace("_", "").removesuffix("n")
    if _INTEGER.fullmatch(digits):
        legacy_octal = len(digits) > 1 and digits.isdigit() and digits[0] == "0" and not set(digits) & {"8", "9"}
        value = (
            int(digits, 8) if legacy_octal else int(digits.lstrip("0") or "0") if digits.isdigit() else int(digits, 0)
        )
        return value if value < 2**63 else float(value) if value < 2**1023 else float("inf")
    try:
        return float(digits)
    except ValueError:
        return float("nan")


def number(low: Lowering, node: Node) -> ir.Expr:
    """``1``, ``0x1F``, ``1_000n``, ``1e3``."""
    return ir.Literal(node.start_byte, node.end_byte, number_value(low.text(node)))


def true(low: Lowering, node: Node) -> ir.Expr:
    """``true``."""
    return ir.Literal(node.start_byte, node.end_byte, True)


def false(low: Lowering, node: Node) -> ir.Expr:
    """``false``."""
    return ir.Literal(node.start_byte, node.end_byte, False)


def null(low: Lowering, node: Node) -> ir.Expr:
    """``null`` and ``undefined``."""
    return ir.Literal(node.start_byte, node.end_byte, None)


def regex(low: Lowering, node: Node) -> ir.Expr:
    """``/pattern/flags`` → ``new RegExp("pattern", "flags")``."""
    start, end = node.start_byte, node.end_byte
    pattern = node.child_by_field_name("pattern")
    flags = node.child_by_field_name("flags")
    args = [_regex_part(low, node, pattern), _regex_part(low, node, flags)]
    return ir.Call(start, end, ir.Name(start, end, "RegExp"), tuple(args), new=True)


def _regex_part(low: Lowering, node: Node, part: Node | None) -> ir.Arg:
    start, end = (node.start_byte, node.end_byte) if part is None else (part.start_byte, part.end_byte)
    return ir.Arg(start, end, ir.Literal(start, end, "" if part is None else low.text(part)))


def template_parts(low: Lowering, node: Node) -> list[ir.Expr]:
    """The texts and values of a template literal, alternating, always starting and ending with a text."""
    parts: list[ir.Expr] = []
    at = node.start_byte + 1
    for child in node.named_children:
        if child.type != "template_substitution":
            continue
        parts.append(_template_text(low, at, child.start_byte))
        values = [value for value in child.named_children if value.type != "comment"]
        parts.append(low.expr(values[0]) if values else low.missing(child))
        at = child.end_byte
    parts.append(_template_text(low, at, max(at, node.end_byte - 1)))
    return parts


def _template_text(low: Lowering, start: int, end: int) -> ir.Literal:
    return ir.Literal(start, end, cooked(low.data[start:end].decode("utf-8", "replace")))


def template(low: Lowering, node: Node) -> ir.Expr:
    """``` `a${b}` ``` → Template; a Literal where nothing is substituted."""
    parts = template_parts(low, node)
    if len(parts) == 1 and isinstance(parts[0], ir.Literal):
        return ir.Literal(node.start_byte, node.end_byte, parts[0].value)
    kept = [part for part in parts if not (isinstance(part, ir.Literal) and part.value == "")]
    return ir.Template(node.start_byte, node.end_byte, tuple(kept))
