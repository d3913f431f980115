"""Building flows, and bounding how deep they nest."""

from __future__ import annotations

from typing import Final

from lmi_lint.facts.model import Attempt, Branch, Flow, Loop, Seq, Step

EMPTY: Final = Seq(())
MAX_NESTING: Final = 150
"""Flows within flows that readers, encoders included, must be able to walk recursively."""


def sequence(items: list[Flow]) -> Flow:
    """The items in order, as one flow."""
    if not items:
        return EMPTY
    return items[0] if len(items) == 1 else Seq(tuple(items))


def branch(then: Flow, orelse: Flow) -> Flow | None:
    """One of two; None if both are empty. A second that is a mere choice joins in: long chains stay flat."""
    if then is EMPTY and orelse is EMPTY:
        return None
    if isinstance(orelse, Branch):
        return Branch((then, *orelse.arms))
    return Branch((then, orelse))


def parts(flow: Flow) -> tuple[Flow, ...]:
    """The flows directly inside one, in evaluation order."""
    if isinstance(flow, Seq):
        return flow.items
    if isinstance(flow, Branch):
        return flow.arms
    if isinstance(flow, Loop):
        return (flow.body,)
    if isinstance(flow, Attempt):
        return (flow.body, *flow.handlers, flow.final)
    return ()


def nesting(flow: Flow) -> int:
    """How many flows at most contain one another."""
    deepest = 0
    stack = [(flow, 1)]
    while stack:
        top, depth = stack.pop()
        deepest = max(deepest, depth)
        for part in parts(top):
            if type(part) is not Step:
                stack.append((part, depth + 1))
    return deepest


def flattened(flow: Flow, levels: int = MAX_NESTING) -> Flow:
    """``flow`` with everything below ``levels`` levels replaced by its events in order, exits left out."""
    if levels <= 1:
        return _straight(flow)
    if isinstance(flow, Seq):
        return Seq(tuple([flattened(item, levels - 1) for item in flow.items]))
    if isinstance(flow, Branch):
        return Branch(tuple([flattened(arm, levels - 1) for arm in flow.arms]))
    if isinstance(flow, Loop):
        return Loop(flattened(flow.body, levels - 1), flow.at_least_once, flow.bounded)
    if isinstance(flow, Attempt):
        handlers = tuple([flattened(handler, levels - 1) for handler in flow.handlers])
        return Attempt(flattened(flow.body, levels - 1), handlers, flattened(flow.final, levels - 1), flow.caught)
    return flow


def _straight(flow: Flow) -> Flow:
    steps: list[Flow] = []
    stack = [flow]
    while stack:
        top = stack.pop()
        if isinstance(top, Step):
            steps.append(top)
        stack.extend(reversed(parts(top)))
    return sequence(steps)
