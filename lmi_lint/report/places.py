"""Where things are, in words; made harmless already."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import NamedTuple

from lmi_lint.model.finding import Finding, Location
from lmi_lint.model.source import TextFile
from lmi_lint.report.neutral import neutral
from lmi_lint.triage.model import FunctionReport


class Step(NamedTuple):
    """A step on the way from a function to a finding. ``what`` may be empty, and so may ``where``; ``more``: other
    functions that lead there too."""

    what: str
    where: str
    more: int = 0

    @property
    def words(self) -> str:
        """``handler (handler.ts:12)``."""
        text = f"{self.what} ({self.where})" if self.what and self.where else self.what or self.where
        return f"{text} and {self.more} more" if self.more else text


def place_words(place: Location, sources: Mapping[str, TextFile], *, column: bool = False) -> str:
    """``path:line``, or ``path`` alone where the text is not at hand; ``path:line:column`` with ``column``."""
    source = sources.get(place.path)
    if source is None:
        return neutral(place.path)
    position = source.position(place.span.start)
    return f"{neutral(place.path)}:{position.line}" + (f":{position.column}" if column else "")


def path_to(finding: Finding, functions: Mapping[str, FunctionReport], sources: Mapping[str, TextFile]) -> list[Step]:
    """From the function (``functions``: by key) to the finding, which is not a step itself."""
    steps: list[Step] = []
    if finding.handlers:
        first = functions.get(finding.handlers[0])
        name = neutral(first.function.name if first else finding.handlers[0])
        where = ""
        if first and first.function.template and first.function.location:
            where = place_words(first.function.location, sources)
        steps.append(Step(name, where, len(finding.handlers) - 1))
    trace = list(finding.trace)
    if trace and (trace[-1].path, trace[-1].span) == (finding.location.path, finding.location.span):
        trace.pop()
    return steps + [_step(place, finding.location.path, sources) for place in trace]


def _step(place: Location, here: str, sources: Mapping[str, TextFile]) -> Step:
    source = sources.get(place.path)
    path = posixpath.basename(place.path) if place.path == here else place.path
    line = f":{source.line_of(place.span.start)}" if source else ""
    return Step(neutral(place.message), f"{neutral(path)}{line}")
