"""Handlers that monitoring agents and frameworks put before the real one."""

from __future__ import annotations

from lmi_lint.deploy.frameworks import FRAMEWORKS
from lmi_lint.deploy.model import DeployedFunction

_WRAPPERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("datadog", ("DD_LAMBDA_HANDLER",)),
    ("newrelic", ("NEW_RELIC_LAMBDA_HANDLER",)),
    ("lumigo", ("LUMIGO_ORIGINAL_HANDLER",)),
    *((framework.part, framework.variables) for framework in FRAMEWORKS),
    ("org.springframework.", ("FUNCTION_NAME", "MAIN_CLASS")),
)  # fmt: skip
"""A part of the wrapper's handler string → variables that may name the real handler, first set one counts."""


def unwrapped(function: DeployedFunction) -> tuple[str | None, str | None]:
    """The handler string that counts and, if a wrapper's variable gave it, that variable's name."""
    handler = function.handler
    if handler is None:
        return None, None
    variables = {name.upper(): value for name, value in function.environment}
    for part, names in _WRAPPERS:
        if part.lower() in handler.lower():
            for name in names:
                value = variables.get(name)
                if value and value.strip():
                    return value.strip(), name
    return handler.strip() or None, None
