"""Short ways to make the data that triage and reports work on."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import Any

import msgspec

from lmi_lint.catalog.page import Page
from lmi_lint.catalog.registry import load_pages
from lmi_lint.deploy.model import DeployedFunction, Provenance
from lmi_lint.facts.model import CommentFacts
from lmi_lint.model.finding import Confidence, Finding, Location, Severity
from lmi_lint.model.names import Language, RuleId
from lmi_lint.model.source import SourceFile, Span
from lmi_lint.packs import rules_root
from lmi_lint.triage import Options, triage
from lmi_lint.triage.model import Analysed, Report, Stats

ROOT: Traversable = rules_root()
PAGES: dict[RuleId, Page] = load_pages([ROOT])


def source(text: str, path: str = "a.js") -> SourceFile:
    return SourceFile(path, text.encode(), language=Language.JAVASCRIPT)


def at(file: SourceFile, text: str, message: str = "", nth: int = 0) -> Location:
    """The nth place where a text stands in a file."""
    start = -1
    for _ in range(nth + 1):
        start = file.data.index(text.encode(), start + 1)
    return Location(file.path, Span(start, start + len(text.encode())), message)


def finding(location: Location, rule: str = "LMI103", **fields: Any) -> Finding:
    base = Finding(RuleId(rule), "lost", Severity.ERROR, Confidence.HIGH, location, subject="f: total")
    return msgspec.structs.replace(base, **fields)


def comment(file: SourceFile, text: str, nth: int = 0) -> CommentFacts:
    """The comment facts of a ``//`` comment with this text, as the extractor makes them."""
    place = at(file, f"// {text}", nth=nth).span
    before = file.data[: place.start].rpartition(b"\n")[2]
    return CommentFacts(text, not before.strip(), place.start, place.end)


def function(name: str = "F", **fields: Any) -> DeployedFunction:
    base = DeployedFunction(name, Provenance.DEPLOYED, language=Language.JAVASCRIPT)
    return msgspec.structs.replace(base, **fields)


def report(
    findings: list[Finding],
    *files: SourceFile,
    comments: dict[str, tuple[CommentFacts, ...]] | None = None,
    functions: tuple[DeployedFunction, ...] = (),
    options: Options | None = None,
    stats: Stats | None = None,
) -> Report:
    return triage(
        findings,
        [Analysed(item) for item in functions],
        comments or {},
        {file.path: file for file in files},
        [],
        stats or Stats(),
        options or Options(pages=PAGES),
    )


def keys(*names: str) -> tuple[str, ...]:
    """The keys of functions made by ``function`` without a template, as findings carry them."""
    return tuple(function(name).key for name in names)
