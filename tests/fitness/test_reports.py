"""The reports of a shop with a function for each kind of answer; ``--update-snapshots`` writes them anew."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lmi_lint.cli import run_command

SHOP = Path(__file__).parent / "shop"
FORMATS = {"text": "txt", "json": "json", "markdown": "md"}


@pytest.fixture
def shop(tmp_path, monkeypatch):
    shutil.copytree(SHOP, tmp_path / "shop", ignore=shutil.ignore_patterns("expected*"))
    monkeypatch.chdir(tmp_path / "shop")
    return tmp_path / "shop"


def said(capsys, *arguments):
    code = run_command([str(each) for each in arguments])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("told", [False, True], ids=["unknown", "traffic"])
@pytest.mark.parametrize("name", FORMATS)
def test_goldens(shop, capsys, name, told, update_snapshots):
    traffic = ["--traffic", "traffic.toml"] if told else []
    code, out, err = said(capsys, "fitness", ".", "--format", name, *traffic)
    assert (code, err) == (0, "")
    if name == "json":
        document = json.loads(out)
        document.pop("cost")  # tested with the command cost
        out = json.dumps(document, indent=2) + "\n"
    snapshot = SHOP / f"expected{'-traffic' if told else ''}.{FORMATS[name]}"
    if update_snapshots:
        snapshot.write_text(out, encoding="utf-8", newline="\n")
    assert out == snapshot.read_text(encoding="utf-8")


def test_one_function_at_length(shop, capsys):
    code, out, _ = said(capsys, "fitness", ".", "--traffic", "traffic.toml", "--function", "Thumb*")
    assert code == 0
    assert "Steady" not in out
    assert "EVIDENCE" in out
    assert "MANAGED, 1 YEAR" in out


def test_unknown_function(shop, capsys):
    code, _, err = said(capsys, "fitness", ".", "--function", "Nobody")
    assert code == 2
    assert "Nobody" in err


def test_no_functions(tmp_path, capsys):
    code, _, err = said(capsys, "fitness", tmp_path)
    assert code == 2
    assert "no deployed Lambda functions" in err


def test_a_check_tells_it_in_short(shop, capsys):
    _, out, _ = said(capsys, "check", ".", "--exit-zero", "--traffic", "traffic.toml")
    assert "Steady" in out.partition("FITNESS")[2]
    assert "$607.36" in out
    for quiet in ("concise", "github"):
        _, out, _ = said(capsys, "check", ".", "--exit-zero", "--format", quiet)
        assert "FITNESS" not in out


def test_the_settings_name_the_traffic(shop, capsys):
    (shop / "lmi-lint.toml").write_text('traffic = "traffic.toml"\n')
    _, out, _ = said(capsys, "check", ".", "--exit-zero", "--format", "json")
    told = json.loads(out)["fitness"]
    assert told["traffic"].endswith("traffic.toml")
    assert told["functions"][0]["name"] == "Thumbnails"
    assert told["functions"][0]["rank"] == 1
    _, out, _ = said(capsys, "check", ".", "--exit-zero", "--format", "sarif")
    assert json.loads(out)["runs"][0]["properties"]["fitness"]["functions"] == told["functions"]


@pytest.mark.parametrize(
    ("written", "message"),
    [("traffic = 3\n", "must be the name of a file"), ('traffic = "gone.toml"\n', "cannot be read")],
)
def test_settings_that_cannot_be_used(shop, capsys, written, message):
    (shop / "lmi-lint.toml").write_text(written)
    code, _, err = said(capsys, "check", ".")
    assert code == 2
    assert message in err


def test_tables_that_match_nothing_are_problems(shop, capsys):
    (shop / "other.toml").write_text("[Steddy]\nrequests = 3\n")
    _, out, _ = said(capsys, "check", ".", "--exit-zero", "--traffic", "other.toml")
    assert "did you mean Steady?" in out


def test_many_functions_are_one_line(tmp_path, capsys):
    body = "{Type: 'AWS::Serverless::Function', Properties: {Handler: a.handler, Runtime: nodejs22.x, CodeUri: .}}"
    lines = [f"  F{number}: {body}" for number in range(11)]
    (tmp_path / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n" + "\n".join(lines) + "\n"
    )
    (tmp_path / "a.js").write_text("exports.handler = async () => ({});\n")
    _, out, _ = said(capsys, "check", tmp_path)
    assert "fitness of 11 functions: 11 not known yet; lmi-lint fitness shows each" in out


def test_handlers_that_nothing_deploys_have_no_fitness(tmp_path, capsys):
    (tmp_path / "index.js").write_text("exports.handler = async (event) => ({});\n")
    _, out, _ = said(capsys, "check", tmp_path, "--format", "json")
    document = json.loads(out)
    assert document["functions"]
    assert document["fitness"] is None


def test_a_failure_of_the_judgement_costs_no_findings(shop, capsys, monkeypatch):
    def fails(*given):
        raise RuntimeError("broken")

    monkeypatch.setattr("lmi_lint.fitness.assess.assess_anew", fails)
    code, out, err = said(capsys, "check", ".")
    assert code == 2
    assert "LMI104" in out
    assert "the fitness of functions: RuntimeError: broken" in err
