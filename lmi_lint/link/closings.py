"""Blocks that close a resource at their end (try-with-resources, ``using``): the call that nobody wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link.heap import Kind, only
from lmi_lint.link.noted import library_call

if TYPE_CHECKING:
    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine
    from lmi_lint.link.record import Recorder

_KINDS = (Kind.INSTANCE, Kind.NAME)


def record(machine: Machine, context: Context, recorder: Recorder) -> None:
    """Record the closing calls of an evaluation's blocks, where knowledge says that they end a connection or pool.
    They stand where the resource comes from."""
    methods = context.function.module.rules.closing_methods
    for region in context.function.facts.regions:
        sources = [source for source in region.resource.sources if source >= 0]
        if region.how == "monitor" or not methods or not sources:
            continue
        for ref in machine.value(context, region.resource).each():
            names = [f"{ref[0].type_name}.{method}" for method in methods] if ref[0].kind in _KINDS else []
            known = [(name, entry) for name in names if (entry := machine.knowledge.call_entry(name, 0, None))]
            for name, entry in [each for each in known if each[1].role.endswith(".close")][:1]:
                index = sources[0]
                recorder.calls.append(library_call(machine, context, index, name, entry, only(ref)))
