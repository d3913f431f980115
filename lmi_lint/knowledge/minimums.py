"""Which package a minimum version speaks of."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lmi_lint.knowledge.model import MinimumEntry


class Minimums:
    """Packages by name, in any case; ``*`` in an entry stands for any text without a dot. An exact name wins."""

    def __init__(self, entries: Mapping[str, MinimumEntry]) -> None:
        self._exact = {name.lower(): entry for name, entry in entries.items() if "*" not in name}
        self._globs = [
            (re.compile(re.escape(name.lower()).replace(r"\*", r"[^.]*")), entry)
            for name, entry in entries.items()
            if "*" in name
        ]

    def of(self, package: str) -> MinimumEntry | None:
        """What is known of a package; None without an entry."""
        name = package.lower()
        exact = self._exact.get(name)
        if exact is not None:
            return exact
        return next((entry for pattern, entry in self._globs if pattern.fullmatch(name)), None)

    def __contains__(self, package: str) -> bool:
        return self.of(package) is not None
