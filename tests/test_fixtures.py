"""Every file and folder of ``fixtures/rules/<rule>/<language>`` is found exactly as its markers say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import FIXTURES, check_folder, copy_fixture, markers_below

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
def test_fixture_speaks_of_its_rule(fixture: Path, tmp_path: Path) -> None:
    copy_fixture(fixture, tmp_path / "project")
    rule = fixture.parents[1].name
    assert rule in {marker.rule for marker in markers_below(tmp_path / "project")}


def test_there_are_fixtures() -> None:
    assert CASES
