"""YAML → nodes, from the events of the C parser: no constructors run, no recursion, bounded depth and aliases."""

from __future__ import annotations

from typing import Any

import yaml

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

MAX_ALIASES = 2000
"""Uses of anchors in one file."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE = "<<"
_MAX_MERGED = 100_000


class _Frame:
    """A collection that is being read."""

    def __init__(self, mapping: bool, start: int, tag: str, anchor: str | None) -> None:
        self.mapping = mapping
        self.start = start
        self.tag = tag
        self.anchor = anchor
        self.children: list[Node] = []
        self.height = 0


def parse_yaml(data: bytes) -> list[Node]:
    """All documents of a YAML text (UTF-8 without a BOM); spans index into ``data``. Raises TemplateError."""
    if len(data) > MAX_TEMPLATE_BYTES:
        raise TemplateError(f"{len(data)} bytes, the limit is {MAX_TEMPLATE_BYTES}")
    text = data.decode("utf-8", "replace")
    reader = _Reader(ByteOffsets(text))
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        offset = reader.offsets[mark.index] if mark is not None else 0
        raise TemplateError(f"not valid YAML: {error.problem or error.context}", min(offset, len(data))) from None
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        raise TemplateError(f"not valid YAML: {str(error).splitlines()[0] if str(error) else 'unreadable'}") from None
    return reader.documents


class _Reader:
    """Builds nodes from parser events with an explicit stack."""

    def __init__(self, offsets: ByteOffsets) -> None:
        self.offsets = offsets
        self.documents: list[Node] = []
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.aliases = 0
        self.merged = 0

    def take(self, event: Any) -> None:
        """One event of the parser."""
        if isinstance(event, yaml.ScalarEvent):
            self._add(self._scalar(event), event.anchor, 0)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            if len(self.stack) >= MAX_DEPTH:
                raise TemplateError(f"nested more than {MAX_DEPTH} levels deep", self._start(event))
            mapping = isinstance(event, yaml.MappingStartEvent)
            self.stack.append(_Frame(mapping, self._start(event), _tag(event), event.anchor))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._close(event)
        elif isinstance(event, yaml.AliasEvent):
            node, height = self._alias(event)
            self._add(node, None, height)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.anchors = {}

    def _scalar(self, event: Any) -> Scalar:
        span = Span(self._start(event), self.offsets[event.end_mark.index])
        plain = not event.style and (not event.tag or event.tag == "!")
        return Scalar(event.value, span, _tag(event), plain, event.style in ("|", ">"))

    def _alias(self, event: Any) -> tuple[Node, int]:
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            raise TemplateError(f"more than {MAX_ALIASES} aliases", self._start(event))
        target = self.anchors.get(event.anchor)
        if target is None:  # undefined, or inside the very node it names
            raise TemplateError(f"alias '{event.anchor}' has no anchor before it", self._start(event))
        return target

    def _close(self, event: Any) -> None:
        frame = self.stack.pop()
        last = frame.children[-1].span.end if frame.children else 0
        # The end mark of a block collection is where the next token starts, often lines further.
        flow = event.end_mark.index > event.start_mark.index
        end = self.offsets[event.end_mark.index] if flow or not frame.children else last
        span = Span(frame.start, max(end, frame.start))
        node = self._mapping(frame, span) if frame.mapping else Sequence(tuple(frame.children), span, frame.tag)
        self._add(node, frame.anchor, frame.height + 1)

    def _mapping(self, frame: _Frame, span: Span) -> Mapping:
        pairs: dict[str, Pair] = {}
        merges: list[Node] = []
        for key, value in zip(frame.children[::2], frame.children[1::2], strict=True):
            if not isinstance(key, Scalar):
                continue
            if key.value == _MERGE and key.plain:
                merges += value.items if isinstance(value, Sequence) else (value,)
            else:
                pairs[key.value] = Pair(key, value)
        for source in merges:  # own keys win, then the earlier source
            if isinstance(source, Mapping):
                self.merged += len(source.pairs)
                if self.merged > _MAX_MERGED:
                    raise TemplateError("merge keys (<<) copy too many entries", span.start)
                for name, pair in source.pairs.items():
                    pairs.setdefault(name, pair)
        return Mapping(pairs, span, frame.tag)

    def _add(self, node: Node, anchor: str | None, height: int) -> None:
        """Put a node of a height (levels below it) in its place. Aliases can build trees far deeper than the text."""
        if height > MAX_DEPTH:
            raise TemplateError(f"nested more than {MAX_DEPTH} levels deep", node.span.start)
        if anchor:
            self.anchors[anchor] = node, height
        if self.stack:
            frame = self.stack[-1]
            frame.children.append(node)
            frame.height = max(frame.height, height)
        else:
            self.documents.append(node)

    def _start(self, event: Any) -> int:
        return self.offsets[event.start_mark.index]


def _tag(event: Any) -> str:
    """An explicit tag as written (``!Sub``); standard tags and the bare ``!`` say nothing."""
    tag = event.tag or ""
    return tag if tag.startswith("!") and tag != "!" else ""
