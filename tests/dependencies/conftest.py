"""Projects of a few manifests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lmi_lint.dependencies.files import Files
from lmi_lint.dependencies.model import Dependency
from lmi_lint.discover import discover
from lmi_lint.settings import Settings

Make = Callable[[Mapping[str, str]], Files]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def build(texts: Mapping[str, str]) -> Files:
        for path, text in texts.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
        return Files(discover([tmp_path], Settings(), tmp_path))

    return build


def anything(name: str) -> bool:
    """Every package is wanted."""
    return True


def said(dependencies: list[Dependency]) -> dict[str, str | None]:
    """Name → the version that is deployed, or what is admitted in brackets, or None."""
    return {
        each.name: each.version or (f"({each.admits})" if each.admits is not None else None) for each in dependencies
    }


def places(files: Files, dependencies: list[Dependency]) -> dict[str, str]:
    """Name → ``file:line text`` of the entry."""
    found = {}
    for each in dependencies:
        data, span = files.data(each.location.path), each.location.span
        line = data[: span.start].count(b"\n") + 1
        found[each.name] = f"{each.location.path}:{line} {data[span.start : span.end].decode()}"
    return found
