"""LMI615 min-zero-without-max-zero: no environments at least, but some at most."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.model.finding import Finding, Severity


@function_rule("LMI615")
def min_zero_without_max_zero(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the setting."""
    if function.min_environments == 0 and function.max_environments != 0 and "max_environments" not in function.unknown:
        message = (
            f"{function.name} has a minimum of 0 environments and another maximum; 0 is taken for both only, "
            "and deactivates the function"
        )
        yield of_setting(function, "LMI615", "min_environments", message, Severity.ERROR)
