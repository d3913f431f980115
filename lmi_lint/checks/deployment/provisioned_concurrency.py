"""LMI609 provisioned-concurrency: provisioned concurrency on managed instances."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Dialect
from lmi_lint.model.finding import Finding, Severity


@function_rule("LMI609")
def provisioned_concurrency(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the setting; SAM refuses the template."""
    if function.provisioned is not None:
        message = (
            f"{function.name} sets provisioned concurrency, which managed instances do not have: minimum and "
            "maximum environments take its place"
        )
        severity = Severity.ERROR if function.dialect is Dialect.SAM else Severity.WARNING
        yield of_setting(function, "LMI609", "provisioned", message, severity)
