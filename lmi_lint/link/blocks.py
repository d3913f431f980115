"""What a block runs of its resource, an object of the project: the methods that nobody calls by name (``__exit__``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link.heap import NONE, Kind, only
from lmi_lint.link.methods import find_method

if TYPE_CHECKING:
    from lmi_lint.link.context import Context
    from lmi_lint.link.heap import Val
    from lmi_lint.link.machine import Machine


def run(machine: Machine, context: Context, index: int, resource: Val) -> None:
    """Evaluate them as calls from the place where the resource comes from. The block's variable stays the resource
    itself, which is what such methods mostly return."""
    for ref in resource.each():
        klass = ref[0].klass if ref[0].kind is Kind.OBJECT else None
        for name in context.function.module.rules.block_methods if klass is not None else ():
            method = find_method(machine.modules, klass, name, None) if klass is not None else None
            if method is not None:
                given = [NONE] * len(method.facts.params)
                machine.call(context, index, method, only(ref), given, ref[0].env, phase=context.phase)
