"""What is believed of names, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from lmi_lint.catalog.page import Page
from lmi_lint.knowledge.told import Belief, Told
from lmi_lint.model.names import RuleId
from lmi_lint.report.knowledge_text import rules_of


def render(asked: str, told: Sequence[Told], close: Sequence[str], pages: Mapping[RuleId, Page]) -> str:
    """``asked``: the name as it was given; ``close``: names like it, where nothing is known of it."""
    found = [_told(each, pages) for each in told]
    return json.dumps({"version": 1, "asked": asked, "known": found, "close": list(close)}, indent=2) + "\n"


def _told(told: Told, pages: Mapping[RuleId, Page]) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(told)
    plain["beliefs"] = [_belief(each) for each in told.beliefs]
    plain["calls"] = [_belief(each) for each in told.calls]
    plain["rules"] = {role: [page.id for page in looking] for role, looking in rules_of(told, pages).items()}
    return plain


def _belief(belief: Belief) -> dict[str, Any]:
    return msgspec.to_builtins(belief)  # type: ignore[no-any-return]
