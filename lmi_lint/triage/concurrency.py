"""What a deployed maximum concurrency of 1 does to a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from lmi_lint.catalog.page import Page
from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.model.finding import Finding, Severity
from lmi_lint.model.names import RuleId

SINGLE: Final = "safe only while the maximum concurrency is 1"
_CATEGORIES: Final = frozenset({"shared-state", "temp-path"})


def ease_single(
    findings: Sequence[Finding], functions: Sequence[DeployedFunction], pages: Mapping[RuleId, Page]
) -> list[Finding]:
    """Hazards between invocations become notes where all functions that reach them hold one invocation at a time."""
    several = {function.key for function in functions if function.max_concurrency != 1}
    single = {function.key for function in functions} - several

    def eased(finding: Finding) -> Finding:
        page = pages.get(finding.rule)
        if page is None or page.category not in _CATEGORIES or not finding.handlers or _adds_up(page):
            return finding
        if not all(key in single for key in finding.handlers):
            return finding
        message = f"{finding.message}; {SINGLE}"
        return msgspec.structs.replace(finding, severity=Severity.NOTE, message=message)

    return [eased(finding) for finding in findings]


def _adds_up(page: Page) -> bool:
    """Whether the hazard is one of many invocations in turn, not of several at once."""
    return page.applies.get("concurrency") == "any"
