"""Which events of a function use the results of which others."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from lmi_lint.facts.model import Hole, Suspend, operands

if TYPE_CHECKING:
    from lmi_lint.facts.model import Event, FunctionFacts, Operand, Source


def users(facts: FunctionFacts) -> dict[int, frozenset[int]]:
    """The events that use a source: another event's result, a parameter, or ``this``. What a block holds is used by
    all events inside: it may be a lock."""
    found: dict[int, set[int]] = {}
    for index, event in enumerate(facts.events):
        used = operands(event)
        used += [facts.regions[region].resource for region in event.regions]
        for operand in used:
            for source in _sources(operand):
                found.setdefault(source, set()).add(index)
    return {source: frozenset(events) for source, events in found.items()}


def _sources(operand: Operand) -> tuple[Source, ...]:
    if not operand.texts:
        return operand.sources + operand.made_from if operand.made_from else operand.sources
    holes = [part.sources for text in operand.texts for part in text if isinstance(part, Hole)]
    return (*operand.sources, *operand.made_from, *chain.from_iterable(holes))


def looks_ahead(facts: FunctionFacts) -> bool:
    """Whether an event uses the result of a later one: a value that a loop carries round."""
    events = enumerate(facts.events)
    return any(_latest(event) >= index for index, event in events if not isinstance(event, Suspend))


def _latest(event: Event) -> int:
    """The highest event number among an event's operands."""
    highest = -1
    for operand in operands(event):
        highest = max((highest, *operand.sources, *operand.made_from))
    return highest
