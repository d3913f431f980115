"""Does what ``rules/knowledge`` names exist?

    python -m tools.knowledge install FOLDER                  # packages of four languages, some gigabytes
    python -m tools.knowledge check FOLDER                    # looks every name up; says what was not found
    python -m tools.knowledge check FOLDER --new --write      # only what is new, and keeps the result

What was found is kept in ``tests/knowledge/verified``; docs/design/knowledge.md is written from it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.knowledge import report
from tools.knowledge.claims import FAMILIES, Claim, Family, claims, unmet
from tools.knowledge.install import install
from tools.knowledge.lookup import found
from tools.knowledge.record import packages, said_otherwise, verified, write


def main() -> int:
    """Exit code 0: all found or accounted for; 1: something was not; 2: it could not be looked up."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    installing = commands.add_parser("install")
    checking = commands.add_parser("check")
    for command in (installing, checking):
        command.add_argument("folder", type=Path)
    installing.add_argument("kinds", nargs="*", default=["python", "node", "java", "dotnet"])
    checking.add_argument("--family", choices=FAMILIES, action="append")
    checking.add_argument("--new", action="store_true", help="only names that were not found before")
    checking.add_argument("--write", action="store_true", help="keep what was found")
    chosen = parser.parse_args()
    try:
        if chosen.command == "install":
            lacking = install(packages(), chosen.folder.resolve(), chosen.kinds)
            print(*(f"not installed: {each}" for each in lacking), sep="\n")
            return 1 if lacking else 0
        left = [
            claim
            for family in chosen.family or FAMILIES
            for claim in check(family, chosen.folder.resolve(), new=chosen.new, keep=chosen.write)
        ]
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 2
    if chosen.write:
        report.write()
    for claim in left:
        print(f"{claim.place}: {claim.word}: no such name")
    return 1 if left else 0


def check(family: Family, folder: Path, *, new: bool, keep: bool) -> list[Claim]:
    """The claims of a family for which nothing was found, and nothing else accounts."""
    made = claims(family)
    known = verified(family) if new else frozenset()
    asked = {name for claim in (unmet(made, known.__contains__) if new else made) for name in claim.names}
    there = known | found(family, asked, folder)
    if keep:
        write(family, there & {name for claim in made for name in claim.names})
    said = packages()
    groups = (*said.made_up, *said.unchecked)
    left = unmet(made, there.__contains__)
    return [claim for claim in left if said_otherwise(claim, groups) is None]


if __name__ == "__main__":
    sys.exit(main())
