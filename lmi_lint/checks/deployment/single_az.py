"""LMI617 single-az: all instances in one subnet, hence in one availability zone."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import provider_rule
from lmi_lint.checks.deployment.findings import of_provider_setting
from lmi_lint.deploy.model import CapacityProvider, Deployment
from lmi_lint.model.finding import Finding, Severity


@provider_rule("LMI617")
def single_az(provider: CapacityProvider, deployment: Deployment) -> Iterator[Finding]:
    """One finding at the subnets."""
    if provider.subnets == 1 and not provider.subnets_by_parameter and "subnets" not in provider.unknown:
        message = (
            f"{provider.name} has one subnet, hence one availability zone: a zone that fails takes all instances; "
            "three are recommended"
        )
        yield of_provider_setting(provider, deployment, "LMI617", "subnets", message, Severity.NOTE)
