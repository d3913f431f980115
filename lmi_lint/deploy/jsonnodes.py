"""JSON → nodes with byte spans, without recursion.

Not by way of YAML: the C parser of PyYAML refuses the surrogate pairs that JSON writers make of emoji, and tabs.
"""

from __future__ import annotations

import re
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]

from lmi_lint.deploy.nodes import (
    MAX_DEPTH,
    MAX_TEMPLATE_BYTES,
    ByteOffsets,
    Mapping,
    Node,
    Pair,
    Scalar,
    Sequence,
    TemplateError,
)
from lmi_lint.model.source import Span

_BLANK = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null")


class _Frame:
    """An array or object that is being read; ``key`` waits for its value."""

    def __init__(self, mapping: bool, start: int) -> None:
        self.mapping = mapping
        self.start = start
        self.key: Scalar | None = None
        self.items: list[Node] = []
        self.pairs: dict[str, Pair] = {}


def parse_json(data: bytes) -> Node:
    """The value of a JSON text (UTF-8 without a BOM); spans index into ``data``. Raises TemplateError."""
    if len(data) > MAX_TEMPLATE_BYTES:
        raise TemplateError(f"{len(data)} bytes, the limit is {MAX_TEMPLATE_BYTES}")
    text = data.decode("utf-8", "replace")
    return _Reader(text).run()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.offsets = ByteOffsets(text)
        self.at = 0
        self.stack: list[_Frame] = []

    def run(self) -> Node:
        """The whole text's value."""
        while True:
            node = self._value()
            while node is not None:
                if not self.stack:
                    self._blank()
                    if self.at < len(self.text):
                        raise self._error("text after the end")
                    return node
                node = self._after(node)

    def _value(self) -> Node | None:
        """A complete value, or None after opening a collection that holds one."""
        self._blank()
        char = self.text[self.at : self.at + 1]
        if char in ("{", "["):
            return self._open(char == "{")
        if char == '"':
            return self._string()
        match = _WORD.match(self.text, self.at)
        if match is None:
            raise self._error("expected a value")
        self.at = match.end()
        return Scalar(match.group(), self._span(match.start()), plain=True)

    def _open(self, mapping: bool) -> Node | None:
        if len(self.stack) >= MAX_DEPTH:
            raise self._error(f"nested more than {MAX_DEPTH} levels deep")
        self.stack.append(_Frame(mapping, self.at))
        self.at += 1
        self._blank()
        if self.text[self.at : self.at + 1] == ("}" if mapping else "]"):
            return self._close()
        if mapping:
            self._key()
        return None

    def _after(self, node: Node) -> Node | None:
        """Put a value into the open collection; the collection if that ends it, None if another value follows."""
        frame = self.stack[-1]
        if frame.key is not None:
            frame.pairs[frame.key.value] = Pair(frame.key, node)
            frame.key = None
        else:
            frame.items.append(node)
        self._blank()
        char = self.text[self.at : self.at + 1]
        if char == ("}" if frame.mapping else "]"):
            return self._close()
        if char != ",":
            raise self._error("expected ',' or the end of the collection")
        self.at += 1
        if frame.mapping:
            self._key()
        return None

    def _key(self) -> None:
        self._blank()
        if self.text[self.at : self.at + 1] != '"':
            raise self._error("expected a key")
        self.stack[-1].key = self._string()
        self._blank()
        if self.text[self.at : self.at + 1] != ":":
            raise self._error("expected ':'")
        self.at += 1

    def _close(self) -> Node:
        self.at += 1
        frame = self.stack.pop()
        span = self._span(frame.start)
        return Mapping(frame.pairs, span) if frame.mapping else Sequence(tuple(frame.items), span)

    def _string(self) -> Scalar:
        start = self.at
        try:
            value, self.at = scanstring(self.text, start + 1, False)
        except JSONDecodeError as error:
            raise self._error(error.msg) from None
        # A lone surrogate is legal JSON but no text.
        return Scalar(value.encode("utf-8", "replace").decode("utf-8"), self._span(start))

    def _blank(self) -> None:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _span(self, start: int) -> Span:
        return Span(self.offsets[start], self.offsets[self.at])

    def _error(self, message: str) -> TemplateError:
        return TemplateError(f"not valid JSON: {message}", self.offsets[min(self.at, len(self.text))])
