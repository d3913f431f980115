r"""Source text and positions.

One unit inside: half-open offsets into the UTF-8 bytes handed to the parser. Lines and columns are
computed when a report needs them. Lines end at ``\n`` alone, so U+2028 or a form feed never shift one.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from pathlib import PurePosixPath

from msgspec import Struct

from lmi_lint.model.names import Language


class Span(Struct, frozen=True, array_like=True, gc=False):
    """Half-open UTF-8 byte offsets ``start`` to ``end`` of one file."""

    start: int
    end: int


class Position(Struct, frozen=True):
    """A place in a text; all three count from 1. ``column`` counts code points."""

    line: int
    column: int
    utf16_column: int


class TextFile(Struct, frozen=True, dict=True):
    """One file's text, a template's for example. ``path`` is relative to the project root, POSIX; ``data`` is UTF-8
    without a BOM."""

    path: str
    data: bytes
    encoding: str = "utf-8"
    bom: bool = False

    @cached_property
    def line_starts(self) -> list[int]:
        """Byte offset of the start of each line."""
        starts = [0]
        find = self.data.find
        at = find(b"\n")
        while at != -1:
            starts.append(at + 1)
            at = find(b"\n", at + 1)
        return starts

    def line_of(self, offset: int) -> int:
        """1-based line of a byte offset."""
        return bisect_right(self.line_starts, offset)

    def position(self, offset: int) -> Position:
        """Line, code-point column and UTF-16 column of a byte offset, all from 1."""
        line = self.line_of(offset)
        prefix = self.data[self.line_starts[line - 1] : offset].decode("utf-8", "replace")
        utf16 = len(prefix) + sum(1 for char in prefix if ord(char) > 0xFFFF)
        return Position(line=line, column=len(prefix) + 1, utf16_column=utf16 + 1)

    def line_text(self, line: int) -> str:
        """The text of a 1-based line without its end."""
        starts = self.line_starts
        end = starts[line] if line < len(starts) else len(self.data)
        return self.data[starts[line - 1] : end].decode("utf-8", "replace").rstrip("\r\n")

    def text(self, span: Span) -> str:
        """The text of a span."""
        return self.data[span.start : span.end].decode("utf-8", "replace")

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePosixPath(self.path).name


class SourceFile(TextFile, frozen=True, kw_only=True):
    """The text of one file in a language that has a front-end."""

    language: Language
