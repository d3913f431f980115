"""What a rule reports, and the problems of the run itself."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from lmi_lint.model.names import RuleId
from lmi_lint.model.source import Span


class Severity(Enum):
    """How bad: decides what is shown and the exit code."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for note to 2 for error."""
        return _SEVERITY_RANK[self.value]


class Confidence(Enum):
    """How sure, computed from facts; only ``LOW`` is hidden unless asked for."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 for low to 2 for high."""
        return _CONFIDENCE_RANK[self.value]


_SEVERITY_RANK = {"note": 0, "warning": 1, "error": 2}
_CONFIDENCE_RANK = {"low": 0, "medium": 1, "high": 2}


class Location(Struct, frozen=True):
    """A span of a file and what it shows. ``path`` is relative to the project root, POSIX."""

    path: str
    span: Span
    message: str = ""


class Finding(Struct, frozen=True):
    """One hazard at one place.

    ``trace`` leads from the handler to ``location``; ``reasons`` explain the verdict, most telling
    first; ``subject`` is text that stays the same when lines move (function and place), for
    fingerprints; ``handlers`` are keys (``DeployedFunction.key``) of the functions that reach it.
    """

    rule: RuleId
    message: str
    severity: Severity
    confidence: Confidence
    location: Location
    related: tuple[Location, ...] = ()
    trace: tuple[Location, ...] = ()
    reasons: tuple[str, ...] = ()
    subject: str = ""
    remedy: str = ""
    handlers: tuple[str, ...] = ()
    fingerprint: str = ""
    suppressed: bool = False


class Problem(Struct, frozen=True):
    """Something that kept lmi-lint from reading or judging a thing; never a finding about the code.

    ``kind`` is a stable word such as ``parse-error``, ``unreadable``, ``too-large``,
    ``template-error``; ``location`` may be None or have an empty span for a whole file.
    """

    kind: str
    message: str
    location: Location | None = None
