"""The check stage: every rule asks every program."""

from __future__ import annotations

from collections.abc import Sequence

from lmi_lint.checks.base import Rule
from lmi_lint.errors import InternalRuleError
from lmi_lint.link.program import Program
from lmi_lint.model.finding import Finding


def check(program: Program, rules: Sequence[Rule]) -> tuple[list[Finding], list[InternalRuleError]]:
    """The findings of one program, and the rules that failed on it; the others' findings stand."""
    findings: list[Finding] = []
    errors: list[InternalRuleError] = []
    for rule in rules:
        try:
            findings += rule.check(program)
        except Exception as error:  # noqa: BLE001 - one faulty rule must not cost the others
            what = f"{rule.id} failed on {program.deployed.name}: {type(error).__name__}: {error}"
            errors.append(InternalRuleError(what, "please report it; the other rules' findings stand"))
    return findings, errors
