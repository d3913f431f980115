"""From amounts to places on an axis."""

from __future__ import annotations

import math
from typing import Final

from msgspec import Struct

_TICKS: Final = 6


class Scale(Struct, frozen=True):
    """Amounts from ``low`` to ``high`` between two coordinates; ``decades``: over powers of ten, ``low`` being above
    0."""

    low: float
    high: float
    start: float
    end: float
    decades: bool = False

    def at(self, value: float) -> float:
        """The coordinate of an amount."""
        if self.decades:
            share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round amounts along the axis."""
        if not self.decades:
            step = _round((self.high - self.low) / _TICKS)
            return [step * number for number in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)]
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        heads = (1, 2, 5) if len(powers) <= 4 else (1,)
        ticks = [head * 10.0**power for power in powers for head in heads]
        return [tick for tick in ticks if self.low <= tick <= self.high * 1.0001]


def _round(step: float) -> float:
    """The next of 1, 2, 2.5, 5, 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(head * power for head in (1, 2, 2.5, 5, 10) if head * power >= step * 0.999)


def apart(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Coordinates at least ``gap`` from each other, near those wanted and from ``low`` to ``high`` if that is enough
    room; in the given order."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    placed = [0.0] * len(wanted)
    least = low
    for index in order:
        placed[index] = max(wanted[index], least)
        least = placed[index] + gap
    most = high
    for index in reversed(order):
        placed[index] = min(placed[index], most)
        most = placed[index] - gap
    return placed
