"""The rules' code: one module per rule or family; whatever rule a module here defines is found by itself.

Rules that ask for programs stand in this folder. Those in the folders below it look at configuration and packages
alone: they are found without importing anything that makes programs.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from importlib import import_module

from lmi_lint.checks import deployment, packages
from lmi_lint.checks.base import AnyRule, DependencyRule, DeploymentRule, Rule


def discover() -> tuple[AnyRule, ...]:
    """All rules that modules of this package define, by id. A rule imported from a sibling counts once."""
    return _defined(__path__, __name__)


def discover_beside() -> tuple[DeploymentRule | DependencyRule, ...]:
    """The rules that ask for no program."""
    found = (*_defined(deployment.__path__, deployment.__name__), *_defined(packages.__path__, packages.__name__))
    return tuple(rule for rule in sorted(found, key=lambda rule: rule.id) if not isinstance(rule, Rule))


def _defined(path: Iterable[str], name: str) -> tuple[AnyRule, ...]:
    found: dict[int, AnyRule] = {}
    for info in pkgutil.walk_packages(path, f"{name}."):
        module = import_module(info.name)
        rules = (value for value in vars(module).values() if isinstance(value, (Rule, DeploymentRule, DependencyRule)))
        found.update((id(value), value) for value in rules)
    return tuple(sorted(found.values(), key=lambda rule: rule.id))
