"""LMI606 architecture-mismatch: a function built for another processor than its capacity provider has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.model.finding import Finding, Location, Severity

_DEFAULT: Final = "x86_64"
"""Of functions and of providers alike (API reference, ``Architectures``)."""


@function_rule("LMI606")
def architecture_mismatch(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding where both sides are known."""
    if provider is None or "architecture" in function.unknown or "architectures" in provider.unknown:
        return
    offered = provider.architectures or (_DEFAULT,)
    wanted = function.architecture or _DEFAULT
    if len(offered) != 1 or wanted in offered:
        return
    said = "is built for" if function.architecture else "says nothing and so is built for"
    message = f"{function.name} {said} {wanted}; its capacity provider {provider.name} has {offered[0]}"
    at = dict(provider.locations).get("architectures") or provider.location
    related = (Location(at.path, at.span, f"{provider.name}: {offered[0]}"),)
    yield of_setting(function, "LMI606", "architecture", message, Severity.ERROR, related=related)
