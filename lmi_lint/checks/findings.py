"""How checks turn what link found into findings."""

from __future__ import annotations

from collections.abc import Sequence

from lmi_lint.link.context import Site
from lmi_lint.link.program import Program
from lmi_lint.link.races import Race, RaceKind
from lmi_lint.link.record import Access, LibraryCall
from lmi_lint.model.finding import Confidence, Finding, Location, Severity
from lmi_lint.model.names import RuleId
from lmi_lint.model.runtime import Preempts

ALSO = {
    RaceKind.REQUEST_DATA: "it also keeps data of the invocation",
    RaceKind.UNSAFE_TYPE: "its type is not safe to share either",
    RaceKind.LOST_UPDATE: "an update can be lost as well",
    RaceKind.LAZY_INIT: "it can be initialised twice as well",
    RaceKind.INCONSISTENT_LOCK: "its locks do not agree either",
    RaceKind.SHARED_WRITE: "another invocation can overwrite it as well",
    RaceKind.GROWTH: "nothing is ever taken out of it either",
}
# What mends these differs with the way invocations share; for the other kinds the page says it.
_REMEDIES = {
    (RaceKind.LAZY_INIT, Preempts.AT_SUSPENSION): "Keep the promise instead of the value, or initialise at load",
    (RaceKind.LAZY_INIT, Preempts.ANYWHERE): "Initialise at load, in a holder class, or under one lock",
    (RaceKind.LOST_UPDATE, Preempts.AT_SUSPENSION): "Read and write with no await between",
    (RaceKind.LOST_UPDATE, Preempts.ANYWHERE): "Use an atomic type, or one lock for the read and the write",
}


def of_race(program: Program, rule: str, race: Race, message: str, seen: str, remedy: str = "") -> Finding:
    """The finding of a race: at the write, with the access that sees it and the path from the handler. ``seen`` says
    what the other access does."""
    access = race.access
    related = []
    if race.other is not None and race.other is not access:
        related.append(program.location((race.other.context, race.other.event), seen + _after(program, race)))
    related += [program.location((other.context, other.event), "touches it too") for other in race.others]
    declared = program.declaration(access)
    if declared is not None:
        related.append(declared)
    contexts = [access.context] if race.other is None else [access.context, race.other.context]
    return Finding(
        rule=RuleId(rule),
        message=message,
        severity=race.severity,
        confidence=program.confidence(*contexts),
        location=Location(access.path, access.span, f"{access.method}() here" if access.method else "written here"),
        related=tuple(related),
        trace=program.trace(access.context),
        reasons=(*race.reasons, program.runtime.explanation, *(ALSO[kind] for kind in race.also)),
        subject=program.subject(access.context, access.place_name),
        remedy=remedy or _REMEDIES.get((race.kind, program.runtime.preempts), ""),
        handlers=(program.deployed.key,),
    )


def _after(program: Program, race: Race) -> str:
    if race.gap is None:
        return ""
    path = race.gap[0].function.module.path
    line = program.line(race.gap)
    where = f"on line {line}" if race.other is not None and race.other.path == path else f"in {_name(path)}:{line}"
    return f" ({program.gap_name(race.gap)} {where} lies between)"


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def of_call(
    program: Program,
    rule: str,
    call: LibraryCall,
    message: str,
    severity: Severity,
    *,
    reasons: Sequence[str] = (),
    remedy: str = "",
    related: Sequence[Location] = (),
    confidence: Confidence | None = None,
) -> Finding:
    """The finding of a library call, with the path from the handler."""
    site = (call.context, call.event)
    return at_site(program, rule, site, message, severity, call.name, reasons, remedy, related, confidence)


def of_access(
    program: Program, rule: str, access: Access, message: str, severity: Severity, *, reasons: Sequence[str] = ()
) -> Finding:
    """The finding of an access, with the path from the handler."""
    site = (access.context, access.event)
    return at_site(program, rule, site, message, severity, access.place_name, reasons)


def at_site(
    program: Program,
    rule: str,
    site: Site,
    message: str,
    severity: Severity,
    what: str,
    reasons: Sequence[str] = (),
    remedy: str = "",
    related: Sequence[Location] = (),
    confidence: Confidence | None = None,
) -> Finding:
    """The finding of an event, with the path from the handler. ``what``: the name of what it is about."""
    return Finding(
        rule=RuleId(rule),
        message=message,
        severity=severity,
        confidence=confidence or program.confidence(site[0]),
        location=program.location(site, "here"),
        related=tuple(related),
        trace=program.trace(site[0]),
        reasons=tuple(reasons),
        subject=program.subject(site[0], what),
        remedy=remedy,
        handlers=(program.deployed.key,),
    )
