"""Loops of ``AWS::LanguageExtensions`` and local ``AWS::Include``: a template's text as the service sees it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

from lmi_lint.deploy.cloudformation.resolver import Resolver
from lmi_lint.deploy.intrinsics import NO_VALUE, intrinsic
from lmi_lint.deploy.nodes import Mapping, Node, Pair, Scalar, Sequence
from lmi_lint.deploy.template import EMPTY, Template
from lmi_lint.model.finding import Location, Problem

MAX_NODES = 100_000
"""Nodes that the loops of one template may make."""

_MAX_NESTED = 20
_FOR_EACH = "Fn::ForEach::"
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


class TooLargeError(Exception):
    """The loops of a template make more than is read."""


class Origins:
    """Which file a node comes from, for nodes that do not come from the template itself."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self._of: dict[int, tuple[Node, Template]] = {}

    def location(self, node: Node) -> Location:
        """Where a node is written."""
        return self.of(node).location(node)

    def of(self, node: Node) -> Template:
        """The file of a node."""
        return self._of[id(node)][1] if id(node) in self._of else self.template

    def copied(self, node: Node, copy: Node) -> None:
        """``copy`` stands where ``node`` stands."""
        if id(node) in self._of:
            self._of[id(copy)] = copy, self._of[id(node)][1]

    def register(self, template: Template) -> None:
        """Remember all nodes of an included file."""
        pending: list[Node] = list(template.documents)
        while pending:
            node = pending.pop()
            if id(node) not in self._of:
                self._of[id(node)] = node, template
                pending += _children(node)


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, Sequence):
        yield from node.items
    elif isinstance(node, Mapping):
        for pair in node.pairs.values():
            yield pair.key
            yield pair.value


class Includer:
    """Puts local files in the place of ``Fn::Transform: {Name: AWS::Include}``; remote ones stay."""

    def __init__(self, origins: Origins, load: Callable[[str], Template | None]) -> None:
        self.origins = origins
        self._load = load
        self._open: list[str] = []
        self._made = 0

    def included(self, node: Node) -> Node:
        """A node with the files that it includes. Raises TooLargeError."""
        if isinstance(node, Sequence):
            items = tuple(self.included(item) for item in node.items)
            same = all(new is old for new, old in zip(items, node.items, strict=True))
            return node if same else self._kept(node, Sequence(items, node.span, node.tag))
        if not isinstance(node, Mapping):
            return node
        self._made += len(node.pairs)
        if self._made > MAX_NODES:
            raise TooLargeError
        pairs: dict[str, Pair] = {}
        for key, pair in node.pairs.items():
            if key == "Fn::Transform":
                found = self._file(pair.value)
                if isinstance(found, Mapping):
                    pairs.update(found.pairs)
                    continue
                if found is not None and len(node.pairs) == 1:
                    return found
            value = self.included(pair.value)
            pairs[key] = pair if value is pair.value else Pair(pair.key, value)
        same = len(pairs) == len(node.pairs) and all(pairs.get(key) is pair for key, pair in node.pairs.items())
        return node if same else self._kept(node, Mapping(pairs, node.span, node.tag))

    def _kept(self, node: Node, copy: Node) -> Node:
        self.origins.copied(node, copy)
        return copy

    def _file(self, transform: Node) -> Node | None:
        """What the file holds that a transform includes."""
        name = transform.get("Name") if isinstance(transform, Mapping) else None
        settings = transform.get("Parameters") if isinstance(transform, Mapping) else None
        place = settings.get("Location") if isinstance(settings, Mapping) else None
        if not (isinstance(name, Scalar) and name.value == "AWS::Include" and isinstance(place, Scalar)):
            return None
        if intrinsic(place) is not None or _REMOTE.match(place.value):
            return None
        path = posixpath.normpath(posixpath.join(self.origins.of(transform).folder, place.value))
        if path in self._open or len(self._open) >= _MAX_NESTED:  # a file that includes itself, or a chain
            return None
        template = self._load(path)
        if template is None or not template.documents:
            return None
        self.origins.register(template)
        self._open.append(path)
        found = self.included(template.documents[0])
        self._open.pop()
        return found


class Loops:
    """Expands ``Fn::ForEach`` over lists that the template knows; the others become problems."""

    def __init__(self, resolver: Resolver, origins: Origins) -> None:
        self.resolver = resolver
        self.origins = origins
        self.problems: list[Problem] = []
        self._made = 0

    def expanded(self, node: Mapping) -> Mapping:
        """A mapping with its loops, at any depth, unrolled. Raises TooLargeError."""
        found = self._node(node)
        return found if isinstance(found, Mapping) else EMPTY

    def _node(self, node: Node) -> Node:
        if isinstance(node, Sequence):
            return self._kept(node, Sequence(tuple(self._node(item) for item in node.items), node.span, node.tag))
        if not isinstance(node, Mapping):
            return node
        pairs: dict[str, Pair] = {}
        for key, pair in node.pairs.items():
            if key.startswith(_FOR_EACH):
                for body in self._rounds(pair):
                    pairs.update(body.pairs)
            else:
                pairs[key] = Pair(pair.key, self._node(pair.value))
        return self._kept(node, Mapping(pairs, node.span, node.tag))

    def _rounds(self, loop: Pair) -> Iterator[Mapping]:
        """The body of a loop for each value, loops in it unrolled."""
        items = loop.value.items if isinstance(loop.value, Sequence) else ()
        if len(items) != 3 or not isinstance(items[0], Scalar) or not isinstance(items[2], Mapping):
            self._problem(loop.key, "needs an identifier, a list and a body; what it declares is not seen")
            return
        values = self._values(items[1])
        if values is None:
            self._problem(loop.key, "the list is known only at deployment; what it declares is not seen")
            return
        for value in values:
            body = self._node(_Substitution(self, items[0].value, value).of(items[2]))
            if isinstance(body, Mapping):
                yield body

    def _values(self, node: Node) -> list[str] | None:
        found = self.resolver.reduce(node)
        if not isinstance(found, Sequence):
            return None
        values: list[str] = []
        for item in found.items:
            literal = self.resolver.reduce(item)
            parts = literal.items if isinstance(literal, Sequence) else (literal,)
            if literal is NO_VALUE:
                continue
            for part in parts:
                text = self.resolver.text(part)
                if text is None:
                    return None
                values.append(text)
        return values

    def _problem(self, key: Scalar, what: str) -> None:
        name = key.value.removeprefix(_FOR_EACH)
        message = f"Fn::ForEach {name}: {what}"
        self.problems.append(Problem("template-error", message, self.origins.location(key)))

    def spend(self, text: str = "") -> None:
        """Count one node that is made. Raises TooLargeError."""
        self._made += 1 + len(text) // 1000
        if self._made > MAX_NODES:
            raise TooLargeError

    def _kept(self, node: Node, copy: Node) -> Node:
        self.spend()
        self.origins.copied(node, copy)
        return copy


class _Substitution:
    """Replaces the identifier of a loop by one value."""

    def __init__(self, loops: Loops, name: str, value: str) -> None:
        self.loops = loops
        self.name = name
        self.value = value
        self._written = (("${" + name + "}", value), ("&{" + name + "}", re.sub(r"[^A-Za-z0-9]", "", value)))

    def of(self, node: Node) -> Node:
        """The node with the value in it."""
        copy = self._copy(node)
        self.loops.origins.copied(node, copy)
        return copy

    def _copy(self, node: Node) -> Node:
        self.loops.spend()
        call = intrinsic(node)
        if call is not None and call[0] == "Ref" and isinstance(call[1], Scalar) and call[1].value == self.name:
            return Scalar(self.value, node.span)
        if isinstance(node, Scalar):
            return self._scalar(node)
        if isinstance(node, Sequence):
            return Sequence(tuple(self.of(item) for item in node.items), node.span, node.tag)
        pairs: dict[str, Pair] = {}
        for pair in node.pairs.values():
            key = self._scalar(pair.key)
            if key is not pair.key:
                self.loops.origins.copied(pair.key, key)
            pairs[key.value] = Pair(key, self.of(pair.value))
        return Mapping(pairs, node.span, node.tag)

    def _scalar(self, node: Scalar) -> Scalar:
        text = node.value
        for written, value in self._written:
            text = text.replace(written, value)
        if text == node.value:
            return node
        self.loops.spend(text)
        return Scalar(text, node.span, node.tag, node.plain, node.block)
