"""LMI625 timeout-above-limit: a longer timeout than managed instances take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.model.finding import Finding, Severity

_MAXIMUM_S: Final = 5400
_SYNCHRONOUS_S: Final = 900
"""API reference, ``Timeout``; above 900 s for asynchronous and polled invocations on managed instances only."""


@function_rule("LMI625")
def timeout_above_limit(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the timeout: an error where the API refuses it."""
    timeout = function.timeout_s
    if timeout is None or timeout <= _SYNCHRONOUS_S:
        return
    if timeout > _MAXIMUM_S:
        message = f"{function.name} sets a timeout of {timeout} s; managed instances take at most {_MAXIMUM_S} s"
        yield of_setting(function, "LMI625", "timeout_s", message, Severity.ERROR)
        return
    waiting = next((event for event in function.events if event.kind == "http"), None)
    if waiting is not None:
        message = (
            f"{function.name} sets a timeout of {timeout} s and is called over HTTP; more than "
            f"{_SYNCHRONOUS_S} s are for "
            "asynchronous invocations and event source mappings"
        )
        yield of_setting(function, "LMI625", "timeout_s", message, Severity.NOTE)
