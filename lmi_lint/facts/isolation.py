"""Reading files in a process of their own, so that a file that hangs or kills a parser costs only itself."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias, cast

from msgspec import MsgspecError, Struct, msgpack

from lmi_lint.facts.reading import Reading, decoded, decoded_hcl, read, read_hcl
from lmi_lint.facts.worker import LATE, READY, Job, receive, send, serve
from lmi_lint.frontends.hcl.nodes import Body, Parsed
from lmi_lint.model.finding import Problem
from lmi_lint.model.names import Language
from lmi_lint.model.source import SourceFile, TextFile

Serve: TypeAlias = "Callable[[BinaryIO, BinaryIO], None]"
"""Answers what comes in on the first stream on the second, until there is no more."""

BASE_SECONDS: Final = 10.0
SECONDS_PER_MIB: Final = 30.0
"""Limits of a file. The slowest hand-written files take 3 s per MiB; ten times that leaves room for slow machines."""

_REQUESTS: Final = 1 << 19
_REPLIES: Final = 1 << 20
"""Bytes of requests that may wait for a worker, and of replies for this process, where the system allows it."""

_BOOT: Final = "import sys; sys.path[:] = {path!r}; from lmi_lint.facts.worker import main; main()"
_OS_THREADS: Final = Path("/proc/self/task")


def time_limit(source: TextFile) -> float:
    """Seconds of wall clock that a file may take."""
    return BASE_SECONDS + SECONDS_PER_MIB * len(source.data) / (1 << 20)


class Task:
    """A job for a worker, and what became of it once it is done: its ``reply``, or what went ``wrong``."""

    __slots__ = ("decode", "job", "message", "reply", "wrong")

    def __init__(self, job: Job, decode: Callable[[bytes], Reading | Parsed]) -> None:
        self.job = job
        self.message = msgpack.encode(job)
        self.decode = decode
        self.reply: bytes | None = None
        self.wrong = ""

    @property
    def done(self) -> bool:
        """Whether a worker has finished it, or it a worker."""
        return self.reply is not None or bool(self.wrong)


class Isolated:
    """Reads files in workers: one is started for the first file, up to ``most`` where files are known ahead, and they
    are replaced when a file has killed one or has taken longer than ``limit`` (seconds) allows. Where none can be
    started, reads in this process and says so in ``problems``. ``failures``: how many files it could not cope with.
    ``fork``: how to start them, None for what suits the system."""

    def __init__(
        self, limit: Callable[[TextFile], float] = time_limit, *, fork: bool | None = None, most: int = 1
    ) -> None:
        self.problems: list[Problem] = []
        self.failures = 0
        self._limit = limit
        self._fork = fork
        self._most = most
        self._load: tuple[Language, ...] = ()
        self._workers: list[Worker] = []
        self._waiting: OrderedDict[Task, None] = OrderedDict()
        self._ahead: dict[str, Task] = {}

    def prepare(self, languages: Iterable[Language]) -> None:
        """Start a worker and have it import the parsers that are to be needed, while this process goes on."""
        fresh = tuple(each for each in languages if each not in self._load)
        self._load += fresh
        for worker in self._workers:
            worker.load(fresh)
        if fresh and not self._workers:
            self._start()

    def ahead(self, sources: Iterable[SourceFile]) -> None:
        """Have files read that are likely to be asked for next, before those named earlier, while this process goes
        on."""
        tasks = {source.path: self._task(source) for source in sources}
        self._ahead.update(tasks)
        self._put_first(*tasks.values())
        self._hand_out()

    def finish(self) -> None:
        """Wait until all that was named ahead is read."""
        for task in self._ahead.values():
            self._await(task)

    def apart(self) -> Isolated:
        """For a fork of this process: one that has what this one has read, and starts a worker of its own if it has to
        read more."""
        other = Isolated(self._limit, fork=self._fork)
        other._ahead = {path: task for path, task in self._ahead.items() if task.done}
        return other

    def read(self, source: SourceFile, *, tree: bool = False) -> Reading:
        """The facts (or the tree) of one file of a supported language, or what it did to the worker. Never raises for
        any content."""
        task = self._ahead.pop(source.path, None) if not tree else None
        if task is None or task.job.source != source:
            task = self._task(source, tree=tree)
            self._put_first(task)
        found = self._finished(task)
        if found is None:
            return read(source, tree=tree)
        return found if isinstance(found, Reading) else Reading(None, str(found))

    def read_hcl(self, source: TextFile) -> Parsed:
        """The tree of a configuration file in HCL; what it did to the worker is its ``problem``. Never raises for any
        content."""
        task = Task(Job(hcl=source, seconds=self._limit(source)), decoded_hcl)
        self._put_first(task)
        found = self._finished(task)
        if found is None:
            return read_hcl(source)
        return found if isinstance(found, Parsed) else Parsed(Body(), str(found))

    def close(self) -> None:
        """End the workers, if there are any, and forget what they have not read; reading on starts others."""
        self._waiting.clear()
        self._ahead = {path: task for path, task in self._ahead.items() if task.done}
        while self._workers:
            self._workers.pop().stop()

    def _task(self, source: SourceFile, *, tree: bool = False) -> Task:
        return Task(Job(source=source, seconds=self._limit(source), tree=tree), decoded)

    def _finished(self, task: Task) -> Reading | Parsed | str | None:
        """What became of a task, or what went wrong; None if there is no worker."""
        self._await(task)
        if task.reply is None:
            return task.wrong or None
        try:
            return task.decode(task.reply)
        except MsgspecError as error:
            self.failures += 1
            return f"not analysed ({error})"

    def _await(self, task: Task) -> None:
        """Wait until a task is done, or there is no worker."""
        if task in self._waiting:  # nothing is as urgent
            self._put_first(task)
        try:
            while not task.done:
                self._hand_out()
                if not self._workers:
                    self._waiting.clear()
                    return
                self._take(self._replying())
            self._hand_out()
        except BaseException:
            self.close()
            raise

    def _put_first(self, *tasks: Task) -> None:
        """Have these done, in their order, before all that waits."""
        for task in reversed(tasks):
            self._waiting[task] = None
            self._waiting.move_to_end(task, last=False)

    def _hand_out(self) -> None:
        """Give what waits to workers that have room for it."""
        while self._waiting:
            task = next(iter(self._waiting))
            size = len(task.message)
            able = [worker for worker in self._workers if worker.has_room(size)]
            worker = min(able, key=lambda each: each.unread, default=None)
            if worker is None:
                if len(self._workers) >= self._most or not self._start():
                    return
                worker = self._workers[-1]
            self._waiting.pop(task)
            worker.give(task)

    def _replying(self) -> Worker:
        """The worker whose reply comes first."""
        busy = [worker for worker in self._workers if worker.tasks]
        if len(busy) == 1:
            return busy[0]
        return select.select(busy, (), ())[0][0]

    def _take(self, worker: Worker) -> None:
        """Wait for the next reply of a worker, or for it to come up."""
        came_up = worker.up
        if not worker.ready():
            status = self._lose(worker)
            self._most = len(self._workers)
            if not self._workers:
                self._give_up(f"ended at once: {ending(status)}")
            return
        if not came_up and len(self._workers) > 1:  # another one may be done
            return
        reply = receive(worker.replies)
        task = worker.tasks.popleft()
        if reply is None:
            self.failures += 1
            status = self._lose(worker)
            if status == LATE:
                task.wrong = f"took longer than {task.job.seconds:.0f} s to read: not analysed"
            else:
                task.wrong = f"the parser crashed on it ({ending(status)}): not analysed"
        task.reply, task.message = reply, b""

    def _lose(self, worker: Worker) -> int:
        """End a worker and have what it was to do next done by another. Its exit status."""
        self._workers.remove(worker)
        self._put_first(*worker.tasks)
        return worker.stop()

    def _start(self) -> bool:
        """Start one more worker, if that is possible."""
        if self.problems:
            return False
        forks = can_fork() if self._fork is None else self._fork
        if self._workers and not forks:  # the pipes of fresh interpreters cannot be waited for together
            self._most = len(self._workers)
            return False
        try:
            worker = Worker(forked(serve) if forks else _spawned())
        except (OSError, ValueError) as error:
            if self._workers:
                self._most = len(self._workers)
            else:
                self._give_up(str(error))
            return False
        if self._load:
            worker.load(self._load)
        self._workers.append(worker)
        return True

    def _give_up(self, why: str) -> None:
        self.problems.append(
            Problem("no-isolation", f"files are read without a limit of time, no process for it ({why})")
        )


class _Child(Struct, frozen=True):
    """A child process: where its requests go in and its replies come out. ``end`` kills it: its exit status.
    ``room``: bytes of requests that it may leave unread while nobody waits; 0 if that is not known."""

    requests: BinaryIO
    replies: BinaryIO
    end: Callable[[], int]
    room: int = 0


class Worker:
    """A child to talk to. It is ended when the worker is forgotten and when the interpreter exits, at the latest.
    ``tasks``: what it was given and has not answered, in the order of its answers; ``up``: it has come up."""

    def __init__(self, child: _Child) -> None:
        self.tasks: deque[Task] = deque()
        self.up = False
        self._child = child
        self._finalizer = weakref.finalize(self, _stop, child, os.getpid())

    def ready(self) -> bool:
        """Whether the child has come up."""
        if not self.up:
            self.up = receive(self._child.replies) == READY
        return self.up

    @property
    def replies(self) -> BinaryIO:
        """Where its replies come out, for who waits for several workers."""
        return self._child.replies

    def fileno(self) -> int:
        """As ``replies``."""
        return self._child.replies.fileno()

    @property
    def unread(self) -> int:
        """Bytes of requests that it may not have read yet."""
        return sum(len(task.message) for task in self.tasks)

    def has_room(self, size: int) -> bool:
        """Whether it can be given a message of this size without waiting for it, though it may be waiting for this
        process to take a reply: it is idle, or the pipe holds what it has not read yet."""
        return not self.tasks or self.unread + size <= self._child.room

    def load(self, languages: tuple[Language, ...]) -> None:
        """Have it import parsers."""
        self.tell(msgpack.encode(Job(languages)))

    def give(self, task: Task) -> None:
        """Have it do something after what it has to do."""
        self.tasks.append(task)
        self.tell(task.message)

    def tell(self, message: bytes) -> None:
        """Send what has no reply. A child that is gone is found so when it does not reply."""
        with suppress(OSError):
            send(self._child.requests, message)

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
    # unbuffered, so that what select says of the pipe is all that there is to read
    replies = cast("BinaryIO", os.fdopen(to_parent[0], "rb", buffering=0))
    return _Child(os.fdopen(to_child[1], "wb"), replies, lambda: _reaped(pid), _room(to_child[1], to_parent[0]))


def _room(requests: int, replies: int) -> int:
    """Widen the pipes, so that a child goes on reading files while this process is busy. How much of the one of
    requests to fill: a quarter, as what is urgent has to wait for what is in it."""
    with suppress(OSError, ValueError):
        fcntl = import_module("fcntl")
        for pipe, size in ((requests, _REQUESTS), (replies, _REPLIES)):
            with suppress(OSError):
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, size)
        return int(fcntl.fcntl(requests, fcntl.F_GETPIPE_SZ)) // 4
    return 0


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
