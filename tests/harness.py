"""Runs annotated sources through the public API and compares findings with markers.

A mismatch is shown as a unified diff: lines with ``-`` are what the markers claim, lines with ``+`` what was found.
"""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import lmi_lint
from lmi_lint.catalog.markers import Marker, find_markers
from lmi_lint.catalog.page import Example
from lmi_lint.model.finding import Finding, Severity
from lmi_lint.triage.model import Report

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "fixtures"
MARKED_SUFFIXES = frozenset(
    {
        ".js",
        ".mjs",
        ".cjs",
        ".jsx",
        ".ts",
        ".mts",
        ".cts",
        ".tsx",
        ".java",
        ".py",
        ".cs",
        ".yaml",
        ".yml",
        ".toml",
        ".tf",
        ".txt",
        ".xml",
        ".csproj",
        ".props",
        ".gradle",
        ".kts",
    }
)


class Found(NamedTuple):
    """A finding as markers see it."""

    path: str
    line: int
    rule: str
    message: str


def run_folder(folder: Path) -> Report:
    """Analyse a folder with all findings shown; hold that no rule failed."""
    request = lmi_lint.Request(
        paths=(folder,),
        root=folder,
        min_severity=Severity.NOTE,
        pedantic=True,
        costing=None,
        cache=True,  # the test run's own: pages and knowledge are then parsed once
    )
    report: Report = lmi_lint.run(request)
    assert not report.internal_errors, "\n".join(report.internal_errors)
    return report


def write_example(example: Example, folder: Path) -> None:
    """Write the files of a page's example below ``folder``."""
    for file in example.files:
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.text, encoding="utf-8", newline="\n")


def copy_fixture(fixture: Path, folder: Path) -> None:
    """A fixture file or folder becomes a project; a template of the same stem beside a file goes with it."""
    if fixture.is_dir():
        shutil.copytree(fixture, folder, dirs_exist_ok=True)
        return
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(fixture, folder / fixture.name)
    template = fixture.with_suffix(".yaml")
    if template.is_file():
        shutil.copy(template, folder / "template.yaml")


def markers_below(folder: Path) -> tuple[Marker, ...]:
    """All markers in the sources and templates of a folder."""
    found: list[Marker] = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in MARKED_SUFFIXES and "node_modules" not in path.parts:
            text = path.read_text(encoding="utf-8", errors="replace")
            found.extend(find_markers(path.relative_to(folder).as_posix(), text))
    return tuple(found)


def check_folder(folder: Path) -> Report:
    """Analyse a project and hold it to its markers. AssertionError with a diff if they disagree."""
    markers = markers_below(folder)
    report = run_folder(folder)
    difference = compare(markers, found_in(report))
    assert not difference, f"markers and findings disagree\n{difference}"
    return report


def found_in(report: Report) -> list[Found]:
    """The findings of a report, by place."""
    return [_found(finding, report) for finding in report.findings]


def _found(finding: Finding, report: Report) -> Found:
    location = finding.location
    source = report.sources.get(location.path)
    assert source is not None, f"the report has no text of {location.path}"
    return Found(location.path, source.line_of(location.span.start), finding.rule, finding.message)


def compare(markers: Iterable[Marker], findings: Sequence[Found]) -> str:
    """A unified diff between what markers claim and what was found; empty if they agree.

    An ``expect`` takes one finding of its rule and line that contains its text; two findings need two markers. ``todo``
    claims that nothing is found yet, ``todo-ok`` that a false alarm still is: both fail once that changes.
    """
    left = list(findings)
    claimed: list[str] = []
    actual: list[str] = []
    # Longer texts first, so that a vague marker cannot take the finding that only a precise one fits.
    for marker in sorted(markers, key=lambda marker: (marker.path, marker.line, marker.rule, -len(marker.text))):
        here = f"{marker.path}:{marker.line}:"
        hit = next((found for found in left if _fits(marker, found)), None)
        text = f' "{marker.text}"' if marker.text else ""
        if marker.kind in {"expect", "todo-ok"}:
            line = f"{here} {marker.kind}: {marker.rule}{text}"
            claimed.append(line)
            if hit is not None:
                left.remove(hit)
                actual.append(line)
            elif marker.kind == "todo-ok":
                actual.append(f"{here} ok: {marker.rule} (the false alarm is gone: make the marker 'ok')")
            continue
        line = f"{here} {marker.kind}: {marker.rule}{text}"
        claimed.append(line)
        if hit is None:
            actual.append(line)
        elif marker.kind == "todo":
            left.remove(hit)
            actual.append(f"{here} expect: {marker.rule} \"{hit.message}\" (it is found now: make the marker 'expect')")
    actual += [f'{found.path}:{found.line}: expect: {found.rule} "{found.message}"' for found in left]
    if sorted(claimed) == sorted(actual):
        return ""
    return "\n".join(difflib.unified_diff(sorted(claimed), sorted(actual), "markers", "findings", lineterm="", n=1))


def _fits(marker: Marker, found: Found) -> bool:
    same_place = (found.path, found.line, found.rule) == (marker.path, marker.line, marker.rule)
    return same_place and marker.text in found.message
