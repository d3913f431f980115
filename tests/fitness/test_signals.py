"""Each row of the decision table."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from lmi_lint.deploy.model import CapacityProvider, Dialect, EventSource
from lmi_lint.fitness.model import Basis, Leaning
from lmi_lint.model.finding import Location, Severity
from lmi_lint.model.names import Language
from lmi_lint.model.source import Span
from lmi_lint.model.verdict import Verdict
from lmi_lint.traffic.model import Traffic
from tests.fitness.builders import STEADY, found, function, judged, one, signal
from tests.fitness.builders import fitness as assessed


def with_traffic(**fields):
    return msgspec.structs.replace(STEADY, **{name: Decimal(str(value)) for name, value in fields.items()})


def row(name, given=None, traffic=None, *findings, **fields):
    return signal(one(judged(given or function(), *findings), traffic, **fields), name)


@pytest.mark.parametrize(("burst", "leaning"), [("1", Leaning.MOVE), ("2", Leaning.MOVE), ("2.1", Leaning.STAY)])
def test_growth_beyond_twice_in_five_minutes_is_throttled(burst, leaning):
    told = row("traffic", traffic=with_traffic(burst=burst))
    assert (told.leaning, told.basis, told.ask) == (leaning, Basis.TRAFFIC, "")
    assert ("throttled" in told.evidence) == (leaning is Leaning.STAY)


def test_traffic_that_is_not_known_is_asked_for():
    told = row("traffic")
    assert (told.leaning, told.basis) == (Leaning.NEITHER, Basis.UNKNOWN)
    assert told.ask.startswith("burst")


def test_the_peak_over_the_mean_is_told_without_a_burst():
    # 400 M × 0.2 s in 730 h are 30.4 at once
    traffic = msgspec.structs.replace(STEADY, burst=None, peak_concurrency=Decimal(61))
    assert "2 times the mean" in row("traffic", traffic=traffic).evidence


def test_cost_speaks_for_the_move_where_it_is_cheaper_and_says_its_own_break_even_beside_the_folk_ones():
    told = row("cost", traffic=STEADY, costing=_at_length())
    assert (told.leaning, told.basis) == (Leaning.MOVE, Basis.TRAFFIC)
    assert "less)" in told.evidence
    assert "it pays from 72.7 M requests a month (often said: from $1,000 or 50 M requests a month)" in told.evidence


def test_cost_speaks_against_the_move_where_it_is_dearer():
    told = row("cost", traffic=with_traffic(requests=1_000_000))
    assert told.leaning is Leaning.STAY
    assert "times as much" in told.evidence


def test_without_traffic_cost_tells_the_floor_and_asks():
    told = row("cost")
    assert (told.leaning, told.basis) == (Leaning.NEITHER, Basis.UNKNOWN)
    assert "$193.92 a month at the least; at the earliest it pays from 5.5 invocations always at work" in told.evidence
    assert "requests" in told.ask


@pytest.mark.parametrize(("reserved", "leaning"), [(1, Leaning.STAY), (5, Leaning.STAY), (6, Leaning.NEITHER)])
def test_reserved_concurrency_below_the_floor_never_pays(reserved, leaning):
    told = row("cost", function(reserved=reserved))
    assert told.leaning is leaning
    assert ("reserved" in told.evidence) == (leaning is Leaning.STAY)


def test_a_region_without_prices_is_said():
    told = row("cost", function(region="mars-north-1"), STEADY)
    assert (told.leaning, told.basis) == (Leaning.NEITHER, Basis.UNKNOWN)
    assert "mars-north-1" in told.evidence
    assert "prices update" in told.ask


@pytest.mark.parametrize(
    ("share", "leaning"),
    [("0.05", Leaning.MOVE), ("0.25", Leaning.MOVE), ("0.5", Leaning.NEITHER), ("0.9", Leaning.STAY)],
)
def test_what_waits_gains_most(share, leaning):
    told = row("compute", traffic=with_traffic(cpu_share=share))
    assert (told.leaning, told.basis) == (leaning, Basis.TRAFFIC)


def test_code_that_blocks_speaks_against_sharing():
    told = row("compute", None, None, found("LMI409", Severity.WARNING))
    assert (told.leaning, told.basis) == (Leaning.STAY, Basis.CODE)
    assert told.location is not None


def test_chosen_instance_types_speak_for_the_move():
    told = row("compute", function(managed=True, provider="Fleet"), providers=(provider(allowed=("c8g.*",)),))
    assert (told.leaning, told.basis) == (Leaning.MOVE, Basis.CONFIGURATION)
    assert "c8g.*" in told.evidence


@pytest.mark.parametrize("fields", [{"provisioned": 5}, {"snapstart": True}])
def test_who_fights_cold_starts_gains_environments_that_stay(fields):
    told = row("cold start", function(**fields))
    assert (told.leaning, told.basis) == (Leaning.MOVE, Basis.CONFIGURATION)


def test_cold_starts_are_asked_for():
    assert row("cold start").ask


def test_alone_is_isolated():
    assert row("isolation").basis is Basis.CONFIGURATION


@pytest.mark.parametrize(
    ("roles", "leaning", "basis"),
    [
        (("A", "B"), Leaning.STAY, Basis.CONFIGURATION),
        (("A", "A"), Leaning.NEITHER, Basis.CONFIGURATION),
        (("A", None), Leaning.NEITHER, Basis.UNKNOWN),
    ],
)
def test_functions_of_different_roles_should_not_share(roles, leaning, basis):
    items = [judged(function(f"F{n}", managed=True, provider="Fleet", role=role)) for n, role in enumerate(roles)]
    first = assessed(*items, providers=(provider(),)).assessments[0]
    told = signal(first, "isolation")
    assert (told.leaning, told.basis) == (leaning, basis)


@pytest.mark.parametrize(
    ("hours", "leaning"), [(730, Leaning.MOVE), (500, Leaning.NEITHER), (240, Leaning.STAY), (30, Leaning.STAY)]
)
def test_idle_hours_cost(hours, leaning):
    told = row("scale to zero", traffic=with_traffic(active_hours=hours))
    assert (told.leaning, told.basis) == (leaning, Basis.TRAFFIC)


def test_what_only_a_schedule_invokes_is_idle_in_between():
    told = row("scale to zero", function(events=(EventSource("schedule", polled=False),)))
    assert (told.leaning, told.basis) == (Leaning.STAY, Basis.CONFIGURATION)
    mixed = function(events=(EventSource("schedule", polled=False), EventSource("http", polled=False)))
    assert row("scale to zero", mixed).basis is Basis.UNKNOWN


def test_code_readiness():
    assert row("code readiness").leaning is Leaning.MOVE
    blocked = row("code readiness", None, None, found("LMI104"))
    assert (blocked.leaning, blocked.basis) == (Leaning.STAY, Basis.CODE)
    assert "LMI104" in blocked.evidence
    assert "one invocation at a time" in blocked.evidence
    assert "one invocation" not in row("code readiness", None, None, found("LMI401")).evidence
    assert row("code readiness", None, None, found("LMI301", Severity.WARNING)).leaning is Leaning.NEITHER
    unread = one(judged(function(), verdict=Verdict.NOT_ANALYSED, problem="handler not found"))
    assert signal(unread, "code readiness").evidence == "handler not found"


def test_all_rows_in_their_order():
    names = [each.name for each in one(judged(function(language=Language.PYTHON))).signals]
    assert names == ["cost", "code readiness", "traffic", "compute", "cold start", "isolation", "scale to zero"]


def test_what_is_known_is_not_asked_for():
    asks = one(judged(function(provisioned=2)), STEADY).asks
    assert asks == ()
    assert Traffic() != STEADY


def provider(**fields):
    return CapacityProvider("Fleet", Dialect.SAM, "template.yaml", Location("template.yaml", Span(0, 1)), **fields)


def _at_length():
    from lmi_lint.request import Costing

    return Costing(brief=False)
