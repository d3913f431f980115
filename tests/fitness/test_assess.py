"""Verdict, configuration, safety and ranking."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmi_lint.deploy.model import Provenance
from lmi_lint.fitness.comparison import comparison
from lmi_lint.fitness.model import Fit
from lmi_lint.model.finding import Severity
from lmi_lint.model.names import Language
from lmi_lint.model.verdict import Verdict
from lmi_lint.request import Costing
from lmi_lint.traffic.model import Traffic
from tests.fitness.builders import STEADY, fitness, found, function, judged, one

RARE = msgspec.structs.replace(STEADY, requests=Decimal(1000))


def changed(**fields):
    return msgspec.structs.replace(STEADY, **{name: Decimal(str(value)) for name, value in fields.items()})


def test_ready_and_cheaper_moves():
    assessment = one(judged(function()), STEADY)
    assert (assessment.fit, assessment.advice, assessment.rank) == (Fit.MOVE, "move", 1)
    assert assessment.saved is not None
    assert assessment.saved > 0


def test_dearer_stays():
    assessment = one(judged(function()), RARE)
    assert (assessment.fit, assessment.rank) == (Fit.STAY, 0)


def test_unknown_traffic_asks_whatever_the_code_is():
    for item in (judged(function()), judged(function(), found("LMI104"))):
        assessment = one(item)
        assert (assessment.fit, assessment.saved, assessment.rank) == (Fit.ASK, None, 1)
        assert assessment.floor is not None
        assert any("requests" in ask for ask in assessment.asks)


def test_blocked_is_mended_first_and_its_races_have_a_price():
    assessment = one(judged(function(), found("LMI104")), STEADY)
    assert assessment.fit is Fit.MEND_FIRST
    assert (assessment.safe_concurrency, assessment.safe_known) == (1, True)
    assert assessment.race is not None
    assert assessment.race.difference is not None
    assert assessment.race.difference > 0
    assert "its races cost $" in assessment.reasons[1]
    assert assessment.obstacles == ("LMI104 request-data-in-shared-state: 1 error",)
    assert assessment.recommendation is not None
    assert assessment.recommendation.max_concurrency == 1
    assert assessment.recommendation.mended_concurrency == 12


def test_what_does_not_depend_on_concurrency_has_no_price_of_races():
    assessment = one(judged(function(), found("LMI401")), STEADY)
    assert (assessment.fit, assessment.safe_concurrency, assessment.race) == (Fit.MEND_FIRST, None, None)


def test_notes_do_not_limit_but_those_of_one_at_a_time_do():
    note = found("LMI201", Severity.NOTE)
    assert one(judged(function(), note)).safe_concurrency is None
    assert one(judged(function(managed=True, max_concurrency=1), note)).safe_concurrency == 1


def test_not_analysed_is_not_known_to_be_safe():
    assessment = one(judged(function(), verdict=Verdict.NOT_ANALYSED, problem="handler not found"), STEADY)
    assert (assessment.fit, assessment.safe_known) == (Fit.ASK, False)
    assert assessment.obstacles[0] == "not analysed: handler not found"
    assert assessment.recommendation is not None
    assert assessment.recommendation.max_concurrency == 1


def test_rust_is_judged_by_configuration_and_cost_alone():
    why = "written in Rust: judged by its configuration and cost alone"
    native = function(language=None, runtime="provided.al2023", custom_runtime="rust")
    assessment = one(judged(native, verdict=Verdict.NOT_ANALYSED, problem=why), STEADY)
    assert assessment.fit is Fit.MOVE
    assert why in assessment.reasons
    assert assessment.recommendation is not None
    assert assessment.recommendation.max_concurrency == 8


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"language": None, "runtime": "ruby3.3"}, "ruby3.3"),
        ({"edge": True}, "CloudFront"),
        ({"language": None, "runtime": "provided.al2023", "custom_runtime": "go"}, "Go"),
    ],
)
def test_what_cannot_move_says_why(fields, why):
    given = function(**fields)
    settings = (found("LMI605"),) if given.runtime == "ruby3.3" else ()
    assessment = one(judged(given, verdict=Verdict.NOT_ANALYSED, settings=settings), STEADY)
    assert (assessment.fit, assessment.rank, assessment.recommendation) == (Fit.CANNOT, 0, None)
    assert why in assessment.reasons[0]


@pytest.mark.parametrize("runtime", ["python3.9", "nodejs18.x", "java8.al2", "dotnetcore3.1", "nodejs4.3-edge"])
def test_a_runtime_with_a_successor_is_mended(runtime):
    assessment = one(judged(function(runtime=runtime), settings=(found("LMI605"),)), STEADY)
    assert assessment.fit is Fit.MEND_FIRST
    assert assessment.obstacles[0].startswith("LMI605 unsupported-runtime")


def test_settings_that_the_second_function_has_right_do_not_hold_it_up():
    assessment = one(judged(function(), settings=(found("LMI601"),)), STEADY)
    assert assessment.fit is Fit.MOVE
    assert assessment.obstacles == ("LMI601 memory-below-minimum: told",)


def test_bursts_stay_unless_the_peak_is_known():
    assert one(judged(function()), changed(burst=6)).fit is Fit.STAY
    known = one(judged(function()), changed(burst=6, peak_concurrency=90))
    assert known.fit is Fit.MOVE
    assert known.recommendation is not None
    assert known.recommendation.min_environments == 8
    assert any("environments for the peak" in reason for reason in known.reasons)


def test_measured_memory_of_processes_chooses_the_ratio():
    python = function(language=Language.PYTHON, runtime="python3.13")
    assessment = one(judged(python), changed(memory_used_mb=300, cpu_share="0.05"))
    assert assessment.recommendation is not None
    assert (assessment.recommendation.memory_mb, assessment.recommendation.gib_per_vcpu) == (8192, 8)
    assert assessment.recommendation.max_concurrency * 300 <= 8192
    assert "uses 300 MB" in assessment.recommendation.reasons[0]


def test_managed_functions_keep_their_settings_and_are_no_candidates():
    managed = function(managed=True, memory_mb=4096, max_concurrency=8, memory_per_vcpu=4.0)
    assessment = one(judged(managed), STEADY)
    assert (assessment.advice, assessment.rank) == ("keep managed", 0)
    assert assessment.recommendation is not None
    assert (assessment.recommendation.memory_mb, assessment.recommendation.gib_per_vcpu) == (4096, 4)
    assert one(judged(managed), RARE).advice == "move back"


def test_ranking():
    items = [
        judged(function("stays")),
        judged(function("cannot", edge=True)),
        judged(function("asks")),
        judged(function("asks-blocked"), found("LMI104")),
        judged(function("mends"), found("LMI104")),
        judged(function("moves")),
        judged(function("moves-more", memory_mb=1536)),
        judged(function("managed", managed=True)),
    ]
    known = {"mends": STEADY, "moves": STEADY, "moves-more": STEADY, "stays": RARE, "managed": STEADY}
    told = fitness(*items, traffic=known)
    order = [each.function.name for each in told.assessments]
    assert order == ["moves-more", "moves", "mends", "asks", "asks-blocked", "managed", "stays", "cannot"]
    assert [each.rank for each in told.assessments] == [1, 2, 3, 4, 5, 0, 0, 0]


def test_functions_without_a_provider_may_share_one():
    items = [judged(function(f"F{number}")) for number in range(4)]
    traffic = msgspec.structs.replace(STEADY, requests=Decimal(60_000_000))
    assert {each.fit for each in fitness(*items, traffic=traffic).assessments} == {Fit.STAY}
    together = fitness(*items, traffic=traffic, costing=Costing(together=True))
    assert {each.fit for each in together.assessments} == {Fit.MOVE}
    assert all("all 4 functions" in each.reasons[0] for each in together.assessments)


def test_a_project_whose_prices_are_not_known_is_judged_as_far_as_possible():
    told = fitness(judged(function("A", region="mars-north-1")), judged(function("B")), traffic=STEADY)
    assert {each.function.name: each.fit for each in told.assessments} == {"A": Fit.ASK, "B": Fit.MOVE}


_NUMBERS = {
    "requests": st.integers(0, 2_000_000_000),
    "duration_ms": st.integers(1, 5000),
    "peak_concurrency": st.integers(1, 3000),
    "active_hours": st.integers(1, 730),
    "memory_used_mb": st.integers(1, 4000),
    "burst": st.integers(1, 10),
}
_TRAFFIC = st.fixed_dictionaries({}, optional={**_NUMBERS, "cpu_share": st.sampled_from(["0.01", "0.3", "1"])})


@settings(max_examples=60, deadline=None)
@given(
    given_traffic=_TRAFFIC,
    memory=st.integers(128, 10240),
    language=st.sampled_from([Language.PYTHON, Language.JAVA]),
    rules=st.lists(st.sampled_from(["LMI104", "LMI301", "LMI401"]), max_size=2, unique=True),
    verdict=st.sampled_from(list(Verdict)),
    managed=st.booleans(),
)
def test_no_advice_to_move_without_a_comparison_that_says_it_pays(
    given_traffic, memory, language, rules, verdict, managed
):
    traffic = msgspec.convert({name: Decimal(str(value)) for name, value in given_traffic.items()}, Traffic)
    it = function(memory_mb=memory, language=language, runtime=None, managed=managed, provenance=Provenance.DEPLOYED)
    assessment = one(judged(it, *map(found, rules), verdict=verdict), traffic)
    compared = comparison(assessment.pool)
    if assessment.fit in {Fit.MOVE, Fit.MEND_FIRST}:
        assert compared is not None
        assert compared.pays
    if assessment.fit is Fit.MOVE:
        assert verdict is Verdict.READY
    if assessment.recommendation is not None and assessment.safe_known and assessment.safe_concurrency is not None:
        assert assessment.recommendation.max_concurrency <= assessment.safe_concurrency


def test_what_is_configured_is_not_lowered_for_a_guess():
    managed = function(managed=True, memory_mb=4096, max_concurrency=50)
    assert _concurrency(managed, None) == 50
    assert _concurrency(managed, STEADY) == 14
    python = function(managed=True, memory_mb=4096, language=Language.PYTHON, runtime="python3.13")
    assert _concurrency(python, Traffic(memory_used_mb=Decimal(400))) == 10


def _concurrency(given, traffic):
    recommendation = one(judged(given), traffic).recommendation
    assert recommendation is not None
    return recommendation.max_concurrency


_ODD: dict[str, list[Any]] = {
    "memory_mb": [None, 0, -5, 1, 10**12],
    "memory_per_vcpu": [None, 0.0, -1.0, 1e-9, 1e9, float("nan"), float("inf")],
    "max_concurrency": [None, 0, -3, 10**9],
    "min_environments": [None, 0, -1, 10**7],
    "provisioned": [None, -4, 10**9],
    "reserved": [None, 0, -1],
    "architecture": [None, "mips"],
    "region": [None, "", "nowhere"],
    "managed": [False, True],
}


@settings(max_examples=150, deadline=None)
@given(
    written=st.fixed_dictionaries({name: st.sampled_from(values) for name, values in _ODD.items()}),
    peak=st.sampled_from([None, 0, 10**15]),
)
def test_impossible_settings_are_judged_without_a_crash(written, peak):
    traffic = msgspec.structs.replace(STEADY, peak_concurrency=None if peak is None else Decimal(peak))
    assert one(judged(msgspec.structs.replace(function(), **written)), traffic).reasons
