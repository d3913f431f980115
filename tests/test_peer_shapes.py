"""Every fixture and marker that ``docs/design/peer-shapes.md`` names is there and says what the line says."""

from __future__ import annotations

import pytest

from tests.harness import ROOT
from tests.pages import FILE, claims, marked

PAGE = ROOT / "docs" / "design" / "peer-shapes.md"
TEXT = PAGE.read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith(("| ---", "| Shape |"))]
CLAIMS = sorted({claim for row in ROWS for claim in claims(row)})
_SAID = {"reported": {"expect"}, "silent": {"ok"}}


@pytest.mark.parametrize(("file", "kind", "rule", "part"), CLAIMS)
def test_marker_is_there(file: str, kind: str, rule: str, part: str) -> None:
    assert any((kind, rule) == found[:2] and part in found[2] for found in marked(file)), sorted(marked(file))


@pytest.mark.parametrize("row", ROWS)
def test_line_says_what_its_markers_say(row: str) -> None:
    said = row.removesuffix(" |").rpartition("| ")[2]
    assert {kind for _, kind, *_ in claims(row)} == _SAID[said]
    assert set(FILE.findall(row)) == {file for file, *_ in claims(row)}


def test_page_speaks_of_all_peers_and_languages() -> None:
    headings = {line.removeprefix("## ") for line in TEXT.splitlines() if line.startswith("## ")}
    assert {"ESLint require-atomic-updates", "SpotBugs", "RacerD", "Sonar", "jPinpoint"} < headings
    assert {"java", "csharp", "javascript", "typescript"} == {file.split("/")[1] for file, *_ in CLAIMS}
    assert len(ROWS) > 50
