"""How an invocation comes to an evaluation, for people."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.facts.flows import parts
from lmi_lint.model.finding import Location
from lmi_lint.model.source import Span

if TYPE_CHECKING:
    from lmi_lint.link.context import Context, Site
    from lmi_lint.link.record import LibraryCall


def trace(context: Context) -> tuple[Location, ...]:
    """The shortest path of calls from the handler to an evaluation: the handler, then each call."""
    steps = _steps(context)
    top = steps[0][0] if steps else context
    facts = top.function.facts
    head = Location(top.function.module.path, Span(facts.name_start, facts.name_end), top.function.label)
    followed = [*(caller for caller, _ in steps[1:]), context] if steps else []
    hops = [_hop(site, target) for site, target in zip(steps, followed, strict=True)]
    return (head, *hops)


def after_failure(call: LibraryCall) -> bool:
    """Whether a call happens only where something has failed: it, or a call that leads to it, is in a handler of
    exceptions."""
    sites = [*_steps(call.context), (call.context, call.event)]
    return any(event in _handling(context.function.facts.flow) for context, event in sites)


def _handling(flow: f.Flow) -> frozenset[int]:
    """The events in handlers of exceptions."""
    found: set[int] = set()
    stack = [(flow, False)]
    while stack:
        top, handled = stack.pop()
        if isinstance(top, f.Step) and handled:
            found.add(top.event)
        handlers = top.handlers if isinstance(top, f.Attempt) else ()
        stack += [(part, handled or any(part is each for each in handlers)) for part in parts(top)]
    return frozenset(found)


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
