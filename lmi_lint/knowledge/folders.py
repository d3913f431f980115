"""The files of knowledge under some roots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lmi_lint.cache import digest
from lmi_lint.packs import FAMILIES, KNOWLEDGE, content_of, files_of

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_LAYERS = "layers"


def read(family: str, roots: Sequence[Traversable]) -> list[tuple[Traversable, bytes]]:
    """The files of a family with what is in them. PackError."""
    paths = [path for root in roots for path in files_of(root, KNOWLEDGE, family, suffix=".toml")]
    return [(path, content_of(path)) for path in paths]


def state(roots: Sequence[Traversable]) -> str:
    """A digest of all knowledge under some roots. PackError."""
    files = [each for family in (*FAMILIES, _LAYERS) for each in read(family, roots)]
    return digest(*(part for path, data in files for part in (str(path), data)))
