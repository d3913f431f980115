"""XML → elements with byte spans, by expat. A file that declares a document type is refused, so no entity of its own is
ever expanded and nothing outside it is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

from lmi_lint.deploy.nodes import MAX_DEPTH, MAX_TEMPLATE_BYTES, TemplateError
from lmi_lint.model.source import Span

MAX_ELEMENTS: Final = 50_000
"""Elements of one file."""


class Element:
    """One element. ``name``: without its namespace's prefix; ``text``: that of its own, stripped; ``span``: from ``<``
    to past the end of its closing tag."""

    def __init__(self, name: str, attributes: dict[str, str], start: int) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Element] = []
        self.text = ""
        self.span = Span(start, start)

    def child(self, name: str) -> Element | None:
        """The first child of a name."""
        return next((each for each in self.children if each.name == name), None)

    def all(self, *names: str) -> Iterator[Element]:
        """The elements that a path of names leads to, in file order."""
        if not names:
            yield self
            return
        for each in self.children:
            if each.name == names[0]:
                yield from each.all(*names[1:])

    def value(self, name: str) -> str:
        """The text of the first child of a name; empty without one."""
        found = self.child(name)
        return found.text if found is not None else ""

    def get(self, name: str) -> str:
        """An attribute or, without it, the text of a child; empty without either."""
        return self.attributes.get(name) or self.value(name)


def parse_xml(data: bytes) -> Element | None:
    """The root element of an XML text (UTF-8 without a BOM); spans index into ``data``. Raises TemplateError."""
    if len(data) > MAX_TEMPLATE_BYTES:
        raise TemplateError(f"{len(data)} bytes, the limit is {MAX_TEMPLATE_BYTES}")
    reader = _Reader(data)
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        message = expat.ErrorString(error.code)
        raise TemplateError(f"not valid XML: {message}", min(max(reader.parser.ErrorByteIndex, 0), len(data))) from None
    return reader.root


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.root: Element | None = None
        self.stack: list[tuple[Element, list[str]]] = []
        self.count = 0
        self.parser = expat.ParserCreate("utf-8")  # whatever the file says of itself: it has been decoded
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _refuse(self, *_: object) -> None:
        raise TemplateError("declares a document type, which manifests have no use for", self.parser.CurrentByteIndex)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MAX_ELEMENTS:
            raise TemplateError(f"more than {MAX_ELEMENTS} elements", self.parser.CurrentByteIndex)
        if len(self.stack) >= MAX_DEPTH:
            raise TemplateError(f"nested more than {MAX_DEPTH} levels deep", self.parser.CurrentByteIndex)
        element = Element(name.rpartition(":")[2], attributes, self.parser.CurrentByteIndex)
        if self.stack:
            self.stack[-1][0].children.append(element)
        elif self.root is None:
            self.root = element
        self.stack.append((element, []))

    def _text(self, text: str) -> None:
        if self.stack:
            self.stack[-1][1].append(text)

    def _end(self, name: str) -> None:
        element, texts = self.stack.pop()
        element.text = "".join(texts).strip()
        at = self.parser.CurrentByteIndex  # of an element without content this is past its tag
        close = self.data.find(b">", at) + 1 if self.data.startswith(b"</", at) else at
        element.span = Span(element.span.start, max(close, element.span.start))
