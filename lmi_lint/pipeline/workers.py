"""Judging functions in several processes, each of which takes one group of functions after another.

A worker is a fork: it has the configuration, the index and the rules as they were prepared, and reads files in a
process of its own. What it finds comes back as data; a worker that dies costs the functions that it was busy with.
"""

from __future__ import annotations

import selectors
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Final

from msgspec import Struct, msgpack

from lmi_lint.facts.isolation import Worker, can_fork, ending, forked
from lmi_lint.facts.worker import receive, send
from lmi_lint.index import Index, News
from lmi_lint.link.link import together
from lmi_lint.pipeline.cpus import cpus
from lmi_lint.pipeline.judged import Judged, Part
from lmi_lint.pipeline.judging import Judge, in_turn
from lmi_lint.triage.model import Analysed

if TYPE_CHECKING:
    from lmi_lint.deploy.model import DeployedFunction
    from lmi_lint.discover import Project

_WORTH_BYTES: Final = 200_000
_BYTES_EACH: Final = 40_000
"""Source code of the project, altogether and for each process, from where on starting processes costs less than it
saves."""


def judge_all(
    judge: Judge, functions: Sequence[DeployedFunction], project: Project, jobs: int | None
) -> Iterator[Part]:
    """Judge all functions in so many processes, None for as many as pay; one is this process. What is yielded does not
    depend on it, but for its order and its division."""
    count = min(jobs if jobs is not None else _worth(functions, project), len(together(functions)))
    if count < 2 or not can_fork():
        return in_turn(judge, functions)
    return _in_processes(judge, functions, Index.of(project), count)


class _Reply(Struct, frozen=True):
    """What a worker has found about a group of functions; ``news``: and, on the way, about files."""

    part: Part
    news: News = News()


def _worth(functions: Sequence[DeployedFunction], project: Project) -> int:
    """How many processes pay: one for each CPU that this process may use, if there is enough to do."""
    count = cpus()
    if count < 2 or len(together(functions)) < 2:
        return 1
    size = 0
    for path in project.primary:
        with suppress(OSError):
            size += (project.root / path).stat().st_size
    return min(count, size // _BYTES_EACH) if size >= _WORTH_BYTES else 1


def _in_processes(judge: Judge, functions: Sequence[DeployedFunction], index: Index, count: int) -> Iterator[Part]:
    """What the groups of functions come to, as their workers finish them."""
    judge.prepare(functions)
    groups = together(functions)
    waiting = deque(enumerate(groups))
    busy: dict[Worker, tuple[int, list[int]]] = {}
    serve = partial(_serve, judge, functions, groups, index)
    with selectors.DefaultSelector() as selector:

        def give(worker: Worker | None = None) -> None:
            """The next group to a worker, a new one if none is given; one that is not needed any more ends."""
            if not waiting:
                if worker is not None:
                    worker.stop()
                return
            if worker is None:
                try:
                    worker = Worker(forked(serve))
                except OSError:  # no room for one more
                    return
            busy[worker] = waiting.popleft()
            selector.register(worker.replies, selectors.EVENT_READ, worker)
            worker.tell(str(busy[worker][0]).encode())

        try:
            for _ in range(count):
                give()
            while busy:
                for key, _ in selector.select():
                    worker = key.data
                    selector.unregister(worker.replies)
                    _, positions = busy.pop(worker)
                    answer = receive(worker.replies)
                    if answer is not None:
                        give(worker)
                        reply = msgpack.decode(answer, type=_Reply)
                        index.learn(reply.news)
                        yield reply.part
                    else:
                        give()
                        yield _lost(functions, positions, ending(worker.stop()))
            for _, positions in waiting:  # there was no process for
                yield judge.part(functions, positions)
        finally:
            for worker in busy:
                worker.stop()


def _lost(functions: Sequence[DeployedFunction], positions: Sequence[int], how: str) -> Part:
    """What there is to say of functions whose worker died."""
    judged = {}
    for position in positions:
        function = functions[position]
        error = f"{function.name} could not be analysed: its process failed ({how})"
        judged[position] = Judged(Analysed(function, problem="lmi-lint failed on it"), errors=(error,))
    return Part(judged)


def _serve(
    judge: Judge,
    functions: Sequence[DeployedFunction],
    groups: Sequence[Sequence[int]],
    index: Index,
    requests: BinaryIO,
    replies: BinaryIO,
) -> None:
    """Judge the groups whose numbers come in, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt ends whoever asks, and that ends this
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    index.news()  # whoever asks knows it
    with judge.apart():
        while (message := receive(requests)) is not None:
            positions = groups[int(message)]
            try:
                part = judge.part(functions, positions)
            except Exception as error:  # noqa: BLE001  what is reported of it is more than its end would tell
                part = _lost(functions, positions, f"{type(error).__name__}: {error}")
            send(replies, msgpack.encode(_Reply(part, index.news())))
