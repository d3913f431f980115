"""What holds for every workload."""

from __future__ import annotations

import math
from decimal import Decimal

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lmi_lint.cost.assumptions import Ledger
from lmi_lint.cost.breakeven import break_evens, gain
from lmi_lint.cost.case import Case
from lmi_lint.cost.model import Pool
from lmi_lint.cost.packing import Need, Room, instances_for, undominated
from lmi_lint.cost.prices import InstanceType
from lmi_lint.cost.sizing import size
from tests.cost.examples import function, month, one, pool, shipped_assumptions, shipped_prices

# Estimates of exact numbers are not quick on a busy machine; what is tested is their value.
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
many = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])

FAMILIES = ["m7g.*", "c7g.*", "r7g.*"]
requests = st.integers(1, 3 * 10**9)
durations = st.integers(1, 5000)
memories = st.sampled_from([128, 512, 1024, 1769, 2048, 3008, 6144])
shares = st.sampled_from(["0.01", "0.1", "0.25", "0.6", "1"])
functions = st.builds(
    lambda memory, duration, count, share, process, peak: function(
        memory_mb=memory,
        duration_ms=duration,
        requests=count,
        cpu_share=share,
        process_per_invocation=process,
        peak_concurrency=peak,
    ),
    memories,
    durations,
    requests,
    shares,
    st.booleans(),
    st.none() | st.integers(1, 400),
)


def case(asked: Pool, *assume: str) -> Case:
    ledger = Ledger(shipped_assumptions().override(assume))
    prices = shipped_prices()
    sized = [size(workload, asked, ledger) for workload in asked.workloads]
    ready = [each for each in sized if not isinstance(each, str)]
    assert len(ready) == len(sized)
    return Case(asked, ready, prices.tables[0].regions["us-east-1"], prices.plain, ledger)


def changed(workload, **values):
    traffic = msgspec.structs.replace(workload.traffic, **{key: Decimal(value) for key, value in values.items()})
    return msgspec.structs.replace(workload, traffic=traffic)


def months(workload, *assume) -> dict[str, Decimal]:
    return {column.plan: column.month for column in case(pool(workload, types=FAMILIES), *assume).columns()}


def no_dearer(first: dict[str, Decimal], second: dict[str, Decimal]) -> bool:
    return all(second[plan] >= month for plan, month in first.items() if plan in second)


@many
@given(functions, st.integers(0, 10**9))
def test_more_requests_never_cost_less(workload, more) -> None:
    peak = workload.traffic.peak_concurrency
    more_requests = workload.traffic.requests + more
    busier = changed(workload, requests=more_requests)
    if peak is not None:
        busier = changed(busier, peak_concurrency=peak * more_requests / workload.traffic.requests)
    assert no_dearer(months(workload), months(busier))


@many
@given(functions, st.integers(0, 5000))
def test_longer_invocations_never_cost_less(workload, more) -> None:
    slower = changed(workload, duration_ms=workload.traffic.duration_ms + more)
    assert no_dearer(months(workload), months(slower))


@many
@given(functions, st.decimals("1", "3", places=2))
def test_dearer_instances_never_cost_less(workload, factor) -> None:
    prices = shipped_prices()
    rows = [each for each in prices.tables[0].regions["us-east-1"] if each.family in {"m7g", "c7g", "r7g"}]
    dearer = [msgspec.structs.replace(each, usd_per_hour=each.usd_per_hour * factor) for each in rows]
    asked, ledger = pool(workload), Ledger(shipped_assumptions())
    sized = size(workload, asked, ledger)
    assert not isinstance(sized, str)
    cheap, dear = (Case(asked, [sized], types, prices.plain, ledger).columns() for types in (rows, dearer))
    assert [column.plan for column in cheap] == [column.plan for column in dear]
    assert all(second.month >= first.month for first, second in zip(cheap, dear, strict=True))


@many
@given(functions, st.decimals("0", "0.9", places=2), st.decimals("0", "0.9", places=2))
def test_the_fee_does_not_fall_with_discounts(workload, one_year, three_years) -> None:
    found = case(pool(workload, types=FAMILIES), f"ec2_1yr={one_year}", f"ec2_3yr={three_years}")
    fees = {column.fee for column in found.columns() if column.plan.startswith("lmi")}
    assert len(fees) <= 1
    fleet = found.fleet(found.total)
    if fleet is not None:
        assert fees == {fleet.count * fleet.instance.usd_per_hour * 730 * Decimal("0.15")}


@many
@given(functions, functions)
def test_every_environment_fits_its_instance(first, second) -> None:
    asked = pool(first, msgspec.structs.replace(second, name="g"), types=FAMILIES)
    found = case(asked)
    fleet = found.fleet(found.total)
    assert fleet is not None
    room_vcpus, room_mb = fleet.instance.vcpus - 1, (fleet.instance.memory_gib - 1) * 1024
    vcpus = memory = Decimal(0)
    for each, count in zip(found.sized, found.requests(found.total), strict=True):
        assert each.vcpus <= room_vcpus
        assert each.memory_mb <= room_mb
        vcpus += each.vcpus * each.count(count)
        memory += each.memory_mb * each.count(count)
        peak = each.peak(count)
        assert peak is not None
        assert each.count(count) * each.concurrency >= peak
    assert vcpus <= fleet.count * room_vcpus
    assert memory <= fleet.count * room_mb


sizes = st.builds(Need, st.sampled_from([2048, 4096, 6144, 8192]), st.integers(1, 3), st.integers(0, 40))


@many
@given(st.lists(sizes, max_size=4), st.sampled_from([(4, 16), (8, 16), (16, 64)]))
def test_packing_wastes_less_than_half(needs, instance) -> None:
    vcpus, gib = instance
    kind = InstanceType("m7g.x", vcpus, Decimal(gib), "arm64", Decimal(1), "exact")
    room = Room(kind, Decimal(vcpus - 1), Decimal((gib - 1) * 1024))
    count = instances_for(room, needs)
    if any(need.count and room.per_instance(need) < 1 for need in needs):
        assert count is None
        return
    assert count is not None
    load = max(
        sum(need.vcpus * need.count for need in needs) / room.vcpus,
        sum(need.memory_mb * need.count for need in needs) / room.memory_mb,
    )
    apart = sum(math.ceil(need.count / room.per_instance(need)) for need in needs if need.count)
    assert math.ceil(load) <= count <= apart


@few
@given(functions)
def test_dominated_types_are_never_missed(workload) -> None:
    asked = pool(workload)
    found = case(asked)
    every = Case(asked, found.sized, shipped_prices().tables[0].regions["us-east-1"], found.plain, found.ledger)
    every._rooms = list(reversed(_all_rooms(asked, found.ledger)))
    assert len(every._rooms) > len(found._rooms) == len(undominated(every._rooms))
    mine, theirs = found.fleet(found.total), every.fleet(every.total)
    assert (mine is None) == (theirs is None)
    if mine is not None and theirs is not None:
        assert mine.count * mine.instance.usd_per_hour == theirs.count * theirs.instance.usd_per_hour


def _all_rooms(asked: Pool, ledger: Ledger) -> list[Room]:
    from lmi_lint.cost.packing import candidates

    return candidates(shipped_prices().tables[0].regions["us-east-1"], asked, ledger)


@few
@given(functions, st.none() | functions, st.sampled_from(["0", "1"]))
def test_break_even_is_where_the_cost_function_says(workload, other, free) -> None:
    others = [] if other is None else [msgspec.structs.replace(other, name="g")]
    asked = pool(workload, *others, types=["m7g.large", "m7g.xlarge", "c7g.2xlarge"])
    found = case(asked, f"free_tier={free}")
    for each in break_evens(found):
        if each.requests is None:
            # nowhere up to the ceiling: tried at many points
            for power in range(4, 12):
                saved = gain(found, each.plan, 3 * 10**power)
                assert saved is None or saved < 0
            continue
        at = gain(found, each.plan, each.requests)
        assert at is not None
        assert at >= 0
        if each.requests > 1:
            before = gain(found, each.plan, each.requests - 1)
            assert before is not None
            assert before < 0
        fleet = found.fleet(Decimal(each.requests))
        assert fleet is not None
        assert fleet.count == each.instances
        assert each.floor_requests is not None
        assert each.floor_requests <= each.requests
        if each.lasting is not None:
            assert each.lasting >= each.requests
            for percent in (100, 101, 120, 200, 1000):
                later = gain(found, each.plan, each.lasting * percent // 100)
                assert later is None or later >= 0
            if each.lasting > each.requests:
                dip = gain(found, each.plan, each.lasting - 1)
                assert dip is not None
                assert dip < 0


def test_never() -> None:
    # one invocation at a time in an environment of its own, always computing: dearer than Lambda at any number
    found = one(pool(function(memory_mb=512, requests=10**6, duration_ms=100, max_concurrency=1), types=["m7g.large"]))
    on_demand = found.break_even[0]
    assert on_demand.requests is None
    assert on_demand.why == "never within the ceiling of 400 vCPUs"
    assert on_demand.floor_requests is not None
    assert month(found) > month(found, "lambda")
