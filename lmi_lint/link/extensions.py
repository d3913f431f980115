"""Calls of extension methods: functions of the project written as methods of their first argument."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lmi_lint.link import objects, overloads
from lmi_lint.link.heap import Kind, Val
from lmi_lint.link.methods import choose

if TYPE_CHECKING:
    from lmi_lint.link.call_site import CallSite
    from lmi_lint.link.heap import Obj
    from lmi_lint.link.names import FunctionInfo

_TYPE_PARAMETER: Final = re.compile(r"T([A-Z]\w*)?")
_ANYTHING: Final = frozenset({"object", "Object", "dynamic"})
_KEYWORDS: Final = {"string": "String"}


def candidates(site: CallSite, name: str) -> tuple[FunctionInfo, ...]:
    """The extension methods of this name that can be seen from a call."""
    module = site.context.function.module
    return module.rules.extensions(site.machine.modules, module, name)


def call(site: CallSite, receiver: Val, name: str) -> Val | None:
    """Call the extension method that ``receiver.name(…)`` means; None if none fits or several may be meant. Where the
    receiver's type is not known, only the one that there is."""
    found = candidates(site, name)
    if not found or any(_has(site, obj, name) for obj in receiver.objects()):
        return None
    count = len(site.args) + 1
    takes = [each for each in found if _takes(each, count)]
    types = {each for each in overloads.type_names(site.machine, receiver) if "(" not in each}
    fitting = [each for each in takes if _fits(each, types)] if types else takes
    if not fitting or (not types and len(fitting) > 1):
        return None
    args = site.args.after([receiver])
    chosen = choose(fitting, count, lambda each: overloads.fitness(site.machine, each, args))
    if chosen.owner is None:
        return None
    holder = Val(frozenset(((objects.class_object(site.machine, chosen.owner), False),)))
    return site.invoke(chosen, holder, None, args)


def _has(site: CallSite, obj: Obj, name: str) -> bool:
    """Whether the library type of an object is known to have the method itself."""
    if obj.kind is not Kind.INSTANCE:
        return False
    knowledge = site.machine.knowledge
    known = knowledge.call_entry(f"{obj.type_name}.{name}", len(site.args), None)
    return known is not None or knowledge.method_effect(obj.type_name, name) is not None


def _takes(function: FunctionInfo, count: int) -> bool:
    params = function.facts.params
    required = sum(not (param.has_default or param.rest) for param in params)
    return required <= count and (count <= len(params) or any(param.rest for param in params))


def _fits(function: FunctionInfo, types: set[str]) -> bool:
    """Whether a value of one of these types is one of the first parameter's type."""
    written = function.facts.params[0].type
    if written is None:
        return False
    name = written.name.rpartition(".")[2]
    return name in _ANYTHING or _KEYWORDS.get(name, name) in types or _TYPE_PARAMETER.fullmatch(name) is not None
