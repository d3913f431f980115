"""The process that reads files: one request after another, each within a limit of time and all of memory.

It ends when its input does, so it outlives nobody; and it ends itself when a file takes too long, by a watchdog that
needs neither the interpreter nor the parser to cooperate.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import struct
import sys
from collections.abc import Callable
from functools import partial
from typing import BinaryIO, Final, TextIO

from msgspec import Struct, msgpack

from lmi_lint.facts.reading import Reading, encoded, prepare, read, read_hcl
from lmi_lint.frontends.hcl.nodes import Parsed
from lmi_lint.garbage import uncollected
from lmi_lint.model.names import Language
from lmi_lint.model.source import SourceFile, TextFile

MEMORY: Final = 4 << 30
"""Bytes of address space that a worker may add to what it began with. The largest files that are read (1 MiB) take
less than 1 GiB, and 256 MiB of it is reserved for the stack of a parser."""

READY: Final = b"ready"
LATE: Final = 1
"""The exit status of a worker that its watchdog has ended."""
_FRAME: Final = struct.Struct("<Q")


def send(stream: BinaryIO, payload: bytes) -> None:
    """Write one message. OSError if nobody reads."""
    stream.write(_FRAME.pack(len(payload)))
    stream.write(payload)
    stream.flush()


def receive(stream: BinaryIO) -> bytes | None:
    """Read one message; None at the end of the stream, also within a message."""
    head = _exactly(stream, _FRAME.size)
    return _exactly(stream, *_FRAME.unpack(head)) if head is not None else None


def _exactly(stream: BinaryIO, size: int) -> bytes | None:
    """So many bytes, of which an unbuffered stream gives some at a time."""
    parts = []
    while size and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts) if not size else None


class Job(Struct, frozen=True, array_like=True):
    """What is asked of a worker: to import the parsers of languages that are to come, which it does not answer, or to
    read a file within so many seconds, which it answers with an encoded ``Reading``, of its ``tree`` instead of its
    facts where that is wanted; or to parse a configuration file (``hcl``), which it answers with the encoded tree."""

    load: tuple[Language, ...] = ()
    source: SourceFile | None = None
    seconds: float = 0.0
    tree: bool = False
    hcl: TextFile | None = None


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer requests until there are no more."""
    silence = os.open(os.devnull, os.O_RDWR)
    for standard in {0, 1, 2} - {requests.fileno(), replies.fileno()}:  # parsers that panic say so; nobody is to hear
        os.dup2(silence, standard)
    faulthandler.disable()  # how it died is reported by who asked
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt ends whoever asks, and that ends this
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _bound_memory()
    gc.freeze()
    gc.enable()
    send(replies, READY)
    jobs = msgpack.Decoder(Job)
    with os.fdopen(silence, "w", encoding="utf-8") as trace:
        while (message := receive(requests)) is not None:
            job = jobs.decode(message)
            with uncollected():
                for language in job.load:
                    prepare(language)
            try:
                if job.hcl is not None:
                    send(replies, _within(job.seconds, trace, partial(read_hcl, job.hcl)))
                elif job.source is not None:
                    send(replies, _within(job.seconds, trace, partial(read, job.source, tree=job.tree)))
            except OSError:
                return


def _within(seconds: float, trace: TextIO, work: Callable[[], Reading | Parsed]) -> bytes:
    faulthandler.dump_traceback_later(seconds, file=trace, exit=True)
    try:
        return encoded(work())
    finally:
        faulthandler.cancel_dump_traceback_later()


def _bound_memory() -> None:
    """Where the system can: no more address space than ``MEMORY`` on top, and no dump of memory when it is gone."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with open("/proc/self/statm", "rb") as status:  # noqa: PTH123  not a file of a project
            used = int(status.read().split()[0]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        wanted = used + MEMORY
        bound = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_AS, (bound, hard))
    except (ImportError, OSError, ValueError):
        return


def main() -> None:
    """Serve the pipes that a fresh interpreter was started with."""
    with os.fdopen(os.dup(0), "rb") as requests, os.fdopen(os.dup(1), "wb") as replies:
        serve(requests, replies)
    sys.exit(0)
