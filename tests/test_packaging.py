"""The wheel holds everything: built, installed into a fresh environment and run away from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from lmi_lint import __version__
from tests.harness import ROOT

LEAK = """\
let user;
exports.handler = async (event) => {
  user = event.user;
  await fetch("/");
  return { user };
};
"""


def run(*arguments, **options) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in arguments],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        **options,
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    assert done.returncode == 0, done.stderr
    return built


@pytest.mark.slow
def test_wheel_holds_the_catalogue_and_nothing_foreign(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    pages = {f"lmi_lint/_rules/catalog/{path.name}" for path in (ROOT / "rules" / "catalog").glob("*.md")}
    assert pages
    assert pages <= set(names)
    assert {f"lmi_lint/_rules/prices/{name}" for name in ("ec2.csv", "lambda.toml", "assumptions.toml")} <= set(names)
    assert {name.split("/")[0] for name in names} == {"lmi_lint", f"lmi_lint-{__version__}.dist-info"}
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "lmi_lint/py.typed" in names


@pytest.mark.slow
def test_wheel_runs_in_a_fresh_environment(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    bin_folder = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    installed = run(bin_folder / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr
    project = tmp_path / "project"
    project.mkdir()
    (project / "index.js").write_text(LEAK)
    done = run(bin_folder / "lmi-lint", "--format", "json", project, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "LMI104" in {finding["rule"] for finding in json.loads(done.stdout)["findings"]}
    assert run(bin_folder / "lmi-lint", "explain", "LMI104", cwd=tmp_path).returncode == 0
