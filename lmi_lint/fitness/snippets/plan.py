"""From a judgement to what a snippet says."""

from __future__ import annotations

import posixpath
import re
from typing import Final

from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment, Dialect
from lmi_lint.errors import UsageError
from lmi_lint.fitness.model import Assessment, Recommendation
from lmi_lint.fitness.snippets.model import Plan
from lmi_lint.model.managed import supported

_SUFFIX: Final = "Managed"
_CAPACITY: Final = "Capacity"
_DEFAULT_ARCHITECTURE: Final = "x86_64"


def plan_for(assessment: Assessment, deployment: Deployment) -> Plan:
    """The plan for one function. UsageError if none can be made: it is managed already, nothing declares it, or
    nothing is recommended for it."""
    first, advice = assessment.function, assessment.recommendation
    if first.managed:
        raise UsageError(f"{first.name} is on managed instances already", "a snippet is for a function that is not")
    if first.dialect is None:
        raise UsageError(
            f"no template declares {first.name}", "a snippet is written in the dialect that a function is deployed in"
        )
    if advice is None:
        why = f": {assessment.reasons[0]}" if assessment.reasons else ""
        raise UsageError(f"there is no configuration to recommend for {first.name}{why}", "lmi-lint fitness says more")
    taken = {each.name for each in deployment.functions} | {each.name for each in deployment.providers}
    second = _free(_words(first) + _SUFFIX, taken)
    provider = _provider(first, advice, deployment)
    ceiling = provider.max_vcpus if provider is not None and provider.max_vcpus is not None else advice.max_vcpus
    return Plan(
        first=first,
        second=second,
        capacity=_free(second + _CAPACITY, taken),
        provider=provider,
        memory_mb=advice.memory_mb,
        gib_per_vcpu=advice.gib_per_vcpu,
        concurrency=advice.max_concurrency,
        minimum=advice.min_environments,
        maximum=_maximum(advice, ceiling),
        architecture=advice.architecture,
        max_vcpus=advice.max_vcpus,
        runtime=(supported(first.runtime) or first.runtime) if first.runtime is not None else None,
        verdict=": ".join([assessment.fit.value, *assessment.reasons[:1]]),
        choices=advice.reasons,
        obstacles=assessment.obstacles,
    )


def _maximum(advice: Recommendation, ceiling: int) -> int:
    """Environments at most. Both bounds have to be set together, so where no maximum is recommended it is what the
    provider's ceiling has room for; none at least means none at most."""
    if advice.max_environments is not None or not advice.min_environments:
        return advice.max_environments or 0
    share = max(advice.memory_mb / 1024 / advice.gib_per_vcpu, 1)
    return max(int(ceiling / share), advice.min_environments)


def _words(first: DeployedFunction) -> str:
    """The function's name in letters and digits, beginning with a letter: ``module.api.orders["eu"]`` is
    ``OrdersEu``."""
    name = first.name
    if first.dialect is Dialect.TERRAFORM:
        name = re.sub(r"^(?:module\.[^.\[]+(?:\[[^\]]*\])?\.)+", "", name)
    words = re.findall(r"[A-Za-z0-9]+", name.removeprefix("module."))
    joined = "".join(word[0].upper() + word[1:] for word in words)[:_LONGEST]
    return joined if joined[:1].isalpha() else f"Function{joined}"


_LONGEST: Final = 40
"""Of the names: functions have 64 characters in all, and the framework or CloudFormation puts its own before."""


def _free(name: str, taken: set[str]) -> str:
    lowered = {each.lower() for each in taken}
    found, number = name, 2
    while found.lower() in lowered:
        found, number = f"{name}{number}", number + 1
    return found


def _provider(first: DeployedFunction, advice: Recommendation, deployment: Deployment) -> CapacityProvider | None:
    """A provider that is declared where the function is and has instances of the right architecture."""
    for each in deployment.providers:
        near = each.dialect is first.dialect and _together(each, first)
        fits = "architectures" not in each.unknown and advice.architecture in (
            each.architectures or (_DEFAULT_ARCHITECTURE,)
        )
        if near and fits:
            return each
    return None


def _together(provider: CapacityProvider, first: DeployedFunction) -> bool:
    """Whether the function can name the provider: in one template, or in one Terraform module."""
    if first.dialect is not Dialect.TERRAFORM:
        return provider.template == first.template
    same = posixpath.dirname(provider.template) == posixpath.dirname(first.template or "")
    return same and _ADDRESS.fullmatch(provider.name) is not None


_ADDRESS: Final = re.compile(r'aws_lambda_capacity_provider\.[\w-]+(?:\[(?:\d+|"[\w.-]*")\])?')
"""A provider of the function's own module, by a name that can stand in an expression."""
