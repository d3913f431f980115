"""What code names by a text: a module that is imported by its name, a member that is read by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link import members
from lmi_lint.link.heap import NONE, Val, join

if TYPE_CHECKING:
    from lmi_lint.link.call_site import CallSite


def named(site: CallSite, what: str) -> Val:
    """What the texts of an argument name, as far as they are known; nothing where none is. ``what``: a ``module`` of
    the project by the first argument, or a ``member`` of the first by the second."""
    machine, module = site.machine, site.context.function.module
    place = 0 if what == "module" else 1
    texts = site.args[place].texts if place < len(site.args) else frozenset()
    result = NONE
    for name in sorted(text[0] for text in texts if len(text) == 1 and isinstance(text[0], str)):
        if what == "member":
            result = join(result, members.load_member(machine, site.context, site.index, site.args[0], name))
            continue
        symbol = module.rules.named(machine.modules, module, name)
        if symbol is not None:
            result = join(result, members.load_symbol(machine, site.context, site.index, symbol))
    return result
