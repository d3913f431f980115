"""LMI620 unsupported-instance-family: an instance type outside the families that managed instances use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lmi_lint.checks.base import provider_rule
from lmi_lint.checks.deployment.findings import of_provider_setting
from lmi_lint.deploy.model import CapacityProvider, Deployment
from lmi_lint.model.finding import Finding, Severity

_FAMILIES: Final = re.compile(r"[*?\[]|[cmr](?:\d|[*?])", re.IGNORECASE)
"""AWS Compute Blog on managed instances, 2025-11: compute, general purpose and memory optimised. A wildcard may mean
any of them."""


@provider_rule("LMI620")
def unsupported_instance_family(provider: CapacityProvider, deployment: Deployment) -> Iterator[Finding]:
    """One finding per provider at its allowed types, naming all of them."""
    strange = [each for each in provider.allowed or () if not _FAMILIES.match(each)]
    if strange:
        message = f"{provider.name} allows {', '.join(strange)}; managed instances come from the families C, M and R"
        yield of_provider_setting(provider, deployment, "LMI620", "allowed", message, Severity.WARNING)
