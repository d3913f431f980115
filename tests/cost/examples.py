"""What tests of cost share: the shipped data, and short ways to write a function."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from lmi_lint.cost.assumptions import Assumptions
from lmi_lint.cost.estimate import estimate
from lmi_lint.cost.load import load_assumptions, load_prices
from lmi_lint.cost.model import Pool, PoolEstimate, Workload
from lmi_lint.cost.prices import Prices
from lmi_lint.packs import rules_root
from lmi_lint.traffic.model import Traffic


@cache
def shipped_assumptions() -> Assumptions:
    return load_assumptions(rules_root())


@cache
def shipped_prices() -> Prices:
    return load_prices(rules_root())


def function(name="f", memory_mb=2048, **given) -> Workload:
    """A function with an environment of at least 2 GB; unknown keys go to its traffic, numbers become exact."""
    traffic = {key: given.pop(key) for key in list(given) if key in Traffic.__struct_fields__}
    exact: dict[str, Any] = {key: Decimal(str(value)) for key, value in traffic.items() if value is not None}
    settings = {
        "environment_mb": max(2048, memory_mb),
        "gib_per_vcpu": Decimal(2),
        "max_concurrency": 64,
        "process_per_invocation": False,
    } | given
    return Workload(name, memory_mb, traffic=Traffic(**exact), **settings)


def pool(*workloads, types=None, architecture="arm64", region="us-east-1", **given) -> Pool:
    allowed = tuple(types) if types else None
    return Pool("p", region, architecture, workloads, allowed=allowed, **given)


def one(asked: Pool, *assume, prices=None, **options) -> PoolEstimate:
    """The estimate of one pool."""
    result = estimate([asked], shipped_assumptions().override(assume), prices or shipped_prices(), **options)
    (found,) = result.pools
    return found


def month(found: PoolEstimate, plan="lmi") -> Decimal:
    column = found.column(plan)
    assert column is not None
    return column.month
