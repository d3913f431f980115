"""What stands between a function and managed instances."""

from __future__ import annotations

from enum import Enum


class Verdict(Enum):
    """What stands between a function's code and managed instances."""

    READY = "ready"
    NEEDS_WORK = "needs work"
    BLOCKED = "blocked"
    NOT_ANALYSED = "not analysed"
