"""LMI624 unknown-property-name: settings for managed instances that do not exist."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import DeploymentRule
from lmi_lint.checks.deployment.findings import of_oddity, of_provider_oddity
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment, Oddity
from lmi_lint.model.finding import Finding
from lmi_lint.model.names import RuleId


def _of_function(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    for oddity in function.oddities:
        if oddity.kind == "unknown-property":
            yield of_oddity(function, "LMI624", oddity, _message(function.name, oddity))


def _of_provider(provider: CapacityProvider, deployment: Deployment) -> Iterator[Finding]:
    for oddity in provider.oddities:
        if oddity.kind == "unknown-property":
            yield of_provider_oddity(provider, deployment, "LMI624", oddity, _message(provider.name, oddity))


def _message(name: str, oddity: Oddity) -> str:
    meant = f"; {oddity.expected} is meant" if oddity.expected else ""
    return f"{name}: there is no property {oddity.name}{meant}"


unknown_property_name = DeploymentRule(RuleId("LMI624"), _of_function, _of_provider)
