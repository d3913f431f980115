"""The check stage: every rule asks every function, by its program or its configuration, and every capacity provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from lmi_lint.checks.base import AnyRule, DependencyRule, DeploymentRule, Packages, Rule
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment
from lmi_lint.errors import InternalRuleError
from lmi_lint.model.finding import Finding
from lmi_lint.model.runtime import RUNTIMES

if TYPE_CHECKING:
    from lmi_lint.link.program import Program


def check(
    function: DeployedFunction, program: Program | None, rules: Sequence[AnyRule]
) -> tuple[list[Finding], list[InternalRuleError]]:
    """The findings of one function, and the rules that failed on it; the others' findings stand."""
    findings: list[Finding] = []
    errors: list[InternalRuleError] = []
    for rule in rules:
        if isinstance(rule, Rule):
            _guarded(rule, function.name, partial(_ask, rule, function, program), findings, errors)
    return findings, errors


def check_settings(
    function: DeployedFunction, provider: CapacityProvider | None, rules: Sequence[AnyRule]
) -> tuple[list[Finding], list[InternalRuleError]]:
    """What the configuration of a function that is, or is taken to be, on managed instances gets wrong."""
    findings: list[Finding] = []
    errors: list[InternalRuleError] = []
    for rule in rules:
        if isinstance(rule, DeploymentRule) and rule.of_function is not None:
            _guarded(rule, function.name, partial(rule.of_function, function, provider), findings, errors)
    return findings, errors


def check_providers(deployment: Deployment, rules: Sequence[AnyRule]) -> tuple[list[Finding], list[InternalRuleError]]:
    """What the capacity providers of a project get wrong."""
    findings: list[Finding] = []
    errors: list[InternalRuleError] = []
    for rule in rules:
        if isinstance(rule, DeploymentRule) and rule.of_provider is not None:
            for provider in deployment.providers:
                _guarded(rule, provider.name, partial(rule.of_provider, provider, deployment), findings, errors)
    return findings, errors


def check_packages(
    function: DeployedFunction, packages: Packages, rules: Sequence[AnyRule]
) -> tuple[list[Finding], list[InternalRuleError]]:
    """What the manifests, extensions and layers of a function get wrong."""
    findings: list[Finding] = []
    errors: list[InternalRuleError] = []
    if packages.manifests or packages.extensions or function.layers:
        for rule in rules:
            if isinstance(rule, DependencyRule):
                _guarded(rule, function.name, partial(rule.check, function, packages), findings, errors)
    return findings, errors


def _guarded(
    rule: AnyRule,
    subject: str,
    ask: Callable[[], Iterator[Finding]],
    findings: list[Finding],
    errors: list[InternalRuleError],
) -> None:
    """One faulty rule must not cost the others."""
    try:
        findings += ask()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
        what = f"{rule.id} failed on {subject}: {type(error).__name__}: {error}"
        errors.append(InternalRuleError(what, "please report it; the other rules' findings stand"))


def _ask(rule: Rule, function: DeployedFunction, program: Program | None) -> Iterator[Finding]:
    if program is not None:
        return rule.check(program)
    runtime = RUNTIMES.get(function.language) if function.language is not None else None
    if rule.without_source is None or runtime is None:
        return iter(())
    return rule.without_source(function, runtime)
