"""LMI621 few-instance-types: so few instance types that capacity can run out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lmi_lint.checks.base import provider_rule
from lmi_lint.checks.deployment.findings import of_provider_setting
from lmi_lint.deploy.model import CapacityProvider, Deployment
from lmi_lint.model.finding import Finding, Severity

_ENOUGH: Final = 3
"""With fewer types a shortage of one is a shortage of a third or more: our own measure, hence a note."""


@provider_rule("LMI621")
def few_instance_types(provider: CapacityProvider, deployment: Deployment) -> Iterator[Finding]:
    """One finding at the allowed types, unless a wildcard is among them."""
    allowed = provider.allowed or ()
    if 0 < len(allowed) < _ENOUGH and not any("*" in each or "?" in each for each in allowed):
        message = (
            f"{provider.name} allows {', '.join(allowed)} alone: where a zone has none of them left, nothing is started"
        )
        yield of_provider_setting(provider, deployment, "LMI621", "allowed", message, Severity.NOTE)
