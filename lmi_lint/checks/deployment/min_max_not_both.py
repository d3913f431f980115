"""LMI614 min-max-not-both: a minimum or a maximum of environments alone."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.model.finding import Finding, Severity


@function_rule("LMI614")
def min_max_not_both(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the one that is set."""
    both = {"min_environments": function.min_environments, "max_environments": function.max_environments}
    given = [name for name, value in both.items() if value is not None or name in function.unknown]
    if len(given) == 1:
        said, other = ("minimum", "maximum") if given[0] == "min_environments" else ("maximum", "minimum")
        message = f"{function.name} sets the {said} of environments alone; the {other} goes back to its default"
        yield of_setting(function, "LMI614", given[0], message, Severity.WARNING)
