"""Findings as HTML, file by file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Final

from lmi_lint.catalog.page import Page
from lmi_lint.model.finding import Finding, Severity
from lmi_lint.model.names import RuleId
from lmi_lint.report.html.builder import Markup, element, join
from lmi_lint.report.html.excerpts import excerpts
from lmi_lint.report.places import Step, path_to, place_words
from lmi_lint.report.text import counts
from lmi_lint.triage.model import FunctionReport, Report

_OPEN: Final = 60
"""Up to so many findings files are shown unfolded."""
_HANDLERS: Final = 6
"""More functions that reach a finding are folded."""


def findings_section(report: Report, pages: Mapping[RuleId, Page], anchors: Mapping[str, str]) -> Markup:
    """All findings that the report shows. ``anchors``: keys of functions → ids of their rows."""
    functions = {item.function.key: item for item in report.functions}
    if not report.findings:
        return element("section", element("h2", "Findings"), element("p", "No findings."), id="findings")
    blocks = [
        _file(path, list(group), report, pages, functions, anchors)
        for path, group in groupby(report.findings, key=lambda finding: finding.location.path)
    ]
    return element("section", element("h2", "Findings"), _choice(report), *blocks, id="findings")


def badge(severity: Severity) -> Markup:
    """A severity, told by word and colour."""
    return element("span", severity.value, class_=f"badge {severity.value}")


def _choice(report: Report) -> Markup | None:
    """Boxes that hide the findings of a severity; the style sheet does it."""
    present = [severity for severity in reversed(Severity) if any(f.severity is severity for f in report.findings)]
    if len(present) < 2:
        return None
    boxes = [
        element(
            "label",
            element("input", type="checkbox", id=f"show-{severity.value}", checked=True),
            f" {severity.value}s",
        )
        for severity in present
    ]
    return element("fieldset", element("legend", "Show"), boxes, class_="choice")


def _file(
    path: str,
    findings: list[Finding],
    report: Report,
    pages: Mapping[RuleId, Page],
    functions: Mapping[str, FunctionReport],
    anchors: Mapping[str, str],
) -> Markup:
    tally = counts(Counter(finding.severity for finding in findings))
    return element(
        "details",
        element("summary", element("h3", path), " ", element("span", tally, class_="muted")),
        [_finding(finding, report, pages, functions, anchors) for finding in findings],
        open=len(report.findings) <= _OPEN,
        class_="file",
    )


def _finding(
    finding: Finding,
    report: Report,
    pages: Mapping[RuleId, Page],
    functions: Mapping[str, FunctionReport],
    anchors: Mapping[str, str],
) -> Markup:
    page = pages.get(finding.rule)
    name = f" {page.name}" if page else ""
    rule = element("a", finding.rule, href=f"#{finding.rule}") if page else finding.rule
    source = report.sources.get(finding.location.path)
    line = f"line {source.line_of(finding.location.span.start)}" if source else ""
    sure = f"{finding.confidence.value} confidence"
    about = [badge(finding.severity), element("span", rule, name, class_="rule")]
    about += [element("span", text, class_="muted") for text in (line, sure) if text]
    return element(
        "article",
        element("p", join(*about, between=" "), class_="about"),
        element("h4", finding.message),
        *excerpts(finding, report.sources),
        *_details(finding, report, functions, anchors),
        class_=f"finding card {finding.severity.value}",
    )


def _details(
    finding: Finding, report: Report, functions: Mapping[str, FunctionReport], anchors: Mapping[str, str]
) -> Iterator[Markup]:
    terms: list[Markup] = []
    steps = path_to(finding, functions, report.sources)
    if steps:
        last = Step("here", place_words(finding.location, report.sources))
        terms += _term("Path", element("ol", [_step(step) for step in (*steps, last)], class_="path"))
    if finding.reasons:
        terms += _term("Why", element("ul", [element("li", reason) for reason in finding.reasons]))
    if finding.remedy:
        terms += _term("Remedy", finding.remedy)
    if len(finding.handlers) > 1:
        terms += _term("Functions", _handlers(finding, functions, anchors))
    if terms:
        yield element("dl", terms, class_="facts")


def _term(name: str, *told: str | Markup) -> list[Markup]:
    return [element("dt", name), element("dd", *told)]


def _step(step: Step) -> Markup:
    where = element("code", step.where) if step.where else None
    more = f" and {step.more} more" if step.more else None
    return element("li", step.what, " " if step.what and where else None, where, more)


def _handlers(finding: Finding, functions: Mapping[str, FunctionReport], anchors: Mapping[str, str]) -> Markup:
    links = []
    for key in finding.handlers:
        name = functions[key].function.name if key in functions else key
        links.append(element("a", name, href=f"#{anchors[key]}") if key in anchors else element("span", name))
    listed = join(*links, between=", ")
    if len(links) <= _HANDLERS:
        return listed
    return element("details", element("summary", f"{len(links)} functions"), listed)
