"""Mutation testing of ``lmi_lint/link``: would the tests notice if a condition there were another?

Draws mutants by a seed from all that the operators make of the code inside functions, puts each into a process of its
own and runs the tests that reach the changed statement, until one fails::

    pip install mutmut coverage
    python -m tools.mutate --mutants 200 --seed 1 --out mutants.json
    python -m tools.mutate --again mutants.json     # those that survived, once tests or code have changed

Tests run in pytest, collected once and in this process; each mutant is a fork of it. What files say (facts), knowledge
and rule pages come from a cache, as mutants of link cannot change them. A test that takes ten times the processor time
that it takes without a mutant, and at least ten seconds, counts as failed. ``--most`` bounds how many tests a mutant is
given, likely ones first: what is left over then counts as a survivor, so that the figure is too low, never too high.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import msgspec
import pytest

from tools.mutate.memory import remember
from tools.mutate.mutants import Drawn, draw, same
from tools.mutate.report import Fate, Results, lives, report
from tools.mutate.running import LINK, ROOT, Runner

TESTS: Final = ("tests/link", "tests/test_fixtures.py", "tests/test_catalog.py")


def drawn_again(files: list[Path], before: list[Results]) -> tuple[dict[str, int], list[Drawn]]:
    """The mutants that survived before, in the code of today; says which have no place there any more."""
    chosen: list[Drawn] = []
    for fate in (fate for results in before for fate in results.fates if lives(fate)):
        found = same(files, fate.mutant)
        if found is None:
            print(f"gone: {fate.mutant.file}:{fate.mutant.line} {fate.mutant.operator}\n{fate.mutant.diff}")
        else:
            chosen.append(found)
    return before[0].population, chosen


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.mutate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", help="names of modules in lmi_lint/link; all if there are none")
    parser.add_argument("--mutants", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("mutants.json"))
    parser.add_argument("--cache", type=Path, help="where what files say is kept for the next run")
    parser.add_argument("--baseline", type=Path, help="what the tests do without a mutant; written if there is none")
    parser.add_argument(
        "--most", type=int, default=0, help="tests that a mutant is given at most (0: all that reach it)"
    )
    parser.add_argument("--again", type=Path, nargs="+", help="run what survived in these results")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="what to give pytest (default: %(default)s)")
    return parser.parse_args()


def main() -> int:
    """Run from the command line."""
    options = arguments()
    os.chdir(ROOT)
    before = [msgspec.json.decode(path.read_bytes(), type=Results) for path in options.again or ()]
    files = [LINK / name for name in options.files] or sorted(LINK.glob("*.py"))
    population, drawn = drawn_again(files, before) if before else draw(files, options.mutants, options.seed)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607
    results = Results(commit, before[0].seed if before else options.seed, population, [])

    def done(fate: Fate) -> None:
        results.fates.append(fate)
        where = f"{fate.mutant.file}:{fate.mutant.line}"
        print(len(results.fates), where, fate.mutant.operator, fate.what, fate.by, flush=True)
        options.out.write_bytes(msgspec.json.format(msgspec.json.encode(results)))

    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        remember(options.cache or Path(folder) / "cache")
        plain = ["-q", "-s", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
        room = [f"--basetemp={folder}/tests", "-o", "tmp_path_retention_policy=none"]
        pytest.main(
            [*plain, *room, "-k", "not speaks_of_its_rule and not test_page", *options.tests],
            plugins=[Runner(drawn, options.baseline, options.most, done)],
        )
    print(report(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
