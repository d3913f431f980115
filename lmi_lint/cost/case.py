"""One pool with everything needed to cost it at any amount of traffic."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from lmi_lint.cost.assumptions import Ledger
from lmi_lint.cost.model import PLANS, Column, Fleet, Pool
from lmi_lint.cost.packing import Need, Room, candidates, cheapest, undominated
from lmi_lint.cost.plain import plain_columns
from lmi_lint.cost.prices import InstanceType, LambdaPrices
from lmi_lint.cost.sizing import Sized


class Case:
    """A pool, its functions with their environments, and the prices that hold for it.

    ``traffic`` of a month is a total number of requests; each function has its ``share`` of it, as in the month that
    was stated. ``total`` is that month; None if any function's requests are not known.
    """

    def __init__(
        self, pool: Pool, sized: Sequence[Sized], types: Sequence[InstanceType], plain: LambdaPrices, ledger: Ledger
    ) -> None:
        self.pool = pool
        self.sized = sized
        self.plain = plain
        self.ledger = ledger
        self._kind = (pool.region, pool.architecture, pool.allowed, pool.excluded)
        self.types, self._rooms = ledger.once(self._kind, lambda: _rooms(types, pool, ledger))
        self.ceiling = pool.max_vcpus if pool.max_vcpus is not None else int(ledger["max_vcpus"])
        known = [each.requests for each in sized if each.requests is not None]
        self.total = sum(known, Decimal(0)) if len(known) == len(sized) else None
        self._shares = self._shared()
        self._fleets: dict[tuple[int, ...], Fleet | None] = {}
        self._today: dict[Decimal, tuple[Column, Column]] = {}

    def _shared(self) -> list[Fraction] | None:
        if len(self.sized) == 1:
            return [Fraction(1)]
        if not self.total:
            return None
        return [Fraction(each.requests or 0) / Fraction(self.total) for each in self.sized]

    @property
    def scales(self) -> bool:
        """Whether cost is known for other traffic than the stated month's: durations and the mix are known."""
        return self._shares is not None and all(each.workload.traffic.duration_ms is not None for each in self.sized)

    def requests(self, total: Decimal | None) -> list[Decimal | Fraction | None]:
        """Each function's requests."""
        if total == self.total or total is None or self._shares is None:
            return [each.requests for each in self.sized]
        return [share * Fraction(total) for share in self._shares]

    def fleet(self, total: Decimal | None) -> Fleet | None:
        """The instances for a month; None if an environment fits on none."""
        asked = zip(self.sized, self.requests(total), strict=True)
        return self._fleet(tuple(each.count(requests) for each, requests in asked))

    def smallest_fleet(self) -> Fleet | None:
        """The instances that run without any traffic."""
        return self._fleet(tuple(each.least * each.versions for each in self.sized))

    def _fleet(self, counts: tuple[int, ...]) -> Fleet | None:
        if counts not in self._fleets:
            merged: dict[tuple[int, int], int] = {}
            for each, count in zip(self.sized, counts, strict=True):
                size = each.memory_mb, each.vcpus
                merged[size] = merged.get(size, 0) + count
            needs = tuple(Need(memory, vcpus, count) for (memory, vcpus), count in merged.items())
            floor = int(self.ledger["min_instances"])
            self._fleets[counts] = self.ledger.once(  # most pools are one function, and many of those are alike
                (self._kind, needs, self.ceiling),
                lambda: cheapest(self._rooms, needs, floor, self.ceiling, self.types),
            )
        return self._fleets[counts]

    def steps(self) -> list[tuple[Fraction, int]]:
        """For each function whose environments grow: how many requests in all one environment stands for, and the
        environments that it has at the least."""
        if self._shares is None:
            return []
        grow = [
            (each.concurrency / (each.per_request * share), each.least)
            for each, share in zip(self.sized, self._shares, strict=True)
            if each.per_request and share
        ]
        return [(Fraction(holds), least) for holds, least in grow]

    def managed(self, plan: str, fleet: Fleet, total: Decimal) -> Column:
        """A month on managed instances."""
        ledger = self.ledger
        hours = ledger["hours_per_month"]
        ec2 = fleet.count * fleet.instance.usd_per_hour * hours
        discount = {PLANS[3]: "ec2_1yr", PLANS[4]: "ec2_3yr"}.get(plan)
        compute = ec2 * (1 - ledger[discount]) if discount else ec2
        asked = total * ledger["lmi_requests"] / 1_000_000
        return Column(plan, asked, compute, ec2 * ledger["management_fee"], self._other(fleet))

    def _other(self, fleet: Fleet) -> Decimal:
        """Network and storage that the move adds; prices are asked for only where something is added."""
        ledger, cost = self.ledger, Decimal(0)
        if ledger["nat_gateways"]:
            cost += ledger["nat_gateways"] * ledger["hours_per_month"] * ledger["nat_hour"]
        if ledger["nat_gb_per_month"]:
            cost += ledger["nat_gb_per_month"] * ledger["nat_gb"]
        if ledger["endpoints"]:
            cost += ledger["endpoints"] * ledger["hours_per_month"] * ledger["endpoint_hour"]
        if ledger["volume_gb"]:
            cost += fleet.count * ledger["volume_gb"] * ledger["volume_gb_month"]
        return cost

    def today(self, total: Decimal) -> tuple[Column, Column]:
        """A month on plain Lambda: on demand, and with a Compute Savings Plan. Durations must be known."""
        if total not in self._today:
            loads = [
                (each.workload, _decimal(requests or 0))
                for each, requests in zip(self.sized, self.requests(total), strict=True)
            ]
            self._today[total] = plain_columns(loads, self.pool.architecture, self.plain, self.ledger)
        return self._today[total]

    def columns(self) -> list[Column]:
        """The month that was stated under every plan that is known, with savings."""
        found: list[Column] = []
        durations = all(each.workload.traffic.duration_ms is not None for each in self.sized)
        if self.total is not None and durations:
            found += self.today(self.total)
        fleet = self.fleet(self.total)
        if fleet is not None:
            found += [self.managed(plan, fleet, self.total or Decimal(0)) for plan in PLANS[2:]]
        return with_savings(found)


def _rooms(types: Sequence[InstanceType], pool: Pool, ledger: Ledger) -> tuple[int, Sequence[Room]]:
    """How many types a pool may use, and those that are worth comparing."""
    rooms = candidates(types, pool, ledger)
    return len(rooms), undominated(rooms)


def with_savings(columns: Sequence[Column]) -> list[Column]:
    """With what each saves against plain Lambda on demand, if that is among them."""
    base = next((column.month for column in columns if column.plan == PLANS[0]), None)
    if not base:
        return list(columns)
    return [
        Column(each.plan, each.requests, each.compute, each.fee, each.other, None if each.plan == PLANS[0] else
               1 - each.month / base)
        for each in columns
    ]  # fmt: skip


def _decimal(number: Decimal | Fraction | int) -> Decimal:
    if isinstance(number, Fraction):
        return Decimal(number.numerator) / Decimal(number.denominator)
    return Decimal(number)
