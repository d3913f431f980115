"""LMI630 no-vcpu-ceiling: a capacity provider without a ceiling of its own."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import provider_rule
from lmi_lint.checks.deployment.findings import of_provider_setting
from lmi_lint.deploy.model import CapacityProvider, Deployment
from lmi_lint.deploy.size import DEFAULT_CEILING_VCPUS
from lmi_lint.model.finding import Finding, Severity


@provider_rule("LMI630")
def no_vcpu_ceiling(provider: CapacityProvider, deployment: Deployment) -> Iterator[Finding]:
    """One finding at the provider."""
    if provider.max_vcpus is None and "max_vcpus" not in provider.unknown:
        message = (
            f"{provider.name} sets no ceiling, so it may grow to {DEFAULT_CEILING_VCPUS} vCPUs: the bill has "
            "no limit of yours"
        )
        yield of_provider_setting(provider, deployment, "LMI630", "max_vcpus", message, Severity.NOTE)
