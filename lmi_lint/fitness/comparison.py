"""What the estimate of a pool says for or against the move."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from msgspec import Struct

from lmi_lint.cost.breakeven import NEVER
from lmi_lint.cost.model import PLANS, BreakEven, PoolEstimate
from lmi_lint.cost.words import money, percent, requests

FOLK: Final = "often said: from $1,000 or 50 M requests a month"
"""Thresholds that are passed around; they hold for no function in particular, so they are only shown beside its own."""
_EXAMPLE_MS: Final = 100
_MANY: Final = 10
"""Times from which on a share would say nothing."""


class Comparison(Struct, frozen=True):
    """A month on plain Lambda against one on managed instances, both on demand, of the same traffic, in USD.
    ``committed``: the same with a Savings Plan and a commitment of three years."""

    plain: Decimal
    managed: Decimal
    committed: tuple[Decimal, Decimal] | None = None

    @property
    def saved(self) -> Decimal:
        """What managed instances save a month; negative if they are dearer."""
        return self.plain - self.managed

    @property
    def pays(self) -> bool:
        """Whether managed instances cost less."""
        return self.managed < self.plain


def comparison(pool: PoolEstimate | None) -> Comparison | None:
    """The comparison, where the traffic of a month is known and the instances hold it."""
    if pool is None or pool.fleet is None or not pool.fleet.within_ceiling:
        return None
    plain, managed = pool.column(PLANS[0]), pool.column(PLANS[2])
    if plain is None or managed is None or not plain.month:
        return None
    savings, three = pool.column(PLANS[1]), pool.column(PLANS[4])
    committed = (savings.month, three.month) if savings is not None and three is not None else None
    return Comparison(plain.month, managed.month, committed)


def break_even(pool: PoolEstimate | None) -> BreakEven | None:
    """From where on managed instances pay, on demand."""
    return next((each for each in pool.break_even if each.plan == PLANS[2]), None) if pool is not None else None


def sharing(pool: PoolEstimate) -> str:
    """Whom the figures of a pool speak of beside the function itself, as an addition to a sentence."""
    others = len(pool.pool.workloads) - 1
    if not others:
        return ""
    return f", all {others + 1} functions of {pool.pool.name} together"


def compared(found: Comparison, pool: PoolEstimate) -> str:
    """The comparison as a sentence."""
    text = (
        f"${money(found.managed)} a month on managed instances instead of ${money(found.plain)} on plain Lambda "
        f"({_more(found)}), on demand{sharing(pool)}"
    )
    if not found.pays and found.committed is not None and found.committed[1] < found.committed[0]:
        plan, three = found.committed
        text += f"; committed for three years ${money(three)} against ${money(plan)} with a Savings Plan"
    return text


def _more(found: Comparison) -> str:
    if found.managed >= _MANY * found.plain:
        return f"{found.managed / found.plain:,.0f} times as much"
    share = percent(abs(found.saved) / found.plain)
    return f"{share} {'less' if found.saved > 0 else 'more'}" if found.saved else "as much"


def beginning(pool: PoolEstimate) -> str:
    """From where on it pays, with what is often said beside it; empty if nothing is known."""
    found = break_even(pool)
    if found is None:
        return ""
    if found.requests is not None:
        return f"it pays from {requests(found.requests)} requests a month{sharing(pool)} ({FOLK})"
    if found.why.startswith(NEVER):
        return f"it pays at no number of requests: {found.why}"
    if found.floor_concurrency is None:
        return f"from how many requests it pays is {found.why}" if found.why else ""
    text = f"at the earliest it pays from {found.floor_concurrency:.1f} invocations always at work"
    example = _example(found, pool)
    return f"{text}, such as {requests(example)} requests a month of {_EXAMPLE_MS} ms ({FOLK})" if example else text


def _example(found: BreakEven, pool: PoolEstimate) -> int:
    """The floor as requests of a given length; the charge for requests is the same on both sides."""
    memory = sum(each.memory_mb for each in pool.pool.workloads)
    return int(found.floor_gb_seconds * 1024 / memory * 1000 / _EXAMPLE_MS) if memory else 0


def never_fills(pool: PoolEstimate | None, reserved: int | None) -> bool:
    """Whether a function that always runs as many invocations at once as are reserved for it costs less on plain Lambda
    than the fewest instances: then managed instances cannot pay at any traffic."""
    found = break_even(pool)
    if pool is None or found is None or found.floor_concurrency is None or reserved is None:
        return False
    only = pool.pool.workloads[0]
    return (
        len(pool.pool.workloads) == 1
        and not only.provisioned
        and only.ephemeral_mb <= 512
        and (reserved < found.floor_concurrency)
    )
