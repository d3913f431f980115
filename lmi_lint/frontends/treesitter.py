"""What the tree-sitter front-ends share: grammars, text, comments, error nodes, the depth guard.

``tree_sitter`` and the grammars are imported on first use, each grammar only for the files that need it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from lmi_lint.ir.nodes import Comment, Flaw
from lmi_lint.model.source import SourceFile, Span

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, Tree

MAX_DEPTH = 300
"""Levels of nested expressions and statements that are lowered; what is deeper becomes an Opaque and a flaw.
Everything downstream walks the IR recursively, so this bounds its stack as well."""

_FRAMES_PER_LEVEL = 16
_GRAMMARS = (
    ("javascript", "tree_sitter_javascript", "language"),
    ("typescript", "tree_sitter_typescript", "language_typescript"),
    ("tsx", "tree_sitter_typescript", "language_tsx"),
    ("java", "tree_sitter_java", "language"),
    ("hcl", "tree_sitter_hcl", "language"),
)
_EXCERPT = 60


@cache
def language(grammar: str) -> Language:
    """The grammar called ``javascript``, ``typescript``, ``tsx``, ``java`` or ``hcl``. KeyError for any other name."""
    from tree_sitter import Language

    for name, module, function in _GRAMMARS:
        if name == grammar:
            return Language(getattr(import_module(module), function)())
    raise KeyError(grammar)


@cache
def _parser(grammar: str) -> Parser:
    from tree_sitter import Parser

    return Parser(language(grammar))


def load_parser() -> None:
    """Import the parser without a grammar."""
    import_module("tree_sitter")


def parse(grammar: str, data: bytes) -> Tree:
    """The concrete syntax tree of UTF-8 ``data``; never fails, since errors are nodes of the tree."""
    return _parser(grammar).parse(data)


def text(data: bytes, node: Node) -> str:
    """The source text of a node."""
    return data[node.start_byte : node.end_byte].decode("utf-8", "replace")


def comments(root: Node, data: bytes, kinds: frozenset[str]) -> tuple[Comment, ...]:
    """All comments (node types ``kinds``) under ``root`` in source order, without their delimiters."""
    if b"//" not in data and b"/*" not in data and b"<!--" not in data:
        return ()
    found: list[Comment] = []
    cursor = root.walk()
    while True:
        node = cursor.node
        if node is not None and node.type in kinds:
            found.append(_comment(data, node.start_byte, node.end_byte))
        elif cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return tuple(found)


def _comment(data: bytes, start: int, end: int) -> Comment:
    body = data[start:end].decode("utf-8", "replace")
    if body.startswith("//"):
        body = body[2:]
    elif body.startswith("/*"):
        body = body[2:].removesuffix("*/")
    elif body.startswith("<!--"):
        body = body[4:]
    line_start = data.rfind(b"\n", 0, start) + 1
    return Comment(start, end, body.strip(), not data[line_start:start].strip())


def error_nodes(root: Node) -> list[Node]:
    """The outermost ERROR nodes and the MISSING ones, in source order; empty for a clean parse."""
    if not root.has_error:
        return []
    found: list[Node] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            found.append(node)
        elif node.has_error:
            stack.extend(reversed(node.children))
    return found


def syntax_flaws(source: SourceFile, root: Node) -> tuple[Flaw, ...]:
    """At most one flaw: where the parser first lost the thread, and in how many more places. An ampersand within a
    text of JSX, which grammars take for an entity, costs nothing."""
    errors = [node for node in error_nodes(root) if node.parent is None or node.parent.type != "string"]
    if not errors:
        return ()
    first = errors[0]
    what = f"{_excerpt(source, first)}"
    if first.is_missing:
        what = f"expected {first.type!r}"
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    message = f"not understood from line {source.line_of(first.start_byte)}: {what}{more}"
    return (Flaw(first.start_byte, first.end_byte, message),)


def depth_flaw(source: SourceFile, start: int, end: int) -> Flaw:
    """The flaw of a construct nested more than ``MAX_DEPTH`` levels deep."""
    return Flaw(
        start, end, f"nested too deeply from line {source.line_of(start)}: not analysed below {MAX_DEPTH} levels"
    )


def _excerpt(source: SourceFile, node: Node) -> str:
    line = source.text(Span(node.start_byte, min(node.end_byte, node.start_byte + 4 * _EXCERPT))).split("\n", 1)[0]
    line = line.strip()
    return line if len(line) <= _EXCERPT else line[:_EXCERPT] + "…"


@contextmanager
def room_to_recurse() -> Iterator[None]:
    """Lets code recurse ``MAX_DEPTH`` levels from here, whatever the caller has used of the stack."""
    before = sys.getrecursionlimit()
    depth = 0
    frame = sys._getframe()  # noqa: SLF001 - the one way to count the stack that is cheap
    while frame.f_back is not None:
        depth += 1
        frame = frame.f_back
    sys.setrecursionlimit(max(before, depth + MAX_DEPTH * _FRAMES_PER_LEVEL))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
