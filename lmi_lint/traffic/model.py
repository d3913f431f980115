"""The traffic of a function, as measured or as its owner states it."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct


class Traffic(Struct, frozen=True, forbid_unknown_fields=True):
    """What a traffic file says of one function; None: not known.

    ``requests``: a month. ``duration_ms``: mean billed duration of an invocation, ``duration_p99_ms`` its 99th
    percentile. ``peak_concurrency``: invocations at once in the busiest minute. ``active_hours``: those of a month in
    which there is any traffic, 730 if always. ``memory_used_mb``: the most that an invocation (Python: a process) uses.
    ``cpu_share``: of the time of an invocation in which it computes, 0 to 1. ``burst``: largest growth of traffic
    within five minutes, as a factor. ``source``: who says so, such as ``cloudwatch`` or ``stated``.
    """

    requests: Decimal | None = None
    duration_ms: Decimal | None = None
    duration_p99_ms: Decimal | None = None
    peak_concurrency: Decimal | None = None
    active_hours: Decimal | None = None
    memory_used_mb: Decimal | None = None
    cpu_share: Decimal | None = None
    burst: Decimal | None = None
    source: str = "stated"
