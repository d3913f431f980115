"""The hook, by the real pre-commit in a real repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import ROOT

pytestmark = pytest.mark.slow

FILES = {
    "template.yaml": """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: src/app.handler
""",
    "src/app.js": """\
const { remember } = require('./users');
let last;
exports.handler = async (event) => {
  last = event.id;
  await fetch(event.url);
  return { last, user: await remember(event.user) };
};
""",
    "src/users.js": "exports.remember = async (name) => name;\n",
}
SHARED = """\
let user;
exports.remember = async (name) => {
  user = name;
  await fetch('https://example.com');
  return user;
};
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A project with an older hazard and the hook installed."""
    folder = tmp_path / "project"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Before")
    tool = published(tmp_path / "tool")
    head = git(tool, "rev-parse", "HEAD").stdout.strip()
    (folder / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {tool}\n    rev: {head}\n    hooks:\n      - id: lmi-lint\n"
    )
    subprocess.run([sys.executable, "-m", "pre_commit", "install"], cwd=folder, env=environment(), check=True)
    return folder


def published(folder: Path) -> Path:
    """What pre-commit installs from, as it stands here, in a repository of its own."""
    folder.mkdir()
    for name in ("lmi_lint", "rules"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Everything")
    return folder


def environment() -> dict[str, str]:
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "T"), ("EMAIL", "t@t"))
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments], cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )


def test_the_project_is_judged_and_staged_files_are_shown(repository: Path) -> None:
    (repository / "src/users.js").write_text(SHARED)
    git(repository, "add", "src/users.js")
    refused = git(repository, "commit", "--message=A hazard behind the handler")
    said = refused.stdout + refused.stderr
    assert refused.returncode == 1, said
    assert "src/users.js:3:3: error LMI104" in said
    assert "src/app.js:4:3" not in said

    (repository / "src/users.js").write_text(FILES["src/users.js"] + "// the same\n")
    git(repository, "add", "src/users.js")
    taken = git(repository, "commit", "--message=No hazard")
    assert taken.returncode == 0, taken.stdout + taken.stderr
