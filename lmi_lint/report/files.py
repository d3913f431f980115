"""Writing a report to a file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from lmi_lint.errors import UsageError


def write_atomically(path: Path, text: str) -> None:
    """Write a UTF-8 file whole or not at all; devices and pipes are written to as they are. UsageError."""
    try:
        target = path.resolve()
        if target.exists() and not target.is_file():
            if target.is_dir():
                raise UsageError(f"{path}: is a folder", "name a file")
            target.write_text(text, encoding="utf-8", newline="\n")
            return
        _replace(target, text)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{path}: cannot be written: {reason}", "check the folder and its permissions") from error


def _replace(target: Path, text: str) -> None:
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
