"""Reading files in a process of their own, so that a file that hangs or kills a parser costs only itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias, TypeVar, cast

from msgspec import MsgspecError, Struct, msgpack

from lmi_lint.facts.reading import Reading, decoded, decoded_hcl, read, read_hcl
from lmi_lint.facts.worker import READY, Job, receive, send, serve
from lmi_lint.frontends import supported
from lmi_lint.frontends.hcl.nodes import Body, Parsed
from lmi_lint.model.finding import Problem
from lmi_lint.model.names import Language
from lmi_lint.model.source import SourceFile, TextFile

T = TypeVar("T")
Serve: TypeAlias = "Callable[[BinaryIO, BinaryIO], None]"
"""Answers what comes in on the first stream on the second, until there is no more."""

BASE_SECONDS: Final = 10.0
SECONDS_PER_MIB: Final = 30.0
"""Limits of a file. The slowest hand-written files take 3 s per MiB; ten times that leaves room for slow machines."""

_BOOT: Final = "import sys; sys.path[:] = {path!r}; from lmi_lint.facts.worker import main; main()"
_OS_THREADS: Final = Path("/proc/self/task")


def time_limit(source: TextFile) -> float:
    """Seconds of wall clock that a file may take."""
    return BASE_SECONDS + SECONDS_PER_MIB * len(source.data) / (1 << 20)


class Isolated:
    """Reads files in a worker, which is started for the first file and replaced when a file has killed it or has taken
    longer than ``limit`` (seconds) allows. Where none can be started, reads in this process and says so in
    ``problems``. ``failures``: how many files it could not cope with. ``fork``: how to start it, None for what suits
    the system."""

    def __init__(self, limit: Callable[[TextFile], float] = time_limit, *, fork: bool | None = None) -> None:
        self.problems: list[Problem] = []
        self.failures = 0
        self._limit = limit
        self._fork = fork
        self._worker: Worker | None = None

    def prepare(self, languages: Iterable[Language]) -> None:
        """Start the worker and have it import the parsers that are to be needed, while this process goes on."""
        load = tuple(language for language in languages if supported(language))
        worker = self._started() if load else None
        if worker is not None:
            worker.tell(msgpack.encode(Job(load)))

    def read(self, source: SourceFile, *, tree: bool = False) -> Reading:
        """The facts (or the tree) of one file of a supported language, or what it did to the worker. Never raises for
        any content."""
        seconds = self._limit(source)
        found = self._asked(Job(source=source, seconds=seconds, tree=tree), decoded)
        if found is None:
            return read(source, tree=tree)
        return found if isinstance(found, Reading) else Reading(None, found)

    def read_hcl(self, source: TextFile) -> Parsed:
        """The tree of a configuration file in HCL; what it did to the worker is its ``problem``. Never raises for any
        content."""
        found = self._asked(Job(hcl=source, seconds=self._limit(source)), decoded_hcl)
        if found is None:
            return read_hcl(source)
        return found if isinstance(found, Parsed) else Parsed(Body(), found)

    def _asked(self, job: Job, decode: Callable[[bytes], T]) -> T | str | None:
        """The worker's reply, or what went wrong; None if there is no worker."""
        worker = self._ready()
        if worker is None:
            return None
        began = time.monotonic()
        try:
            reply = worker.ask(msgpack.encode(job))
            if reply is not None:
                return decode(reply)
        except MsgspecError as error:
            self.failures += 1
            return f"not analysed ({error})"
        except BaseException:
            self.close()
            raise
        status = self.close()
        self.failures += 1
        if time.monotonic() - began >= job.seconds:
            return f"took longer than {job.seconds:.0f} s to read: not analysed"
        return f"the parser crashed on it ({ending(status)}): not analysed"

    def close(self) -> int:
        """End the worker, if there is one; reading on starts another. Its exit status, negative for a signal."""
        worker, self._worker = self._worker, None
        return worker.stop() if worker is not None else 0

    def _ready(self) -> Worker | None:
        """A worker that is waiting for a request."""
        worker = self._started()
        if worker is None or worker.ready():
            return worker
        self._give_up(f"ended at once: {ending(self.close())}")
        return None

    def _started(self) -> Worker | None:
        if self._worker is None and not self.problems:
            forks = can_fork() if self._fork is None else self._fork
            try:
                self._worker = Worker(forked(serve) if forks else _spawned())
            except (OSError, ValueError) as error:
                self._give_up(str(error))
        return self._worker

    def _give_up(self, why: str) -> None:
        self.problems.append(
            Problem("no-isolation", f"files are read without a limit of time, no process for it ({why})")
        )


class _Child(Struct, frozen=True):
    """A child process: where its requests go in and its replies come out. ``end`` kills it: its exit status."""

    requests: BinaryIO
    replies: BinaryIO
    end: Callable[[], int]


class Worker:
    """A child to talk to. It is ended when the worker is forgotten and when the interpreter exits, at the latest."""

    def __init__(self, child: _Child) -> None:
        self._child = child
        self._ready = False
        self._finalizer = weakref.finalize(self, _stop, child, os.getpid())

    def ready(self) -> bool:
        """Whether the child has come up."""
        if not self._ready:
            self._ready = receive(self._child.replies) == READY
        return self._ready

    @property
    def replies(self) -> BinaryIO:
        """Where its replies come out, for who waits for several workers."""
        return self._child.replies

    def tell(self, message: bytes) -> None:
        """Send what has no reply. A child that is gone is found so by ``ready``."""
        with suppress(OSError):
            send(self._child.requests, message)

    def ask(self, message: bytes) -> bytes | None:
        """The reply to a message; None if the child died of it."""
        try:
            send(self._child.requests, message)
            return receive(self._child.replies)
        except OSError:
            return None

    def stop(self) -> int:
        """End the child. Its exit status."""
        status = self._finalizer()
        return status if isinstance(status, int) else 0


def _stop(child: _Child, owner: int) -> int:
    status = child.end() if os.getpid() == owner else 0
    for stream in (child.replies, child.requests):
        with suppress(OSError):  # what could not be written is of no use to anyone
            stream.close()
    return status


def forked(serve: Serve) -> _Child:
    """A copy of this process that serves, then ends. OSError if the system has no room for one."""
    to_child, to_parent = os.pipe(), os.pipe()
    try:
        pid = os.fork()
    except OSError:
        for fd in (*to_child, *to_parent):
            os.close(fd)
        raise
    if pid == 0:
        _in_child(serve, to_child, to_parent)
    os.close(to_child[0])
    os.close(to_parent[1])
    return _Child(os.fdopen(to_child[1], "wb"), os.fdopen(to_parent[0], "rb"), lambda: _reaped(pid))


def _reaped(pid: int) -> int:
    """Kill a child and wait for it. Its exit status."""
    try:
        os.kill(pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except (ProcessLookupError, ChildProcessError):  # somebody here ignores or collects all children
        return 0


def _in_child(serve: Serve, to_child: tuple[int, int], to_parent: tuple[int, int]) -> None:
    """Serve, and leave without running anything that the parent meant to run at its own exit."""
    try:
        os.close(to_child[1])
        os.close(to_parent[0])
        serve(os.fdopen(to_child[0], "rb"), os.fdopen(to_parent[1], "wb"))
    finally:
        os._exit(0)


def _spawned() -> _Child:
    """A fresh interpreter. OSError or ValueError if there is none to start."""
    if not sys.executable:
        raise ValueError("the path of the Python interpreter is not known")
    child = subprocess.Popen(  # noqa: S603  the running interpreter, a constant program
        [sys.executable, "-c", _BOOT.format(path=sys.path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    requests, replies = child.stdin, child.stdout
    if requests is None or replies is None:
        raise ValueError("no pipes")

    def end() -> int:
        child.kill()
        return child.wait()

    return _Child(cast("BinaryIO", requests), cast("BinaryIO", replies), end)


def can_fork() -> bool:
    """Whether a fork is safe and cheap: on Linux, with no other thread that could hold a lock."""
    if sys.platform != "linux":
        return False
    try:
        return len(list(_OS_THREADS.iterdir())) == 1
    except OSError:
        return threading.active_count() == 1


def ending(status: int) -> str:
    """How a process ended, for people."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
