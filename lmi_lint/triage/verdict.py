"""What stands between each function and managed instances."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lmi_lint.model.finding import Confidence, Finding, Severity
from lmi_lint.model.verdict import Verdict
from lmi_lint.triage.model import Analysed, FunctionReport


def judge(analysed: Sequence[Analysed], findings: Sequence[Finding]) -> tuple[FunctionReport, ...]:
    """A verdict per function, in their order, from all findings that are not suppressed, shown or not."""
    by_key: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.confidence is Confidence.LOW:
            continue
        for key in finding.handlers:
            by_key.setdefault(key, []).append(finding)
    return tuple(_report(item, by_key.get(item.function.key, ())) for item in analysed)


def _report(item: Analysed, counted: Iterable[Finding]) -> FunctionReport:
    findings = tuple(counted)
    listed = [finding.severity for finding in findings]
    errors, warnings = listed.count(Severity.ERROR), listed.count(Severity.WARNING)
    if errors:
        verdict = Verdict.BLOCKED
    elif item.problem:
        verdict = Verdict.NOT_ANALYSED
    elif warnings:
        verdict = Verdict.NEEDS_WORK
    else:
        verdict = Verdict.NOT_ANALYSED if item.cut else Verdict.READY
    return FunctionReport(
        function=item.function,
        verdict=verdict,
        errors=errors,
        warnings=warnings,
        notes=listed.count(Severity.NOTE),
        calls_resolved=item.calls_resolved,
        calls_unresolved=item.calls_unresolved,
        counted=findings,
        problem=item.problem,
    )
