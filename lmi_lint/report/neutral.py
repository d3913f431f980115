"""Text from files under analysis, made harmless for a terminal."""

from __future__ import annotations

import unicodedata
from typing import Final

_TERMINAL_STEERING: Final = frozenset(
    "\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
"""Marks that reorder, hide or break what is shown; the joiners of scripts and emoji are left alone."""

_TAGS: Final = range(0xE0000, 0xE0080)


def neutral(text: str) -> str:
    """The text with control characters, direction overrides and lone surrogates shown as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join([neutral_char(char) for char in text])


def neutral_char(char: str) -> str:
    """One character as it may be shown."""
    code = ord(char)
    if 0x20 <= code < 0x7F:
        return char
    harmful = char in _TERMINAL_STEERING or code in _TAGS or unicodedata.category(char) in {"Cc", "Cs"}
    return _escape(code) if harmful else char


def width(char: str) -> int:
    """Cells that a character takes in a terminal: 0, 1 or 2."""
    if char.isascii():
        return 1
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def text_width(text: str) -> int:
    """Cells of a text that is neutral already."""
    return len(text) if text.isascii() else sum(width(char) for char in text)


def _escape(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
