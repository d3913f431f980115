"""What regular expressions have found in source files, kept by content: most files are as they were at the last run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, msgpack

from lmi_lint.cache import NO_CACHE, Cache, digest, short_digest
from lmi_lint.discover.scan import Declared
from lmi_lint.discover.shapes import Shape
from lmi_lint.index.global_usings import GlobalUsing

if TYPE_CHECKING:
    from collections.abc import Callable

    from lmi_lint.discover.project import Project

_KIND: Final = "scanned"


class Scan(Struct, array_like=True):
    """What was found in one file, None for what nobody has looked for. ``content``: digest of the file."""

    content: bytes
    declared: Declared | None = None
    shapes: tuple[Shape, ...] | None = None
    annotations: tuple[str, ...] | None = None
    supertypes: tuple[str, ...] | None = None
    extensions: tuple[str, ...] | None = None
    usings: tuple[GlobalUsing, ...] | None = None
    imports: tuple[str, ...] | None = None


_SCANS: Final = msgpack.Decoder(dict[str, Scan])


class Scans:
    """Scans the files of a project, each once for one purpose. ``keep`` is for the next run."""

    def __init__(self, project: Project, cache: Cache = NO_CACHE) -> None:
        self._project = project
        self._cache = cache
        self._key = digest(str(project.root))
        self._kept: dict[str, Scan] = cache.get(_KIND, self._key, _SCANS.decode) or {}
        self._scans: dict[str, Scan] = {}
        self._new = False

    def scan(self, path: str, field: str, find: Callable[[bytes], object]) -> object:
        """What ``find`` finds in a file's bytes; it is asked only if ``field`` of the file's scan is not known."""
        scan = self._scans.get(path)
        found = getattr(scan, field) if scan is not None else None
        if found is not None:
            return found
        data = self._project.peek(path)
        content = short_digest(data)
        if scan is None:
            scan = self._kept.get(path)
        if scan is None or scan.content != content:
            scan = Scan(content)
        self._scans[path] = scan
        found = getattr(scan, field)
        if found is None:
            found = find(data)
            setattr(scan, field, found)
            self._new = True
        return found

    def keep(self) -> None:
        """Keep what was found, of files that there still are."""
        if self._new:
            there = self._project.all_sources
            kept = {path: scan for path, scan in {**self._kept, **self._scans}.items() if path in there}
            self._cache.put(_KIND, self._key, msgpack.encode(kept))
