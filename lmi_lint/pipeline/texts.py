"""The texts of files that a location may name, read when somebody looks at them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from lmi_lint.discover import Project
from lmi_lint.discover.manifests import MAX_LOCK_BYTES
from lmi_lint.model.finding import Problem
from lmi_lint.model.source import SourceFile, TextFile


class Texts(Mapping[str, TextFile]):
    """Files by path. ``known``: sources as this run has read them; ``sources``: other sources that were reached;
    ``templates``: files with configuration, whose text stands as a whole, while link has all but the code blanked;
    ``manifests``: other files, and whether something could be read of each."""

    def __init__(
        self,
        project: Project,
        known: Mapping[str, SourceFile],
        sources: Collection[str],
        templates: Collection[str],
        manifests: Mapping[str, bool],
    ) -> None:
        self._project = project
        self._known = known
        self._sources = frozenset(sources)
        self._templates = frozenset(templates)
        self._manifests = manifests
        self._found: dict[str, TextFile | None] = {}

    def __getitem__(self, path: str) -> TextFile:
        if path not in self._found:
            self._found[path] = self._read(path)
        found = self._found[path]
        if found is None:
            raise KeyError(path)
        return found

    def __iter__(self) -> Iterator[str]:
        paths = {*self._known, *self._sources, *self._templates, *self._manifests}
        return (path for path in sorted(paths) if path in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _read(self, path: str) -> TextFile | None:
        data = self._project.read_bytes(path) if path in self._templates else None
        if isinstance(data, bytes):
            return TextFile(path, data)
        if path in self._known:
            return self._known[path]
        if path in self._sources and self._project.exists(path):
            loaded = self._project.load(path)
            if isinstance(loaded, SourceFile):
                return loaded
        if path in self._manifests:
            data = self._project.read_bytes(path, MAX_LOCK_BYTES) if self._manifests[path] else b""
            return TextFile(path, b"" if isinstance(data, Problem) else data)
        return None
