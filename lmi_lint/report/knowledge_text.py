"""What is believed of names, for a terminal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from lmi_lint.catalog.page import Page
from lmi_lint.knowledge.told import Belief, Told
from lmi_lint.knowledge.vocabulary import METHODS
from lmi_lint.model.names import RuleId
from lmi_lint.report.neutral import neutral
from lmi_lint.report.table import table

_DETAILED: Final = 8
"""Names that are told at length; of more, each has one line."""
_LABEL: Final = 10


def render(told: Sequence[Told], pages: Mapping[RuleId, Page]) -> str:
    """All that is known of one name; of many names, one line each."""
    if len(told) > _DETAILED:
        rows = [(neutral(each.name), each.language, each.safety, ", ".join(each.roles)) for each in told]
        return "\n".join(table(("NAME", "LANGUAGE", "SAFETY", "ROLES"), rows)) + "\n"
    return "\n\n".join("\n".join(map(neutral, _one(each, pages))) for each in told) + "\n"


def rules_of(told: Told, pages: Mapping[RuleId, Page]) -> dict[str, list[Page]]:
    """The rules that look at each role, by role."""
    return {role: [page for page in pages.values() if looks_at(page, role)] for role in told.roles}


def looks_at(page: Page, role: str) -> bool:
    """Whether a rule looks at a role."""
    asked = (page.match.call, page.match.type) if page.match is not None else ()
    return role in page.roles or role in asked


def _one(told: Told, pages: Mapping[RuleId, Page]) -> Iterator[str]:
    yield f"{told.name} ({told.language})"
    typed = any(belief.table == "type" for belief in told.beliefs)
    if typed or told.safety != "unknown":
        yield _row("safety", told.safety)
        for reason in told.reasons:
            yield _row("", f"because {reason}")
        if told.instead:
            yield _row("", f"instead {told.instead}")
    if told.role:
        yield _row("role", told.role)
    if told.extends:
        yield _row("extends", ", ".join(told.extends))
    for role, looking in rules_of(told, pages).items():
        names = ", ".join(f"{page.id} {page.name}" for page in looking) or "no rule by itself; it helps to judge others"
        yield _row("rules", f"{role}: {names}")
    for belief in told.beliefs:
        yield from _belief(belief, told.name)
    yield from _methods(told)
    if told.calls:
        yield "  calls of its methods"
        for call in told.calls:
            yield from _belief(call, told.name, indent="    ")


def _belief(belief: Belief, name: str, indent: str = "  ") -> Iterator[str]:
    of = "" if belief.name == name else f" {belief.name}"
    said = [belief.role, belief.safety if belief.safety != "unknown" else "", *_words(belief)]
    yield f"{indent}[[{belief.table}]]{of}{': ' if any(said) else ''}{', '.join(word for word in said if word)}"
    if belief.why and belief.table != "type":
        yield f"{indent}  because {belief.why}"
    if belief.instead and belief.table != "type":
        yield f"{indent}  instead {belief.instead}"
    where = f"{_short(belief.path)}:{belief.line}" if belief.line else _short(belief.path)
    yield f"{indent}  {where}  {belief.source}".rstrip()


def _words(belief: Belief) -> Iterator[str]:
    """The keys of an entry; the method lists of types are told apart."""
    for key, value in belief.says.items():
        if belief.table == "type" and key in METHODS:
            continue
        if value is True:
            yield key
        elif isinstance(value, str):
            yield f"{key} {value!r}" if key.startswith("when") else f"{key} {value}"
        else:
            yield f"{key} {json.dumps(value)}"


def _methods(told: Told) -> Iterator[str]:
    if not told.methods:
        return
    yield "  methods"
    rows = [
        (method.name, ", ".join(method.does), "" if method.of == told.name else method.of) for method in told.methods
    ]
    yield from (f"    {line}" for line in table(("METHOD", "DOES", "AS A"), rows))


def _row(label: str, text: str) -> str:
    return f"  {label:<{_LABEL}}{text}"


def _short(path: str) -> str:
    """A path as it is written from here, if it lies below."""
    full = Path(path)
    here = Path.cwd()
    return os.fspath(full.relative_to(here)) if full.is_relative_to(here) else path
