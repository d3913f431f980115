"""The check stage: every rule asks every function, by its program or its configuration, and every capacity provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from lmi_lint.checks.base import AnyRule, DependencyRule, DeploymentRule, Packages, Rule
from lmi_lint.dependencies.model import Dependencies
from lmi_lint.deploy.model import DeployedFunction, Deployment, Provenance
from lmi_lint.errors import InternalRuleError
from lmi_lint.knowledge.minimums import Minimums
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


def check_deployment(
    deployment: Deployment, rules: Sequence[AnyRule], *, as_if_managed: bool = False
) -> tuple[list[Finding], list[InternalRuleError]]:
    """What the configuration itself gets wrong: of functions that are attached to a capacity provider, or of all
    ``as_if_managed``, and of the providers. Functions that CloudFront runs never are on managed instances."""
    findings: list[Finding] = []
    errors: list[InternalRuleError] = []
    deployed = [each for each in deployment.functions if each.provenance is Provenance.DEPLOYED and not each.edge]
    for rule in rules:
        if not isinstance(rule, DeploymentRule):
            continue
        of_function, of_provider = rule.of_function, rule.of_provider
        if of_function is not None:
            for function in deployed:
                if function.managed or as_if_managed:
                    ask = partial(of_function, function, deployment)
                    _guarded(rule, function.name, ask, findings, errors)
        if of_provider is not None:
            for provider in deployment.providers:
                _guarded(rule, provider.name, partial(of_provider, provider, deployment), findings, errors)
    return findings, errors


def check_dependencies(
    functions: Sequence[DeployedFunction],
    dependencies: Dependencies,
    minimums: Mapping[str, Minimums],
    rules: Sequence[AnyRule],
) -> tuple[list[Finding], list[InternalRuleError]]:
    """What the manifests, extensions and layers of functions get wrong. ``minimums``: of a family of languages."""
    findings: list[Finding] = []
    errors: list[InternalRuleError] = []
    known = {}
    if any(function.layers for function in functions):
        from lmi_lint.knowledge.layers import contents

        known = contents()
    for function in functions:
        manifests = dependencies.of_function.get(function.key, ())
        extensions = dependencies.extensions.get(function.key, ())
        if not (manifests or extensions or function.layers) or function.language is None:
            continue
        packages = Packages(manifests, minimums[function.language.family], extensions, known)
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
