"""LMI612 concurrency-above-limit: more invocations in one environment than managed instances take."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.deploy.size import API_MAXIMUM_CONCURRENCY, MOST_PER_VCPU, vcpus
from lmi_lint.model.finding import Finding, Severity


@function_rule("LMI612")
def concurrency_above_limit(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the maximum concurrency: an error where the API refuses it."""
    most = function.max_concurrency
    if most is None:
        return
    if most > API_MAXIMUM_CONCURRENCY:
        message = f"{function.name} asks for {most} invocations at once; the most is {API_MAXIMUM_CONCURRENCY}"
        yield of_setting(function, "LMI612", "max_concurrency", message, Severity.ERROR)
    elif most > MOST_PER_VCPU * vcpus(function) and not {"memory_mb", "memory_per_vcpu"} & set(function.unknown):
        cpus = vcpus(function)
        limit = int(MOST_PER_VCPU * cpus)
        message = (
            f"{function.name} asks for {most} invocations at once in an environment of {cpus:g} vCPU; "
            f"{MOST_PER_VCPU} for each vCPU are the most, here {limit}"
        )
        yield of_setting(function, "LMI612", "max_concurrency", message, Severity.WARNING)
