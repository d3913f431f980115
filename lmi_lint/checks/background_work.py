"""LMI110 background-work: work that outlives the invocation that began it."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.link.background import Background, Floating
from lmi_lint.link.heap import Phase
from lmi_lint.link.names import FunctionInfo
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.model.finding import Finding, Location, Severity
from lmi_lint.model.names import RuleId
from lmi_lint.model.source import Span


@rule("LMI110")
def background_work(program: Program) -> Iterator[Finding]:
    """One finding per place of the code that leaves work running."""
    background = program.background
    floating: dict[tuple[FunctionInfo, int], Floating] = {}
    for each in background.floating():
        known = floating.setdefault((each.context.function, each.event), each)
        if known.handled and not each.handled:
            floating[each.context.function, each.event] = each
    for each in floating.values():
        yield _floating(program, each)
    for function in background.unawaitable():
        yield _unawaitable(program, background, function)
    started: dict[tuple[FunctionInfo, int], LibraryCall] = {}
    for call in background.unended():
        started.setdefault((call.context.function, call.event), call)
    for call in started.values():
        yield _started(program, background, call)


def _floating(program: Program, found: Floating) -> Finding:
    fatal = not found.handled and (found.void or program.runtime.dies_of_rejection)
    what = f"{found.name} drops the tasks of its function" if found.lost else f"nobody awaits {found.name}"
    end = f"a failure in it ends {program.runtime.lost_by_exit}" if fatal else "it may run on after the invocation"
    site = (found.context, found.event)
    return Finding(
        rule=RuleId("LMI110"),
        message=f"{what}: {end}",
        severity=Severity.ERROR if fatal else Severity.WARNING,
        confidence=program.confidence(found.context),
        location=program.location(site, "begun here"),
        trace=program.trace(found.context),
        reasons=(program.runtime.explanation,),
        subject=program.subject(found.context, found.name),
        handlers=(program.deployed.key,),
    )


def _unawaitable(program: Program, background: Background, function: FunctionInfo) -> Finding:
    facts = function.facts
    context = next(each for each in background.path if each.function is function)
    return Finding(
        rule=RuleId("LMI110"),
        message=f"nobody can await {function.label}, which is async void: a failure in it ends "
        f"{program.runtime.lost_by_exit}",
        severity=Severity.ERROR,
        confidence=program.confidence(context),
        location=Location(function.module.path, Span(facts.name_start, facts.name_end), "async void"),
        trace=program.trace(context),
        subject=program.subject(context, "async void"),
        remedy="Return a Task, and await it",
        handlers=(program.deployed.key,),
    )


def _started(program: Program, background: Background, call: LibraryCall) -> Finding:
    fatal = program.runtime.dies_of_rejection and background.rejects(call)
    if fatal:
        message = f"a failure in what {call.name} runs ends {program.runtime.lost_by_exit}"
    elif call.phase is Phase.LOAD:
        message = f"what {call.name} runs belongs to no invocation, and runs beside them all"
    else:
        message = f"nothing waits for what {call.name} begins: it may run on after the invocation"
    reasons = [call.entry.why] if call.entry is not None and call.entry.why else []
    remedy = call.entry.instead if call.entry is not None else ""
    severity = Severity.ERROR if fatal else Severity.WARNING
    return of_call(program, "LMI110", call, message, severity, reasons=reasons, remedy=remedy)
