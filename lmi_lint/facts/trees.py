"""Trees of files, for who has to know what is written rather than what it does to objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.cache import NO_CACHE, Cache, digest
from lmi_lint.facts.isolation import Isolated
from lmi_lint.facts.model import FACTS_VERSION
from lmi_lint.facts.reading import Reading, decoded, encoded
from lmi_lint.model.finding import Problem

if TYPE_CHECKING:
    from lmi_lint.discover import Project
    from lmi_lint.ir.nodes import Module
    from lmi_lint.model.source import SourceFile


class TreeSource:
    """Lowers a file when it is first asked for and keeps its tree for the run. ``reader`` does the work, in a process
    of its own unless another is given. ``unreadable``: files that could not be read, with the reason. ``known``: trees
    by what they were made of, for those who read the same files for several purposes."""

    def __init__(
        self,
        project: Project,
        reader: Isolated | None = None,
        cache: Cache = NO_CACHE,
        known: dict[str, Module] | None = None,
    ) -> None:
        self.project = project
        self.cache = cache
        self.reader = Isolated() if reader is None else reader
        self.unreadable: dict[str, str] = {}
        self._trees: dict[str, Module | None] = {}
        self._known = {} if known is None else known

    @property
    def asked(self) -> frozenset[str]:
        """The files that were asked for."""
        return frozenset(self._trees)

    def tree(self, path: str) -> Module | None:
        """The tree of a source file of the project, or None if it cannot be read."""
        if path not in self._trees:
            self._trees[path] = self._read(path)
        return self._trees[path]

    def _read(self, path: str) -> Module | None:
        loaded = self.project.load(path)
        if isinstance(loaded, Problem):
            self.unreadable[path] = loaded.message
            return None
        key = digest(str(FACTS_VERSION), loaded.language.value, path, loaded.data)
        known = self._known.get(key)
        if known is None:
            known = self._lowered(path, loaded, key)
            if known is not None:
                self._known[key] = known
        return known

    def _lowered(self, path: str, loaded: SourceFile, key: str) -> Module | None:
        kept = self.cache.get("trees", key, decoded)
        if kept is not None:
            return kept.tree
        reading = self.reader.read(loaded, tree=True)
        if reading.tree is None:
            self.unreadable[path] = reading.problem
        else:
            self.cache.put("trees", key, encoded(Reading(None, tree=reading.tree)))
        return reading.tree
