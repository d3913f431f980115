"""One call as its evaluation sees it: what it gives, and its two ways to go, into the project or out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link import library, overloads
from lmi_lint.link.heap import NONE

if TYPE_CHECKING:
    from lmi_lint.facts import model as f
    from lmi_lint.link.context import Context
    from lmi_lint.link.given import Given
    from lmi_lint.link.heap import Obj, Phase, Ref, Val
    from lmi_lint.link.machine import Machine
    from lmi_lint.link.names import FunctionInfo


class CallSite:
    """A call with its evaluated arguments; ``refers``: objects are among them; ``reached`` is set once anything
    answers it."""

    __slots__ = ("args", "context", "event", "index", "machine", "reached", "refers")

    def __init__(self, machine: Machine, context: Context, index: int, event: f.Call, args: Given) -> None:
        self.machine = machine
        self.context = context
        self.index = index
        self.event = event
        self.args = args
        self.refers = False
        for arg in args:
            if arg.refs:
                self.refers = True
        self.reached = False

    def invoke(
        self,
        function: FunctionInfo,
        this: Val,
        env: Obj | None,
        args: list[Val] | None = None,
        phase: Phase | None = None,
    ) -> Val:
        """Call a project function from here, in the phase of the caller unless told otherwise."""
        self.reached = True
        given = self.args if args is None else args
        phase = self.context.phase if phase is None else phase
        return self.machine.call(self.context, self.index, function, this, given, env, phase=phase)

    def fit(self, function: FunctionInfo) -> int:
        """How well a function's parameters fit the arguments."""
        return overloads.fitness(self.machine, function, self.args)

    def library(self, name: str, receiver: Val = NONE, *targets: Ref, new: bool = False) -> Val:
        """Call something outside the project from here. ``targets``: the objects of one type that have the method."""
        self.reached = True
        return library.call(self, name, receiver, targets, new=new)
