"""Fitness of functions for managed instances as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from lmi_lint.cost.words import money, requests
from lmi_lint.fitness.model import Assessment, Fit, Fitness, Recommendation
from lmi_lint.report.cost_words import race_words
from lmi_lint.report.html.builder import Markup, element, table

_TONES: Final = {
    Fit.MOVE: "good",
    Fit.MEND_FIRST: "warning",
    Fit.STAY: "note",
    Fit.CANNOT: "error",
    Fit.ASK: "note",
}
_HEAD: Final = ("Function", "Rank", "Advice", "Code and settings", "Safe at once", "Saved a month", "Pays from")


def fitness_section(fitness: Fitness) -> Markup:
    """A table of all functions, then what speaks for each advice."""
    rows = [_row(each) for each in fitness.assessments]
    return element(
        "section",
        element("h2", "Fitness for managed instances"),
        element("p", "Traffic from ", element("code", fitness.traffic)) if fitness.traffic else None,
        [element("p", note, class_="muted") for note in fitness.notes],
        table(_HEAD, rows, caption="Advice for each function; saved is USD, on demand", right=frozenset({1, 4, 5, 6})),
        [_assessment(each) for each in fitness.assessments],
        id="fitness",
    )


def advice_badge(each: Assessment) -> Markup:
    """The advice, told by word and colour."""
    return element("span", each.advice, class_=f"badge {_TONES[each.fit]}")


def safe_words(each: Assessment) -> str:
    """How many invocations an environment may hold today."""
    if not each.safe_known:
        return "not known"
    return "any number" if each.safe_concurrency is None else str(each.safe_concurrency)


def saved_words(saved: Decimal | None) -> str:
    """USD a month, with its sign."""
    return "" if saved is None else f"{'−' if saved < 0 else ''}{money(abs(saved))}"


def _row(each: Assessment) -> tuple[str | Markup, ...]:
    return (
        each.function.name,
        str(each.rank) if each.rank else "",
        advice_badge(each),
        each.verdict.value,
        safe_words(each),
        saved_words(each.saved),
        requests(each.break_even) if each.break_even is not None else "",
    )


def _assessment(each: Assessment) -> Markup:
    return element(
        "details",
        element("summary", element("h3", each.function.name), " ", advice_badge(each)),
        *_parts(each),
        class_="card",
    )


def _parts(each: Assessment) -> Iterator[Markup]:
    if each.reasons:
        yield element("ul", [element("li", reason) for reason in each.reasons])
    for title, lines in (("What stands in the way", each.obstacles), ("What to find out", each.asks)):
        if lines:
            yield element("h4", title)
            yield element("ul", [element("li", line) for line in lines])
    if each.signals:
        rows = [(row.name, row.leaning.value, row.basis.value, row.evidence) for row in each.signals]
        yield table(("Signal", "Speaks for", "Known from", "Evidence"), rows, caption="What was weighed")
    if each.recommendation is not None:
        yield from _recommendation(each.recommendation)
    if each.race is not None:
        yield element("p", element("strong", "Price of the races: "), race_words(each.race))


def _recommendation(found: Recommendation) -> Iterator[Markup]:
    most = str(found.max_environments) if found.max_environments is not None else "no maximum"
    once = f"{found.max_concurrency}"
    if found.mended_concurrency is not None:
        once += f"; {found.mended_concurrency} once the code is mended or has been looked at"
    settings = (
        ("Memory of an environment", f"{found.memory_mb} MB, {found.gib_per_vcpu} GiB per vCPU"),
        ("Invocations at once in one environment", once),
        ("Environments", f"{found.min_environments} at least, {most}"),
        ("Architecture", found.architecture),
        ("vCPUs of the provider at most", str(found.max_vcpus)),
    )
    yield table(("Setting", "Value"), settings, caption="Recommended configuration")
    if found.reasons:
        yield element("ul", [element("li", reason) for reason in found.reasons], class_="muted")
