"""Discovery: from the paths a user names to the files of a project."""

from __future__ import annotations

import os
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from lmi_lint.discover.classify import VENDORED, Tells, classify
from lmi_lint.discover.listing import list_files
from lmi_lint.discover.manifests import INSTALLED, is_manifest
from lmi_lint.discover.project import Project, language_of
from lmi_lint.errors import UsageError
from lmi_lint.model.names import OTHER_SUFFIXES
from lmi_lint.settings import Settings

__all__ = ["Project", "discover", "find_root"]

_MANIFESTS = frozenset(
    [
        "template.yaml",
        "template.yml",
        "template.json",
        "serverless.yml",
        "serverless.yaml",
        "serverless.json",
        "package.json",
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "pyproject.toml",
        "lmi-lint.toml",
    ]
)
_CONFIG_SUFFIXES = (".yaml", ".yml", ".json", ".toml", ".template", ".csproj", ".gradle", ".kts", ".tf", ".tfvars")
_CONFIG_NAMES = frozenset({"pom.xml", "serverless.ts", "serverless.js"})
_NO_CONFIG = re.compile(
    r"(?:^|/)(?:package-lock|npm-shrinkwrap|composer\.lock|\.eslintrc|\.prettierrc|renovate)\.json$"
    r"|(?:^|/)(?:pnpm-lock|mkdocs|\.pre-commit-config)\.ya?ml$"
    rf"|(?:^|/)(?:{INSTALLED}|\.github)/"
)


def find_root(paths: Sequence[Path]) -> Path:
    """The project root that some paths mean, absolute and resolved. UsageError if one does not exist.

    One folder is the root itself; files have the nearest folder above that holds ``.git``, else the nearest that holds
    a template or build file, else their own; several paths the root of what they have in common.
    """
    full = [_resolved(path) for path in paths] or [Path.cwd().resolve()]
    if len(full) == 1 and full[0].is_dir():
        return full[0]
    folders = [path if path.is_dir() else path.parent for path in full]
    common = Path(os.path.commonpath(folders))
    if any(path.is_dir() for path in full):
        return common
    for folder in (common, *common.parents):
        if (folder / ".git").exists():
            return folder
    for folder in (common, *common.parents):
        if _holds_manifest(folder):
            return folder
    return common


def discover(
    paths: Sequence[Path],
    settings: Settings,
    root: Path | None = None,
    telling: Callable[[Project], Tells] | None = None,
) -> Project:
    """List and sort the files of the project that ``paths`` belong to. ``root`` overrides ``find_root``. ``telling``:
    who remembers what is found in files, for a project of which nothing but the root is known yet.

    UsageError if a path does not exist, lies outside the root, or is a file of no known language.
    """
    full = [_resolved(path) for path in paths] or [Path.cwd().resolve()]
    root = find_root(paths) if root is None else _resolved(root)
    listing = list_files(root, settings.exclude)
    explicit = frozenset(_relative(path, root) for path in full if not path.is_dir())
    listed = frozenset(listing.files) | explicit
    ordered = sorted(listed)
    sources = [path for path in ordered if language_of(path) is not None]
    lookup = Project(root, ())
    tells = telling(lookup) if telling is not None else lambda path, _, find: find(lookup.peek(path))
    reasons = classify(sources, listed, explicit, lookup.peek, tells)
    files = tuple(path for path in sources if path not in reasons)
    return Project(
        root=root,
        files=files,
        configs=tuple(path for path in ordered if _is_config(path)),
        manifests=tuple(path for path in ordered if is_manifest(path)),
        focus=_focus(full, root, sources),
        skipped=tuple(sorted(Counter(reasons.values()).items())),
        skipped_files=tuple(sorted((path, why) for path, why in reasons.items() if why != VENDORED)),
        all_sources=frozenset(path for path in sources if reasons.get(path) != VENDORED),
        aliases=listing.aliases,
        problems=listing.problems,
        other_sources=tuple(
            (path, language)
            for path in ordered
            if (language := OTHER_SUFFIXES.get(posixpath.splitext(path)[1])) is not None
        ),
    )


def _focus(full: list[Path], root: Path, sources: list[str]) -> frozenset[str] | None:
    """The source files that the user asked about, or None for all."""
    if full == [root]:
        return None
    wanted: set[str] = set()
    for path in full:
        relative = _relative(path, root)
        if relative == ".":
            return None
        if path.is_dir():
            wanted.update(source for source in sources if source.startswith(relative + "/"))
        elif language_of(relative) is None and not (_is_config(relative) or is_manifest(relative)):
            raise UsageError(f"{path}: not a source file that lmi-lint knows", "name a folder, or a source file")
        else:
            wanted.add(relative)
    return frozenset(wanted)


def _is_config(path: str) -> bool:
    """Whether later stages may want to open a file as configuration."""
    if not (path.lower().endswith(_CONFIG_SUFFIXES) or path.rpartition("/")[2] in _CONFIG_NAMES):
        return False
    return not _NO_CONFIG.search(path)


def _holds_manifest(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entry.name in _MANIFESTS or entry.name.endswith((".csproj", ".sln")) for entry in entries)
    except OSError:
        return False


def _resolved(path: Path) -> Path:
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be followed"
        raise UsageError(f"{path}: {reason}", "check the spelling of the path") from error


def _relative(path: Path, root: Path) -> str:
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        raise UsageError(f"{path}: lies outside the project root {root}") from None
