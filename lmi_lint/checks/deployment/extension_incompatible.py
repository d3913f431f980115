"""LMI629 extension-incompatible: a layer with an extension that does not work on managed instances."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.knowledge.layers import layers, name_and_version
from lmi_lint.model.finding import Finding, Severity


@function_rule("LMI629")
def extension_incompatible(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding per layer that is older than its vendor asks for."""
    versions = [each for each in map(name_and_version, function.layers) if each is not None]
    known = layers() if versions else {}
    for name, version in versions:
        entry = known.get(name)
        if entry is not None and version < entry.since:
            message = (
                f"{function.name} has version {version} of {entry.what}; "
                f"version {entry.since} is the first that works on managed instances"
            )
            yield of_setting(function, "LMI629", "layers", message, Severity.WARNING, reasons=(entry.source,))
