"""LMI611 text-log-format: plain text logs on managed instances."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.model.finding import Finding, Severity


@function_rule("LMI611")
def text_log_format(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the setting."""
    if function.log_format is not None and function.log_format.lower() == "text":
        message = (
            f"{function.name} asks for plain text logs; managed instances write JSON, in which every line "
            "names its request"
        )
        yield of_setting(function, "LMI611", "log_format", message, Severity.WARNING)
