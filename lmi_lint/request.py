"""What a caller asks of a run: the argument of ``lmi_lint.run``."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from lmi_lint.model.finding import Severity
from lmi_lint.settings import Settings


class Request(Struct, frozen=True):
    """One run.

    ``paths``: folders and files to judge; none means the current folder. ``root``: the project root, None to find it.
    ``settings``: used instead of the project's settings file. ``select`` to ``exclude``: override the setting of that
    name where they are not None. ``pedantic`` shows findings of low confidence too. ``only_managed`` limits findings
    to functions attached to a capacity provider; ``as_if_managed`` judges the configuration of plain ones as if they
    were attached to one. ``cache``: keep what was read, by content, in the user's cache folder.
    """

    paths: tuple[Path, ...] = ()
    root: Path | None = None
    settings: Settings | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    min_severity: Severity | None = None
    fail_on: Severity | None = None
    functions: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    pedantic: bool = False
    only_managed: bool = False
    as_if_managed: bool = False
    cache: bool = False

    def effective(self, settings: Settings) -> Settings:
        """``settings`` (those of the project) with what this request overrides."""
        base = settings if self.settings is None else self.settings
        given = {name: value for name in base.__struct_fields__ if (value := getattr(self, name)) is not None}
        return msgspec.structs.replace(base, **given)
