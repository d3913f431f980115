"""The files of one project and how to read them."""

from __future__ import annotations

import os
import posixpath
import stat
from functools import cached_property
from pathlib import Path, PurePosixPath

from msgspec import Struct

from lmi_lint.discover.decode import MAX_SOURCE_BYTES, Refused, decode, refusal
from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.names import SUFFIXES, Language
from lmi_lint.model.source import SourceFile, Span

MAX_CONFIG_BYTES = 10 << 20
"""Configuration files above this size are not read."""


class Project(Struct, frozen=True, dict=True):
    """What there is to analyse. All paths are relative to ``root``, POSIX, sorted.

    ``files``: source files that may hold handlers. ``all_sources``: these and the skipped ones that another file may
    still import; vendored files are in neither. ``configs``: templates and build files; ``manifests``: what says which
    packages code depends on. ``focus``: show findings of these files only; None for all. ``skipped``: reason → number
    of source files; ``skipped_files``: each such file that is not vendored with its reason. ``other_sources``: sources
    in languages without a front-end that run on a known runtime, with the name of the language. ``aliases``: symbolic
    link → what it stands for, both inside the root.
    """

    root: Path
    files: tuple[str, ...]
    configs: tuple[str, ...] = ()
    focus: frozenset[str] | None = None
    skipped: tuple[tuple[str, int], ...] = ()
    skipped_files: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()
    all_sources: frozenset[str] = frozenset()
    aliases: tuple[tuple[str, str], ...] = ()
    other_sources: tuple[tuple[str, str], ...] = ()
    manifests: tuple[str, ...] = ()

    @cached_property
    def primary(self) -> frozenset[str]:
        """``files`` as a set."""
        return frozenset(self.files)

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a source or configuration file, at any depth; the root is ``.``."""
        found = {"."}
        for path in (*self.all_sources, *self.configs):
            folder = posixpath.dirname(path)
            while folder and folder not in found:
                found.add(folder)
                folder = posixpath.dirname(folder)
        return frozenset(found)

    @cached_property
    def _links(self) -> dict[str, str]:
        return dict(self.aliases)

    def canonical(self, path: str) -> str:
        """``path`` normalised and with symbolic links inside the root followed; ``..`` above the root is kept."""
        path = posixpath.normpath(path)
        for _ in range(len(self._links)):
            parts = path.split("/")
            for count in range(1, len(parts) + 1):
                target = self._links.get("/".join(parts[:count]))
                if target is not None:
                    path = posixpath.normpath(posixpath.join(target, *parts[count:]))
                    break
            else:
                break
        return path

    def exists(self, path: str) -> bool:
        """Whether a canonical path is a source file that can be loaded (skipped ones can, vendored ones cannot)."""
        return path in self.all_sources

    def load(self, path: str) -> SourceFile | Problem:
        """Read one source file. A file that cannot or should not be analysed gives a Problem, whose kind is one of
        ``unreadable``, ``too-large``, ``binary``, ``encoding``, ``minified``, ``generated``. KeyError: unknown suffix.
        """
        return self.decoded(path, self.raw(path))

    def raw(self, path: str) -> bytes | Problem:
        """A source file's bytes as they are."""
        return self.read(path, MAX_SOURCE_BYTES)

    def decoded(self, path: str, raw: bytes | Problem) -> SourceFile | Problem:
        """What ``load`` makes of a file's bytes."""
        language = SUFFIXES[PurePosixPath(path).suffix.lower()]
        if isinstance(raw, Problem):
            return raw
        decoded = decode(raw, language)
        if isinstance(decoded, Refused):
            return problem(decoded.kind, decoded.message, path)
        refused = refusal(decoded.data)
        if refused is not None:
            return problem(refused.kind, refused.message, path)
        return SourceFile(path, decoded.data, decoded.encoding, decoded.bom, language=language)

    def read_bytes(self, path: str, limit: int = MAX_CONFIG_BYTES) -> bytes | Problem:
        """The text of a configuration file as UTF-8 without a BOM, so that spans index into it.

        The Problem's kind is ``unreadable``, ``too-large``, ``binary`` or ``encoding``.
        """
        raw = self.read(path, limit)
        if isinstance(raw, Problem):
            return raw
        decoded = decode(raw)
        return problem(decoded.kind, decoded.message, path) if isinstance(decoded, Refused) else decoded.data

    def peek(self, path: str) -> bytes:
        """A source file's bytes for cheap searches, as they are; empty if unreadable or too large."""
        raw = self.raw(path)
        return b"" if isinstance(raw, Problem) else raw

    def read(self, path: str, limit: int) -> bytes | Problem:
        """Bytes of a regular file inside the root; nothing of a project is read in another way."""
        full = f"{self.root}/{path}"  # no Path: to make one takes as long as to read the file
        try:
            if not self.leads_inside(path):
                return problem("unreadable", "the path leads out of the project", path)
            status = os.lstat(full)
            if stat.S_ISLNK(status.st_mode):
                if not Path(full).resolve().is_relative_to(self.root):
                    return problem("unreadable", "the path leads out of the project", path)
                status = os.stat(full)  # noqa: PTH116  see above
            if not stat.S_ISREG(status.st_mode):
                return problem("unreadable", "not a regular file", path)
            if status.st_size > limit:
                return problem("too-large", f"{status.st_size} bytes, the limit is {limit}", path)
            with open(full, "rb") as stream:  # noqa: PTH123  see above
                data = stream.read(limit + 1)
        except (OSError, ValueError, RuntimeError) as error:
            return problem("unreadable", getattr(error, "strerror", None) or str(error), path)
        if len(data) > limit:
            return problem("too-large", f"more than {limit} bytes", path)
        return data

    def leads_inside(self, path: str) -> bool:
        """Whether the folder of a path lies inside the root, whatever links lead there. Each is followed once."""
        folder, _, name = path.rpartition("/")
        if name in ("", ".", ".."):
            folder = path
        inside = self._folders_inside
        if folder not in inside:
            if _is_plain(folder) and not _is_link(f"{self.root}/{folder}"):
                inside[folder] = self.leads_inside(folder)
            else:
                inside[folder] = (self.root / folder).resolve().is_relative_to(self.root)
        return inside[folder]

    @cached_property
    def _folders_inside(self) -> dict[str, bool]:
        return {}


def _is_link(full: str) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(full).st_mode)
    except OSError:
        return False


def _is_plain(folder: str) -> bool:
    """Whether a folder that is no link lies in the one above it. On Windows it may lead elsewhere all the same."""
    return os.name == "posix" and folder == posixpath.normpath(folder) and not folder.startswith(("/", "."))


def problem(kind: str, message: str, path: str) -> Problem:
    """A Problem about a whole file."""
    return Problem(kind, message, Location(path, Span(0, 0)))


def language_of(path: str) -> Language | None:
    """The language of a path's suffix."""
    dot = path.rfind(".")
    return SUFFIXES.get(path[dot:].lower()) if dot > path.rfind("/") else None
