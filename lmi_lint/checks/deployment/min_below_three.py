"""LMI616 min-below-three: fewer environments than availability zones."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.model.finding import Finding, Severity


@function_rule("LMI616")
def min_below_three(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the setting."""
    if function.min_environments in (1, 2):
        message = (
            f"{function.name} keeps {function.min_environments} of the 3 environments that are the default, "
            "one in each availability zone: a zone that fails can take all of them"
        )
        yield of_setting(function, "LMI616", "min_environments", message, Severity.NOTE)
