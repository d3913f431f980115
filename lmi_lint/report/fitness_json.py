"""Fitness as JSON, version 1. Money in USD, rounded to cents; memory in MB."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from lmi_lint.cost.model import RacePrice
from lmi_lint.fitness.comparison import break_even
from lmi_lint.fitness.model import Assessment, Fitness, Recommendation, Signal
from lmi_lint.report import cost_json
from lmi_lint.report.neutral import neutral

VERSION: Final = 1


def render_fitness(fitness: Fitness, snippets: Sequence[str] = ()) -> str:
    """All of it as JSON text with a final line end. ``snippets``: configuration of the second function, one for each,
    or empty."""
    # ASCII, because names may hold characters that steer a terminal.
    return json.dumps(document(fitness, snippets), indent=2) + "\n"


def document(fitness: Fitness, snippets: Sequence[str] = ()) -> dict[str, Any]:
    """All of it as plain data."""
    told = list(snippets) + [""] * (len(fitness.assessments) - len(snippets))
    return {
        "version": VERSION,
        "traffic": fitness.traffic or None,
        "functions": [
            {**_function(each), "snippet": snippet or None}
            for each, snippet in zip(fitness.assessments, told, strict=True)
        ],
        "notes": list(fitness.notes),
        "cost": cost_json.document(fitness.estimate),
    }


def brief(fitness: Fitness) -> dict[str, Any]:
    """In short, for the report of a check; texts are neutral."""
    return {
        "traffic": neutral(fitness.traffic) or None,
        "functions": [
            {
                "name": neutral(each.function.name),
                "template": neutral(each.function.template) if each.function.template else None,
                "fit": each.fit.value,
                "advice": each.advice,
                "rank": each.rank or None,
                **_figures(each),
            }
            for each in fitness.assessments
        ],
        "notes": [neutral(note) for note in fitness.notes],
    }


def _figures(each: Assessment) -> dict[str, Any]:
    start = break_even(each.pool)
    return {
        "saved": _money(each.saved),
        "floor": _money(each.floor),
        "break_even": each.break_even,
        "floor_concurrency": _number(start.floor_concurrency) if start is not None else None,
        "safe_concurrency": {"known": each.safe_known, "at_most": each.safe_concurrency},
    }


def _function(each: Assessment) -> dict[str, Any]:
    return {
        "name": each.function.name,
        "template": each.function.template,
        "managed": each.function.managed,
        "verdict": each.verdict.value,
        "fit": each.fit.value,
        "advice": each.advice,
        "rank": each.rank or None,
        "reasons": list(each.reasons),
        **_figures(each),
        "race": _race(each.race),
        "pool": each.pool.pool.name if each.pool is not None else None,
        "signals": [_signal(signal) for signal in each.signals],
        "obstacles": list(each.obstacles),
        "recommendation": _recommendation(each.recommendation),
    }


def _signal(signal: Signal) -> dict[str, Any]:
    return {
        "name": signal.name,
        "leaning": signal.leaning.value,
        "basis": signal.basis.value,
        "evidence": signal.evidence,
        "ask": signal.ask or None,
        "path": signal.location.path if signal.location is not None else None,
    }


def _recommendation(found: Recommendation | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "memory_mb": found.memory_mb,
        "gib_per_vcpu": found.gib_per_vcpu,
        "max_concurrency": found.max_concurrency,
        "mended_concurrency": found.mended_concurrency,
        "min_environments": found.min_environments,
        "max_environments": found.max_environments,
        "architecture": found.architecture,
        "max_vcpus": found.max_vcpus,
        "reasons": list(found.reasons),
    }


def _race(race: RacePrice | None) -> dict[str, Any] | None:
    if race is None:
        return None
    return {"safe": _money(race.safe), "mended": _money(race.mended), "difference": _money(race.difference)}


def _money(value: Decimal | None) -> float | None:
    return None if value is None else float(value.quantize(Decimal("0.01"), ROUND_HALF_UP))


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value.quantize(Decimal("0.0001"), ROUND_HALF_UP))
