"""The IR: one small closed tree for four languages.

Invariants
1. Field order is evaluation order. ``children`` yields fields in order, so a post-order walk of an expression is the
   order of its reads, calls and suspensions. ``n += await f()`` lowers to
   ``Assign(Name n, Op("+", Name n, Await(Call f)), UPDATE)``: the read precedes the await.
2. Nothing is dropped. An unknown construct is ``Opaque`` with its lowered children, and counted as coverage.
3. Every node has its span (UTF-8 byte offsets); synthesised nodes borrow that of the construct that made them.
4. No sugar: compound assignment, ``++``, ``using``, ``synchronized``, ``foreach``, ``?.``, comprehensions,
   destructuring, interpolation, ``switch`` are lowered to the nodes below.
5. No names are resolved here. The binder (``facts/binder.py``) does that.
6. ``Module.functions[0]`` is the module body (flag ``INITIALIZER``). A class with static initialisers has one synthetic
   static function flagged ``INITIALIZER | STATIC`` (field initialisers and static blocks in source order, fields
   assigned as ``Member(ClassValue(i), name)``); one with instance field initialisers has one flagged
   ``INITIALIZER`` (assigned as ``Member(This, name)``), which runs after the base constructor.

How common sugar lowers
- ``x ??= e`` → ``Assign(x, e, IF_ABSENT)``; ``a op= e``, ``a++`` → ``Assign(a, Op(a, e), UPDATE)``; ``delete a.b`` →
  ``Assign(Member, None, DELETE)``.
- ``switch`` → a chain of ``If`` whose tests compare the (once evaluated) subject; the ``break`` that ends an arm is
  dropped; one deeper inside is ``Jump(BREAK, label="switch")``.
- destructuring → ``Assign(Pattern(...), value)`` or ``Declare`` per name; ``Pattern.paths``: the part that each takes.
- ``for (x of e)`` → ``Loop(iterates=e, target=x)``; ``for await`` is that with ``Await(None, FOR_AWAIT)`` in front.
- ``with``/``using``/try-with-resources → ``Scoped``; ``synchronized``/``lock`` → ``Scoped(how=MONITOR)``.
- comprehensions → ``Sequence``: a ``Declare`` of a fresh display under a name no program can write (``$1``), a
  ``Loop`` that adds to it with ``Assign(Index($1, None-literal), element)``, and that name as value.
- ``x++`` as a value is the same ``Assign``; text built by ``+`` is a ``Template`` where one side is known to be text;
  ``a += "text"`` is UPDATE with one of the old value.
- a method reference ``a::m`` → ``Closure`` of a synthetic LAMBDA with one rest parameter that calls ``a.m``.
- a Python decorator → ``Assign(f, Call(d, Closure f))`` in place of the definition; kept in ``decorators`` as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, Flag, auto
from typing import TypeAlias

from msgspec import Struct

from lmi_lint.model.names import Language


class Node(Struct, frozen=True, gc=False, array_like=True, tag=True, tag_field="node"):
    """Any IR node. ``start`` and ``end`` are UTF-8 byte offsets, half-open. Tagged, so that trees can be sent from the
    process that reads files."""

    start: int
    end: int


# --------------------------------------------------------------------------- small vocabularies


class DisplayKind(Enum):
    """What a literal container makes."""

    SEQUENCE = "sequence"
    MAPPING = "mapping"
    SET = "set"
    OBJECT = "object"


class OpKind(Enum):
    """What an operator does, as far as anyone asks."""

    ARITH = "arith"
    COMPARE = "compare"
    NOT = "not"
    OTHER = "other"


class How(Enum):
    """How an assignment treats the old value."""

    SET = "set"
    UPDATE = "update"
    IF_ABSENT = "if absent"
    DELETE = "delete"


class AwaitKind(Enum):
    """What suspends."""

    AWAIT = "await"
    YIELD = "yield"
    FOR_AWAIT = "for await"
    USING_AWAIT = "using await"


class ScopedKind(Enum):
    """What a scoped block holds."""

    WITH = "with"
    USING = "using"
    MONITOR = "monitor"


class JumpKind(Enum):
    """Leaves a loop or an iteration."""

    BREAK = "break"
    CONTINUE = "continue"


class ArgMode(Enum):
    """How an argument is passed."""

    IN = "in"
    REF = "ref"
    OUT = "out"


class DeclareKind(Enum):
    """Scope of a declared name: ``VAR`` is hoisted to the function, the others are block scoped."""

    CONST = "const"
    LET = "let"
    VAR = "var"


class ImportKind(Enum):
    """What an import binds."""

    VALUE = "value"  # import {a as b} / from m import a / Java single-type import / default import
    NAMESPACE = "namespace"  # import * as m / import m / require("m") bound whole
    WILDCARD = "wildcard"  # import p.* / from m import * / C# using
    STATIC = "static"  # Java static import
    TYPE_ONLY = "type only"  # import type …: erased at run time
    EFFECT = "effect"  # import "m" for its effect alone


class Flags(Flag):
    """Modifiers of functions, classes and fields."""

    NONE = 0
    ASYNC = auto()
    GENERATOR = auto()
    STATIC = auto()
    FINAL = auto()
    VOLATILE = auto()
    SYNCHRONIZED = auto()
    ABSTRACT = auto()
    OVERRIDE = auto()
    CONSTRUCTOR = auto()
    INITIALIZER = auto()
    PUBLIC = auto()
    PRIVATE = auto()
    READONLY = auto()
    THREAD_STATIC = auto()
    LAMBDA = auto()  # lexical `this`: arrow functions, Java and C# lambdas
    PARTIAL = auto()
    ACCESSOR_GET = auto()
    ACCESSOR_SET = auto()
    EXTENSION = auto()
    METHOD = auto()  # has a receiver of its own (class methods, object-literal methods, `function` in JS)
    INTERFACE = auto()
    ENUM = auto()
    RECORD = auto()
    EXPORTED = auto()
    REPLACED = auto()  # a method whose name stands for what its decorators made of it
    MEMOISED = auto()  # an accessor that computes its value once per object


# --------------------------------------------------------------------------- types


class TypeRef(Node, frozen=True):
    """A type as written; resolved at link. ``name`` is dotted and without type arguments; arrays are ``T[]``."""

    name: str
    args: tuple[TypeRef, ...] = ()


# --------------------------------------------------------------------------- expressions


class Literal(Node, frozen=True):
    """A constant. Regular expressions are a ``Call(new)`` of ``RegExp`` with pattern and flags."""

    value: str | int | float | bool | None


class Name(Node, frozen=True):
    """An identifier, not yet resolved."""

    id: str


class This(Node, frozen=True):
    """The receiver of the enclosing method (lexical in LAMBDA functions)."""


class Super(Node, frozen=True):
    """The receiver, with member look-up starting at the base class; called: the base constructor."""


class Member(Node, frozen=True):
    """``base.name``, optional chaining too."""

    base: Expr
    name: str


class Index(Node, frozen=True):
    """``base[key]``."""

    base: Expr
    key: Expr


class Template(Node, frozen=True):
    """Text made of parts: f-strings, template literals, ``+`` on strings (where one side is a string literal)."""

    parts: tuple[Expr, ...]


class Entry(Node, frozen=True):
    """One item of a display. ``key`` is None in sequences; ``spread`` marks ``...x``, ``*x``, ``**x``."""

    key: Expr | None
    value: Expr
    spread: bool = False


class Display(Node, frozen=True):
    """A literal container or object: always a fresh object."""

    kind: DisplayKind
    items: tuple[Entry, ...]
    type: TypeRef | None = None


class Op(Node, frozen=True):
    """An operator over operands, all evaluated, left to right. ``text`` is the operator as written."""

    kind: OpKind
    text: str
    operands: tuple[Expr, ...]


class Choice(Node, frozen=True):
    """Exactly one of two is evaluated: ``t ? a : b``. ``a || b`` is ``Choice(a, None, b)``: then is the test's value;
    ``a && b`` is ``Choice(a, b, None)``; ``a ?? b`` is ``Choice(a, None, b)``."""

    test: Expr
    then: Expr | None
    orelse: Expr | None


class Arg(Node, frozen=True):
    """An argument. ``keywords``: a mapping of arguments by name is spread (``**options``)."""

    value: Expr
    name: str | None = None
    spread: bool = False
    mode: ArgMode = ArgMode.IN
    keywords: bool = False


class Call(Node, frozen=True):
    """A call or, with ``new``, a construction.

    ``type`` is the constructed type of ``new`` in Java and C# (callee is then a ``Name`` or ``Member`` of the same
    text); an anonymous class is ``new`` with callee ``ClassValue``. ``fills`` are object-initialiser members.
    ``decorates``: it applies a decorator.
    """

    callee: Expr
    args: tuple[Arg, ...]
    new: bool = False
    type: TypeRef | None = None
    type_args: tuple[TypeRef, ...] = ()
    fills: tuple[Entry, ...] = ()
    decorates: bool = False


class Pattern(Node, frozen=True):
    """A destructuring target. ``paths[i]`` is the member path that ``targets[i]`` takes of the value
    (``"*"`` for an element of a sequence, ``"*0"`` for its first, ``"..."`` for a rest); ``defaults[i]`` stands in
    where it is absent."""

    targets: tuple[Name | Member | Index, ...]
    paths: tuple[tuple[str, ...], ...]
    defaults: tuple[Expr | None, ...]


class Assign(Node, frozen=True):
    """An assignment; as an expression it yields the value. ``value`` is None for DELETE. For UPDATE the value holds
    the read."""

    value: Expr | None
    target: Target
    how: How = How.SET


class Await(Node, frozen=True):
    """A suspension: ``await v``, ``yield v`` (async generators), one step of ``for await``."""

    value: Expr | None
    how: AwaitKind = AwaitKind.AWAIT


class Closure(Node, frozen=True):
    """A function as a value: lambda, arrow, function expression, method reference."""

    function: int


class ClassValue(Node, frozen=True):
    """A class of this module as a value: class expression, anonymous class, or the owner in a static initialiser."""

    klass: int


class TypeValue(Node, frozen=True):
    """A type as a value: ``Foo.class``, ``typeof(Foo)``, the argument of ``instanceof``."""

    type: TypeRef


class Sequence(Node, frozen=True):
    """Statements evaluated for an expression: comma operator, comprehension, switch expression, assignment
    in a condition. ``value`` is evaluated after ``body``, inside its scope."""

    body: Block
    value: Expr | None


class Opaque(Node, frozen=True):
    """A construct that has no lowering; ``what`` is the parser's node type. Children are kept, in order."""

    what: str
    children: tuple[Expr | Stmt, ...]


# --------------------------------------------------------------------------- statements


class Do(Node, frozen=True):
    """An expression for its effect."""

    value: Expr


class Declare(Node, frozen=True):
    """Introduces one local or module name. ``mutable`` is False for ``const``, ``final``: the binding, not its
    content."""

    name: str
    type: TypeRef | None
    init: Expr | None
    kind: DeclareKind = DeclareKind.LET
    mutable: bool = True


class If(Node, frozen=True):
    """A conditional."""

    test: Expr
    then: Block
    orelse: Block = ()


class Loop(Node, frozen=True):
    """Any loop. ``iterates`` is evaluated once; ``target`` is assigned an element per turn (``declares`` when
    the loop introduces its names); ``test`` and ``update`` are evaluated per turn. A body that always runs once
    has ``at_least_once``. ``type``: the declared type of the element."""

    iterates: Expr | None
    target: Target | None
    test: Expr | None
    body: Block
    update: Expr | None = None
    declares: DeclareKind | None = None
    at_least_once: bool = False
    label: str | None = None
    type: TypeRef | None = None


class Handler(Node, frozen=True):
    """An ``except``/``catch`` arm."""

    name: str | None
    type: TypeRef | None
    body: Block


class Try(Node, frozen=True):
    """try/catch/else/finally."""

    body: Block
    handlers: tuple[Handler, ...]
    orelse: Block
    final: Block


class Scoped(Node, frozen=True):
    """A resource or monitor held for a block. ``suspends`` marks the async forms; ``type``: the
    declared type of the name."""

    resource: Expr
    name: str | None
    body: Block
    how: ScopedKind
    suspends: bool = False
    type: TypeRef | None = None


class Return(Node, frozen=True):
    """Leaves the function. Arrow functions with an expression body have one."""

    value: Expr | None


class Raise(Node, frozen=True):
    """throw / raise."""

    value: Expr | None


class Jump(Node, frozen=True):
    """break / continue; label ``"switch"`` leaves a lowered switch arm."""

    how: JumpKind
    label: str | None = None


class Define(Node, frozen=True):
    """A function or class declaration that binds its name in this scope. Exactly one of the two is set."""

    function: int | None
    klass: int | None


class Scope(Node, frozen=True):
    """Python's ``global`` and ``nonlocal``."""

    is_global: bool
    ids: tuple[str, ...]


class BlockStmt(Node, frozen=True):
    """A bare block with a scope of its own."""

    body: Block


# --------------------------------------------------------------------------- declarations


class Decorator(Node, frozen=True):
    """A decorator, annotation or attribute. ``name`` is dotted, as written."""

    name: str
    args: tuple[Arg, ...] = ()


class Param(Node, frozen=True):
    """A parameter. A destructured parameter is named ``$0``, ``$1``… and taken apart at the start of the body.
    ``by_ref``: what the function assigns to it reaches the caller (C# ref and out). ``keywords``: a rest that takes the
    arguments given by other names (``**options``)."""

    name: str
    type: TypeRef | None = None
    default: Expr | None = None
    rest: bool = False
    decorators: tuple[Decorator, ...] = ()
    by_ref: bool = False
    keywords: bool = False


class Function(Node, frozen=True):
    """A function, method, lambda, accessor or initialiser. ``owner`` and ``outer`` index ``Module.classes`` and
    ``Module.functions``: the class that it is a member of, and the function that it is written in (0: the module)."""

    name: str
    name_start: int
    name_end: int
    params: tuple[Param, ...]
    body: Block
    flags: Flags
    owner: int | None = None
    outer: int | None = None
    decorators: tuple[Decorator, ...] = ()
    returns: TypeRef | None = None


class Field(Node, frozen=True):
    """A declared field or auto-property; its initialiser stands in the class's initialiser function."""

    name: str
    type: TypeRef | None
    flags: Flags
    decorators: tuple[Decorator, ...] = ()


class Class(Node, frozen=True):
    """A class, interface, enum, record, struct. ``base`` is the class extended where the language tells it apart
    (JS expression bases are in ``base_expr``)."""

    name: str
    name_start: int
    name_end: int
    bases: tuple[TypeRef, ...]
    interfaces: tuple[TypeRef, ...]
    fields: tuple[Field, ...]
    methods: tuple[int, ...]
    flags: Flags
    decorators: tuple[Decorator, ...] = ()
    outer_class: int | None = None
    outer: int | None = None
    base_expr: Expr | None = None
    type_params: tuple[str, ...] = ()


class Import(Node, frozen=True):
    """``alias`` is the local name (empty for WILDCARD and EFFECT); ``name`` what is taken of ``module``
    (``default`` for a JS default import, None where the whole is bound). ``dynamic`` marks ``require``/``import()``."""

    module: str
    name: str | None
    alias: str
    kind: ImportKind
    dynamic: bool = False


class Export(Node, frozen=True):
    """ES module export: ``public`` name (``default``, or ``*`` for ``export *``), the ``local`` name that it shows
    (None where re-exported), ``source`` the module re-exported from. ``export default expr`` declares ``$default``."""

    public: str
    local: str | None
    source: str | None = None


class Comment(Node, frozen=True):
    """A comment; ``text`` without its delimiters. ``own_line`` if nothing but space precedes it on its line."""

    text: str
    own_line: bool


class Flaw(Node, frozen=True):
    """A part that the parser could not read."""

    message: str


class Module(Struct, frozen=True, gc=False):
    """One lowered file. ``path``: from the project root, POSIX; ``package``: the Java package or C# namespace."""

    path: str
    language: Language
    package: str | None
    imports: tuple[Import, ...]
    exports: tuple[Export, ...]
    functions: tuple[Function, ...]
    classes: tuple[Class, ...]
    comments: tuple[Comment, ...]
    flaws: tuple[Flaw, ...]
    opaque: int


Expr: TypeAlias = (
    Literal | Name | This | Super | Member | Index | Template | Display | Op | Choice | Call | Assign | Await
    | Closure | ClassValue | TypeValue | Sequence | Opaque
)  # fmt: skip
"""Evaluated for a value."""

Stmt: TypeAlias = Do | Declare | If | Loop | Try | Scoped | Return | Raise | Jump | Define | Scope | BlockStmt | Opaque
"""Executed for its effect."""

Target: TypeAlias = Name | Member | Index | Pattern | Opaque
"""What an assignment may write."""

Block: TypeAlias = tuple[Stmt, ...]
"""Statements in order."""


def children(node: Node) -> Iterator[Node]:
    """The direct child nodes of ``node``, in evaluation order."""
    for name in node.__struct_fields__[2:]:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield item


def walk(node: Node) -> Iterator[Node]:
    """``node`` and all nodes below it, parents first, without entering other functions."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(list(children(top))))
