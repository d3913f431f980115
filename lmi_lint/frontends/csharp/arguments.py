"""Arguments of calls and constructions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.csharp.grammar import TRIVIA
from lmi_lint.frontends.csharp.unit import KEYWORDS
from lmi_lint.ir.nodes import Arg, ArgMode, Declare, Name

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import Unit

_MODES = {"ref": ArgMode.REF, "out": ArgMode.OUT, "in": ArgMode.IN}


def arguments(unit: Unit, node: Node | None) -> tuple[Arg, ...]:
    """The arguments of a call."""
    if node is None:
        return ()
    found = [argument(unit, child) for child in node.named_children if child.type == "argument"]
    return tuple([arg for arg in found if arg is not None])


def argument(unit: Unit, node: Node) -> Arg | None:
    """One argument; None where the parser missed it. A discard is a fresh name that nothing reads."""
    start, end = node.start_byte, node.end_byte
    if node.child_count == 1:
        return Arg(start, end, unit.expr(node.children[0]))
    mode = ArgMode.IN
    name: str | None = None
    value: Node | None = None
    inner = node.children
    for at, child in enumerate(inner):
        kind = child.type
        if kind in _MODES:
            mode = _MODES[kind]
        elif kind == "identifier" and at + 1 < len(inner) and inner[at + 1].type == ":":
            name = unit.id(child)
        elif (child.is_named and kind not in TRIVIA and not child.is_error) or kind in KEYWORDS:
            value = child
    if value is None:
        return None
    if mode is ArgMode.OUT and value.type == "identifier" and unit.text(value) == "_":
        return Arg(start, end, fresh_local(unit, value), name, mode=mode)
    return Arg(start, end, unit.expr(value), name, mode=mode)


def fresh_local(unit: Unit, node: Node) -> Name:
    """A local that nothing reads, in the place of a discard."""
    name = unit.fresh()
    unit.frame.pending.append(Declare(node.start_byte, node.end_byte, name, None, None))
    return Name(node.start_byte, node.end_byte, name)
