"""What a check is: a function from a linked program to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from lmi_lint.model.finding import Finding
from lmi_lint.model.names import RuleId

if TYPE_CHECKING:
    from lmi_lint.link.program import Program

Check: TypeAlias = "Callable[[Program], Iterator[Finding]]"


class Rule(Struct, frozen=True):
    """A check and the id of the page that describes it."""

    id: RuleId
    check: Check


def rule(rule_id: str) -> Callable[[Check], Rule]:
    """Make a check a rule; the page ``rules/catalog/<id>-<name>.md`` must exist."""

    def bind(check: Check) -> Rule:
        return Rule(RuleId(rule_id), check)

    return bind
