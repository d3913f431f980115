"""Which evaluations an invocation reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lmi_lint.link.context import Context, Site
    from lmi_lint.link.record import LibraryCall


def reached(roots: Iterable[Context], aside: frozenset[Site]) -> frozenset[Context]:
    """The evaluations that are called from the roots, at once or later, but not from the sites ``aside``."""
    seen = dict.fromkeys(roots)
    frontier = list(seen)
    for context in frontier:
        later = [called for event, called in context.deferred.items() if (context, event) not in aside]
        fresh = [each for called in (*context.callees.values(), *later) for each in called if each not in seen]
        seen.update(dict.fromkeys(fresh))
        frontier.extend(dict.fromkeys(fresh))
    return frozenset(seen)


def leaving(calls: Iterable[LibraryCall]) -> frozenset[Site]:
    """The calls that leave a function to a library, which runs it whenever it likes: listeners, timers, threads."""
    return frozenset(
        (call.context, call.event)
        for call in calls
        if call.entry is not None and call.entry.calls in ("keeps", "background")
    )
