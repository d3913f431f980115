"""Positions of libcst nodes, counted while the tree writes itself out.

libcst keeps no positions: its own provider makes ``Module`` generate its code and counts. This does the same with a
state that keeps byte offsets only, which costs a tenth.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import libcst as cst

from lmi_lint.ir.nodes import Comment

_LOST = "\f \t"
"""What libcst may not write out again: form feeds, and space before the colon of ``except X :``."""


class _Recording:
    """The context that libcst enters around the part of a node without its surrounding space."""

    __slots__ = ("end_node", "node", "start", "start_node", "state")

    def __init__(self, state: CountingState, node: cst.CSTNode, start_node: Any, end_node: Any) -> None:
        self.state, self.node, self.start_node, self.end_node = state, node, start_node, end_node
        self.start = state.at

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        state = self.state
        key = id(self.node)
        state.starts[key] = self.start if self.start_node is None else state.starts[id(self.start_node)]
        state.ends[key] = state.at if self.end_node is None else state.ends[id(self.end_node)]


class CountingState:
    """Stands in for libcst's code generation state. Offsets are UTF-8 bytes of the generated code.

    ``starts`` and ``ends`` are keyed by ``id`` of the nodes, which the tree must outlive.
    """

    def __init__(self, module: cst.Module, is_ascii: bool) -> None:
        self.default_indent = module.default_indent
        self.default_newline = module.default_newline
        self.indent_tokens: list[str] = []
        self.tokens: list[str] = []
        self.starts: dict[int, int] = {}
        self.ends: dict[int, int] = {}
        self.comments: list[tuple[int, str]] = []
        self.at = 0
        self._indent = 0
        self._last = 0
        self._stack: list[int] = []
        self._is_ascii = is_ascii

    def increase_indent(self, value: str) -> None:
        """Deeper by one block."""
        self.indent_tokens.append(value)
        self._indent += len(value)

    def decrease_indent(self) -> None:
        """Undo one ``increase_indent``."""
        self._indent -= len(self.indent_tokens.pop())

    def add_indent_tokens(self) -> None:
        """Write the indentation of a line."""
        self.tokens.extend(self.indent_tokens)
        self.at += self._indent

    def add_token(self, value: str) -> None:
        """Write one token."""
        self.tokens.append(value)
        self._last = len(value) if self._is_ascii or value.isascii() else len(value.encode())
        self.at += self._last

    def pop_trailing_newline(self) -> None:
        """Take back the last token: the file does not end in a newline."""
        if self.tokens:
            self.tokens.pop()
            self.at -= self._last

    def before_codegen(self, node: cst.CSTNode) -> None:
        """A node starts."""
        self._stack.append(self.at)
        if node.__class__ is cst.Comment:
            self.comments.append((self.at, node.value))

    def after_codegen(self, node: cst.CSTNode) -> None:
        """A node ends; a node that has recorded its own part keeps that."""
        start = self._stack.pop()
        key = id(node)
        if key not in self.starts:
            self.starts[key] = start
            self.ends[key] = self.at

    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> _Recording:
        """A context in which ``node`` writes itself without the space around it."""
        return _Recording(self, node, start_node, end_node)


class Positions:
    """Byte spans of the nodes of one module, and its comments."""

    def __init__(self, module: cst.Module, text: str) -> None:
        """``text`` is what was parsed. ValueError if the tree does not write it out again."""
        state = CountingState(module, text.isascii())
        module._codegen(state)  # type: ignore[arg-type]  # noqa: SLF001  # as libcst's own position provider does
        self._starts, self._ends = state.starts, state.ends
        comments = state.comments
        code = "".join(state.tokens)
        # libcst may lose blank space that ends a file without a newline, and some within.
        if code != text and code.rstrip() != text.rstrip():
            dropped = _dropped(text, code)
            self._starts = {key: at + bisect_right(dropped, at) for key, at in state.starts.items()}
            self._ends = {key: at + bisect_right(dropped, at - 1) for key, at in state.ends.items()}
            comments = [(at + bisect_right(dropped, at), value) for at, value in comments]
        data = text.encode()
        self.comments = tuple([_comment(data, at, value) for at, value in comments])

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Start and end of a node of the module. KeyError for any other node."""
        key = id(node)
        return self._starts[key], self._ends[key]

    def start(self, node: cst.CSTNode) -> int:
        """Where a node starts."""
        return self._starts[id(node)]

    def end(self, node: cst.CSTNode) -> int:
        """Where a node ends."""
        return self._ends[id(node)]


def _dropped(text: str, code: str) -> list[int]:
    """Offsets in ``code`` before which blank space of ``text`` is missing; ValueError if more than that differs."""
    found: list[int] = []
    at = offset = 0
    for char in text:
        if at < len(code) and code[at] == char:
            at += 1
            offset += len(char.encode())
        elif char in _LOST:
            found.append(offset)
        else:
            break
    else:
        if at == len(code):
            return found
    raise ValueError("the tree does not write out its own source")


def _comment(data: bytes, start: int, value: str) -> Comment:
    line_start = data.rfind(b"\n", 0, start) + 1
    own_line = not data[line_start:start].strip()
    return Comment(start, start + len(value.encode()), value.removeprefix("#").strip(), own_line)
