"""The rules' code: one module per rule or family; whatever ``Rule`` a module here defines is found by itself."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from lmi_lint.checks.base import Rule


def discover() -> tuple[Rule, ...]:
    """All rules that modules of this package define, by id. A rule imported from a sibling counts once."""
    found: dict[int, Rule] = {}
    for info in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{info.name}")
        found.update((id(value), value) for value in vars(module).values() if isinstance(value, Rule))
    return tuple(sorted(found.values(), key=lambda rule: rule.id))
