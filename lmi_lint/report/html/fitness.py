"""Fitness of functions for managed instances as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from lmi_lint.fitness.model import Assessment, Fit, Fitness, Recommendation
from lmi_lint.report.cost_words import race_words
from lmi_lint.report.fitness_words import asks, basis, configuration, row
from lmi_lint.report.html.builder import Markup, element, lines, scrolling, table

_TONES: Final = {
    Fit.MOVE: "good",
    Fit.MEND_FIRST: "warning",
    Fit.STAY: "note",
    Fit.CANNOT: "error",
    Fit.ASK: "note",
}
_HEAD: Final = (
    "Function",
    "Rank",
    "Advice",
    "Code and settings",
    "Saves a month",
    "Floor a month",
    "Pays from",
    "Safe",
)
_CAPTION: Final = "Advice for each function. Money is USD, on demand; safe: invocations at once in one environment"


def fitness_section(fitness: Fitness, snippets: Sequence[str] = ()) -> Markup:
    """A table of all functions, then what speaks for each advice. ``snippets``: configuration of the second function,
    one for each, or empty."""
    rows = [_row(each) for each in fitness.assessments]
    told = [*snippets, *[""] * (len(fitness.assessments) - len(snippets))]
    wanted = asks(fitness.assessments)
    return element(
        "section",
        element("h2", "Fitness for managed instances"),
        element("p", "Traffic from ", element("code", fitness.traffic)) if fitness.traffic else None,
        table(_HEAD, rows, caption=_CAPTION, right=frozenset({1, 4, 5, 6, 7})),
        [_assessment(each, snippet) for each, snippet in zip(fitness.assessments, told, strict=True)],
        element("h3", "To find out") if wanted else None,
        element("ul", [element("li", ask) for ask in wanted]) if wanted else None,
        element("h3", "What this rests on"),
        element("ul", [element("li", line) for line in basis(fitness)], class_="muted"),
        id="fitness",
    )


def advice_badge(each: Assessment) -> Markup:
    """The advice, told by word and colour."""
    return element("span", each.advice, class_=f"badge {_TONES[each.fit]}")


def _row(each: Assessment) -> tuple[str | Markup, ...]:
    rank, name, _, verdict, *figures = row(each)
    return (name, rank, advice_badge(each), verdict, *figures)


def _assessment(each: Assessment, snippet: str) -> Markup:
    return element(
        "details",
        element("summary", element("h3", each.function.name), " ", advice_badge(each)),
        *_parts(each),
        scrolling(element("pre", lines(snippet)), label=f"Configuration of {each.function.name}", class_="code")
        if snippet
        else None,
        class_="card",
    )


def _parts(each: Assessment) -> Iterator[Markup]:
    if each.reasons:
        yield element("ul", [element("li", reason) for reason in each.reasons])
    for title, texts in (("What stands in the way", each.obstacles), ("What to find out", each.asks)):
        if texts:
            yield element("h4", title)
            yield element("ul", [element("li", text) for text in texts])
    if each.signals:
        rows = [(told.name, told.leaning.value, told.basis.value, told.evidence) for told in each.signals]
        yield table(("Signal", "Speaks for", "Known from", "Evidence"), rows, caption="What was weighed")
    if each.recommendation is not None:
        yield from _recommendation(each.recommendation)
    if each.race is not None:
        yield element("p", element("strong", "Price of the races: "), race_words(each.race))


def _recommendation(found: Recommendation) -> Iterator[Markup]:
    yield element("p", element("strong", "Recommended: "), configuration(found))
    if found.reasons:
        yield element("ul", [element("li", reason) for reason in found.reasons], class_="muted")
