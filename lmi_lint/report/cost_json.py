"""The estimate of cost as JSON, version 1. Money in USD, rounded to cents; shares from 0 to 1; memory in MB."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from lmi_lint.cost.assumptions import Assumption
from lmi_lint.cost.model import BreakEven, Column, Estimate, PoolEstimate

VERSION: Final = 1


def render_cost(estimate: Estimate) -> str:
    """The whole estimate as JSON text with a final line end."""
    # ASCII, because names may hold characters that steer a terminal.
    return json.dumps(document(estimate), indent=2) + "\n"


def document(estimate: Estimate) -> dict[str, Any]:
    """The estimate as plain data."""
    return {
        "version": VERSION,
        "currency": "USD",
        "pools": [_pool(each) for each in estimate.pools],
        "total": [_column(each) for each in estimate.total],
        "assumptions": [_assumption(each) for each in estimate.assumptions],
        "prices": [
            {
                "what": each.what,
                "region": each.region,
                "stand_in": each.stand_in or None,
                "as_of": each.as_of,
                "source": each.source,
            }
            for each in estimate.sources
        ],
    }


def _pool(found: PoolEstimate) -> dict[str, Any]:
    fleet = found.fleet
    return {
        "name": found.pool.name,
        "region": found.pool.region,
        "architecture": found.pool.architecture,
        "declared": found.pool.declared,
        "functions": [
            {
                "name": each.function,
                "environments": each.count,
                "versions": each.versions,
                "memory_mb": each.memory_mb,
                "vcpus": each.vcpus,
                "concurrency": each.concurrency,
                "bound_by": each.bound_by,
                "peak_concurrency": _number(each.peak),
            }
            for each in found.environments
        ],
        "instances": None
        if fleet is None
        else {
            "type": fleet.instance.name,
            "count": fleet.count,
            "needed_by_load": fleet.by_load,
            "vcpus": fleet.vcpus,
            "usd_per_hour": float(fleet.instance.usd_per_hour),
            "price_basis": fleet.instance.basis,
            "types_compared": fleet.types,
            "within_ceiling": fleet.within_ceiling,
        },
        "columns": [_column(each) for each in found.columns],
        "break_even": [_break_even(each) for each in found.break_even],
        "sensitivity": [
            {
                "what": each.what,
                "factor": float(each.factor),
                "lambda": _money(each.plain),
                "managed": _money(each.managed),
                "problem": each.problem or None,
            }
            for each in found.sensitivity
        ],
        "race": None
        if found.race is None
        else {
            "functions": list(found.race.functions),
            "safe": _money(found.race.safe),
            "mended": _money(found.race.mended),
            "difference": _money(found.race.difference),
        },
        "problems": list(found.problems),
        "notes": list(found.notes),
    }


def _column(column: Column) -> dict[str, Any]:
    rows = {row: _money(getattr(column, row)) for row in ("requests", "compute", "fee", "other", "month", "year")}
    return {"plan": column.plan, **rows, "saving": _number(column.saving)}


def _break_even(each: BreakEven) -> dict[str, Any]:
    return {
        "plan": each.plan,
        "against": each.against,
        "requests": each.requests,
        "instances": each.instances,
        "lasting": each.lasting,
        "floor_requests": each.floor_requests,
        "floor_gb_seconds": _number(each.floor_gb_seconds),
        "floor_concurrency": _number(each.floor_concurrency),
        "utilisation": _number(each.utilisation),
        "why": each.why or None,
    }


def _assumption(each: Assumption) -> dict[str, Any]:
    return {
        "name": each.name,
        "value": float(each.value),
        "unit": each.unit,
        "what": each.what,
        "source": each.source,
        "date": each.date or None,
        "verified": each.verified,
        "overridden": each.overridden,
    }


def _money(value: Decimal | None) -> float | None:
    """Cents exactly: a float shows as many digits as it was made from."""
    return None if value is None else float(value.quantize(Decimal("0.01"), ROUND_HALF_UP))


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value.quantize(Decimal("0.0001"), ROUND_HALF_UP))
