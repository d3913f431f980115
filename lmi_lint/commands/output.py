"""What commands say: reports, warnings, errors."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final

import click

OK: Final = 0
ERROR: Final = 2


def emit(text: str, output: Path | None, code: int = OK) -> int:
    """Write the report and hand back the exit code. A reader that went away is no error."""
    if output is not None:
        from lmi_lint.report.files import write_atomically

        write_atomically(output, text)
        return code
    _tolerant(sys.stdout)
    try:
        click.echo(text, nl=False, color=True)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at exit; give it somewhere to flush to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def complain(message: str, hint: str = "") -> int:
    """One line on standard error; the exit code of errors."""
    from lmi_lint.report.neutral import neutral

    line = f"lmi-lint: {message}" + (f" ({hint})" if hint else "")
    _tolerant(sys.stderr)
    click.echo(neutral(" ".join(line.splitlines())), err=True)
    return ERROR


def colored(choice: str, output: Path | None) -> bool:
    """Whether a report is coloured, by what ``--color`` says."""
    if choice != "auto":
        return choice == "always"
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return output is None and sys.stdout.isatty() and not plain


def _tolerant(stream: Any) -> None:
    """A terminal that cannot show a character shows an escape instead of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
