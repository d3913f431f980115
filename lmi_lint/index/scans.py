"""What regular expressions have found in source files, kept by content: most files are as they were at the last run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, msgpack

from lmi_lint.cache import NO_CACHE, Cache, digest
from lmi_lint.discover.decode import MAX_SOURCE_BYTES
from lmi_lint.discover.found import Declared, Heritage, Shape, Target
from lmi_lint.index.global_usings import GlobalUsing
from lmi_lint.model.finding import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from lmi_lint.discover.project import Project
    from lmi_lint.index.contents import Contents

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
    derives: bool | None = None
    heritage: Heritage | None = None
    targets: tuple[Target, ...] | None = None
    thin: tuple[tuple[int, str], ...] | None = None
    says: dict[str, bool] = {}


_SCANS: Final = msgpack.Decoder(dict[str, Scan])


class Scans:
    """Scans the files of a project, each once for one purpose. ``keep`` is for the next run."""

    def __init__(self, contents: Contents, project: Project, cache: Cache = NO_CACHE) -> None:
        self._contents = contents
        self._project = project
        self._cache = cache
        self._key = digest(str(project.root))
        self._kept: dict[str, Scan] = cache.get(_KIND, self._key, _SCANS.decode) or {}
        self._scans: dict[str, Scan] = {}
        self._new: set[str] = set()

    def about(self, project: Project) -> Scans:
        """The same, of which it is known now what else the project is."""
        self._project = project
        return self

    def scan(self, path: str, field: str, find: Callable[[bytes], object]) -> object:
        """What ``find`` finds in a file's bytes; it is asked only if ``field`` of the file's scan is not known."""
        scan = self._scans.get(path)
        found = getattr(scan, field) if scan is not None else None
        if found is not None:
            return found
        scan, data = self._current(path)
        found = getattr(scan, field)
        if found is None:
            found = find(self._bytes(path, scan) if data is None else data)
            setattr(scan, field, found)
            self._new.add(path)
        return found

    def says(self, path: str, words: tuple[str, ...]) -> bool:
        """Whether one of some texts stands in a file."""
        return self.tells(path, "\0".join(words), lambda data: any(word.encode() in data for word in words))

    def tells(self, path: str, key: str, find: Callable[[bytes], bool]) -> bool:
        """Whether ``find`` holds for a file's bytes; ``key`` says what it looks for."""
        scan, data = self._current(path)
        found = scan.says.get(key)
        if found is None:
            found = scan.says[key] = find(self._bytes(path, scan) if data is None else data)
            self._new.add(path)
        return found

    def _current(self, path: str) -> tuple[Scan, bytes | None]:
        """The scan of a file as it is, and its bytes if they had to be read for it."""
        raw, content = None, self._contents.known(path, MAX_SOURCE_BYTES)
        if content is None:
            raw, content = self._contents.read(path, MAX_SOURCE_BYTES)
        scan = self._scans.get(path) or self._kept.get(path)
        if scan is None or scan.content != content:
            scan = Scan(content)
        self._scans[path] = scan
        return scan, b"" if isinstance(raw, Problem) else raw

    def _bytes(self, path: str, scan: Scan) -> bytes:
        raw, content = self._contents.read(path, MAX_SOURCE_BYTES)
        if content != scan.content:  # it has changed while this run went on: nothing that is found belongs to both
            self._scans[path] = Scan(b"")
        return b"" if isinstance(raw, Problem) else raw

    def news(self) -> dict[str, Scan]:
        """The scans that have gained something since this was asked last, for a process that keeps them instead of this
        one."""
        told, self._new = self._new, set()
        return {path: self._scans[path] for path in told}

    def learn(self, news: dict[str, Scan]) -> None:
        """Take over what another process has found in files, unless this one has seen something else in them."""
        for path, other in news.items():
            scan = self._scans.setdefault(path, other)
            if scan.content == other.content:
                for field in Scan.__struct_fields__:
                    if getattr(scan, field) is None:
                        setattr(scan, field, getattr(other, field))
                scan.says.update(other.says)
                self._new.add(path)

    def keep(self) -> None:
        """Keep what was found, of files that there still are."""
        if self._new:
            there = self._project.all_sources.union(self._project.configs)
            kept = {path: scan for path, scan in {**self._kept, **self._scans}.items() if path in there}
            self._cache.put(_KIND, self._key, msgpack.encode(kept))
