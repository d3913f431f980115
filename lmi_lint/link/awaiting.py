"""Who waits for what was started: coroutines that nobody awaited yet, and members of tasks that block until they end.

A task has no object of its own, it stands for what it resolves to; so whether a value is still a task is told by the
call that made it and by what was done with it since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.link.heap import NONE, Phase, Val
from lmi_lint.link.methods import find_method
from lmi_lint.link.names import ASYNC, GENERATOR, ClassInfo, resolver
from lmi_lint.link.noted import library_call

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lmi_lint.knowledge.model import CallEntry
    from lmi_lint.link.context import Context, Site
    from lmi_lint.link.machine import Machine
    from lmi_lint.link.names import FunctionInfo
    from lmi_lint.link.record import LibraryCall


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


def waits(machine: Machine, recorded: Iterable[LibraryCall]) -> list[LibraryCall]:
    """Members of pending tasks (``task.Result``, ``task.Wait()``) that block, as calls, on the request path;
    ``recorded``: the calls of libraries known so far."""
    by_site: dict[Site, list[LibraryCall]] = {}
    for call in recorded:
        by_site.setdefault((call.context, call.event), []).append(call)
    tasks = _Tasks(machine, by_site)
    found: list[LibraryCall] = []
    for context in machine.contexts.values():
        language = context.function.module.language
        if context.phase is Phase.REQUEST and resolver(language).task_type:
            found += tasks.waits_in(context)
    return found


class _Tasks:
    """Tells which values of an evaluation are tasks that may not have ended."""

    def __init__(self, machine: Machine, recorded: dict[Site, list[LibraryCall]]) -> None:
        self.machine = machine
        self.recorded = recorded

    def waits_in(self, context: Context) -> Iterator[LibraryCall]:
        """The blocking members that one evaluation uses on pending tasks."""
        for index, event in enumerate(context.function.facts.events):
            match event:
                case f.Load(base=base, key=member) if event.index is None:
                    given: tuple[Val, ...] = ()
                case f.Call(receiver=f.Operand() as base, method=member):
                    given = tuple(self.machine.value(context, arg.value) for arg in event.args)
                case _:
                    continue
            entry = self._member(context, member, len(given))
            if entry is None or entry.role != "blocking":
                continue
            if any(call.role == "blocking" for call in self._calls(context, index)):
                continue
            if base.sources and all(self._pending(context, source, index) for source in base.sources):
                receiver = self.machine.value(context, base)
                yield library_call(self.machine, context, index, entry.name, entry, receiver, given)

    def _calls(self, context: Context, index: int) -> list[LibraryCall]:
        return self.recorded.get((context, index), [])

    def _member(self, context: Context, member: str, count: int) -> CallEntry | None:
        task = context.function.module.rules.task_type
        return self.machine.knowledge.call_entry(f"{task}.{member}", count, None)

    def _pending(self, context: Context, source: f.Source, user: int) -> bool:
        """Whether a value is a task that nothing but the event ``user`` did anything with."""
        if any(_mentions(event, source) for event in context.function.facts.events[: max(user, 0)]):
            return False  # it was awaited, handed on or asked whether it ended
        parameter = f.param_index(source)
        if parameter is not None:
            params = context.function.facts.params
            declared = params[parameter].type if parameter < len(params) else None
            return declared is not None and self._is_task(context.function, declared)
        event = context.function.facts.events[source] if source >= 0 else None
        if not isinstance(event, f.Call) or event.new:
            return False
        if event.as_type is not None and self._is_task(context.function, event.as_type):
            return True
        libraries = self._calls(context, source)
        callees = context.callees.get(source, ())
        if callees and not libraries:
            return all(self._returns_task(callee.function) for callee in callees)
        abstract = self._abstract(context, event) if not libraries else []
        if abstract:
            return all(self._returns_task(function) for function in abstract)
        if any(self._ended(call) for call in libraries):
            return False
        suffix = context.function.module.rules.task_suffix
        if event.method.endswith(suffix) or (libraries and all(self._of_task(call) for call in libraries)):
            return True
        return self._passes_on(context, source, event)

    def _abstract(self, context: Context, event: f.Call) -> list[FunctionInfo]:
        """The methods that a call names on objects of the project, where no implementation of theirs is known."""
        receiver = self.machine.value(context, event.receiver) if event.receiver is not None else NONE
        classes = [obj.klass for obj in receiver.objects() if obj.klass is not None]
        named = [find_method(self.machine.modules, klass, event.method, len(event.args)) for klass in classes]
        return [function for function in named if function is not None]

    def _passes_on(self, context: Context, source: int, event: f.Call) -> bool:
        """``ConfigureAwait``, ``GetAwaiter``: what nothing but a task has, and what gives the same task."""
        entry = self._member(context, event.method, len(event.args))
        if event.receiver is None or entry is None or entry.returns != "receiver" or entry.role:
            return False
        return all(
            self._pending(context, base, source) or self._unknown(context, base, source)
            for base in event.receiver.sources
        )

    def _unknown(self, context: Context, source: int, user: int) -> bool:
        """Whether a value was just returned by a call of which nothing is known."""
        event = context.function.facts.events[source] if source >= 0 else None
        fresh = isinstance(event, f.Call) and not event.new
        known = self._calls(context, source) or context.callees.get(source)
        settled = any(_mentions(each, source) for each in context.function.facts.events[:user])
        return fresh and not known and not settled

    def _returns_task(self, function: FunctionInfo) -> bool:
        declared = function.facts.return_type
        return function.has(ASYNC) if declared is None else self._is_task(function, declared)

    def _is_task(self, function: FunctionInfo, declared: f.TypeName) -> bool:
        if declared.array:
            return False
        found = function.module.rules.type(self.machine.modules, function.module, function.scope, declared)
        return not isinstance(found, ClassInfo) and self.machine.knowledge.role_of(found) == "task"

    def _of_task(self, call: LibraryCall) -> bool:
        """``Task.Run``, ``Task.WhenAll``: a function of the task's type that gives a task."""
        owner = call.name.rpartition(".")[0]
        return call.entry is not None and call.role != "blocking" and self._role_above(owner) == "task"

    def _role_above(self, name: str) -> str:
        return self.machine.knowledge.role_of(name) or self.machine.knowledge.role_of(name.rpartition(".")[0])

    def _ended(self, call: LibraryCall) -> bool:
        """``Task.FromResult``: a task that was never pending."""
        return self._of_task(call) and call.entry is not None and call.entry.returns.startswith("arg")


def _mentions(event: f.Event, source: f.Source) -> bool:
    """Whether an event uses the value of a source."""
    return any(source in operand.sources for operand in f.operands(event))
