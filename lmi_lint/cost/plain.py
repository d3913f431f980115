"""What plain Lambda costs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from lmi_lint.cost.assumptions import Ledger
from lmi_lint.cost.model import Column, Workload
from lmi_lint.cost.prices import LambdaPrices, LambdaRate


def gb_seconds(workload: Workload, requests: Decimal) -> Decimal:
    """GB-seconds of so many requests. The duration must be known."""
    duration = workload.traffic.duration_ms
    if duration is None:
        raise ValueError(f"{workload.name}: no duration")
    return requests * duration / 1000 * workload.memory_mb / 1024


def plain_columns(
    loads: Sequence[tuple[Workload, Decimal]], architecture: str, prices: LambdaPrices, ledger: Ledger
) -> tuple[Column, Column]:
    """A month of functions with their requests on plain Lambda: on demand, and with a Compute Savings Plan."""
    rate = prices.rates[architecture]
    free = ledger["free_tier"]
    on_demand, fixed = Decimal(0), Decimal(0)
    for workload, requests in loads:
        used = gb_seconds(workload, requests)
        covered = _covered(workload, used, ledger)
        on_demand += used - covered
        fixed += covered * rate.provisioned_duration_usd_per_gb_second
        seconds = ledger["hours_per_month"] * 3600 if workload.provisioned else Decimal(0)
        fixed += workload.provisioned * _gb(workload) * seconds * rate.provisioned_usd_per_gb_second
    compute = tiered(max(Decimal(0), on_demand - free * prices.free_tier.gb_seconds), rate) + fixed
    storage = sum((_storage(workload, requests, prices) for workload, requests in loads), Decimal(0))
    number = sum((requests for _, requests in loads), Decimal(0))
    billed = max(Decimal(0), number - free * prices.free_tier.requests)
    asked = billed * prices.requests.usd_per_million / 1_000_000
    zero = Decimal(0)
    discounted = compute * (1 - ledger["lambda_savings_plan"]) + storage
    return (
        Column("lambda", asked, compute + storage, zero, zero),
        Column("lambda-savings-plan", asked, discounted, zero, zero),
    )


def tiered(amount: Decimal, rate: LambdaRate) -> Decimal:
    """USD for so many GB-seconds of one month."""
    cost, below = Decimal(0), Decimal(0)
    for tier in rate.tiers:
        end = amount if tier.up_to_gb_seconds is None else min(amount, tier.up_to_gb_seconds)
        if end <= below:
            break
        cost += (end - below) * tier.usd_per_gb_second
        below = end
    return cost


def _gb(workload: Workload) -> Decimal:
    return Decimal(workload.memory_mb) / 1024


def _covered(workload: Workload, used: Decimal, ledger: Ledger) -> Decimal:
    """GB-seconds that run on provisioned concurrency: all, up to what is provisioned."""
    if not workload.provisioned:
        return Decimal(0)
    return min(used, workload.provisioned * _gb(workload) * ledger["hours_per_month"] * 3600)


def _storage(workload: Workload, requests: Decimal, prices: LambdaPrices) -> Decimal:
    extra = (workload.ephemeral_mb - prices.ephemeral.free_mb) / 1024
    if extra <= 0 or workload.traffic.duration_ms is None:
        return Decimal(0)
    return requests * workload.traffic.duration_ms / 1000 * extra * prices.ephemeral.usd_per_gb_second
