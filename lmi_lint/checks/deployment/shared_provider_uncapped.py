"""LMI634 shared-provider-uncapped: functions that can take all capacity of the provider that they share."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import provider_rule
from lmi_lint.checks.deployment.findings import of_provider_setting
from lmi_lint.deploy.model import CapacityProvider, Deployment
from lmi_lint.model.finding import Finding, Severity


@provider_rule("LMI634")
def shared_provider_uncapped(provider: CapacityProvider, deployment: Deployment) -> Iterator[Finding]:
    """One finding at the provider, naming the functions without a maximum."""
    attached = [each for each in deployment.functions if deployment.provider_of(each) == provider]
    uncapped = [
        each.name for each in attached if each.max_environments is None and "max_environments" not in each.unknown
    ]
    if len(attached) > 1 and uncapped:
        message = (
            f"{provider.name} is shared by {len(attached)} functions; {', '.join(uncapped)} may take all its "
            "capacity, "
            "having no maximum of environments"
        )
        yield of_provider_setting(provider, deployment, "LMI634", "provider", message, Severity.NOTE)
