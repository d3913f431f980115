"""LMI626 version-not-published: a function on managed instances of which no version is published."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Dialect
from lmi_lint.model.finding import Finding, Severity


@function_rule("LMI626")
def version_not_published(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding; only Terraform leaves publishing to its user."""
    published = function.published is not None or "published" in function.unknown
    if function.dialect is Dialect.TERRAFORM and function.managed and not published:
        message = f"{function.name} publishes no version; only published versions run on managed instances"
        yield of_setting(function, "LMI626", "published", message, Severity.ERROR)
