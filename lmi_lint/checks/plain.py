"""Findings of what is no event of code: settings, manifests, files. They have no path from a handler."""

from __future__ import annotations

from collections.abc import Sequence

from lmi_lint.model.finding import Confidence, Finding, Location, Severity
from lmi_lint.model.names import RuleId


def plain_finding(
    rule: str,
    message: str,
    severity: Severity,
    location: Location,
    subject: str,
    handlers: Sequence[str] = (),
    *,
    confidence: Confidence = Confidence.HIGH,
    reasons: Sequence[str] = (),
    related: Sequence[Location] = (),
    remedy: str = "",
) -> Finding:
    """See ``Finding`` for the parts."""
    return Finding(
        rule=RuleId(rule),
        message=message,
        severity=severity,
        confidence=confidence,
        location=location,
        related=tuple(related),
        reasons=tuple(reasons),
        subject=subject,
        remedy=remedy,
        handlers=tuple(handlers),
    )


def here(location: Location) -> Location:
    """The place itself, as the one that a finding is about."""
    return Location(location.path, location.span, "here")
