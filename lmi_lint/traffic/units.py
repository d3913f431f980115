"""Amounts as people write them: ``50M``, ``120ms``, ``2GB``, ``8h``, ``25%``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final

_AMOUNT: Final = re.compile(r"([0-9][0-9_,]*(?:\.[0-9]+)?|\.[0-9]+)\s*([a-zA-Zµ%]*)(?:\s*(?:/|per)\s*([a-zA-Z]+))?")
_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_COUNT: Final = {"": 1, "k": 10**3, "m": 10**6, "mio": 10**6, "b": 10**9, "bn": 10**9, "g": 10**9}
_HOURS: Final = 730
"""Hours of a month: 365 days in twelve parts."""
_PER_MONTH: Final[Mapping[str, int | Fraction]] = {
    "": 1,
    "month": 1,
    "mo": 1,
    "day": Fraction(_HOURS, 24),
    "d": Fraction(_HOURS, 24),
    "hour": _HOURS,
    "h": _HOURS,
    "minute": _HOURS * 60,
    "min": _HOURS * 60,
    "second": _HOURS * 3600,
    "sec": _HOURS * 3600,
    "s": _HOURS * 3600,
}
_MS: Final[Mapping[str, int | Fraction]] = {
    "ms": 1, "us": Fraction(1, 1000), "µs": Fraction(1, 1000), "s": 1000, "sec": 1000, "m": 60_000, "min": 60_000,
    "h": 3_600_000,
}  # fmt: skip
_MB: Final = {"mb": 1, "mib": 1, "m": 1, "gb": 1024, "gib": 1024, "g": 1024}
_ACTIVE: Final = {"h": 1, "hour": 1, "hours": 1, "": 1, "d": 24, "day": 24, "days": 24}
_ACTIVE_PER: Final[Mapping[str, int | Fraction]] = {
    "": 1,
    "month": 1,
    "day": Fraction(_HOURS, 24),
    "week": Fraction(_HOURS, 168),
}


def count(text: str) -> Decimal:
    """A number: ``50M``, ``1.5k``, ``2_000``. ValueError says what is wrong."""
    number, unit, per = _split(text, "a number such as 50M, 20k or 1500")
    if per:
        raise ValueError(f"{text!r} is a rate; a number such as 50M is meant")
    return _times(number, _factor(_COUNT, unit, text, "k, M or B"))


def requests(text: str) -> Decimal:
    """Requests a month: ``50M``, ``20/s``, ``3k/day``. ValueError."""
    number, unit, per = _split(text, "a number such as 50M, or a rate such as 20/s")
    per_month = _factor(_PER_MONTH, per, text, "/s, /min, /hour, /day or /month")
    return _times(number, _factor(_COUNT, unit, text, "k, M or B") * per_month)


def milliseconds(text: str) -> Decimal:
    """A duration in ms: ``120ms``, ``1.5s``, ``2min``. ValueError: a unit is required."""
    number, unit, per = _split(text, "a duration such as 120ms or 1.5s")
    if not unit or per:
        raise ValueError(f"{text!r} has no unit; write 120ms or 1.5s")
    return _times(number, _factor(_MS, unit, text, "ms, s, min or h"))


def megabytes(text: str) -> Decimal:
    """Memory in MB (of 1024 to a GB, as Lambda counts): ``512MB``, ``2GB``, ``2GiB``, ``512``. ValueError."""
    number, unit, per = _split(text, "an amount of memory such as 512MB or 2GB")
    if per:
        raise ValueError(f"{text!r} is a rate; an amount of memory such as 512MB is meant")
    return _times(number, _factor(_MB, unit or "mb", text, "MB or GB"))


def hours(text: str) -> Decimal:
    """Hours of a month: ``200``, ``200h``, ``8h/day``, ``40h/week``. ValueError."""
    number, unit, per = _split(text, "hours of a month such as 200h or 8h/day")
    per_month = _factor(_ACTIVE_PER, per, text, "/day, /week, /month")
    value = _times(number, _factor(_ACTIVE, unit, text, "h or days") * per_month)
    if value > 744:
        raise ValueError(f"{text!r} is more than a month has hours")
    return value


def share(text: str) -> Decimal:
    """A share from 0 to 1: ``0.25``, ``25%``. ValueError."""
    number, unit, per = _split(text, "a share such as 0.25 or 25%")
    if unit not in {"", "%"} or per:
        raise ValueError(f"{text!r} is no share; write 0.25 or 25%")
    value = number / 100 if unit else number
    if value > 1:
        raise ValueError(f"{text!r} is more than the whole; write 0.25 or 25%")
    return value


def factor(text: str) -> Decimal:
    """A factor: ``2``, ``2x``. ValueError."""
    number, unit, per = _split(text, "a factor such as 2 or 2x")
    if unit not in {"", "x"} or per:
        raise ValueError(f"{text!r} is no factor; write 2 or 2x")
    return number


def _split(text: str, wanted: str) -> tuple[Decimal, str, str]:
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not {wanted}")
    digits = match[1]
    if "," in digits and not _THOUSANDS.fullmatch(digits):
        raise ValueError(f"{text!r}: the comma separates thousands here; write a decimal point")
    return Decimal(digits.replace(",", "").replace("_", "")), match[2], (match[3] or "").lower()


def _factor(table: Mapping[str, int | Fraction], unit: str, text: str, known: str) -> Fraction:
    value = table.get(unit.lower())
    if value is None:
        raise ValueError(f"{text!r}: unit {unit!r} is not known; write {known}")
    return Fraction(value)


def _times(number: Decimal, by: Fraction) -> Decimal:
    """The product, with one division at the end: 24 a day are 730 a month, not nearly so."""
    return number * by.numerator / by.denominator
