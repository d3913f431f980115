"""``lmi-lint cost`` from outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lmi_lint.cli import run_command
from tests.test_cli import lmi

ONE = ("cost", "--runtime", "python3.13", "--region", "us-east-1")
TEMPLATE = """\
Resources:
  Provider:
    Type: AWS::Lambda::CapacityProvider
    Properties:
      InstanceRequirements: {Architectures: [arm64], AllowedInstanceTypes: [m7g.large, m7g.xlarge]}
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs22.x
      MemorySize: 1024
      Architectures: [arm64]
      CodeUri: .
  Reports:
    Type: AWS::Serverless::Function
    Properties: {Handler: index.handler, Runtime: nodejs22.x, MemorySize: 512, CodeUri: .}
  Edge:
    Type: AWS::Serverless::Function
    Properties: {Handler: handler, Runtime: provided.al2023, CodeUri: .}
"""
TRAFFIC = """\
[default]
cpu_share = "10%"
[Orders]
requests = "77M"
duration = "200ms"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "template.yaml").write_text(TEMPLATE)
    (folder / "index.js").write_text("exports.handler = async () => ({});\n")
    (folder / "traffic.toml").write_text(TRAFFIC)
    return folder


def run(capsys, *arguments) -> tuple[int, str, str]:
    code = run_command([str(each) for each in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_page(capsys, tmp_path) -> None:
    page = tmp_path / "cost.html"
    about = ("--requests", "77M", "--duration", "200ms", "--memory", "1GB")
    assert run(capsys, *ONE, *about, "--format", "html", "--output", page) == (0, "", "")
    written = page.read_text(encoding="utf-8")
    assert written.startswith("<!DOCTYPE html>")
    assert 'class="line lmi-3yr"' in written
    assert "lmi-3yr" not in run(capsys, *ONE, *about)[1]


def as_json(capsys, *arguments):
    code, out, _ = run(capsys, *arguments, "--format", "json")
    assert code == 0
    return json.loads(out)


def test_one_function(capsys) -> None:
    told = as_json(
        capsys,
        *ONE, "--requests", "50M", "--duration", "120ms", "--memory", "2GB", "--arch", "arm64",
        "--instance-types", "m7g.large", "--memory-used", "180MB",
    )  # fmt: skip
    (pool,) = told["pools"]
    columns = {column["plan"]: column for column in pool["columns"]}
    assert list(columns) == ["lambda", "lambda-savings-plan", "lmi", "lmi-1yr", "lmi-3yr"]
    assert columns["lambda"] == {
        "plan": "lambda", "requests": 10.0, "compute": 160.0, "fee": 0.0, "other": 0.0, "month": 170.0,
        "year": 2040.01, "saving": None,
    }  # fmt: skip
    assert columns["lmi"]["month"] == 215.51
    assert columns["lmi"]["saving"] == -0.2677
    assert pool["functions"][0]["bound_by"].startswith("CPU")
    assert pool["instances"]["count"] == 3


def test_table_is_aligned(capsys) -> None:
    code, out, err = run(capsys, *ONE, "--requests", "1k", "--duration", "1s", "--memory", "1GB")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("  USD"))
    block = lines[start : start + 7]
    assert [line.split()[0] for line in block] == ["USD", "requests", "compute", "fee", "other", "month", "year"]
    assert len({len(line) for line in block}) == 1
    assert all(line[-3] == "." for line in block[1:])
    assert "management_fee" in out
    assert "not verified" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--duration", "120"], "--duration: '120' has no unit; write 120ms or 1.5s"),
        (["--duration", "0ms"], "--duration 0ms: must be above 0"),
        (["--requests", "lots"], "--requests: 'lots' is not a number such as 50M, or a rate such as 20/s"),
        (["--memory", "2TB"], "--memory: '2TB': unit 'TB' is not known; write MB or GB"),
        (["--cpu-share", "120%"], "--cpu-share: '120%' is more than the whole; write 0.25 or 25%"),
        (["--arch", "mips"], "--arch mips: not known (arm64 or x86_64)"),
        (["--active-hours", "25h/day"], "--active-hours: '25h/day' is more than a month has hours"),
        (["--assume", "ec2_1y=1"], "no assumption is called ec2_1y (did you mean ec2_1yr?)"),
        (
            ["--region", "us-east-9"],
            "no EC2 prices are known for region us-east-9 (fetch them with: lmi-lint prices update",
        ),
        (["--prices", "nosuch.csv"], "nosuch.csv: cannot be read"),
    ],
)
def test_wrong_arguments(capsys, arguments: list[str], message: str) -> None:
    code, out, err = run(capsys, *ONE, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("lmi-lint: error: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--requests", "1M"], "--runtime is needed to describe a function"),
        (["--runtime", "cobol85"], "--runtime cobol85: not known"),
        (["--runtime", "java21", "."], "--runtime describes one function without a project"),
        (["nosuch"], "nosuch: no such file or folder"),
    ],
)
def test_wrong_combinations(capsys, arguments: list[str], message: str) -> None:
    code, _, err = run(capsys, "cost", *arguments)
    assert code == 2
    assert message in err


class TestProject:
    def test_with_traffic(self, capsys, project) -> None:
        told = as_json(capsys, "cost", project, "--traffic", project / "traffic.toml", "--region", "us-east-1")
        orders, reports = told["pools"]
        assert (orders["name"], orders["architecture"]) == ("Orders", "arm64")
        assert {column["plan"] for column in orders["columns"]} >= {"lambda", "lmi"}
        assert orders["break_even"][0]["requests"] > 10**6
        assert (reports["name"], reports["architecture"]) == ("Reports", "x86_64")
        assert {column["plan"] for column in reports["columns"]} == {"lmi", "lmi-1yr", "lmi-3yr"}
        assert reports["break_even"][0]["why"] == "not known without the duration"
        assert "cpu_share" not in {each["name"] for each in told["assumptions"]}

    def test_traffic_of_the_settings(self, capsys, project) -> None:
        (project / "lmi-lint.toml").write_text('traffic = "traffic.toml"\n')
        by_settings = as_json(capsys, "cost", project)
        assert by_settings == as_json(capsys, "cost", project, "--traffic", project / "traffic.toml")
        (project / "other.toml").write_text(TRAFFIC.replace("77M", "78M"))
        assert as_json(capsys, "cost", project, "--traffic", project / "other.toml") != by_settings

    def test_the_cache(self, capsys, project, tmp_path, monkeypatch) -> None:
        monkeypatch.setenv("LMI_LINT_CACHE_DIR", str(tmp_path / "kept"))
        cold = as_json(capsys, "cost", project, "--no-cache")
        assert not (tmp_path / "kept").exists()
        assert as_json(capsys, "cost", project) == cold
        assert (tmp_path / "kept").exists()
        assert as_json(capsys, "cost", project) == cold

    def test_what_is_left_out_is_said(self, capsys, project) -> None:
        _, _, err = run(capsys, "cost", project)
        assert "1 of 3 functions left out (their runtime is not known)" in err
        assert "region us-east-1 is assumed where none is stated" in err

    def test_together(self, capsys, project) -> None:
        (project / "template.yaml").write_text(TEMPLATE.replace("Architectures: [arm64]\n      CodeUri", "CodeUri"))
        apart = as_json(capsys, "cost", project)
        (shared,) = as_json(capsys, "cost", project, "--together")["pools"]
        assert len(apart["pools"]) == 2
        assert [each["name"] for each in shared["functions"]] == ["Orders", "Reports"]

    def test_traffic_that_matches_nothing(self, capsys, project) -> None:
        (project / "traffic.toml").write_text('[Order]\nrequests = "1M"\n')
        _, _, err = run(capsys, "cost", project, "--traffic", project / "traffic.toml")
        assert "[Order] matches no function; did you mean Orders?" in err

    def test_functions(self, capsys, project) -> None:
        assert [each["name"] for each in as_json(capsys, "cost", project, "--functions", "Rep*")["pools"]] == [
            "Reports"
        ]
        code, _, err = run(capsys, "cost", project, "--functions", "Rap*")
        assert code == 2
        assert "--functions Rap*: no function is called so (there are: Edge, Orders, Reports)" in err

    def test_overview_of_many(self, capsys, project) -> None:
        names = [f"Fn{number}" for number in range(7)]
        function = (
            "  {}:\n    Type: AWS::Serverless::Function\n    Properties: {{Handler: index.handler, Runtime: java21}}\n"
        )
        (project / "template.yaml").write_text("Resources:\n" + "".join(function.format(name) for name in names))
        _, out, err = run(capsys, "cost", project)
        assert "7 pools in one line each" in err
        assert out.startswith("overview")
        _, out, err = run(capsys, "cost", project, "--details")
        assert "in one line" not in err
        assert out.startswith("Fn0 (us-east-1, x86_64)")
        assert "all together" in out


def test_no_functions(capsys, tmp_path) -> None:
    (tmp_path / "a.py").write_text("def handler(event, context):\n    return 1\n")
    code, _, err = run(capsys, "cost", tmp_path)
    assert code == 2
    assert "no deployed Lambda functions found" in err


def test_start_up_loads_no_command() -> None:
    import subprocess
    import sys

    code = (
        "import sys\nfrom lmi_lint.cli import run_command\nrun_command(['--version'])\n"
        "print(sorted(name for name in sys.modules if name.startswith('lmi_lint.') and 'cost' in name))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_names_the_commands() -> None:
    shown = lmi("--help").stdout
    assert all(f"\n  {name} " in shown for name in ("cost", "prices", "traffic"))
