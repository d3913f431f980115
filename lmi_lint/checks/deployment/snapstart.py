"""LMI608 snapstart: SnapStart on managed instances."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.model.finding import Finding, Severity


@function_rule("LMI608")
def snapstart(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the setting."""
    if function.snapstart:
        message = (
            f"{function.name} asks for SnapStart, which managed instances do not have: environments are "
            "started ahead of the traffic and kept"
        )
        yield of_setting(function, "LMI608", "snapstart", message, Severity.WARNING)
