"""Code with the places of a finding marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from lmi_lint.model.finding import Finding, Location
from lmi_lint.model.source import Span, TextFile
from lmi_lint.report.html.builder import Markup, element, join, scrolling
from lmi_lint.report.neutral import text_width
from lmi_lint.report.places import place_words
from lmi_lint.report.snippet import Excerpt, excerpt

_CONTEXT: Final = 1
"""Lines shown around each that is marked."""


class _Mark(NamedTuple):
    start: int
    end: int
    message: str
    primary: bool


def excerpts(finding: Finding, sources: Mapping[str, TextFile]) -> Iterator[Markup]:
    """The location and what is related to it, file by file; places without text at hand as a list."""
    places: dict[str, list[tuple[Location, bool]]] = {}
    for place, primary in ((finding.location, True), *((place, False) for place in finding.related)):
        places.setdefault(place.path, []).append((place, primary))
    unknown = []
    for path, marked in places.items():
        source = sources.get(path)
        if source is None:
            unknown += [place for place, primary in marked if not primary]
            continue
        elsewhere = path != finding.location.path
        if elsewhere:
            yield element("p", path, class_="file")
        yield scrolling(element("pre", join(*_lines(source, marked))), label=f"Code of {path}", class_="code")
    if unknown:
        items = [element("li", f"{place_words(place, sources)}: {place.message}") for place in unknown]
        yield element("ul", items)


def _lines(source: TextFile, marked: list[tuple[Location, bool]]) -> Iterator[Markup]:
    by_line: dict[int, list[tuple[Location, bool]]] = {}
    for place, primary in sorted(marked, key=lambda item: (item[0].span.start, not item[1])):
        by_line.setdefault(source.line_of(place.span.start), []).append((place, primary))
    wanted = {near for line in by_line for near in range(line - _CONTEXT, line + _CONTEXT + 1)}
    last = len(source.line_starts) - source.data.endswith(b"\n")
    shown = [line for line in sorted(wanted) if 1 <= line <= last]
    gutter = len(str(shown[-1]))
    before = shown[0] - 1
    for line in shown:
        if line != before + 1:
            yield element("span", f"{'⋯':>{gutter}}\u2007", class_="gutter")
            yield Markup("\n")
        before = line
        yield from _line(source, line, by_line.get(line, []), gutter)


def _line(source: TextFile, line: int, places: list[tuple[Location, bool]], gutter: int) -> Iterator[Markup]:
    """One line with its marks, and what they say under it. A line too long to be shown whole is repeated, cut around
    each mark."""
    start = source.line_starts[line - 1]
    views: dict[str, list[_Mark]] = {}
    for place, primary in places:
        view = excerpt(source, place.span)
        first, end = _range(view)
        views.setdefault(view.text, []).append(_Mark(first, end, place.message, primary))
    if not places:
        views[excerpt(source, Span(start, start)).text] = []
    for text, marks in views.items():
        class_ = "row primary" if any(mark.primary for mark in marks) else "row marked" if marks else "row"
        number = element("span", f"{line:>{gutter}} ", class_="gutter")
        yield element("span", number, *_marked(text, marks), class_=class_)
        yield Markup("\n")
        for mark in marks:
            if mark.message:
                blank = element("span", " " * (gutter + 1), class_="gutter")
                indent = " " * text_width(text[: mark.start])
                class_ = "says primary" if mark.primary else "says"
                yield element("span", blank, indent, element("span", f"↑ {mark.message}", class_=class_), class_="row")
                yield Markup("\n")


def _range(view: Excerpt) -> tuple[int, int]:
    """The marked part as indexes of the shown text, whose characters may take 0 to 2 cells."""
    cells, first, end = 0, len(view.text), len(view.text)
    for index, char in enumerate(view.text):
        if cells >= view.indent and first == len(view.text):
            first = index
        if cells >= view.indent + view.cells:
            end = index
            break
        cells += text_width(char)
    return first, end


def _marked(text: str, marks: list[_Mark]) -> Iterator[str]:
    """The line with its marks; of marks that overlap the first is shown, whatever they say is said."""
    at = 0
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if mark.start < at or mark.end <= mark.start:
            continue
        yield text[at : mark.start]
        yield element("mark", text[mark.start : mark.end], class_="primary" if mark.primary else None)
        at = mark.end
    yield text[at:]
