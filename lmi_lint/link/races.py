"""What a race between two invocations is."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.link.record import Access
from lmi_lint.model.finding import Severity

if TYPE_CHECKING:
    from lmi_lint.link.context import Site


class RaceKind(Enum):
    """How invocations race; the value orders races of equal severity at one place."""

    REQUEST_DATA = 0
    UNSAFE_TYPE = 1
    LOST_UPDATE = 2
    LAZY_INIT = 3
    INCONSISTENT_LOCK = 4
    SHARED_WRITE = 5
    GROWTH = 6  # of no race: additions that nothing takes out


class Race(Struct, frozen=True, eq=False):
    """One race. ``access``: the write that makes it; ``other``: the access that sees or precedes it; ``gap``: the
    suspension between, if one is needed; ``message`` and ``remedy``: said instead of the rule's usual
    words; ``also``: other kinds of race at the same place; ``others``: further accesses."""

    kind: RaceKind
    severity: Severity
    access: Access
    other: Access | None = None
    gap: Site | None = None
    reasons: tuple[str, ...] = ()
    message: str = ""
    remedy: str = ""
    also: tuple[RaceKind, ...] = ()
    others: tuple[Access, ...] = ()

    @property
    def grows(self) -> bool:
        """Whether the place only ever grows."""
        return self.kind is RaceKind.GROWTH or RaceKind.GROWTH in self.also
