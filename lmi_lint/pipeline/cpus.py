"""How many processes this run may use."""

from __future__ import annotations

import os
from typing import Final

_READERS: Final = 4
"""Processes that read files for one that judges: it asks for few at a time, and each holds a parser."""


def readers(jobs: int | None) -> int:
    """How many processes may read files for this one."""
    return min(jobs if jobs is not None else cpus(), _READERS)


def cpus() -> int:
    """The CPUs that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
