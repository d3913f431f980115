"""Files of the invocation's own under the temporary directory, and what may remove them again.

Whether something is removed is asked so that doubt counts as removal: a deletion of a path that is not known, a
path handed to a function that is not known, a program started that deletes, an entry in something shared.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.facts import model as f
from lmi_lint.link.heap import Gap, Kind, Phase
from lmi_lint.link.methods import find_method
from lmi_lint.link.record import LibraryCall
from lmi_lint.link.temp_paths import PathKind, classify

if TYPE_CHECKING:
    from lmi_lint.link.context import Context
    from lmi_lint.link.heap import Text, Val
    from lmi_lint.link.program import Program
    from lmi_lint.link.uses import Use

_REMOVING_PROGRAM = re.compile(r"\b(?:rm|rmdir|unlink|shred|mv|find|rsync|tmpwatch|tmpreaper)\b")
_REMOVED_ON_CLOSE = re.compile(r"(?:.*\.)?delete_?on_?close", re.IGNORECASE)
_REMOVES_ITSELF = re.compile(r"^(?:delete(?!OnExit)|remove|unlink|clean|dispose|destroy)", re.IGNORECASE)
_MAY_REMOVE = re.compile(r"delete|remove|unlink|^rm|clean|clear|close|dispose|exit", re.IGNORECASE)
_CLOSERS = ("__exit__", "__aexit__", "close", "Dispose", "DisposeAsync")
_EVERY_INVOCATION = frozenset(("call", "request", "thread"))
_MAKING = ("file.write", "file.mkdir", "file.move", "file.temp")


class Leftover(Struct, frozen=True, eq=False):
    """A file or folder that a call of the request path makes under a name of its own. ``named``: by the code itself,
    not by the library."""

    call: LibraryCall
    text: Text
    named: bool


class Leftovers:
    """What one program makes and never removes."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def all(self) -> list[Leftover]:
        """One for each file or folder, where it is made first."""
        if "evaluations" in self._program.cut:
            return []  # what was not evaluated may remove anything
        made = self._made()
        texts = {each.text for each in made}
        first: dict[Text, Leftover] = {}
        for each in made:
            inside = any(other != each.text and _starts_with(each.text, other) for other in texts)
            if not inside and not self._is_removed(each):
                first.setdefault(each.text, each)
        return list(first.values())

    def _made(self) -> list[Leftover]:
        found = []
        for call in self._program.request_calls(_MAKING):
            if self._is_removed_on_close(call):
                continue
            if call.role != "file.temp":
                found += [Leftover(call, text, True) for text in self._own_paths(call)]
            elif not _is_elsewhere(call):
                found += [Leftover(call, text, False) for text in call.result.texts if _is_unique(text)]
        return found

    def _own_paths(self, call: LibraryCall) -> list[Text]:
        """The paths that are certainly of the invocation's own, and made by the call: of a move the target."""
        values = self._program.paths_of(call)[-1:]
        texts = [text for value in values for text in value.texts]
        own = all(isinstance(text[0], str) and classify(text, alone=False) is PathKind.UNIQUE for text in texts)
        return texts if own and len(texts) == 1 else []

    # ------------------------------------------------------------------ removal

    def _is_removed(self, made: Leftover) -> bool:
        return (
            any(_may_be(text, made.text) for text in self._removed)
            or self._removes_unknown
            or any(_may_be(text, made.text) for text in self._handed_out)
            or self._is_handled(made)
        )

    @cached_property
    def _removals(self) -> list[Val]:
        """The paths that deletions and moves take away."""
        program = self._program
        deleted = [value for call in program.calls_of(("file.delete",)) for value in program.paths_of(call)]
        moved = [value for call in program.calls_of(("file.move",)) for value in program.paths_of(call)[:1]]
        return deleted + moved

    @cached_property
    def _removed(self) -> frozenset[Text]:
        return frozenset(text for value in self._removals for text in value.texts)

    @cached_property
    def _removes_unknown(self) -> bool:
        """Whether something is deleted of which nothing is known, all that matches a pattern is, or a program runs that
        may delete."""
        program = self._program
        deletions = program.calls_of(("file.delete",))
        if any(not program.paths_of(call) for call in deletions) or any(not value.texts for value in self._removals):
            return True
        if any(isinstance(part, str) and "*" in part for text in self._removed for part in text):
            return True
        if any(self._may_delete(call) for call in program.calls_of(("process.spawn",))):
            return True
        return any(self._closes_by_removing(context) for context in program.request_contexts)

    def _closes_by_removing(self, context: Context) -> bool:
        """Whether a with or using block ends with a method of the project that removes something: that call is written
        nowhere, so that it is not evaluated."""
        machine = self._program.machine
        regions = context.function.facts.regions
        resources = [machine.value(context, region.resource) for region in regions if region.how != "monitor"]
        classes = [obj.klass for value in resources for obj in value.objects() if obj.klass is not None]
        closers = [find_method(machine.modules, klass, name, None) for klass in classes for name in _CLOSERS]
        events = [event for closer in closers if closer is not None for event in closer.facts.events]
        return any(isinstance(event, f.Call) and _MAY_REMOVE.search(event.method) for event in events)

    def _may_delete(self, spawn: LibraryCall) -> bool:
        texts = [text for value in self._parts(spawn.args) for text in value.texts]
        if not any(isinstance(part, str) for text in texts for part in text):
            return True
        return any(isinstance(part, str) and _REMOVING_PROGRAM.search(part) for text in texts for part in text)

    @cached_property
    def _handed_out(self) -> frozenset[Text]:
        """The texts that functions of which nothing is known get, and that something shared keeps."""
        found: set[Text] = set()
        for use in self._program.temp_writes.uses.all:
            if use.context.phase is Phase.REQUEST and not use.project and _is_unknown(use):
                paths = [value for value in self._parts(use.args) if not self._is_stream(value)]
                found.update(text for value in paths for text in value.texts)
        for access in self._program.accesses:
            if access.mode.changes:
                found.update(text for value in self._parts((access.value,)) for text in value.texts)
        return frozenset(text for text in found if any(isinstance(part, Gap) for part in text))

    def _is_stream(self, value: Val) -> bool:
        """Whether it is an open file, which carries the name of the file: who gets it writes or reads."""
        knowledge = self._program.knowledge
        types = [obj.type_name for obj in value.objects() if obj.kind is Kind.INSTANCE]
        return bool(types) and all(knowledge.method_effect(name, "write") is not None for name in types)

    def _parts(self, values: tuple[Val, ...]) -> list[Val]:
        """The values and, of lists and options among them, what those hold."""
        heap = self._program.machine.heap
        found = list(values)
        for value in values:
            for obj in value.objects():
                if obj.kind is Kind.OBJECT:
                    found += [heap.cells[obj, key] for key in sorted(heap.keys.get(obj, ()))]
        return found

    def _is_handled(self, made: Leftover) -> bool:
        """Whether the object that stands for the file is given to a function of which nothing is known, or asked to
        remove itself."""
        objs = {obj for obj in made.call.result.objects() if obj.kind is Kind.INSTANCE}
        if made.named or not objs:
            return False
        for use in self._program.temp_writes.uses.of_result(objs):
            given = any(objs.intersection(arg.objects()) for arg in use.args)
            if given and not (use.project or use.library or use.of_value):
                return True
            asked = objs.intersection(use.receiver.objects())
            if asked and any(_REMOVES_ITSELF.search(call.name.rpartition(".")[2]) for call in use.library):
                return True
        return False

    def _is_removed_on_close(self, call: LibraryCall) -> bool:
        names = [obj.type_name for value in self._parts(call.args) for obj in value.objects()]
        return any(_REMOVED_ON_CLOSE.fullmatch(name) for name in names)


def _is_unknown(use: Use) -> bool:
    """Whether nothing says what the call does."""
    if not use.library:
        return not use.of_value
    return any(call.entry is None for call in use.library)


def _is_unique(text: Text) -> bool:
    return any(isinstance(part, Gap) and part.kind == "unique" and part.reach in _EVERY_INVOCATION for part in text)


def _is_elsewhere(call: LibraryCall) -> bool:
    """Whether a call that makes a name is told of a folder outside the temporary directory."""
    values = [*call.args, *(value for _, value in call.named)]
    heads = [text[0] for value in values for text in value.texts if text and isinstance(text[0], str)]
    return any(head.startswith("/") and not re.match(r"/(?:var/)?tmp(?:/|$)", head) for head in heads)


def _starts_with(text: Text, folder: Text) -> bool:
    """Whether a path lies in a folder."""
    if len(text) < len(folder) or text[: len(folder) - 1] != folder[:-1]:
        return False
    last, own = folder[-1], text[len(folder) - 1]
    if isinstance(last, str):
        return isinstance(own, str) and own.startswith(f"{last.rstrip('/')}/")
    following = text[len(folder)] if len(text) > len(folder) else ""
    return own == last and isinstance(following, str) and following.startswith("/")


def _may_be(removed: Text, made: Text) -> bool:
    """Whether who removes the one path may remove the other, itself or a folder around it."""
    if removed == made or _starts_with(made, removed):
        return True
    if not any(isinstance(part, Gap) for part in removed):
        whole = "".join(part for part in removed if isinstance(part, str)).rstrip("/*")
        return isinstance(made[0], str) and made[0].startswith(f"{whole}/") if made else False
    if removed and isinstance(removed[0], Gap) and removed[0].kind == "unique" and isinstance(made[0], str):
        return False  # a name that a library made, or the id alone
    if not any(isinstance(part, Gap) and part.kind in ("unique", "unknown") for part in removed):
        return False  # made of other data alone: not the name that is unique
    head, other = _literal_head(removed), _literal_head(made)
    if not (head.startswith(other) or other.startswith(head)):
        return False
    tail, end = _literal_head(removed[::-1], backwards=True), _literal_head(made[::-1], backwards=True)
    return tail.endswith(end) or end.endswith(tail)


def _literal_head(text: Text, *, backwards: bool = False) -> str:
    """What the text certainly begins with (read backwards: ends with)."""
    found = ""
    for part in text:
        if not isinstance(part, str):
            break
        found = part + found if backwards else found + part
    return found
