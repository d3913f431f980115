"""How an invocation comes to an evaluation, for people."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from lmi_lint.model.finding import Location
from lmi_lint.model.source import Span

if TYPE_CHECKING:
    from lmi_lint.link.context import Context, Site


def trace(context: Context) -> tuple[Location, ...]:
    """The shortest path of calls from the handler to an evaluation: the handler, then each call."""
    steps = _steps(context)
    top = steps[0][0] if steps else context
    facts = top.function.facts
    head = Location(top.function.module.path, Span(facts.name_start, facts.name_end), top.function.label)
    followed = [*(caller for caller, _ in steps[1:]), context] if steps else []
    hops = [_hop(site, target) for site, target in zip(steps, followed, strict=True)]
    return (head, *hops)


def _steps(context: Context) -> list[Site]:
    """The calls on that path, the handler's first; where no path leads to what the runtime calls, none."""
    towards: dict[Context, Site | None] = {context: None}
    frontier = deque((context,))
    while frontier:
        current = frontier.popleft()
        if any(caller is None for caller, _ in current.callers):
            break
        for caller, event in current.callers:
            if caller is not None and caller not in towards and caller.phase is context.phase:
                towards[caller] = (current, event)
                frontier.append(caller)
    else:
        return []
    steps: list[Site] = []
    step = towards[current]
    while step is not None:
        steps.append((current, step[1]))
        current = step[0]
        step = towards[current]
    return steps


def _hop(site: Site, target: Context) -> Location:
    caller, event = site
    fact = caller.function.facts.events[event]
    return Location(caller.function.module.path, Span(fact.start, fact.end), f"calls {target.function.label}")
