"""Whole applications: markers hold, and all formats print what they printed before."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import lmi_lint
from lmi_lint.catalog.registry import load_pages
from lmi_lint.packs import rules_root
from lmi_lint.report import json_v1, text
from tests.harness import FIXTURES, check_folder

PROJECTS = sorted(path for path in FIXTURES.glob("projects/*") if path.is_dir())
EVERY_PROJECT = pytest.mark.parametrize("project", PROJECTS, ids=[path.name for path in PROJECTS])
PAGES = load_pages([rules_root()])


def copied(project: Path, tmp_path: Path) -> Path:
    """The project without its snapshots, away from the checkout and its settings."""
    return shutil.copytree(project, tmp_path / project.name, ignore=shutil.ignore_patterns("expected.*"))


@EVERY_PROJECT
def test_markers(project: Path, tmp_path: Path) -> None:
    check_folder(copied(project, tmp_path))


@EVERY_PROJECT
def test_snapshots(project: Path, tmp_path: Path, update_snapshots: bool) -> None:
    folder = copied(project, tmp_path)
    report = lmi_lint.run(lmi_lint.Request(paths=(folder,), root=folder))
    document = json.loads(json_v1.render(report, PAGES))
    document["stats"]["ms"] = {}
    document["tool"]["version"] = "0"
    made = {"expected.txt": text.render(report, PAGES), "expected.json": json.dumps(document, indent=2) + "\n"}
    for name, content in made.items():
        snapshot = project / name
        if update_snapshots:
            snapshot.write_text(content, encoding="utf-8", newline="\n")
        assert snapshot.is_file(), f"run pytest --update-snapshots to make {name}"
        assert content == snapshot.read_text(encoding="utf-8")


@EVERY_PROJECT
def test_same_output_twice(project: Path, tmp_path: Path) -> None:
    folder = copied(project, tmp_path)
    request = lmi_lint.Request(paths=(folder,), root=folder, pedantic=True)
    first, second = (text.render(lmi_lint.run(request), PAGES) for _ in range(2))
    assert first == second


def test_there_are_projects() -> None:
    assert PROJECTS
