"""The rules' code: one module per rule or family; whatever rule a module here defines is found by itself."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from lmi_lint.checks.base import AnyRule, DependencyRule, DeploymentRule, Rule


def discover() -> tuple[AnyRule, ...]:
    """All rules that modules of this package define, by id. A rule imported from a sibling counts once."""
    found: dict[int, AnyRule] = {}
    for info in pkgutil.walk_packages(__path__, f"{__name__}."):
        module = import_module(info.name)
        rules = (value for value in vars(module).values() if isinstance(value, (Rule, DeploymentRule, DependencyRule)))
        found.update((id(value), value) for value in rules)
    return tuple(sorted(found.values(), key=lambda rule: rule.id))
