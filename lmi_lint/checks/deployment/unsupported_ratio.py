"""LMI604 unsupported-ratio: a ratio of memory to vCPU that managed instances do not offer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.model.finding import Finding, Severity

_OFFERED: Final = (2.0, 4.0, 8.0)
"""The API takes 2 to 8 (API reference, ``ExecutionEnvironmentMemoryGiBPerVCpu``); SAM's and the Serverless Framework's
references name these three."""


@function_rule("LMI604")
def unsupported_ratio(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the ratio: an error where the API refuses it."""
    ratio = function.memory_per_vcpu
    if ratio is None or ratio in _OFFERED:
        return
    refused = not min(_OFFERED) <= ratio <= max(_OFFERED)
    message = f"{function.name} asks for {ratio:g} GiB per vCPU; managed instances offer 2, 4 or 8"
    yield of_setting(function, "LMI604", "memory_per_vcpu", message, Severity.ERROR if refused else Severity.WARNING)
