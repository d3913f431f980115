"""The estimate: what functions cost on plain Lambda and on managed instances, and from where on the move pays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

import msgspec

from lmi_lint.cost.assumptions import Assumptions, Ledger
from lmi_lint.cost.breakeven import break_evens
from lmi_lint.cost.case import Case, with_savings
from lmi_lint.cost.curve import curve
from lmi_lint.cost.model import (
    PLANS,
    Column,
    Estimate,
    Fleet,
    Pool,
    PoolEstimate,
    PriceSource,
    RacePrice,
    Sensitivity,
    Workload,
)
from lmi_lint.cost.prices import ARCHITECTURES, Ec2Prices, Prices
from lmi_lint.cost.sizing import size
from lmi_lint.deploy.size import MINIMUM_MB
from lmi_lint.errors import UsageError

_FACTORS: Final = (Decimal("0.5"), Decimal(2))


def estimate(
    pools: Iterable[Pool],
    assumptions: Assumptions,
    prices: Prices,
    *,
    stand_in: str = "",
    brief: bool = False,
    curves: bool = False,
) -> Estimate:
    """Cost of functions, grouped into pools that each share the instances of one capacity provider.

    ``stand_in``: a region whose EC2 prices stand in for those of regions without any. Nothing is read or kept: the same
    arguments give the same estimate. ``brief``: no sensitivities, and break-evens only where the traffic of a month is
    not known. ``curves``: with what a plot needs, unless brief. UsageError for a region without prices or an
    unknown architecture.
    """
    estimator = Estimator(assumptions, prices, stand_in=stand_in, brief=brief, curves=curves)
    found = [estimator.of(pool) for pool in pools]
    return estimator.together([pool for pool, _ in found], {name for _, used in found for name in used})


class Estimator:
    """Estimates one pool after another; see ``estimate``."""

    def __init__(
        self, assumptions: Assumptions, prices: Prices, *, stand_in: str = "", brief: bool = False, curves: bool = False
    ) -> None:
        self._assumptions = assumptions
        self._ledger = Ledger(assumptions)
        self._prices = prices
        self._stand_in = stand_in
        self._brief = brief
        self._curves = curves

    def of(self, pool: Pool) -> tuple[PoolEstimate, tuple[str, ...]]:
        """The estimate of one pool, and the names of assumptions that were used. UsageError."""
        if pool.architecture not in ARCHITECTURES:
            raise UsageError(f"{pool.name}: architecture {pool.architecture!r}", f"known: {', '.join(ARCHITECTURES)}")
        table, region = _table(pool, self._prices, self._stand_in)
        self._ledger.forget()
        found = _pool(pool, table, region, self._prices, self._ledger, brief=self._brief, curves=self._curves)
        return found, self._ledger.used

    def together(self, pools: Sequence[PoolEstimate], used: Collection[str]) -> Estimate:
        """Estimates of pools as one, with the assumptions that were used for them. UsageError."""
        sources: dict[tuple[str, str], PriceSource] = {}
        for each in pools:
            if ("ec2", each.pool.region) not in sources:
                table, region = _table(each.pool, self._prices, self._stand_in)
                borrowed = region if region != each.pool.region else ""
                source = PriceSource("EC2", each.pool.region, table.as_of, table.source, borrowed)
                sources["ec2", each.pool.region] = source
            plain = self._prices.plain
            sources["lambda", ""] = PriceSource("Lambda", plain.region, plain.as_of, plain.source)
        assumptions = tuple(entry for name, entry in self._assumptions.entries.items() if name in used)
        return Estimate(tuple(pools), _total(pools), assumptions, tuple(sources.values()))


def _table(pool: Pool, prices: Prices, stand_in: str) -> tuple[Ec2Prices, str]:
    for region in (pool.region, stand_in):
        table = prices.table(region) if region else None
        if table is not None:
            return table, region
    known = prices.regions
    wanted = stand_in or pool.region
    raise UsageError(
        f"no EC2 prices are known for region {wanted}",
        f"fetch them with: lmi-lint prices update --region {wanted}; or let those of another stand in: "
        f"--stand-in us-east-1; known: {', '.join(known)}",
    )


def _pool(
    pool: Pool, table: Ec2Prices, region: str, prices: Prices, ledger: Ledger, *, brief: bool, curves: bool
) -> PoolEstimate:
    mended = _mended(pool)
    case, problems = _case(mended, table, region, prices, ledger)
    if case is None:
        return PoolEstimate(pool, (), None, (), problems=tuple(problems))
    fleet = case.fleet(case.total)
    shares = case.requests(None)
    environments = tuple(
        each.environment(requests if isinstance(requests, Decimal) else None)
        for each, requests in zip(case.sized, shares, strict=True)
    )
    if fleet is None:
        problems.append(_nothing_fits(case))
    found = () if brief and case.scales and case.total else break_evens(case)
    return PoolEstimate(
        pool,
        environments,
        fleet,
        tuple(case.columns()),
        found,
        tuple(_sensitivity(mended, table, region, prices, ledger)) if fleet and case.total and not brief else (),
        _race(pool, case, table, region, prices, ledger),
        (*problems, *_ceilings(case, fleet)),
        tuple(_notes(case, fleet, region)),
        _floor(case),
        curve(case, found) if curves and not brief else None,
    )


def _floor(case: Case) -> Decimal | None:
    least = case.smallest_fleet()
    return case.managed(PLANS[2], least, Decimal(0)).month if least is not None else None


def _case(
    pool: Pool, table: Ec2Prices, region: str, prices: Prices, ledger: Ledger, fill: Fraction = Fraction(1)
) -> tuple[Case | None, list[str]]:
    """The pool ready for costing; None, and why, if some function does not fit into its own environment."""
    sized = [size(workload, pool, ledger, fill) for workload in pool.workloads]
    problems = [each for each in sized if isinstance(each, str)]
    ready = [each for each in sized if not isinstance(each, str)]
    if problems or not ready:
        return None, problems or [f"{pool.name}: no functions"]
    return Case(pool, ready, table.regions[region], prices.plain, ledger), []


def _mended(pool: Pool) -> Pool:
    """The pool as if no function were held back by races."""
    workloads = tuple(msgspec.structs.replace(each, safe_concurrency=None) for each in pool.workloads)
    return msgspec.structs.replace(pool, workloads=workloads)


def _nothing_fits(case: Case) -> str:
    if not case.types:
        limits = case.pool.allowed or case.pool.excluded
        which = f" that its instance types ({', '.join(limits)}) permit" if limits else ""
        return f"{case.pool.name}: no {case.pool.architecture} instance type with a known price{which}"
    largest = max(case.sized, key=lambda each: (each.vcpus, each.memory_mb))
    return (
        f"{case.pool.name}: no permitted instance type holds an environment of {largest.workload.name} "
        f"({largest.memory_mb} MB, {largest.vcpus} vCPU)"
    )


def _ceilings(case: Case, fleet: Fleet | None) -> list[str]:
    """Limits in the settings that are below the need."""
    found = []
    if fleet is not None and not fleet.within_ceiling:
        found.append(
            f"{case.pool.name}: the peak needs {fleet.vcpus} vCPUs, its ceiling is {case.ceiling}: "
            "requests beyond it are throttled"
        )
    for each in case.sized:
        most = each.workload.max_environments
        needed = each.count(each.requests) // each.versions
        if most is not None and needed > most:
            found.append(
                f"{each.workload.name}: the peak needs {needed} environments, its scaling permits {most}: "
                "requests beyond them are throttled"
            )
    return found


def _notes(case: Case, fleet: Fleet | None, region: str) -> list[str]:
    notes = []
    if fleet is not None and case.pool.allowed is None:
        notes.append(
            f"{fleet.instance.name} is the cheapest of {fleet.types} instance types; Lambda picks the type itself "
            "unless the provider allows only some"
        )
    if fleet is not None and fleet.instance.basis == "scaled":
        notes.append(f"the price of {fleet.instance.name} in {region} is scaled from another size of its family")
    if case.pool.region in case.plain.other_regions.differ:
        notes.append(f"Lambda’s rates in {case.pool.region} differ from those of {case.plain.region}, used here")
    unknown = [each.workload.name for each in case.sized if each.requests is None]
    if unknown:
        which = ", ".join(unknown) if len(unknown) <= 3 else f"{len(unknown)} of {len(case.sized)} functions"
        notes.append(f"requests not known: {which}; without them this is the least it costs")
    for each in case.sized:
        workload = each.workload
        if workload.managed and workload.traffic.duration_ms is not None:
            notes.append(f"{workload.name}: on managed instances already; plain Lambda is taken at the same memory")
        if workload.managed and workload.process_per_invocation and workload.traffic.memory_used_mb is None:
            notes.append(f"{workload.name}: memory of a process is not known, so it does not bound the concurrency")
    return notes


def _sensitivity(pool: Pool, table: Ec2Prices, region: str, prices: Prices, ledger: Ledger) -> list[Sensitivity]:
    return [
        _changed(what, factor, pool, table, region, prices, ledger)
        for what in ("duration", "memory", "utilisation")
        for factor in _FACTORS
    ]


def _changed(
    what: str, factor: Decimal, pool: Pool, table: Ec2Prices, region: str, prices: Prices, ledger: Ledger
) -> Sensitivity:
    change = {"duration": _slower, "memory": _larger}.get(what)
    if change is not None:
        workloads = tuple(change(each, factor) for each in pool.workloads)
        pool = msgspec.structs.replace(pool, workloads=workloads)
    fill = Fraction(factor) if what == "utilisation" else Fraction(1)
    case, problems = _case(pool, table, region, prices, ledger, fill)
    if case is None:
        return Sensitivity(what, factor, None, None, "; ".join(problems))
    months = {column.plan: column.month for column in case.columns()}
    managed = months.get(PLANS[2])
    problem = "" if managed is not None else _nothing_fits(case)
    return Sensitivity(what, factor, months.get(PLANS[0]), managed, problem)


def _slower(workload: Workload, factor: Decimal) -> Workload:
    traffic = workload.traffic
    changed = {
        name: value * factor
        for name in ("duration_ms", "duration_p99_ms", "peak_concurrency")
        if (value := getattr(traffic, name)) is not None
    }
    return msgspec.structs.replace(workload, traffic=msgspec.structs.replace(traffic, **changed))


def _larger(workload: Workload, factor: Decimal) -> Workload:
    used = workload.traffic.memory_used_mb
    traffic = msgspec.structs.replace(workload.traffic, memory_used_mb=used * factor if used is not None else None)
    return msgspec.structs.replace(
        workload,
        memory_mb=max(1, int(workload.memory_mb * factor)),
        environment_mb=max(MINIMUM_MB, int(workload.environment_mb * factor)),
        traffic=traffic,
    )


def _race(pool: Pool, mended: Case, table: Ec2Prices, region: str, prices: Prices, ledger: Ledger) -> RacePrice | None:
    """The price of running at what is safe today, if that holds any function back."""
    free = {each.workload.name: each.concurrency for each in mended.sized}
    held = tuple(
        each.name
        for each in pool.workloads
        if each.safe_concurrency is not None and each.safe_concurrency < free.get(each.name, 0)
    )
    if not held:
        return None
    case, _ = _case(pool, table, region, prices, ledger)
    return RacePrice(held, _on_demand(case), _on_demand(mended))


def _on_demand(case: Case | None) -> Decimal | None:
    fleet = case.fleet(case.total) if case is not None else None
    if case is None or fleet is None:
        return None
    return case.managed(PLANS[2], fleet, case.total or Decimal(0)).month


def _total(results: Sequence[PoolEstimate]) -> tuple[Column, ...]:
    """Columns that every pool has, added up."""
    found = []
    for plan in PLANS:
        columns = [column for each in results if (column := each.column(plan)) is not None]
        if not columns or len(columns) < len(results):
            continue
        sums = [
            sum((getattr(column, row) for column in columns), Decimal(0))
            for row in ("requests", "compute", "fee", "other")
        ]
        found.append(Column(plan, *sums))
    return tuple(with_savings(found))
