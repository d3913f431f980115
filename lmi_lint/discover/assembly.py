"""Cloud assemblies: what ``cdk synth`` writes to ``cdk.out``, found although version control leaves it out.

Source: https://docs.aws.amazon.com/cdk/v2/guide/deploy.html#deploy-how-synth and, for ``output``,
https://docs.aws.amazon.com/cdk/v2/guide/cli.html#cli-config
"""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_TOLD: Final = (".template.json", ".assets.json")
_MAX_CONFIG: Final = 1 << 20
_MAX_DEPTH: Final = 4
"""Assemblies within assemblies: stages, and stages of those."""


def assembly_files(root: Path, listed: Iterable[str]) -> tuple[str, ...]:
    """The templates, asset lists and manifests of the assemblies beside each ``cdk.json`` and in the root itself,
    relative to the root. ``root`` is absolute and resolved; links are not followed."""
    found: list[str] = []
    folders = {posixpath.dirname(path): path for path in listed if posixpath.basename(path) == "cdk.json"}
    places = {"cdk.out"} | {posixpath.join(folder, _output(root / path)) for folder, path in folders.items()}
    for place in sorted(places):
        folder = posixpath.normpath(place)
        if not folder.startswith(("..", "/")) and folder != "." and _is_assembly(root, folder):
            found += _inside(root, folder, 0)
    return tuple(found)


def _output(path: Path) -> str:
    """The folder that a ``cdk.json`` has the assembly written to."""
    try:
        if path.resolve() != path:  # git lists what was there before a folder became a link
            return "cdk.out"
        with path.open("rb") as stream:
            data = json.loads(stream.read(_MAX_CONFIG))
    except (OSError, ValueError, RuntimeError):
        return "cdk.out"
    named = data.get("output") if isinstance(data, dict) else None
    return named if isinstance(named, str) and named and not posixpath.isabs(named) else "cdk.out"


def _is_assembly(root: Path, folder: str) -> bool:
    try:
        full = root / folder
        return full.is_dir() and full.resolve() == full and any(each.name.endswith(_TOLD) for each in full.iterdir())
    except OSError:
        return False


def _inside(root: Path, folder: str, depth: int) -> Iterator[str]:
    try:
        with os.scandir(root / folder) as entries:
            each = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in each:
        path = posixpath.join(folder, entry.name)
        if entry.is_file(follow_symlinks=False) and (entry.name.endswith(_TOLD) or entry.name == "manifest.json"):
            yield path
        elif entry.name.startswith("assembly-") and depth < _MAX_DEPTH and entry.is_dir(follow_symlinks=False):
            yield from _inside(root, path, depth + 1)


def in_assembly(path: str) -> bool:
    """Whether a path lies in an assembly by the name of its folder."""
    return "cdk.out" in path.split("/")[:-1]
