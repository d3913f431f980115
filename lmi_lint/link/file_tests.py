"""Which writes a test for the file decides: ``if not exists(p): write(p)``, in all the ways that code says it; not
those that happen where the file is there.

A test is a look at the file (knowledge role ``file.exists``), or a read whose failure leads to the write. It decides a
write through a condition (directly, negated, through helpers that return what they saw, through a value of a closure),
or through the exception that it throws, in the function of the write or on every way into it.
"""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.facts import model as f
from lmi_lint.link.context import Context, Site
from lmi_lint.link.heap import Kind, Obj, Text, Val
from lmi_lint.link.limits import LIMITS
from lmi_lint.link.temp_paths import is_fixed
from lmi_lint.link.texts import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lmi_lint.facts.model import Source
    from lmi_lint.link.names import FunctionInfo
    from lmi_lint.link.program import Program
    from lmi_lint.link.record import LibraryCall

TESTS = ("file.exists", "file.missing", "file.age")
_TRIES = (*TESTS, "file.read")


class Test(Struct, frozen=True, eq=False):
    """A look at a file, or a read of it. ``paths``: what it looks at."""

    site: Site
    role: str
    paths: tuple[Val, ...]
    made: Val


class FileTests:
    """The tests of fixed paths under the temporary directory in one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._failing: dict[FunctionInfo, dict[int, tuple[int, ...]]] = {}

    @cached_property
    def _at(self) -> dict[Site, list[Test]]:
        found: dict[Site, list[Test]] = {}
        for call in self._program.calls_of(_TRIES):
            site = (call.context, call.event)
            test = Test(site, call.role, tuple(self._program.paths_of(call)), call.result)
            found.setdefault(site, []).append(test)
        return found

    @cached_property
    def _made(self) -> dict[Obj, Test]:
        """What tests made: a value that holds such an object holds the answer."""
        return {
            obj: test
            for tests in self._at.values()
            for test in tests
            for obj in test.made.objects()
            if obj.kind is Kind.INSTANCE and test.role in TESTS
        }

    @cached_property
    def _of_context(self) -> dict[Context, list[Test]]:
        found: dict[Context, list[Test]] = {}
        for (context, _), tests in self._at.items():
            found.setdefault(context, []).extend(tests)
        return found

    def deciding(self, write: LibraryCall, path: Text) -> Test | None:
        """The test of ``path``, or of a folder around it, that decides whether ``write`` happens; None if there is a
        way to it without one."""
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, LIMITS.walk))  # calls and blocks nest as deep as the code does
        try:
            return self._deciding((write.context, write.event), path, frozenset())
        finally:
            sys.setrecursionlimit(limit)

    def _deciding(self, site: Site, path: Text, seen: frozenset[Context]) -> Test | None:
        context, event = site
        for test in self._tests_at(context, event):
            if self._covers(test, path):
                return test
        if context in seen or not context.callers:
            return None
        ways = [
            self._deciding((caller, at), path, seen | {context}) if caller is not None else None
            for caller, at in context.callers
            if caller is None or caller.phase is context.phase
        ]
        return ways[0] if ways and all(way is not None for way in ways) else None

    def _covers(self, test: Test, path: Text) -> bool:
        whole = _fixed(path)
        for value in test.paths:
            for text in value.texts:
                tested = _fixed(text)
                if tested and (whole == tested or whole.startswith(f"{tested}/")):
                    return True
        return False

    def _tests_at(self, context: Context, event: int) -> Iterator[Test]:
        """The tests that decide an event of one evaluation."""
        facts = context.function.facts
        for source in facts.events[event].guards:
            there = any(
                each.source == source and each.first <= event < each.end and not each.absent for each in facts.present
            )
            for test in self._behind(context, source, set()):
                if not (there and test.site == (context, source) and test.role == "file.exists"):
                    yield test
        for tried in self._failures(context.function).get(event, ()):
            yield from self._within(context, tried, _TRIES)

    # ------------------------------------------------------------------ conditions

    def _behind(self, context: Context, source: Source, seen: set[Source]) -> Iterator[Test]:
        """The tests whose answer a tested value is, or is made of."""
        if source in seen:
            return
        seen.add(source)
        value = self._program.machine.source(context, source)
        yield from (self._made[obj] for obj in value.objects() if obj in self._made)
        if source < 0:
            if source != f.THIS:  # what a callback of a test is given
                for caller, at in context.callers:
                    yield from self._at.get((caller, at), ()) if caller is not None else ()
            return
        yield from self._within(context, source, TESTS)
        event = context.function.facts.events[source]
        if isinstance(event, f.Load):
            yield from self._property(context, source, event)
        for each in _operands(event):
            for inner in (*each.sources, *each.made_from):
                yield from self._behind(context, inner, seen)

    def _property(self, context: Context, index: int, event: f.Load) -> Iterator[Test]:
        """A property that tells of a file: ``info.Exists``."""
        base = self._program.machine.value(context, event.base)
        for obj in base.objects():
            entry = self._program.knowledge.call_entry(f"{obj.type_name}.{event.key}", 0, None)
            if entry is not None and entry.role in TESTS and -1 in entry.path:
                yield Test((context, index), entry.role, (base,), Val())

    def _within(self, context: Context, event: int, roles: Iterable[str]) -> Iterator[Test]:
        """The tests that an event makes: itself, or in the functions that it calls."""
        yield from (test for test in self._at.get((context, event), ()) if test.role in roles)
        stack = [*context.callees.get(event, ())]
        seen = set(stack)
        while stack:
            inner = stack.pop()
            yield from (test for test in self._of_context.get(inner, ()) if test.role in roles)
            for targets in inner.callees.values():
                for target in targets:
                    if target not in seen:
                        seen.add(target)
                        stack.append(target)

    # ------------------------------------------------------------------ exceptions

    def _failures(self, function: FunctionInfo) -> dict[int, tuple[int, ...]]:
        """Per event: the events one of which must have thrown for it to happen."""
        known = self._failing.get(function)
        if known is None:
            known = self._failing[function] = {}
            _walk(function.facts.flow, (), known)
        return known


def _fixed(text: Text) -> str:
    """A fixed path under the temporary directory as a string without a slash at its end; empty for any other."""
    if not is_fixed(text):
        return ""
    return show(text).rstrip("/")


def _operands(event: f.Event) -> list[f.Operand]:
    """What an event's result is made of, as far as a condition on it asks about that."""
    match event:
        case f.Suspend(value=value):
            return [value]
        case f.Load(base=base):
            return [base]
        case f.Call(receiver=receiver, args=args):
            return [*([receiver] if receiver is not None else []), *(arg.value for arg in args)]
        case _:
            return []


def _walk(flow: f.Flow, failed: tuple[int, ...], known: dict[int, tuple[int, ...]]) -> None:
    """Note for each event below what must have thrown."""
    match flow:
        case f.Step(event=event):
            if failed:
                known[event] = failed
        case f.Seq(items=items):
            for item in items:
                _walk(item, failed, known)
                if isinstance(item, f.Attempt) and _leaves(item.body):
                    failed = (*failed, *_events(item.body))  # what follows runs only if the body broke off
        case f.Branch(arms=arms):
            for arm in arms:
                _walk(arm, failed, known)
        case f.Loop(body=body):
            _walk(body, failed, known)
        case f.Attempt(body=body, handlers=handlers, final=final):
            _walk(body, failed, known)
            for handler in handlers:
                _walk(handler, (*failed, *_events(body)), known)
            _walk(final, failed, known)
        case f.Exit():
            return


def _leaves(flow: f.Flow) -> bool:
    """Whether every way through leaves the function."""
    match flow:
        case f.Exit(how=how):
            return how != "jump"
        case f.Seq(items=items):
            return any(_leaves(item) for item in items)
        case f.Branch(arms=arms):
            return all(_leaves(arm) for arm in arms)
        case f.Attempt(body=body, handlers=handlers, final=final):
            return _leaves(final) or (_leaves(body) and all(_leaves(handler) for handler in handlers))
        case _:
            return False


def _events(flow: f.Flow) -> tuple[int, ...]:
    match flow:
        case f.Step(event=event):
            return (event,)
        case f.Seq(items=inner) | f.Branch(arms=inner):
            return tuple(event for each in inner for event in _events(each))
        case f.Loop(body=body):
            return _events(body)
        case f.Attempt(body=body, handlers=handlers, final=final):
            return tuple(event for each in (body, *handlers, final) for event in _events(each))
        case _:
            return ()


def chosen_by_name(program: Program, call: LibraryCall) -> bool:
    """Whether a call for files of any name is made only for names that data of the invocation decides on."""
    machine, context = program.machine, call.context
    events = context.function.facts.events
    tested: list[Val] = []
    for source in events[call.event].guards:
        tested.append(machine.source(context, source))
        event = events[source] if source >= 0 else None
        if isinstance(event, f.Call):
            tested += [machine.value(context, each) for each in f.operands(event)]
    named = any(isinstance(part, str) and "*" in part for value in tested for text in value.texts for part in text)
    return named and any(program.invocation_data(value) for value in tested)
