"""LMI407 async-handler: the runtime does not await what a coroutine function returns."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.link.awaiting import gives_coroutine
from lmi_lint.link.names import ASYNC, FunctionInfo
from lmi_lint.link.program import Program
from lmi_lint.model.finding import Finding, Location, Severity
from lmi_lint.model.names import RuleId
from lmi_lint.model.source import Span


@rule("LMI407")
def async_handler(program: Program) -> Iterator[Finding]:
    """One finding per handler, if all that it may be return coroutines: of two functions one may run the other."""
    if program.runtime.awaits_handler:
        return
    called = [obj.function for obj in program.started.handler.objects()]
    roots = [context for context in program.roots if context.function in called]
    libraries = {(call.context, call.event) for call in program.calls}
    if not roots or None in called or not all(gives_coroutine(root, libraries, set()) for root in roots):
        return
    for ran in dict.fromkeys(root.function for root in roots):
        function = _written(program, ran)
        # Where a decorated definition is called as it stands, what its decorators make of it is not known.
        if function is not ran or not (_at_top(ran) and ran.facts.annotations):
            yield _finding(program, function)


def _written(program: Program, called: FunctionInfo) -> FunctionInfo:
    """The definition that people know as the handler: of a decorated one, not the function that the decorator made."""
    entry = program.deployed.entry
    module = program.machine.modules.module(entry.path) if entry is not None else None
    named = [each for each in module.functions if entry and each.facts.name == entry.symbol] if module else []
    return next((each for each in named if _at_top(each) and each.facts.annotations), called)


def _at_top(function: FunctionInfo) -> bool:
    return function.facts.outer in (None, 0)


def _finding(program: Program, function: FunctionInfo) -> Finding:
    facts = function.facts
    what = "is a coroutine function" if function.has(ASYNC) else "returns a coroutine"
    return Finding(
        rule=RuleId("LMI407"),
        message=f"{function.label} {what}, which {program.runtime.name} does not await: "
        "every invocation fails with Runtime.MarshalError",
        severity=Severity.ERROR,
        confidence=program.confidence(),
        location=Location(function.module.path, Span(facts.name_start, facts.name_end), "the handler"),
        reasons=("the runtime takes the coroutine for the result and cannot turn it into JSON",),
        subject=f"{program.deployed.handler or program.deployed.name}:async",
        handlers=(program.deployed.key,),
    )
