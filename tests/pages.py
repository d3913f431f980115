"""Design pages whose tables refer to fixtures and to markers in them."""

from __future__ import annotations

import re
from functools import cache

from lmi_lint.catalog.markers import find_markers
from tests.harness import FIXTURES

FILE = re.compile(r"`(LMI\d{3}/[\w./-]+)`")
_CLAIM = re.compile(r"(?P<kind>expect|ok|todo|todo-ok) (?P<rule>LMI\d{3}) `(?P<part>[^`]+)`")


def claims(row: str) -> list[tuple[str, str, str, str]]:
    """The markers that a line names: file, kind, rule, part of the marked line."""
    found = []
    file = ""
    for match in re.finditer(f"{FILE.pattern}|{_CLAIM.pattern}", row):
        if match[1]:
            file = match[1]
        else:
            found.append((file, match["kind"], match["rule"], match["part"].replace("\\|", "|")))
    return found


@cache
def marked(file: str) -> frozenset[tuple[str, str, str]]:
    """The kind, the rule and the marked line, without its comment, of each marker of a fixture."""
    text = (FIXTURES / "rules" / file).read_text(encoding="utf-8")
    lines = text.split("\n")
    return frozenset((marker.kind, marker.rule, lines[marker.line - 1]) for marker in find_markers(file, text))
