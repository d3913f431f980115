"""Every call event of a linked program with its values: of libraries, of project functions, and of nothing known.

``Program.calls`` holds what libraries are asked to do. Whether an object or a path leaves the reach of what is
known takes the other calls too: an argument of an unknown function, a stream piped by a method of an unknown value.
"""

from __future__ import annotations

from collections import deque
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.facts import model as f
from lmi_lint.link.context import Context
from lmi_lint.link.heap import NONE, Kind, Obj, Val
from lmi_lint.link.record import LibraryCall

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lmi_lint.link.program import Program


class Use(Struct, frozen=True, eq=False):
    """One call event of one evaluation. ``library``: what it is as calls of libraries; ``project``: it reaches
    functions of the project; ``of_value``: it is a method that values of the language have, such as one of a text. None
    of these: nobody knows what it calls."""

    context: Context
    event: int
    receiver: Val
    args: tuple[Val, ...]
    result: Val
    library: tuple[LibraryCall, ...]
    project: bool
    of_value: bool


class Uses:
    """The call events of all evaluations, and which of them an object takes part in."""

    def __init__(self, program: Program) -> None:
        self._program = program

    @cached_property
    def all(self) -> list[Use]:
        """All of them, in the order of evaluations and events."""
        machine = self._program.machine
        library = self._program.index.at
        found = []
        for context in machine.contexts.values():
            for index, event in enumerate(context.function.facts.events):
                if not isinstance(event, f.Call):
                    continue
                base = event.receiver or event.callee
                found.append(
                    Use(
                        context,
                        index,
                        machine.value(context, base) if base is not None else NONE,
                        tuple(machine.value(context, arg.value) for arg in event.args),
                        context.results[index],
                        tuple(library.get((context, index), ())),
                        bool(context.callees.get(index) or context.deferred.get(index)),
                        self._is_of_value(context, event),
                    )
                )
        return found

    def _is_of_value(self, context: Context, event: f.Call) -> bool:
        knowledge = self._program.knowledge
        types = context.function.module.rules.value_types() if event.receiver is not None else ()
        return any(knowledge.call_entry(f"{name}.{event.method}", len(event.args), None) for name in types)

    @cached_property
    def _of_object(self) -> dict[Obj, list[Use]]:
        found: dict[Obj, list[Use]] = {}
        for use in self.all:
            for obj in dict.fromkeys(self._taking_part(use)):
                found.setdefault(obj, []).append(use)
        return found

    def _taking_part(self, use: Use) -> Iterator[Obj]:
        heap = self._program.machine.heap
        for value in (use.receiver, *use.args):
            for obj in value.objects():
                yield obj
                if obj.kind is Kind.OBJECT and obj.klass is None:  # an options object or a list
                    for key in heap.keys.get(obj, ()):
                        yield from heap.cells[obj, key].objects()

    def of_result(self, made: Iterable[Obj]) -> list[Use]:
        """The calls that what a library made takes part in, itself or through what they make of it in turn: a
        writer around a stream, a cursor of a connection."""
        queue = deque(obj for obj in made if obj.kind is Kind.INSTANCE)
        seen = set(queue)
        found: dict[int, Use] = {}
        while queue:
            for use in self._of_object.get(queue.popleft(), ()):
                found.setdefault(id(use), use)
                if use.project:
                    continue  # what a function of the project returns, it makes by calls of its own
                for obj in use.result.objects():
                    if obj.kind is Kind.INSTANCE and obj not in seen:
                        seen.add(obj)
                        queue.append(obj)
        return list(found.values())
