"""Markers in annotated sources: comments that say which findings belong where.

``expect: LMI101 "text"``: exactly one finding of that rule on the line, its message contains the text.
``ok: LMI101``: none of that rule, worth naming. ``todo: LMI101``: should be found and is not yet.
``todo-ok: LMI101``: should not be found and is.
In ``#``, ``//`` or ``<!--`` comments; alone on its line a marker speaks of the next line that is no such comment.
``expect: LMI501 in package.json:4 "text"`` speaks of a line of another file, beside the one that it stands in: for
files whose syntax has no comments.
"""

from __future__ import annotations

import posixpath
import re
from enum import Enum
from typing import Final

from msgspec import Struct

from lmi_lint.model.names import RuleId


class MarkerKind(Enum):
    """What a marker claims."""

    EXPECT = "expect"
    OK = "ok"
    TODO = "todo"
    TODO_OK = "todo-ok"


class Marker(Struct, frozen=True, order=True):
    """A claim about ``line`` (from 1) of ``path``. ``text``: part of the message, or empty."""

    path: str
    line: int
    rule: RuleId
    kind: str
    text: str = ""


_ELSEWHERE: Final = r"(?:[ \t]+in[ \t]+(?P<path>[\w./-]+):(?P<line>\d+))?"
_ID: Final = r"[A-Z]{2,10}\d{3}"
_ONE: Final = rf'(?:expect|ok|todo|todo-ok):[ \t]*{_ID}(?:[ \t]+in[ \t]+[\w./-]+:\d+)?(?:[ \t]+"[^"]*")?'
_COMMENT: Final = re.compile(rf"(?:#|//|<!--)[ \t]*(?P<markers>{_ONE}(?:[ \t]*(?:,[ \t]*)?{_ONE})*)(?P<rest>[^\n]*)")
_MARKER: Final = re.compile(
    rf'(?P<kind>expect|ok|todo|todo-ok):[ \t]*(?P<rule>{_ID}){_ELSEWHERE}(?:[ \t]+"(?P<text>[^"]*)")?'
)
_SUSPECT: Final = re.compile(r"(?:#|//|<!--)[ \t]*(?:expect|todo|ok)[\w-]*[ \t]*:?[ \t]*LMI")


def find_markers(path: str, text: str) -> tuple[Marker, ...]:
    """All markers of a text, in order. ValueError, naming path and line, for what looks like a marker and is none."""
    found: list[Marker] = []
    waiting: list[re.Match[str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        comment = _COMMENT.search(line)
        if comment is None:
            if _SUSPECT.search(line):
                raise ValueError(f"{path}:{number}: not a marker: {line.strip()}")
            found.extend(_marker(path, number, match) for match in waiting)
            waiting = []
            continue
        markers = list(_MARKER.finditer(comment["markers"]))
        if line[: comment.start()].strip():
            found.extend(_marker(path, number, match) for match in (*waiting, *markers))
            waiting = []
        else:
            waiting.extend(markers)
    if waiting:
        raise ValueError(f"{path}: a marker stands on the last line, with no line after it: {waiting[0].group()}")
    return tuple(found)


def strip_markers(text: str) -> str:
    """The text without its markers; a line that held nothing else goes."""
    kept: list[str] = []
    for line in text.split("\n"):
        marked = "expect:" in line or "ok:" in line or "todo:" in line
        comment = _COMMENT.search(line) if marked else None
        if comment is None:
            kept.append(line)
            continue
        rest = comment["rest"].strip()
        xml = comment.group().startswith("<!--")
        rest = "" if xml and rest == "-->" else rest
        head = line[: comment.start()].rstrip()
        if head or rest:
            opener = "<!--" if xml else "#" if line[comment.start()] == "#" else "//"
            kept.append(f"{head}  {opener} {rest}" if rest and head else head or f"{opener} {rest}")
    return "\n".join(kept)


def _marker(path: str, line: int, match: re.Match[str]) -> Marker:
    if match["path"]:
        path, line = posixpath.join(posixpath.dirname(path), match["path"]), int(match["line"])
    return Marker(path, line, RuleId(match["rule"]), match["kind"], match["text"] or "")
