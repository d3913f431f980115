"""Constants, text and format strings."""

from __future__ import annotations

import re
import unicodedata

import libcst as cst

from lmi_lint.frontends.python.context import Lowering
from lmi_lint.ir import nodes as ir

_ESCAPE = re.compile(
    r"\\(?:(\n)|([\\'\"abfnrtv])|([0-7]{1,3})|x([0-9a-fA-F]{2})"
    r"|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|N\{([^}]*)\})"
)
_SINGLE = {
    "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip
_WIDEST_INTEGER = 1 << 63

TEXTS = (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)
"""Expressions that are text by their looks."""


def _unescape(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(found: re.Match[str]) -> str:
    newline, single, octal, two, four, eight, name = found.groups()
    if newline is not None:
        return ""
    if single is not None:
        return _SINGLE[single]
    if octal is not None:
        return chr(int(octal, 8))
    if name is not None:
        try:
            return unicodedata.lookup(name)
        except KeyError:
            return found.group()
    code = int(two or four or eight, 16)
    # A lone surrogate cannot be written as UTF-8.
    return found.group() if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)


def string_value(node: cst.SimpleString) -> str:
    """The text of a plain string literal; bytes are read as Latin-1."""
    literal = node.value
    at = min(found for found in (literal.find("'"), literal.find('"')) if found >= 0)
    prefix, quoted = literal[:at].lower(), literal[at:]
    width = 3 if quoted[:3] in ("'''", '"""') and len(quoted) >= 6 else 1
    body = quoted[width:-width]
    return body if "r" in prefix else _unescape(body)


def string(low: Lowering, node: cst.SimpleString) -> ir.Expr:
    """``"text"``, ``b"bytes"``."""
    return ir.Literal(*low.span(node), string_value(node))


def concatenated(low: Lowering, node: cst.ConcatenatedString) -> ir.Expr:
    """Adjacent literals: one Literal, or a Template if one of them is a format string."""
    parts: list[ir.Expr] = []
    top: cst.BaseExpression = node
    while isinstance(top, cst.ConcatenatedString):
        _append(low.expr(top.left), parts)
        top = top.right
    _append(low.expr(top), parts)
    start, end = low.span(node)
    if all(isinstance(part, ir.Literal) for part in parts):
        return ir.Literal(start, end, "".join([str(part.value) for part in parts if isinstance(part, ir.Literal)]))
    return ir.Template(start, end, tuple(parts))


def _append(value: ir.Expr, parts: list[ir.Expr]) -> None:
    parts.extend(value.parts if isinstance(value, ir.Template) else (value,))


def formatted(low: Lowering, node: cst.FormattedString | cst.TemplatedString) -> ir.Expr:
    """``f"a{b!r:>{w}}"``: text and expressions in order; of a format only its expressions are kept."""
    parts: list[ir.Expr] = []
    is_raw = "r" in node.start.lower()
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText | cst.TemplatedStringText):
            text = part.value.replace("{{", "{").replace("}}", "}")
            parts.append(ir.Literal(*low.span(part), text if is_raw else _unescape(text)))
        elif isinstance(part, cst.FormattedStringExpression | cst.TemplatedStringExpression):
            if part.equal is not None:
                start = low.positions.start(part.expression)
                parts.append(ir.Literal(start, start, low.text(part.expression) + "="))
            parts.append(low.expr(part.expression))
            _specification(low, part.format_spec, parts)
    return ir.Template(*low.span(node), tuple(parts))


def _specification(low: Lowering, pieces: object, parts: list[ir.Expr]) -> None:
    for piece in pieces if isinstance(pieces, list | tuple) else ():
        if isinstance(piece, cst.FormattedStringExpression | cst.TemplatedStringExpression):
            parts.append(low.expr(piece.expression))
            if low.descend():
                _specification(low, piece.format_spec, parts)
                low.ascend()


def integer(low: Lowering, node: cst.Integer) -> ir.Expr:
    """``1_000``, ``0xff``; one wider than 64 bits is a float."""
    return ir.Literal(*low.span(node), _integer(node.value.replace("_", "")))


def _integer(text: str) -> int | float:
    try:
        value = int(text, 0)
    except ValueError:  # "00", or more digits than CPython converts
        try:
            return float(text)
        except ValueError:
            return float("inf")
    if -_WIDEST_INTEGER <= value < _WIDEST_INTEGER:
        return value
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def decimal(low: Lowering, node: cst.Float) -> ir.Expr:
    """``1.5e3``."""
    return ir.Literal(*low.span(node), float(node.value))


def imaginary(low: Lowering, node: cst.Imaginary) -> ir.Expr:
    """``2j``, of which the number is kept."""
    return ir.Literal(*low.span(node), float(node.value.rstrip("jJ")))


def ellipsis(low: Lowering, node: cst.Ellipsis) -> ir.Expr:
    """``...``."""
    return ir.Literal(*low.span(node), None)
