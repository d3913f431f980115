"""The texts that calls of libraries make: file names, joined paths, settings, what is unique."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link import objects, texts
from lmi_lint.link.heap import NONE, Kind, Phase, Text, Val
from lmi_lint.link.temp_paths import TEMP_DIRECTORY, in_temp_directory

if TYPE_CHECKING:
    from lmi_lint.knowledge.model import CallEntry
    from lmi_lint.link.call_site import CallSite


def unique(site: CallSite, entry: CallEntry, made_from: Val) -> Val:
    """What differs per call, request or thread is one and the same for all invocations if load asked for it."""
    at_load = site.context.phase is Phase.LOAD and entry.unique in texts.EVERY_INVOCATION
    made = texts.unique_value("environment" if at_load else entry.unique, made_from.data)
    if at_load and entry.role == "file.temp" and all(map(in_temp_directory, site.args)):
        named = frozenset((f"{TEMP_DIRECTORY}/", *text) for text in made.texts)
        made = Val(made.refs, made.data, made.reads, named)
    if not entry.returns_type:
        return made
    obj = objects.allocate(site.machine, site.context, site.index, Kind.INSTANCE, type_name=entry.returns_type)
    return Val(frozenset(((obj, False),)), made.data, made_from.reads, made.texts)


def default(value: Val) -> Val:
    """What a setting is where the deployment does not make it."""
    text = texts.literal(value)
    found = frozenset({(texts.setting(text),)}) if text else value.texts
    return Val(value.refs, value.data, value.reads, found, value.constant, value.null)


def texts_of_result(site: CallSite, entry: CallEntry | None, receiver: Val) -> frozenset[Text]:
    """The texts of a call's result: as the entry says, else what the gaps of the texts that take part leave."""
    args = site.args
    how = entry.text if entry is not None else ""
    if not how and not receiver.texts:
        for arg in args:
            if arg.texts:
                break
        else:
            return frozenset()
    # The module or class that a function is reached through is no part of what it makes.
    own = receiver if receiver.texts or all(obj.kind is not Kind.NAME for obj, _ in receiver.refs) else NONE
    whole = [receiver, *args] if receiver.texts else args
    if not how:
        # A result of a written type is found by that type; a text would hide it.
        known = entry is not None or receiver.texts or site.event.as_type is None
        return texts.computed((own, *args)) if known else frozenset()
    if how.startswith("="):
        return frozenset({(how[1:],)})
    if how == "tmpdir":
        return frozenset({(TEMP_DIRECTORY,)})
    if how == "setting":
        return frozenset({(texts.SETTING,)})
    if how == "join":
        return texts.joined(whole) if whole else frozenset()
    if how == "concat":
        return texts.concat([texts.texts_of(value) for value in whole])
    if how == "separated":
        return _separated(site, own)
    if how == "format":
        return texts.formatted(whole[0], whole[1:]) if whole else frozenset()
    if how == "same":
        return whole[0].texts if whole else frozenset()
    if how == "basename":
        if own is NONE:
            return texts.last_part(args[0]) if args else frozenset()
        return texts.piece(own, args) if args else texts.last_part(own)
    if how == "dirname":
        return texts.directory(whole[0]) if whole else frozenset()
    if how in ("with_name", "with_suffix") and len(whole) > 1:
        return texts.renamed(whole[0], whole[1], suffix=how == "with_suffix")
    return frozenset()


def _separated(site: CallSite, receiver: Val) -> frozenset[Text]:
    """The parts of a sequence with the separator between them: ``[a, b].join(s)``, ``s.join([a, b])``,
    ``join(s, a, b)``."""
    args = site.args
    own = _parts(site, receiver)
    if own is not None:
        return _with_separator(own, args[0] if args else Val(texts=frozenset({(",",)})))
    last = _parts(site, args[-1]) if args else None
    if last is not None:
        return _with_separator(last, receiver if receiver.texts else args[0])
    if len(args) > 2:
        return _with_separator(args[1:], args[0])
    return frozenset({(texts.UNKNOWN,)})


def _parts(site: CallSite, value: Val) -> list[Val] | None:
    """The elements of a sequence that is written out."""
    rows = [row for obj in value.objects() if (row := site.machine.heap.row(obj, site.context))]
    return rows[0] if len(rows) == 1 == len(value.refs) else None


def _with_separator(pieces: list[Val], separator: Val) -> frozenset[Text]:
    text = texts.literal(separator)
    if text is None:
        return frozenset()
    return texts.joined(pieces, text) if text else texts.concat([*map(texts.texts_of, pieces)])
