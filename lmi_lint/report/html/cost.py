"""The estimate of cost as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from lmi_lint.cost.model import PLANS, Column, Estimate, PoolEstimate
from lmi_lint.cost.words import money, percent
from lmi_lint.report import cost_words as words
from lmi_lint.report.html.builder import Markup, element, scrolling, table
from lmi_lint.report.html.plot import plot

_NAMES: Final = {
    PLANS[0]: "Lambda",
    PLANS[1]: "Lambda, Savings Plan",
    PLANS[2]: "Managed",
    PLANS[3]: "Managed, 1 year",
    PLANS[4]: "Managed, 3 years",
}

_OPEN: Final = 3
"""More pools than these are folded."""


def cost_section(estimate: Estimate) -> Markup:
    """A section with every pool, all together, and what the figures rest on."""
    unfolded = len(estimate.pools) <= _OPEN
    blocks = [_pool(each, unfolded=unfolded) for each in estimate.pools]
    if len(estimate.pools) > 1:
        blocks.insert(0, _overview(estimate.pools))
        if estimate.total:
            blocks.append(element("h3", "All together"))
            blocks.append(_columns(estimate.total, "Cost of all pools, USD"))
    return element("section", element("h2", "Cost"), *blocks, _assumptions(estimate), id="cost")


def _overview(pools: Sequence[PoolEstimate]) -> Markup:
    rows = []
    for each in pools:
        plain, managed = each.column(PLANS[0]), each.column(PLANS[2])
        rows.append(
            (
                each.pool.name,
                str(len(each.pool.workloads)),
                each.pool.region,
                f"{each.fleet.count} × {each.fleet.instance.name}" if each.fleet else "nothing fits",
                money(plain.month) if plain else "",
                money(managed.month) if managed else "",
                percent(managed.saving) if managed and managed.saving is not None else "",
                words.break_even_words(each.break_even[0]) if each.break_even else "",
            )
        )
    head = ("Pool", "Functions", "Region", "Instances", "Lambda", "Managed", "Saving", "Break-even")
    return table(head, rows, caption="All pools: USD a month, on demand", right=frozenset({1, 4, 5, 6, 7}))


def _pool(found: PoolEstimate, *, unfolded: bool) -> Markup:
    pool = found.pool
    where = f"{pool.region}, {pool.architecture}" + (", capacity provider" if pool.declared else "")
    return element(
        "details",
        element("summary", element("h3", pool.name), " ", element("small", where)),
        list(_parts(found)),
        open=unfolded,
        class_="pool card",
    )


def _parts(found: PoolEstimate) -> Iterator[Markup]:
    yield from (element("p", element("strong", "Problem: "), text, class_="problem") for text in found.problems)
    if found.columns:
        yield _columns(found.columns, "Cost, USD")
    if found.fleet is not None:
        yield element("p", element("strong", "Instances: "), words.fleet_words(found.fleet))
    yield from _figure(found)
    if found.break_even:
        rows = [words.break_even_row(each) for each in found.break_even]
        yield table(
            words.BREAK_EVEN_HEAD,
            rows,
            caption="From how many requests on managed instances pay",
            right=frozenset(range(1, 7)),
        )
        yield from (element("p", text) for text in words.break_even_reasons(found.break_even))
        yield element("p", words.LEGEND, class_="muted")
    if found.environments:
        rows = words.environment_rows(found)
        yield table(words.ENVIRONMENT_HEAD, rows, caption="Execution environments", right=frozenset({3, 5}))
    if found.sensitivity:
        head: tuple[str, ...] = ("If", _NAMES[PLANS[0]], _NAMES[PLANS[2]], "Saving", "Why not")
        rows = words.sensitivity_rows(found)
        if not any(row[-1] for row in rows):
            head, rows = head[:-1], [row[:-1] for row in rows]
        yield table(head, rows, caption="If an input is another: USD a month, on demand", right=frozenset({1, 2, 3}))
    if found.race is not None:
        yield element("p", element("strong", "Price of the races: "), words.race_words(found.race))
    if found.notes:
        yield element("ul", [element("li", text) for text in found.notes], class_="muted")


def _figure(found: PoolEstimate) -> Iterator[Markup]:
    picture = plot(found)
    if picture is None:
        return
    about = (
        "Solid lines are on demand, broken ones with a commitment. A dot is where managed instances begin to pay: on "
        "demand against Lambda, committed against Lambda with a Savings Plan. Lines step where the load needs other "
        "instances."
    )
    legend = [
        element("li", element("span", class_=f"swatch {plan}", aria_hidden="true"), name)
        for plan, name in _NAMES.items()
    ]
    yield element(
        "figure",
        scrolling(picture, label=f"Plot of {found.pool.name}"),
        element("figcaption", element("ul", legend, class_="legend"), element("p", about, class_="muted")),
    )


def _columns(columns: Sequence[Column], caption: str) -> Markup:
    rows: list[list[str | Markup]] = [
        [row.capitalize(), *(money(getattr(column, row)) for column in columns)] for row in words.ROWS
    ]
    if any(column.saving is not None for column in columns):
        rows.append(["Saving", *("" if each.saving is None else percent(each.saving) for each in columns)])
    head = ["USD", *(_NAMES[column.plan] for column in columns)]
    return table(head, rows, caption=caption, right=frozenset(range(1, len(head))))


def _assumptions(estimate: Estimate) -> Markup:
    rows = [words.assumption_row(each) for each in estimate.assumptions]
    head = ("Assumption", "Value", "Unit", "Standing", "Date", "What it is")
    return element(
        "details",
        element("summary", "What the figures rest on"),
        element("ul", [element("li", words.source_words(source)) for source in estimate.sources]),
        table(head, rows, caption="Assumptions; --assume NAME=VALUE replaces one", right=frozenset({1})),
    )
