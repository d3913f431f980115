"""``python -m lmi_lint``.

With ``-m`` the current folder comes first where modules are looked for, and that is often the project: its modules are
not to be run in place of the interpreter's or of ours.
"""

from __future__ import annotations

import os
import sys

if not sys.flags.safe_path and sys.path[0] != os.path.dirname(os.path.dirname(__file__)):  # noqa: PTH120  imports
    del sys.path[0]

from lmi_lint.start import main

if __name__ == "__main__":
    main()
