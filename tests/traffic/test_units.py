"""Amounts as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lmi_lint.traffic import units


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (units.requests, "50M", 50_000_000),
        (units.requests, "1.5k", 1500),
        (units.requests, "2_000", 2000),
        (units.requests, "1,250,000", 1_250_000),
        (units.requests, "2 bn", 2 * 10**9),
        (units.requests, "20/s", 20 * 730 * 3600),
        (units.requests, "3k per hour", 3000 * 730),
        (units.requests, "24/day", 730),
        (units.requests, "1M/month", 10**6),
        (units.count, "40", 40),
        (units.milliseconds, "120ms", 120),
        (units.milliseconds, "1.5 s", 1500),
        (units.milliseconds, "2min", 120_000),
        (units.milliseconds, "250us", Decimal("0.25")),
        (units.megabytes, "512", 512),
        (units.megabytes, "512MB", 512),
        (units.megabytes, "2GB", 2048),
        (units.megabytes, "0.5GiB", 512),
        (units.hours, "200", 200),
        (units.hours, "12h/day", 365),
        (units.hours, "84h/week", 365),
        (units.hours, "2days", 48),
        (units.share, "25%", Decimal("0.25")),
        (units.share, "0.25", Decimal("0.25")),
        (units.factor, "2x", 2),
    ],
)
def test_amounts(read, text: str, value) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (units.requests, "", "'' is not a number such as 50M"),
        (units.requests, "-5", "'-5' is not a number"),
        (units.requests, "5e6", "unit 'e' is not known|is not a number"),
        (units.requests, "5Q", "unit 'Q' is not known; write k, M or B"),
        (units.requests, "5/week", "unit 'week' is not known"),
        (units.requests, "1,5M", "the comma separates thousands here"),
        (units.count, "20/s", "is a rate; a number such as 50M is meant"),
        (units.milliseconds, "120", "has no unit; write 120ms or 1.5s"),
        (units.milliseconds, "2 weeks", "unit 'weeks' is not known"),
        (units.megabytes, "1MB/s", "is a rate"),
        (units.megabytes, "3TB", "unit 'TB' is not known"),
        (units.hours, "800h", "more than a month has hours"),
        (units.share, "2", "more than the whole"),
        (units.share, "5x", "is no share"),
        (units.factor, "5%", "is no factor"),
    ],
)
def test_what_is_none(read, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(text)
