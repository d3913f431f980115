"""LMI618 manual-scaling-without-policy: manual scaling without a policy to scale by."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import provider_rule
from lmi_lint.checks.deployment.findings import of_provider_setting
from lmi_lint.deploy.model import CapacityProvider, Deployment
from lmi_lint.model.finding import Finding, Severity


@provider_rule("LMI618")
def manual_scaling_without_policy(provider: CapacityProvider, deployment: Deployment) -> Iterator[Finding]:
    """One finding at the scaling mode."""
    manual = provider.scaling_mode is not None and provider.scaling_mode.lower() == "manual"
    if manual and not provider.policies and "policies" not in provider.unknown:
        message = f"{provider.name} scales manually and names no scaling policy"
        yield of_provider_setting(provider, deployment, "LMI618", "scaling_mode", message, Severity.ERROR)
