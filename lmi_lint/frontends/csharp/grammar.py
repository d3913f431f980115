"""The parser, and syntax that its grammar lacks, put so that it parses.

A repaired text has the same length, so the tree's offsets hold for the source too; names are read from the source.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from lmi_lint.frontends.treesitter import error_nodes

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

TRIVIA = frozenset(
    {
        "comment",
        "preproc_region",
        "preproc_endregion",
        "preproc_pragma",
        "preproc_nullable",
        "preproc_line",
        "preproc_define",
        "preproc_undef",
        "preproc_warning",
        "preproc_error",
        "shebang_directive",
    }
)
"""Node types that mean nothing to the program and may stand anywhere."""

_DIRECTIVE = re.compile(rb"^[ \t]*#[ \t]*(if|elif|else|endif)\b([^\r\n]*)", re.MULTILINE)
_FILE_DIRECTIVE = re.compile(rb"^[ \t]*#[:!][^\r\n]*", re.MULTILINE)
_EMPTY_TEXT = re.compile(rb'\$(?=""(?!"))')
_CONDITIONAL_TARGET = re.compile(
    rb"\?(?=(?:\.[ \t]*\w|\[)[\w.\[\]\"?!() ]{0,200}?[ \t]{0,9}(?:[-+*/%&|^]|\?\?|<<|>>)?=(?![=>]))"
)
_EXTENSION = re.compile(rb"(?<![\w.@])extension(?=\s*(?:<[^>(){};]*>)?\s*\([^(){};]*\)\s*(?:where\b[^{};()]*)?\{)")
_LAMBDA = re.compile(rb"\(([^()]*)\)(?=\s*=>)")
_LAMBDA_MODIFIER = re.compile(rb"\b(?:out|ref|in|scoped)\s+(?=@?\w+\s*(?:,|$))")
_ALLOWS = re.compile(rb"\ballows\s+ref\s+struct\b")
_OPERATOR = re.compile(rb"\boperator\s*(?:checked\s*)?[^\s\w(]+(?=\s*\()")
_INACTIVE = frozenset({b"false", b"DEBUG"})
"""Conditions that do not hold in what is deployed."""


@cache
def _parser() -> Parser:
    import tree_sitter_c_sharp
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_c_sharp.language()))


def parse_csharp(data: bytes) -> Node:
    """The root of the syntax tree of UTF-8 ``data``, of the repaired text where that has fewer errors."""
    root = _parser().parse(data).root_node
    if not root.has_error:
        return root
    best, fewest = root, len(error_nodes(root))
    for repaired in (_newer_syntax(data), _newer_syntax(_one_branch(data))):
        if fewest and repaired != data:
            other = _parser().parse(repaired).root_node
            errors = len(error_nodes(other))
            if errors < fewest:
                best, fewest = other, errors
    return best


def _newer_syntax(data: bytes) -> bytes:
    """The text with syntax that the grammar lacks written another way."""
    data = _FILE_DIRECTIVE.sub(_blank, data)
    data = _EMPTY_TEXT.sub(b" ", data).replace(b"\xc2\xa0", b"  ")
    data = _CONDITIONAL_TARGET.sub(b" ", data)
    data = _EXTENSION.sub(b"class ext", data)
    data = _LAMBDA.sub(lambda match: _LAMBDA_MODIFIER.sub(_blank, match.group()[:-1]) + b")", data)
    data = _ALLOWS.sub(lambda match: b"struct".ljust(len(match.group())), data)
    return _OPERATOR.sub(_plain_operator, data)


def _blank(match: re.Match[bytes]) -> bytes:
    return re.sub(rb"[^\r\n]", b" ", match.group())


def _plain_operator(match: re.Match[bytes]) -> bytes:
    """``operator checked +`` and ``operator +=`` as ``operator +``."""
    written = match.group()
    plain = written.replace(b"checked", b"       ")
    symbol = plain.split()[-1].removeprefix(b"operator")
    if symbol.endswith(b"=") and symbol not in (b"==", b"!=", b"<=", b">="):
        plain = plain[:-1] + b" "
    return plain


def _one_branch(data: bytes) -> bytes:
    """The text with one branch of each ``#if`` left: the first whose condition is not known to fail."""
    out: list[bytes] = []
    stack: list[tuple[bool, bool]] = []  # per open #if: whether a branch was taken, whether this one is
    at = 0
    for match in _DIRECTIVE.finditer(data):
        out.append(_kept(data[at : match.start()], stack))
        out.append(_blank(match))
        at = match.end()
        word = match.group(1)
        condition = match.group(2).split(b"//")[0].strip()
        if word == b"if":
            taken = condition not in _INACTIVE
            stack.append((taken, taken))
        elif not stack:
            continue
        elif word == b"endif":
            stack.pop()
        else:
            before = stack[-1][0]
            taken = not before and (word == b"else" or condition not in _INACTIVE)
            stack[-1] = (before or taken, taken)
    out.append(_kept(data[at:], stack))
    return b"".join(out)


def _kept(part: bytes, stack: list[tuple[bool, bool]]) -> bytes:
    return part if all(taken for _, taken in stack) else re.sub(rb"[^\r\n]", b" ", part)
