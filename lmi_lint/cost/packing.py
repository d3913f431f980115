"""Which instances hold a set of execution environments, and at what price."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

from lmi_lint.cost.assumptions import Ledger
from lmi_lint.cost.model import Fleet, Pool
from lmi_lint.cost.prices import InstanceType

_FAMILIES = frozenset("cmr")


class Need(Struct, frozen=True):
    """``count`` environments of one size."""

    memory_mb: int
    vcpus: int
    count: int


class Room(Struct, frozen=True):
    """An instance type with what it leaves for environments."""

    instance: InstanceType
    vcpus: Decimal
    memory_mb: Decimal

    def per_instance(self, need: Need) -> int:
        """Environments of one size that an instance holds."""
        return max(0, min(math.floor(self.vcpus / need.vcpus), math.floor(self.memory_mb / need.memory_mb)))


def candidates(types: Iterable[InstanceType], pool: Pool, ledger: Ledger) -> list[Room]:
    """The instance types that a pool may use: its architecture, allowed and not excluded, of C, M and R, no smaller
    than Lambda takes."""
    vcpus, gib = ledger["held_back_vcpus"], ledger["held_back_gib"]
    return [
        Room(kind, kind.vcpus - vcpus, (kind.memory_gib - gib) * 1024)
        for kind in types
        if kind.architecture == pool.architecture and _usable(kind, pool, ledger)
    ]


def _usable(kind: InstanceType, pool: Pool, ledger: Ledger) -> bool:
    if kind.name[:1] not in _FAMILIES or kind.size == "medium" or kind.size.startswith("metal"):
        return False
    smallest = ledger["smallest_c_vcpus"] if kind.name.startswith("c") else ledger["smallest_m_r_vcpus"]
    if pool.allowed is not None:
        # Who allows a type by its full name knows better than the assumptions do.
        if kind.name in pool.allowed:
            return True
        if not _matches(kind.name, pool.allowed):
            return False
    elif pool.excluded is not None and _matches(kind.name, pool.excluded):
        return False
    return kind.vcpus >= smallest and ("-flex" not in kind.family or ledger["flex_types"] == 1)


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def undominated(rooms: Sequence[Room]) -> list[Room]:
    """Without those that cost no less than another with as much room and no more vCPUs: the choice is the same."""
    kept: list[Room] = []
    for room in sorted(rooms, key=_preference):
        if not any(_beats(other, room) for other in kept):
            kept.append(room)
    return kept


def _preference(room: Room) -> tuple[Decimal, int, Decimal, str]:
    return room.instance.usd_per_hour, room.instance.vcpus, -room.memory_mb, room.instance.name


def _beats(other: Room, room: Room) -> bool:
    return (
        other.instance.usd_per_hour <= room.instance.usd_per_hour
        and other.instance.vcpus <= room.instance.vcpus
        and other.vcpus >= room.vcpus
        and other.memory_mb >= room.memory_mb
    )


def instances_for(room: Room, needs: Sequence[Need]) -> int | None:
    """Instances of one type that hold all environments; None if one of them fits on none.

    Exact for one size. Several sizes are packed first fit, largest first, which is near the best possible packing.
    """
    sizes = [need for need in needs if need.count]
    if any(room.per_instance(need) < 1 for need in sizes):
        return None
    if len(sizes) <= 1:
        return math.ceil(sizes[0].count / room.per_instance(sizes[0])) if sizes else 0
    largest_first = sorted(sizes, key=lambda need: _share(need, room), reverse=True)
    bins: list[tuple[Decimal, Decimal, int]] = []
    for need in largest_first:
        bins = _placed(bins, need, room)
    return sum(number for _, _, number in bins)


def _share(need: Need, room: Room) -> tuple[Decimal, int]:
    return max(need.vcpus / room.vcpus, need.memory_mb / room.memory_mb), need.memory_mb


def _placed(bins: list[tuple[Decimal, Decimal, int]], need: Need, room: Room) -> list[tuple[Decimal, Decimal, int]]:
    """Put environments of one size into bins (vCPUs left, MB left, how many such bins), new ones as needed."""
    left, result = need.count, []
    for vcpus, memory, number in bins:
        holds = min(math.floor(vcpus / need.vcpus), math.floor(memory / need.memory_mb))
        full = min(number, left // holds) if holds else 0
        if full:
            result.append((vcpus - holds * need.vcpus, memory - holds * need.memory_mb, full))
            left -= full * holds
        rest = number - full
        if holds and left and rest:
            result.append((vcpus - left * need.vcpus, memory - left * need.memory_mb, 1))
            left, rest = 0, rest - 1
        if rest:
            result.append((vcpus, memory, rest))
    each = room.per_instance(need)
    if left >= each:
        result.append((room.vcpus - each * need.vcpus, room.memory_mb - each * need.memory_mb, left // each))
    if left % each:
        result.append((room.vcpus - left % each * need.vcpus, room.memory_mb - left % each * need.memory_mb, 1))
    return result


def cheapest(rooms: Sequence[Room], needs: Sequence[Need], floor: int, ceiling: int, types: int) -> Fleet | None:
    """The cheapest instances that hold all environments; those within the ceiling of vCPUs before others. None if some
    environment fits on no type. ``floor``: fewest instances; ``types``: how many were compared, for the report."""
    best: tuple[tuple[bool, Decimal, int, str], Fleet] | None = None
    wanted = sum(need.count for need in needs)
    for room in rooms:
        by_load = instances_for(room, needs)
        if by_load is None:
            continue
        count = max(floor, by_load) if wanted else 0
        within = count * room.instance.vcpus <= ceiling
        key = (not within, count * room.instance.usd_per_hour, count, room.instance.name)
        if best is None or key < best[0]:
            best = key, Fleet(room.instance, count, by_load, types, within)
    return best[1] if best else None
