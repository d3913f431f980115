"""Cost against requests a month as SVG: a line for each plan, the break-evens marked.

Colour tells the platform, dashes the commitment; each line is named at its end, so that neither is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Final

from msgspec import Struct

from lmi_lint.cost.model import PLANS, BreakEven, Curve, PoolEstimate
from lmi_lint.cost.words import requests
from lmi_lint.report.cost_words import COMMITMENTS
from lmi_lint.report.html.builder import Markup, element
from lmi_lint.report.html.scale import Scale, apart

_WIDTH: Final = 720
_HEIGHT: Final = 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 66, 574, 40, 346
_LINE: Final = 16
"""Height of a line of text."""
_CHAR: Final = 7.8
"""Width of a character, roughly."""
_STRAIGHT: Final = 0.1
"""How far from a line a point counts as on it."""
_ENDS: Final = ("Lambda", "Savings Plan", "managed", "managed, 1 year", "managed, 3 years")


class _Frame(Struct, frozen=True):
    curve: Curve
    x: Scale
    y: Scale


def plot(found: PoolEstimate) -> Markup | None:
    """The plot; None where cost is not known for other traffic than that stated."""
    curve = found.curve
    costs = [float(month) for point in curve.points for month in point.months if month] if curve else []
    if curve is None or len(curve.points) < 2 or not costs:
        return None
    first, last = float(curve.points[0].requests), float(curve.points[-1].requests)
    low = min(costs) / 1.3 if curve.decades else 0.0
    frame = _Frame(
        curve,
        Scale(first, last, _LEFT, _RIGHT, curve.decades),
        Scale(low, max(costs) * (1.6 if curve.decades else 1.06), _BOTTOM, _TOP, curve.decades),
    )
    return element(
        "svg",
        element("title", f"Cost of {found.pool.name} a month against requests a month"),
        element("desc", description(found.break_even)),
        *_axes(frame),
        *_stated(frame),
        *_lines(frame),
        *_crossings(frame, found.break_even),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        class_="plot",
    )


def description(found: tuple[BreakEven, ...]) -> str:
    """The break-evens in a sentence each."""
    told = [
        f"{COMMITMENTS[each.plan]}: managed instances pay from {requests(each.requests)} requests a month on."
        for each in found
        if each.requests is not None
    ]
    return " ".join(told) or "The lines of managed instances and plain Lambda do not cross."


def _axes(frame: _Frame) -> Iterator[Markup]:
    for tick in frame.y.ticks():
        y = frame.y.at(tick)
        yield _rule(_LEFT, y, _RIGHT, y, "grid")
        yield _text(_LEFT - 8, y + 4, _dollars(tick), anchor="end")
    for tick in frame.x.ticks():
        x = frame.x.at(tick)
        yield _rule(x, _BOTTOM, x, _BOTTOM + 5, "axis")
        yield _text(x, _BOTTOM + 20, _short(round(tick)), anchor="middle")
    yield _rule(_LEFT, _BOTTOM, _RIGHT, _BOTTOM, "axis")
    scaled = ", both axes logarithmic" if frame.curve.decades else ""
    yield _text(0, 17, "USD a month", class_="title")
    yield _text((_LEFT + _RIGHT) / 2, _HEIGHT - 8, f"requests a month{scaled}", anchor="middle", class_="title")


def _stated(frame: _Frame) -> Iterator[Markup]:
    if frame.curve.stated:
        x = frame.x.at(frame.curve.stated)
        label = f"stated: {_short(frame.curve.stated)}"
        yield _rule(x, _TOP - 10, x, _BOTTOM, "stated")
        half = len(label) * _CHAR / 2
        yield _text(min(max(x, _LEFT + half), _RIGHT), _TOP - 16, label, anchor="middle", class_="muted")


def _lines(frame: _Frame) -> Iterator[Markup]:
    ends: list[tuple[str, str, float]] = []
    for index, plan in enumerate(PLANS):
        known = [(point.requests, point.months[index]) for point in frame.curve.points]
        places = [(frame.x.at(asked), frame.y.at(float(month))) for asked, month in known if month is not None]
        if not places:
            continue
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in _bends(places))
        yield element("polyline", points=path, class_=f"line {plan}")
        ends.append((plan, _ENDS[index], places[-1][1]))
    heights = apart([y for _, _, y in ends], _LINE, _TOP, _BOTTOM)
    for (plan, label, _), y in zip(ends, heights, strict=True):
        yield _text(_RIGHT + 8, y + 4, label, class_=f"end {plan}")


def _bends(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A line without the points that lie on it anyway."""
    kept = places[:1]
    for place, after in pairwise(places[1:]):
        (x0, y0), (x, y), (x1, y1) = kept[-1], place, after
        if abs((x - x0) * (y1 - y0) - (y - y0) * (x1 - x0)) > _STRAIGHT * (x1 - x0):
            kept.append(place)
    return [*kept, *places[1:][-1:]]


def _crossings(frame: _Frame, found: tuple[BreakEven, ...]) -> Iterator[Markup]:
    """A dot at each break-even; its label above and to the left, away from other labels."""
    months = {point.requests: point.months for point in frame.curve.points}
    taken: list[tuple[float, float]] = []
    for each in sorted(found, key=lambda item: item.requests or 0):
        month = months[each.requests][PLANS.index(each.plan)] if each.requests in months else None
        if each.requests is None or month is None:
            continue
        x, y = frame.x.at(each.requests), frame.y.at(float(month))
        label = f"{requests(each.requests)}, {COMMITMENTS[each.plan]}"
        reach = len(label) * _CHAR
        end = max(x - 8, _LEFT + reach + 4)
        height = y - 22
        while any(abs(height - other) < _LINE and end - reach < far for far, other in taken):
            height -= _LINE
        taken.append((end, height))
        yield _rule(min(end, x), height + 2, x, y, "lead")
        yield element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=4.5, class_=f"dot {each.plan}")
        yield _text(end, max(height, _TOP - 2), label, anchor="end", class_="label")


def _rule(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    return element("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", class_=class_)


def _text(x: float, y: float, label: str, anchor: str | None = None, class_: str | None = None) -> Markup:
    return element("text", label, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, class_=class_)


def _short(value: int) -> str:
    return requests(value).replace(".0", "")


def _dollars(value: float) -> str:
    return f"${value:,.2f}".removesuffix(".00") if value < 10 else f"${Decimal(round(value)):,}"
