"""The check stage: every rule asks every function, by its program, or by its configuration where it has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lmi_lint.checks.base import Rule
from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.errors import InternalRuleError
from lmi_lint.link.program import Program
from lmi_lint.model.finding import Finding
from lmi_lint.model.runtime import RUNTIMES


def check(
    function: DeployedFunction, program: Program | None, rules: Sequence[Rule]
) -> tuple[list[Finding], list[InternalRuleError]]:
    """The findings of one function, and the rules that failed on it; the others' findings stand."""
    findings: list[Finding] = []
    errors: list[InternalRuleError] = []
    for rule in rules:
        try:
            findings += _ask(rule, function, program)
        except Exception as error:  # noqa: BLE001 - one faulty rule must not cost the others
            what = f"{rule.id} failed on {function.name}: {type(error).__name__}: {error}"
            errors.append(InternalRuleError(what, "please report it; the other rules' findings stand"))
    return findings, errors


def _ask(rule: Rule, function: DeployedFunction, program: Program | None) -> Iterator[Finding]:
    if program is not None:
        return rule.check(program)
    runtime = RUNTIMES.get(function.language) if function.language is not None else None
    if rule.without_source is None or runtime is None:
        return iter(())
    return rule.without_source(function, runtime)
