"""LMI627 double-published: two published versions, each with environments of its own."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.model.finding import Finding, Severity


@function_rule("LMI627")
def double_published(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the alias setting."""
    if function.auto_alias and function.published == "latest":
        message = (
            f"{function.name} publishes a numbered version and $LATEST.PUBLISHED; each keeps environments of "
            "its own, "
            "so the floor is paid twice"
        )
        yield of_setting(function, "LMI627", "auto_alias", message, Severity.NOTE)
