"""Which files say what a function depends on."""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = frozenset(
    [
        "package.json",
        "package-lock.json",
        "npm-shrinkwrap.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "pyproject.toml",
        "uv.lock",
        "poetry.lock",
        "Pipfile",
        "Pipfile.lock",
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "gradle.properties",
        "gradle.lockfile",
        "libs.versions.toml",
        "Directory.Build.props",
        "Directory.Packages.props",
        "packages.lock.json",
    ]
)
_PATTERN: Final = re.compile(
    r"(?:^|/)(?:[\w.-]*(?:requirements|constraints)[\w.-]*\.txt|requirements/[^/]+\.txt)$|\.csproj$"
)
MAX_MANIFEST_BYTES: Final = 1 << 20
"""A larger manifest is reported, not read."""

MAX_LOCK_BYTES: Final = 32 << 20
"""A larger lock file is reported, not read."""

INSTALLED: Final = r"node_modules|bower_components|site-packages|\.venv|\.git|\.aws-sam|\.serverless|\.terraform"
"""Folders, as a regular expression, into which tools put what is not the project's own."""
_INSTALLED: Final = re.compile(rf"(?:^|/)(?:{INSTALLED}|venv|cdk\.out|[\w.-]+\.dist-info)/")


def is_manifest(path: str) -> bool:
    """Whether a listed file is a manifest or a lock file of the project itself, not of a package installed in it."""
    named = path.rpartition("/")[2] in _NAMES or (path.endswith((".txt", ".csproj")) and _PATTERN.search(path))
    return bool(named) and not _INSTALLED.search(path)
