"""Figures worked out by hand, to the cent."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest

from lmi_lint.cost.estimate import estimate
from lmi_lint.cost.plain import tiered
from lmi_lint.errors import UsageError
from tests.cost.examples import function, month, one, pool, shipped_assumptions, shipped_prices

CENT = Decimal("0.01")
MONTH_SECONDS = 730 * 3600


@pytest.mark.parametrize(
    ("kind", "architecture", "floor"),
    [("m7g.large", "arm64", "205.51"), ("c8g.xlarge", "arm64", "401.75"), ("c7a.2xlarge", "x86_64", "1034.00")],
)
def test_floor(kind: str, architecture: str, floor: str) -> None:
    found = one(pool(function(), types=[kind], architecture=architecture))
    assert found.fleet is not None
    assert found.fleet.count == 3
    assert month(found).quantize(CENT) == Decimal(floor)
    assert found.column("lambda") is None  # nothing is known of its traffic


@pytest.mark.parametrize(
    ("memory_mb", "duration_ms", "millions"), [(512, 100, "308.3"), (1024, 200, "77.1"), (2048, 1000, "7.7")]
)
def test_break_even_at_the_floor(memory_mb: int, duration_ms: int, millions: str) -> None:
    found = one(pool(function(memory_mb=memory_mb, duration_ms=duration_ms), types=["m7g.large"]))
    on_demand = found.break_even[0]
    assert on_demand.floor_requests is not None
    assert (on_demand.floor_requests / Decimal(10**6)).quantize(Decimal("0.1")) == Decimal(millions)
    # R* = N·P·730·1.15 / (D·GB·g): the charge for requests cancels
    price, rate = Fraction("0.0816"), Fraction("0.0000133334")
    exact = 3 * price * 730 * Fraction("1.15") / (Fraction(duration_ms, 1000) * Fraction(memory_mb, 1024) * rate)
    assert on_demand.floor_requests == math.ceil(exact)


def test_break_even_load_of_graviton_is_57_percent_of_lambda() -> None:
    found = one(pool(function(), types=["m7g.large"]))
    assert found.break_even[0].utilisation.quantize(CENT) == Decimal("0.57")


def test_lambda_compute_is_not_rounded_per_millisecond() -> None:
    # 30 M GB-seconds on arm64: AWS's calculator rounds its rate and says 408.00
    found = one(pool(function(memory_mb=1024, requests=150_000_000, duration_ms=200), types=["m7g.large"]))
    column = found.column("lambda")
    assert column is not None
    assert column.compute.quantize(CENT) == Decimal("400.00")
    assert column.requests == Decimal(30)


@pytest.mark.parametrize(
    ("architecture", "gb_seconds", "usd"),
    [
        ("x86_64", 6 * 10**9, "100000.20"),
        ("x86_64", 7 * 10**9, "115000.20"),
        ("x86_64", 16 * 10**9, "248333.60"),
        ("arm64", 7_500_000_000, "100000.50"),
        ("arm64", 18_750_000_000, "235001.63"),
        ("arm64", 19_750_000_000, "245668.33"),
        ("arm64", 0, "0.00"),
    ],
)
def test_tiers(architecture: str, gb_seconds: int, usd: str) -> None:
    rate = shipped_prices().plain.rates[architecture]
    assert abs(tiered(Decimal(gb_seconds), rate) - Decimal(usd)) < CENT


def test_free_tier_is_applied_only_when_asked_for() -> None:
    asked = pool(function(memory_mb=1024, requests=1_000_000, duration_ms=400), types=["m7g.large"])
    assert month(one(asked), "lambda") == Decimal("0.2") + 400_000 * Decimal("0.0000133334")
    assert month(one(asked, "free_tier=yes"), "lambda") == 0
    assert month(one(asked), "lmi") == month(one(asked, "free_tier=1"), "lmi")


def test_commitments_take_from_the_price_and_not_from_the_fee() -> None:
    found = one(pool(function(requests=0, duration_ms=100), types=["m7g.large"]))
    ec2 = 3 * 730 * Decimal("0.0816")
    for plan, discount in (("lmi", "0"), ("lmi-1yr", "0.32"), ("lmi-3yr", "0.65")):
        column = found.column(plan)
        assert column is not None
        assert column.compute == ec2 * (1 - Decimal(discount))
        assert column.fee == ec2 * Decimal("0.15")
        assert column.year == 12 * column.month


def test_savings_plan_covers_compute_alone() -> None:
    found = one(
        pool(function(memory_mb=1024, requests=10**6, duration_ms=1000, ephemeral_mb=1536), types=["m7g.large"])
    )
    plain, saved = found.column("lambda"), found.column("lambda-savings-plan")
    assert plain is not None
    assert saved is not None
    storage = 10**6 * Decimal("0.0000000309")
    assert plain.compute == 10**6 * Decimal("0.0000133334") + storage
    assert saved.compute == 10**6 * Decimal("0.0000133334") * Decimal("0.88") + storage
    assert saved.requests == plain.requests
    assert saved.saving == 1 - saved.month / plain.month


def test_provisioned_concurrency() -> None:
    found = one(pool(function(memory_mb=1024, requests=10**6, duration_ms=1000, provisioned=2), types=["m7g.large"]))
    column = found.column("lambda")
    assert column is not None
    held = 2 * MONTH_SECONDS * Decimal("0.0000033334")
    assert column.compute == 10**6 * Decimal("0.0000077778") + held


def test_other_costs_are_those_that_are_stated() -> None:
    asked = pool(function(), types=["m7g.large"])
    stated = ("nat_gateways=3", "nat_gb_per_month=100", "endpoints=3", "volume_gb=20")
    column = one(asked, *stated).column("lmi")
    assert column is not None
    rates = 3 * 730 * Decimal("0.045") + 100 * Decimal("0.045") + 3 * 730 * Decimal("0.01")
    assert column.other == rates + 3 * 20 * Decimal("0.08")
    assert month(one(asked, *stated)) - month(one(asked)) == column.other


class TestEnvironments:
    def test_little(self) -> None:
        # 36.5 requests a second of 200 ms: 7.3 at once, twice that at the peak
        found = one(pool(function(requests=36.5 * MONTH_SECONDS, duration_ms=200)))
        assert found.environments[0].peak == Decimal("14.6")

    def test_idle_hours_concentrate_the_load(self) -> None:
        found = one(pool(function(requests=36.5 * MONTH_SECONDS, duration_ms=200, active_hours=73)))
        assert found.environments[0].peak == Decimal(146)

    def test_slow_hundredth_where_it_is_more_than_the_peak_factor(self) -> None:
        found = one(pool(function(requests=10 * MONTH_SECONDS, duration_ms=100, duration_p99_ms=900)))
        assert found.environments[0].peak == 9

    def test_stated_peak_wins(self) -> None:
        found = one(pool(function(requests=10**6, duration_ms=100, peak_concurrency=77)))
        assert found.environments[0].peak == 77
        assert one(pool(function(peak_concurrency=77))).environments[0].peak == 77

    def test_processes_add_up_in_memory(self) -> None:
        settings = {"memory_mb": 512, "process_per_invocation": True, "environment_mb": 4096, "cpu_share": 0.01}
        unmeasured = one(pool(function(**settings, max_concurrency=32))).environments[0]
        assert (unmeasured.concurrency, unmeasured.vcpus) == (8, 2)
        assert unmeasured.bound_by.startswith("memory")
        measured = one(pool(function(**settings, max_concurrency=32, memory_used_mb=200))).environments[0]
        assert measured.concurrency == 20
        shared = one(pool(function(**(settings | {"process_per_invocation": False}), max_concurrency=32)))
        assert shared.environments[0].concurrency == 32

    def test_cpu_bounds(self) -> None:
        # 0.7 of 1 vCPU, a quarter of a vCPU each
        assert one(pool(function())).environments[0].concurrency == 2
        assert one(pool(function(), cpu_target=Decimal("0.5"))).environments[0].concurrency == 2
        assert one(pool(function(cpu_share=1))).environments[0].concurrency == 1
        # 512 MB of Lambda are 0.29 vCPU: what computes all the time there needs no more here
        assert one(pool(function(memory_mb=512, cpu_share=1))).environments[0].concurrency == 2

    def test_environment_is_rounded_up_to_whole_vcpus(self) -> None:
        odd = one(pool(function(memory_mb=3000))).environments[0]
        assert (odd.memory_mb, odd.vcpus) == (4096, 2)
        settled = one(pool(function(memory_mb=3000, configured=True))).environments[0]
        assert (settled.memory_mb, settled.vcpus) == (3000, 2)

    def test_two_versions_with_an_alias_of_the_template(self) -> None:
        single = one(pool(function(peak_concurrency=40)))
        double = one(pool(function(peak_concurrency=40, auto_alias=True)))
        assert double.environments[0].count == 2 * single.environments[0].count
        assumed = one(pool(function(peak_concurrency=40)), "active_versions=2")
        assert assumed.environments == double.environments

    def test_least_environments(self) -> None:
        assert one(pool(function())).environments[0].count == 3
        assert one(pool(function(min_environments=7))).environments[0].count == 7
        assert one(pool(function()), "min_environments=1").environments[0].count == 1
        switched_off = one(pool(function(min_environments=0)))
        assert switched_off.fleet is not None
        assert switched_off.fleet.count == 0
        assert month(switched_off) == 0


class TestFleet:
    def test_what_fits_nowhere_is_rejected(self) -> None:
        # AWS's calculator puts a 5 vCPU environment of 10 GB on 4 vCPU and 8 GB
        found = one(pool(function(memory_mb=10240), types=["c7g.xlarge"]))
        assert found.fleet is None
        assert found.column("lmi") is None
        assert found.break_even == ()
        assert found.problems == ("p: no permitted instance type holds an environment of f (10240 MB, 5 vCPU)",)

    def test_a_process_larger_than_its_environment(self) -> None:
        found = one(pool(function(process_per_invocation=True, memory_used_mb=3000)))
        assert found.problems == ("f: a process needs 3000 MB, its environment has 2048 MB",)

    def test_one_vcpu_and_one_gib_are_held_back(self) -> None:
        # 7 vCPU and 15 GiB left on c7g.2xlarge: seven environments
        found = one(pool(function(min_environments=22), types=["c7g.2xlarge"]))
        assert found.fleet is not None
        assert (found.fleet.by_load, found.fleet.count) == (4, 4)
        found = one(pool(function(min_environments=21), types=["c7g.2xlarge"]))
        assert found.fleet is not None
        assert found.fleet.by_load == 3

    def test_functions_share_the_instances_of_a_provider(self) -> None:
        both = one(pool(function("a", min_environments=3), function("b", min_environments=4), types=["c7g.2xlarge"]))
        assert both.fleet is not None
        assert (both.fleet.by_load, both.fleet.count) == (1, 3)

    def test_sizes_are_packed_together(self) -> None:
        # 3 vCPU and 7 GiB left: one environment of 2 vCPU beside one of 1 vCPU on each
        small, large = function("a", min_environments=4), function("b", memory_mb=4096, min_environments=4)
        found = one(pool(small, large, types=["c7g.xlarge"]))
        assert found.fleet is not None
        assert found.fleet.by_load == 4

    @pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
    def test_cheapest_permitted_type(self, architecture: str) -> None:
        found = one(pool(function(), architecture=architecture))
        assert found.fleet is not None
        rows = shipped_prices().tables[0].regions["us-east-1"]
        sizes = [each for each in rows if each.architecture == architecture and each.name.endswith(".large")]
        permitted = [each for each in sizes if each.name[0] in "mr" and "-flex" not in each.name]
        assert found.fleet.instance.usd_per_hour == min(each.usd_per_hour for each in permitted)
        assert "Lambda picks the type itself" in found.notes[0]

    def test_patterns(self) -> None:
        found = one(pool(function(), types=["m7g.*", "r7g.*"]))
        assert found.fleet is not None
        assert found.fleet.instance.name == "m7g.large"
        assert not found.notes[0].startswith("m7g.large is the cheapest")
        without = one(pool(function(), excluded=("m6g*", "m7g*")))
        assert without.fleet is not None
        assert not without.fleet.instance.name.startswith(("m6g", "m7g"))
        none = one(pool(function(), types=["t3.*"]))
        assert none.problems == ("p: no arm64 instance type with a known price that its instance types (t3.*) permit",)

    def test_medium_and_other_architectures_are_never_picked(self) -> None:
        assert one(pool(function(), types=["m7g.medium"])).fleet is None
        assert one(pool(function(), types=["m7i.large"])).fleet is None

    def test_small_c_types_only_by_name_or_assumption(self) -> None:
        named = one(pool(function(), types=["c7g.large"]))
        assert named.fleet is not None
        assert one(pool(function(), types=["c7g.l*"])).fleet is None
        assumed = one(pool(function(), types=["c7g.l*"]), "smallest_c_vcpus=2")
        assert assumed.fleet == named.fleet

    def test_ceiling_below_the_need(self) -> None:
        found = one(pool(function(min_environments=20), types=["m7g.xlarge"], max_vcpus=16))
        assert found.fleet is not None
        assert not found.fleet.within_ceiling
        assert found.problems == ("p: the peak needs 28 vCPUs, its ceiling is 16: requests beyond it are throttled",)

    def test_scaling_below_the_need(self) -> None:
        found = one(pool(function(peak_concurrency=40, max_environments=5)))
        assert found.problems == (
            "f: the peak needs 20 environments, its scaling permits 5: requests beyond them are throttled",
        )


def test_price_of_the_races() -> None:
    load = {"requests": 50_000_000, "duration_ms": 1000, "cpu_share": 0.05}
    found = one(pool(function("a", **load, safe_concurrency=1), function("b", **load)))
    race = found.race
    assert race is not None
    assert race.functions == ("a",)
    assert race.mended == month(found)
    held_back = one(pool(function("a", **load, max_concurrency=1), function("b", **load)))
    assert race.safe == month(held_back)
    assert race.difference is not None
    assert race.difference > 0
    assert one(pool(function(**load, safe_concurrency=1000))).race is None


def test_sensitivity_is_the_estimate_of_the_changed_function() -> None:
    found = one(pool(function(requests=200_000_000, duration_ms=300)))
    changed = {(each.what, each.factor): each for each in found.sensitivity}
    assert set(changed) == {
        (what, Decimal(text)) for what in ("duration", "memory", "utilisation") for text in ("0.5", "2")
    }
    slower = one(pool(function(requests=200_000_000, duration_ms=600)))
    assert changed["duration", Decimal(2)].managed == month(slower)
    assert changed["duration", Decimal(2)].plain == month(slower, "lambda")
    larger = one(pool(function(memory_mb=4096, requests=200_000_000, duration_ms=300)))
    assert changed["memory", Decimal(2)].managed == month(larger)
    half, full = changed["utilisation", Decimal("0.5")], changed["utilisation", Decimal(2)]
    assert half.managed is not None
    assert full.managed is not None
    assert half.managed > month(found) > full.managed
    assert half.plain == full.plain == month(found, "lambda")


class TestRegions:
    def test_each_has_prices_of_its_own(self) -> None:
        asked = [pool(function(), types=["m7g.large"], region=region) for region in ("us-east-1", "ap-south-1")]
        north, south = (month(one(each)) for each in asked)
        assert south < north * Decimal("0.75")

    def test_unknown_region_is_no_guess(self) -> None:
        with pytest.raises(UsageError, match="no EC2 prices are known for region sa-east-1") as caught:
            one(pool(function(), region="sa-east-1"))
        assert "--stand-in us-east-1" in caught.value.hint

    def test_stand_in_is_said(self) -> None:
        asked = pool(function(), types=["m7g.large"], region="sa-east-1")
        result = estimate([asked], shipped_assumptions(), shipped_prices(), stand_in="us-east-1")
        assert month(result.pools[0]).quantize(CENT) == Decimal("205.51")
        (ec2,) = [each for each in result.sources if each.what == "EC2"]
        assert (ec2.region, ec2.stand_in) == ("sa-east-1", "us-east-1")


def test_every_assumption_used_is_in_the_result() -> None:
    given = shipped_assumptions().override(["ec2_3yr=55%"])
    result = estimate([pool(function(requests=1, duration_ms=1))], given, shipped_prices())
    used = {each.name: each for each in result.assumptions}
    assert {"management_fee", "ec2_1yr", "ec2_3yr", "peak_factor", "cpu_share", "min_instances"} <= set(used)
    assert used["ec2_3yr"].overridden
    assert used["ec2_3yr"].value == Decimal("0.55")
    assert used["ec2_3yr"].default == Decimal("0.65")
    assert not used["ec2_1yr"].overridden
    assert "nat_hour" not in used  # no gateway, no price of one
    stated = function(requests=1, duration_ms=1, cpu_share=0.1, peak_concurrency=1)
    fewer = estimate([pool(stated)], given, shipped_prices())
    assert not {"cpu_share", "peak_factor"} & {each.name for each in fewer.assumptions}


def test_pools_add_up() -> None:
    load = {"requests": 10**6, "duration_ms": 100}
    pools = [pool(function(**load)), pool(function(**load), architecture="x86_64")]
    result = estimate(pools, shipped_assumptions(), shipped_prices())
    for column in result.total:
        assert column.month == sum(month(each, column.plan) for each in result.pools)
    assert [column.plan for column in result.total] == ["lambda", "lambda-savings-plan", "lmi", "lmi-1yr", "lmi-3yr"]
    unknown = estimate([*pools, pool(function())], shipped_assumptions(), shipped_prices())
    assert [column.plan for column in unknown.total] == ["lmi", "lmi-1yr", "lmi-3yr"]
