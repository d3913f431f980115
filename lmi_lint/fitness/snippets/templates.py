"""Templates beside this module: lines that begin with ``?flag|`` or ``?!flag|`` stand if the flag is set or not, and
``$name`` is filled in."""

from __future__ import annotations

import re
from importlib.resources import files
from string import Template
from typing import Final

_CONDITION: Final = re.compile(r"((?:\?!?\w+\|)+)")


def filled(name: str, values: dict[str, str], flags: frozenset[str]) -> str:
    """The template of that name. KeyError for a place that no value is given for."""
    text = (files(__package__) / name).read_text(encoding="utf-8")
    kept = []
    for line in text.splitlines(keepends=True):
        found = _CONDITION.match(line)
        conditions = found[1].strip("|").split("|") if found else []
        if all((each.lstrip("?!") in flags) != each.startswith("?!") for each in conditions):
            kept.append(line[found.end() :] if found else line)
    return Template("".join(kept)).substitute(values)
