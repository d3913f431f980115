"""LMI623 wrong-property-shape: settings for managed instances in a shape that the dialect does not take."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import DeploymentRule
from lmi_lint.checks.deployment.findings import of_oddity, of_provider_oddity, of_provider_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment, Oddity
from lmi_lint.model.finding import Finding, Severity
from lmi_lint.model.names import RuleId


def _of_function(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    for oddity in function.oddities:
        if oddity.kind != "unknown-property":
            yield of_oddity(function, "LMI623", oddity, _message(function.name, oddity))


def _of_provider(provider: CapacityProvider, deployment: Deployment) -> Iterator[Finding]:
    for oddity in provider.oddities:
        if oddity.kind != "unknown-property":
            yield of_provider_oddity(provider, deployment, "LMI623", oddity, _message(provider.name, oddity))
    if provider.architectures is not None and len(provider.architectures) > 1:
        message = f"{provider.name} names {len(provider.architectures)} architectures; a capacity provider has one"
        yield of_provider_setting(provider, deployment, "LMI623", "architectures", message, Severity.ERROR)


def _message(name: str, oddity: Oddity) -> str:
    if oddity.kind == "missing":
        return f"{name} lacks {oddity.name}" + (f": {oddity.expected}" if oddity.expected else "")
    return f"{name}: {oddity.name} is not written so here" + (f"; {oddity.expected}" if oddity.expected else "")


wrong_property_shape = DeploymentRule(RuleId("LMI623"), _of_function, _of_provider)
