"""Which properties a dialect's settings for managed instances have, and what is written differently from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches

from msgspec import Struct

from lmi_lint.deploy.intrinsics import intrinsic
from lmi_lint.deploy.model import Oddity
from lmi_lint.deploy.nodes import Mapping, Node
from lmi_lint.model.finding import Location

_LIKE = 0.8  # how alike two names are, for one to be a slip of the other


class Shape(Struct, frozen=True):
    """A mapping's properties: ``inner``: those that are mappings; ``plain``: the others; ``required`` of both;
    ``renamed``: what is written by mistake → what is meant; ``foreign``: the key of another dialect's shape → the shape
    that is meant."""

    plain: tuple[str, ...] = ()
    inner: tuple[tuple[str, Shape], ...] = ()
    required: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    foreign: tuple[tuple[str, str], ...] = ()


def oddities(node: Node | None, owner: Location, shape: Shape, locate: Callable[[Node], Location]) -> Iterator[Oddity]:
    """What a mapping, as written, has amiss; what a function call makes is not looked at. ``owner``: where to point if
    a key is missing."""
    if not isinstance(node, Mapping) or intrinsic(node) is not None:
        return
    inner = dict(shape.inner)
    renamed, foreign = dict(shape.renamed), dict(shape.foreign)
    known = (*shape.plain, *inner)
    amiss = False
    for key, pair in node.pairs.items():
        if key in inner:
            yield from oddities(pair.value, locate(pair.key), inner[key], locate)
        elif key in shape.plain or key.startswith("Fn::"):
            continue
        elif key in foreign:
            amiss = True
            yield Oddity("wrong-shape", key, locate(pair.key), foreign[key])
        else:
            meant = renamed.get(key) or next(iter(get_close_matches(key, known, 1, _LIKE)), "")
            amiss = amiss or meant in shape.required
            yield Oddity("unknown-property", key, locate(pair.key), meant)
    if not amiss and not any(key.startswith("Fn::") for key in node.pairs):
        for key in shape.required:
            if key not in node.pairs:
                yield Oddity("missing", key, owner)
