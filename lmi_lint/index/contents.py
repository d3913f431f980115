"""Digests of what is in files, kept between runs: a file that the file system says is as it was is not read for it."""

from __future__ import annotations

import os
import stat
import sys
import time
from typing import TYPE_CHECKING, Final

from msgspec import Struct, msgpack

from lmi_lint.cache import NO_CACHE, Cache, digest, short_digest
from lmi_lint.model.finding import Problem

if TYPE_CHECKING:
    from lmi_lint.discover.project import Project

_KIND: Final = "contents"
_SETTLED_NS: Final = 3_000_000_000
"""A file that was changed less than so long ago may be changed once more without its times showing it: they are as
coarse as two seconds on some file systems."""


class Stamp(Struct, frozen=True, array_like=True):
    """What the file system says of a regular file, and the digest of what was in it then. Times in nanoseconds;
    ``changed``: when content or anything else about it was changed last, which no program can set."""

    size: int
    modified: int
    changed: int
    inode: int
    content: bytes


_STAMPS: Final = msgpack.Decoder(dict[str, Stamp])


def content(raw: bytes | Problem) -> bytes:
    """The digest of a file's content, or of why it cannot be read."""
    return short_digest(raw) if isinstance(raw, bytes) else short_digest(raw.kind, raw.message)


class Contents:
    """Digests of the files of a project, each found out once. ``keep`` is for the next run."""

    def __init__(self, project: Project, cache: Cache = NO_CACHE) -> None:
        self._project = project
        self._cache = cache
        self._key = digest(str(project.root))
        self._kept: dict[str, Stamp] = (cache.get(_KIND, self._key, _STAMPS.decode) or {}) if _TELLS_CHANGES else {}
        self._found: dict[str, Stamp] = {}
        self._new: set[str] = set()

    def about(self, project: Project) -> Contents:
        """The same, of which it is known now what else the project is."""
        self._project = project
        return self

    def of(self, path: str, limit: int) -> bytes:
        """The digest of what ``Project.read`` answers, and of why it does not."""
        return self.known(path, limit) or self.read(path, limit)[1]

    def known(self, path: str, limit: int) -> bytes | None:
        """The digest of a file that was read in this run, or is as it was in an earlier one."""
        stamp = self._found.get(path)
        if stamp is None:
            stamp = self._kept.get(path)
            if stamp is None or self._status(path) != (stamp.size, stamp.modified, stamp.changed, stamp.inode):
                return None
            self._found[path] = stamp
        return stamp.content if stamp.size <= limit else None

    def read(self, path: str, limit: int) -> tuple[bytes | Problem, bytes]:
        """What ``Project.read`` answers, and its digest."""
        before, now = self._status(path), time.time_ns()
        raw = self._project.read(path, limit)
        found = content(raw)
        settled = before is not None and max(before[1], before[2]) < now - _SETTLED_NS
        if before is not None and settled and isinstance(raw, bytes):
            self._found[path] = Stamp(*before, found)
            self._new.add(path)
        return raw, found

    def _status(self, path: str) -> tuple[int, int, int, int] | None:
        """Size, times and inode of a regular file; None for anything else, links and what they lead to included."""
        try:
            if not self._project.leads_inside(path):
                return None
            status = os.lstat(f"{self._project.root}/{path}")
        except (OSError, ValueError, RuntimeError):
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino

    def news(self) -> dict[str, Stamp]:
        """What was found out since this was asked last, for a process that keeps it instead of this one."""
        told, self._new = self._new, set()
        return {path: self._found[path] for path in told}

    def learn(self, news: dict[str, Stamp]) -> None:
        """Take over what another process has found out about files that this one knows nothing of."""
        fresh = {path: stamp for path, stamp in news.items() if path not in self._found}
        self._found.update(fresh)
        self._new.update(fresh)

    def keep(self) -> None:
        """Keep what was found out, of files that there still are."""
        if self._new and _TELLS_CHANGES:
            project = self._project
            there = project.all_sources.union(project.configs, project.manifests, self._found)
            kept = {path: stamp for path, stamp in {**self._kept, **self._found}.items() if path in there}
            self._cache.put(_KIND, self._key, msgpack.encode(kept))


_TELLS_CHANGES: Final = sys.platform != "win32"
"""Whether the file system keeps the time of the last change; elsewhere that is when the file was made."""
