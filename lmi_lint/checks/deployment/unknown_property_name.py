"""LMI624 unknown-property-name: settings for managed instances that do not exist."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import DeploymentRule
from lmi_lint.checks.deployment.findings import at_place, of_provider_setting, of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment, Oddity
from lmi_lint.model.finding import Finding, Severity
from lmi_lint.model.names import RuleId


def _of_function(function: DeployedFunction, deployment: Deployment) -> Iterator[Finding]:
    for oddity in function.oddities:
        if oddity.kind == "unknown-property":
            finding = of_setting(function, "LMI624", oddity.name, _message(function.name, oddity), Severity.ERROR)
            yield at_place(finding, oddity.location)


def _of_provider(provider: CapacityProvider, deployment: Deployment) -> Iterator[Finding]:
    for oddity in provider.oddities:
        if oddity.kind == "unknown-property":
            message = _message(provider.name, oddity)
            finding = of_provider_setting(provider, deployment, "LMI624", oddity.name, message, Severity.ERROR)
            yield at_place(finding, oddity.location)


def _message(name: str, oddity: Oddity) -> str:
    meant = f"; {oddity.expected} is meant" if oddity.expected else ""
    return f"{name}: there is no property {oddity.name}{meant}"


unknown_property_name = DeploymentRule(RuleId("LMI624"), _of_function, _of_provider)
