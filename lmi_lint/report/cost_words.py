"""The words and figures of an estimate of cost that its reports have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from lmi_lint.cost.assumptions import Assumption
from lmi_lint.cost.breakeven import NEVER
from lmi_lint.cost.model import PLANS, BreakEven, Fleet, PoolEstimate, PriceSource, RacePrice
from lmi_lint.cost.words import money, percent, requests
from lmi_lint.report.neutral import neutral

COMMITMENTS: Final = {PLANS[2]: "on demand", PLANS[3]: "1 year", PLANS[4]: "3 years"}
ROWS: Final = ("requests", "compute", "fee", "other", "month", "year")
"""Rows of a cost table, attributes of ``Column``."""
LEGEND: Final = (
    "floor: what the fewest instances cost, as requests on Lambda and as invocations that always run there; "
    "vCPUs at work: share from which a rented vCPU is cheaper"
)


def fleet_words(fleet: Fleet) -> str:
    """The instances and what decides on their number."""
    kind = fleet.instance
    about = f"{kind.vcpus} vCPU, {kind.memory_gib.normalize():f} GiB, ${kind.usd_per_hour.normalize():f} an hour"
    load = "the load needs as many" if fleet.by_load >= fleet.count else f"the load alone needs {fleet.by_load}"
    return f"{fleet.count} × {neutral(kind.name)} ({about}); {load}"


def break_even_words(each: BreakEven) -> str:
    """From how many requests on it pays."""
    if each.requests is not None:
        return requests(each.requests)
    return NEVER if each.why.startswith(NEVER) else "not known"


def lasting_words(each: BreakEven) -> str:
    """From where on it stays so: each further instance has to be earned before it pays."""
    if each.requests is None:
        return ""
    return requests(each.lasting) if each.lasting is not None else "not at the ceiling"


BREAK_EVEN_HEAD: Final = (
    "Break-even",
    "Requests a month",
    "Instances",
    "For good from",
    "Floor",
    "Floor at once",
    "vCPUs at work",
)


def break_even_row(each: BreakEven) -> tuple[str, ...]:
    """Cells under ``BREAK_EVEN_HEAD``."""
    return (
        COMMITMENTS[each.plan],
        break_even_words(each),
        str(each.instances) if each.instances is not None else "",
        lasting_words(each),
        requests(each.floor_requests) if each.floor_requests is not None else "",
        f"{each.floor_concurrency:.1f}" if each.floor_concurrency is not None else "",
        percent(each.utilisation),
    )


def break_even_reasons(found: Iterable[BreakEven]) -> Iterator[str]:
    """Why a break-even is not known, or never; each reason once."""
    plans: dict[str, list[str]] = {}
    for each in found:
        if each.why:
            plans.setdefault(each.why, []).append(COMMITMENTS[each.plan])
    for why, words in plans.items():
        yield f"{', '.join(words)}: {why}"


ENVIRONMENT_HEAD: Final = ("Function", "Environments", "Size", "At once", "Bound by", "Peak")


def environment_rows(found: PoolEstimate) -> list[tuple[str, ...]]:
    """Cells under ``ENVIRONMENT_HEAD``."""
    return [
        (
            neutral(each.function),
            f"{each.count}" + (f" in {each.versions} versions" if each.versions > 1 else ""),
            f"{each.memory_mb} MB, {each.vcpus} vCPU",
            str(each.concurrency),
            each.bound_by,
            f"{each.peak:.1f}" if each.peak is not None else "not known",
        )
        for each in found.environments
    ]


def sensitivity_rows(found: PoolEstimate) -> list[tuple[str, ...]]:
    """What is changed; the month on plain Lambda and on managed instances, on demand; the saving; why there is none."""
    rows: list[tuple[str, ...]] = []
    for each in found.sensitivity:
        plain = money(each.plain) if each.plain is not None else ""
        managed = money(each.managed) if each.managed is not None else ""
        saving = percent(1 - each.managed / each.plain) if each.plain and each.managed is not None else ""
        rows.append((f"{each.what} × {each.factor.normalize():f}", plain, managed, saving, neutral(each.problem)))
    return rows


def race_words(race: RacePrice) -> str:
    """The price of the races."""
    who = ", ".join(neutral(name) for name in race.functions)
    if race.safe is None or race.mended is None or race.difference is None:
        return f"not known; nothing holds {who}"
    return (
        f"{money(race.difference)} a month: {money(race.safe)} at what is safe today, {money(race.mended)} once {who} "
        "may run as configured"
    )


def source_words(source: PriceSource) -> str:
    """Where prices come from."""
    stand_in = f" instead of {neutral(source.region)}" if source.stand_in else ""
    region = neutral(source.stand_in or source.region)
    return f"prices of {source.what}: {region}{stand_in}, {neutral(source.as_of)}, {neutral(source.source)}"


ASSUMPTION_HEAD: Final = ("Assumption", "Value", "Unit", "", "Date", "")


def assumption_row(each: Assumption) -> tuple[str, ...]:
    """Cells under ``ASSUMPTION_HEAD``."""
    standing = "yours" if each.overridden else "verified" if each.verified else "not verified"
    return each.name, f"{each.value.normalize():f}", each.unit, standing, each.date, each.what
