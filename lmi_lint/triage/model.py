"""The finished report that every format prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.catalog.page import Page
from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.model.finding import Finding, Problem
from lmi_lint.model.names import RuleId
from lmi_lint.model.source import TextFile
from lmi_lint.model.verdict import Verdict

if TYPE_CHECKING:
    from lmi_lint.fitness.model import Fitness


class FunctionReport(Struct, frozen=True):
    """One function and its verdict. ``errors``, ``warnings``, ``notes`` count findings of all confidences but low;
    ``calls_resolved`` and ``calls_unresolved`` the calls on its request path. ``counted``: these findings, shown or
    not; ``problem``: why it could not be judged, if so."""

    function: DeployedFunction
    verdict: Verdict
    errors: int = 0
    warnings: int = 0
    notes: int = 0
    calls_resolved: int = 0
    calls_unresolved: int = 0
    counted: tuple[Finding, ...] = ()
    problem: str = ""


class Analysed(Struct, frozen=True):
    """What link says of one function beside its findings. ``problem``: why it could not be judged, if so;
    ``handler_missing``: nothing
    provides its handler; ``outside``: because code that is not here makes it; ``files``: what it reached; ``cut``: it
    was too large to be judged to the end, so that nothing found says little."""

    function: DeployedFunction
    calls_resolved: int = 0
    calls_unresolved: int = 0
    problem: str = ""
    handler_missing: bool = False
    outside: bool = False
    cut: bool = False
    files: frozenset[str] = frozenset()


class Stats(Struct, frozen=True):
    """Counts of the run. ``left_out``: functions that are declared, but whose condition is false; ``skipped``: reason →
    files; ``lines``: of the files read; ``ms``: stage → milliseconds."""

    files_read: int = 0
    skipped: tuple[tuple[str, int], ...] = ()
    lines: int = 0
    calls_resolved: int = 0
    calls_unresolved: int = 0
    opaque: int = 0
    left_out: int = 0
    hidden_notes: int = 0
    hidden_warnings: int = 0
    hidden_low: int = 0
    hidden_suppressed: int = 0
    hidden_elsewhere: int = 0
    ms: tuple[tuple[str, int], ...] = ()


class Report(Struct, frozen=True):
    """Everything a format needs. ``findings`` are those to show, sorted by path, position, rule. ``sources`` maps the
    paths of shown locations to their text, ``pages`` the rules of the run to what they say. ``failed``: a shown finding
    is at or above the failing severity. ``fitness``: which functions belong on managed instances; None where that was
    not asked for or no function is deployed."""

    findings: tuple[Finding, ...]
    functions: tuple[FunctionReport, ...]
    problems: tuple[Problem, ...]
    stats: Stats
    sources: Mapping[str, TextFile]
    failed: bool = False
    internal_errors: tuple[str, ...] = ()
    pages: Mapping[RuleId, Page] = {}
    fitness: Fitness | None = None
