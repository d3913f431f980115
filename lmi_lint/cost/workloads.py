"""From what the configuration says of functions, and what is known of their traffic, to what is costed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeAlias

from lmi_lint.cost.model import Pool, Workload
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment
from lmi_lint.deploy.size import MINIMUM_MB, environment_size, gib_per_vcpu
from lmi_lint.model.runtime import EXECUTABLES, RUNTIMES, RuntimeModel
from lmi_lint.traffic.model import Traffic

DEFAULT_MB = 128
"""Memory size of a plain function that states none (Lambda API reference, CreateFunction, MemorySize)."""
DEFAULT_ARCHITECTURE = "x86_64"
"""Architecture of a function that states none (same page, Architectures)."""
_EPHEMERAL_MB = 512
Group: TypeAlias = tuple[str, str, str]


def workload(
    function: DeployedFunction, runtime: RuntimeModel, traffic: Traffic, safe_concurrency: int | None = None
) -> Workload:
    """One function. ``safe_concurrency``: how many invocations one environment may hold today without races."""
    size = environment_size(function, runtime)
    return Workload(
        name=function.name,
        memory_mb=function.memory_mb or (MINIMUM_MB if function.managed else DEFAULT_MB),
        environment_mb=size.memory_mb,
        gib_per_vcpu=Decimal(str(gib_per_vcpu(function))),
        max_concurrency=size.concurrency,
        process_per_invocation=not runtime.shares_memory,
        traffic=traffic,
        configured=size.set_up,
        concurrency_stated=function.max_concurrency is not None,
        min_environments=function.min_environments,
        max_environments=function.max_environments,
        auto_alias=function.auto_alias,
        safe_concurrency=safe_concurrency,
        ephemeral_mb=function.ephemeral_mb or _EPHEMERAL_MB,
        provisioned=function.provisioned or 0,
        managed=function.managed,
    )


def pools(
    deployment: Deployment,
    functions: Sequence[DeployedFunction],
    traffic_of: Callable[[str], Traffic],
    region: str,
    *,
    instance_types: tuple[str, ...] | None = None,
    together: bool = False,
    safe_of: Callable[[DeployedFunction], int | None] = lambda _: None,
) -> list[Pool]:
    """Functions by the capacity provider that they share; one that has none is costed on a provider of its own, or with
    ``together`` all of one architecture on one. Functions of a language without a runtime model are left out.

    ``region``: where the configuration names none. ``instance_types``: instead of what providers allow.
    """
    groups: dict[Group, list[tuple[DeployedFunction, Workload]]] = {}
    for function in functions:
        runtime = runtime_of(function)
        if runtime is None:
            continue
        item = workload(function, runtime, traffic_of(function.name), safe_of(function))
        groups.setdefault(group_of(deployment, function, region, together=together), []).append((function, item))
    found = []
    for (_, where, architecture), members in groups.items():
        provider = deployment.provider_of(members[0][0])
        named = (provider.name if provider else members[0][0].provider) or ""
        label = named or (f"all {architecture}" if together else members[0][0].name)
        found.append(_pool(label, where, architecture, provider, tuple(item for _, item in members), instance_types))
    return found


def runtime_of(function: DeployedFunction) -> RuntimeModel | None:
    """What invocations of a function share; None if no managed instance runs its language, or it is not known."""
    if function.custom_runtime:
        return EXECUTABLES.get(function.custom_runtime)
    return RUNTIMES.get(function.language) if function.language is not None else None


def group_of(deployment: Deployment, function: DeployedFunction, region: str, *, together: bool) -> Group:
    """Which provider, region and architecture a function runs on: functions of one group share a pool, and ``pools``
    gives pools in the order of their first functions."""
    provider = deployment.provider_of(function)
    declared = provider.architectures[0] if provider is not None and provider.architectures else None
    where = function.region or (provider.region if provider is not None else None) or region
    architecture = function.architecture or declared or DEFAULT_ARCHITECTURE
    if provider is not None:
        return provider.key, where, architecture
    if function.provider:
        return function.provider, where, architecture
    return "" if together else function.key, where, architecture


def _pool(
    name: str,
    region: str,
    architecture: str,
    provider: CapacityProvider | None,
    workloads: tuple[Workload, ...],
    instance_types: tuple[str, ...] | None,
) -> Pool:
    target = provider.target_utilisation if provider is not None else None
    allowed = provider.allowed if provider is not None else None
    return Pool(
        name=name,
        region=region,
        architecture=architecture,
        workloads=workloads,
        allowed=instance_types or allowed or None,
        excluded=provider.excluded if provider is not None and not instance_types else None,
        max_vcpus=provider.max_vcpus if provider is not None else None,
        cpu_target=Decimal(str(target)) / 100 if target else None,
        declared=provider is not None,
    )


def runtime_model(identifier: str) -> RuntimeModel | None:
    """The model of a runtime by its identifier: ``python3.13``, ``nodejs22.x``, ``java21``, ``dotnet8``."""
    family = identifier.rstrip("0123456789.x").lower()
    return next((model for model in RUNTIMES.values() if model.min_version.rstrip("0123456789.x") == family), None)
