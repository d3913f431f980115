"""Every fixture and marker that ``docs/design/ground-truth.md`` names is there; each line names one or says why."""

from __future__ import annotations

import pytest

from tests.harness import FIXTURES, ROOT
from tests.pages import FILE, claims, marked

PAGE = ROOT / "docs" / "design" / "ground-truth.md"
_EXCUSE = "nothing to find:"

TEXT = PAGE.read_text(encoding="utf-8")
_HEADS = ("| ---", "| What happened |", "| What worked |", "| What the guide says |", "| Case |")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith(_HEADS)]


CLAIMS = sorted({claim for row in ROWS for claim in claims(row)})


@pytest.mark.parametrize("file", sorted(set(FILE.findall(TEXT))))
def test_file_is_there(file: str) -> None:
    assert (FIXTURES / "rules" / file).is_file()


@pytest.mark.parametrize(("file", "kind", "rule", "part"), CLAIMS)
def test_marker_is_there(file: str, kind: str, rule: str, part: str) -> None:
    assert any((kind, rule) == found[:2] and part in found[2] for found in marked(file)), sorted(marked(file))


@pytest.mark.parametrize("row", ROWS)
def test_every_line_names_a_marker_or_says_why(row: str) -> None:
    assert claims(row) or _EXCUSE in row
    assert set(FILE.findall(row)) == {file for file, *_ in claims(row)}


def test_page_speaks_of_all_runtimes() -> None:
    headings = [line.removeprefix("## ") for line in TEXT.splitlines() if line.startswith("## ")]
    assert headings[:4] == ["Python", ".NET", "Node.js", "Java"]
    assert len(CLAIMS) > 150
