"""What rules look at: accesses to shared places and calls of libraries, each with its evaluation."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from lmi_lint.facts.model import ELEMENT
from lmi_lint.knowledge.model import CallEntry
from lmi_lint.link.context import Context, Held
from lmi_lint.link.heap import Kind, Obj, Phase, ReadId, Val, describe
from lmi_lint.model.source import Span


class Mode(Enum):
    """What an access does to a place."""

    READ = "read"
    WRITE = "write"
    INIT = "init"  # a write that keeps what is there
    DELETE = "delete"
    MUTATE = "mutate"  # changes the content of a library object
    ADD = "add"  # grows it
    REMOVE = "remove"  # shrinks it
    LOOK = "look"  # reads its content
    ITERATE = "iterate"  # walks its content
    ATOMIC = "atomic"  # an indivisible read and change

    @property
    def changes(self) -> bool:
        """Whether it leaves the place different."""
        return self not in (Mode.READ, Mode.LOOK, Mode.ITERATE)


class Access(Struct, frozen=True, eq=False):
    """One access to a place that concurrent invocations may share.

    ``obj``/``key``: the place; ``value``: what is written or added; ``index``: the computed key; ``update``: the new
    value is made of the old one in one expression; ``method``: for library objects; ``guards``: reads that decide
    whether it happens; ``held``: locks held; ``keeps``: a library method that puts the value into the object's one slot
    or at its end.
    """

    context: Context
    event: int
    obj: Obj
    key: str
    mode: Mode
    span: Span
    value: Val
    index: Val | None
    update: bool
    method: str
    guards: frozenset[ReadId]
    held: frozenset[Held]
    keeps: bool = False

    @property
    def path(self) -> str:
        """The file of the access."""
        return self.context.function.module.path

    @property
    def place(self) -> tuple[Obj, str]:
        """The place as a key."""
        return self.obj, self.key

    def goes_with(self, lock: Obj) -> bool:
        """Whether the one of many locks that is chosen goes with the place: it is an entry of a container, as a key
        chooses one, or part of the object that has, or is, the lock."""
        owner = lock.home[0] if lock.home is not None else lock
        kept = self.obj.home is not None and self.obj.home[1] == ELEMENT
        return self.key == ELEMENT or kept or self.obj in (lock, owner)

    @property
    def place_name(self) -> str:
        """The place for people."""
        if self.method:
            return describe(self.obj, ELEMENT).removesuffix("[…]") or self.obj.type_name
        return describe(self.obj, self.key)

    @property
    def read_id(self) -> ReadId:
        """The identity under which values carry this read."""
        return ReadId(self.context, self.event)


class LibraryCall(Struct, frozen=True, eq=False):
    """One call of something outside the project, by its qualified name; also an assignment that knowledge knows
    (``AWS.config.region = value``), with the value as its one argument.

    ``entry``: what knowledge says of it; ``targets``: the receiver's objects (True: shared); ``result``: its value;
    ``new``: a construction; ``named``: the arguments given by name, which stand in ``args`` too.
    """

    context: Context
    event: int
    name: str
    entry: CallEntry | None
    receiver: Val
    args: tuple[Val, ...]
    result: Val
    new: bool
    span: Span
    held: frozenset[Held]
    guards: frozenset[ReadId]
    named: tuple[tuple[str, Val], ...] = ()

    @property
    def subject(self) -> Val:
        """What a method is called on; that of ``Type::method``, a function of what it is called on, its argument."""
        of_type = bool(self.receiver.refs) and all(obj.kind is Kind.NAME for obj, _ in self.receiver.refs)
        return self.args[0] if of_type and not self.receiver.texts and self.args else self.receiver

    @property
    def phase(self) -> Phase:
        """Load or request."""
        return self.context.phase

    @property
    def path(self) -> str:
        """The file of the call."""
        return self.context.function.module.path

    @property
    def role(self) -> str:
        """The call's role, or nothing."""
        return self.entry.role if self.entry is not None else ""


class Recorder:
    """Collects what settled evaluations have noted. ``beside``: what listeners and timers that load left
    behind do to shared places, which no invocation does."""

    def __init__(self) -> None:
        self.accesses: list[Access] = []
        self.beside: list[Access] = []
        self.calls: list[LibraryCall] = []
        self.resolved = 0
        self.unresolved = 0

    def resolve(self) -> None:
        """Something is known about a call of the request."""
        self.resolved += 1

    def give_up(self) -> None:
        """Nothing is known about one."""
        self.unresolved += 1
