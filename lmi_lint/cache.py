"""What is kept between runs: data by the content that it was made of.

A cache is a convenience. Whatever is wrong with it (damaged, foreign, read-only, written by two runs at once) is a
miss, never an error. It hands out bytes with a checksum; the caller decodes them to a type, so nothing in it is run.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from lmi_lint import __version__

_T = TypeVar("_T")
_DAY: Final = 86_400
_UNUSED_DAYS: Final = 30
"""Entries that were not used for so long are removed, at most once a day."""


class Cache:
    """Entries in a folder, or nowhere (``folder`` None: every look-up misses, nothing is kept)."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder / _build() if folder is not None else None
        self._root = folder

    @property
    def keeps(self) -> bool:
        """Whether there is a folder."""
        return self._folder is not None

    def get(self, kind: str, key: str, decode: Callable[[bytes], _T]) -> _T | None:
        """What was kept under a key. ``decode`` may raise ``msgspec.MsgspecError``: a miss."""
        if self._folder is None:
            return None
        path = self._path(self._folder, kind, key)
        try:
            data = path.read_bytes()
            payload = data[_SUM:]
            if data[:_SUM] != short_digest(kind, key, payload):
                return None
            value = decode(payload)
            if time.time() - path.stat().st_mtime > _DAY:
                os.utime(path)
        except (OSError, msgspec.MsgspecError):
            return None
        return value

    def has(self, kind: str, key: str) -> bool:
        """Whether something is kept under a key, sound or not."""
        return self._folder is not None and self._path(self._folder, kind, key).exists()

    def put(self, kind: str, key: str, payload: bytes) -> None:
        """Keep bytes under a key, whole or not at all."""
        if self._folder is None:
            return
        import tempfile

        path = self._path(self._folder, kind, key)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(short_digest(kind, key, payload) + payload)
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise

    def tidy(self) -> None:
        """Remove what nobody used for long, other versions' entries too; does nothing if it did so within a day."""
        if self._root is None:
            return
        with suppress(OSError):
            marker = self._root / "tidied"
            now = time.time()
            if marker.exists() and now - marker.stat().st_mtime < _DAY:
                return
            marker.touch()
            for path in self._root.rglob("*"):
                if path.is_file() and path != marker and now - path.stat().st_mtime > _UNUSED_DAYS * _DAY:
                    path.unlink(missing_ok=True)

    @staticmethod
    def _path(folder: Path, kind: str, key: str) -> Path:
        return folder / kind / key[:2] / key[2:]


NO_CACHE: Final = Cache(None)


def user_folder() -> Path | None:
    """The folder for this tool's cache: ``LMI_LINT_CACHE_DIR``, else where the system keeps caches; None if there is no
    home folder."""
    named = os.environ.get("LMI_LINT_CACHE_DIR")
    if named:
        return Path(named)
    try:
        if sys.platform == "win32":
            base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Caches"
        else:
            base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None
    return base / "lmi-lint"


def digest(*parts: str | bytes) -> str:
    """A key of texts and bytes: 64 hex digits."""
    return _digest(parts).hex()


def short_digest(*parts: str | bytes) -> bytes:
    """The first half of ``digest`` as 16 bytes: what tells contents apart where many are kept."""
    return _digest(parts)[:_SUM]


def _digest(parts: tuple[str | bytes, ...]) -> bytes:
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "big"))
        whole.update(data)
    return whole.digest()


_SUM: Final = 16


def _build() -> str:
    """What made the entries: the version, and in a checkout the state of the code."""
    package = Path(__file__).parent
    if (package / "_rules").is_dir():
        return __version__
    return f"{__version__}-{digest(*sorted(_stamps(str(package))))[:16]}"


def _stamps(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                stat = entry.stat()
                yield f"{entry.path}:{stat.st_mtime_ns}:{stat.st_size}"
            elif "." not in entry.name and entry.name != "__pycache__" and entry.is_dir():
                yield from _stamps(entry.path)
