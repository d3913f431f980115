"""The entry point of the command: an interrupt is understood from here on, before anything else is imported."""

from __future__ import annotations

import gc
import sys

TYPE_CHECKING = False  # ``typing`` is slow to import

if TYPE_CHECKING:
    from typing import NoReturn

_INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command line and exit: ``lmi_lint.cli`` says with which codes."""
    gc.disable()  # what is made here stays to the end; where there is garbage, it is looked for
    try:
        from lmi_lint.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
