"""The SARIF report: positions, texts, bounds, and what the official validator says."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from lmi_lint.model.finding import Location, Problem, Severity
from lmi_lint.model.source import SourceFile, Span
from lmi_lint.report.sarif import Bounds, render
from lmi_lint.report.sarif_json import plain
from lmi_lint.triage.model import Report, Stats
from tests.harness import FIXTURES, run_folder
from tests.triage.builders import PAGES, at, finding, function, report, source

FILE = source("// é😀 total\nlet 値 = '😀' + total;\n", "src/a b.js")
VALIDATOR = os.environ.get("SARIF_MULTITOOL", "")


def log(shown: Report, **bounds: int):
    """The only run of a report's SARIF log."""
    document = json.loads(render(shown, PAGES, Bounds(**bounds)))
    assert document["version"] == "2.1.0"
    assert len(document["runs"]) == 1
    return document["runs"][0]


def unmerged(findings) -> Report:
    """A report of findings that stand apart though they are alike."""
    return Report(tuple(findings), (), (), Stats(), {FILE.path: FILE})


def leak(**fields):
    return finding(
        at(FILE, "total", "written here", nth=1),
        "LMI104",
        message="state[key](1) takes data",
        related=(at(FILE, "値", "read back"),),
        trace=(at(FILE, "let", "handler"),),
        remedy="Use a local variable",
        **fields,
    )


def test_result() -> None:
    called = function("Orders")
    run = log(report([leak(handlers=(called.key,))], FILE, functions=(called,)))
    (result,) = run["results"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert (result["ruleId"], rule["id"]) == ("LMI104", "LMI104")
    assert result["level"] == "error"
    assert result["message"]["text"] == "state\\[key](1) takes data.\nUse a local variable."
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "src/a%20b.js", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 2, "startColumn": 16, "endLine": 2, "endColumn": 21}
    assert result["relatedLocations"][0]["id"] == 1
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["message"]["text"] for step in steps] == ["handler", "written here"]
    assert re.fullmatch("[0-9a-f]{32}", result["partialFingerprints"]["lmiLint/v1"])
    assert result["properties"]["functions"] == ["Orders"]
    assert run["columnKind"] == "utf16CodeUnits"
    assert run["properties"]["functions"][0]["name"] == "Orders"


def test_every_level_is_written() -> None:
    levels = {
        severity: log(report([leak(severity=severity)], FILE))["results"][0]["level"]
        for severity in (Severity.ERROR, Severity.WARNING)
    }
    assert levels == {Severity.ERROR: "error", Severity.WARNING: "warning"}


def test_the_whole_catalogue_is_in_it() -> None:
    driver = log(report([], FILE))["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == list(PAGES)
    for rule in driver["rules"]:
        assert rule["help"]["markdown"].startswith(f"# {rule['id']}")
        assert "expect:" not in rule["help"]["markdown"]
        assert len(rule["properties"]["tags"]) == len(set(rule["properties"]["tags"])) <= 10
    leaking = next(rule for rule in driver["rules"] if rule["id"] == "LMI104")
    assert leaking["properties"]["security-severity"] == "7.5"


def test_problems_are_notifications() -> None:
    shown = Report(
        (),
        (),
        (Problem("too-deep", "nested too deeply", Location(FILE.path, Span(0, 0))), Problem("limit", "cut \x1b[31m")),
        Stats(),
        {FILE.path: FILE},
        internal_errors=("LMI104 failed",),
    )
    run = log(shown)
    invocation = run["invocations"][0]
    assert not invocation["executionSuccessful"]
    told = invocation["toolExecutionNotifications"]
    kinds = [descriptor["id"] for descriptor in run["tool"]["driver"]["notifications"]]
    assert [kinds[each["descriptor"]["index"]] for each in told] == ["too-deep", "limit", "internal-error"]
    assert told[1]["message"]["text"] == "cut \\x1b[31m."
    assert [each["level"] for each in told] == ["warning", "warning", "error"]


def test_names_that_are_no_text() -> None:
    odd = SourceFile("a\udcff:b.js", FILE.data, language=FILE.language)
    place = Location(odd.path, Span(0, 2))
    result = log(report([finding(place)], odd))["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%FF%3Ab.js"


def test_too_many_results() -> None:
    findings = [leak(severity=severity) for severity in (Severity.WARNING, Severity.ERROR, Severity.WARNING)]
    run = log(unmerged(findings), results=1)
    assert [result["level"] for result in run["results"]] == ["error"]
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert "2 of 3 findings" in told["message"]["text"]


def test_too_large_a_file() -> None:
    findings = [leak(subject=f"f: {number}", fingerprint=f"{number * 7919:032x}") for number in range(4000)]
    text = render(unmerged(findings), PAGES, Bounds(size=100_000))
    assert len(gzip.compress(text.encode())) <= 100_500
    (run,) = json.loads(text)["runs"]
    assert 0 < len(run["results"]) < 4000
    assert "of 4000 findings" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_too_long_a_path_and_too_many_places() -> None:
    item = finding(
        at(FILE, "total"), trace=tuple(at(FILE, "let", f"step {n}") for n in range(9)), related=(at(FILE, "値"),) * 5
    )
    run = log(report([item], FILE), steps=4, locations=2)
    (result,) = run["results"]
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert len(steps) == 4
    assert steps[-1]["location"]["physicalLocation"] == result["locations"][0]["physicalLocation"]
    assert len(result["relatedLocations"]) == 2
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 2


def test_suppression_state_has_the_name_of_the_schema() -> None:
    import sarif_om

    assert plain(sarif_om.Suppression(kind="inSource", state="accepted")) == {"kind": "inSource", "status": "accepted"}


@pytest.mark.skipif(not VALIDATOR, reason="SARIF_MULTITOOL does not name the official validator")
@pytest.mark.parametrize("project", sorted(path.name for path in (FIXTURES / "projects").iterdir()))
def test_official_validator(project: str, tmp_path: Path) -> None:
    text = render(run_folder(FIXTURES / "projects" / project), PAGES)
    assert _complaints(text, tmp_path) == []


@pytest.mark.skipif(not VALIDATOR, reason="SARIF_MULTITOOL does not name the official validator")
def test_official_validator_of_odd_reports(tmp_path: Path) -> None:
    odd = SourceFile("a\udcff:b {0}.js", FILE.data, language=FILE.language)
    shown = Report(
        (leak(), finding(Location(odd.path, Span(0, 0)), "LMI001", message="odd \u202e {0} [x](y)")),
        (),
        (Problem("too-deep", "nested", Location("gone.js", Span(0, 0))),),
        Stats(),
        {FILE.path: FILE, odd.path: odd},
        internal_errors=("LMI104 failed",),
    )
    assert _complaints(render(shown, PAGES), tmp_path) == []


def _complaints(text: str, folder: Path) -> list[str]:
    """Errors and warnings of the validator. Its exit code says nothing."""
    (folder / "report.sarif").write_text(text)
    command = [VALIDATOR, "validate", "report.sarif", "--rule-kind", "Sarif;Ghas", "-o", "out.sarif"]
    command += ["--log", "ForceOverwrite", "--level", "Error;Warning"]
    subprocess.run(command, cwd=folder, capture_output=True, check=False)
    (run,) = json.loads((folder / "out.sarif").read_text(encoding="utf-8-sig"))["runs"]
    known = {"SARIF2007"}  # asks for version control, which the upload to GitHub adds
    return [
        f"{result['ruleId']} {result['message']}"
        for result in run["results"]
        if result.get("level", "warning") in ("error", "warning") and result["ruleId"] not in known
    ]
