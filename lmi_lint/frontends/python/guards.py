"""What is looked for before a parser sees a file.

libcst recurses natively (it kills the process on deep nesting) and takes quadratic time on long chains of operators,
calls and attributes, so both are bounded by one scan over the bytes.
"""

from __future__ import annotations

import re

from msgspec import Struct

MAX_SIZE = 1 << 20
"""Bytes of a file that are parsed."""

MAX_BRACKETS = 200
"""Levels of brackets; CPython refuses more as well."""

MAX_INDENTS = 100
"""Levels of indentation; CPython refuses more as well."""

MAX_CHAIN = 2000
"""Operators, calls, attributes and adjacent literals of one expression."""

MAX_PATTERN = 8
"""Levels of brackets of a ``case`` or ``del``; libcst needs four times as long for each further one."""

MAX_ARMS = 1000
"""``elif`` arms of a file that are nested into each other, at most."""

_RAW_BRACKETS = 5000
_CHEAP, _FLAT, _FLAT_PATTERN = 250, 50, 4
_NESTING_COST = 6
_MAX_COST = 4_000_000
"""The parser's time grows with the square of each chain and of each nesting (patterns: exponentially);
this bounds the sum over a file, in microseconds."""

_NESTED = f"brackets nested more than {MAX_BRACKETS} levels deep: not analysed"
_NESTED_PATTERN = f"a pattern or deletion nested more than {MAX_PATTERN} levels deep: not analysed"
_COSTLY = "too many long or deeply nested expressions: not analysed"
_CHAINED = f"an expression of more than {MAX_CHAIN} operators or calls: not analysed"
_QUOTE = b'"'
_STRING = re.compile(
    rb"#[^\n]*"
    rb"|([A-Za-z]{0,2})(?:'''(?:[^\\]|\\.)*?'''"
    rb'|"""(?:[^\\]|\\.)*?"""'
    rb"|'(?:[^'\\\n]|\\.)*'"
    rb'|"(?:[^"\\\n]|\\.)*")',
    re.DOTALL,
)
_STRUCTURE = re.compile(rb"[()\[\]{}\n]")
_LINK = re.compile(
    rb"[()\[\]{},;\"]|\*\*|//|<<|>>|[=!<>]=|[-+*/%@&|^~.<>]"
    rb"|\b(?:and|or|not|in|is|if|lambda|await|yield)\b"
)
_WIDE = re.compile(rb"^[ \t]{%d}" % MAX_INDENTS, re.MULTILINE)
_INDENT = re.compile(rb"^([ \t]*)[^\s#]", re.MULTILINE)
_PATTERN = re.compile(rb"\s*(?:case|del)\b")
_OPENING = b"([{"


class Danger(Struct, frozen=True):
    """Why a file must not be parsed, and the line (from 1) where that starts."""

    line: int
    message: str


def danger(data: bytes) -> Danger | None:
    """What in ``data`` would crash or stall the parser; None for a file that is safe to parse."""
    if len(data) > MAX_SIZE:
        return Danger(1, f"larger than {MAX_SIZE} bytes: not analysed")
    if (line := _deepest_raw(data)) is not None:
        return Danger(line, _NESTED)
    code, nested = _without_strings(data)
    if nested is not None:
        return Danger(nested, _NESTED)
    return _statements(code) or _indentation(code) or _arms(code)


def _deepest_raw(data: bytes) -> int | None:
    """The line where brackets are nested absurdly deep, strings and comments included: no text is safe to lex then."""
    if data.count(b"(") + data.count(b"[") + data.count(b"{") <= _RAW_BRACKETS:
        return None
    return _depth_line(data, _RAW_BRACKETS)


def _depth_line(data: bytes, limit: int) -> int | None:
    depth, line = 0, 1
    for found in _STRUCTURE.finditer(data):
        char = found.group()
        if char == b"\n":
            line += 1
        elif char in _OPENING:
            depth += 1
            if depth > limit:
                return line
        elif depth:
            depth -= 1
    return None


def _without_strings(data: bytes) -> tuple[bytes, int | None]:
    """``data`` with each string as a lone quote and its line ends, comments gone; the line of an f-string that nests
    brackets too deeply."""
    nested: list[int] = []

    def replace(found: re.Match[bytes]) -> bytes:
        text = found.group()
        prefix = found.group(1)
        if prefix is None:
            return b""
        # A word that touches the quote is no prefix.
        lead = prefix + _QUOTE if prefix.lower() not in _PREFIXES else _QUOTE
        if prefix.lower() in _FORMATTED and text.count(b"{") + text.count(b"(") + text.count(b"[") > MAX_BRACKETS:
            line = _depth_line(text, MAX_BRACKETS)
            if line is not None:
                nested.append(data.count(b"\n", 0, found.start()) + line)
        return lead + b"\n" * text.count(b"\n") if b"\n" in text else lead

    code = _STRING.sub(replace, data)
    return code, (nested[0] if nested else None)


_FORMATTED = frozenset({b"f", b"rf", b"fr", b"t", b"rt", b"tr"})
_PREFIXES = _FORMATTED | {b"", b"r", b"u", b"b", b"br", b"rb"}


def _statements(code: bytes) -> Danger | None:
    """Walk the statements: their bracket depth, in long ones their chains, and what all of that costs together."""
    depth, line, start, first, cost, peak = 0, 1, 0, 1, 0, 0
    for found in _STRUCTURE.finditer(code):
        char = found.group()
        if char == b"\n":
            line += 1
            at = found.start()
            if depth or code[at - 1 : at] == b"\\":
                continue
            chain = _chain(code[start:at]) if at - start > _CHEAP else 0
            if chain > MAX_CHAIN:
                return Danger(first, _CHAINED)
            cost += chain * chain if chain > _CHEAP else 0
            if cost > _MAX_COST:
                return Danger(first, _COSTLY)
            start, first = at + 1, line
        elif char in _OPENING:
            depth += 1
            peak = depth
            if depth > MAX_BRACKETS:
                return Danger(line, _NESTED)
        elif depth:
            if depth == peak > _FLAT_PATTERN:
                is_pattern = _PATTERN.match(code, start) is not None
                if is_pattern and depth > MAX_PATTERN:
                    return Danger(line, _NESTED_PATTERN)
                cost += 4**depth if is_pattern else _NESTING_COST * depth * depth if depth > _FLAT else 0
                if cost > _MAX_COST:
                    return Danger(line, _COSTLY)
            depth -= 1
            peak = 0
    if len(code) - start > MAX_CHAIN and _chain(code[start:]) > MAX_CHAIN:
        return Danger(first, _CHAINED)
    return None


def _chain(statement: bytes) -> int:
    """The largest number of operators, calls and literals of one statement that no comma parts, per bracket level."""
    longest = 0
    counts = [0]
    for found in _LINK.finditer(statement):
        token = found.group()
        if token in (b",", b";"):
            counts[-1] = 0
            continue
        if token in (b"(", b"[", b"{"):
            counts[-1] += 1
            counts.append(0)
        elif token in (b")", b"]", b"}"):
            if len(counts) > 1:
                counts.pop()
            continue
        else:
            counts[-1] += 1
        longest = max(longest, counts[-1], counts[-2] if len(counts) > 1 else 0)
    return longest


def _indentation(code: bytes) -> Danger | None:
    if _WIDE.search(code) is None:
        return None
    widths: list[int] = [0]
    depth, start, line = 0, 0, 1
    for found in _STRUCTURE.finditer(code + b"\n"):
        char = found.group()
        if char in _OPENING:
            depth += 1
        elif char != b"\n":
            depth = max(depth - 1, 0)
        else:
            indent = _INDENT.match(code, start) if not depth else None
            if indent is not None:
                width = len(indent.group(1).expandtabs())
                while widths[-1] > width:
                    widths.pop()
                if widths[-1] < width:
                    widths.append(width)
                if len(widths) > MAX_INDENTS:
                    return Danger(line, f"indented more than {MAX_INDENTS} levels deep: not analysed")
            line += 1
            start = start if depth else found.end()
    return None


def _arms(code: bytes) -> Danger | None:
    if code.count(b"elif") <= MAX_ARMS:
        return None
    run, last = 0, -1
    for found in re.finditer(rb"^([ \t]*)(elif|if|while|for|def|class|try|with)\b", code, re.MULTILINE):
        width, word = len(found.group(1).expandtabs()), found.group(2)
        if word == b"elif" and (width == last or not run):
            run, last = run + 1, width
        elif width <= last or not run:
            run = 0
        if run > MAX_ARMS:
            line = code.count(b"\n", 0, found.start()) + 1
            return Danger(line, f"more than {MAX_ARMS} elif arms in a row: not analysed")
    return None
