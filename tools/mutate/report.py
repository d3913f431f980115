"""What became of mutants, and the figures."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

from msgspec import Struct

from tools.mutate.mutants import Mutant


class Fate(Struct, frozen=True):
    """What became of a mutant: ``killed``, ``late`` (too slow: killed), ``died`` (the process: killed), ``survived``,
    ``uncovered`` (survived: no test gets there), ``left`` (survived as many tests as were asked for). ``by``: the test
    that ended it; ``tests``: how many had run."""

    mutant: Mutant
    what: str
    by: str = ""
    tests: int = 0


class Results(Struct, frozen=True):
    """A run. ``population``: mutants by file from which were drawn."""

    commit: str
    seed: int
    population: dict[str, int]
    fates: list[Fate]


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson)."""
    if of == 0:
        return 0.0, 1.0
    share = hits / of
    middle = share + z * z / (2 * of)
    spread = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - spread) / (1 + z * z / of), (middle + spread) / (1 + z * z / of)


def lives(fate: Fate) -> bool:
    """Whether no test noticed a mutant."""
    return fate.what in {"survived", "uncovered", "left"}


def report(results: Results) -> str:
    """Figures by module and operator, and what survived, as Markdown."""
    fates = results.fates
    killed = sum(not lives(fate) for fate in fates)
    low, high = wilson(killed, len(fates))
    share = f"{killed / max(len(fates), 1):.1%}; 95 % interval {low:.1%} to {high:.1%}"
    drawn = f"{len(fates)} drawn from {sum(results.population.values())}"
    lines = [f"Commit {results.commit}, seed {results.seed}: {killed} killed ({share}) of {drawn}."]
    for title, attribute in (("Module", "file"), ("Operator", "operator")):
        groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for fate in fates:
            groups[str(getattr(fate.mutant, attribute))][fate.what] += 1
        lines += ["", f"| {title} | drawn | killed | of these late or died | survived | of these never reached |"]
        lines.append("| --- | --: | --: | --: | --: | --: |")
        for name, of in sorted(groups.items()):
            ended, alive = of["late"] + of["died"], of["survived"] + of["uncovered"] + of["left"]
            lines.append(f"| {name} | {of.total()} | {of.total() - alive} | {ended} | {alive} | {of['uncovered']} |")
    for fate in filter(lives, fates):
        lines += ["", f"{fate.mutant.file} {fate.mutant.operator} ({fate.what}, {fate.tests} tests)", fate.mutant.diff]
    return "\n".join(lines)
