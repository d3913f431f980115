"""LMI602 memory-above-maximum: more memory than the largest environment has."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.deploy.size import MAXIMUM_MB
from lmi_lint.model.finding import Finding, Severity


@function_rule("LMI602")
def memory_above_maximum(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the memory setting."""
    if function.memory_mb is not None and function.memory_mb > MAXIMUM_MB:
        message = f"{function.name} asks for {function.memory_mb} MB; an environment has at most {MAXIMUM_MB} MB"
        yield of_setting(function, "LMI602", "memory_mb", message, Severity.ERROR)
