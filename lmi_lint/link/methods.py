"""Which method of a class hierarchy a call reaches: by name, number of arguments, then by what fits them best."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from lmi_lint.link.names import ABSTRACT, METHOD, lineage

if TYPE_CHECKING:
    from lmi_lint.link.lookup import Modules
    from lmi_lint.link.names import ClassInfo, FunctionInfo

Fit: TypeAlias = Callable[["FunctionInfo"], int]
"""How well a function's parameter types fit the arguments of a call: more is better."""


def find_method(
    modules: Modules, klass: ClassInfo, name: str, count: int | None, *, skip: bool = False, fit: Fit | None = None
) -> FunctionInfo | None:
    """The method that a call of ``name`` with ``count`` arguments reaches on an instance of ``klass``
    (``skip``: starting above it), chosen by arity and then by ``fit`` where it is overloaded."""
    key = ("methods", klass, name, count, skip)
    abstract: FunctionInfo | None = None
    for fitting in modules.remembered(key, partial(_methods, modules, klass, name, count, skip)):
        best = _best(fitting, fit)
        if not best.has(ABSTRACT):
            return best
        abstract = abstract or best
    return abstract


def _methods(modules: Modules, klass: ClassInfo, name: str, count: int | None, skip: bool) -> list[list[FunctionInfo]]:
    """The overloads that take so many arguments, of each class of a hierarchy that has any."""
    declared = [each.methods.get(name) for each in lineage(modules, klass)[1 if skip else 0 :]]
    return [_taking(overloads, count) for overloads in declared if overloads]


def takes_receiver(function: FunctionInfo) -> bool:
    """Whether a function that is called by itself takes the receiver as its first argument."""
    if not function.has(METHOD) or function.owner is None or not function.module.rules.explicit_receivers:
        return False
    return not any(note.name.rpartition(".")[2] == "staticmethod" for note in function.facts.annotations)


def choose(overloads: list[FunctionInfo], count: int | None, fit: Fit | None = None) -> FunctionInfo:
    """The overload that takes ``count`` arguments; among several the one that fits best, the first of equals."""
    return _best(_taking(overloads, count), fit)


def _taking(overloads: list[FunctionInfo], count: int | None) -> list[FunctionInfo]:
    if count is None or len(overloads) == 1:
        return overloads[:1]
    exact = [f for f in overloads if len(f.facts.params) == count and not any(p.rest for p in f.facts.params)]
    loose = [f for f in overloads if any(p.rest for p in f.facts.params) and len(f.facts.params) - 1 <= count]
    return exact or loose or overloads


def _best(fitting: list[FunctionInfo], fit: Fit | None) -> FunctionInfo:
    return fitting[0] if fit is None or len(fitting) == 1 else max(fitting, key=fit)
