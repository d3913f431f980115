"""Facts of one file: three-address events per function, with a structured flow over them.

The extractor (``facts/extract.py``) runs every function once over abstract values. Locals vanish: each
event's operands say which earlier events, parameters or receiver a value comes from. What remains are the
accesses to places that outlive an expression, the calls, the allocations and the suspensions.

Nothing here depends on another file, on configuration or on what is known about libraries: a name that is
not a local stays a name (``LoadFree``), a call stays a receiver and a method name. ``link`` interprets them.

Sources
    A *source* is an int that names where a value comes from inside one function:
    ``k >= 0`` the result of event ``k``; ``THIS`` the receiver; ``param(i)`` the i-th parameter.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from msgspec import Struct

from lmi_lint.model.names import Language

FACTS_VERSION = 10
"""Changes whenever a type below does."""

Source: TypeAlias = int

THIS: Source = -1
ELEMENT = "[]"
"""The key of any element that is reached by a computed index, and of what a container holds."""


def param(index: int) -> Source:
    """The source that stands for a parameter."""
    return -2 - index


def param_index(source: Source) -> int | None:
    """Which parameter a source stands for, if any."""
    return -2 - source if source <= -2 else None


class _Fact(Struct, frozen=True, array_like=True, gc=False):
    pass


class TypeName(_Fact, frozen=True):
    """A type as written, without array brackets (``array`` instead): ``Map`` with args, ``pkg.Outer.Inner``."""

    name: str
    args: tuple[TypeName, ...] = ()
    array: bool = False


class Hole(_Fact, frozen=True):
    """A part of a text that is not known here; it comes from these sources (none: quite unknown)."""

    sources: tuple[Source, ...]


Part: TypeAlias = str | Hole
Pattern: TypeAlias = tuple[Part, ...]
"""A text with holes: ``("/tmp/", Hole((param(0),)), ".json")``."""


class Operand(_Fact, frozen=True):
    """A value at a use.

    sources    which object it may be (several after a join); empty for literals and computed scalars
    made_from  whose data it is made of, directly or through operators and texts (includes ``sources``)
    texts      the texts that it may be, at most ``MAX_TEXTS``; empty when not known to be text
    constant   it is a literal (or a text of literals); then ``const`` is its value, None meaning null
    type       the allocated or declared type, where one is written
    """

    sources: tuple[Source, ...] = ()
    made_from: tuple[Source, ...] = ()
    texts: tuple[Pattern, ...] = ()
    constant: bool = False
    const: str | int | float | bool | None = None
    type: TypeName | None = None


MAX_TEXTS = 4
NOTHING = Operand()


class How(Enum):
    """How a store treats the old value (as in the IR)."""

    SET = "set"
    UPDATE = "update"  # the new value is made of the old one in one expression
    IF_ABSENT = "if absent"  # the old value stays if there is one
    DELETE = "delete"


# --------------------------------------------------------------------------- events


class _Event(Struct, frozen=True, array_like=True, gc=False, tag=True, tag_field="event"):
    """``start``/``end``: span in UTF-8 bytes. ``guards``: sources of the values whose test decides whether this
    event happens: enclosing conditions, loop tests, short circuits and earlier tests that could have left the
    function or the loop. ``regions``: indexes of the enclosing ``FunctionFacts.regions``, outermost first.
    """

    start: int
    end: int
    guards: tuple[Source, ...]
    regions: tuple[int, ...]


class LoadVar(_Event, frozen=True):
    """Reads a variable that lives in the frame of ``function`` (0: the module) and outlives the expression:
    a module variable, or a local that a nested function shares.
    """

    function: int
    name: str


class LoadFree(_Event, frozen=True):
    """Reads a bare name that no scope of this file declares as a variable: an import, a global, and in Java
    and C# a field, a class, a package.
    """

    name: str


class Load(_Event, frozen=True):
    """Reads ``base.key``; ``key`` is ``ELEMENT`` with the ``index`` operand for a computed index (a constant string
    index is a plain key).
    """

    base: Operand
    key: str
    index: Operand | None = None


class StoreVar(_Event, frozen=True):
    """Writes a frame variable; its declaration with an initial value is one too (``declares``)."""

    function: int
    name: str
    value: Operand
    how: How
    declares: bool = False


class StoreFree(_Event, frozen=True):
    """Writes a bare name that no scope of this file declares as a variable."""

    name: str
    value: Operand
    how: How


class Store(_Event, frozen=True):
    """Writes ``base.key``."""

    base: Operand
    key: str
    value: Operand
    how: How
    index: Operand | None = None


class Argument(_Fact, frozen=True):
    """One argument. ``spread``: ``*xs``, ``...xs``; with ``keywords`` ``**xs``. ``by_ref``: C# ref and out."""

    value: Operand
    name: str | None = None
    spread: bool = False
    by_ref: bool = False
    keywords: bool = False


class Call(_Event, frozen=True):
    """A call or construction. Exactly one shape:

    - ``receiver`` and ``method``: ``a.m(x)``; ``on_super`` for ``super.m(x)``
    - ``method`` alone: a bare name that no scope of this file declares: ``m(x)``, ``new Name(x)`` (dotted names kept
      whole where they start with a free name in Java and C#)
    - ``callee``: a function or class value: ``f(x)`` with local or frame ``f``, ``(cond ? g : h)(x)``, ``new K(x)``
    - ``on_super`` without method: the base constructor; ``on_this`` without method: another constructor

    ``awaited``: the result is awaited at once. ``discarded``: nothing uses the result. ``type``: what ``new`` makes.
    ``as_type``: the declared type of the variable that takes the result. ``decorates``: it applies a decorator.
    """

    receiver: Operand | None
    method: str
    callee: Operand | None
    args: tuple[Argument, ...]
    new: bool = False
    on_super: bool = False
    on_this: bool = False
    awaited: bool = False
    discarded: bool = False
    type: TypeName | None = None
    type_args: tuple[TypeName, ...] = ()
    as_type: TypeName | None = None
    decorates: bool = False


class Item(_Fact, frozen=True):
    """One part of a display: ``key`` is a constant key, or ``ELEMENT``. ``spread``: the parts of ``value``."""

    key: str
    value: Operand
    spread: bool = False


class MakeDisplay(_Event, frozen=True):
    """A fresh container or object from a literal. ``kind``: ``sequence``, ``mapping``, ``set``, ``object``."""

    kind: str
    items: tuple[Item, ...]
    type: TypeName | None = None


class MakeClosure(_Event, frozen=True):
    """A function of this file becomes a value, closed over the present frame and, if LAMBDA, receiver."""

    function: int


class MakeClass(_Event, frozen=True):
    """A class of this file becomes a value. ``base``: the evaluated ``extends`` expression (JavaScript)."""

    klass: int
    base: Operand | None = None


class Element(_Event, frozen=True):
    """One element of what a loop iterates over (or of a destructured sequence). ``as_type``: its declared type;
    ``position``: which element it is, counted from 0, where that is written."""

    base: Operand
    as_type: TypeName | None = None
    position: int | None = None


class Suspend(_Event, frozen=True):
    """Another invocation may run here. ``value``: what is awaited. The event's result is the awaited value."""

    how: str
    value: Operand


Event: TypeAlias = (
    LoadVar
    | LoadFree
    | Load
    | StoreVar
    | StoreFree
    | Store
    | Call
    | MakeDisplay
    | MakeClosure
    | MakeClass
    | Element
    | Suspend
)


def operands(event: Event) -> list[Operand]:
    """The operands that an event uses, those of its arguments and items included."""
    found: list[Operand | None]
    match event:
        case Call():
            found = [event.receiver, event.callee, *[arg.value for arg in event.args]]
        case Load():
            found = [event.base, event.index]
        case Store():
            found = [event.base, event.value, event.index]
        case StoreVar() | StoreFree() | Suspend():
            return [event.value]
        case MakeDisplay():
            return [item.value for item in event.items]
        case MakeClass():
            found = [event.base]
        case Element():
            return [event.base]
        case LoadVar() | LoadFree() | MakeClosure():
            return []
    return [operand for operand in found if operand is not None]


# --------------------------------------------------------------------------- flow


class _Flow(Struct, frozen=True, array_like=True, gc=False, tag=True, tag_field="flow"):
    pass


class Step(_Flow, frozen=True):
    """One event."""

    event: int


class Seq(_Flow, frozen=True):
    """In order."""

    items: tuple[Flow, ...]


class Branch(_Flow, frozen=True):
    """One of the arms (an empty ``Seq`` for a missing else)."""

    arms: tuple[Flow, ...]


class Loop(_Flow, frozen=True):
    """The body any number of times (at least once if so marked). ``bounded``: once for each element of something, or
    as often as a counter lets it."""

    body: Flow
    at_least_once: bool = False
    bounded: bool = False


class Attempt(_Flow, frozen=True):
    """try: the body may leave to any handler at any point; ``final`` always runs. ``caught``: per handler the types
    that it takes, as written; None: whatever is raised."""

    body: Flow
    handlers: tuple[Flow, ...]
    final: Flow
    caught: tuple[tuple[str, ...] | None, ...] = ()


class Exit(_Flow, frozen=True):
    """``return``, ``raise``, ``reraise`` (what a handler caught): nothing after it in this function (but ``final``
    blocks); ``jump``: break or continue."""

    how: str


Flow: TypeAlias = Step | Seq | Branch | Loop | Attempt | Exit


class Region(_Fact, frozen=True):
    """A block during which something is held. ``how``: ``monitor`` (a lock for certain), ``with`` or ``using`` (a
    resource: link decides whether it is a lock). ``start``/``end``: the block's span.
    """

    how: str
    resource: Operand
    start: int
    end: int


# --------------------------------------------------------------------------- declarations


class AnnotationFacts(_Fact, frozen=True):
    """A decorator, annotation or attribute: dotted name as written; arguments that are literals or names as text (None:
    neither), the entries of an object as arguments with their ``names``."""

    name: str
    args: tuple[str | None, ...] = ()
    names: tuple[str | None, ...] = ()
    start: int = 0
    end: int = 0


class ParamFacts(_Fact, frozen=True):
    """A parameter. ``default`` is evaluated at the function's start where it has one. ``keywords``: a ``rest`` that
    takes the arguments given by other names."""

    name: str
    type: TypeName | None
    has_default: bool
    rest: bool
    annotations: tuple[AnnotationFacts, ...] = ()
    keywords: bool = False


class Presence(_Fact, frozen=True):
    """What a condition says of a value wherever the events from ``first`` to before ``end`` happen, being around them,
    or leading away otherwise: it is true, not null, or found; with ``absent`` it is none of these; with ``text`` it
    equals that."""

    source: Source
    first: int
    end: int
    absent: bool = False
    text: str | None = None


class FunctionFacts(_Fact, frozen=True):
    """One function. ``flags`` is the int of ``ir.nodes.Flags``; ``name_start``/``name_end`` the span of its name (or of
    the whole where it has none). ``returns``: what it may return (yielded values included, for generators);
    ``present``: what is known of the guards of events.
    """

    name: str
    name_start: int
    name_end: int
    start: int
    end: int
    flags: int
    owner: int | None
    outer: int | None
    params: tuple[ParamFacts, ...]
    events: tuple[Event, ...]
    flow: Flow
    regions: tuple[Region, ...]
    returns: tuple[Operand, ...]
    annotations: tuple[AnnotationFacts, ...]
    return_type: TypeName | None = None
    present: tuple[Presence, ...] = ()


class FieldFacts(_Fact, frozen=True):
    """A declared field."""

    name: str
    type: TypeName | None
    flags: int
    start: int
    end: int
    annotations: tuple[AnnotationFacts, ...] = ()


class ClassFacts(_Fact, frozen=True):
    """A class. ``methods`` index ``ModuleFacts.functions``, initialisers and constructors included."""

    name: str
    name_start: int
    name_end: int
    flags: int
    bases: tuple[TypeName, ...]
    interfaces: tuple[TypeName, ...]
    fields: tuple[FieldFacts, ...]
    methods: tuple[int, ...]
    outer_class: int | None
    outer: int | None
    annotations: tuple[AnnotationFacts, ...]
    type_params: tuple[str, ...] = ()


class ImportFacts(_Fact, frozen=True):
    """See ``ir.nodes.Import``; ``kind`` is the value of ``ImportKind``."""

    module: str
    name: str | None
    alias: str
    kind: str
    dynamic: bool
    start: int
    end: int


class ExportFacts(_Fact, frozen=True):
    """See ``ir.nodes.Export``."""

    public: str
    local: str | None
    source: str | None
    start: int
    end: int


class CommentFacts(_Fact, frozen=True):
    """A comment that speaks to lmi-lint (its text contains ``lmi:``)."""

    text: str
    own_line: bool
    start: int
    end: int


class FlawFacts(_Fact, frozen=True):
    """A part that could not be read."""

    message: str
    start: int
    end: int


class VariableFacts(_Fact, frozen=True):
    """A declared module variable (function 0): where, and whether the binding may change."""

    name: str
    type: TypeName | None
    mutable: bool
    start: int
    end: int


class ModuleFacts(_Fact, frozen=True):
    """All facts of one file. ``lines`` counts its lines."""

    path: str
    language: Language
    package: str | None
    imports: tuple[ImportFacts, ...]
    exports: tuple[ExportFacts, ...]
    variables: tuple[VariableFacts, ...]
    functions: tuple[FunctionFacts, ...]
    classes: tuple[ClassFacts, ...]
    comments: tuple[CommentFacts, ...]
    flaws: tuple[FlawFacts, ...]
    opaque: int
    lines: int
