"""LMI635 subnet-list-parameter: a list of subnets that comes from one parameter."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import provider_rule
from lmi_lint.checks.deployment.findings import of_provider_setting
from lmi_lint.deploy.model import CapacityProvider, Deployment, Dialect
from lmi_lint.model.finding import Finding, Severity


@provider_rule("LMI635")
def subnet_list_parameter(provider: CapacityProvider, deployment: Deployment) -> Iterator[Finding]:
    """One finding at the subnets, in SAM."""
    if provider.subnets_by_parameter and provider.dialect is Dialect.SAM:
        message = f"{provider.name} takes its subnets from one parameter, so nothing here shows how many zones it spans"
        yield of_provider_setting(provider, deployment, "LMI635", "subnets", message, Severity.NOTE)
