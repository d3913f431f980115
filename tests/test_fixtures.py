"""Every file and folder of ``fixtures/rules/<rule>/<language>`` is found exactly as its markers say."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmi_lint.catalog.markers import find_markers
from tests.harness import FIXTURES, check_folder, copy_fixture

LANGUAGES = ("javascript", "typescript", "java", "python", "csharp")
CASES = sorted(
    path
    for language in LANGUAGES
    for path in FIXTURES.glob(f"rules/LMI*/{language}/*")
    if path.name[0] != "." and path.suffix != ".yaml"
)


@pytest.mark.parametrize("fixture", CASES, ids=[path.relative_to(FIXTURES / "rules").as_posix() for path in CASES])
def test_fixture(fixture: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    copy_fixture(fixture, project)
    check_folder(project)


@pytest.mark.parametrize("fixture", CASES, ids=[path.relative_to(FIXTURES / "rules").as_posix() for path in CASES])
def test_fixture_speaks_of_its_rule(fixture: Path) -> None:
    files = fixture.rglob("*") if fixture.is_dir() else [fixture, fixture.with_suffix(".yaml")]
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in files if path.is_file()]
    assert fixture.parents[1].name in {marker.rule for text in texts for marker in find_markers("", text)}


def test_there_are_fixtures() -> None:
    assert CASES
