"""The curve that a plot draws: it agrees with the table and with the break-evens."""

from __future__ import annotations

import pytest

from lmi_lint.cost.model import PLANS, Curve, PoolEstimate
from tests.cost.examples import function, one, pool

BUSY = {"memory_mb": 1024, "duration_ms": 120, "duration_p99_ms": 300, "peak_concurrency": 60}


def curved(*workloads, **options) -> tuple[PoolEstimate, Curve]:
    found = one(pool(*workloads, **options), curves=True)
    assert found.curve is not None
    return found, found.curve


def test_the_stated_month_is_that_of_the_table() -> None:
    found, curve = curved(function(requests=400_000_000, **BUSY))
    assert curve.stated == 400_000_000
    (months,) = [point.months for point in curve.points if point.requests == curve.stated]
    assert dict(zip(PLANS, months, strict=True)) == {column.plan: column.month for column in found.columns}


def test_break_evens_are_points_where_managed_costs_no_more() -> None:
    found, curve = curved(function(requests=300_000_000, **BUSY))
    points = {point.requests: dict(zip(PLANS, point.months, strict=True)) for point in curve.points}
    assert len(found.break_even) == 3
    for each in found.break_even:
        assert each.requests is not None
        here, before = points[each.requests], points[max(asked for asked in points if asked < each.requests)]
        for months, pays in ((here, True), (before, False)):
            managed, plain = months[each.plan], months[each.against]
            assert managed is not None
            assert plain is not None
            assert (managed <= plain) is pays


@pytest.mark.parametrize(("requests", "decades"), [(400_000_000, False), (40_000, True)])
def test_covers_what_is_of_interest(requests: int, decades: bool) -> None:
    found, curve = curved(function(requests=requests, **BUSY))
    amounts = [point.requests for point in curve.points]
    assert amounts == sorted(set(amounts))
    assert curve.decades is decades
    assert (amounts[0] > 0) is decades
    wanted = [each.requests for each in found.break_even if each.requests is not None] + [requests]
    assert amounts[0] < min(wanted)
    assert max(wanted) < amounts[-1]


def test_beyond_the_ceiling_nothing_is_drawn() -> None:
    _, curve = curved(function(requests=2_000_000_000, **BUSY), max_vcpus=24)
    assert curve.points[-1].months[2] is None
    assert curve.points[-1].months[0] is not None


@pytest.mark.parametrize("known", [{"requests": 10}, {}])
def test_no_curve_without_durations(known: dict[str, int]) -> None:
    assert one(pool(function(**known)), curves=True).curve is None


def test_only_when_asked_for() -> None:
    assert one(pool(function(requests=400_000_000, **BUSY))).curve is None
