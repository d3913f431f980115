"""What is known of public layers: ``knowledge/layers/*.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from typing import Literal

import msgspec
from msgspec import Struct

from lmi_lint.errors import PackError
from lmi_lint.knowledge.load import alternatives
from lmi_lint.packs import rules_root


class LayerEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A public layer. ``since``: its first version that works on managed instances, as the vendor's page ``source``
    says; ``what``: how to call it."""

    name: str
    since: int
    what: str
    source: str


class ContentEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """What a public layer ``name`` brings in all its versions: a ``package`` older than version ``below``."""

    name: str
    package: str
    below: str
    scheme: Literal["pypi", "npm"]
    source: str


class _LayerFile(Struct, frozen=True, forbid_unknown_fields=True):
    layer: tuple[LayerEntry, ...] = ()
    content: tuple[ContentEntry, ...] = ()


def layers(root: Traversable | None = None) -> dict[str, LayerEntry]:
    """Known layers with an extension, by name. PackError for a file that cannot be used."""
    return {name: entry for file in _files(root) for entry in file.layer for name in alternatives(entry.name)}


def contents(root: Traversable | None = None) -> dict[str, ContentEntry]:
    """Known layers with an old package, by name. PackError for a file that cannot be used."""
    return {name: entry for file in _files(root) for entry in file.content for name in alternatives(entry.name)}


def _files(root: Traversable | None) -> Iterator[_LayerFile]:
    folder = (root or rules_root()) / "knowledge" / "layers"
    for path in sorted(folder.iterdir(), key=lambda each: each.name):
        try:
            yield msgspec.convert(tomllib.loads(path.read_bytes().decode()), _LayerFile)
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            raise PackError(f"{path}: {error}", "see rules/README.md") from error


def name_and_version(arn: str) -> tuple[str, int] | None:
    """A layer's name and version by its ARN (``arn:aws:lambda:<region>:<account>:layer:<name>:<version>``). Of a name
    that ends in the version of what is in it (``-v11-0-0``) that counts, by its first number."""
    match = re.search(r":layer:([^:]+?)(?:-v(\d+)-\d+-\d+)?:(\d+)$", arn)
    return (match[1], int(match[2] or match[3])) if match else None
