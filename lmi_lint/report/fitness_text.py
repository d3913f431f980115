"""The fitness of functions for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lmi_lint.fitness.model import Assessment, Fitness
from lmi_lint.report.fitness_words import HEAD, RIGHT, asks, basis, configuration, dollars, pays_from, row, tally
from lmi_lint.report.neutral import neutral
from lmi_lint.report.paint import Paint
from lmi_lint.report.table import table

WIDTH: Final = 120
MOST_LINES: Final = 10
"""Functions that the report of a check shows in a line each; of more it shows one line, and how to see all."""


def render_fitness(fitness: Fitness, *, details: bool = False, color: bool = False) -> str:
    """The ranking and a block for each function, with a final line end. ``details``: instead of the ranking signals,
    reasons of the configuration and the month's costs of each."""
    paint = Paint(color)
    blocks = [] if details else ["\n".join(_ranking(fitness, paint))]
    blocks += ["\n".join(_function(each, paint, details=details)) for each in fitness.assessments]
    wanted = [] if details else asks(fitness.assessments)
    if wanted:
        blocks.append("\n".join([paint.bold("to find out"), *_lines(wanted)]))
    blocks.append("\n".join([paint.bold("what this rests on"), *map(paint.dim, _lines(basis(fitness)))]))
    return "\n\n".join(blocks) + "\n"


def _lines(texts: Iterable[str]) -> list[str]:
    return [line for text in texts for line in _wrapped(text, "  ", "    ")]


def short_block(fitness: Fitness, paint: Paint) -> list[str]:
    """For the report of a check: a line for each function, or one for all where there are many."""
    many = len(fitness.assessments) > MOST_LINES
    if many:
        told = f"{len(fitness.assessments)} functions: {tally(fitness.assessments)}"
        return [f"fitness of {told}; lmi-lint fitness shows each"]
    rows: list[tuple[str, ...]] = [
        (neutral(each.function.name), each.advice, *(("", "", "") if each.pool is None else _figures(each)))
        for each in fitness.assessments
    ]
    head: tuple[str, ...] = ("FITNESS", "", "SAVES A MONTH", "FLOOR A MONTH", "PAYS FROM")
    if all(each.saved is None for each in fitness.assessments):
        head, rows = _without(head, 2), [_without(cells, 2) for cells in rows]
    first, *lines = table(head, rows, frozenset(range(2, len(head))))
    more = "lmi-lint fitness says why" + ("" if fitness.traffic else ", --traffic FILE what is known of their traffic")
    return [paint.dim(first), *lines, paint.dim(more)]


def _without(cells: tuple[str, ...], index: int) -> tuple[str, ...]:
    return (*cells[:index], *cells[index + 1 :])


def _figures(each: Assessment) -> tuple[str, str, str]:
    saved = dollars(each.saved) if each.saved is not None else ""
    return saved, dollars(each.floor) if each.floor is not None else "", pays_from(each)


def _ranking(fitness: Fitness, paint: Paint) -> list[str]:
    rows = [tuple(map(neutral, row(each))) for each in fitness.assessments]
    head, *lines = table(HEAD, rows, RIGHT)
    return [paint.dim(head), *lines]


def _function(each: Assessment, paint: Paint, *, details: bool) -> Iterator[str]:
    where = f" ({neutral(each.function.template)})" if each.function.template else ""
    yield f"{paint.bold(neutral(each.function.name))}{where}: {paint.fit(each.fit, each.advice)}"
    yield from _listed("because", each.reasons)
    yield from _listed("obstacles", each.obstacles)
    if details:
        yield from _signals(each, paint)
        yield from _listed("find out", each.asks)
    if each.recommendation is not None:
        yield from _listed("set up", [configuration(each.recommendation)])
        if details:
            yield from _listed("why", each.recommendation.reasons)
            if not each.function.managed:
                yield from _listed("", [f"lmi-lint fitness --snippet {each.function.name} writes it"])
    if details and each.pool is not None:
        from lmi_lint.report.cost_text import columns_table  # the short block of a check needs none

        yield from (f"  {line}" for line in columns_table(each.pool.columns))
        yield from _listed("note", [*each.pool.problems, *each.pool.notes])


def _signals(each: Assessment, paint: Paint) -> Iterator[str]:
    if not each.signals:
        return
    name, leaning, basis_width = (
        max(len(text) for text in texts)
        for texts in (
            [signal.name for signal in each.signals],
            ["SPEAKS FOR", *(signal.leaning.value for signal in each.signals)],
            ["BASIS", *(signal.basis.value for signal in each.signals)],
        )
    )
    yield paint.dim(f"  {'SIGNAL':<{name}}  {'SPEAKS FOR':<{leaning}}  {'BASIS':<{basis_width}}  EVIDENCE")
    for signal in each.signals:
        start = f"  {signal.name:<{name}}  {signal.leaning.value:<{leaning}}  {signal.basis.value:<{basis_width}}  "
        yield from _wrapped(signal.evidence, start, " " * len(start))


def _listed(label: str, texts: Sequence[str]) -> Iterator[str]:
    for index, text in enumerate(texts):
        yield from _wrapped(text, f"  {'' if index else label:<9}  ", " " * 13)


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        neutral(text),
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
