"""The state of one function's extraction: events, flow, guards and the values of its locals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from lmi_lint.facts.model import Event, Flow, Operand, Presence, Region, Source, Step
from lmi_lint.facts.scopes import RULES, Bindings, Variable
from lmi_lint.facts.values import join, merge
from lmi_lint.ir import nodes as ir
from lmi_lint.ir.nodes import Flags

if TYPE_CHECKING:
    from lmi_lint.facts.presence import Claim

Environment = dict[Variable, Operand]
"""The values of the locals at one point."""

Evaluations: TypeAlias = "Mapping[type, Callable[[Frame, Any], Operand]]"
"""Node type → the function that emits its events and gives its value."""

_Guards: TypeAlias = tuple[Source, ...]
Exits: TypeAlias = tuple[_Guards, _Guards, _Guards, _Guards, _Guards]
"""Guards of the exits by return, raise, jump, labelled jump and switch."""

Runs: TypeAlias = "Mapping[type, Callable[[Frame, Any], bool]]"
"""Node type → the function that runs it and tells whether control cannot pass it."""


class Frame:
    """What is known while the body of one function runs over abstract values.

    evaluations, runs   how each node type is treated
    guards      guards of the next event; ``regions`` the held regions' indexes
    flow        the items of the innermost sequence being built
    returned, raised, jumped, labelled, switched   guards under which the function, a try body, the innermost loop,
                a labelled loop, a switch may already have been left
    by_ref      parameters whose new values the caller sees: they count among what is returned
    turns       how many loops surround the present point
    handling    the name of what the innermost handler caught
    present     which values are there, are not, or equal a text, at which events; ``lasting``: what is so from an event
                on to the end of the innermost block
    """

    __slots__ = (
        "bindings",
        "by_ref",
        "env",
        "evaluations",
        "events",
        "flow",
        "function",
        "guards",
        "handling",
        "held",
        "index",
        "jumped",
        "labelled",
        "lasting",
        "module",
        "names",
        "present",
        "raised",
        "regions",
        "returned",
        "returns",
        "rules",
        "runs",
        "suspends_at_yield",
        "switched",
        "turns",
    )

    def __init__(self, module: ir.Module, bindings: Bindings, index: int, evaluations: Evaluations, runs: Runs) -> None:
        self.evaluations = evaluations
        self.runs = runs
        self.module = module
        self.bindings = bindings
        self.names = bindings.names
        self.rules = RULES[module.language]
        self.index = index
        self.function = module.functions[index]
        self.events: list[Event] = []
        self.flow: list[Flow] = []
        self.held: list[Region] = []
        self.regions: tuple[int, ...] = ()
        self.guards: tuple[Source, ...] = ()
        self.returned: tuple[Source, ...] = ()
        self.raised: tuple[Source, ...] = ()
        self.jumped: tuple[Source, ...] = ()
        self.labelled: tuple[Source, ...] = ()
        self.switched: tuple[Source, ...] = ()
        self.returns: list[Operand] = []
        self.by_ref: set[Variable] = set()
        self.env: Environment = {}
        self.turns = 0
        self.handling = ""
        self.present: list[Presence] = []
        self.lasting: list[tuple[tuple[Claim, ...], int]] = []
        self.suspends_at_yield = Flags.ASYNC in self.function.flags

    def evaluate(self, node: ir.Node) -> Operand:
        """The value of an expression."""
        return self.evaluations[type(node)](self, node)

    def run(self, body: ir.Block) -> bool:
        """Run statements in order; True if control cannot reach their end (it returned or raised)."""
        runs = self.runs
        rest = body
        if self.rules.hoists_functions and any(map(_defines_function, body)):
            rest = tuple([statement for statement in body if not _defines_function(statement)])
            for statement in body:
                if _defines_function(statement):
                    runs[ir.Define](self, statement)
        left = False
        outside = len(self.lasting)
        for statement in rest:
            if runs[type(statement)](self, statement):
                left = True
        for claims, first in self.lasting[outside:]:
            self.note_presence(claims, first, len(self.events))
        del self.lasting[outside:]
        return left

    def note_presence(self, claims: tuple[Claim, ...], first: int, end: int) -> None:
        """What is so at the events from ``first`` to before ``end``."""
        if first < end:
            self.present += [Presence(source, first, end, absent, text) for source, absent, text in claims]

    def emit(self, event: Event) -> Operand:
        """Add an event here; the operand that stands for its result."""
        number = len(self.events)
        self.events.append(event)
        self.flow.append(Step(number))
        sources = (number,)
        return Operand(sources, sources)

    def exits(self) -> Exits:
        """The guards of all exits so far."""
        return self.returned, self.raised, self.jumped, self.labelled, self.switched

    def set_exits(self, exits: Exits) -> None:
        """Go back to earlier exits."""
        self.returned, self.raised, self.jumped, self.labelled, self.switched = exits

    def add_exits(self, exits: Exits) -> None:
        """Join the exits of another arm."""
        self.returned = merge(self.returned, exits[0])
        self.raised = merge(self.raised, exits[1])
        self.jumped = merge(self.jumped, exits[2])
        self.labelled = merge(self.labelled, exits[3])
        self.switched = merge(self.switched, exits[4])

    def guarded(self, guards: tuple[Source, ...]) -> tuple[Source, ...]:
        """``guards`` and the tests that may have led away before this point."""
        if self.returned:
            guards = merge(guards, self.returned)
        if self.raised:
            guards = merge(guards, self.raised)
        if self.jumped:
            guards = merge(guards, self.jumped)
        if self.labelled:
            guards = merge(guards, self.labelled)
        if self.switched:
            guards = merge(guards, self.switched)
        return guards


def _defines_function(statement: ir.Stmt) -> bool:
    return type(statement) is ir.Define and statement.function is not None


def join_environments(left: Environment, right: Environment) -> Environment:
    """What the locals may be after either; may reuse ``left``."""
    for variable, value in right.items():
        known = left.get(variable)
        if known is None:
            left[variable] = value
        elif known is not value:
            left[variable] = join(known, value)
    return left
