"""Errors meant for a user: one line that says what, where and how to mend it."""

from __future__ import annotations


class LmiLintError(Exception):
    """Base of all errors that end a run with exit code 2. ``hint`` says how to mend it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(LmiLintError):
    """Wrong arguments or paths."""


class ConfigError(LmiLintError):
    """A settings file that cannot be used."""


class PackError(LmiLintError):
    """A rule page or knowledge file that cannot be used; the message names file and line."""


class InternalRuleError(LmiLintError):
    """A rule failed on a program; the findings of other rules stand."""
