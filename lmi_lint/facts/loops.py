"""Loops: the body runs until the locals that its turns carry are stable.

A turn that changes nothing (most do) is the only one. Otherwise its events are taken back and the body runs
again over the joined values; event numbers do not depend on values, so the sources found before stay valid.
"""

from __future__ import annotations

from typing import Final

from lmi_lint.facts import model as facts
from lmi_lint.facts.counting import counted
from lmi_lint.facts.flows import sequence
from lmi_lint.facts.frame import Environment, Frame, join_environments
from lmi_lint.facts.model import Operand
from lmi_lint.facts.scopes import Variable
from lmi_lint.facts.stores import assign_to
from lmi_lint.facts.values import join, merge, type_name, widened
from lmi_lint.ir import nodes as ir

_REPEATS: Final = 5
_INNER_REPEATS: Final = 3
"""How often a body runs at most. A value that passes through more locals, one per turn, may lack a source."""
_DEEP: Final = 3
"""Loops nested deeper than this run once: their operands may lack what later turns assign."""


class _Mark:
    """The state to return to before the body runs again."""

    def __init__(self, f: Frame) -> None:
        self.f = f
        self.events, self.held, self.returns = len(f.events), len(f.held), len(f.returns)
        self.returned, self.raised = f.returned, f.raised

    def restore(self) -> None:
        f = self.f
        del f.events[self.events :]
        del f.held[self.held :]
        del f.returns[self.returns :]
        f.returned, f.raised = self.returned, self.raised


def loop(f: Frame, node: ir.Loop) -> bool:
    """Run any loop. Never the end of its block: loops are taken to end."""
    iterated = None
    if node.iterates is not None:
        iterated = f.evaluate(node.iterates)
    before, outer, entry = f.guards, f.flow, f.env
    jumped, switched, labelled = f.jumped, f.switched, f.labelled
    start = entry.copy()
    # Frame variables that change are always read from the frame.
    carried = [variable for variable in f.bindings.loops.get(id(node), ()) if not variable.frame]
    for variable in carried:
        if variable in start:
            start[variable] = widened(start[variable])
    mark = _Mark(f)
    repeats = 1
    if carried and f.turns < _DEEP:
        repeats = _INNER_REPEATS if f.turns else _REPEATS
    f.turns += 1
    while True:
        f.env, f.flow, f.guards = start.copy(), [], before
        _turn(f, node, iterated)
        repeats -= 1
        if not repeats or not _carry(start, f.env, carried):
            break
        mark.restore()
        f.jumped, f.switched, f.labelled = jumped, switched, labelled
    f.turns -= 1
    body, f.flow = f.flow, outer
    if body:
        bounded = node.iterates is not None or counted(node)
        outer.append(facts.Loop(sequence(body), node.at_least_once, bounded))
    f.jumped, f.switched = jumped, switched
    if node.label is not None or not f.turns:
        f.labelled = labelled
    f.guards = f.guarded(before)
    if not node.at_least_once:
        f.env = join_environments(f.env, entry)
    return False


def _carry(start: Environment, end: Environment, carried: list[Variable]) -> bool:
    """Join what a turn assigned into the values at its start; True if that changed any."""
    changed = False
    for variable in carried:
        value = end.get(variable)
        if value is None:
            continue
        known = start.get(variable)
        joined = widened(value if known is None else join(known, value))
        if joined != known:
            start[variable] = joined
            changed = True
    return changed


def _turn(f: Frame, node: ir.Loop, iterated: Operand | None) -> None:
    if node.test is not None and not node.at_least_once:
        _test(f, node.test)
    if iterated is not None:
        element = f.emit(facts.Element(*_head(node, f), iterated, type_name(node.type)))
        if node.target is not None:
            assign_to(f, node.target, element, facts.How.SET, node.target, declares=node.declares is not None)
    f.run(node.body)
    if node.update is not None:
        f.evaluate(node.update)
    if node.test is not None and node.at_least_once:
        _test(f, node.test)


def _head(node: ir.Loop, f: Frame) -> tuple[int, int, tuple[int, ...], tuple[int, ...]]:
    """Span, guards and regions of the step to the next element."""
    where = node.target or node.iterates or node
    return where.start, where.end, f.guards, f.regions


def _test(f: Frame, test: ir.Node) -> None:
    value = f.evaluate(test)
    f.guards = merge(f.guards, value.made_from)
