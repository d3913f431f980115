"""LMI619 allowed-and-excluded: allowed and excluded instance types at once."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import provider_rule
from lmi_lint.checks.deployment.findings import of_provider_setting
from lmi_lint.deploy.model import CapacityProvider, Deployment
from lmi_lint.model.finding import Finding, Severity


@provider_rule("LMI619")
def allowed_and_excluded(provider: CapacityProvider, deployment: Deployment) -> Iterator[Finding]:
    """One finding at the excluded types."""
    if provider.allowed and provider.excluded:
        message = f"{provider.name} lists allowed and excluded instance types; only one of the two may be given"
        yield of_provider_setting(provider, deployment, "LMI619", "excluded", message, Severity.ERROR)
