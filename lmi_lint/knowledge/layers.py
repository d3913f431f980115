"""What is known of public layers: ``knowledge/layers/*.toml``."""

from __future__ import annotations

import re
import tomllib
from importlib.resources.abc import Traversable

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


class _LayerFile(Struct, frozen=True, forbid_unknown_fields=True):
    layer: tuple[LayerEntry, ...] = ()


def layers(root: Traversable | None = None) -> dict[str, LayerEntry]:
    """Known layers by name. PackError for a file that cannot be used."""
    found: dict[str, LayerEntry] = {}
    folder = (root or rules_root()) / "knowledge" / "layers"
    for path in sorted(folder.iterdir(), key=lambda each: each.name):
        try:
            file = msgspec.convert(tomllib.loads(path.read_bytes().decode()), _LayerFile)
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            raise PackError(f"{path}: {error}", "see rules/README.md") from error
        for entry in file.layer:
            found.update(dict.fromkeys(alternatives(entry.name), entry))
    return found


def name_and_version(arn: str) -> tuple[str, int] | None:
    """A layer's name and version by its ARN (``arn:aws:lambda:<region>:<account>:layer:<name>:<version>``). Of a name
    that ends in the version of what is in it (``-v11-0-0``) that counts, by its first number."""
    match = re.search(r":layer:([^:]+?)(?:-v(\d+)-\d+-\d+)?:(\d+)$", arn)
    return (match[1], int(match[2] or match[3])) if match else None
