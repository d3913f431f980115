"""Money, shares and numbers of requests as people read them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def money(value: Decimal) -> str:
    """USD with cents: ``1,034.00``."""
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP):,f}"


def percent(value: Decimal) -> str:
    """A share in whole percent: ``57 %``."""
    return f"{int((value * 100).to_integral_value(ROUND_HALF_UP))} %"


def requests(value: int) -> str:
    """A number of requests in round words: ``308.3 M``."""
    for size, word in ((10**9, " billion"), (10**6, " M"), (10**3, " k")):
        if value >= size:
            return f"{value / Decimal(size):,.1f}{word}"
    return str(value)
