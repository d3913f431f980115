"""LMI632 open-inbound: a security group of managed instances that lets traffic in."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import provider_rule
from lmi_lint.checks.deployment.findings import of_provider_setting
from lmi_lint.deploy.model import CapacityProvider, Deployment
from lmi_lint.model.finding import Finding, Severity


@provider_rule("LMI632")
def open_inbound(provider: CapacityProvider, deployment: Deployment) -> Iterator[Finding]:
    """One finding at the security groups."""
    if provider.open_inbound:
        message = (
            f"{provider.name}: its security group lets traffic in; nothing needs to reach the instances from outside"
        )
        yield of_provider_setting(provider, deployment, "LMI632", "security_groups", message, Severity.NOTE)
