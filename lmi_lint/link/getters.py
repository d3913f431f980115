"""Reads of properties that rules ask for: recorded like calls without arguments."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from lmi_lint.link.heap import Kind, Val, only
from lmi_lint.link.noted import library_call
from lmi_lint.link.record import Recorder
from lmi_lint.link.texts import literal

if TYPE_CHECKING:
    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine

_ROLES: Final = frozenset(("process.env.unset", "process.env.managed", "deadline"))
_HELD_BY: Final = (Kind.NAME, Kind.INSTANCE, Kind.CONTEXT)


def note(machine: Machine, context: Context, index: int, base: Val, key: str, computed: Val | None) -> None:
    """A member of a library object is read: that is recorded if it is one that matters. ``computed``: a computed
    key."""
    for obj, _ in base.refs:
        if obj.kind in _HELD_BY:
            machine.note(context, index, partial(_record, machine, context, index, base, key, computed))
            return


def _record(
    machine: Machine, context: Context, index: int, base: Val, key: str, computed: Val | None, recorder: Recorder
) -> None:
    member = key if computed is None else literal(computed)
    for ref in base.each() if member else ():
        name = f"{ref[0].type_name}.{member}"
        entry = machine.knowledge.call_entry(name, 0, None) if ref[0].kind in _HELD_BY else None
        if entry is None or entry.role not in _ROLES:
            continue
        recorder.calls.append(library_call(machine, context, index, name, entry, only(ref)))
