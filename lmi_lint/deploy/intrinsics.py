"""CloudFormation's functions: what a template's value is, as far as the template alone says so."""

from __future__ import annotations

import re

from lmi_lint.deploy.nodes import Mapping, Node, Pair, Scalar, Sequence
from lmi_lint.model.source import Span

_SHORT = {"!Ref": "Ref", "!Condition": "Condition"}
_SUB = re.compile(r"\$\{(!?)([^${}]*)\}")
_MAX_STEPS = 200_000
_MAX_NESTED = 60
_MAX_TEXT = 100_000

NO_VALUE = Scalar("", Span(0, 0), tag="AWS::NoValue")
"""What ``AWS::NoValue`` reduces to: as if the key were not there."""


def intrinsic(node: Node | None) -> tuple[str, Node] | None:
    """Name (``Ref``, ``Fn::Sub`` …) and argument of a function call in long or short form; None for other nodes."""
    if node is None:
        return None
    if node.tag.startswith("!"):
        name = _SHORT.get(node.tag, "Fn::" + node.tag[1:])
        return name, _untagged(node)
    if isinstance(node, Mapping) and len(node.pairs) == 1:
        name, argument = next(node.items())
        if name in ("Ref", "Condition") or name.startswith("Fn::"):
            return name, argument
    return None


class Resolver:
    """Reduces nodes of one template to literal ones. What only the deployment knows stays unknown, never guessed."""

    def __init__(self, template: Mapping) -> None:
        self.parameters = _mapping(template.get("Parameters"))
        self.mappings = _mapping(template.get("Mappings"))
        self._steps = 0
        self._depth = 0

    def reduce(self, node: Node | None) -> Node | None:
        """The literal node that a node stands for: NO_VALUE, or None if it is unknown (or absent).

        Only the top is reduced: items of a sequence and values of a mapping may still be function calls.
        """
        return self._reduce(node)

    def text(self, node: Node | None) -> str | None:
        """The text of what reduces to a scalar, None otherwise."""
        literal = self.reduce(node)
        return literal.value if isinstance(literal, Scalar) and literal is not NO_VALUE else None

    def _reduce(self, node: Node | None) -> Node | None:
        call = intrinsic(node)
        if call is None:
            return node
        name, argument = call
        method = {
            "Ref": self._ref,
            "Fn::Sub": self._sub,
            "Fn::If": self._if,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::FindInMap": self._find_in_map,
        }.get(name)
        self._steps += 1
        # Aliases can nest and repeat a call far beyond what the file's own depth allows.
        if method is None or self._steps > _MAX_STEPS or self._depth > _MAX_NESTED:
            return None
        self._depth += 1
        found = method(argument)
        self._depth -= 1
        if found is None or found is NO_VALUE or node is None:
            return found
        return _at(found, node.span)

    def _text(self, node: Node | None) -> str | None:
        literal = self._reduce(node)
        return literal.value if isinstance(literal, Scalar) and literal is not NO_VALUE else None

    def _ref(self, argument: Node) -> Node | None:
        if not isinstance(argument, Scalar):
            return None
        if argument.value == "AWS::NoValue":
            return NO_VALUE
        parameter = _mapping(self.parameters.get(argument.value))
        default = parameter.get("Default")
        kind = parameter.get("Type")
        # A default of the SSM types names a parameter elsewhere.
        if not isinstance(default, Scalar) or (isinstance(kind, Scalar) and kind.value.startswith("AWS::SSM::")):
            return None
        return default

    def _sub(self, argument: Node) -> Node | None:
        own: Mapping = _EMPTY
        if isinstance(argument, Sequence) and argument.items:
            template = argument.items[0]
            own = _mapping(argument.items[1]) if len(argument.items) > 1 else _EMPTY
        else:
            template = argument
        if not isinstance(template, Scalar):
            return None
        parts: list[str] = []
        at = 0
        for match in _SUB.finditer(template.value):
            parts.append(template.value[at : match.start()])
            at = match.end()
            name = match.group(2).strip()
            if match.group(1):
                parts.append("${" + match.group(2) + "}")
                continue
            given = own.get(name)
            value = self._text(given) if given is not None else self._text(_call("Ref", name))
            if value is None:
                return None
            parts.append(value)
        parts.append(template.value[at:])
        return _scalar("".join(parts))

    def _if(self, argument: Node) -> Node | None:
        if not isinstance(argument, Sequence) or len(argument.items) != 3:
            return None
        left = self._reduce(argument.items[1])
        right = self._reduce(argument.items[2])
        if left is None or right is None:
            return None
        if left is right:
            return left
        both = isinstance(left, Scalar) and isinstance(right, Scalar) and NO_VALUE not in (left, right)
        return left if both and getattr(left, "value", 0) == getattr(right, "value", 1) else None

    def _join(self, argument: Node) -> Node | None:
        if not isinstance(argument, Sequence) or len(argument.items) != 2:
            return None
        glue = self._text(argument.items[0])
        items = self._reduce(argument.items[1])
        if glue is None or not isinstance(items, Sequence):
            return None
        texts = [self._text(item) for item in items.items]
        known = [text for text in texts if text is not None]
        return _scalar(glue.join(known)) if len(known) == len(texts) else None

    def _select(self, argument: Node) -> Node | None:
        if not isinstance(argument, Sequence) or len(argument.items) != 2:
            return None
        index = self._text(argument.items[0])
        items = self._reduce(argument.items[1])
        if (
            index is None
            or not index.isascii()
            or not index.isdigit()
            or len(index) > 6
            or not isinstance(items, Sequence)
        ):
            return None
        return self._reduce(items.items[int(index)]) if int(index) < len(items.items) else None

    def _find_in_map(self, argument: Node) -> Node | None:
        if not isinstance(argument, Sequence) or len(argument.items) < 3:
            return None
        found: Node | None = self.mappings
        for key in argument.items[:3]:
            text = self._text(key)
            if text is None or not isinstance(found, Mapping):
                return None
            found = found.get(text)
        return found


_EMPTY = Mapping({}, Span(0, 0))


def _mapping(node: Node | None) -> Mapping:
    return node if isinstance(node, Mapping) else _EMPTY


def _scalar(text: str) -> Scalar | None:
    return Scalar(text, Span(0, 0)) if len(text) <= _MAX_TEXT else None


def _call(name: str, argument: str) -> Mapping:
    key = Scalar(name, Span(0, 0))
    return Mapping({name: Pair(key, Scalar(argument, Span(0, 0)))}, Span(0, 0))


def _untagged(node: Node) -> Node:
    if isinstance(node, Scalar):
        return Scalar(node.value, node.span, "", node.plain, node.block)
    if isinstance(node, Sequence):
        return Sequence(node.items, node.span)
    return Mapping(node.pairs, node.span)


def _at(node: Node, span: Span) -> Node:
    """The same node as if written at ``span``: a value is where it is used, not where a parameter defines it."""
    if isinstance(node, Scalar):
        return Scalar(node.value, span, node.tag, node.plain, node.block)
    if isinstance(node, Sequence):
        return Sequence(node.items, span, node.tag)
    return Mapping(node.pairs, span, node.tag)
