"""Whether what ends the running code ends the process: not where something catches it, nor in a child or thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.facts.flows import parts

if TYPE_CHECKING:
    from lmi_lint.link.context import Context, Site
    from lmi_lint.link.program import Program
    from lmi_lint.link.record import LibraryCall


def escapes(program: Program, call: LibraryCall) -> bool:
    """Whether a call that ends what runs does so on some way from the handler down to it."""
    raises = call.entry.raises if call.entry is not None else ()
    seen: set[Context] = set()
    sites: list[Site] = [(call.context, call.event)]
    while sites:
        context, event = sites.pop()
        if _is_child(program, context, event) or (raises and _is_caught(program, context, event, raises)):
            continue
        if context in seen:
            continue
        seen.add(context)
        for caller, at in context.callers:
            if caller is None:
                return True
            if caller.phase is context.phase and not _runs_apart(program, (caller, at), raises):
                sites.append((caller, at))
    return False


def _runs_apart(program: Program, site: Site, raises: tuple[str, ...]) -> bool:
    """Whether a call hands its function to another process, or to a thread, which an exception ends alone."""
    known = program.call_at(site)
    apart = known.entry.apart if known is not None and known.entry is not None else ""
    return apart == "process" or (apart == "thread" and bool(raises))


def _is_child(program: Program, context: Context, event: int) -> bool:
    """Whether an event happens only in one of the two processes that a fork leaves."""
    sources = [source for source in context.function.facts.events[event].guards if source >= 0]
    return any(_runs_apart(program, (context, source), ()) for source in sources)


def _is_caught(program: Program, context: Context, event: int, raises: tuple[str, ...]) -> bool:
    """Whether the function itself catches what an event raises, by a handler or a with block."""
    facts = context.function.facts
    for region in facts.events[event].regions:
        for source in facts.regions[region].resource.sources:
            known = program.call_at((context, source)) if source >= 0 else None
            if known is not None and known.entry is not None and known.entry.suppresses:
                given = {obj.type_name for arg in known.args for obj in arg.objects()}
                if not given.isdisjoint(raises):
                    return True
    return any(_catches(attempt, raises) for attempt in _around(facts.flow, event))


def _around(flow: f.Flow, event: int) -> list[f.Attempt]:
    """The attempts in whose body an event lies."""
    stack: list[tuple[f.Flow, list[f.Attempt]]] = [(flow, [])]
    while stack:
        top, attempts = stack.pop()
        if isinstance(top, f.Step) and top.event == event:
            return attempts
        for part in parts(top):
            inside = isinstance(top, f.Attempt) and part is top.body and top.handlers
            stack.append((part, [*attempts, top] if inside and isinstance(top, f.Attempt) else attempts))
    return []


def _catches(attempt: f.Attempt, raises: tuple[str, ...]) -> bool:
    """Whether the first handler that takes an exception keeps it."""
    for handler, caught in zip(attempt.handlers, attempt.caught, strict=False):
        if caught is None or any(name.rpartition(".")[2] in raises for name in caught):
            return not _raises_again(handler)
    return False


def _raises_again(flow: f.Flow) -> bool:
    stack = [flow]
    while stack:
        top = stack.pop()
        if isinstance(top, f.Exit) and top.how == "reraise":
            return True
        stack.extend(parts(top))
    return False
