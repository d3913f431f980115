"""LMI610 reserved-concurrency: reserved concurrency on managed instances."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.model.finding import Finding, Severity


@function_rule("LMI610")
def reserved_concurrency(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the setting."""
    if function.reserved is not None:
        message = (
            f"{function.name} reserves concurrency, which managed instances do not take: the maximum of "
            "execution environments limits it"
        )
        yield of_setting(function, "LMI610", "reserved", message, Severity.WARNING)
