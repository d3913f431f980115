"""``lmi-lint fitness --snippet``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fitness.projects import loaded

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """The command ``lmi-lint fitness``."""
    command = [sys.executable, "-m", "lmi_lint", "fitness", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_snippet_alone_goes_to_standard_output() -> None:
    found = run("fixtures/projects/orders-sam", "--snippet", "QuotePrice")
    assert found.returncode == 0
    function = loaded(found.stdout)["Resources"]["QuotePriceManaged"]["Properties"]
    assert function["CapacityProviderConfig"]["Arn"] == {"Fn::GetAtt": ["ShopCapacity", "Arn"]}
    assert function["MemorySize"] >= 2048
    assert "lmi-lint: note: A weighted alias cannot divide traffic" in found.stderr
    assert "# Mend before traffic moves:" in found.stdout


def test_output(tmp_path: Path) -> None:
    target = tmp_path / "managed.tf"
    name = 'module.function["thumbnail"].this'
    found = run("fixtures/projects/reports-terraform", "--snippet", name, "--output", str(target))
    assert (found.returncode, found.stdout) == (0, "")
    assert 'resource "aws_lambda_function" "this_managed"' in target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "part"),
    [("CreateOrder", "on managed instances already"), ("Nobody", "no function is called so (there are: CreateOrder,")],
)
def test_errors_are_one_line(name: str, part: str) -> None:
    found = run("fixtures/projects/orders-sam", "--snippet", name)
    assert (found.returncode, found.stdout) == (2, "")
    assert part in found.stderr.splitlines()[-1]


def test_snippets_in_json() -> None:
    found = run("fixtures/projects/orders-sam", "--function", "*Order", "--format", "json")
    told = {each["name"]: each["snippet"] for each in json.loads(found.stdout)["functions"]}
    assert told["CreateOrder"] is None
    assert "GetOrderManaged:" in told["GetOrder"]
