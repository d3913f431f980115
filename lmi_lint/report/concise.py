"""One line for each finding, as editors and terminals parse it: ``path:line:column: severity LMI104 message``."""

from __future__ import annotations

from lmi_lint.model.finding import Finding
from lmi_lint.report.neutral import neutral
from lmi_lint.triage.model import Report


def render(report: Report) -> str:
    """All findings, each on one line; lines and columns count from 1, columns in code points."""
    return "".join(f"{_line(finding, report)}\n" for finding in report.findings)


def _line(finding: Finding, report: Report) -> str:
    source = report.sources.get(finding.location.path)
    line, column = 1, 1
    if source is not None:
        position = source.position(finding.location.span.start)
        line, column = position.line, position.column
    message = " ".join(finding.message.split())
    return neutral(f"{finding.location.path}:{line}:{column}: {finding.severity.value} {finding.rule} {message}")
