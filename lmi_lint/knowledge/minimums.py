"""Which package a minimum version speaks of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property

from lmi_lint.knowledge.globs import glob_regex
from lmi_lint.knowledge.model import MinimumEntry


class Minimums:
    """Packages by name, in any case; ``*`` in an entry stands for any text without a dot. An exact name wins.
    ``read`` gives the entries; it is called when a package is first asked for."""

    def __init__(self, read: Callable[[], Mapping[str, MinimumEntry]]) -> None:
        self._read = read

    @cached_property
    def _entries(self) -> Mapping[str, MinimumEntry]:
        return self._read()

    @cached_property
    def _exact(self) -> dict[str, MinimumEntry]:
        return {name.lower(): entry for name, entry in self._entries.items() if "*" not in name}

    @cached_property
    def _globs(self) -> list[tuple[re.Pattern[str], MinimumEntry]]:
        return [(glob_regex(name.lower()), entry) for name, entry in self._entries.items() if "*" in name]

    def of(self, package: str) -> MinimumEntry | None:
        """What is known of a package; None without an entry."""
        name = package.lower()
        exact = self._exact.get(name)
        if exact is not None:
            return exact
        return next((entry for pattern, entry in self._globs if pattern.fullmatch(name)), None)

    def __contains__(self, package: str) -> bool:
        return self.of(package) is not None
