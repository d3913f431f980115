"""What no invocation reaches: code behind a condition that cannot hold, since the runtime always passes a context, or
since every caller gives an option another value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link.heap import Gap, Kind

if TYPE_CHECKING:
    from lmi_lint.facts.model import Presence
    from lmi_lint.link.context import Context
    from lmi_lint.link.heap import Val
    from lmi_lint.link.machine import Machine


def unreached(machine: Machine) -> dict[Context, frozenset[int] | None]:
    """The events of settled evaluations that cannot happen; None for a whole evaluation that nothing calls."""
    dead = {context: events for context in machine.contexts.values() if (events := _impossible(machine, context))}
    if not dead:
        return {}
    live = [context for context in machine.contexts.values() if any(caller is None for caller, _ in context.callers)]
    seen = dict.fromkeys(live)
    for context in live:
        never = dead.get(context, frozenset())
        for table in (context.callees, context.deferred):
            for event, called in table.items():
                if event not in never:
                    live += [each for each in called if each not in seen]
                    seen.update(dict.fromkeys(called))
    found: dict[Context, frozenset[int] | None] = {}
    for context in machine.contexts.values():
        if context not in seen:
            found[context] = None
        elif context in dead:
            found[context] = dead[context]
    return found


def _impossible(machine: Machine, context: Context) -> frozenset[int]:
    """The events of one evaluation that lie behind a condition which cannot hold."""
    found: set[int] = set()
    for claim in context.function.facts.present:
        if (claim.absent or claim.text is not None) and not _may_hold(claim, machine.source(context, claim.source)):
            found.update(range(claim.first, claim.end))
    return frozenset(found)


def _may_hold(claim: Presence, value: Val) -> bool:
    if claim.absent:
        return not value.refs or any(obj.kind is not Kind.CONTEXT for obj, _ in value.refs)
    if value.refs or value.data or not (value.texts or value.null):
        return True
    fixed = {"".join(map(str, text)) for text in value.texts if not any(isinstance(part, Gap) for part in text)}
    return len(fixed) < len(value.texts) or claim.text in fixed
