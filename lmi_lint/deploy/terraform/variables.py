"""Types of variables: what is left out of an object takes the default of ``optional(type, default)``."""

from __future__ import annotations

from lmi_lint.deploy.terraform.expressions import Scope
from lmi_lint.deploy.terraform.values import Value
from lmi_lint.frontends.hcl.nodes import Call, Expression, Literal, Object


def completed(value: Value, kind: Expression, scope: Scope) -> Value:
    """A value with the defaults of its type filled in, at every depth that the type describes."""
    if not isinstance(kind, Call) or not kind.arguments or not scope.budget.step():
        return value
    inner = kind.arguments[0]
    if kind.name == "optional":
        if value is None and len(kind.arguments) > 1:
            value = scope.evaluate(kind.arguments[1])
        return completed(value, inner, scope)
    if kind.name in ("list", "set") and isinstance(value, tuple):
        return tuple(completed(item, inner, scope) for item in value)
    if kind.name == "map" and isinstance(value, dict):
        return {key: completed(item, inner, scope) for key, item in value.items()}
    if kind.name == "object" and isinstance(value, dict) and isinstance(inner, Object):
        found = dict(value)
        for item in inner.items:
            if isinstance(item.key, Literal) and isinstance(item.key.value, str):
                name = item.key.value
                optional = isinstance(item.value, Call) and item.value.name == "optional"
                if name in found or optional:
                    found[name] = completed(found.get(name), item.value, scope)
        return found
    return value
