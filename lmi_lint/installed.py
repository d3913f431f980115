"""Packs that installed distributions register under the entry-point group ``lmi_lint.packs``.

The value of an entry point is the dotted name of the package that holds ``catalog`` and ``knowledge``. None of its code
is run: its folder is looked up by what the distribution says it has installed, else by the finders of its top-level
package, as for an editable install.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lmi_lint.errors import PackError
from lmi_lint.packs import Pack, pack_at

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP: Final = "lmi_lint.packs"
_DOTTED: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


def installed_packs() -> tuple[Pack, ...]:
    """The packs of installed distributions, by the names of their entry points. PackError for one that cannot be
    used."""
    if not any(map(_registers, sys.path)):
        return ()
    from importlib.metadata import entry_points

    found = sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))
    return tuple(_pack(point) for point in found)


def _registers(folder: str) -> bool:
    """Whether a distribution in a folder has entry points of the group: cheaper than to parse all of them."""
    with suppress(OSError), os.scandir(folder or ".") as entries:
        for entry in entries:
            if entry.name.endswith((".dist-info", ".egg-info")):
                with suppress(OSError):
                    if GROUP.encode() in Path(entry.path, "entry_points.txt").read_bytes():
                        return True
    return False


def _pack(point: EntryPoint) -> Pack:
    what = f"entry point {point.name} = {point.value!r} of {GROUP}"
    if not _DOTTED.fullmatch(point.value):
        raise PackError(f"{what}: not the name of a package", "the value is a package that holds catalog and knowledge")
    parts = point.value.split(".")
    if point.dist is not None:
        folder = Path(str(point.dist.locate_file(Path(*parts))))
        if folder.is_dir():
            return pack_at(folder)
    for base in _locations(parts[0]):
        if base.joinpath(*parts[1:]).is_dir():
            return pack_at(base.joinpath(*parts[1:]))
    raise PackError(f"{what}: no such folder is installed", "install the distribution again, or remove it")


def _locations(package: str) -> list[Path]:
    """Where a top-level package is; to find one runs none of its code."""
    from importlib.util import find_spec

    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return []
    return [Path(location) for location in (spec.submodule_search_locations or ())] if spec is not None else []
