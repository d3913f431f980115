"""List the files below a folder: by git where there is a work tree, else by walking with ``.gitignore``."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from lmi_lint.discover.assembly import assembly_files
from lmi_lint.discover.ignoring import MAX_PATTERNS, KnownPatterns, Patterns
from lmi_lint.errors import ConfigError
from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.source import Span

_GIT_TIMEOUT_S = 60
_GIT = (
    "-c", "core.fsmonitor=false",
    "-c", "core.untrackedCache=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "safe.bareRepository=explicit",
    "ls-files", "-z", "-c", "-o", "--exclude-standard",
)  # fmt: skip
_MAX_IGNORE_BYTES = 1 << 20
MAX_DEPTH = 100
"""Folders within folders that are entered where git does not list them."""
_NEVER_ENTERED = frozenset({".git", ".hg", ".svn"})
# Entered neither by us nor, when ignored, by git: too large to list for nothing.
_PRUNED = frozenset({"node_modules", ".venv", "__pycache__", ".mypy_cache", ".pytest_cache", ".tox", ".nox"})


_Patterns: TypeAlias = tuple[tuple[str, Patterns], ...]
"""Folders, each with what its ``.gitignore`` says."""


class Listing(Struct, frozen=True):
    """Regular files below a root, POSIX paths relative to it, sorted; symbolic links that stay inside it; and which
    bounds were reached."""

    files: tuple[str, ...]
    aliases: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...] = ()


def list_files(root: Path, exclude: Iterable[str] = ()) -> Listing:
    """All files below ``root`` (an absolute, resolved folder) that are not ignored, nor match ``exclude``; of ignored
    ones the templates that the CDK synthesised.

    Links are never followed: one that stays inside is kept as an alias, one that leaves is dropped. ConfigError if a
    pattern of ``exclude`` is none.
    """
    problems: list[Problem] = []
    files: set[str] = set()
    aliases: dict[str, str] = {}
    paths = _by_git(root)
    if not paths:  # no work tree, or one that ignores this folder as a whole
        paths = _by_walk(root, "", files, problems)
    for path in paths:
        _sort_in(root, path, files, aliases, problems)
    files.update(assembly_files(root, files))
    lines = tuple(exclude)
    if lines:
        unwanted = Patterns(lines)
        if unwanted.left_out:
            what = f"key 'exclude': {unwanted.left_out[0]!r} is no pattern"
            raise ConfigError(what, "patterns are those of .gitignore, with few **")
        files = {path for path in files if not unwanted.verdict(path)}
    return Listing(tuple(sorted(files)), tuple(sorted(aliases.items())), tuple(problems))


def _sort_in(root: Path, path: str, files: set[str], aliases: dict[str, str], problems: list[Problem]) -> None:
    """Add a listed path to the files or the aliases, or drop it."""
    full = f"{root}/{path}"
    try:
        mode = os.lstat(full).st_mode
        if stat.S_ISREG(mode):
            files.add(path)
        elif stat.S_ISLNK(mode):
            target = Path(full).resolve(strict=True)
            if target.is_relative_to(root):
                aliases[path] = target.relative_to(root).as_posix()
        elif stat.S_ISDIR(mode):  # git names a submodule or a nested repository, not what is in it
            for inner in _by_walk(root, path.rstrip("/") + "/", files, problems):
                _sort_in(root, inner, files, aliases, problems)
    except (OSError, ValueError, RuntimeError):  # gone meanwhile, or a loop of links
        return


def _by_git(root: Path) -> list[str]:
    """What git lists below ``root``; empty if git is missing, fails, or knows no work tree here."""
    if not any(os.path.lexists(folder / ".git") for folder in (root, *root.parents)):
        return []
    import subprocess

    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    # What a partial clone lacks would be fetched by programs that its own configuration names.
    environment |= {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
    git = _executable(root)
    if git is None:
        return []
    try:
        done = subprocess.run(  # noqa: S603  fixed arguments, no shell
            (git, *_GIT), cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=_GIT_TIMEOUT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return []
    if done.returncode != 0:
        return []
    names = {os.fsdecode(name) for name in done.stdout.split(b"\0") if name}
    return [name for name in names if _usable(name)]


def _executable(root: Path) -> str | None:
    """Where git is; None if it is not installed. Windows would look in the current folder first, a path with ``.`` in
    it does: what lies in the project is not ours to run."""
    name = "git.exe" if os.name == "nt" else "git"
    for folder in filter(os.path.isabs, os.get_exec_path()):
        found = os.path.join(folder, name)  # noqa: PTH118  a folder may be given as bytes that are no text
        if os.access(found, os.X_OK) and not Path(found).resolve().is_relative_to(root):
            return found
    return None


def _by_walk(root: Path, start: str, files: set[str], problems: list[Problem]) -> list[str]:
    """Add the regular files below ``root``/``start`` (empty or ending in ``/``) to ``files``, nested ``.gitignore``
    files honoured; what else is there, such as links."""
    found: list[str] = []
    known = KnownPatterns()
    pending: list[tuple[str, _Patterns]] = [(start, ())]
    while pending:
        folder, patterns = pending.pop()
        try:
            with os.scandir(f"{root}/{folder}") as listing:
                entries = list(listing)
        except OSError:
            continue
        if ".gitignore" in [entry.name for entry in entries]:
            patterns = _with_patterns(root, folder, patterns, problems, known)
        for entry in entries:
            path = folder + entry.name
            directory = entry.is_dir(follow_symlinks=False)
            if not (entry.name.isascii() or _usable(path)) or _ignored(path + "/" if directory else path, patterns):
                continue
            if not directory:
                files.add(path) if entry.is_file(follow_symlinks=False) else found.append(path)
            elif path.count("/") >= MAX_DEPTH:
                problems.append(_limit(path, f"nested more than {MAX_DEPTH} folders deep: not entered"))
            elif entry.name not in _NEVER_ENTERED and entry.name not in _PRUNED:
                pending.append((path + "/", patterns))
    return found


def _with_patterns(
    root: Path, folder: str, above: _Patterns, problems: list[Problem], known: KnownPatterns
) -> _Patterns:
    """``above`` with the patterns of a folder that has a ``.gitignore``; like git's, it is no link."""
    path = f"{folder}.gitignore"
    try:
        if not stat.S_ISREG(os.lstat(f"{root}/{path}").st_mode):
            return above
        with Path(root, path).open("rb") as stream:
            lines = stream.read(_MAX_IGNORE_BYTES).decode("utf-8", "replace").split("\n")
        patterns = known.of(lines[:MAX_PATTERNS])
        if len(lines) > MAX_PATTERNS or any("*" in line for line in patterns.left_out):
            problems.append(_limit(path, "patterns that are too many or too costly to match are left out"))
        return (*above, (folder, patterns))
    except (OSError, ValueError):
        return above


def _limit(path: str, message: str) -> Problem:
    return Problem("limit", message, Location(path, Span(0, 0)))


def _ignored(path: str, patterns: _Patterns) -> bool:
    """Whether the nearest ``.gitignore`` that has an opinion ignores the path."""
    for folder, each in reversed(patterns):
        verdict = each.verdict(path[len(folder) :])
        if verdict is not None:
            return verdict
    return False


def _usable(path: str) -> bool:
    """Whether a listed name can be reported: inside the root and plain Unicode."""
    if path.startswith("/") or ".." in path.split("/") or (os.sep != "/" and os.sep in path):
        return False
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return posixpath.normpath(path) == path.rstrip("/")
