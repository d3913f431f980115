"""LMI601 memory-below-minimum: less memory than the smallest environment has."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import DeployedFunction, Deployment
from lmi_lint.deploy.size import MINIMUM_MB
from lmi_lint.model.finding import Finding, Severity

_PLAIN_DEFAULT_MB = 128
"""What a function has that says nothing (Lambda developer guide, Configure memory)."""


@function_rule("LMI601")
def memory_below_minimum(function: DeployedFunction, deployment: Deployment) -> Iterator[Finding]:
    """One finding at the memory setting, or at the function where there is none."""
    if "memory_mb" in function.unknown:
        return
    memory = _PLAIN_DEFAULT_MB if function.memory_mb is None else function.memory_mb
    if memory < MINIMUM_MB:
        set_up = f"has {memory} MB" if function.memory_mb is not None else f"sets no memory and so has {memory} MB"
        message = f"{function.name} {set_up}; an environment of managed instances has at least {MINIMUM_MB} MB"
        yield of_setting(function, "LMI601", "memory_mb", message, Severity.ERROR)
