"""Reading and writing one cell, and recording what requests do to shared ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.facts.model import ELEMENT
from lmi_lint.link import locks, objects
from lmi_lint.link.closures import KEPT
from lmi_lint.link.heap import NONE, Kind, Obj, Phase, ReadId, Ref, Val, is_shared, join
from lmi_lint.link.names import THREAD_STATIC, lineage
from lmi_lint.link.record import Access, Mode, Recorder
from lmi_lint.model.source import Span

if TYPE_CHECKING:
    from lmi_lint.link.context import Context
    from lmi_lint.link.machine import Machine

_STORED = {f.How.SET: Mode.WRITE, f.How.UPDATE: Mode.WRITE, f.How.IF_ABSENT: Mode.INIT, f.How.DELETE: Mode.DELETE}


def reached(value: Val, shared: bool) -> Val:
    """A value as read out of something shared: what it refers to is shared as well."""
    if not shared or all(flag for _, flag in value.refs):
        return value
    return Val(
        frozenset((obj, not obj.transient) for obj, _ in value.refs),
        value.data,
        value.reads,
        value.texts,
        value.constant,
        value.null,
    )


def read_ids(machine: Machine, context: Context, index: int, ref: Ref, key: str) -> frozenset[ReadId]:
    """The identity of a read, if requests write the place."""
    if context.phase is Phase.REQUEST and (ref[0], key) in machine.request_written:
        return frozenset((ReadId(context, index),))
    return frozenset()


def load_cell(
    machine: Machine, context: Context, index: int, ref: Ref, key: str, *, quiet: bool = False, found: Val | None = None
) -> Val:
    """Read one cell; a read of a shared one carries its identity and is recorded."""
    obj, _ = ref
    stored = found if found is not None else machine.heap.load(obj, key, context)
    value = stored if stored is not None else NONE
    if not (value.refs or value.texts or value.constant):
        value = join(value, _declared(machine, context, obj, key))
    if is_shared(ref) and of_thread(obj, key):
        if context.phase is Phase.REQUEST and not quiet:
            record(machine, context, index, obj, key, Mode.READ)
        return value
    if not is_shared(ref):
        return value
    # What an invocation puts into the state of a thread or a flow, others do not get there.
    local = obj.kind is Kind.INSTANCE and machine.knowledge.context(obj.type_name) is not None
    value = value if local else reached(value, True)
    if context.phase is Phase.REQUEST and not quiet:
        if (obj, key) in machine.request_written:
            value = Val(value.refs, value.data, value.reads | {ReadId(context, index)}, value.texts)
        if obj not in context.building:
            record(machine, context, index, obj, key, Mode.READ)
    return value


def _declared(machine: Machine, context: Context, obj: Obj, key: str) -> Val:
    """An object of the declared type for a field that nothing here fills."""
    if obj.klass is None:
        return NONE
    for each in lineage(machine.modules, obj.klass):
        field = each.fields.get(key)
        if field is not None:
            if field.type is None:
                return NONE
            phase = Phase.REQUEST if of_thread(obj, key) else obj.phase
            made = objects.summon(
                machine, context, (obj, key), field.type, each.module, each, phase, notes=field.annotations
            )
            for part in made.objects():
                part.home = part.home or (obj, key)
            return made
    return NONE


def of_thread(obj: Obj, key: str) -> bool:
    """Whether each thread has a field, and what it holds, of its own."""
    field = obj.klass.fields.get(key) if obj.klass is not None else None
    return field is not None and bool(field.flags & THREAD_STATIC)


def store_cell(
    machine: Machine,
    context: Context,
    index: int,
    ref: Ref,
    key: str,
    value: Val,
    how: f.How,
    key_value: Val | None = None,
) -> None:
    """Write one cell; a write to a shared one in a request is recorded."""
    obj = ref[0]
    # What load puts there is seen by the thread that loads: all others find nothing, and make their own.
    if how is not f.How.DELETE and (context.phase is Phase.REQUEST or not of_thread(obj, key)):
        machine.heap.store(obj, key, value, shared=is_shared(ref))
    if not is_shared(ref) or context.phase is not Phase.REQUEST or obj in context.building:
        return
    mark_written(machine, obj, key)
    record(machine, context, index, obj, key, _STORED[how], value, key_value, update=how is f.How.UPDATE)


def mark_written(machine: Machine, obj: Obj, key: str) -> None:
    """A request writes this shared place: from now on reads of it carry their identity."""
    place = (obj, key)
    if place not in machine.request_written:
        machine.request_written.add(place)
        machine.heap.changed(obj, key)
        machine.heap.changed(obj, "*")


def note_content(machine: Machine, context: Context, index: int, base: Val, mode: Mode) -> None:
    """Record an access to the content of the shared objects that a value may be."""
    if context.phase is not Phase.REQUEST:
        return
    for ref in base.each():
        if is_shared(ref) and ref[0].kind in (Kind.OBJECT, Kind.INSTANCE) and ref[0] not in context.building:
            record(machine, context, index, ref[0], ELEMENT, mode)


def record(
    machine: Machine,
    context: Context,
    index: int,
    obj: Obj,
    key: str,
    mode: Mode,
    value: Val = NONE,
    key_value: Val | None = None,
    *,
    update: bool = False,
    method: str = "",
    keeps: bool = False,
    settled: Recorder | None = None,
) -> None:
    """Record one access, as soon as all has settled, or at once where it has; see ``Access`` for the parts."""

    def add(recorder: Recorder) -> None:
        event = context.function.facts.events[index]
        recorder.accesses.append(
            Access(
                context, index, obj, key, mode, Span(event.start, event.end), value, key_value, update, method,
                machine.guards_at(context, index), locks.held_at(machine, context, index), keeps,
            )
        )  # fmt: skip

    if settled is None:
        machine.note(context, index, add)
    else:
        add(settled)


def record_method(
    machine: Machine,
    context: Context,
    index: int,
    obj: Obj,
    mode: Mode,
    method: str,
    value: Val,
    key_value: Val | None,
    *,
    keeps: bool = False,
) -> None:
    """Record what a library method does to the content of a shared object."""
    record(machine, context, index, obj, ELEMENT, mode, value, key_value, method=method, keeps=keeps)


def touch(machine: Machine, context: Context, index: int, obj: Obj, mode: Mode, method: str, value: Val) -> None:
    """A library function changes the content of a shared object that it was given."""
    if context.phase is Phase.REQUEST and obj not in context.building:
        mark_written(machine, obj, ELEMENT)
        record_method(machine, context, index, obj, mode, method, value, None)


def record_use(machine: Machine, context: Context, index: int, value: Val, recorder: Recorder) -> None:
    """A shared object is handed out whole: whoever gets it reads what requests wrote into it."""
    handed = list(value.each())
    seen: set[Obj] = set()
    for obj, shared in handed:
        if obj in seen or obj.kind not in (Kind.OBJECT, Kind.INSTANCE) or obj.klass is not None:
            continue
        seen.add(obj)
        for key in sorted(machine.heap.keys.get(obj, ())):
            if is_shared((obj, shared)):
                if (obj, key) in machine.request_written:
                    record(machine, context, index, obj, key, Mode.READ, settled=recorder)
            elif key != KEPT:
                handed.extend(machine.heap.cells[obj, key].each())
