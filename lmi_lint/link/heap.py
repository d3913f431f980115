"""Abstract objects, abstract values, and the heap that holds them.

An object stands for everything that one allocation makes in one evaluation of its function. Objects made at
load are real and shared; those made in a request belong to it until an environment object holds them, which the
``shared`` flag of the reference says: a reference read out of a shared object is shared.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lmi_lint.facts.model import ELEMENT
from lmi_lint.link.limits import LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lmi_lint.link.context import Context
    from lmi_lint.link.names import ClassInfo, FunctionInfo


class Phase(IntEnum):
    """When an evaluation happens or an object is made."""

    LOAD = 0
    REQUEST = 1


class Kind(IntEnum):
    """What an object is."""

    OBJECT = 0  # an instance of a project class, or a display
    CLOSURE = 1
    CLASS = 2
    FRAME = 3
    MODULE = 4  # a module's namespace
    NAME = 5  # something outside the project, by its qualified name
    INSTANCE = 6  # an instance of a type outside the project
    EVENT = 7
    CONTEXT = 8


class Obj:
    """One abstract object; compared by identity.

    ``type_name``: qualified name of a library type or of what a NAME names; ``klass``: a project class;
    ``function``, ``env``, ``this``: of closures; ``env`` also of classes and instances (the frame they were made in);
    ``site``: path and span of the allocation; ``home``: where it was first stored, for its name in messages;
    ``alone``, ``alone_shared``: the values that are this object, as ``only`` made them;
    ``guessed``: known by a declared type alone, or one of several; ``transient``: it stands for the object that each
    request has of its own, whoever holds it.
    """

    __slots__ = (
        "alone",
        "alone_shared",
        "base",
        "depth",
        "env",
        "function",
        "guessed",
        "home",
        "kind",
        "klass",
        "label",
        "phase",
        "serial",
        "site",
        "this",
        "transient",
        "type_name",
    )

    def __init__(
        self,
        serial: int,
        kind: Kind,
        phase: Phase,
        *,
        type_name: str = "",
        klass: ClassInfo | None = None,
        function: FunctionInfo | None = None,
        env: Obj | None = None,
        this: Val | None = None,
        site: tuple[str, int, int] | None = None,
        label: str = "",
        depth: int = 0,
        guessed: bool = False,
    ) -> None:
        self.serial = serial
        self.kind = kind
        self.phase = phase
        self.type_name = type_name
        self.klass = klass
        self.function = function
        self.env = env
        self.this = this
        self.site = site
        self.label = label
        self.depth = depth
        self.guessed = guessed
        self.transient = False
        self.home: tuple[Obj, str] | None = None
        self.base: Val | None = None
        self.alone: Val | None = None
        self.alone_shared: Val | None = None

    def dissolve(self) -> None:
        """Let go of other objects."""
        self.env = self.this = self.home = self.base = self.alone = self.alone_shared = None

    def __repr__(self) -> str:
        what = self.label or (self.klass.name if self.klass else "") or self.type_name
        if self.function is not None:
            what = self.function.label
        return f"<{self.kind.name.lower()} {what} {self.phase.name.lower()} {id(self) & 0xFFFF:04x}>"


class Gap(NamedTuple):
    """An unknown part of a text. ``kind``: ``unknown``; ``request`` (data of the invocation); ``base`` (last part of a
    path from the invocation); ``unique`` with a ``reach`` (call, request, thread, process, second; environment: made
    unique when that loaded); ``setting``, the same for all invocations, whose ``reach`` is its default."""

    kind: str
    reach: str = ""


Text: TypeAlias = tuple[str | Gap, ...]
Ref: TypeAlias = tuple[Obj, bool]
"""An object and whether it was reached through something shared."""
Origin: TypeAlias = tuple[str, ...]
"""Where data comes from: ``("event", "user")``, ``("context",)``."""


class ReadId(NamedTuple):
    """One read of a shared place: an event of one evaluation."""

    context: Context
    event: int


class Val:
    """An abstract value. ``refs``: objects that it may be; ``data``: origins of the invocation's data in it; ``reads``:
    reads of shared places that it is made of; ``texts``: texts that it may be; ``constant``: a literal, nothing else;
    ``null``: the literal null."""

    __slots__ = ("_ordered", "constant", "data", "null", "reads", "refs", "texts")

    def __init__(
        self,
        refs: frozenset[Ref] = frozenset(),
        data: frozenset[Origin] = frozenset(),
        reads: frozenset[ReadId] = frozenset(),
        texts: frozenset[Text] = frozenset(),
        constant: bool = False,
        null: bool = False,
    ) -> None:
        self.refs = refs
        self.data = data
        self.reads = reads
        self.texts = texts
        self.constant = constant
        self.null = null
        self._ordered: tuple[Ref, ...] | None = None

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Val)
            and self.refs == other.refs
            and self.data == other.data
            and self.texts == other.texts
            and self.reads == other.reads
            and self.constant == other.constant
            and self.null == other.null
        )

    def __hash__(self) -> int:
        return hash((self.refs, self.data, self.texts))

    def each(self) -> Iterable[Ref]:
        """The references, in the order in which their objects were made."""
        if self._ordered is None:
            self._ordered = tuple(sorted(self.refs, key=_serial) if len(self.refs) > 1 else self.refs)
        return self._ordered

    def objects(self) -> list[Obj]:
        """The objects that it may be, oldest first."""
        return [obj for obj, _ in self.each()]

    def without_reads(self) -> Val:
        """The same value as a heap cell keeps it."""
        return self if not self.reads else Val(self.refs, self.data, frozenset(), self.texts, self.constant, self.null)

    def made_from(self) -> Val:
        """What a computation on it is made of: its data and reads, not the object itself."""
        return Val(frozenset(), self.data, self.reads) if self.data or self.reads else NONE


EVENT_DATA: frozenset[Origin] = frozenset({("event",)})
CONTEXT_DATA: frozenset[Origin] = frozenset({("context",)})
NONE = Val()
CONSTANT = Val(constant=True)
NULL = Val(constant=True, null=True)


def of(obj: Obj, *, shared: bool = False) -> Val:
    """The value that is one object."""
    found = obj.alone_shared if shared else obj.alone
    if found is None:
        found = Val(frozenset(((obj, shared),)))
        if shared:
            obj.alone_shared = found
        else:
            obj.alone = found
    return found


def only(ref: Ref) -> Val:
    """The value that is one object, reached in this way."""
    return of(ref[0], shared=ref[1])


def _serial(ref: Ref) -> tuple[int, bool]:
    return ref[0].serial, ref[1]


def _cap_data(data: frozenset[Origin]) -> frozenset[Origin]:
    """The whole of the event says what a part of it would; so the caps below only ever widen."""
    if len(data) < 2:
        return data
    whole = {origin[0] for origin in data if len(origin) == 1}
    if len(data) - len(whole) > LIMITS.origins:
        whole = {origin[0] for origin in data}
    if not whole or len(whole) == len(data):
        return data
    return frozenset(origin for origin in data if len(origin) == 1 or origin[0] not in whole) | {(w,) for w in whole}


def _cap_texts(texts: frozenset[Text]) -> frozenset[Text]:
    return texts if len(texts) <= LIMITS.texts else frozenset()


def _cap_refs(refs: frozenset[Ref]) -> frozenset[Ref]:
    return refs if len(refs) <= LIMITS.refs else frozenset(sorted(refs, key=_serial)[: LIMITS.refs])


def _cap_reads(reads: frozenset[ReadId]) -> frozenset[ReadId]:
    if len(reads) <= LIMITS.reads:
        return reads
    return frozenset(sorted(reads, key=lambda read: (read.context.serial, read.event))[: LIMITS.reads])


def join(left: Val, right: Val) -> Val:
    """The value that is one of two."""
    if left is right or right is NONE:
        return left
    if left is NONE:
        return right
    if (
        right.refs <= left.refs
        and right.data <= left.data
        and right.reads <= left.reads
        and right.texts == left.texts
        and left.constant == right.constant
        and left.null == right.null
    ):
        return left
    texts = left.texts | right.texts if (left.texts and right.texts) else left.texts or right.texts
    if (left.texts and not right.texts and not right.null) or (right.texts and not left.texts and not left.null):
        texts = frozenset()
    return Val(
        _cap_refs(left.refs | right.refs if right.refs else left.refs),
        _cap_data(left.data | right.data if right.data else left.data),
        _cap_reads(left.reads | right.reads if right.reads else left.reads),
        _cap_texts(texts),
        left.constant and right.constant,
        left.null and right.null,
    )


def join_all(values: Iterable[Val]) -> Val:
    """The value that is one of several."""
    result = NONE
    for value in values:
        result = join(result, value)
    return result


def blend(values: Iterable[Val]) -> Val:
    """What a computation over several values is made of: data and reads, no objects."""
    data, reads = NONE.data, NONE.reads
    for value in values:
        if value.data:
            data = data | value.data if data else value.data
        if value.reads:
            reads = reads | value.reads if reads else value.reads
    return Val(frozenset(), _cap_data(data), _cap_reads(reads)) if data or reads else NONE


class Heap:
    """Cells ``(object, key) → value``, weakly updated, and who read them. ``own``: those that were stored, if only
    once, by who had the object alone: the others were filled when it was shared already."""

    __slots__ = ("cells", "dirty", "keys", "own", "readers", "rows", "scattered")

    def __init__(self) -> None:
        self.cells: dict[tuple[Obj, str], Val] = {}
        self.keys: dict[Obj, set[str]] = {}
        self.own: set[tuple[Obj, str]] = set()
        self.readers: dict[tuple[Obj, str], dict[Context, set[int]]] = {}  # in the order of reading, with their events
        self.dirty: list[Context] = []
        self.rows: dict[Obj, list[Val]] = {}
        self.scattered: set[Obj] = set()

    def lay_out(self, obj: Obj, parts: list[Val]) -> None:
        """The elements of a sequence that is written out, each in its place."""
        old = self.rows.get(obj, parts)
        self.rows[obj] = [join(*pair) for pair in zip(old, parts, strict=False)]
        if self.rows[obj] != old:
            self.changed(obj, ELEMENT)
        for part in parts:
            self._store(obj, ELEMENT, part)

    def row(self, obj: Obj, reader: Context | None) -> list[Val] | None:
        """The elements of a sequence by their places, as long as nothing is put in between."""
        self.load(obj, ELEMENT, reader)
        return self.rows.get(obj) if obj not in self.scattered else None

    def load(self, obj: Obj, key: str, reader: Context | None) -> Val | None:
        """The cell's value, or None where nothing was stored."""
        cell = (obj, key)
        if reader is not None:
            self._note_reader(cell, reader)
        return self.cells.get(cell)

    def load_any(self, obj: Obj, reader: Context | None) -> Val | None:
        """The join of all cells of an object but those of our own, whose keys have a bracket: a read by a computed
        index."""
        if reader is not None:
            self._note_reader((obj, "*"), reader)
        found = [self.cells[obj, key] for key in sorted(self.keys.get(obj, ())) if not key.startswith("(")]
        return join_all(found) if found else None

    def store(self, obj: Obj, key: str, value: Val, *, shared: bool = False) -> None:
        """Add a value to a cell; readers of a cell that changed become dirty. ``shared``: by a shared reference."""
        if obj in self.rows and obj not in self.scattered and (key == ELEMENT or key.isdecimal()):
            self.scattered.add(obj)
            self.changed(obj, ELEMENT)
        self._store(obj, key, value, shared=shared)

    def _store(self, obj: Obj, key: str, value: Val, *, shared: bool = False) -> None:
        cell = (obj, key)
        if not shared and (value.data or value.refs):
            self.own.add(cell)
        if obj.phase is Phase.LOAD:
            value = value.without_reads()  # what an environment object holds has no one reader
        old = self.cells.get(cell)
        if old is None:
            keys = self.keys.get(obj)
            if keys is None:
                self.keys[obj] = {key}
            else:
                keys.add(key)
            new = value
        else:
            new = join(old, value)
            if new is old or new == old:
                return
        self.cells[cell] = new
        for ref, _ in new.refs:
            if ref.home is None and ref is not obj:
                ref.home = (obj, key)
        self.changed(obj, key)
        self.changed(obj, "*")

    def _note_reader(self, cell: tuple[Obj, str], reader: Context) -> None:
        readers = self.readers.get(cell)
        if readers is None:
            readers = self.readers[cell] = {}
        events = readers.get(reader)
        if events is None:
            readers[reader] = {reader.at}
        else:
            events.add(reader.at)

    def changed(self, obj: Obj, key: str) -> None:
        """Whoever read a cell becomes dirty (``*``: whoever read all cells of an object)."""
        readers = self.readers.get((obj, key))
        if readers is None:
            return
        for reader, events in readers.items():
            reader.outdate(events)
            self.dirty.append(reader)


def is_shared(ref: Ref) -> bool:
    """Whether two invocations can reach the object: made at load, or read out of something shared."""
    obj, shared = ref
    return shared or obj.phase is Phase.LOAD


def describe(obj: Obj, key: str, depth: int = 0) -> str:
    """A place's name as a reader of the code would say it."""
    owner = name_of(obj, depth) if obj.klass is None else declaring(obj.klass, key).name or name_of(obj, depth)
    if key == ELEMENT:
        return f"{owner}[…]" if owner else "[…]"
    return f"{owner}.{key}" if owner else key


def declaring(klass: ClassInfo, key: str) -> ClassInfo:
    """The class of the hierarchy, as far as it was read, that declares a field; the class itself if none does."""
    seen = [klass]
    for each in seen:
        if key in each.fields:
            return each
        seen.extend(above for above in each.supers or () if not isinstance(above, str) and above not in seen)
    return klass


def name_of(obj: Obj, depth: int = 0) -> str:
    """An object's name: its class, its variable, or what it is; empty for a module's frame."""
    if obj.kind in (Kind.FRAME, Kind.MODULE):
        return ""
    if obj.kind is Kind.NAME:
        return obj.type_name
    if obj.klass is not None and (obj.klass.name or obj.label):
        return obj.klass.name or obj.label
    if obj.home is not None and depth < 3:
        return describe(*obj.home, depth + 1)
    return obj.label or obj.type_name.rpartition(".")[2]
