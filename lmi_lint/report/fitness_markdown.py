"""Fitness as Markdown, for the description or a comment of a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from lmi_lint.fitness.model import Assessment, Fitness
from lmi_lint.report.fitness_words import HEAD, RIGHT, basis, configuration, row
from lmi_lint.report.markdown_text import code, html, plain, table
from lmi_lint.report.neutral import neutral

_FENCE: Final = re.compile(r"^`{3,}", re.MULTILINE)


def render_fitness(fitness: Fitness, snippets: Sequence[str] = ()) -> str:
    """The ranking as a table, each function folded below it, and what it rests on; with a final line end. ``snippets``:
    configuration of the second function, one for each, or empty."""
    lines = ["## Fitness for Lambda Managed Instances", "", *ranking(fitness), ""]
    for index, each in enumerate(fitness.assessments):
        lines += _function(each, snippets[index] if index < len(snippets) else "")
    lines += [f"- {plain(line)}" for line in basis(fitness)]
    return "\n".join(lines) + "\n"


def ranking(fitness: Fitness, most: int | None = None) -> list[str]:
    """The functions as a table, the first ``most`` of them."""
    rows = [ranked(each) for each in fitness.assessments[:most]]
    return table([word.capitalize() for word in HEAD], rows, RIGHT)


def ranked(each: Assessment) -> tuple[str, ...]:
    """A function's row of the table."""
    rank, name, *rest = row(each)
    return (rank, code(name), *(plain(cell) for cell in rest))


def _function(each: Assessment, snippet: str) -> Iterator[str]:
    yield f"<details><summary>{html(each.function.name)}: {each.advice}</summary>"
    yield ""
    yield from _listed("Because", each.reasons)
    yield from _listed("What stands between it and *ready*", each.obstacles)
    if each.signals:
        signals = [(told.name, told.leaning.value, told.basis.value, plain(told.evidence)) for told in each.signals]
        yield from table(("Signal", "Speaks for", "Basis", "Evidence"), signals)
        yield ""
    yield from _listed("To find out", each.asks)
    if each.recommendation is not None:
        yield f"Recommended: {plain(configuration(each.recommendation))}"
        yield ""
        yield from _listed("Why so", each.recommendation.reasons)
    if snippet:
        ticks = max((len(mark) for mark in _FENCE.findall(snippet)), default=2) + 1
        fence = "`" * max(ticks, 3)
        yield from (fence, *(neutral(line) for line in snippet.splitlines()), fence, "")
    yield "</details>"
    yield ""


def _listed(title: str, texts: Sequence[str]) -> Iterator[str]:
    if texts:
        yield f"{title}:"
        yield ""
        yield from (f"- {plain(text)}" for text in texts)
        yield ""
