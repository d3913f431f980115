"""What a check is: a function from a linked program to findings, and at times from a function's configuration alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.model.finding import Finding
from lmi_lint.model.names import RuleId
from lmi_lint.model.runtime import RuntimeModel

if TYPE_CHECKING:
    from lmi_lint.link.program import Program

Check: TypeAlias = "Callable[[Program], Iterator[Finding]]"
ConfigurationCheck: TypeAlias = "Callable[[DeployedFunction, RuntimeModel], Iterator[Finding]]"


class Rule(Struct, frozen=True):
    """A check and the id of the page that describes it. ``without_source``: what can be said of a function whose code
    is not here; ``check`` says it otherwise."""

    id: RuleId
    check: Check
    without_source: ConfigurationCheck | None = None


def rule(rule_id: str, *, without_source: ConfigurationCheck | None = None) -> Callable[[Check], Rule]:
    """Make a check a rule; the page ``rules/catalog/<id>-<name>.md`` must exist."""

    def bind(check: Check) -> Rule:
        return Rule(RuleId(rule_id), check, without_source)

    return bind
