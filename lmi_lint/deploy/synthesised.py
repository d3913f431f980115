"""Templates that a CDK app made, beside the app itself: what both declare counts once, as the app says it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

_HASH = re.compile(r"[0-9A-F]{8}$")
_SHORT = 6  # of shorter names the end of another name says nothing


def repeats(name: str, template: str | None, written: Iterable[tuple[str, str | None]]) -> bool:
    """Whether a resource of a template in ``cdk.out`` is one of those that the app beside it declares.

    ``name``: its logical id, which is made of the names of all constructs around it and a hash. ``written``: name and
    file of what the apps declare.
    """
    parts = (template or "").split("/")
    if "cdk.out" not in parts:
        return False
    home = "/".join(parts[: parts.index("cdk.out")])
    stem = _HASH.sub("", name)
    for other, path in written:
        plain = re.sub(r"[^A-Za-z0-9]", "", posixpath.basename(other))
        below = path is not None and (not home or path.startswith(f"{home}/"))
        if below and plain and (stem == plain or (len(plain) >= _SHORT and stem.endswith(plain))):
            return True
    return False
