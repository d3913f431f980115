"""``python -m lmi_lint``."""

from __future__ import annotations

from lmi_lint.cli import main

if __name__ == "__main__":
    main()
