"""lmi-lint: what in AWS Lambda code breaks when one execution environment serves many invocations at once.

The public API is ``run``, ``Request``, ``Report``, ``Finding``, ``Rule`` and ``__version__``. The names are loaded on
first use, so that ``import lmi_lint`` costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # ``typing`` would be looked for in the current folder first, see ``__main__``

if TYPE_CHECKING:
    from lmi_lint.checks.base import Rule as Rule
    from lmi_lint.model.finding import Finding as Finding
    from lmi_lint.pipeline.run import run as run
    from lmi_lint.request import Request as Request
    from lmi_lint.triage.model import Report as Report

__version__ = "0.1.0"

__all__ = ["Finding", "Report", "Request", "Rule", "__version__", "run"]


def __getattr__(name: str) -> object:
    homes = {
        "Finding": "lmi_lint.model.finding",
        "Report": "lmi_lint.triage.model",
        "Request": "lmi_lint.request",
        "Rule": "lmi_lint.checks.base",
        "run": "lmi_lint.pipeline.run",
    }
    if name not in homes:
        raise AttributeError(f"module 'lmi_lint' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(homes[name]), name)
    return value
