"""One-line formats, read back by the problem matchers that we ship and by the rules of GitHub's commands."""

from __future__ import annotations

import json
import re
from importlib import resources

import pytest

from lmi_lint.model.finding import Location, Severity
from lmi_lint.model.source import SourceFile, Span
from lmi_lint.report import concise, github
from lmi_lint.triage.model import Report, Stats
from tests.triage.builders import PAGES, at, finding, source

FILE = source("// é😀\nlet 値 = total;\nlet x\n  = total;\n", "src/a, 100%:b.js")


def shown(*findings) -> Report:
    return Report(findings, (), (), Stats(), {FILE.path: FILE})


def matchers():
    folder = resources.files("lmi_lint") / "report" / "matchers"
    (action,) = json.loads((folder / "github.json").read_text())["problemMatcher"]
    (task,) = json.loads((folder / "vscode.json").read_text())["tasks"]
    return {"github": action["pattern"][0], "vscode": task["problemMatcher"]["pattern"]}


@pytest.mark.parametrize("reader", ["github", "vscode"])
@pytest.mark.parametrize("severity", list(Severity))
def test_problem_matchers(reader: str, severity: Severity) -> None:
    line = concise.render(shown(finding(at(FILE, "total"), severity=severity, message="lost: 3:4: x"))).rstrip("\n")
    pattern = matchers()[reader]
    match = re.fullmatch(pattern["regexp"], line)
    assert match is not None
    read = {key: match[pattern[key]] for key in ("file", "line", "column", "severity", "code", "message")}
    assert read == {
        "file": FILE.path,
        "line": "2",
        "column": "9",
        "severity": severity.value,
        "code": "LMI103",
        "message": "lost: 3:4: x",
    }


def test_one_line_whatever_is_in_it() -> None:
    odd = SourceFile("a\nb\x1b.js", FILE.data, language=FILE.language)
    item = finding(Location(odd.path, Span(0, 1)), message="two\nlines \x1b[31m")
    assert concise.render(Report((item,), (), (), Stats(), {odd.path: odd})) == (
        "a\\x0ab\\x1b.js:1:1: error LMI103 two lines \\x1b[31m\n"
    )


def test_commands() -> None:
    text = github.render(
        shown(finding(at(FILE, "total"), message="100%\r\nlost"), finding(at(FILE, "x\n  = total"))), PAGES
    )
    first, second = text.splitlines()
    assert first == (
        "::error file=src/a%2C 100%25%3Ab.js,title=LMI103 lost-update,line=2,endLine=2,col=9,endColumn=14"
        "::100%25%0D%0Alost"
    )
    assert "line=3,endLine=4::" in second
    assert "col=" not in second


def test_no_command_from_a_name() -> None:
    odd = SourceFile("a\n::error::x.js", FILE.data, language=FILE.language)
    item = finding(Location(odd.path, Span(0, 1)), message="x\n::stop-commands::y")
    text = github.render(Report((item,), (), (), Stats(), {odd.path: odd}), PAGES)
    assert text.count("\n") == 1
    assert text.startswith("::error file=a%0A%3A%3Aerror%3A%3Ax.js,")
