"""Which of several overloads the arguments of a call fit, by the types that they are known to have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link.heap import Kind, Val
from lmi_lint.link.names import FunctionInfo, library_supers, lineage

if TYPE_CHECKING:
    from lmi_lint.link.machine import Machine


def fitness(machine: Machine, function: FunctionInfo, args: list[Val]) -> int:
    """One more for each argument whose type is that of the parameter, one less for each that is known to be another."""
    score = 0
    for param, arg in zip(function.facts.params, args, strict=False):
        names = type_names(machine, arg)
        if param.type is not None and names:
            score += 1 if param.type.name.rpartition(".")[2] in names else -1
    return score


def type_names(machine: Machine, value: Val) -> set[str]:
    """The simple names of the types that a value is known to have, those above them included."""
    names: set[str] = set()
    for obj in value.objects():
        if obj.klass is not None and obj.kind is Kind.OBJECT:
            names |= {each.name for each in lineage(machine.modules, obj.klass)}
            names |= {above.rpartition(".")[2] for above in library_supers(machine.modules, obj.klass)}
        elif obj.kind in (Kind.INSTANCE, Kind.CONTEXT):
            names |= {above.rpartition(".")[2] for above in machine.knowledge.lineage_names(obj.type_name)}
    if not value.refs and value.texts:
        names.add("String")
    return names
