"""Workflow commands of GitHub Actions, which show findings beside the changed lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lmi_lint.catalog.page import Page
from lmi_lint.model.finding import Finding, Severity
from lmi_lint.model.names import RuleId
from lmi_lint.report.neutral import neutral
from lmi_lint.triage.model import Report

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report, pages: Mapping[RuleId, Page]) -> str:
    """One command for each finding; columns count code points."""
    return "".join(f"{_command(finding, report, pages.get(finding.rule))}\n" for finding in report.findings)


def _command(finding: Finding, report: Report, page: Page | None) -> str:
    properties = {"file": finding.location.path, "title": f"{finding.rule} {page.name if page else ''}".strip()}
    source = report.sources.get(finding.location.path)
    if source is not None:
        start, end = source.position(finding.location.span.start), source.position(finding.location.span.end)
        properties |= {"line": str(start.line), "endLine": str(end.line)}
        if start.line == end.line:  # columns of several lines are refused
            properties |= {"col": str(start.column), "endColumn": str(end.column)}
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {told}::{_data(finding.message)}"


def _data(text: str) -> str:
    """Text after the second ``::``: per cent signs and line ends are written by their code."""
    return neutral(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
