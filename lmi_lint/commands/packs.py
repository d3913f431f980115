"""What commands about rules and knowledge share: ``--pack``, and the packs and pages in force for some paths."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.resources.abc import Traversable

    from lmi_lint.catalog.page import Page
    from lmi_lint.model.names import RuleId

PACK: Final = click.option(
    "--pack",
    "packs",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Rule pages and knowledge of your own, beside those of the settings.",
)


def roots_in_force(packs: Sequence[Path], paths: Sequence[Path] = ()) -> list[Traversable]:
    """The folders of all packs in force for paths, or for this folder. LmiLintError for settings or packs that cannot
    be used."""
    from lmi_lint.discover import find_root
    from lmi_lint.packs import in_force
    from lmi_lint.settings import load

    root = find_root(list(paths) or [Path()])
    return [pack.root for pack in in_force(load(root), root, tuple(packs))]


def pages_in_force(packs: Sequence[Path], paths: Sequence[Path] = (), *, cached: bool = True) -> Mapping[RuleId, Page]:
    """The pages of these packs. LmiLintError."""
    from lmi_lint.cache import NO_CACHE, Cache, user_folder
    from lmi_lint.catalog.registry import load_pages

    return load_pages(roots_in_force(packs, paths), Cache(user_folder()) if cached else NO_CACHE)
