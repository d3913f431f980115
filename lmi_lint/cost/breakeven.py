"""From how many requests on managed instances pay."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from lmi_lint.cost.case import Case
from lmi_lint.cost.model import PLANS, BreakEven, Column, Fleet
from lmi_lint.cost.prices import LambdaRate

STEPS: Final = 2_000
"""Steps of the number of environments that are looked at; reaching it is reported."""
_AGAINST: Final = {PLANS[2]: PLANS[0], PLANS[3]: PLANS[1], PLANS[4]: PLANS[1]}
"""What a plan is compared with: on demand with on demand, a commitment with a Savings Plan."""
NEVER: Final = "never"
"""How the reason begins where the move pays at no number of requests."""
_MOST: Final = 10**18
"""Requests a month beyond which nobody asks."""


def break_evens(case: Case) -> tuple[BreakEven, ...]:
    """The break-even of each plan on managed instances; none if nothing fits."""
    floor = case.smallest_fleet()
    if floor is None:
        return ()
    return tuple(_break_even(case, plan, floor) for plan in PLANS[2:])


def _break_even(case: Case, plan: str, floor: Fleet) -> BreakEven:
    against = _AGAINST[plan]
    ledger = case.ledger
    rate = case.plain.rates[case.pool.architecture]
    kept = 1 - ledger["lambda_savings_plan"] if against == PLANS[1] else Decimal(1)
    fixed = case.managed(plan, floor, Decimal(0))
    paid = _bought(fixed.month / kept, rate) + ledger["free_tier"] * case.plain.free_tier.gb_seconds
    memory = sum(each.workload.memory_mb for each in case.sized)
    seconds = ledger["hours_per_month"] * 3600
    found, why = _Found(), ""
    floor_requests = None
    if case.scales:
        floor_requests = _first(lambda total: _gain(case, plan, floor, total) >= 0, 1, _MOST)
        # Below that not even the smallest fleet would pay.
        found = _scan(case, plan, floor_requests if floor_requests is not None else _MOST)
        why = found.why
    else:
        why = "not known without the duration" if len(case.sized) == 1 else "not known without traffic of all functions"
    return BreakEven(
        plan,
        against,
        found.first,
        found.instances,
        found.lasting,
        floor_requests,
        paid,
        paid / (Decimal(memory) / 1024 * seconds) if len(case.sized) == 1 else None,
        _utilisation(case, floor, fixed, rate, kept),
        why,
    )


def _utilisation(case: Case, floor: Fleet, fixed: Column, rate: LambdaRate, kept: Decimal) -> Decimal:
    """Price of a rented vCPU-hour over that of one on Lambda."""
    hours = case.ledger["hours_per_month"] * max(1, floor.vcpus)
    rented = (fixed.compute + fixed.fee) / hours
    plain = case.ledger["lambda_mb_per_vcpu"] / 1024 * 3600 * rate.tiers[0].usd_per_gb_second * kept
    return rented / plain


def _bought(usd: Decimal, rate: LambdaRate) -> Decimal:
    """GB-seconds that so much money buys on Lambda."""
    bought = Decimal(0)
    for tier in rate.tiers:
        size = tier.up_to_gb_seconds - bought if tier.up_to_gb_seconds is not None else None
        price = tier.usd_per_gb_second
        if size is None or usd <= size * price:
            return bought + usd / price
        usd -= size * price
        bought += size
    return bought


def _gain(case: Case, plan: str, fleet: Fleet, total: int) -> Decimal:
    """What a month on a given fleet saves against plain Lambda."""
    requests = Decimal(total)
    plain = case.today(requests)[0 if _AGAINST[plan] == PLANS[0] else 1]
    return plain.month - case.managed(plan, fleet, requests).month


def gain(case: Case, plan: str, total: int) -> Decimal | None:
    """What a month with so many requests saves; None if nothing fits or the ceiling is too low."""
    fleet = case.fleet(Decimal(total))
    return _gain(case, plan, fleet, total) if fleet is not None and fleet.within_ceiling else None


class _Found:
    """What a scan has found so far."""

    def __init__(self) -> None:
        self.first: int | None = None
        self.instances: int | None = None
        self.lasting: int | None = None
        self.why = ""

    def pays(self, total: int, fleet: Fleet) -> None:
        if self.first is None:
            self.first, self.instances = total, fleet.count
        if self.lasting is None:
            self.lasting = total


def _scan(case: Case, plan: str, start: int) -> _Found:
    """Walk through the numbers of environments: between two of them the fleet stays, and what is saved only grows."""
    found = _Found()
    for number, (low, high) in enumerate(_spans(case, start)):
        if number >= STEPS:
            found.why = f"looked at {STEPS:,} steps of the number of environments, not further"
            break
        fleet = case.fleet(Decimal(high))
        if fleet is None or not fleet.within_ceiling:
            break
        if found.lasting is not None and _gain(case, plan, fleet, low) < 0:
            found.lasting = None
        if found.lasting is None and _gain(case, plan, fleet, high) >= 0:
            total = _first(lambda total, fleet=fleet: _gain(case, plan, fleet, total) >= 0, low, high)  # type: ignore[misc]
            if total is not None:
                found.pays(total, fleet)
    if found.first is None and not found.why:
        found.why = f"{NEVER} within the ceiling of {case.ceiling} vCPUs"
    return found


def _spans(case: Case, start: int) -> Iterator[tuple[int, int]]:
    """Ranges of requests a month from ``start`` on, both ends included, within which no function needs another
    environment."""
    steps = case.steps()
    low = start
    while low <= _MOST:
        ends = [math.floor(max(least, math.ceil(low / holds)) * holds) for holds, least in steps]
        high = max(low, min([*ends, _MOST]))
        yield low, high
        low = high + 1


def _first(holds: Callable[[int], bool], low: int, high: int) -> int | None:
    """The least number of a range for which a condition holds that stays true once it is; None if it never does."""
    if not holds(high):
        return None
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
