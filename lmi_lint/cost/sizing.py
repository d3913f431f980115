"""How many execution environments a function needs."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Final

from msgspec import Struct

from lmi_lint.cost.assumptions import Ledger
from lmi_lint.cost.model import Environment, Pool, Workload

BY_CPU: Final = "CPU"
"""How it begins what bounds the concurrency, where that is computing."""


class Sized(Struct, frozen=True):
    """A function with its environment, ready to be counted for any traffic.

    ``per_request``: invocations at once in the busiest time, for each request a month; None if that is not known.
    ``constant``: the same where a peak is stated but no number of requests. ``least``: fewest environments of a
    version. ``requests`` a month as stated.
    """

    workload: Workload
    memory_mb: int
    vcpus: int
    concurrency: int
    bound_by: str
    versions: int
    least: int
    per_request: Fraction | None
    constant: Fraction | None
    requests: Decimal | None

    def peak(self, requests: Decimal | Fraction | None) -> Fraction | None:
        """Invocations at once in the busiest time of a month with so many requests."""
        if self.per_request is not None and requests is not None:
            return self.per_request * Fraction(requests)
        return self.constant

    def count(self, requests: Decimal | Fraction | None) -> int:
        """Environments of all active versions in a month with so many requests."""
        needed = math.ceil((self.peak(requests) or 0) / self.concurrency)
        return max(self.least, needed) * self.versions

    def environment(self, requests: Decimal | None) -> Environment:
        """For the report."""
        peak = self.peak(requests)
        return Environment(
            self.workload.name,
            self.memory_mb,
            self.vcpus,
            self.concurrency,
            self.bound_by,
            self.count(requests),
            self.versions,
            Decimal(peak.numerator) / Decimal(peak.denominator) if peak is not None else None,
        )


def size(workload: Workload, pool: Pool, ledger: Ledger, fill: Fraction = Fraction(1)) -> Sized | str:
    """A function with its environment, or why none can hold an invocation of it. ``fill``: how full environments run,
    as a factor on the invocations that they hold."""
    memory_mb, vcpus = _dimensions(workload)
    bounds = [(workload.max_concurrency, _ceiling_word(workload))]
    process = _process_mb(workload, ledger)
    if process is not None:
        fitting = math.floor(memory_mb / process)
        if fitting < 1:
            return f"{workload.name}: a process needs {process:f} MB, its environment has {memory_mb} MB"
        bounds.append((fitting, f"memory: {_short(process)} MB each"))
    target = pool.cpu_target if pool.cpu_target is not None else ledger["cpu_target"]
    cpu = _vcpus_per_request(workload, ledger)
    bounds.append((max(1, math.floor(target * vcpus / cpu)), f"{BY_CPU}: {_short(cpu)} vCPU each"))
    concurrency, bound_by = min(bounds, key=lambda bound: bound[0])
    if workload.safe_concurrency is not None and workload.safe_concurrency < concurrency:
        concurrency, bound_by = max(1, workload.safe_concurrency), "what is safe today"
    per_request, constant = _demand(workload, ledger)
    return Sized(
        workload,
        memory_mb,
        vcpus,
        max(1, math.floor(concurrency * fill)),
        bound_by,
        int(ledger["active_versions_auto_alias" if workload.auto_alias else "active_versions"]),
        workload.min_environments if workload.min_environments is not None else int(ledger["min_environments"]),
        per_request,
        constant,
        workload.traffic.requests,
    )


def _dimensions(workload: Workload) -> tuple[int, int]:
    """Memory in MB and vCPUs of an environment. vCPUs are whole; so is the memory to them where we may choose it."""
    vcpus = max(1, math.ceil(Decimal(workload.environment_mb) / 1024 / workload.gib_per_vcpu))
    if workload.configured:
        return workload.environment_mb, vcpus
    return max(workload.environment_mb, math.ceil(vcpus * workload.gib_per_vcpu * 1024)), vcpus


def _ceiling_word(workload: Workload) -> str:
    return "PerExecutionEnvironmentMaxConcurrency" if workload.concurrency_stated else "the runtime’s default"


def _process_mb(workload: Workload, ledger: Ledger) -> Decimal | None:
    """Memory that each invocation adds, in MB; None where they share it or nothing is known of it."""
    if not workload.process_per_invocation:
        return None
    if workload.traffic.memory_used_mb is not None:
        return workload.traffic.memory_used_mb
    # The memory of a function on managed instances is that of the environment, not of one process.
    return None if workload.managed else workload.memory_mb * ledger["process_memory_share"]


def _vcpus_per_request(workload: Workload, ledger: Ledger) -> Decimal:
    """How many vCPUs an invocation keeps busy. Plain Lambda gives small functions part of a vCPU only, so what
    computes all the time there needs no more than that part here."""
    stated = workload.traffic.cpu_share
    share = stated if stated is not None else ledger["cpu_share"]
    if workload.managed:
        return share
    return share * min(Decimal(1), workload.memory_mb / ledger["lambda_mb_per_vcpu"])


def _demand(workload: Workload, ledger: Ledger) -> tuple[Fraction | None, Fraction | None]:
    """Invocations at once in the busiest time: for each request of a month, and for any number of requests."""
    traffic = workload.traffic
    if traffic.peak_concurrency is not None:
        if traffic.requests:
            return Fraction(traffic.peak_concurrency) / Fraction(traffic.requests), None
        return None, Fraction(traffic.peak_concurrency)
    if traffic.duration_ms is None:
        return None, None
    hours = traffic.active_hours if traffic.active_hours is not None else ledger["hours_per_month"]
    # Little's law: the mean with a factor for the peak, or every invocation as slow as the slowest hundredth.
    busy = Fraction(traffic.duration_ms) * Fraction(ledger["peak_factor"])
    slow = Fraction(traffic.duration_p99_ms or 0)
    return max(busy, slow) / 1000 / (Fraction(hours) * 3600), None


def _short(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.01')).normalize():f}"
