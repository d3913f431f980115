"""Who waits for what was started: calls whose result is a coroutine or promise that nobody awaited yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.link.names import ASYNC, GENERATOR

if TYPE_CHECKING:
    from lmi_lint.link.context import Context, Site


def gives_coroutine(context: Context, libraries: set[Site], seen: set[Context]) -> bool:
    """Whether a call returns a coroutine: of this function, or of one whose result it passes on. ``libraries``:
    the calls of libraries; one that is given a function (``anyio.run(main)``) may run it to its end."""
    if context.function.has(ASYNC):
        return True
    if context in seen or context.function.has(GENERATOR):
        return False
    seen.add(context)
    for operand in context.function.facts.returns:
        for source in operand.sources:
            callees = context.callees.get(source, ())
            event = context.function.facts.events[source] if source >= 0 else None
            passed = isinstance(event, f.Call) and not event.new and (context, source) not in libraries
            if passed and callees and all(gives_coroutine(callee, libraries, seen) for callee in callees):
                return True
    return False
