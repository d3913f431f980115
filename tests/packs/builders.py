"""Packs and projects for tests, as files."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from lmi_lint.cli import run_command

PAGE = """\
+++
id = "ACME101"
name = "flush-all"
category = "acme"
summary = "The cache of everybody is emptied"
severity = ["warning"]
languages = ["python", "javascript"]
since = "1.0.0"
remedy = "Empty what belongs to the invocation"

[match]
call = "acme:flush"
message = "{call} empties the cache of {sharers}"
+++

One cache serves everybody.

## Hazard

```python
import acme

def handler(event, context):
    acme.flush()  # expect: ACME101
```
"""
KNOWLEDGE = """\
language = "{family}"
subject = "Acme"

[sources]
acme = "https://acme.example/docs"

[[call]]
name = "acme.flush"
role = "acme:flush"
"""
PYTHON = """\
import acme

def handler(event, context):
    acme.flush()
"""


class Said(NamedTuple):
    """What the command line said."""

    code: int
    out: str
    err: str


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def pack(folder: Path, **more: str) -> Path:
    """A pack of one rule and what it needs to know; ``more`` files by names with ``__`` for ``/``."""
    files = {"catalog/ACME101-flush-all.md": PAGE, "knowledge/python/acme.toml": KNOWLEDGE.format(family="python")}
    return write(folder, files | more)


def project(folder: Path, packs: str = '["ci/lmi"]') -> Path:
    """A project with such a pack, in its settings, and a handler that the rule speaks of."""
    pack(folder / "ci" / "lmi")
    return write(folder, {"pyproject.toml": f"[tool.lmi-lint]\npacks = {packs}\n", "app.py": PYTHON})


def lmi(capfd: pytest.CaptureFixture[str], *arguments: object) -> Said:
    """Run a command in this process."""
    capfd.readouterr()
    code = run_command([str(argument) for argument in arguments])
    out, err = capfd.readouterr()
    return Said(code, out, err)
