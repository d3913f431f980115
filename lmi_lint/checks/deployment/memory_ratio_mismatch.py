"""LMI603 memory-ratio-mismatch: memory that is no whole number of vCPUs at the ratio of the function."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.deploy.size import DEFAULT_GIB_PER_VCPU, MINIMUM_MB
from lmi_lint.model.finding import Finding, Severity


@function_rule("LMI603")
def memory_ratio_mismatch(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the memory setting; memory below the minimum is another rule's."""
    memory, ratio = function.memory_mb, function.memory_per_vcpu
    unknown = {"memory_mb", "memory_per_vcpu"} & set(function.unknown)
    if unknown or memory is None or memory < MINIMUM_MB:
        return
    share = DEFAULT_GIB_PER_VCPU if ratio is None else ratio
    cpus = memory / 1024 / share if share > 0 else 1.0
    if cpus != int(cpus):
        basis = f"{share:g} GiB per vCPU" + ("" if ratio is not None else ", the default")
        message = f"{function.name}: {memory} MB at {basis} is {cpus:g} vCPUs; memory comes in multiples of the ratio"
        yield of_setting(function, "LMI603", "memory_mb", message, Severity.WARNING)
