"""Packs of installed distributions: found by their entry points, and none of their code run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lmi_lint.errors import PackError
from lmi_lint.installed import installed_packs
from tests.harness import ROOT
from tests.packs.builders import PYTHON, pack, write

BOMB = 'raise SystemExit("the code of a pack was run")\n'
PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "acme-lmi"
version = "1.0"

[project.entry-points."lmi_lint.packs"]
acme = "acme_lmi.rules"
"""


def distribution(site: Path, value: str, name: str = "acme") -> None:
    """What an installer leaves of a distribution that registers a pack."""
    info = {"METADATA": f"Name: {name}-lmi\nVersion: 1\n", "entry_points.txt": f"[lmi_lint.packs]\n{name} = {value}\n"}
    write(site / f"{name}_lmi-1.dist-info", info)


def test_found_beside_the_metadata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(tmp_path, "acme_lmi.rules")
    write(tmp_path / "acme_lmi", {"__init__.py": BOMB, "rules/__init__.py": BOMB})
    pack(tmp_path / "acme_lmi" / "rules")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert [found.name for found in installed_packs()] == [str(tmp_path / "acme_lmi" / "rules")]


def test_found_where_an_editable_install_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(tmp_path / "site", "acme_lmi.rules")
    write(tmp_path / "src" / "acme_lmi", {"__init__.py": BOMB})
    pack(tmp_path / "src" / "acme_lmi" / "rules")
    monkeypatch.syspath_prepend(str(tmp_path / "src"))
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert [found.name for found in installed_packs()] == [str(tmp_path / "src" / "acme_lmi" / "rules")]
    assert "acme_lmi" not in sys.modules


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("acme_lmi:rules", "not the name of a package"),
        ("../../etc", "not the name of a package"),
        ("no_such_package.rules", "no such folder is installed"),
        ("acme_lmi.missing", "no such folder is installed"),
        ("acme_lmi.empty", "no pack: neither catalog/ nor knowledge/"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, message: str) -> None:
    distribution(tmp_path, value)
    write(tmp_path / "acme_lmi", {"__init__.py": BOMB, "empty/x.txt": ""})
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(PackError, match=message):
        installed_packs()


@pytest.mark.slow
def test_a_built_distribution(tmp_path: Path) -> None:
    source = write(tmp_path / "source", {"pyproject.toml": PYPROJECT, "acme_lmi/__init__.py": BOMB})
    pack(source / "acme_lmi" / "rules")
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", site, source], check=True, cwd=tmp_path, capture_output=True)
    code = write(tmp_path / "code", {"app.py": PYTHON})
    done = subprocess.run(
        [sys.executable, "-m", "lmi_lint", "--no-cache", "--format", "json", str(code)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(site)))},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert [found["rule"] for found in json.loads(done.stdout)["findings"]] == ["ACME101"]
