"""LMI622 missing-security-groups: a capacity provider without the key for security groups."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import provider_rule
from lmi_lint.checks.deployment.findings import of_provider_setting
from lmi_lint.deploy.model import CapacityProvider, Deployment
from lmi_lint.model.finding import Finding, Severity


@provider_rule("LMI622")
def missing_security_groups(provider: CapacityProvider, deployment: Deployment) -> Iterator[Finding]:
    """One finding at the network settings."""
    if provider.security_groups is None and "security_groups" not in provider.unknown:
        message = f"{provider.name} names no security groups; the API and CloudFormation require the key"
        yield of_provider_setting(provider, deployment, "LMI622", "security_groups", message, Severity.ERROR)
