"""What the tests of the judgement are made of."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

from lmi_lint.catalog.registry import load_pages
from lmi_lint.cost.assumptions import Assumptions
from lmi_lint.cost.load import load_assumptions, load_prices
from lmi_lint.cost.prices import Prices
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment, Provenance
from lmi_lint.fitness.assess import Known, assess
from lmi_lint.fitness.model import Assessment, Fitness, Judged, Signal
from lmi_lint.model.finding import Confidence, Finding, Location, Severity
from lmi_lint.model.names import Language, RuleId
from lmi_lint.model.source import Span
from lmi_lint.model.verdict import Verdict
from lmi_lint.packs import rules_root
from lmi_lint.request import Costing
from lmi_lint.traffic.load import TrafficFile
from lmi_lint.traffic.model import Traffic

PAGES = load_pages([rules_root()])
STEADY = Traffic(
    requests=Decimal(400_000_000),
    duration_ms=Decimal(200),
    burst=Decimal("1.5"),
    cpu_share=Decimal("0.1"),
    active_hours=Decimal(730),
)
"""Traffic with which a function of 1 GB pays on managed instances."""


@cache
def prices() -> Prices:
    return load_prices(rules_root())


@cache
def assumptions() -> Assumptions:
    return load_assumptions(rules_root())


def function(name: str = "F", **fields: Any) -> DeployedFunction:
    known = {
        "provenance": Provenance.DEPLOYED,
        "language": Language.JAVASCRIPT,
        "runtime": "nodejs22.x",
        "memory_mb": 1024,
        "architecture": "arm64",
        "template": "template.yaml",
    }
    return DeployedFunction(name=name, **{**known, **fields})


def found(rule: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(RuleId(rule), "told", severity, Confidence.HIGH, Location("src/a.js", Span(0, 1)))


def judged(given: DeployedFunction, *findings: Finding, **fields: Any) -> Judged:
    """Ready unless there are findings."""
    worst = max((each.severity.rank for each in findings), default=0)
    verdict = (Verdict.READY, Verdict.NEEDS_WORK, Verdict.BLOCKED)[worst]
    return msgspec.structs.replace(Judged(given, verdict, findings), **fields)


def fitness(
    *items: Judged,
    traffic: Traffic | dict[str, Traffic] | None = None,
    providers: tuple[CapacityProvider, ...] = (),
    costing: Costing = Costing(),  # noqa: B008  frozen
) -> Fitness:
    tables = traffic if isinstance(traffic, dict) else {"default": traffic} if traffic is not None else {}
    deployment = Deployment(tuple(each.function for each in items), providers=providers)
    told = TrafficFile(tuple(tables.items()), "traffic.toml" if tables else "")
    return assess(items, Known(deployment, PAGES, told, prices(), assumptions(), costing))


def one(item: Judged, traffic: Traffic | None = None, **fields: Any) -> Assessment:
    (assessment,) = fitness(item, traffic=traffic, **fields).assessments
    return assessment


def signal(assessment: Assessment, name: str) -> Signal:
    (row,) = (each for each in assessment.signals if each.name == name)
    return row
