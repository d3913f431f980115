"""Fitness as Markdown, for the description or a comment of a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from lmi_lint.fitness.model import Assessment, Fitness
from lmi_lint.report.fitness_words import HEAD, RIGHT, basis, configuration, row
from lmi_lint.report.neutral import neutral

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~@!&$])")
_FENCE: Final = re.compile(r"^`{3,}", re.MULTILINE)


def render_fitness(fitness: Fitness, snippets: Sequence[str] = ()) -> str:
    """The ranking as a table, each function folded below it, and what it rests on; with a final line end. ``snippets``:
    configuration of the second function, one for each, or empty."""
    lines = ["## Fitness for Lambda Managed Instances", "", *_ranking(fitness), ""]
    for index, each in enumerate(fitness.assessments):
        lines += _function(each, snippets[index] if index < len(snippets) else "")
    lines += [f"- {_text(line)}" for line in basis(fitness)]
    return "\n".join(lines) + "\n"


def _ranking(fitness: Fitness) -> Iterator[str]:
    yield _row([word.capitalize() for word in HEAD])
    yield _row(["---:" if index in RIGHT else "---" for index in range(len(HEAD))])
    for each in fitness.assessments:
        yield _row([_text(cell) for cell in row(each)])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _function(each: Assessment, snippet: str) -> Iterator[str]:
    yield f"<details><summary>{_text(each.function.name)}: {_text(each.advice)}</summary>"
    yield ""
    yield from _listed("Because", each.reasons)
    yield from _listed("What stands between it and *ready*", each.obstacles)
    if each.signals:
        yield _row(["Signal", "Speaks for", "Basis", "Evidence"])
        yield _row(["---"] * 4)
        for signal in each.signals:
            yield _row([signal.name, signal.leaning.value, signal.basis.value, _text(signal.evidence)])
        yield ""
    yield from _listed("To find out", each.asks)
    if each.recommendation is not None:
        yield f"Recommended: {_text(configuration(each.recommendation))}"
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
        yield from (f"- {_text(text)}" for text in texts)
        yield ""


def _text(text: str) -> str:
    """Harmless in Markdown: no mark-up, no mentions, one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(neutral(text).split()))
