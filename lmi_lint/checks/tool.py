"""LMI001, LMI003, LMI004: what the tool says of its own reading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lmi_lint.checks.plain import plain_finding
from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.facts.files import FileRead
from lmi_lint.model.finding import Finding, Location, Problem, Severity
from lmi_lint.model.source import Span
from lmi_lint.triage.model import Analysed

_SKIPPED = frozenset({"generated", "minified", "too-large"})
_LEFT_OPEN = re.compile(r"\{\{|<[\w -]+>")
"""What a template's handler says where somebody is yet to fill it in."""


def tool_findings(
    files: Sequence[FileRead], problems: Sequence[Problem], analysed: Sequence[Analysed]
) -> Iterator[Finding]:
    """Files not read or read in part, and handlers not found."""
    reached_by: dict[str, list[str]] = {}
    for item in analysed:
        for path in item.files:
            reached_by.setdefault(path, []).append(item.function.key)
    for file in files:
        handlers = tuple(reached_by.get(file.path, ()))
        for flaw in file.flaws:
            location = Location(file.path, Span(flaw.start, flaw.end))
            yield plain_finding("LMI001", flaw.message, Severity.WARNING, location, file.path, handlers)
    for problem in problems:
        if problem.location is not None:
            rule = "LMI004" if problem.kind in _SKIPPED else "LMI001"
            severity = Severity.NOTE if rule == "LMI004" else Severity.WARNING
            handlers = tuple(reached_by.get(problem.location.path, ()))
            yield plain_finding(rule, problem.message, severity, problem.location, problem.location.path, handlers)
    for item in analysed:
        yield from _unresolved(item)


def _unresolved(item: Analysed) -> Iterator[Finding]:
    function = item.function
    if not item.handler_missing or function.location is None or function.edge or function.language is None:
        return
    told_later = (
        "handler" in function.unknown if function.handler is None else bool(_LEFT_OPEN.search(function.handler))
    )
    severity = Severity.WARNING if function.local and not item.outside and not told_later else Severity.NOTE
    handler = function.handler or "its handler"
    several = item.problem.startswith("several files")
    told = f"one cannot tell which code provides {handler}" if several else f"nothing here provides {handler}"
    message = f"{function.name}: {told} ({item.problem})"
    yield plain_finding("LMI003", message, severity, _handler_location(function), function.name, (function.key,))


def _handler_location(function: DeployedFunction) -> Location:
    for name, location in function.locations:
        if name.lower() == "handler":
            return location
    return function.location or Location(function.template or "", Span(0, 0))
