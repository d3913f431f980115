"""Trees of configuration files, whatever their syntax: scalars, sequences and mappings with byte spans."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from msgspec import Struct

from lmi_lint.model.source import Span

MAX_TEMPLATE_BYTES = 4 << 20
"""CloudFormation itself takes 1 MB; a larger file than this is reported, not read."""

MAX_DEPTH = 200
"""Levels of nesting that are read; deeper files are reported."""


class Scalar(Struct, frozen=True):
    """A leaf. ``value`` is its text as written, unescaped; ``plain``: it was not quoted, so that it may be a number,
    a boolean or null; ``block``: written as ``|`` or ``>``. ``tag`` keeps an explicit tag such as ``!Ref``.
    """

    value: str
    span: Span
    tag: str = ""
    plain: bool = False
    block: bool = False


class Sequence(Struct, frozen=True):
    """A list."""

    items: tuple[Node, ...]
    span: Span
    tag: str = ""


class Pair(Struct, frozen=True):
    """A key and its value."""

    key: Scalar
    value: Node


class Mapping(Struct, frozen=True):
    """A map in file order; of duplicate keys the last counts. Keys that are no scalars are left out."""

    pairs: dict[str, Pair]
    span: Span
    tag: str = ""

    def get(self, key: str) -> Node | None:
        """The value of a key, None if absent."""
        pair = self.pairs.get(key)
        return None if pair is None else pair.value

    def items(self) -> Iterator[tuple[str, Node]]:
        """Keys and values."""
        return ((key, pair.value) for key, pair in self.pairs.items())


Node = Scalar | Sequence | Mapping


class TemplateError(Exception):
    """A file that cannot be read as YAML or JSON. ``offset`` is a byte offset or 0."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class ByteOffsets:
    """From offsets in code points to offsets in the UTF-8 bytes of the same text."""

    def __init__(self, text: str) -> None:
        self._at: list[int] = []
        self._extra: list[int] = [0]
        if text.isascii():
            return
        total = 0
        for index, char in enumerate(text):
            if char > "\x7f":
                total += 1 if char <= "\u07ff" else 2 if char <= "\uffff" else 3
                self._at.append(index)
                self._extra.append(total)

    def __getitem__(self, index: int) -> int:
        if not self._at:
            return index
        return index + self._extra[bisect_right(self._at, index - 1)]


def number(node: Node | None) -> float | None:
    """The number that a scalar spells, quoted or not; None if it spells none."""
    if not isinstance(node, Scalar):
        return None
    text = node.value.strip().replace("_", "")
    if not text or len(text) > 40 or not (text[0].isdigit() or text[0] in "+-."):
        return None
    try:
        return float(text)
    except ValueError:
        return None


def is_null(node: Node | None) -> bool:
    """Whether a node is absent or null."""
    return node is None or (isinstance(node, Scalar) and node.plain and node.value in ("", "~", "null", "Null", "NULL"))


def is_true(node: Node | None) -> bool:
    """Whether a node says yes."""
    return isinstance(node, Scalar) and node.value.strip().lower() in ("true", "yes", "on")
