"""What the results of library calls hold, and members of wrappers that link leaves out: a task stands for its value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.facts.model import ELEMENT
from lmi_lint.link import construction, objects, parts, texts
from lmi_lint.link.heap import NONE, Kind, Obj, Val, join, of
from lmi_lint.link.names import ClassInfo

if TYPE_CHECKING:
    from lmi_lint.knowledge.callee import Effect
    from lmi_lint.knowledge.model import CallEntry
    from lmi_lint.link.call_site import CallSite
    from lmi_lint.link.machine import Machine
    from lmi_lint.link.names import ModuleInfo


def fill(
    site: CallSite, made: Obj, entry: CallEntry | None, effect: Effect | None, receiver: Val, returned: Val
) -> None:
    """Put into what a call returns what knowledge says that it holds; a container made of containers by default
    holds what they do. ``returned``: what the functions among the arguments return."""
    machine = site.machine
    if entry is not None and entry.holds:
        for words in entry.holds:
            row = [_wrapped(site, each, receiver, returned) for each in words.split(", ")]
            if len(row) > 1:
                inner = objects.allocate(machine, site.context, site.index, Kind.OBJECT, type_name="")
                machine.heap.lay_out(inner, row)
                row = [of(inner)]
            if row[0] is not NONE:
                machine.heap.store(made, ELEMENT, row[0])
    elif (effect is None or not effect.mutates) and machine.knowledge.is_container(made.type_name):
        machine.heap.store(made, ELEMENT, _elements(site, [receiver, *site.args]))


def _wrapped(site: CallSite, words: str, receiver: Val, returned: Val) -> Val:
    """What one part of a row is, perhaps in a container."""
    word, _, wrapper = words.partition(" in ")
    held = _held(site, word, receiver, returned)
    if not wrapper or held is NONE:
        return held
    inner = objects.allocate(site.machine, site.context, site.index, Kind.INSTANCE, type_name=wrapper)
    site.machine.heap.store(inner, ELEMENT, held)
    return of(inner)


def _held(site: CallSite, word: str, receiver: Val, returned: Val) -> Val:
    if word == "element":
        return _elements(site, [receiver, *site.args])
    if word == "returned":
        return returned
    if word == "returned.element":
        return _elements(site, [returned])
    if word == "type0":
        return _instance(site)
    if word == "*":
        return Val(texts=frozenset({("*",)}))
    if word.endswith("/*"):
        folder = receiver if word.startswith("receiver") else _held(site, word.removesuffix("/*"), receiver, returned)
        return Val(data=folder.data, texts=texts.joined([folder, Val(texts=frozenset({("*",)}))]))
    at = int(word[3:])
    return site.args[at] if at < len(site.args) else NONE


def _elements(site: CallSite, values: list[Val]) -> Val:
    found = NONE
    for value in values:
        if any(ref[0].kind in (Kind.INSTANCE, Kind.OBJECT, Kind.EVENT) for ref in value.refs):
            found = join(found, parts.elements(site.machine, site.context, site.index, value))
    return found


def _instance(site: CallSite) -> Val:
    """A new object of the type that the construction names as its type argument."""
    written = site.event.type
    if written is None or not written.args:
        return NONE
    machine, function = site.machine, site.context.function
    found = function.module.rules.type(machine.modules, function.module, function.scope, written.args[0])
    if isinstance(found, ClassInfo):
        holder = objects.class_object(machine, found)
        return construction.construct(machine, site.context, site.index, found, holder, [])
    return of(objects.allocate(machine, site.context, site.index, Kind.INSTANCE, type_name=found))


def passes_through(machine: Machine, module: ModuleInfo, member: str, count: int) -> bool:
    """Whether a member that a value itself does not have is that of a wrapper around it, and gives the value."""
    return machine.knowledge.unwraps(module.rules.wrappers(), member, count)


def without_functions(value: Val) -> Val:
    """A value but for the functions that it may be."""
    refs = frozenset(ref for ref in value.refs if ref[0].kind is not Kind.CLOSURE)
    if len(refs) == len(value.refs):
        return value
    return Val(refs, value.data, value.reads, value.texts) if refs or value.data or value.texts else NONE
