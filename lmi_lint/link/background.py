"""Work that begins in an invocation and that nothing waits for: tasks, threads, timers, calls that are not awaited."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from lmi_lint.facts import model as f
from lmi_lint.link.heap import Kind, Obj, Phase, Val
from lmi_lint.link.names import ASYNC, GENERATOR, FunctionInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lmi_lint.knowledge.model import CallEntry
    from lmi_lint.link.context import Context, Site
    from lmi_lint.link.program import Program
    from lmi_lint.link.record import LibraryCall


_FAILURES = frozenset(("raise", "reraise"))
"""The exits of ``facts.model.Exit`` by which a failure leaves."""


class Floating(Struct, frozen=True, eq=False):
    """An asynchronous call that nobody awaits. ``name``: what is called; ``handled``: a failure ends there;
    ``lost``: a library drops the task (``forEach(async …)``); ``void``: nobody could await it."""

    context: Context
    event: int
    name: str
    handled: bool
    lost: bool = False
    void: bool = False


class _Ended(NamedTuple):
    """``known``: the objects whose work something waits for or stops; ``any``: something waits for any work."""

    known: set[Obj]
    any: bool


class Background:
    """What one program leaves running, and what it waits for."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.machine = program.machine
        self.calls = program.index.at
        self._candidates: dict[FunctionInfo, tuple[int, ...]] = {}

    # ------------------------------------------------------------------ the request path

    @cached_property
    def path(self) -> list[Context]:
        """The evaluations that the handler itself reaches, but for those that make a promise: what its executor begins
        ends by resolving it."""
        seen: dict[Context, None] = {}
        called_back = bool(self.program.request_calls(("context.legacy",)))  # that ends the invocation, not a return
        stack = [root for root in self.program.roots if self._is_handler(root) and not called_back]
        while stack:
            context = stack.pop()
            if context in seen:
                continue
            seen[context] = None
            for table in (context.callees, context.deferred):
                for event, callees in table.items():
                    if (context, event) not in self._promises:
                        stack.extend(callees)
        return sorted(seen, key=lambda each: each.serial)

    def _is_handler(self, root: Context) -> bool:
        """Whether the runtime calls it; a route of a framework answers through what it is given."""
        limit = self.program.runtime.rejected_arity
        params = root.function.facts.params
        if limit is None or len(params) < 2:
            return True
        return len(params) < limit and any(obj.kind is Kind.CONTEXT for obj in root.args[1].objects())

    @cached_property
    def _promises(self) -> frozenset[Site]:
        """The calls that make a promise."""
        tasks = {root.function.module.rules.task_type for root in self.program.roots}
        return frozenset((call.context, call.event) for call in self.program.index.named(tasks) if call.new)

    # ------------------------------------------------------------------ calls that are not awaited

    def floating(self) -> Iterator[Floating]:
        """Asynchronous calls whose result is thrown away."""
        if not self.program.runtime.coroutines_start:
            return
        for context in self.path:
            candidates = {*self._starting(context.function), *self._dropping.get(context, ())}
            if not candidates or _takes_function(context):
                continue  # by a callback it says when it ends
            for index in sorted(candidates):
                event = context.function.facts.events[index]
                if isinstance(event, f.Call):
                    yield from self._floating(context, index, event)

    def _starting(self, function: FunctionInfo) -> tuple[int, ...]:
        """The calls whose result is thrown away, and those that may drop what a function given to them returns."""
        if function not in self._candidates:
            drops = self.program.knowledge.dropping
            self._candidates[function] = tuple(
                index
                for index, event in enumerate(function.facts.events)
                if isinstance(event, f.Call) and ((event.discarded and not event.awaited) or event.method in drops)
            )
        return self._candidates[function]

    @cached_property
    def _dropping(self) -> dict[Context, list[int]]:
        """The calls of libraries that drop what a function given to them returns, however they are written."""
        found: dict[Context, list[int]] = {}
        for call in self.program.index.known:
            if call.entry is not None and call.entry.drops:
                found.setdefault(call.context, []).append(call.event)
        return found

    def _floating(self, context: Context, index: int, event: f.Call) -> Iterator[Floating]:
        entry = self._entry(context, index, event)
        if entry is not None and entry.drops:
            given = [*context.callees.get(index, ()), *context.deferred.get(index, ())]
            lost = [handled for each in given if (handled := self._returned(each, set())) is not None]
            if lost:
                void = any(each.function.has(ASYNC) for each in given)
                yield Floating(context, index, event.method, all(lost), lost=True, void=void)
        elif event.discarded and not event.awaited:
            begun = self._begun(context, index, set())
            if begun is not None:
                yield Floating(context, index, *begun)

    def _begun(self, context: Context, index: int, seen: set[Context]) -> tuple[str, bool] | None:
        """The name of the asynchronous function whose promise or task an event gives, through ``then`` and ``catch``,
        and whether a failure ends there; None if it gives none."""
        handled = False
        base: int | None = index
        while base is not None:
            event = context.function.facts.events[base]
            found = self._asynchronous(context, base, event, seen) if isinstance(event, f.Call) else None
            if found is not None:
                return found[0], handled or found[1]
            step = self._step(context, event)
            handled = handled or (step is not None and step.handles)
            base = _only_source(event.receiver) if step is not None and isinstance(event, f.Call) else None
        return None

    def _step(self, context: Context, event: f.Event) -> CallEntry | None:
        """What a call does to a promise, if it is one that promises have: ``then``, ``catch``."""
        task = context.function.module.rules.task_type
        if not task or not isinstance(event, f.Call) or event.receiver is None:
            return None
        if any(obj.kind is Kind.NAME for obj in self.machine.value(context, event.receiver).objects()):
            return None  # ``Promise.all`` is no method of a promise
        entry = self.machine.knowledge.call_entry(f"{task}.{event.method}", len(event.args), None)
        return entry if entry is not None and entry.role != "blocking" else None  # what blocks has waited

    def _asynchronous(self, context: Context, index: int, event: f.Call, seen: set[Context]) -> tuple[str, bool] | None:
        if event.new or event.awaited:
            return None
        callees = list(context.callees.get(index, ()))
        libraries = self.calls.get((context, index), [])
        if callees and not libraries:
            returned = [handled for each in callees if (handled := self._returned(each, seen)) is not None]
            if len(returned) < len(callees):
                return None
            return callees[0].function.facts.name or "this async function", all(returned)
        if self._step(context, event) is not None:
            return None
        if any(obj.kind is Kind.CLOSURE for call in libraries for arg in call.args for obj in arg.objects()):
            return None  # a callback says how it ends
        if libraries and all(self._gives_task(call) for call in libraries):
            entries = [call.entry for call in libraries if call.entry is not None]
            if any(entry.pure or entry.role.startswith("background") for entry in entries):
                return None  # the task of a value, or one of those in ``unended``
            return libraries[0].name, len(entries) == len(libraries) and all(entry.handles for entry in entries)
        suffix = context.function.module.rules.task_suffix
        return (event.method, False) if not libraries and suffix and event.method.endswith(suffix) else None

    def _returned(self, context: Context, seen: set[Context]) -> bool | None:
        """Whether a failure of what a function begins and returns ends in it; None if it returns nothing to await, or
        what has ended before it returns."""
        function = context.function
        if function.has(ASYNC) and context in self.program.suspending:
            return None if is_void(function) else self._handles_all(context)
        if context in seen or function.has(GENERATOR):
            return None
        seen.add(context)
        for operand in function.facts.returns:
            for source in operand.sources:
                begun = self._begun(context, source, seen) if source >= 0 else None
                if begun is not None:
                    return begun[1]
        return None

    def _gives_task(self, call: LibraryCall) -> bool:
        suffix = call.context.function.module.rules.task_suffix
        named = bool(suffix) and call.name.endswith(suffix) and call.role not in ("log", "log.raw")
        return named or (call.entry is not None and self._is_task(call.entry.returns_type))

    def _is_task(self, type_name: str) -> bool:
        return bool(type_name) and self.program.knowledge.role_of(type_name) == "task"

    def _handles_all(self, context: Context) -> bool:
        """Whether everything that can fail stands in a ``try`` with a handler that throws nothing itself."""
        return not self._can_fail(context, context.function.facts.flow, {context})

    def _can_fail(self, context: Context, flow: f.Flow, seen: set[Context]) -> bool:
        match flow:
            case f.Step(event=event):
                return self._step_can_fail(context, event, seen)
            case f.Seq(items=parts) | f.Branch(arms=parts):
                return any(self._can_fail(context, part, seen) for part in parts)
            case f.Loop(body=body):
                return self._can_fail(context, body, seen)
            case f.Attempt(body=body, handlers=handlers, final=final):
                inside = any(map(_raises, handlers)) if handlers else self._can_fail(context, body, seen)
                return inside or self._can_fail(context, final, seen)
            case _:
                return flow.how in _FAILURES

    def _step_can_fail(self, context: Context, event: int, seen: set[Context]) -> bool:
        fact = context.function.facts.events[event]
        if isinstance(fact, f.Suspend):
            made = [context.function.facts.events[source] for source in fact.value.sources if source >= 0]
            return not made or not all(isinstance(each, f.Call) for each in made)  # of those the call tells
        if not isinstance(fact, f.Call):
            return False
        libraries = self.calls.get((context, event), [])
        callees = [each for each in context.callees.get(event, ()) if each not in seen]
        if libraries or not context.callees.get(event):
            return not (libraries and all(call.role in ("log", "log.raw") for call in libraries))
        seen.update(callees)
        return any(self._can_fail(callee, callee.function.facts.flow, seen) for callee in callees)

    def _entry(self, context: Context, index: int, event: f.Call) -> CallEntry | None:
        """What is known of a call; on values of unknown type by the method's name."""
        found = self.calls.get((context, index))
        if found:
            return found[0].entry
        if event.receiver is None or any(obj.klass for obj in self.machine.value(context, event.receiver).objects()):
            return None
        names = context.function.module.rules
        types = list(names.value_types())
        if event.receiver.type is not None:
            function = context.function
            declared = names.type(self.machine.modules, function.module, function.scope, event.receiver.type)
            types = [declared] if isinstance(declared, str) else []
        known = (self.machine.knowledge.call_entry(f"{each}.{event.method}", len(event.args), None) for each in types)
        return next((entry for entry in known if entry is not None), None)

    # ------------------------------------------------------------------ functions that nobody can await

    def unawaitable(self) -> Iterator[FunctionInfo]:
        """Asynchronous functions without a result to await, of those that the handler reaches."""
        functions = dict.fromkeys(context.function for context in self.path)
        yield from (function for function in functions if function.has(ASYNC) and is_void(function))

    # ------------------------------------------------------------------ threads, executors, timers

    def unended(self) -> Iterator[LibraryCall]:
        """Calls that begin work beside the invocation, and that nothing waits for or stops."""
        path = set(self.path)
        begun = self.program.calls_of(("background", "background.timer"))
        begun = [call for call in begun if call.context in path or _timer_at_load(call)]
        if not begun or self._unknown_end(begun):
            return
        ended = self._ended()
        for call in begun:
            timer = call.role == "background.timer"
            if _own(call) & ended.known or (ended.any and not timer):
                continue
            if timer and (_takes_function(call.context) or not self._does_something(call)):
                continue
            if timer or self._unused(call.context, call.event):
                yield call

    def _ended(self) -> _Ended:
        """What the program waits for or stops."""
        found: set[Obj] = set()
        anything = False
        for call in self.program.index.known:
            ends = call.entry.ends if call.entry is not None else ""
            if ends == "any":
                anything = anything or call.phase is Phase.REQUEST
            elif ends == "receiver":
                found |= self._within([call.receiver])
            elif ends:
                position = int(ends.removeprefix("arg"))
                found |= self._within(call.args[position : position + 1])
        for context in self.program.request_contexts:
            found |= self._within([self.machine.value(context, each.resource) for each in _closed(context)])
        return _Ended(found, anything)

    def _within(self, values: Iterable[Val]) -> set[Obj]:
        """The objects that values may be, and what containers of them hold."""
        found: set[Obj] = set()
        stack = [obj for value in values for obj in value.objects()]
        while stack:
            obj = stack.pop()
            if obj in found:
                continue
            found.add(obj)
            if obj.kind in (Kind.OBJECT, Kind.INSTANCE) and obj.klass is None:
                cells = self.machine.heap.cells
                for key in self.machine.heap.keys.get(obj, ()):
                    stack.extend(cells[obj, key].objects())
        return found

    def _unknown_end(self, begun: list[LibraryCall]) -> bool:
        """Whether a method that ends such work is called on something unknown: it may be this."""
        knowledge = self.program.knowledge
        owners = {call.name.rpartition(".")[0] for call in begun}
        owners |= {call.entry.returns_type for call in begun if call.entry is not None and call.entry.returns_type}
        for context in self.path:
            for index, event in enumerate(context.function.facts.events):
                if not isinstance(event, f.Call) or event.receiver is None or len(event.args) > 1:
                    continue
                if self.calls.get((context, index)) or context.callees.get(index):
                    continue
                value = self.machine.value(context, event.receiver)
                if value.refs or value.texts or value.constant:
                    continue
                for owner in owners:
                    entry = knowledge.call_entry(f"{owner}.{event.method}", len(event.args), None)
                    if entry is not None and entry.ends:
                        return True
        return False

    def _unused(self, context: Context, index: int) -> bool:
        """Whether nothing is done with what a call returns, but for what only follows it."""
        facts = context.function.facts
        event = facts.events[index]
        if isinstance(event, f.Call) and event.awaited:
            return False
        if any(index in operand.sources for operand in facts.returns):
            return False
        for at, user in enumerate(facts.events):
            if not any(index in operand.sources for operand in f.operands(user)):
                continue
            follows = isinstance(user, f.Call) and user.receiver is not None and index in user.receiver.sources
            chained = [call.entry for call in self.calls.get((context, at), []) if call.entry is not None]
            if not (follows and chained and all(entry.calls == "after" and not entry.ends for entry in chained)):
                return False
            if not self._unused(context, at):
                return False
        return True

    def rejects(self, call: LibraryCall) -> bool:
        """Whether a function given to a call lets failures out where nobody gets them: an asynchronous one, or one that
        a timer calls and that throws."""
        functions = self._given(call)
        given = [context for context in self.program.request_contexts if context.function in functions]
        thrown = call.role == "background.timer" and any(_raises(function.facts.flow) for function in functions)
        return thrown or any(each.function.has(ASYNC) and not self._handles_all(each) for each in given)

    def _given(self, call: LibraryCall) -> set[FunctionInfo]:
        return {obj.function for arg in call.args for obj in arg.objects() if obj.function is not None}

    def _does_something(self, call: LibraryCall) -> bool:
        """Whether what a timer calls is code of the project that does more than to give up waiting."""
        functions = self._given(call)
        if any(_raises(function.facts.flow) for function in functions):
            return True
        stack = [context for context in self.machine.contexts.values() if context.function in functions]
        seen: set[Context] = set()
        while stack:
            context = stack.pop()
            if context in seen:
                continue
            seen.add(context)
            for table in (context.callees, context.deferred):
                for callees in table.values():
                    stack.extend(callees)
        return any(each.context in seen and not each.name.endswith(".abort") for each in self.program.calls) or any(
            access.context in seen and access.mode.changes for access in self.program.accesses
        )


def is_void(function: FunctionInfo) -> bool:
    """Whether a function is declared to return nothing."""
    declared = function.facts.return_type
    return declared is not None and declared.name == "void"


def _own(call: LibraryCall) -> set[Obj]:
    """The thread, executor, future or timer of a call: not what the functions return that it runs."""
    owner = call.name.rpartition(".")[0]
    returned = call.entry.returns_type if call.entry is not None else ""
    made = (returned, call.name, f"{call.name}()")
    results = {obj for obj in call.result.objects() if obj.kind is Kind.INSTANCE and obj.type_name in made}
    receivers = {obj for obj in call.receiver.objects() if obj.kind in (Kind.INSTANCE, Kind.OBJECT)}
    return results | {obj for obj in receivers if obj.type_name == owner or obj.klass is not None}


def _timer_at_load(call: LibraryCall) -> bool:
    return call.role == "background.timer" and call.phase is Phase.LOAD


def _takes_function(context: Context) -> bool:
    return any(obj.kind is Kind.CLOSURE for arg in context.args for obj in arg.objects())


def _closed(context: Context) -> list[f.Region]:
    return [region for region in context.function.facts.regions if region.how != "monitor"]


def _only_source(operand: f.Operand | None) -> int | None:
    if operand is None or len(operand.sources) != 1 or operand.sources[0] < 0:
        return None
    return operand.sources[0]


def _raises(flow: f.Flow) -> bool:
    match flow:
        case f.Seq(items=items):
            return any(map(_raises, items))
        case f.Branch(arms=arms):
            return any(map(_raises, arms))
        case f.Loop(body=body):
            return _raises(body)
        case f.Attempt(body=body, handlers=handlers, final=final):
            return any(map(_raises, handlers)) or _raises(final) or (not handlers and _raises(body))
        case f.Exit(how=how):
            return how in _FAILURES
        case _:
            return False
