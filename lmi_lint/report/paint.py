"""Colours, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lmi_lint.model.finding import Severity
from lmi_lint.model.verdict import Verdict

if TYPE_CHECKING:
    from lmi_lint.fitness.model import Fit

_SEVERITIES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_VERDICTS = {Verdict.BLOCKED: "red", Verdict.NEEDS_WORK: "yellow", Verdict.READY: "green"}

_FITS = {"MOVE": "green", "MEND_FIRST": "yellow", "CANNOT": "red"}


class Paint:
    """Wraps text in ANSI escapes if ``color``, else leaves it as it is."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def bold(self, text: str) -> str:
        """Names."""
        return self._style(text, bold=True)

    def dim(self, text: str) -> str:
        """What is beside the point."""
        return self._style(text, dim=True)

    def severity(self, severity: Severity) -> str:
        """A severity's word."""
        return self._style(severity.value, fg=_SEVERITIES[severity], bold=True)

    def verdict(self, verdict: Verdict, text: str) -> str:
        """A verdict's words."""
        return self._style(text, fg=_VERDICTS.get(verdict))

    def fit(self, fit: Fit, text: str) -> str:
        """Words of a fit."""
        return self._style(text, fg=_FITS.get(fit.name))

    def mark(self, text: str, *, primary: bool) -> str:
        """Marks under a source line."""
        return self._style(text, fg="red" if primary else "blue")

    def _style(self, text: str, **how: Any) -> str:
        if not self._color or not text:
            return text
        import click

        return click.style(text, **how)
