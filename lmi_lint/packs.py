"""Packs: folders of rule pages (``catalog``) and of knowledge (``knowledge/<family>``), which are data and never code.

Our own rules are one. A project names others in its settings, a caller in its request, and installed distributions
register theirs (``installed.py``). A pack of a project comes with the code under analysis: nothing in it may lead
out of the project, and what it may cost is bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from lmi_lint.errors import PackError
from lmi_lint.settings import Settings, tree_of

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

CATALOG: Final = "catalog"
KNOWLEDGE: Final = "knowledge"
FAMILIES: Final = ("python", "javascript", "java", "csharp", "shell", "events")
"""Folders of ``knowledge`` that packs may have."""
MAX_FILES: Final = 500
"""Files of one folder of a pack."""
MAX_BYTES: Final = 200_000
"""Of one file of a pack (our largest has 17,000)."""
MAX_PACK_BYTES: Final = 5_000_000
"""Of all files of a pack (ours have 750,000)."""
MAX_PACKS: Final = 20
"""That settings name."""

_SHAPE: Final = f"a pack holds {CATALOG}/ with pages or {KNOWLEDGE}/<family>/ with TOML, or both"


class Pack(Struct, frozen=True):
    """A folder of pages and knowledge. ``name``: what people call it, in messages."""

    name: str
    root: Traversable


def rules_root() -> Traversable:
    """The folder with our own ``catalog`` and ``knowledge``: in the installed package, or beside it in a checkout."""
    packaged = Path(__file__).with_name("_rules")
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[1] / "rules"


def in_force(settings: Settings, root: Path, more: Sequence[Path] = ()) -> tuple[Pack, ...]:
    """Our own pack, those that are installed, those of a project's settings, and ``more`` that a caller names. One that
    is named twice counts once. PackError."""
    from lmi_lint.installed import installed_packs

    tree = tree_of(root)
    if len(settings.packs) > MAX_PACKS:
        raise PackError(f"packs: {len(settings.packs)} folders, more than {MAX_PACKS}", "join some of them")
    named = [*(pack_at(path, tree) for path in settings.packs), *(pack_at(path) for path in more)]
    found = [Pack("lmi-lint", rules_root()), *installed_packs(), *named]
    return tuple({Path(str(pack.root)).resolve(): pack for pack in found}.values())


def pack_at(folder: Path, tree: Path | None = None) -> Pack:
    """The pack in a folder. PackError if it is none, is too large, or leads out of ``tree`` (None: it may)."""
    name = str(folder)
    try:
        if tree is not None:
            _hold(folder, tree)
        if not folder.exists():
            raise PackError(f"{name}: there is no such pack", "check its name; settings name it relative to their file")
        if not folder.is_dir():
            raise PackError(f"{name}: a pack is a folder, and this is none", _SHAPE)
        parts = [folder / CATALOG, *_families(folder / KNOWLEDGE)]
        if not any(part.is_dir() for part in parts):
            raise PackError(f"{name}: no pack: neither {CATALOG}/ nor {KNOWLEDGE}/ is in it", _SHAPE)
        if sum(_inspect(part, tree) for part in parts) > MAX_PACK_BYTES:
            raise PackError(f"{name}: larger than {MAX_PACK_BYTES:,} bytes", "keep what is needed")
    except (OSError, RuntimeError, ValueError) as error:  # a circle of links, a NUL
        raise PackError(f"{name}: cannot be read: {error}", "check that the folder is readable") from error
    return Pack(name, folder)


def _families(folder: Path) -> list[Path]:
    """The folders of knowledge. PackError for what stands beside them."""
    if not folder.exists():
        return []
    if not folder.is_dir():
        raise PackError(f"{folder}: is no folder", _SHAPE)
    found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    for path in found:
        if path.name not in FAMILIES or not path.is_dir():
            raise PackError(f"{path}: no folder of knowledge", f"the folders are {', '.join(FAMILIES)}")
    return found


def _inspect(folder: Path, tree: Path | None) -> int:
    """The bytes of the files of one folder. PackError for a bound that it breaks."""
    if not folder.exists():
        return 0
    size = 0
    files = sorted(folder.iterdir())
    if len(files) > MAX_FILES:
        raise PackError(f"{folder}: more than {MAX_FILES} files", "join some of them")
    for path in files:
        if tree is not None:
            _hold(path, tree)
        if path.suffix not in (".md", ".toml"):
            continue
        if not path.is_file():
            raise PackError(f"{path}: is no file", "give it another name, or remove it")
        size += path.stat().st_size
        if path.stat().st_size > MAX_BYTES:
            raise PackError(f"{path}: larger than {MAX_BYTES:,} bytes", "divide it")
    return size


def _hold(path: Path, tree: Path) -> None:
    """PackError if a path leads out of the tree, as written or by a link."""
    if not path.resolve().is_relative_to(tree.resolve()):
        raise PackError(f"{path}: leads out of {tree}", "a pack of a project stands in the project; else use --pack")


def files_of(root: Traversable, *folders: str, suffix: str) -> list[Traversable]:
    """The files of a folder of a pack with that suffix, by name; none if there is no such folder. PackError."""
    folder = root.joinpath(*folders)
    try:
        if not folder.is_dir():
            return []
        return sorted((path for path in folder.iterdir() if path.name.endswith(suffix)), key=lambda path: path.name)
    except OSError as error:
        raise PackError(f"{folder}: cannot be listed: {error}", "check that the folder is readable") from error


def content_of(path: Traversable) -> bytes:
    """The content of a file of a pack. PackError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise PackError(f"{path}: cannot be read: {error.strerror or error}", "check that it is readable") from error
