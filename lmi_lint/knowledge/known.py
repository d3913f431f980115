"""All that is known, by families of languages, read when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lmi_lint.cache import Cache, digest
from lmi_lint.knowledge.folders import state
from lmi_lint.packs import FAMILIES, KNOWLEDGE, files_of

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from lmi_lint.knowledge.model import Knowledge, MinimumEntry
    from lmi_lint.knowledge.query import KnowledgeBase

# What entries are made of is imported when they are read: to know that nothing has changed takes none of it.


class Known:
    """The knowledge of packs. ``roots``: their folders, later ones override; ``roles``: those that their rules ask for
    beside ours."""

    def __init__(self, roots: Sequence[Traversable], roles: frozenset[str] = frozenset()) -> None:
        self._roots = tuple(roots)
        self._roles = roles
        self._loaded: dict[str, Knowledge] = {}

    def state(self) -> str:
        """A digest of all that there is to know. PackError."""
        return digest(state(self._roots), *sorted(self._roles))

    def hold(self, cache: Cache) -> None:
        """Read each family that packs beside the first one know of, whether it is needed or not. PackError for what
        cannot be used."""
        for family in FAMILIES:
            if any(files_of(root, KNOWLEDGE, family, suffix=".toml") for root in self._roots[1:]):
                self._of(family, cache)

    def base(self, family: str, cache: Cache) -> KnowledgeBase:
        """What is known about the libraries of a family, about the programs that any of them may run, and about the
        events that all of them receive. PackError."""
        from lmi_lint.knowledge.query import KnowledgeBase

        programs, members = self._of("shell", cache).programs, self._of("events", cache).members
        return KnowledgeBase(self._of(family, cache), programs, members)

    def minimums(self, family: str, cache: Cache) -> Mapping[str, MinimumEntry]:
        """The versions from which on packages of a family work, by package. PackError."""
        return self._of(family, cache).minimums

    def _of(self, family: str, cache: Cache) -> Knowledge:
        if family not in self._loaded:
            from lmi_lint.knowledge.load import load

            self._loaded[family] = load(family, self._roots, cache, self._roles)
        return self._loaded[family]
