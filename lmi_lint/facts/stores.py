"""Stores: what an assignment, a declaration or a loop does to its target."""

from __future__ import annotations

from typing import Final

from lmi_lint.facts import model as facts
from lmi_lint.facts.flows import EMPTY, branch, sequence
from lmi_lint.facts.frame import Frame
from lmi_lint.facts.model import ELEMENT, Operand
from lmi_lint.facts.scopes import Variable
from lmi_lint.facts.values import join, merge, typed
from lmi_lint.ir import nodes as ir

_HOW: Final = {
    ir.How.SET: facts.How.SET,
    ir.How.UPDATE: facts.How.UPDATE,
    ir.How.IF_ABSENT: facts.How.IF_ABSENT,
    ir.How.DELETE: facts.How.DELETE,
}
_REST: Final = "..."
_ANY: Final = "*"


def how_of(how: ir.How) -> facts.How:
    """The fact for the IR's way to assign."""
    return _HOW[how]


def key_of(key: Operand) -> tuple[str, Operand | None]:
    """Key and index of an element access: constant text is a plain key, a null key an element without index."""
    if key.constant:
        if isinstance(key.const, str):
            return key.const, None
        if key.const is None:
            return ELEMENT, None
    return ELEMENT, key


def bind_variable(
    f: Frame, variable: Variable, value: Operand, how: facts.How, node: ir.Node, declares: bool = False
) -> None:
    """Give a variable its value; an event only where it lives in a frame."""
    if variable.frame:
        event = facts.StoreVar(
            node.start, node.end, f.guards, f.regions, variable.function, variable.key, value, how, declares
        )
        f.emit(event)
    if variable.function == f.index:
        if how is facts.How.DELETE:
            f.env.pop(variable, None)
        else:
            f.env[variable] = value
            if variable in f.by_ref:
                f.returns.append(value)


def assign_to(
    f: Frame, target: ir.Target, value: Operand, how: facts.How, node: ir.Node, declares: bool = False
) -> None:
    """Store ``value`` in any target; the events get the span of ``node``."""
    if isinstance(target, ir.Name):
        _assign_name(f, target, value, how, node, declares)
    elif isinstance(target, ir.Member):
        base = f.evaluate(target.base)
        f.emit(facts.Store(node.start, node.end, f.guards, f.regions, base, target.name, value, how))
    elif isinstance(target, ir.Index):
        base = f.evaluate(target.base)
        key, index = key_of(f.evaluate(target.key))
        f.emit(facts.Store(node.start, node.end, f.guards, f.regions, base, key, value, how, index))
    elif isinstance(target, ir.Pattern):
        _take_apart(f, target, value, how, declares)
    else:
        f.evaluate(target)


def _assign_name(f: Frame, target: ir.Name, value: Operand, how: facts.How, node: ir.Node, declares: bool) -> None:
    variable = f.names.get(id(target))
    if variable is None:
        f.emit(facts.StoreFree(node.start, node.end, f.guards, f.regions, target.id, value, how))
        return
    first = declares or (variable.declared and (variable.start, variable.end) == (target.start, target.end))
    bind_variable(f, variable, typed(value, variable.type), how, node, first)


def _take_apart(f: Frame, pattern: ir.Pattern, value: Operand, how: facts.How, declares: bool) -> None:
    """Destructuring: the part of ``value`` that each target takes, its default joined, then its store."""
    shared: dict[tuple[str, ...], Operand] = {(): value}
    for target, path, default in zip(pattern.targets, pattern.paths, pattern.defaults, strict=False):
        part = _part(f, path, target, shared)
        if default is not None:
            part = with_default(f, part, default)
        assign_to(f, target, part, how, target, declares)


def _part(f: Frame, path: tuple[str, ...], target: ir.Node, shared: dict[tuple[str, ...], Operand]) -> Operand:
    """The part at ``path``; the inner steps of a path are loaded once for all targets below them."""
    for length in range(1, len(path) + 1):
        prefix = path[:length]
        if prefix not in shared or length == len(path):
            shared[prefix] = _step(f, shared[path[: length - 1]], path[length - 1], target)
    return shared[path]


def _step(f: Frame, base: Operand, key: str, node: ir.Node) -> Operand:
    if key == _REST:
        rest = (facts.Item(ELEMENT, base, spread=True),)
        return f.emit(facts.MakeDisplay(node.start, node.end, f.guards, f.regions, "object", rest))
    if key.startswith(_ANY):
        position = int(key[1:]) if key[1:].isdecimal() else None
        return f.emit(facts.Element(node.start, node.end, f.guards, f.regions, base, position=position))
    return f.emit(facts.Load(node.start, node.end, f.guards, f.regions, base, key))


def with_default(f: Frame, value: Operand, default: ir.Node) -> Operand:
    """``value``, or what ``default`` evaluates to where it is absent."""
    before, outer = f.guards, f.flow
    f.guards, f.flow = merge(before, value.made_from), []
    other = f.evaluate(default)
    both = branch(sequence(f.flow), EMPTY)
    f.guards, f.flow = before, outer
    if both is not None:
        outer.append(both)
    return join(value, other)
