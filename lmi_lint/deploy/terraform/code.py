"""Where a function's code comes from: archives that Terraform makes, files and keys that it is told of."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from lmi_lint.deploy.handlers import source_root
from lmi_lint.deploy.terraform.values import HOLE, PROJECT, Ref, Unknown, Value, as_text, refs_of
from lmi_lint.deploy.terraform.world import World

ARCHIVES: Final = ("data.archive_file", "archive_file")
_UPLOADS: Final = ("aws_s3_object", "aws_s3_bucket_object")
_SUFFIXES: Final = (".zip", ".jar")
_MAX_HOPS: Final = 4


class Code(Struct, frozen=True):
    """``root``: folder or archive relative to the project, None if not known; ``archive``: its name without suffix;
    ``local``: whether the project should hold it; ``renamed``: name in the archive → file of the project, relative to
    the root."""

    root: str | None = None
    archive: str = ""
    local: bool = True
    renamed: tuple[tuple[str, str], ...] = ()


class CodeFinder:
    """Finds the code of the functions of one root module."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.project = world.library.project
        self.folders = self.project.folders

    def packaged(self, filename: Value, key: Value, digest: Value, folder: str) -> Code:
        """Of a function with an archive: its file, its key in a bucket, the hash of either. ``folder``: of the
        configuration."""
        name = next((text for text in map(_name, (filename, key)) if text), "")
        for value in (filename, key, digest):
            for inside, path in self._sources(value, 0):
                root = self._folder(path, folder)
                if root is not None:
                    base = posixpath.basename(path)
                    return Code(root, name, renamed=((inside, base),) if inside not in ("", base) else ())
        text = as_text(filename)
        if text is not None:
            return Code(self._beside(text, folder), name)
        # An archive made of files that are not to be found may still be built from sources of the project.
        return Code(None, name, local=filename is not None)

    def listed(self, value: Value, folder: str) -> Code:
        """Of a module that packs folders and files by itself: a path, or a list of paths and of objects with one."""
        items = value if isinstance(value, tuple) else (value,)
        for item in items:
            text = as_text(item.get("path") if isinstance(item, dict) else item)
            root = self._folder(text, folder) if text is not None else None
            if root is not None:
                return Code(root)
        return Code()

    def _sources(self, value: Value, hops: int) -> Iterator[tuple[str, str]]:
        """Paths of what is put into the archive that a value comes from, each after the name that it has there, if
        that is given."""
        if hops > _MAX_HOPS:
            return
        for ref in refs_of(value):
            if ref.kind in ARCHIVES:
                yield from self._archived(ref)
            elif ref.kind in _UPLOADS and (view := self.world.view(ref)) is not None:
                yield from self._sources(view.get("source"), hops + 1)

    def _archived(self, ref: Ref) -> Iterator[tuple[str, str]]:
        view = self.world.view(ref)
        if view is None:
            return
        for name in ("source_dir", "source_file"):
            text = as_text(view.get(name))
            if text:
                yield "", text
        for block in view.blocks("source"):
            for part in refs_of(block.get("content")):
                if part.kind == "file":
                    yield as_text(block.get("filename")) or "", part.name

    def _folder(self, path: str, folder: str) -> str | None:
        """The folder of a path of code. A folder that is only made by a build stands for the one above it."""
        for base in dict.fromkeys((folder, ".")):
            found = self.project.canonical(located(path, base))
            if found in self.folders:
                return found
            if self.project.exists(found) or posixpath.splitext(found)[1]:
                parent = posixpath.dirname(found) or "."
                if parent in self.folders:
                    return parent
        found = source_root(located(path, folder))
        while found not in ("", ".", "..", "/", "//") and found not in self.folders:
            found = posixpath.dirname(found)
        return found if found in self.folders and found not in (".", folder) else None

    def _beside(self, path: str, folder: str) -> str | None:
        """The archive itself, if sources lie below the folder that it is built in."""
        found = located(path, folder)
        above = source_root(found)
        prefix = "" if above == "." else above + "/"
        return found if any(each.startswith(prefix) for each in self.project.files) and above != "." else None


def located(path: str, folder: str) -> str:
    """A path of the configuration relative to the project: one that is relative starts where Terraform runs, which is
    taken to be the folder of the root module."""
    path = path.strip().replace("\\", "/")
    if path.startswith(PROJECT):
        return posixpath.normpath(path.removeprefix(PROJECT).lstrip("/") or ".")
    return posixpath.normpath(posixpath.join(folder, path) or ".")


def _name(value: Value) -> str:
    """The name of an archive without its suffix, where that is known."""
    text = value.text if isinstance(value, Unknown) else as_text(value)
    stem, suffix = posixpath.splitext(posixpath.basename(text or ""))
    return stem if suffix in _SUFFIXES and HOLE not in stem else ""
