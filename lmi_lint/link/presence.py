"""Methods and functions that may be absent: calls made only where they are there, and methods handed on as values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lmi_lint.facts.model import Call, Element, Load, LoadFree, LoadVar, Store
from lmi_lint.link.heap import Kind, Phase

if TYPE_CHECKING:
    from lmi_lint.facts.model import Event, Source
    from lmi_lint.link.context import Site
    from lmi_lint.link.program import Program
    from lmi_lint.link.record import LibraryCall


def tested_before(call: LibraryCall) -> bool:
    """Whether a test of the method itself decides on the call: ``if (x.m) x.m()``, ``typeof x.m === 'function'``."""
    events = call.context.function.facts.events
    event = events[call.event]
    if not isinstance(event, Call) or event.receiver is None:
        return False
    wanted = {_named(events, source) for source in event.receiver.sources}
    tests = [events[source] for source in event.guards if source >= 0]
    return any(
        isinstance(test, Load)
        and test.key == event.method
        and wanted == {_named(events, base) for base in test.base.sources}
        for test in tests
    )


def value_tested(program: Program, call: LibraryCall) -> bool:
    """Whether what is called may be something else too, or a test of it decides on the call, here or on the way."""
    event = call.context.function.facts.events[call.event]
    machine, callee = program.machine, event.callee if isinstance(event, Call) else None
    if callee is None or any(obj.type_name != call.name for obj in machine.value(call.context, callee).objects()):
        return True
    events = call.context.function.facts.events
    held_by = {_named(events, base) for source in callee.sources for base in _bases(events, source)}
    if any(held_by.intersection({_named(events, base) for base in _bases(events, test)}) for test in event.guards):
        return True  # ``if (rest.length > 0) rest[0]()``
    sites: list[Site] = [(call.context, call.event)]
    for context, index in sites:
        tests = (machine.source(context, source) for source in context.function.facts.events[index].guards)
        if any(obj.type_name == call.name for test in tests for obj in test.objects()):
            return True
        above = ((caller, at) for caller, at in context.callers if caller is not None)
        sites += [site for site in above if site not in sites]
    return False


def _bases(events: tuple[Event, ...], source: Source) -> tuple[Source, ...]:
    """What a source was read from."""
    event = events[source] if source >= 0 else None
    return event.base.sources if isinstance(event, Load | Element) else ()


def _named(events: tuple[Event, ...], source: Source) -> object:
    """What a source reads: two reads of one variable are the same."""
    event = events[source] if source >= 0 else None
    if isinstance(event, LoadVar):
        return event.function, event.name
    return event.name if isinstance(event, LoadFree) else source


def context_given(program: Program, keys: frozenset[str]) -> bool:
    """Whether the code itself puts one of these members into the context."""
    return any(
        isinstance(event, Store)
        and event.key in keys
        and any(obj.kind is Kind.CONTEXT for obj in program.machine.value(context, event.base).objects())
        for context in program.request_contexts
        for event in context.function.facts.events
    )


def handed_on(program: Program, roles: Iterable[str]) -> Iterator[tuple[LibraryCall, str]]:
    """Library calls of the request that are given such a method as an argument, with the method's qualified name."""
    wanted = program.knowledge.call_roles.intersection(roles)
    for call in program.calls if wanted else ():
        if call.phase is not Phase.REQUEST:
            continue
        for obj in (obj for value in call.args for obj in value.objects()):
            entry = program.knowledge.call_entry(obj.type_name, 0, None) if obj.kind is Kind.NAME else None
            if entry is not None and entry.role in wanted:
                yield call, obj.type_name
