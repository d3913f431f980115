"""LMI601 memory-below-minimum: less memory than the smallest environment has."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.deploy.size import MINIMUM_MB
from lmi_lint.model.finding import Finding, Severity


@function_rule("LMI601")
def memory_below_minimum(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the memory setting. A function that sets none is created with enough: AWS's own samples of
    managed instances leave it out."""
    memory = function.memory_mb
    if memory is not None and memory < MINIMUM_MB:
        message = f"{function.name} has {memory} MB; an environment of managed instances has at least {MINIMUM_MB} MB"
        yield of_setting(function, "LMI601", "memory_mb", message, Severity.ERROR)
