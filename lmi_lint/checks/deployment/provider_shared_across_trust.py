"""LMI631 provider-shared-across-trust: functions with different roles on one capacity provider."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import provider_rule
from lmi_lint.checks.deployment.findings import of_provider_setting
from lmi_lint.deploy.model import CapacityProvider, Deployment
from lmi_lint.model.finding import Finding, Severity


@provider_rule("LMI631")
def provider_shared_across_trust(provider: CapacityProvider, deployment: Deployment) -> Iterator[Finding]:
    """One finding at the provider."""
    attached = [each for each in deployment.functions if deployment.provider_of(each) == provider]
    roles: dict[str, str] = {}
    for function in attached:
        if function.role is not None:
            roles.setdefault(function.role, function.name)
    if len(roles) > 1:
        names = ", ".join(sorted(roles.values()))
        message = (
            f"{provider.name} serves functions with different roles ({names}); containers are no security "
            "boundary, so "
            "functions that do not trust each other need providers of their own"
        )
        yield of_provider_setting(provider, deployment, "LMI631", "provider", message, Severity.NOTE)
