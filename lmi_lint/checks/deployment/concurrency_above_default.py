"""LMI613 concurrency-above-default: more invocations in one environment than the runtime holds by default."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.deploy.size import MOST_PER_VCPU, vcpus
from lmi_lint.model.finding import Finding, Severity
from lmi_lint.model.runtime import RUNTIMES


@function_rule("LMI613")
def concurrency_above_default(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the maximum concurrency, unless it is above the limit."""
    most = function.max_concurrency
    runtime = RUNTIMES.get(function.language) if function.language is not None else None
    if most is None or runtime is None or {"memory_mb", "memory_per_vcpu"} & set(function.unknown):
        return
    cpus = vcpus(function)
    default = int(runtime.default_concurrency_per_vcpu * cpus)
    if default < most <= MOST_PER_VCPU * cpus:
        message = (
            f"{function.name} asks for {most} invocations at once; {runtime.name} holds {default} by default "
            f"({runtime.default_concurrency_per_vcpu} for each of {cpus:g} vCPU)"
        )
        yield of_setting(function, "LMI613", "max_concurrency", message, Severity.NOTE)
