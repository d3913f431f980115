"""Every fixture and marker that ``docs/design/ground-truth.md`` names is there; each line names one or says why."""

from __future__ import annotations

import re
from functools import cache

import pytest

from lmi_lint.catalog.markers import find_markers
from tests.harness import FIXTURES, ROOT

PAGE = ROOT / "docs" / "design" / "ground-truth.md"
_FILE = re.compile(r"`(LMI\d{3}/[\w./-]+)`")
_CLAIM = re.compile(r"(?P<kind>expect|ok|todo|todo-ok) (?P<rule>LMI\d{3}) `(?P<part>[^`]+)`")
_MISSING = re.compile(r"no rule yet: (LMI\d{3})")
_EXCUSES = ("no rule yet: LMI", "nothing to find:")

TEXT = PAGE.read_text(encoding="utf-8")
_HEADS = ("| ---", "| What happened |", "| What worked |")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith(_HEADS)]


def claims(row: str) -> list[tuple[str, str, str, str]]:
    """The markers that a line names: file, kind, rule, part of the marked line."""
    found = []
    file = ""
    for match in re.finditer(f"{_FILE.pattern}|{_CLAIM.pattern}", row):
        if match[1]:
            file = match[1]
        else:
            found.append((file, match["kind"], match["rule"], match["part"]))
    return found


CLAIMS = sorted({claim for row in ROWS for claim in claims(row)})


@cache
def marked(file: str) -> frozenset[tuple[str, str, str]]:
    """The kind, the rule and the marked line, without its comment, of each marker of a fixture."""
    text = (FIXTURES / "rules" / file).read_text(encoding="utf-8")
    lines = text.split("\n")
    return frozenset((marker.kind, marker.rule, lines[marker.line - 1]) for marker in find_markers(file, text))


@pytest.mark.parametrize("file", sorted(set(_FILE.findall(TEXT))))
def test_file_is_there(file: str) -> None:
    assert (FIXTURES / "rules" / file).is_file()


@pytest.mark.parametrize(("file", "kind", "rule", "part"), CLAIMS)
def test_marker_is_there(file: str, kind: str, rule: str, part: str) -> None:
    assert any((kind, rule) == found[:2] and part in found[2] for found in marked(file)), sorted(marked(file))


@pytest.mark.parametrize("row", ROWS)
def test_every_line_names_a_marker_or_says_why(row: str) -> None:
    assert claims(row) or any(excuse in row for excuse in _EXCUSES)
    assert set(_FILE.findall(row)) == {file for file, *_ in claims(row)}


@pytest.mark.parametrize("rule", sorted(set(_MISSING.findall(TEXT))))
def test_missing_rules_are_missing(rule: str) -> None:
    assert not list((ROOT / "rules" / "catalog").glob(f"{rule}-*.md"))


def test_page_speaks_of_all_runtimes() -> None:
    headings = [line.removeprefix("## ") for line in TEXT.splitlines() if line.startswith("## ")]
    assert headings[:4] == ["Python", ".NET", "Node.js", "Java"]
    assert len(CLAIMS) > 150
