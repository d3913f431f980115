"""Which file of the project a dotted Python module name means."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import cached_property

from lmi_lint.discover.project import Project


class PythonModules:
    """Looks a module up as the interpreter would with each folder above the importing file as a root, the nearest
    first; then in ``python`` folders of layers."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._found: dict[tuple[str, str], str | None] = {}

    def resolve(self, from_path: str, dotted: str) -> str | None:
        """The file of ``dotted`` as seen from ``from_path``; leading dots are relative. None for anything outside."""
        folder = posixpath.dirname(from_path)
        key = (folder, dotted)
        if key not in self._found:
            self._found[key] = self._resolve(folder, dotted)
        return self._found[key]

    def _resolve(self, folder: str, dotted: str) -> str | None:
        name = dotted.lstrip(".")
        parts = name.replace(".", "/")
        ups = len(dotted) - len(name)
        if ups:
            for _ in range(ups - 1):
                folder = posixpath.dirname(folder)
            return self._file(posixpath.join(folder, parts) if parts else folder)
        if not parts:
            return None
        for root in _upward(folder):
            hit = self._file(posixpath.join(root, parts)) or self._file(posixpath.join(root, "src", parts))
            if hit is not None:
                return hit
        layered = [
            path for path in self._layers if path.endswith((f"/python/{parts}.py", f"/python/{parts}/__init__.py"))
        ]
        return layered[0] if len(layered) == 1 else None

    def _file(self, stem: str) -> str | None:
        for candidate in (f"{stem}.py", f"{stem}/__init__.py"):
            if self.project.exists(candidate):
                return candidate
        return None

    @cached_property
    def _layers(self) -> tuple[str, ...]:
        """Files that a layer puts on the import path."""
        return tuple(path for path in self.project.files if "/python/" in f"/{path}" and path.endswith(".py"))


def _upward(folder: str) -> Iterator[str]:
    """The folder and those above it, up to the project root (the empty path)."""
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""
