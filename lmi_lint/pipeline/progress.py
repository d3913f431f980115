"""What a long run is at, on one line of a terminal that is gone when the run is.

A timer writes the line, so that a stage need only say what it is at, and a short run shows nothing. It is the system's
timer and no thread: beside a thread nothing could be forked.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from lmi_lint.report.neutral import neutral, width

AFTER_S: Final = 1.0
"""Seconds from which on a run is long."""
_EVERY_S: Final = 0.25
_ERASE: Final = "\r\x1b[K"


class Progress:
    """What a run is at. ``stage``: in words; ``detail``: a file or name, as a project wrote it."""

    def __init__(self) -> None:
        self._stage = ""
        self._detail = ""
        self._shown = False

    def at(self, stage: str, detail: str = "") -> None:
        """Say what the run is at from now on."""
        self._stage, self._detail = stage, detail

    @contextmanager
    def shown(self) -> Iterator[Progress]:
        """Show it on standard error meanwhile."""
        before = signal.signal(signal.SIGALRM, lambda *_: self._show())
        signal.setitimer(signal.ITIMER_REAL, AFTER_S, _EVERY_S)
        try:
            yield self
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            if self._shown:
                _write(_ERASE)

    def _show(self) -> None:
        self._shown = True
        text = neutral(f"{self._stage} · {self._detail}" if self._detail else self._stage)
        _write(_ERASE + _cut(text, _columns() - 1))


@contextmanager
def on_terminal() -> Iterator[Progress]:
    """A progress that is shown if somebody watches: standard error is a terminal that can erase, and not that of a
    build."""
    progress = Progress()
    hidden = os.environ.get("CI") or os.environ.get("TERM", "dumb") == "dumb" or not hasattr(signal, "setitimer")
    if hidden or not sys.stderr.isatty() or threading.current_thread() is not threading.main_thread():
        yield progress
        return
    with progress.shown():
        yield progress


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def _cut(text: str, cells: int) -> str:
    """As much of a text that is neutral already as fits."""
    for place, char in enumerate(text):
        cells -= width(char)
        if cells < 0:
            return text[:place]
    return text


def _write(text: str) -> None:
    """Written past Python's buffers, which the run may just be writing to."""
    with suppress(OSError, ValueError):
        os.write(sys.stderr.fileno(), text.encode(sys.stderr.encoding or "ascii", "replace"))
