"""LMI502 unsupported-extension: an extension of the project that asks for what managed instances do not give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lmi_lint.checks.base import Packages, dependency_rule
from lmi_lint.checks.plain import here, plain_finding
from lmi_lint.dependencies.model import Asks
from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.model.finding import Finding, Severity

_SAID: Final = {
    Asks.INVOKE: (
        "this extension registers for INVOKE, which managed instances refuse",
        "Register for SHUTDOWN alone where AWS_LAMBDA_INITIALIZATION_TYPE is lambda-managed-instances",
        "many invocations run at once, so extensions hear of none; one that fails over it takes the environment along",
    ),
    Asks.LOGS: (
        "this extension subscribes to the Logs API, which managed instances do not have",
        "Subscribe to the Telemetry API, schema version 2025-01-29",
        "only the Telemetry API delivers logs there",
    ),
}


@dependency_rule("LMI502")
def unsupported_extension(function: DeployedFunction, packages: Packages) -> Iterator[Finding]:
    """One finding per file and thing that is asked for."""
    for extension in packages.extensions:
        message, remedy, why = _SAID[extension.asks]
        place, what = here(extension.location), extension.asks.value
        yield plain_finding(
            "LMI502", message, Severity.WARNING, place, what, (function.key,), reasons=(why,), remedy=remedy
        )
