"""The JSON report, version 1. A change that breaks readers is a new version in a new module.

Lines and columns count from 1, columns in code points; ``end`` is the first position after the span; paths are relative
to the project root with forward slashes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from lmi_lint import __version__
from lmi_lint.catalog.page import Page
from lmi_lint.model.finding import Finding, Location, Problem
from lmi_lint.model.names import RuleId
from lmi_lint.model.source import TextFile
from lmi_lint.triage.model import FunctionReport, Report, Stats

VERSION: Final = 1


def render(report: Report, pages: Mapping[RuleId, Page]) -> str:
    """The whole report as JSON text with a final line end. ``pages`` give names and categories of rules."""
    return _text(document(report, pages))


def render_functions(report: Report) -> str:
    """Functions and problems alone, as JSON text with a final line end."""
    return _text(
        {
            "version": VERSION,
            "functions": [_function(item) for item in report.functions],
            "problems": [_problem(item, report.sources) for item in report.problems],
        }
    )


def document(report: Report, pages: Mapping[RuleId, Page]) -> dict[str, Any]:
    """The report as plain data."""
    names = {item.function.key: item.function.name for item in report.functions}
    told = summary(report)
    return {
        "version": VERSION,
        "tool": {"name": "lmi-lint", "version": __version__},
        "findings": [_finding(item, pages.get(item.rule), report.sources, names) for item in report.findings],
        "functions": told["functions"],
        "problems": [_problem(item, report.sources) for item in report.problems],
        "stats": told["stats"],
        "fitness": fitness(report),
    }


def fitness(report: Report) -> dict[str, Any] | None:
    """Fitness of the functions in short, as plain data; None where no function is deployed."""
    if report.fitness is None:
        return None
    from lmi_lint.report.fitness_json import brief

    return brief(report.fitness)


def summary(report: Report) -> dict[str, Any]:
    """Functions with their verdicts, and the counts of the run, as plain data."""
    return {"functions": [_function(item) for item in report.functions], "stats": _stats(report.stats)}


def _text(data: object) -> str:
    # ASCII, because names and snippets may hold lone surrogates and characters that steer a terminal.
    return json.dumps(data, indent=2) + "\n"


def _finding(
    finding: Finding, page: Page | None, sources: Mapping[str, TextFile], names: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "name": page.name if page else "",
        "category": page.category if page else "",
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "message": finding.message,
        "remedy": finding.remedy,
        "location": _location(finding.location, sources),
        "related": [{"location": _location(item, sources), "message": item.message} for item in finding.related],
        "trace": [{"location": _location(item, sources), "message": item.message} for item in finding.trace],
        "handlers": list(dict.fromkeys(names.get(key, key) for key in finding.handlers)),
        "fingerprint": finding.fingerprint,
        "suppressed": finding.suppressed,
    }


def _location(location: Location, sources: Mapping[str, TextFile]) -> dict[str, Any]:
    source = sources.get(location.path)
    return {
        "path": location.path,
        "start": _point(source, location.span.start),
        "end": _point(source, location.span.end),
    }


def _point(source: TextFile | None, offset: int) -> dict[str, int]:
    if source is None:
        return {"line": 1, "column": 1}
    position = source.position(offset)
    return {"line": position.line, "column": position.column}


def _function(item: FunctionReport) -> dict[str, Any]:
    function = item.function
    return {
        "name": function.name,
        "language": function.language.value if function.language else None,
        "runtime": function.runtime,
        "handler": function.handler,
        "source": function.entry.path if function.entry else None,
        "memory_mb": function.memory_mb,
        "timeout_s": function.timeout_s,
        "architecture": function.architecture,
        "capacity_provider": function.managed,
        "provider": function.provider,
        "max_concurrency": function.max_concurrency,
        "memory_per_vcpu": function.memory_per_vcpu,
        "template": function.template,
        "verdict": item.verdict.value,
        "findings": {"error": item.errors, "warning": item.warnings, "note": item.notes},
    }


def _problem(problem: Problem, sources: Mapping[str, TextFile]) -> dict[str, Any]:
    return {
        "kind": problem.kind,
        "message": problem.message,
        "location": _location(problem.location, sources) if problem.location else None,
    }


def _stats(stats: Stats) -> dict[str, Any]:
    return {
        "files": {"read": stats.files_read, "skipped": dict(stats.skipped)},
        "lines": stats.lines,
        "calls": {"resolved": stats.calls_resolved, "unresolved": stats.calls_unresolved},
        "opaque": stats.opaque,
        "hidden": {"note": stats.hidden_notes, "low_confidence": stats.hidden_low},
        "ms": dict(stats.ms),
    }
