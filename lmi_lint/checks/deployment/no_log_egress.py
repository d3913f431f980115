"""LMI633 no-log-egress: a network that lets no logs out."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import provider_rule
from lmi_lint.checks.deployment.findings import of_provider_setting
from lmi_lint.deploy.model import CapacityProvider, Deployment
from lmi_lint.model.finding import Finding, Severity


@provider_rule("LMI633")
def no_log_egress(provider: CapacityProvider, deployment: Deployment) -> Iterator[Finding]:
    """One finding at the subnets, where the declared network shows no way out."""
    if provider.log_egress is False:
        message = (
            f"{provider.name}: no way from its subnets to CloudWatch Logs is declared (NAT, internet gateway "
            "or endpoint); "
            "without one, logs are lost silently"
        )
        yield of_provider_setting(provider, deployment, "LMI633", "subnets", message, Severity.NOTE)
