"""Looks Python names up in installed packages, in an interpreter of their own (``python_probe.py``)."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_PROBE: Final = Path(__file__).with_name("python_probe.py")
_KEY: Final = re.compile(r"\.(\[\])?=$|=$")


def existing(names: Iterable[str], interpreter: Path) -> frozenset[str]:
    """Those of the names that the interpreter's packages have. RuntimeError if it fails."""
    spelt: dict[str, list[str]] = {}
    for name in names:
        spelt.setdefault(_KEY.sub("", name).replace(".[]", ""), []).append(name)
    with tempfile.TemporaryDirectory() as folder:  # some packages write where they are imported
        done = subprocess.run(
            [str(interpreter), "-P", str(_PROBE)],
            input=json.dumps(list(spelt)),
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env={"HOME": folder, "PATH": "/usr/bin:/bin", "AWS_DEFAULT_REGION": "eu-west-1", "MPLBACKEND": "agg"},
        )
    if done.returncode != 0:
        raise RuntimeError(f"{_PROBE.name} failed:\n{done.stderr[-2000:]}")
    found: list[str] = json.loads(done.stdout)
    return frozenset(name for plain in found for name in spelt[plain])
