"""LMI628 event-source-unsupported: an event source mapping that managed instances do not take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import at_place, of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.model.finding import Finding, Severity

_UNSUPPORTED: Final = {"mq": "Amazon MQ", "documentdb": "Amazon DocumentDB"}
"""Those of the event source mappings that the quotas page of managed instances does not list."""


@function_rule("LMI628")
def event_source_unsupported(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding per mapping; push sources are not concerned."""
    for event in function.events:
        if event.polled and event.kind in _UNSUPPORTED:
            message = f"{function.name} is fed from {_UNSUPPORTED[event.kind]}, which managed instances do not poll"
            finding = of_setting(function, "LMI628", "events", message, Severity.WARNING)
            yield finding if event.location is None else at_place(finding, event.location)
