"""One finding where several functions report the same."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lmi_lint.model.finding import Finding


def merge(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of equal rule, location and message become one: handlers joined in order, highest severity and
    confidence; the trace, reasons and related locations of the gravest.
    """
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        span = finding.location.span
        key = (finding.rule, finding.location.path, span.start, span.end, finding.message)
        groups.setdefault(key, []).append(finding)
    return [members[0] if len(members) == 1 else _joined(members) for members in groups.values()]


def _joined(members: list[Finding]) -> Finding:
    gravest = max(members, key=lambda finding: (finding.severity.rank, finding.confidence.rank))
    return msgspec.structs.replace(
        gravest,
        confidence=max((finding.confidence for finding in members), key=lambda confidence: confidence.rank),
        remedy=next((finding.remedy for finding in (gravest, *members) if finding.remedy), ""),
        handlers=tuple(dict.fromkeys(name for finding in members for name in finding.handlers)),
    )
