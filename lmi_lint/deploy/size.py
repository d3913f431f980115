"""How large an execution environment is, and how many invocations it holds at once."""

from __future__ import annotations

import math
from typing import Final

from msgspec import Struct

from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.model.runtime import RuntimeModel

MINIMUM_MB: Final = 2048
"""The smallest environment (Lambda developer guide, Scaling of managed instances)."""
MAXIMUM_MB: Final = 32768
"""The largest (``MemorySize`` of the Lambda API reference)."""
MOST_PER_VCPU: Final = 64
"""Invocations that an environment holds at once for each vCPU, whatever the runtime (same page)."""
API_MAXIMUM_CONCURRENCY: Final = 1600
"""``PerExecutionEnvironmentMaxConcurrency`` of the Lambda API reference."""
DEFAULT_CEILING_VCPUS: Final = 400
"""``MaxVCpuCount`` of a capacity provider that sets none (Lambda developer guide, Capacity providers)."""
DEFAULT_GIB_PER_VCPU: Final = 2.0
"""Memory per vCPU unless the function says otherwise (same page)."""


class EnvironmentSize(Struct, frozen=True):
    """``memory_mb`` of one environment, in MB; ``concurrency``: invocations that it holds at once. ``set_up``: both
    follow from settings for managed instances; else they are the least that is possible there and the default."""

    memory_mb: int
    concurrency: int
    set_up: bool

    def __str__(self) -> str:
        basis = "as configured" if self.set_up else "the default"
        return f"{self.concurrency} at once in {self.memory_mb} MB, {basis}"


def vcpus(function: DeployedFunction) -> float:
    """The vCPUs of one of a function's environments: memory by ratio, at least one."""
    memory = max(function.memory_mb or MINIMUM_MB, MINIMUM_MB)
    return max(memory / 1024 / gib_per_vcpu(function), 1.0)


def gib_per_vcpu(function: DeployedFunction) -> float:
    """Memory per vCPU of a function's environments, GiB; the default where what is written is no such number."""
    written = function.memory_per_vcpu
    return written if written is not None and math.isfinite(written) and written > 0 else DEFAULT_GIB_PER_VCPU


def environment_size(function: DeployedFunction, runtime: RuntimeModel) -> EnvironmentSize:
    """The size of a function's environments. What the configuration leaves out, or says for plain Lambda only, is
    replaced by the minimum and the defaults of managed instances."""
    memory = max(function.memory_mb or MINIMUM_MB, MINIMUM_MB)
    default = int(runtime.default_concurrency_per_vcpu * vcpus(function))
    set_up = function.managed and function.memory_mb is not None and "max_concurrency" not in function.unknown
    return EnvironmentSize(memory, function.max_concurrency or default, set_up)
