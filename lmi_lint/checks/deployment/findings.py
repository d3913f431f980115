"""How rules on configuration say where they mean."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lmi_lint.checks.plain import here, plain_finding
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment, Oddity
from lmi_lint.model.finding import Finding, Location, Severity
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
    subject = f"{function.name}:{setting}"
    return plain_finding(rule, message, severity, here(at), subject, (function.key,), reasons=reasons, related=related)


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
    """The finding of a provider's setting (a field of ``CapacityProvider``), which concerns all its
    functions."""
    at = dict(provider.locations).get(setting) or provider.location
    attached = tuple(each.key for each in deployment.functions if deployment.provider_of(each) == provider)
    subject = f"{provider.name}:{setting}"
    return plain_finding(rule, message, severity, here(at), subject, attached, reasons=reasons, related=related)


def of_oddity(function: DeployedFunction, rule: str, oddity: Oddity, message: str) -> Finding:
    """The error of a function's setting that is not as the dialect takes it, where it is written."""
    return at_place(of_setting(function, rule, oddity.name, message, Severity.ERROR), oddity.location)


def of_provider_oddity(
    provider: CapacityProvider, deployment: Deployment, rule: str, oddity: Oddity, message: str
) -> Finding:
    """The error of a provider's setting that is not as the dialect takes it, where it is written."""
    finding = of_provider_setting(provider, deployment, rule, oddity.name, message, Severity.ERROR)
    return at_place(finding, oddity.location)


def at_place(finding: Finding, location: Location) -> Finding:
    """The same finding at a more telling place."""
    return msgspec.structs.replace(finding, location=here(location))
