"""What a caller asks of a run: the argument of ``lmi_lint.run``."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from lmi_lint.model.finding import Severity
from lmi_lint.settings import Settings


class Costing(Struct, frozen=True):
    """How functions are costed for their fitness.

    ``region``: where the configuration names none, None for us-east-1. ``assume``: assumptions as ``NAME=VALUE``;
    ``prices``: tables of EC2 prices that come before ours; ``stand_in``: region whose prices stand in for missing ones;
    ``instance_types``: instead of what capacity providers allow. ``together``: functions without a capacity provider
    share one. ``brief``: only what the short block of a report needs;
    ``curves``: what a plot needs, too.
    """

    region: str | None = None
    assume: tuple[str, ...] = ()
    prices: tuple[Path, ...] = ()
    stand_in: str = ""
    instance_types: tuple[str, ...] | None = None
    together: bool = False
    brief: bool = True
    curves: bool = False


class Request(Struct, frozen=True):
    """One run.

    ``paths``: folders and files to judge; none means the current folder. ``root``: the project root, None to find it.
    ``settings``: used instead of the project's settings file. ``select`` to ``exclude``: override the setting of that
    name where they are not None. ``pedantic`` shows findings of low confidence too. ``only_managed`` limits findings
    to functions attached to a capacity provider; ``as_if_managed`` judges the configuration of plain ones as if they
    were attached to one. ``traffic``: file that says what is known of their traffic, None for that of the settings.
    ``packs``: folders of packs beside those of the settings, wherever they are.
    ``costing``: how their fitness is judged, None for not at all. ``cache``: keep what was read,
    by content, in the user's cache folder.
    ``jobs``: processes that functions are divided among, None for one per CPU where that pays.
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
    traffic: Path | None = None
    packs: tuple[Path, ...] = ()
    costing: Costing | None = Costing()
    cache: bool = False
    jobs: int | None = None

    def effective(self, settings: Settings) -> Settings:
        """``settings`` (those of the project) with what this request overrides."""
        base = settings if self.settings is None else self.settings
        names = (name for name in base.__struct_fields__ if name != "packs")
        given = {name: value for name in names if (value := getattr(self, name)) is not None}
        return msgspec.structs.replace(base, **given)
