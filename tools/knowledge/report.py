"""Writes docs/design/knowledge.md: figures, and what could not be looked up."""

from __future__ import annotations

from collections import Counter
from typing import Final

from tools.knowledge.claims import FAMILIES, ROOT, Claim, Family, claims, files, unmet
from tools.knowledge.record import Names, packages, said_otherwise, verified

PAGE: Final = ROOT / "docs" / "design" / "knowledge.md"
_TITLES: Final[dict[Family, str]] = {
    "python": "Python",
    "javascript": "JavaScript and TypeScript",
    "java": "Java",
    "csharp": "C#",
}


def write() -> None:
    """Writes the page anew."""
    PAGE.write_text(page(), "utf-8")


def page() -> str:
    """The page as Markdown."""
    said = packages()
    rows, open_names = [], []
    for family in FAMILIES:
        made = claims(family)
        left = unmet(made, verified(family).__contains__)
        ours = [claim for claim in left if said_otherwise(claim, said.made_up) is not None]
        rest = [claim for claim in left if said_otherwise(claim, said.made_up) is None]
        rows.append(
            f"| {_TITLES[family]} | {len(files(family))} | {len(made):,} | {len(made) - len(left):,} | {len(ours)} |"
            f" {len(rest)} |"
        )
        open_names += _open(family, rest, said.unchecked)
    return _TEXT.format(
        rows="\n".join(rows),
        open="\n".join(open_names),
        made="\n".join(_made(said.made_up)),
        python=sum(map(len, said.python.values())),
        node=sum(map(len, said.node.values())),
        java=len(said.java),
        dotnet=len(said.dotnet),
    )


def _open(family: Family, left: list[Claim], groups: tuple[Names, ...]) -> list[str]:
    counted: Counter[Names] = Counter()
    for claim in left:
        group = said_otherwise(claim, groups)
        if group is not None:
            counted[group] += 1
    lines = [f"\n**{_TITLES[family]}**\n"] if counted else []
    for group in groups:
        if counted[group]:
            names = ", ".join(f"`{name}`" for name in group.names)
            lines.append(f"- {names} ({counted[group]}): {group.reason}")
    return lines


def _made(groups: tuple[Names, ...]) -> list[str]:
    return [f"- {', '.join(f'`{name}`' for name in group.names)}: {group.reason}" for group in groups]


_TEXT: Final = """# Is what we know of libraries true?

<!-- Written by python -m tools.knowledge check FOLDER --write -->

Every entry of `rules/knowledge` cites a page, and every name in it (the entry's own, the methods it lists, the types it
leads to) is looked up in the library itself. `tools/knowledge` does that: Python packages are imported, npm packages
are read by the compiler of TypeScript and loaded by Node.js, jars and the JDK's record of its releases are read as
class files. For .NET it reads what an npm package records of the assemblies of .NET, ASP.NET Core and Entity Framework,
and the sources of libraries. Several versions of a library are looked at where entries speak of old ones.
[`packages.toml`](../../tools/knowledge/packages.toml) lists what is installed: {python} Python distributions,
{node} npm packages, {java} jars, {dotnet} repositories.

A name with alternatives, `{{a,b}}.{{c,d}}`, makes one claim for each alternative: it must exist in some combination. A
method in a type's list must exist on one of the entry's types, on what they extend, or on what extends them.

| language | files | claims | found in packages | names of our own | not looked up |
| --- | ---: | ---: | ---: | ---: | ---: |
{rows}

```
python -m tools.knowledge install FOLDER
python -m tools.knowledge check FOLDER --write
LMI_KNOWLEDGE_PACKAGES=FOLDER python -m pytest -m packages
```

What was found is kept in `tests/knowledge/verified`. A new entry with a name that is not there fails a quick test,
which says how to look it up (`check FOLDER --new --write`).

## Not looked up, and why
{open}

## Names of our own

Types that no library declares under this name: what several of them have in common, or what a call leads to.

{made}
"""
