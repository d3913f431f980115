"""LMI607 function-vpc-config: a network of the function beside that of its capacity provider."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Dialect
from lmi_lint.model.finding import Finding, Severity


@function_rule("LMI607")
def function_vpc_config(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the setting; SAM refuses the template."""
    if function.vpc:
        message = (
            f"{function.name} has a VPC configuration of its own; on managed instances all traffic goes "
            "through that of its capacity provider"
        )
        severity = Severity.ERROR if function.dialect is Dialect.SAM else Severity.WARNING
        yield of_setting(function, "LMI607", "vpc", message, severity)
