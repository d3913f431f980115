"""Names with ``*`` in knowledge, and the entries that bear them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import zip_longest
from typing import Final, Generic, TypeVar

import msgspec

from lmi_lint.knowledge.model import CallEntry, TypeEntry

_Entry = TypeVar("_Entry", TypeEntry, CallEntry)


class Globs(Generic[_Entry]):
    """Entries whose names hold ``*``, the most specific (most literal text) first."""

    def __init__(self, named: Iterable[tuple[str, _Entry]]) -> None:
        globs = list(named)
        globs.sort(key=lambda glob: -len(glob[0].replace("*", "")))  # stable: file order among equals
        self._globs: Final[list[tuple[str, str, _Entry]]] = [
            (name.partition("*")[0], name, entry) for name, entry in globs
        ]

    def matching(self, name: str) -> Iterator[tuple[_Entry, tuple[str, ...]]]:
        """The entries that ``name`` fits, with what each of their ``*`` stands for."""
        for prefix, glob, entry in self._globs:
            if name.startswith(prefix) and (match := glob_regex(glob).fullmatch(name)) is not None:
                yield entry, match.groups()


@cache
def glob_regex(glob: str) -> re.Pattern[str]:
    """What a name with ``*`` fits; each stands for any text without a dot."""
    return re.compile("([^.]*)".join(re.escape(part) for part in glob.split("*")))


def filled(entry: CallEntry, words: Sequence[str]) -> CallEntry:
    """The entry with the ``*`` of its result type replaced by what those of its name stand for."""
    if "*" not in entry.returns_type:
        return entry
    parts = entry.returns_type.split("*")
    filled = "".join(part + word for part, word in zip_longest(parts, words[: len(parts) - 1], fillvalue=""))
    return msgspec.structs.replace(entry, returns_type=filled)
