"""The estimate of cost for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lmi_lint.cost.assumptions import Assumption
from lmi_lint.cost.breakeven import NEVER
from lmi_lint.cost.model import PLANS, BreakEven, Column, Environment, Estimate, Fleet, PoolEstimate, PriceSource
from lmi_lint.cost.words import money, percent, requests
from lmi_lint.report.neutral import neutral
from lmi_lint.report.paint import Paint
from lmi_lint.report.table import table

_NAMES: Final = {
    PLANS[0]: "LAMBDA",
    PLANS[1]: "LAMBDA, SAVINGS PLAN",
    PLANS[2]: "MANAGED",
    PLANS[3]: "MANAGED, 1 YEAR",
    PLANS[4]: "MANAGED, 3 YEARS",
}
_WORDS: Final = {PLANS[2]: "on demand", PLANS[3]: "1 year", PLANS[4]: "3 years"}
_LEGEND: Final = (
    "floor: what the fewest instances cost, as requests on Lambda and as invocations that always run there; "
    "vCPUs at work: share from which a rented vCPU is cheaper"
)
_ROWS: Final = ("requests", "compute", "fee", "other", "month", "year")


def render_cost(estimate: Estimate, *, details: bool = True, color: bool = False) -> str:
    """The whole estimate with a final line end; USD, rounded to cents. ``details``: every pool at length, rather than
    one line for each."""
    paint = Paint(color)
    blocks = ["\n".join(_pool(each, paint)) for each in estimate.pools] if details else []
    if len(estimate.pools) > 1:
        blocks.append("\n".join(_overview(estimate.pools, paint)))
        if estimate.total:
            total = [f"  {line}" for line in columns_table(estimate.total)]
            blocks.append("\n".join([paint.bold("all together"), *total]))
    blocks.append("\n".join(_assumptions(estimate.assumptions, estimate.sources, paint)))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _overview(pools: Sequence[PoolEstimate], paint: Paint) -> list[str]:
    """One line for each pool: a month on demand, and from where on the move pays."""
    head = ("POOL", "FUNCTIONS", "REGION", "INSTANCES", "LAMBDA", "MANAGED", "SAVING", "BREAK-EVEN")
    rows = []
    for each in pools:
        plain, managed = each.column(PLANS[0]), each.column(PLANS[2])
        rows.append(
            (
                neutral(each.pool.name),
                str(len(each.pool.workloads)),
                neutral(each.pool.region),
                f"{each.fleet.count} × {neutral(each.fleet.instance.name)}" if each.fleet else "nothing fits",
                money(plain.month) if plain else "",
                money(managed.month) if managed else "",
                percent(managed.saving) if managed and managed.saving is not None else "",
                _requests_of(each.break_even[0]) if each.break_even else "",
            )
        )
    return [
        paint.bold("overview") + ": USD a month, on demand",
        *(f"  {line}" for line in _table(head, rows, {1, 4, 5, 6, 7})),
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Iterable[int]) -> list[str]:
    return table(head, rows, frozenset(right))


def _pool(found: PoolEstimate, paint: Paint) -> Iterator[str]:
    pool = found.pool
    where = f"{pool.region}, {pool.architecture}" + (", capacity provider" if pool.declared else "")
    yield paint.bold(neutral(pool.name)) + f" ({neutral(where)})"
    yield from (f"  problem: {neutral(text)}" for text in found.problems)
    yield from (f"  {line}" for line in columns_table(found.columns))
    if found.fleet is not None:
        yield f"  instances: {_fleet(found.fleet)}"
    for block in (_environments(found.environments), _break_evens(found.break_even), _sensitivity(found)):
        yield from (f"  {line}" for line in block)
    if found.race is not None:
        yield f"  price of the races: {_race(found)}"
    yield from (paint.dim(f"  note: {neutral(text)}") for text in found.notes)


def columns_table(columns: Sequence[Column]) -> list[str]:
    """A month under each plan, as lines; none if there are no columns."""
    if not columns:
        return []
    rows = [[row, *(money(getattr(column, row)) for column in columns)] for row in _ROWS]
    if any(column.saving is not None for column in columns):
        rows.append(["saving", *("" if each.saving is None else percent(each.saving) for each in columns)])
    head = ["USD", *(_NAMES[column.plan] for column in columns)]
    return table(head, rows, frozenset(range(1, len(head))))


def _fleet(fleet: Fleet) -> str:
    kind = fleet.instance
    about = f"{kind.vcpus} vCPU, {kind.memory_gib.normalize():f} GiB, ${kind.usd_per_hour.normalize():f} an hour"
    load = "the load needs as many" if fleet.by_load >= fleet.count else f"the load alone needs {fleet.by_load}"
    return f"{fleet.count} × {neutral(kind.name)} ({about}); {load}"


def _environments(environments: Iterable[Environment]) -> list[str]:
    rows = [
        (
            neutral(each.function),
            f"{each.count}" + (f" in {each.versions} versions" if each.versions > 1 else ""),
            f"{each.memory_mb} MB, {each.vcpus} vCPU",
            str(each.concurrency),
            each.bound_by,
            f"{each.peak:.1f}" if each.peak is not None else "not known",
        )
        for each in environments
    ]
    head = ("FUNCTION", "ENVIRONMENTS", "SIZE", "AT ONCE", "BOUND BY", "PEAK")
    return table(head, rows, frozenset({3, 5})) if rows else []


def _break_evens(found: Sequence[BreakEven]) -> list[str]:
    if not found:
        return []
    head = ("BREAK-EVEN", "REQUESTS A MONTH", "INSTANCES", "FOR GOOD FROM", "FLOOR", "FLOOR AT ONCE", "VCPUS AT WORK")
    rows = [
        (
            _WORDS[each.plan],
            _requests_of(each),
            str(each.instances) if each.instances is not None else "",
            _for_good(each),
            requests(each.floor_requests) if each.floor_requests is not None else "",
            f"{each.floor_concurrency:.1f}" if each.floor_concurrency is not None else "",
            percent(each.utilisation),
        )
        for each in found
    ]
    return [*table(head, rows, frozenset(range(1, len(head)))), *_reasons(found), _LEGEND]


def _requests_of(each: BreakEven) -> str:
    if each.requests is not None:
        return requests(each.requests)
    return NEVER if each.why.startswith(NEVER) else "not known"


def _for_good(each: BreakEven) -> str:
    """From where on it stays so: each further instance has to be earned before it pays."""
    if each.requests is None:
        return ""
    return requests(each.lasting) if each.lasting is not None else "not at the ceiling"


def _reasons(found: Iterable[BreakEven]) -> Iterator[str]:
    """Why a break-even is not known, or never; each reason once."""
    plans: dict[str, list[str]] = {}
    for each in found:
        if each.why:
            plans.setdefault(each.why, []).append(_WORDS[each.plan])
    for why, words in plans.items():
        yield f"{', '.join(words)}: {why}"


def _sensitivity(found: PoolEstimate) -> list[str]:
    rows = []
    for each in found.sensitivity:
        plain = money(each.plain) if each.plain is not None else ""
        managed = money(each.managed) if each.managed is not None else ""
        saving = percent(1 - each.managed / each.plain) if each.plain and each.managed is not None else ""
        rows.append((f"{each.what} × {each.factor.normalize():f}", plain, managed, saving, neutral(each.problem)))
    return _table(("IF", _NAMES[PLANS[0]], _NAMES[PLANS[2]], "SAVING", ""), rows, {1, 2, 3}) if rows else []


def _race(found: PoolEstimate) -> str:
    race = found.race
    if race is None:
        return ""
    who = ", ".join(neutral(name) for name in race.functions)
    if race.safe is None or race.mended is None or race.difference is None:
        return f"not known; nothing holds {who}"
    return (
        f"{money(race.difference)} a month: {money(race.safe)} at what is safe today, {money(race.mended)} once {who} "
        "may run as configured"
    )


def _assumptions(used: Iterable[Assumption], sources: Iterable[PriceSource], paint: Paint) -> Iterator[str]:
    yield paint.bold("what this rests on") + " (replace with --assume NAME=VALUE)"
    for source in sources:
        stand_in = f" instead of {neutral(source.region)}" if source.stand_in else ""
        region = neutral(source.stand_in or source.region)
        yield f"  prices of {source.what}: {region}{stand_in}, {neutral(source.as_of)}, {neutral(source.source)}"
    rows = [
        (
            f"  {each.name}",
            f"{each.value.normalize():f}",
            each.unit,
            "yours" if each.overridden else "verified" if each.verified else "not verified",
            each.date,
            each.what,
        )
        for each in used
    ]
    yield from table(("  ASSUMPTION", "VALUE", "UNIT", "", "DATE", ""), rows, frozenset({1}))
