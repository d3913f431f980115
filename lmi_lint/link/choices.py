"""What decides which of several values is taken: the tests of the arms around an event, not those after which a
function may have been left before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.facts.flows import parts

if TYPE_CHECKING:
    from lmi_lint.link.program import Program
    from lmi_lint.link.record import Access


def chosen_by_data(program: Program, write: Access, accesses: Iterable[Access]) -> bool:
    """Whether the same evaluation writes something else to the place elsewhere, and the invocation's data decides which
    of the two writes happens, or whether the later one does."""
    context = write.context
    facts = context.function.facts
    for other in accesses:
        if other is write or other.context is not context or not other.mode.changes or not _differ(write, other):
            continue
        for test in _tests_between(facts, write.event, other.event):
            if program.invocation_data(program.machine.source(context, test)):
                return True
    return False


def one_of_several(program: Program, write: Access, accesses: Iterable[Access]) -> bool:
    """Whether others see now this value and now another one: the invocation's data chooses, or the same evaluation puts
    something else there before or after."""
    facts = write.context.function.facts
    for other in accesses:
        if other is write or other.context is not write.context or not other.mode.changes:
            continue
        values = _stored(write), _stored(other)
        if values[0] != values[1] and not _exclusive(facts, write.event, other.event):
            return True
    return chosen_by_data(program, write, accesses)


def deciding(facts: f.FunctionFacts, event: int) -> tuple[f.Source, ...]:
    """What is tested where a way is chosen on which an event lies."""
    found: dict[f.Source, None] = {}
    for branch, arm in _arms_around(facts.flow, event):
        earlier = {test for before in facts.events[: min(_steps(branch))] for test in before.guards}
        guards = facts.events[min(_steps(arm))].guards
        found.update(dict.fromkeys([test for test in guards if test not in earlier] or guards[-1:]))
    return tuple(found)


def _differ(left: Access, right: Access) -> bool:
    """Whether two writes plainly give two things: constants, or objects of which none is the other's."""
    first, second = _stored(left), _stored(right)
    if first.constant and second.constant:
        return (type(first.const), first.const) != (type(second.const), second.const)
    objects = set(left.value.objects()), set(right.value.objects())
    return bool(objects[0] and objects[1]) and objects[0].isdisjoint(objects[1])


def _stored(access: Access) -> f.Operand:
    event = access.context.function.facts.events[access.event]
    return event.value if isinstance(event, f.StoreVar | f.Store | f.StoreFree) else f.NOTHING


def _tests_between(facts: f.FunctionFacts, left: int, right: int) -> Iterator[f.Source]:
    """What is tested last before each arm that holds one of two events and not the other."""
    first, second = list(_arms_around(facts.flow, left)), list(_arms_around(facts.flow, right))
    beside = {id(branch) for branch, _ in first} & {id(branch) for branch, _ in second}
    for mine, others, other in ((first, second, right), (second, first, left)):
        around = {id(arm) for _, arm in others}
        for branch, arm in mine:
            guards = facts.events[min(_steps(arm))].guards
            if id(arm) in around or not guards:
                continue
            if id(branch) in beside or guards[-1] not in facts.events[other].guards:
                yield guards[-1]


def _exclusive(facts: f.FunctionFacts, left: int, right: int) -> bool:
    """Whether two events lie on different arms of one branch."""
    first, second = ({id(branch): id(arm) for branch, arm in _arms_around(facts.flow, e)} for e in (left, right))
    return any(second.get(branch, arm) != arm for branch, arm in first.items())


def _arms_around(flow: f.Flow, event: int) -> Iterator[tuple[f.Branch, f.Flow]]:
    """The arms that an event stands in, each with its branch, outermost first."""
    for part in parts(flow):
        if event in _steps(part):
            if isinstance(flow, f.Branch):
                yield flow, part
            yield from _arms_around(part, event)


def _steps(flow: f.Flow) -> Iterator[int]:
    if isinstance(flow, f.Step):
        yield flow.event
    for part in parts(flow):
        yield from _steps(part)
