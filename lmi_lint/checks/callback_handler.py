"""LMI401 callback-handler: the runtime refuses handlers that take a callback, and gives none to any other."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link.entrypoints import arity
from lmi_lint.link.heap import Obj
from lmi_lint.link.presence import value_tested
from lmi_lint.link.program import Program
from lmi_lint.model.finding import Finding, Location, Severity
from lmi_lint.model.names import RuleId
from lmi_lint.model.source import Span


@rule("LMI401")
def callback_handler(program: Program) -> Iterator[Finding]:
    """One finding per handler function whose length is too great, and per call of the callback that a handler of
    another length looks for in vain; none where the code asks first whether there is one."""
    limit = program.runtime.rejected_arity
    if limit is None:
        return
    for obj, count in arity(program.machine, program.started.handler):
        location = _where(obj)
        if count < limit or location is None:
            continue
        yield Finding(
            rule=RuleId("LMI401"),
            message=f"the handler takes {count} parameters; {program.runtime.name} refuses it at init as "
            "callback based",
            severity=Severity.ERROR,
            confidence=program.confidence(),
            location=location,
            reasons=("the runtime counts the parameters before the first default or rest parameter",),
            subject=f"{program.deployed.handler or program.deployed.name}:arity",
            handlers=(program.deployed.key,),
        )
    for call in program.request_calls(("callback.absent",)):
        if value_tested(program, call):
            continue
        message = "the handler is given no callback: this calls undefined and throws a TypeError"
        yield of_call(program, "LMI401", call, message, Severity.ERROR)


def _where(obj: Obj) -> Location | None:
    if obj.function is not None:
        facts = obj.function.facts
        return Location(obj.function.module.path, Span(facts.start, facts.end), "declared here")
    if obj.site is not None:
        path, start, end = obj.site
        return Location(path, Span(start, end), "made here")
    return None
