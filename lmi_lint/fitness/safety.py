"""How many invocations one environment of a function may hold today without races."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from lmi_lint.catalog.page import Page
from lmi_lint.fitness.model import Judged
from lmi_lint.model.finding import Finding, Severity
from lmi_lint.model.names import RuleId
from lmi_lint.model.verdict import Verdict

HAZARDS: Final = frozenset({"shared-state", "temp-path", "env-mutation", "process-state"})
"""Categories of rules whose hazard is one between invocations that run at once."""
_CONNECTIONS: Final = frozenset({RuleId("LMI302"), RuleId("LMI304")})
"""A connection that invocations share, or a pool that one of them closes."""
_ADDS_UP: Final = RuleId("LMI107")
"""Memory that only grows does so with one invocation at a time, too."""


class Safety(Struct, frozen=True):
    """``concurrency``: invocations at once that are safe today, None for any number; ``known``: whether the code could
    be judged at all; ``rules``: those whose findings limit it."""

    concurrency: int | None
    known: bool
    rules: tuple[RuleId, ...] = ()


def safety(judged: Judged, pages: Mapping[RuleId, Page]) -> Safety:
    """One at a time where a finding says that invocations at once disturb each other, however few there are."""
    single = judged.function.max_concurrency == 1  # triage has made notes of them then
    least = Severity.NOTE if single else Severity.WARNING
    rules = dict.fromkeys(
        each.rule for each in judged.findings if each.severity.rank >= least.rank and _between(each, pages)
    )
    if rules:
        return Safety(1, known=True, rules=tuple(rules))
    return Safety(None, known=judged.verdict is not Verdict.NOT_ANALYSED)


def _between(finding: Finding, pages: Mapping[RuleId, Page]) -> bool:
    page = pages.get(finding.rule)
    if page is None or finding.rule == _ADDS_UP or page.applies.get("concurrency") == "any":
        return False
    return page.category in HAZARDS or (finding.rule in _CONNECTIONS and finding.severity is Severity.ERROR)
