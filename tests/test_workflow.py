"""The workflow that users copy."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import yaml

from lmi_lint import cli
from tests.harness import ROOT

WORKFLOW = ROOT / "docs" / "ci" / "code-scanning.yml"


def test_auditor_has_nothing_to_say() -> None:
    zizmor = Path(sys.executable).parent / "zizmor"
    done = subprocess.run(
        [zizmor, "--offline", "--persona", "pedantic", "--quiet", WORKFLOW], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_command_works(tmp_path: Path, monkeypatch, capsys) -> None:
    (tmp_path / "index.js").write_text("exports.handler = (event, context, callback) => callback(null, event);\n")
    steps = yaml.safe_load(WORKFLOW.read_text())["jobs"]["lmi-lint"]["steps"]
    command = next(step["run"] for step in steps if step.get("run", "").startswith("lmi-lint"))
    upload = next(step for step in steps if "upload-sarif" in step.get("uses", ""))
    monkeypatch.chdir(tmp_path)
    assert cli.run_command(shlex.split(command)[1:]) == 0
    assert capsys.readouterr().out.startswith("::error file=index.js,")
    assert '"LMI401"' in (tmp_path / upload["with"]["sarif_file"]).read_text()
