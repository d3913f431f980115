"""How rules on configuration say where they mean."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment
from lmi_lint.model.finding import Confidence, Finding, Location, Severity
from lmi_lint.model.names import RuleId
from lmi_lint.model.source import Span


def of_setting(
    function: DeployedFunction,
    rule: str,
    setting: str,
    message: str,
    severity: Severity,
    *,
    reasons: Sequence[str] = (),
    related: Sequence[Location] = (),
) -> Finding:
    """The finding of a function's setting (a field of ``DeployedFunction``): where it is written, else at the
    function."""
    at = dict(function.locations).get(setting) or function.location or Location(function.template or "", Span(0, 0))
    return _finding(rule, message, severity, at, f"{function.name}:{setting}", (function.key,), reasons, related)


def of_provider_setting(
    provider: CapacityProvider,
    deployment: Deployment,
    rule: str,
    setting: str,
    message: str,
    severity: Severity,
    *,
    reasons: Sequence[str] = (),
    related: Sequence[Location] = (),
) -> Finding:
    """The finding of a provider's setting (a field of ``CapacityProvider``), which concerns all its "
    "functions."""
    at = dict(provider.locations).get(setting) or provider.location
    attached = tuple(each.key for each in deployment.functions if deployment.provider_of(each) == provider)
    return _finding(rule, message, severity, at, f"{provider.name}:{setting}", attached, reasons, related)


def _finding(
    rule: str,
    message: str,
    severity: Severity,
    at: Location,
    subject: str,
    handlers: tuple[str, ...],
    reasons: Sequence[str],
    related: Sequence[Location],
) -> Finding:
    return Finding(
        rule=RuleId(rule),
        message=message,
        severity=severity,
        confidence=Confidence.HIGH,
        location=Location(at.path, at.span, "here"),
        reasons=tuple(reasons),
        related=tuple(related),
        subject=subject,
        handlers=handlers,
    )


def at_place(finding: Finding, location: Location) -> Finding:
    """The same finding at a more telling place."""
    return msgspec.structs.replace(finding, location=Location(location.path, location.span, "here"))
