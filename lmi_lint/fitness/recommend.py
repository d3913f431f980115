"""Which configuration a function should have on managed instances, and why."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

import msgspec

from lmi_lint.cost.assumptions import Assumptions
from lmi_lint.cost.model import Environment, PoolEstimate, Workload
from lmi_lint.cost.sizing import BY_CPU
from lmi_lint.cost.words import money, percent
from lmi_lint.deploy.size import DEFAULT_CEILING_VCPUS, MAXIMUM_MB, MINIMUM_MB, MOST_PER_VCPU
from lmi_lint.fitness.model import Recommendation
from lmi_lint.fitness.signals import FOLLOWED, Subject

_RATIOS: Final = (2, 4, 8)
"""GiB per vCPU that Lambda offers (Lambda developer guide, Scaling of managed instances)."""
_HEADROOM: Final = 2
"""Times the peak up to which a function and its provider may grow."""
_LEAST_CEILING: Final = 12
"""vCPUs: room for the fewest instances of four vCPUs; the least that the Serverless Framework takes."""
_MONTH: Final = 730
_UNREAD: Final = "; its code is not read here, so that nothing says it is safe"


def adapted(workload: Workload, assumptions: Assumptions) -> Workload:
    """The function with the ratio that its measured memory asks for, where every invocation has a process of its own;
    settings for managed instances, and what is not measured, stay as they are."""
    used = workload.traffic.memory_used_mb
    if workload.managed or not workload.process_per_invocation or used is None:
        return workload
    each = _per_vcpu(workload)
    by_cpu = max(
        1, math.floor(assumptions.entries["cpu_target"].value / max(_cpu(workload, assumptions), Decimal("0.001")))
    )
    wanted = min(each, by_cpu) * used
    ratio = next((ratio for ratio in _RATIOS if ratio * 1024 >= wanted), _RATIOS[-1])
    vcpus = max(1, math.ceil(used / (ratio * 1024)))
    memory = max(MINIMUM_MB, vcpus * ratio * 1024)
    if memory > MAXIMUM_MB:
        return workload
    return msgspec.structs.replace(
        workload,
        environment_mb=memory,
        gib_per_vcpu=Decimal(ratio),
        max_concurrency=workload.max_concurrency if workload.concurrency_stated else each * vcpus,
    )


def _per_vcpu(workload: Workload) -> int:
    """Invocations that the runtime gives to a vCPU unless told otherwise."""
    vcpus = max(Decimal(workload.environment_mb) / 1024 / workload.gib_per_vcpu, Decimal(1))
    return max(1, min(MOST_PER_VCPU, int(workload.max_concurrency / vcpus)))


def _cpu(workload: Workload, assumptions: Assumptions) -> Decimal:
    """How many vCPUs an invocation keeps busy, as the estimate has it."""
    stated = workload.traffic.cpu_share
    share = stated if stated is not None else assumptions.entries["cpu_share"].value
    return share * min(Decimal(1), workload.memory_mb / assumptions.entries["lambda_mb_per_vcpu"].value)


def recommend(subject: Subject, workload: Workload, environment: Environment, pool: PoolEstimate) -> Recommendation:
    """The configuration that the estimate reckons with, held back to what is safe today."""
    safe = subject.safety.concurrency if subject.safety.known or _unread(subject) else 1
    most_at_once, bound = _bound(workload, environment)
    concurrency = most_at_once if safe is None else min(safe, most_at_once)
    least, most, scaling = _scaling(subject, workload, environment)
    ceiling, about = _ceiling(pool)
    ratio = int(workload.gib_per_vcpu)
    reasons = (
        _memory(subject, workload, environment, ratio),
        *_concurrency(subject, workload, concurrency, most_at_once, bound),
        *scaling,
        _architecture(subject, pool),
        about,
    )
    return Recommendation(
        environment.memory_mb,
        ratio,
        concurrency,
        least,
        most,
        pool.pool.architecture,
        ceiling,
        reasons,
        most_at_once if concurrency < most_at_once else None,
    )


def _unread(subject: Subject) -> bool:
    """Written in a language that managed instances run and that is not read here."""
    return bool(subject.function.custom_runtime)


def _memory(subject: Subject, workload: Workload, environment: Environment, ratio: int) -> str:
    size = f"memory {environment.memory_mb} MB at {ratio} GiB per vCPU"
    if workload.managed and workload.configured:
        return f"{size}: as configured"
    used = workload.traffic.memory_used_mb
    if workload.process_per_invocation:
        if used is not None:
            return f"{size}: every invocation has a process of its own, which uses {_plain(used)} MB"
        each = f"it is not known what one uses, at most {workload.memory_mb} MB"
        return f"{size}: every invocation has a process of its own; {each}"
    if environment.memory_mb == MINIMUM_MB:
        return f"{size}: the least there is; begin with {2 * MINIMUM_MB} MB if it does not start in that"
    return f"{size}: today’s {workload.memory_mb} MB as a multiple of the ratio"


def _bound(workload: Workload, environment: Environment) -> tuple[int, str]:
    """Invocations that an environment may hold, and what limits them. What is configured is not lowered for a share of
    computing that nobody measured."""
    if not workload.managed or workload.traffic.cpu_share is not None or not environment.bound_by.startswith(BY_CPU):
        return environment.concurrency, f"bound by {environment.bound_by}"
    word = "as configured" if workload.concurrency_stated else "the runtime’s default"
    used = workload.traffic.memory_used_mb
    if not workload.process_per_invocation or used is None:
        return workload.max_concurrency, word
    fitting = max(1, math.floor(environment.memory_mb / used))
    return min((workload.max_concurrency, word), (fitting, f"bound by memory: {_plain(used)} MB each"))


def _concurrency(subject: Subject, workload: Workload, concurrency: int, most: int, bound: str) -> tuple[str, ...]:
    what, later = f"maximum concurrency {concurrency}", f"{most}, {bound}"
    if concurrency == most:
        why = [f"{what}: {bound}" + ("" if subject.safety.known else _UNREAD)]
    elif subject.safety.known:
        rules = subject.safety.rules
        mended = f"{', '.join(map(str, rules))} {'are' if len(rules) > 1 else 'is'} mended"
        why = [f"{what}: what is safe until {mended}; then {later}"]
    else:
        why = [f"{what}: its code could not be analysed; once it is known to be safe, {later}"]
    share = workload.traffic.cpu_share
    if share is None:
        why.append("it is not known how much it computes; measure it before raising the concurrency")
    elif workload.process_per_invocation and workload.traffic.memory_used_mb is None:
        why.append(f"computing in {percent(share)} of its time; what a process uses is not measured")
    return tuple(why)


def _scaling(subject: Subject, workload: Workload, environment: Environment) -> tuple[int, int | None, tuple[str, ...]]:
    """Fewest and most environments of a version, with reasons."""
    least = workload.min_environments if workload.min_environments is not None else 3
    floor = f"at least {least} environments: " + (
        "as configured" if workload.min_environments is not None else "Lambda’s default, one for each availability zone"
    )
    if environment.peak is None:
        return least, workload.max_environments, (floor,)
    peak = max(1, environment.count // environment.versions)
    burst = subject.traffic.burst
    if burst is not None and burst > FOLLOWED and peak > least:
        least = peak
        floor = (
            f"at least {least} environments: those of the peak, since its traffic grows faster than they can be added"
        )
    most = workload.max_environments
    if most is None or most < peak:
        most = max(_HEADROOM * peak, least)
        return (
            least,
            most,
            (floor, f"at most {most} environments: {_HEADROOM} times the peak; both limits have to be set"),
        )
    return least, most, (floor, f"at most {most} environments: as configured")


def _architecture(subject: Subject, pool: PoolEstimate) -> str:
    architecture = pool.pool.architecture
    if subject.function.architecture is None and not pool.pool.declared:
        return f"{architecture}: what Lambda takes where nothing is stated"
    return f"{architecture}: as configured"


def _ceiling(pool: PoolEstimate) -> tuple[int, str]:
    """How many vCPUs the provider may rent, and why so many."""
    stated, fleet = pool.pool.max_vcpus, pool.fleet
    need = fleet.vcpus if fleet is not None else 0
    if stated is not None and stated >= need:
        return stated, f"ceiling of {stated} vCPUs: as configured"
    ceiling = max(_HEADROOM * need, _LEAST_CEILING)
    about = f"ceiling of {ceiling} vCPUs: the estimate needs {need}"
    if fleet is None or ceiling >= DEFAULT_CEILING_VCPUS:
        return ceiling, about
    hourly = fleet.instance.usd_per_hour / fleet.instance.vcpus * DEFAULT_CEILING_VCPUS * _MONTH
    return ceiling, f"{about}; the default of {DEFAULT_CEILING_VCPUS} would let it cost ${money(hourly)} a month"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
