"""The command line from outside: output, exit codes, errors."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lmi_lint import __version__, cli
from lmi_lint.errors import LmiLintError
from tests.harness import ROOT

LEAK = """\
let user;
exports.handler = async (event) => {
  user = event.user;
  await fetch(process.env.URL);
  return { user };
};
"""
CLEAN = "exports.handler = async (event) => ({ user: event.user });\n"


def lmi(*arguments, cwd=None, encoding="utf-8", **environment):
    """Run the tool in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "lmi_lint", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **environment},
        capture_output=True,
        encoding=encoding,
        check=False,
    )


@pytest.fixture
def leak(tmp_path: Path) -> Path:
    (tmp_path / "index.js").write_text(LEAK)
    return tmp_path


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    (tmp_path / "index.js").write_text(CLEAN)
    return tmp_path


class TestExitCodes:
    def test_clean(self, clean) -> None:
        done = lmi(clean)
        assert (done.returncode, done.stderr) == (0, "")
        assert "1 ready" in done.stdout

    def test_findings(self, leak) -> None:
        done = lmi(leak)
        assert (done.returncode, done.stderr) == (1, "")
        assert "index.js:3:3: error LMI104" in done.stdout
        assert "1 blocked" in done.stdout

    def test_check_is_the_default(self, leak) -> None:
        assert lmi("check", leak).stdout == lmi(leak).stdout == lmi(cwd=leak).stdout

    def test_fail_on_and_exit_zero(self, leak) -> None:
        assert lmi("--fail-on", "error", leak).returncode == 1
        assert lmi("--exit-zero", leak).returncode == 0

    def test_selection(self, leak) -> None:
        assert lmi("--ignore", "LMI1", leak).returncode == 0
        assert lmi("--select", "LMI2,LMI3", leak).returncode == 0
        assert lmi("--select", "request-data-in-shared-state", leak).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nosuch"], "nosuch: no such file or folder"),
        (["--format", "xml", "."], "'xml'"),
        (["--bogus", "."], "--bogus"),
        (["--select", "LMI9", "."], "no rule LMI9"),
        (["--ignore", "lost-updat", "."], "did you mean lost-update?"),
        (["explain", "LMI999"], "no rule LMI999"),
        (["explain", "lost-updat"], "did you mean lost-update?"),
        (["debug", "ir", "nosuch.js"], "not a file"),
        (["debug", "heap", "nosuch.js"], "not a file"),
        (["debug", "heap", "helper.js"], "helper.js: holds no handler"),
        (["debug", "summary", "helper.js"], "holds no handler"),
        (["debug", "heap", "notes.txt"], "not a source file"),
        (["debug", "objects", "index.js"], "'objects'"),
        (["--output", "nosuch/report.txt", "."], "nosuch/report.txt: cannot be written"),
        (["check", "functions"], "a command comes first: lmi-lint functions"),
    ],
)
def test_usage_errors_are_one_line(arguments, message, clean) -> None:
    (clean / "helper.js").write_text("exports.help = () => 1;\n")
    (clean / "notes.txt").write_text("none\n")
    done = lmi(*arguments, cwd=clean)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("lmi-lint: error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_bad_settings(clean) -> None:
    (clean / "lmi-lint.toml").write_text('min-severty = "note"\n')
    done = lmi(clean)
    assert done.returncode == 2
    assert "min-severity" in done.stderr


def test_settings_and_options(leak) -> None:
    (leak / "lmi-lint.toml").write_text('ignore = ["LMI104"]\n')
    assert "LMI104" not in lmi(leak).stdout
    assert "LMI104" in lmi("--ignore", "LMI2", leak).stdout


def test_json(leak) -> None:
    document = json.loads(lmi("--format", "json", leak).stdout)
    assert document["version"] == 1
    assert document["tool"] == {"name": "lmi-lint", "version": __version__}
    assert "LMI104" in {finding["rule"] for finding in document["findings"]}
    assert document["functions"][0]["verdict"] == "blocked"


def test_json_obeys_the_lowest_severity(leak) -> None:
    def severities(level):
        findings = json.loads(lmi("--format", "json", "--min-severity", level, leak).stdout)["findings"]
        return {finding["severity"] for finding in findings}

    assert severities("error") == {"error"}


def test_functions(leak) -> None:
    assert "blocked" in lmi("functions", leak).stdout
    document = json.loads(lmi("functions", "--format", "json", leak).stdout)
    assert document.keys() == {"version", "functions", "problems"}
    assert document["functions"][0]["source"] == "index.js"


def test_a_path_called_like_a_command(leak) -> None:
    (leak / "functions").mkdir()
    (leak / "index.js").rename(leak / "functions" / "index.js")
    assert "LMI104" in lmi("./functions", cwd=leak).stdout


def test_focus_on_one_file(leak) -> None:
    (leak / "other.js").write_text(CLEAN)
    done = lmi("other.js", cwd=leak)
    assert "LMI104" not in done.stdout
    assert done.returncode == 0


def test_output_file(leak) -> None:
    target = leak / "report.json"
    target.write_text("old")
    done = lmi("--format", "json", "--output", target, leak)
    assert (done.returncode, done.stdout) == (1, "")
    assert json.loads(target.read_text())["version"] == 1
    assert sorted(path.name for path in leak.iterdir()) == ["index.js", "report.json"]


def test_colour(leak) -> None:
    assert "\x1b[" not in lmi(leak).stdout
    assert "\x1b[" in lmi("--color", "always", leak, NO_COLOR="1").stdout
    assert "\x1b[" not in lmi("--color", "never", leak).stdout


def test_explain_by_id_and_name() -> None:
    assert lmi("explain", "LMI103").stdout == lmi("explain", "Lost-Update").stdout
    shown = lmi("explain", "LMI103").stdout
    assert shown.startswith("LMI103 lost-update\n")
    assert "HAZARD" in shown
    assert "expect:" not in shown


def test_rules() -> None:
    listed = [rule["id"] for rule in json.loads(lmi("rules", "--format", "json").stdout)["rules"]]
    assert listed == sorted(listed)
    assert "LMI104" in listed
    shown = lmi("rules").stdout
    assert all(rule in shown for rule in listed)


def test_debug_shows_each_stage(leak) -> None:
    def shown(stage):
        done = lmi("debug", stage, "index.js", cwd=leak)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    assert "  (user = event.user)\n" in shown("ir")
    assert shown("facts").startswith("module index.js javascript ")
    assert "  user = {event.user} (written by requests)\n" in shown("heap")
    assert "index.js:3:3 write index.js:user = {event.user}\n" in shown("summary")
    assert "  index.js:3:3 error request-data index.js:user\n    against read index.js:5:12\n" in shown("summary")


def test_debug_shows_every_handler_of_a_file(tmp_path) -> None:
    properties = "Properties: {{Runtime: nodejs22.x, Handler: {1}, CodeUri: .}}"
    resource = "  {0}:\n    Type: AWS::Serverless::Function\n    " + properties + "\n"
    functions = (("A", "index.a"), ("B", "index.b"), ("C", "other.c"), ("D", "index.missing"))
    resources = "".join(resource.format(*each) for each in functions)
    (tmp_path / "template.yaml").write_text(f"Transform: AWS::Serverless-2016-10-31\nResources:\n{resources}")
    (tmp_path / "index.js").write_text("exports.a = async () => 1;\nexports.b = async () => 2;\n")
    (tmp_path / "other.js").write_text("exports.c = async () => 3;\n")
    shown = lmi("debug", "summary", "index.js", cwd=tmp_path).stdout
    assert [line.split(",")[0] for line in shown.splitlines() if line.startswith("function ")] == [
        "function A",
        "function B",
        "function D",
    ]
    assert "function D, index.js missing, Node.js\nproblem: " in shown


def test_version_is_quick() -> None:
    code = (
        "import sys\nfrom lmi_lint.cli import run_command\ncode = run_command(['--version'])\n"
        "print(code, sorted({'msgspec', 'tree_sitter', 'yaml', 'libcst'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == f"lmi-lint {__version__}\n0 []\n"


def test_terminal_that_lacks_characters(leak) -> None:
    (leak / "index.js").write_text(LEAK.replace("user", "名前"), encoding="utf-8")
    done = lmi(leak, PYTHONUTF8="0", PYTHONIOENCODING="cp437", encoding="cp437")
    assert (done.returncode, done.stderr) == (1, "")
    assert "\\u540d\\u524d" in done.stdout


def test_reader_that_goes_away(leak) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "lmi_lint", str(leak)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (1, "")


class TestFailures:
    def failing(self, error, monkeypatch, capsys) -> tuple[int, str]:
        def broken(*_):
            raise error

        monkeypatch.setattr("lmi_lint.pipeline.run.run", broken)
        code = cli.run_command([str(ROOT / "lmi_lint")])
        return code, capsys.readouterr().err

    def test_known_error(self, monkeypatch, capsys) -> None:
        code, said = self.failing(LmiLintError("bad \x1b[31m", "do this"), monkeypatch, capsys)
        assert (code, said) == (2, "lmi-lint: error: bad \\x1b[31m (do this)\n")

    @pytest.mark.parametrize("error", [ZeroDivisionError("x\ny"), RecursionError(), MemoryError()])
    def test_unknown_error(self, error, monkeypatch, capsys) -> None:
        monkeypatch.delenv("LMI_LINT_DEBUG", raising=False)
        code, said = self.failing(error, monkeypatch, capsys)
        assert code == 2
        assert said.startswith(f"lmi-lint: internal error: {type(error).__name__}")
        assert "please report" in said
        assert said.count("\n") == 1

    def test_debug_shows_the_traceback(self, monkeypatch, capsys) -> None:
        monkeypatch.setenv("LMI_LINT_DEBUG", "1")
        with pytest.raises(ZeroDivisionError):
            self.failing(ZeroDivisionError(), monkeypatch, capsys)

    def test_interrupt(self, monkeypatch, capsys) -> None:
        code, said = self.failing(KeyboardInterrupt(), monkeypatch, capsys)
        assert (code, said.strip()) == (130, "")


def test_code_inside_a_template(tmp_path) -> None:
    (tmp_path / "template.yaml").write_text(
        "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: nodejs22.x\n"
        "      Handler: index.handler\n      Code:\n        ZipFile: |\n          exports.handler = (e, c, d) => d();\n"
    )
    done = lmi(tmp_path, "--format", "concise")
    assert done.stdout.startswith("template.yaml:9:29: error LMI401 "), done.stdout + done.stderr


class TestFormats:
    def test_several_in_one_run(self, leak, tmp_path) -> None:
        sarif, commands = tmp_path / "out.sarif", tmp_path / "commands.txt"
        done = lmi(
            leak,
            "--format",
            "sarif",
            "--output",
            sarif,
            "--format",
            "concise",
            "--format",
            "github",
            "--output",
            commands,
        )
        assert (done.returncode, done.stderr) == (1, "")
        assert done.stdout.startswith("index.js:3:3: error LMI104 ")
        assert json.loads(sarif.read_text())["runs"][0]["results"][0]["ruleId"] == "LMI104"
        assert commands.read_text().startswith("::error file=index.js,")

    def test_one_output_before_its_format(self, leak, tmp_path) -> None:
        assert lmi(leak, "--output", tmp_path / "x.json", "--format", "json").returncode == 1
        assert json.loads((tmp_path / "x.json").read_text())["version"] == 1

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--format", "json", "--format", "text"], "two formats go to standard output"),
            (["--format", "json", "--output", "x", "--format", "text", "--output", "x"], "two formats go to x"),
            (["--format", "json", "--output", "x", "--output", "y"], "--output y: no --format of its own"),
            (["--format", "yaml"], "'yaml' is not one of"),
        ],
    )
    def test_what_goes_where_is_not_clear(self, leak, arguments, message) -> None:
        done = lmi(leak, *arguments, cwd=leak)
        assert done.returncode == 2
        assert message in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert not (leak / "x").exists()

    @pytest.mark.parametrize("reader", ["github", "vscode"])
    def test_problem_matcher(self, reader) -> None:
        text = json.dumps(json.loads(lmi("problem-matcher", reader).stdout))
        (pattern,) = re.findall(r'"regexp": "(.+?)"', text)
        for line in ("src/app.py:4:1: error LMI101 shared", "app.py:4:1: note ACME101 flush"):
            assert re.fullmatch(json.loads(f'"{pattern}"'), line)


class TestPages:
    @pytest.fixture
    def shop(self, leak) -> Path:
        template = "Resources:\n  Shop:\n    Type: AWS::Serverless::Function\n    Properties: {Handler: index.handler, "
        (leak / "template.yaml").write_text(template + "Runtime: nodejs22.x, MemorySize: 1024, CodeUri: .}\n")
        (leak / "traffic.toml").write_text('[Shop]\nrequests = "90M"\nduration = "180ms"\n')
        return Path(leak)

    def test_check(self, shop, tmp_path) -> None:
        page, comment = tmp_path / "report.html", tmp_path / "comment.md"
        written = ("--format", "html", "--output", page, "--format", "markdown", "--output", comment)
        done = lmi(shop, "--traffic", shop / "traffic.toml", *written)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
        for expected in ("<!DOCTYPE html>", 'href="#LMI104"', 'id="fitness"', 'class="line lmi-3yr"'):
            assert expected in page.read_text(encoding="utf-8")
        for expected in ("## lmi-lint: 1 error", "| 3 | **error** LMI104", "### Fitness", "`Shop`"):
            assert expected in comment.read_text(encoding="utf-8")

    def test_fitness(self, shop) -> None:
        done = lmi("fitness", shop, "--traffic", shop / "traffic.toml", "--format", "html")
        assert done.returncode == 0
        assert 'class="line lmi-3yr"' in done.stdout
