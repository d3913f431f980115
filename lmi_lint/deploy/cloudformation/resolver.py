"""What the values of a template come to, as far as the template and what is passed to it say so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from collections.abc import Mapping as AbstractMapping

from msgspec import Struct

from lmi_lint.deploy.intrinsics import NO_VALUE, intrinsic
from lmi_lint.deploy.nodes import Mapping, Node, Pair, Scalar, Sequence, is_true, number
from lmi_lint.model.source import Span

_SUB = re.compile(r"\$\{(!?)([^${}]*)\}")
_MAX_STEPS = 200_000
_MAX_NESTED = 60
_MAX_TEXT = 100_000
_NOWHERE = Span(0, 0)
_EMPTY = Mapping({}, _NOWHERE)
_WHOLE_REFERENCE = re.compile(r"\$\{([\w:]+)((?:\.\w+)*)\}")


class Given(Struct, frozen=True, eq=False):
    """A value that is passed to a parameter: ``node`` as it stands in the template of ``resolver`` (none: literal)."""

    node: Node
    resolver: Resolver | None = None

    def reduce(self) -> Node | None:
        """The literal value; None if it is unknown."""
        return self.node if self.resolver is None else self.resolver.reduce(self.node)


class Resolver:
    """Reduces nodes of one template to literal ones. What only the deployment knows stays unknown, never guessed.

    ``given``: what the parent stack, or a file of settings, passes to parameters; the others have their defaults.
    ``outer`` replaces nodes before they are looked at (variables of another dialect).
    """

    def __init__(
        self,
        template: Mapping,
        given: AbstractMapping[str, Given] | None = None,
        region: str | None = None,
        outer: Callable[[Node | None], Node | None] | None = None,
    ) -> None:
        self.parameters = _mapping(template.get("Parameters"))
        self.mappings = _mapping(template.get("Mappings"))
        self.conditions = _mapping(template.get("Conditions"))
        self.region = region
        self._given = given or {}
        self._outer = outer
        self._outputs: dict[str, Callable[[str], str | None]] = {}
        self._decided: dict[str, bool | None] = {}
        self._steps = 0
        self._depth = 0

    def reduce(self, node: Node | None) -> Node | None:
        """The literal node that a node stands for: NO_VALUE, or None if it is unknown (or absent).

        Only the top is reduced: items of a sequence and values of a mapping may still be function calls.
        """
        call = intrinsic(node)
        if call is None:
            return node if self._outer is None else self._outer(node)
        name, argument = call
        method = {
            "Ref": self._ref,
            "Fn::Sub": self._sub,
            "Fn::If": self._if,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Length": self._length,
            "Fn::ToJsonString": self._to_json,
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

    def text(self, node: Node | None) -> str | None:
        """The text of what reduces to a scalar, None otherwise."""
        literal = self.reduce(node)
        return literal.value if isinstance(literal, Scalar) and literal is not NO_VALUE else None

    def holds(self, name: str) -> bool | None:
        """Whether a condition of the template holds; None if that is not known."""
        if name not in self._decided:
            self._decided[name] = None  # one that rests on itself is not known
            self._decided[name] = self._truth(self.conditions.get(name))
        return self._decided[name]

    def take_outputs(self, stack: str, outputs: Callable[[str], str | None]) -> None:
        """``outputs`` tells which resource an output of the nested stack ``stack`` refers to."""
        self._outputs[stack] = outputs

    def reference(self, node: Node | None) -> str | None:
        """The logical id or name that a reference to a resource means: of ``Ref``, ``GetAtt``, ``Sub`` or an ARN,
        through parameters and the outputs of nested stacks."""
        found = self._reference(node)
        self._depth = 0
        return found

    def _reference(self, node: Node | None) -> str | None:
        self._depth += 1
        self._steps += 1
        call = intrinsic(node)
        if node is None or self._depth > _MAX_NESTED or self._steps > _MAX_STEPS:
            return None
        if call is None:
            node = self.reduce(node)
            return last_of_arn(node.value) if isinstance(node, Scalar) and node is not NO_VALUE else None
        name, argument = call
        if name == "Fn::If":
            return self._reference_of_branches(argument)
        path = _attribute(name, argument)
        if path is None:
            text = self.text(node)
            return last_of_arn(text) if text else _tail(name, argument)
        target, _, rest = path.partition(".")
        given = self._given.get(target)
        if given is not None:
            return (given.resolver or self).reference(given.node)
        if target in self.parameters.pairs:
            text = self.text(node)
            return last_of_arn(text) if text else target
        outputs = self._outputs.get(target)
        if outputs is not None and rest.startswith("Outputs."):
            return outputs(rest.removeprefix("Outputs."))
        return target

    def _reference_of_branches(self, argument: Node) -> str | None:
        if not isinstance(argument, Sequence) or len(argument.items) != 3:
            return None
        held = self._condition(argument.items[0])
        branches = [argument.items[1 if held else 2]] if held is not None else argument.items[1:]
        depth, found = self._depth, set()
        for branch in branches:
            self._depth = depth
            found.add(self._reference(branch))
        return found.pop() if len(found) == 1 else None

    # ---- one method per function ----

    def _ref(self, argument: Node) -> Node | None:
        if not isinstance(argument, Scalar):
            return None
        if argument.value == "AWS::NoValue":
            return NO_VALUE
        if argument.value == "AWS::Region":
            return Scalar(self.region, _NOWHERE) if self.region else None
        parameter = _mapping(self.parameters.get(argument.value))
        kind = parameter.get("Type")
        type_name = kind.value if isinstance(kind, Scalar) else ""
        given = self._given.get(argument.value)
        value = parameter.get("Default") if given is None else given.reduce()
        if value is NO_VALUE:  # a parameter has always a value
            return None
        # A value of the SSM types names a parameter elsewhere.
        if type_name.startswith("AWS::SSM::Parameter::Value") or not isinstance(value, Scalar | Sequence):
            return None
        if isinstance(value, Scalar) and (type_name == "CommaDelimitedList" or type_name.startswith("List<")):
            parts = [Scalar(part.strip(), value.span) for part in value.value.split(",")] if value.value else []
            return Sequence(tuple(parts), value.span)
        return value

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
            value = self.text(given) if given is not None else self.text(_call("Ref", name))
            if value is None:
                return None
            parts.append(value)
        parts.append(template.value[at:])
        return _scalar("".join(parts))

    def _if(self, argument: Node) -> Node | None:
        if not isinstance(argument, Sequence) or len(argument.items) != 3:
            return None
        held = self._condition(argument.items[0])
        if held is not None:
            return self.reduce(argument.items[1 if held else 2])
        left = self.reduce(argument.items[1])
        right = self.reduce(argument.items[2])
        if left is None or right is None:
            return None
        if left is right:
            return left
        both = isinstance(left, Scalar) and isinstance(right, Scalar) and NO_VALUE not in (left, right)
        return left if both and getattr(left, "value", 0) == getattr(right, "value", 1) else None

    def _join(self, argument: Node) -> Node | None:
        if not isinstance(argument, Sequence) or len(argument.items) != 2:
            return None
        glue = self.text(argument.items[0])
        items = self.reduce(argument.items[1])
        if glue is None or not isinstance(items, Sequence):
            return None
        texts = [self.text(item) for item in items.items]
        known = [text for text in texts if text is not None]
        return _scalar(glue.join(known)) if len(known) == len(texts) else None

    def _select(self, argument: Node) -> Node | None:
        if not isinstance(argument, Sequence) or len(argument.items) != 2:
            return None
        index = self.text(argument.items[0])
        items = self.reduce(argument.items[1])
        if index is None or not re.fullmatch(r"[0-9]{1,6}", index) or not isinstance(items, Sequence):
            return None
        return self.reduce(items.items[int(index)]) if int(index) < len(items.items) else None

    def _split(self, argument: Node) -> Node | None:
        if not isinstance(argument, Sequence) or len(argument.items) != 2:
            return None
        glue, text = self.text(argument.items[0]), self.text(argument.items[1])
        if not glue or text is None:
            return None
        return Sequence(tuple(Scalar(part, _NOWHERE) for part in text.split(glue)), _NOWHERE)

    def _find_in_map(self, argument: Node) -> Node | None:
        if not isinstance(argument, Sequence) or len(argument.items) < 3:
            return None
        found: Node | None = self.mappings
        keys = [self.text(key) for key in argument.items[:3]]
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) and key is not None else None
        if found is None and None not in keys and len(argument.items) > 3:  # of AWS::LanguageExtensions
            return self.reduce(_mapping(argument.items[3]).get("DefaultValue"))
        return found

    def _length(self, argument: Node) -> Node | None:
        items = self.reduce(argument)
        return _scalar(str(len(items.items))) if isinstance(items, Sequence) else None

    def _to_json(self, argument: Node) -> Node | None:
        try:
            return _scalar(json.dumps(self._plain(argument, 0), separators=(",", ":")))
        except _UnknownError:
            return None

    def _plain(self, node: Node | None, depth: int) -> object:
        self._steps += 1
        literal = self.reduce(node)
        if literal is None or literal is NO_VALUE or depth > _MAX_NESTED or self._steps > _MAX_STEPS:
            raise _UnknownError
        if isinstance(literal, Mapping):
            return {key: self._plain(value, depth + 1) for key, value in literal.items()}
        if isinstance(literal, Sequence):
            return [self._plain(item, depth + 1) for item in literal.items]
        value = number(literal) if literal.plain else None
        if value is not None:
            return int(value) if value == int(value) else value
        return is_true(literal) if literal.plain and literal.value in ("true", "false") else literal.value

    # ---- conditions ----

    def _condition(self, node: Node) -> bool | None:
        """A condition by its name, or one written in its place."""
        if isinstance(node, Scalar) and intrinsic(node) is None:
            return self.holds(node.value)
        return self._truth(node)

    def _truth(self, node: Node | None) -> bool | None:
        call = intrinsic(node)
        if call is None:
            text = node.value.lower() if isinstance(node, Scalar) else ""
            return {"true": True, "false": False}.get(text)
        name, argument = call
        self._steps += 1
        if self._steps > _MAX_STEPS or self._depth > _MAX_NESTED:
            return None
        self._depth += 1
        held = self._applied(name, argument)
        self._depth -= 1
        return held

    def _applied(self, name: str, argument: Node) -> bool | None:
        if name == "Condition" and isinstance(argument, Scalar):
            return self.holds(argument.value)
        items = argument.items if isinstance(argument, Sequence) else ()
        if name == "Fn::Equals" and len(items) == 2:
            left, right = self.text(items[0]), self.text(items[1])
            return None if left is None or right is None else left == right
        if name == "Fn::Not" and len(items) == 1:
            held = self._truth(items[0])
            return None if held is None else not held
        if name in ("Fn::And", "Fn::Or") and items:
            decisive = name == "Fn::Or"
            truths = [self._truth(item) for item in items]
            return decisive if decisive in truths else None if None in truths else not decisive
        return None


class _UnknownError(Exception):
    """A part of a value is not known."""


def last_of_arn(text: str) -> str | None:
    """What follows the last colon or slash: the name of a resource."""
    return re.split(r"[:/]", text.strip())[-1] or None


def _attribute(name: str, argument: Node) -> str | None:
    """``Resource.Attribute`` of a ``Ref``, a ``GetAtt``, or a ``Sub`` of nothing else."""
    if name == "Fn::GetAtt" and isinstance(argument, Sequence):
        parts = [item.value for item in argument.items if isinstance(item, Scalar)]
        return ".".join(parts) or None
    if isinstance(argument, Scalar):
        if name in ("Ref", "Fn::GetAtt"):
            return argument.value
        match = _WHOLE_REFERENCE.fullmatch(argument.value.strip()) if name == "Fn::Sub" else None
        return match.group(1) + match.group(2) if match else None
    return None


def _tail(name: str, argument: Node) -> str | None:
    """The literal end of an ARN whose account or region is not known; of a reference there, what it refers to."""
    if name == "Fn::Sub":
        first = argument.items[0] if isinstance(argument, Sequence) and argument.items else argument
        text = last_of_arn(first.value) if isinstance(first, Scalar) else None
    else:
        parts = argument.items[1] if isinstance(argument, Sequence) and len(argument.items) == 2 else None
        last = parts.items[-1] if name == "Fn::Join" and isinstance(parts, Sequence) and parts.items else None
        call = intrinsic(last)
        if call is not None:
            path = _attribute(*call)
            return path.partition(".")[0] if path else None
        text = last_of_arn(last.value) if isinstance(last, Scalar) else None
    match = _WHOLE_REFERENCE.fullmatch(text) if text else None
    return match.group(1) if match else text


def _mapping(node: Node | None) -> Mapping:
    return node if isinstance(node, Mapping) else _EMPTY


def _scalar(text: str) -> Scalar | None:
    return Scalar(text, _NOWHERE) if len(text) <= _MAX_TEXT else None


def _call(name: str, argument: str) -> Mapping:
    return Mapping({name: Pair(Scalar(name, _NOWHERE), Scalar(argument, _NOWHERE))}, _NOWHERE)


def _at(node: Node, span: Span) -> Node:
    """The same node as if written at ``span``: a value is where it is used, not where a parameter defines it."""
    if isinstance(node, Scalar):
        return Scalar(node.value, span, node.tag, node.plain, node.block)
    if isinstance(node, Sequence):
        return Sequence(node.items, span, node.tag)
    return Mapping(node.pairs, span, node.tag)
