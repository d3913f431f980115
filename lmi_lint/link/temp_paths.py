"""What a folded path says about who else uses the file."""

from __future__ import annotations

import re
from enum import Enum

from lmi_lint.link.heap import Gap, Text, Val
from lmi_lint.link.texts import settled

# What os.tmpdir(), java.io.tmpdir and tempfile.gettempdir() are on Lambda (developer guide, "ephemeral storage").
TEMP_DIRECTORY = "/tmp"  # noqa: S108 - a path of the code under analysis
_TEMP = re.compile(r"(?:file:(?://)?)?/(?:var/)?tmp(?:/|$)")
_WHOLE = re.compile(r"(?:file:(?://)?)?/(?:var/)?tmp/?(?:\.|\*+|\{\*,\.\*\})?")


class PathKind(Enum):
    """How a path under the temporary directory is made."""

    WHOLE = "whole"  # the directory itself
    FIXED = "fixed"
    UNIT = "unit"  # a name that a process or worker made when it loaded, which its invocations share
    BASE = "base"  # the last part of a path from the invocation
    WEAK = "weak"  # a time, a small random number, a process's number where a process holds several invocations
    REQUEST = "request"  # other data of the invocation
    UNIQUE = "unique"
    UNKNOWN = "unknown"
    ELSEWHERE = "elsewhere"


def classify(text: Text, *, alone: bool) -> PathKind:
    """The kind of one path. ``alone``: who makes it is one of a process or worker at a time, so that what is unique to
    that is unique to it."""
    text = settled(text)
    if not text or not isinstance(text[0], str) or not _TEMP.match(text[0]):
        return PathKind.ELSEWHERE
    gaps = {part for part in text if isinstance(part, Gap) and part.kind != "setting"}
    reaches = {gap.reach for gap in gaps if gap.kind == "unique"}
    if not gaps:
        fixed = "".join(part for part in text if isinstance(part, str))
        return PathKind.WHOLE if len(text) == 1 and _WHOLE.fullmatch(fixed) else PathKind.FIXED
    if reaches & {"call", "request", "thread"} or (alone and reaches & {"environment", "process"}):
        return PathKind.UNIQUE
    return _of_varying({gap.kind for gap in gaps if gap.reach != "environment"})


def in_temp_directory(value: Val) -> bool:
    """Whether an argument of what makes temporary files leaves them in the temporary directory: a path there, or the
    beginning or end of a name."""
    firsts = [text[0] for text in value.texts]
    known = all(isinstance(first, str) and (_TEMP.match(first) or "/" not in first) for first in firsts)
    return known if firsts else value.constant


def is_fixed(text: Text) -> bool:
    """Whether all invocations come to this one path under the temporary directory."""
    return classify(text, alone=True) is PathKind.FIXED


def _of_varying(kinds: set[str]) -> PathKind:
    if not kinds:
        return PathKind.UNIT
    if "unknown" in kinds:
        return PathKind.UNKNOWN
    if kinds == {"unique"}:
        return PathKind.WEAK
    return PathKind.BASE if kinds == {"base"} else PathKind.REQUEST


def has_default(text: Text) -> bool:
    """Whether the path is below a directory that a setting of the deployment may move elsewhere."""
    return bool(text) and isinstance(text[0], Gap) and text[0].kind == "setting"
