"""What triage is told beside the findings."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from lmi_lint.catalog.page import Page
from lmi_lint.model.names import RuleId
from lmi_lint.settings import Settings


class Options(Struct, frozen=True):
    """``settings``: the effective ones. ``pages``: every rule there is. ``ran``: rules that were run (None: all that
    the settings select); only their suppressions can be unused. ``focus``: show findings of these files only, None
    for all.
    """

    settings: Settings = Settings()
    pages: Mapping[RuleId, Page] = {}
    ran: frozenset[RuleId] | None = None
    focus: frozenset[str] | None = None
    pedantic: bool = False
    only_managed: bool = False

    @property
    def active(self) -> frozenset[RuleId]:
        """The rules that were run and are selected."""
        return frozenset(
            rule for rule in self.pages if selected(rule, self.settings) and (self.ran is None or rule in self.ran)
        )


def selected(rule: str, settings: Settings) -> bool:
    """Whether the settings want a rule: of ``select`` and ``ignore`` the longer prefix wins, among equals ``ignore``.
    An empty ``select`` means all rules.
    """
    wanted = max((len(prefix) for prefix in settings.select or ("",) if rule.startswith(prefix)), default=-1)
    unwanted = max((len(prefix) for prefix in settings.ignore if rule.startswith(prefix)), default=-1)
    return wanted > unwanted
