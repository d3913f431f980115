"""The JSON report, key by key."""

from __future__ import annotations

import json

import msgspec

from lmi_lint import __version__
from lmi_lint.deploy.model import Entry
from lmi_lint.model.finding import Confidence, Location, Problem, Severity
from lmi_lint.model.source import Span
from lmi_lint.report.json_v1 import render, render_functions
from lmi_lint.triage.model import Report, Stats
from tests.triage.builders import PAGES, at, finding, function, report, source

FILE = source("// é😀\nlet 値 = total;\n", "src/a.js")


def test_document() -> None:
    item = finding(
        at(FILE, "total"),
        severity=Severity.WARNING,
        confidence=Confidence.MEDIUM,
        related=(at(FILE, "値", "declared"),),
        trace=(at(FILE, "let", "handler"),),
        remedy="mend",
    )
    called = function(
        "F",
        runtime="nodejs22.x",
        handler="src/a.handler",
        entry=Entry("src/a.js", "handler"),
        memory_mb=2048,
        timeout_s=30,
        architecture="arm64",
        managed=True,
        provider="Fleet",
        max_concurrency=8,
        memory_per_vcpu=2.0,
        template="template.yaml",
    )
    item = msgspec.structs.replace(item, handlers=(called.key,))
    stats = Stats(
        files_read=2,
        skipped=(("vendored", 3),),
        lines=9,
        calls_resolved=4,
        calls_unresolved=1,
        opaque=5,
        ms=(("link", 7),),
    )
    document = json.loads(render(report([item], FILE, functions=(called,), stats=stats), PAGES))
    fingerprint = document["findings"][0].pop("fingerprint")
    assert len(fingerprint) == 32
    assert document == {
        "version": 1,
        "tool": {"name": "lmi-lint", "version": __version__},
        "findings": [
            {
                "rule": "LMI103",
                "name": "lost-update",
                "category": "shared-state",
                "severity": "warning",
                "confidence": "medium",
                "message": "lost",
                "remedy": "mend",
                "location": {
                    "path": "src/a.js",
                    "start": {"line": 2, "column": 9},
                    "end": {"line": 2, "column": 14},
                },
                "related": [
                    {
                        "location": {
                            "path": "src/a.js",
                            "start": {"line": 2, "column": 5},
                            "end": {"line": 2, "column": 6},
                        },
                        "message": "declared",
                    }
                ],
                "trace": [
                    {
                        "location": {
                            "path": "src/a.js",
                            "start": {"line": 2, "column": 1},
                            "end": {"line": 2, "column": 4},
                        },
                        "message": "handler",
                    }
                ],
                "handlers": ["F"],
                "suppressed": False,
            }
        ],
        "functions": [
            {
                "name": "F",
                "language": "javascript",
                "runtime": "nodejs22.x",
                "handler": "src/a.handler",
                "source": "src/a.js",
                "memory_mb": 2048,
                "timeout_s": 30,
                "architecture": "arm64",
                "capacity_provider": True,
                "provider": "Fleet",
                "max_concurrency": 8,
                "memory_per_vcpu": 2.0,
                "template": "template.yaml",
                "verdict": "needs work",
                "findings": {"error": 0, "warning": 1, "note": 0},
            }
        ],
        "problems": [],
        "stats": {
            "files": {"read": 2, "skipped": {"vendored": 3}},
            "lines": 9,
            "calls": {"resolved": 4, "unresolved": 1},
            "opaque": 5,
            "hidden": {"note": 0, "low_confidence": 0},
            "ms": {"link": 7},
        },
        "fitness": None,
    }


def test_columns_count_code_points() -> None:
    file = source("f('é😀', total)\n")
    document = json.loads(render(report([finding(at(file, "total"))], file), PAGES))
    assert document["findings"][0]["location"]["start"] == {"line": 1, "column": 9}


def test_functions_alone() -> None:
    problem = Problem("template-error", "bad", Location("t.yaml", Span(0, 0)))
    made = Report((), (), (problem, Problem("x", "y")), Stats(), {})
    place = {"line": 1, "column": 1}
    assert json.loads(render_functions(made)) == {
        "version": 1,
        "functions": [],
        "problems": [
            {"kind": "template-error", "message": "bad", "location": {"path": "t.yaml", "start": place, "end": place}},
            {"kind": "x", "message": "y", "location": None},
        ],
    }


def test_output_is_ascii_whatever_is_in_it() -> None:
    file = source("x\n", "\udc80\u202e.js")
    shown = render(report([finding(at(file, "x"), message="\x9b\x1b é")], file), PAGES)
    assert shown.isascii()
    assert json.loads(shown)["findings"][0]["message"] == "\x9b\x1b é"
