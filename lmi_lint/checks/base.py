"""What a check is: a function to findings, from a linked program, or from the configuration of a Lambda function or a
capacity provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from lmi_lint.model.names import RuleId

if TYPE_CHECKING:
    from lmi_lint.dependencies.model import Extension, Manifest
    from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment
    from lmi_lint.knowledge.layers import ContentEntry
    from lmi_lint.knowledge.minimums import Minimums
    from lmi_lint.link.program import Program
    from lmi_lint.model.finding import Finding
    from lmi_lint.model.runtime import RuntimeModel

Check: TypeAlias = "Callable[[Program], Iterator[Finding]]"
ConfigurationCheck: TypeAlias = "Callable[[DeployedFunction, RuntimeModel], Iterator[Finding]]"
FunctionCheck: TypeAlias = "Callable[[DeployedFunction, CapacityProvider | None], Iterator[Finding]]"
ProviderCheck: TypeAlias = "Callable[[CapacityProvider, Deployment], Iterator[Finding]]"


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


class DeploymentRule(Struct, frozen=True):
    """A rule about configuration, whatever its dialect, and the id of its page. ``of_function`` is asked for each
    function that is, or is taken to be, attached to a capacity provider, with the provider if it is declared;
    ``of_provider`` for each provider."""

    id: RuleId
    of_function: FunctionCheck | None = None
    of_provider: ProviderCheck | None = None


def function_rule(rule_id: str) -> Callable[[FunctionCheck], DeploymentRule]:
    """Make a check of a function's configuration a rule; its page must exist."""

    def bind(check: FunctionCheck) -> DeploymentRule:
        return DeploymentRule(RuleId(rule_id), of_function=check)

    return bind


def provider_rule(rule_id: str) -> Callable[[ProviderCheck], DeploymentRule]:
    """Make a check of a capacity provider's configuration a rule; its page must exist."""

    def bind(check: ProviderCheck) -> DeploymentRule:
        return DeploymentRule(RuleId(rule_id), of_provider=check)

    return bind


class Packages(Struct, frozen=True):
    """What a function is deployed with: packages, as its manifests say, what is known of packages, extensions of
    the project, and what is known of public layers by their names."""

    manifests: tuple[Manifest, ...]
    minimums: Minimums
    extensions: tuple[Extension, ...] = ()
    contents: Mapping[str, ContentEntry] = {}


DependencyCheck: TypeAlias = "Callable[[DeployedFunction, Packages], Iterator[Finding]]"


class DependencyRule(Struct, frozen=True):
    """A rule about packages, and the id of its page; asked for every function that has a manifest, an
    extension or a layer."""

    id: RuleId
    check: DependencyCheck


def dependency_rule(rule_id: str) -> Callable[[DependencyCheck], DependencyRule]:
    """Make a check of a function's packages a rule; its page must exist."""

    def bind(check: DependencyCheck) -> DependencyRule:
        return DependencyRule(RuleId(rule_id), check)

    return bind


AnyRule: TypeAlias = Rule | DeploymentRule | DependencyRule
