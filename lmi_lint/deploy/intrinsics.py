"""CloudFormation's function calls as nodes; what they come to is cloudformation/resolver.py."""

from __future__ import annotations

from lmi_lint.deploy.nodes import Mapping, Node, Scalar, Sequence
from lmi_lint.model.source import Span

_SHORT = {"!Ref": "Ref", "!Condition": "Condition"}

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


def _untagged(node: Node) -> Node:
    if isinstance(node, Scalar):
        return Scalar(node.value, node.span, "", node.plain, node.block)
    if isinstance(node, Sequence):
        return Sequence(node.items, node.span)
    return Mapping(node.pairs, node.span)
