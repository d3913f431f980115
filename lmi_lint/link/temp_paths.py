"""What a folded path says about who else uses the file."""

from __future__ import annotations

import re
from enum import Enum

from lmi_lint.link.heap import Gap, Text

# What os.tmpdir(), java.io.tmpdir and tempfile.gettempdir() are on Lambda (developer guide, "ephemeral storage").
TEMP_DIRECTORY = "/tmp"  # noqa: S108 - a path of the code under analysis
_TEMP = re.compile(r"(?:file:(?://)?)?/(?:var/)?tmp(?:/|$)")


class PathKind(Enum):
    """How a path under the temporary directory is made."""

    FIXED = "fixed"
    WEAK = "weak"
    REQUEST = "request"
    UNIQUE = "unique"
    UNKNOWN = "unknown"
    ELSEWHERE = "elsewhere"


def classify(text: Text) -> PathKind:
    """The kind of one path. Unique per process or per second is weak: invocations that run at once may share it."""
    if not text or not isinstance(text[0], str) or not _TEMP.match(text[0]):
        return PathKind.ELSEWHERE
    # What was unique when the environment loaded is the same for all its invocations.
    gaps = [part for part in text if isinstance(part, Gap) and part.reach != "environment"]
    if not gaps:
        whole = "".join(part for part in text if isinstance(part, str))
        return PathKind.ELSEWHERE if _is_directory_itself(whole) else PathKind.FIXED
    if any(gap.kind == "unique" and gap.reach in ("call", "request", "thread") for gap in gaps):
        return PathKind.UNIQUE
    if any(gap.kind == "unknown" for gap in gaps):
        return PathKind.UNKNOWN
    if any(gap.kind == "unique" for gap in gaps):
        return PathKind.WEAK
    return PathKind.REQUEST


def _is_directory_itself(path: str) -> bool:
    return re.fullmatch(r"(?:file:(?://)?)?/(?:var/)?tmp/?", path) is not None
