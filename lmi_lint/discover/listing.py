"""List the files below a folder: by git where there is a work tree, else by walking with ``.gitignore``."""

from __future__ import annotations

import os
import posixpath
import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.discover.assembly import assembly_files
from lmi_lint.errors import ConfigError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_GIT_TIMEOUT_S = 60
_GIT = (
    "git",
    "-c", "core.fsmonitor=false",
    "-c", "core.untrackedCache=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "safe.bareRepository=explicit",
    "ls-files", "-z", "-c", "-o", "--exclude-standard",
)  # fmt: skip
_NEVER_ENTERED = frozenset({".git", ".hg", ".svn"})
# Entered neither by us nor, when ignored, by git: too large to list for nothing.
_PRUNED = frozenset({"node_modules", ".venv", "__pycache__", ".mypy_cache", ".pytest_cache", ".tox", ".nox"})


class Listing(Struct, frozen=True):
    """Regular files below a root, POSIX paths relative to it, sorted; and symbolic links that stay inside it."""

    files: tuple[str, ...]
    aliases: tuple[tuple[str, str], ...]


def list_files(root: Path, exclude: Iterable[str] = ()) -> Listing:
    """All files below ``root`` (an absolute, resolved folder) that are not ignored, nor match ``exclude``; of ignored
    ones the templates that the CDK synthesised.

    Links are never followed: one that stays inside is kept as an alias, one that leaves is dropped. ConfigError if a
    pattern of ``exclude`` is none.
    """
    paths = _by_git(root)
    if not paths:  # no work tree, or one that ignores this folder as a whole
        paths = _by_walk(root, "")
    files: set[str] = set()
    aliases: dict[str, str] = {}
    for path in paths:
        _sort_in(root, path, files, aliases)
    files.update(assembly_files(root, files))
    patterns = tuple(exclude)
    if patterns:
        wrong = next((pattern for pattern in patterns if not _is_valid(pattern)), None)
        if wrong is not None:
            raise ConfigError(f"key 'exclude': {wrong!r} is no pattern", "patterns are those of .gitignore")
        unwanted = _spec(patterns)
        files = {path for path in files if not unwanted.match_file(path)}
    return Listing(tuple(sorted(files)), tuple(sorted(aliases.items())))


def _sort_in(root: Path, path: str, files: set[str], aliases: dict[str, str]) -> None:
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
            for inner in _by_walk(root, path.rstrip("/") + "/"):
                _sort_in(root, inner, files, aliases)
    except (OSError, ValueError, RuntimeError):  # gone meanwhile, or a loop of links
        return


def _by_git(root: Path) -> list[str]:
    """What git lists below ``root``; empty if git is missing, fails, or knows no work tree here."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603  fixed arguments, no shell
            _GIT, cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=_GIT_TIMEOUT_S,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return []
    if done.returncode != 0:
        return []
    names = {os.fsdecode(name) for name in done.stdout.split(b"\0") if name}
    return [name for name in names if _usable(name)]


def _by_walk(root: Path, start: str) -> list[str]:
    """Files and links below ``root``/``start`` (empty or ending in ``/``), nested ``.gitignore`` files honoured."""
    found: list[str] = []
    pending: list[tuple[str, tuple[tuple[str, GitIgnoreSpec], ...]]] = [(start, ())]
    while pending:
        folder, specs = pending.pop()
        try:
            with os.scandir(f"{root}/{folder}") as listing:
                entries = list(listing)
        except OSError:
            continue
        if any(entry.name == ".gitignore" for entry in entries):
            specs = _with_spec(root, folder, specs)
        for entry in entries:
            path = folder + entry.name
            directory = entry.is_dir(follow_symlinks=False)
            if not _usable(path) or _ignored(path + "/" if directory else path, specs):
                continue
            if not directory:
                found.append(path)
            elif entry.name not in _NEVER_ENTERED and entry.name not in _PRUNED:
                pending.append((path + "/", specs))
    return found


def _with_spec(
    root: Path, folder: str, specs: tuple[tuple[str, GitIgnoreSpec], ...]
) -> tuple[tuple[str, GitIgnoreSpec], ...]:
    try:
        text = Path(root, folder, ".gitignore").read_text("utf-8", "replace")
        return (*specs, (folder, _spec(line for line in text.split("\n") if _is_valid(line))))
    except (OSError, ValueError):
        return specs


def _spec(lines: Iterable[str]) -> GitIgnoreSpec:
    """Compiled patterns. The library is imported here: a run in a git work tree does without it."""
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines)


def _is_valid(pattern: str) -> bool:
    try:
        _spec((pattern,))
    except ValueError:
        return False
    return True


def _ignored(path: str, specs: tuple[tuple[str, GitIgnoreSpec], ...]) -> bool:
    """Whether the nearest ``.gitignore`` that has an opinion ignores the path."""
    for folder, spec in reversed(specs):
        verdict = spec.check_file(path[len(folder) :]).include
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
