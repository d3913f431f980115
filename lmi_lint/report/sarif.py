"""SARIF 2.1.0, as GitHub code scanning and editors read it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import sarif_om as om
from msgspec import Struct

from lmi_lint import __version__
from lmi_lint.catalog.page import Page
from lmi_lint.model.finding import Finding, Location, Problem
from lmi_lint.model.names import RuleId
from lmi_lint.model.source import TextFile
from lmi_lint.report import json_v1, sarif_json, sarif_rules
from lmi_lint.report.neutral import neutral
from lmi_lint.triage.model import Report

_ROOT: Final = "%SRCROOT%"
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_HOME: Final = "https://pypi.org/project/lmi-lint/"
_LINK: Final = re.compile(r"\[(?=[^\[\]]*\]\()")
_CUT: Final = "cut"


class Bounds(Struct, frozen=True):
    """What GitHub code scanning takes (docs.github.com, SARIF support for code scanning): ``results`` of a run,
    ``steps`` of one path, ``locations`` of one result, ``size`` of the compressed file in bytes."""

    results: int = 25_000
    steps: int = 1_000
    locations: int = 100
    size: int = 10_000_000


def render(report: Report, pages: Mapping[RuleId, Page], bounds: Bounds = Bounds()) -> str:  # noqa: B008  frozen
    """The report as SARIF text with a final line end. What is beyond the bounds is left out, the least severe results
    first, and a notification says how much."""
    keep = min(len(report.findings), bounds.results)
    while True:
        text = sarif_json.dumps(_log(report, pages, bounds, keep))
        if len(text) <= bounds.size or keep == 0:
            return text
        size = len(gzip.compress(text.encode(), compresslevel=6, mtime=0))
        if size <= bounds.size:
            return text
        keep = min(keep - 1, int(keep * bounds.size / size * 0.95))


def _log(report: Report, pages: Mapping[RuleId, Page], bounds: Bounds, keep: int) -> om.SarifLog:
    findings = report.findings
    if keep < len(findings):
        worst = sorted(range(len(findings)), key=lambda index: -findings[index].severity.rank)[:keep]
        findings = tuple(findings[index] for index in sorted(worst))
    problems = [*report.problems, *_cuts(report.findings, findings, bounds)]
    index = {rule: position for position, rule in enumerate(pages)}
    kinds = list(
        dict.fromkeys([problem.kind for problem in problems] + ["internal-error"] * bool(report.internal_errors))
    )
    driver = om.ToolComponent(
        name="lmi-lint",
        semantic_version=__version__,
        version=__version__,
        information_uri=_HOME,
        rules=sarif_rules.rules(pages),
        notifications=sarif_rules.notifications(kinds) or None,
    )
    names = {item.function.key: item.function.name for item in report.functions}
    run = om.Run(
        tool=om.Tool(driver=driver),
        results=[_result(each, pages, index, report.sources, names, bounds) for each in findings],
        column_kind="utf16CodeUnits",
        automation_details=om.RunAutomationDetails(id="lmi-lint/"),
        original_uri_base_ids={
            _ROOT: om.ArtifactLocation(description=om.Message(text="The root folder of the project."))
        },
        invocations=[_invocation(report, problems, kinds)],
        properties=_properties(report),
    )
    return om.SarifLog(version="2.1.0", schema_uri=_SCHEMA, runs=[run])


def _properties(report: Report) -> dict[str, Any]:
    """What is said of the run itself; SARIF has no words for it."""
    told = json_v1.summary(report)
    fitness = json_v1.fitness(report)
    return told if fitness is None else {**told, "fitness": fitness}


# --------------------------------------------------------------------------- results


def _result(
    finding: Finding,
    pages: Mapping[RuleId, Page],
    index: Mapping[RuleId, int],
    sources: Mapping[str, TextFile],
    names: Mapping[str, str],
    bounds: Bounds,
) -> om.Result:
    page = pages.get(finding.rule)
    remedy = finding.remedy or (page.remedy if page is not None else "")
    text = f"{finding.message}." + (f"\n{remedy}." if remedy else "")
    related = [_location(item, sources, ident) for ident, item in enumerate(finding.related[: bounds.locations], 1)]
    return om.Result(
        rule_id=finding.rule,
        rule_index=index.get(finding.rule, -1),
        level=sarif_rules.LEVELS[finding.severity],
        message=_message(text),
        locations=[_location(finding.location, sources)],
        related_locations=related or None,
        code_flows=[_flow(finding, sources, bounds)] if finding.trace else None,
        partial_fingerprints={"lmiLint/v1": finding.fingerprint} if finding.fingerprint else None,
        suppressions=[om.Suppression(kind="inSource")] if finding.suppressed else None,
        properties={
            "confidence": finding.confidence.value,
            "functions": [neutral(names.get(key, key)) for key in dict.fromkeys(finding.handlers)],
            "reasons": [neutral(reason) for reason in finding.reasons],
        },
    )


def _flow(finding: Finding, sources: Mapping[str, TextFile], bounds: Bounds) -> om.CodeFlow:
    """The path from the handler to the finding: its first steps, where it is too long, and always its end."""
    steps = [*finding.trace[: bounds.steps - 1], finding.location]
    locations = [om.ThreadFlowLocation(location=_location(step, sources)) for step in steps]
    return om.CodeFlow(thread_flows=[om.ThreadFlow(locations=locations)])


def _location(location: Location, sources: Mapping[str, TextFile], ident: int = -1) -> om.Location:
    return om.Location(
        id=ident,
        physical_location=om.PhysicalLocation(
            artifact_location=om.ArtifactLocation(uri=_uri(location.path), uri_base_id=_ROOT),
            region=_region(location, sources.get(location.path)),
        ),
        message=_message(location.message) if location.message else None,
    )


def _uri(path: str) -> str:
    """A relative reference; bytes of file names that are no text stand as they are on disk."""
    return quote(path.encode("utf-8", "surrogateescape"), safe="/~!$&'()*+,;=@-._")


def _region(location: Location, source: TextFile | None) -> om.Region:
    if source is None:
        return om.Region(start_line=1)
    start, end = source.position(location.span.start), source.position(location.span.end)
    return om.Region(
        start_line=start.line, start_column=start.utf16_column, end_line=end.line, end_column=end.utf16_column
    )


def _message(text: str) -> om.Message:
    """Plain text: what looks like a link of ours (3.11.6) is escaped, what steers a terminal as well."""
    shown = "\n".join(neutral(line) for line in text.split("\n"))
    return om.Message(text=_LINK.sub(r"\\[", shown))


# --------------------------------------------------------------------------- the run itself


def _invocation(report: Report, problems: Sequence[Problem], kinds: Sequence[str]) -> om.Invocation:
    told = [_notification(problem, kinds, report.sources) for problem in problems]
    told += [
        om.Notification(
            descriptor=om.ReportingDescriptorReference(id="internal-error", index=kinds.index("internal-error")),
            message=_message(message),
            level="error",
        )
        for message in report.internal_errors
    ]
    return om.Invocation(execution_successful=not report.internal_errors, tool_execution_notifications=told or None)


def _notification(problem: Problem, kinds: Sequence[str], sources: Mapping[str, TextFile]) -> om.Notification:
    return om.Notification(
        descriptor=om.ReportingDescriptorReference(id=problem.kind, index=kinds.index(problem.kind)),
        message=_message(f"{problem.message}."),
        level="warning",
        locations=[_location(problem.location, sources)] if problem.location is not None else None,
    )


def _cuts(findings: Sequence[Finding], kept: Sequence[Finding], bounds: Bounds) -> list[Problem]:
    """What the bounds left out, one problem for each kind."""
    found = []
    if len(kept) < len(findings):
        what = f"{len(findings) - len(kept)} of {len(findings)} findings, the least severe ones"
        found.append(f"{what}, are not in this file, which holds what GitHub code scanning takes")
    if any(len(finding.trace) > bounds.steps - 1 for finding in kept):
        found.append(f"paths of more than {bounds.steps} steps are cut")
    if any(len(finding.related) > bounds.locations for finding in kept):
        found.append(f"related places beyond {bounds.locations} of one finding are left out")
    return [Problem(_CUT, message) for message in found]
