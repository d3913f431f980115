"""Cost against requests a month, for a plot."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from lmi_lint.cost.case import Case
from lmi_lint.cost.model import PLANS, BreakEven, Curve, CurvePoint

POINTS: Final = 320
"""Amounts of traffic that are costed, beside those of interest."""
_DECADES_FROM: Final = 12
"""From this ratio of the largest to the smallest amount of interest on, amounts are spread evenly over decades."""


def curve(case: Case, break_evens: Sequence[BreakEven]) -> Curve | None:
    """What each plan costs around the break-evens and the month that was stated; None where cost is not known for other
    traffic. Break-evens and the stated month are among the points themselves."""
    if not case.scales:
        return None
    interest = _interest(case, break_evens)
    if not interest:
        return None
    decades = interest[-1] >= _DECADES_FROM * interest[0]
    amounts = sorted({*_spread(interest, decades=decades), *interest})
    stated = int(case.total) if case.total else None
    return Curve(tuple(_point(case, total) for total in amounts), decades, stated)


def _interest(case: Case, break_evens: Sequence[BreakEven]) -> list[int]:
    """Amounts that the plot has to show, in order."""
    found = {each.requests for each in break_evens if each.requests is not None}
    if not found:
        found = {each.floor_requests for each in break_evens if each.floor_requests is not None}
    if case.total and case.total >= 1:
        found.add(int(case.total))
    return sorted(total for total in found if total > 0)


def _spread(interest: Sequence[int], *, decades: bool) -> list[int]:
    low, high = interest[0], interest[-1]
    if not decades:
        top = high * 4 // 3 + 1
        return [top * step // POINTS for step in range(POINTS + 1)]
    low, high = max(1, low // 3), high * 2
    return [round(low * (high / low) ** (step / POINTS)) for step in range(POINTS + 1)]


def _point(case: Case, total: int) -> CurvePoint:
    requests = Decimal(total)
    plain = case.today(requests)
    fleet = case.fleet(requests)
    fits = fleet is not None and fleet.within_ceiling
    managed = [case.managed(plan, fleet, requests).month if fleet and fits else None for plan in PLANS[2:]]
    return CurvePoint(total, (plain[0].month, plain[1].month, *managed))
