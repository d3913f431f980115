"""Which files may declare a component or a subtype: by the annotations and the supertypes that stand in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, cast

from lmi_lint.discover.project import Project, language_of
from lmi_lint.model.names import Language

if TYPE_CHECKING:
    from lmi_lint.index.scans import Scans

_ANNOTATION = re.compile(rb"@([A-Za-z_][\w.]*)")
_SUPERTYPES = re.compile(
    rb"\b(?:extends|implements)\b([^{};=]{1,1000})"  # Java, TypeScript
    rb"|\b(?:class|record|struct|interface)\s[^{};:()=]{1,500}(?:\([^{};=]{0,1000}?\)\s*)?:([^{};=]{1,1000})"  # C#
    rb"|\bclass\s+\w+\s*\(([^{};=]{1,1000}?)\)\s*:"  # Python
)
_WORD = re.compile(rb"[A-Za-z_]\w*")

Words: TypeAlias = Callable[[bytes], Iterable[bytes]]


class WiredFiles:
    """The files of one language, tests and the like left out, by words that stand in telling places."""

    def __init__(self, project: Project, language: Language, scans: Scans) -> None:
        self._scans = scans
        self._files = tuple(path for path in sorted(project.primary) if language_of(path) is language)

    def annotated(self, name: str) -> tuple[str, ...]:
        """Files in which an annotation of this simple name stands."""
        return self._by_annotation.get(name, ())

    def deriving(self, name: str) -> tuple[str, ...]:
        """Files in which a type of this simple name stands where a class says what it derives from."""
        return self._by_supertype.get(name, ())

    @cached_property
    def _by_annotation(self) -> dict[str, tuple[str, ...]]:
        return self._by_word(
            "annotations", lambda data: (each.rpartition(b".")[2] for each in _ANNOTATION.findall(data))
        )

    @cached_property
    def _by_supertype(self) -> dict[str, tuple[str, ...]]:
        return self._by_word("supertypes", _supertypes)

    def _by_word(self, field: str, words: Words) -> dict[str, tuple[str, ...]]:
        def told(data: bytes) -> tuple[str, ...]:
            return tuple(word.decode("ascii", "replace") for word in sorted(set(words(data))))

        found: dict[str, list[str]] = {}
        for path in self._files:
            for word in cast("tuple[str, ...]", self._scans.scan(path, field, told)):
                found.setdefault(word, []).append(path)
        return {word: tuple(paths) for word, paths in found.items()}


def _supertypes(data: bytes) -> Iterator[bytes]:
    for parts in _SUPERTYPES.findall(data):
        yield from _WORD.findall(b" ".join(parts))
