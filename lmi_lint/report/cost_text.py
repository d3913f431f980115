"""The estimate of cost for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lmi_lint.cost.assumptions import Assumption
from lmi_lint.cost.model import PLANS, BreakEven, Column, Estimate, PoolEstimate, PriceSource
from lmi_lint.cost.words import money, percent
from lmi_lint.report import cost_words as words
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
                words.break_even_words(each.break_even[0]) if each.break_even else "",
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
        yield f"  instances: {words.fleet_words(found.fleet)}"
    for block in (_environments(found), _break_evens(found.break_even), _sensitivity(found)):
        yield from (f"  {line}" for line in block)
    if found.race is not None:
        yield f"  price of the races: {words.race_words(found.race)}"
    yield from (paint.dim(f"  note: {neutral(text)}") for text in found.notes)


def columns_table(columns: Sequence[Column]) -> list[str]:
    """A month under each plan, as lines; none if there are no columns."""
    if not columns:
        return []
    rows = [[row, *(money(getattr(column, row)) for column in columns)] for row in words.ROWS]
    if any(column.saving is not None for column in columns):
        rows.append(["saving", *("" if each.saving is None else percent(each.saving) for each in columns)])
    head = ["USD", *(_NAMES[column.plan] for column in columns)]
    return table(head, rows, frozenset(range(1, len(head))))


def _environments(found: PoolEstimate) -> list[str]:
    rows = words.environment_rows(found)
    return _table(_upper(words.ENVIRONMENT_HEAD), rows, {3, 5}) if rows else []


def _break_evens(found: Sequence[BreakEven]) -> list[str]:
    if not found:
        return []
    head = _upper(words.BREAK_EVEN_HEAD)
    rows = [words.break_even_row(each) for each in found]
    return [*_table(head, rows, range(1, len(head))), *words.break_even_reasons(found), words.LEGEND]


def _sensitivity(found: PoolEstimate) -> list[str]:
    rows = words.sensitivity_rows(found)
    return _table(("IF", _NAMES[PLANS[0]], _NAMES[PLANS[2]], "SAVING", ""), rows, {1, 2, 3}) if rows else []


def _assumptions(used: Iterable[Assumption], sources: Iterable[PriceSource], paint: Paint) -> Iterator[str]:
    yield paint.bold("what this rests on") + " (replace with --assume NAME=VALUE)"
    for source in sources:
        yield f"  {words.source_words(source)}"
    head, *rows = (_upper(words.ASSUMPTION_HEAD), *(words.assumption_row(each) for each in used))
    yield from (f"  {line}" for line in _table(head, rows, {1}))


def _upper(head: Iterable[str]) -> tuple[str, ...]:
    return tuple(label.upper() for label in head)
