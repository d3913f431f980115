"""What one file's lowering carries along: its growing lists, the current class and function, the dispatch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from lmi_lint.frontends.csharp.grammar import TRIVIA
from lmi_lint.frontends.treesitter import MAX_DEPTH, depth_flaw
from lmi_lint.ir.nodes import (
    Block,
    Class,
    Declare,
    Expr,
    Field,
    Flaw,
    Function,
    Import,
    Member,
    Name,
    Opaque,
    Sequence,
    Stmt,
    This,
    TypeRef,
)
from lmi_lint.model.source import SourceFile

if TYPE_CHECKING:
    from tree_sitter import Node

ExprHandler: TypeAlias = "Callable[[Unit, Node], Expr]"
StmtHandler: TypeAlias = "Callable[[Unit, Node, list[Stmt]], None]"
MemberHandler: TypeAlias = "Callable[[Unit, Node], None]"
ListHandler: TypeAlias = "Callable[[Unit, list[Node], list[Stmt]], None]"

KEYWORDS = frozenset({"this", "base"})
"""Expressions that are unnamed nodes."""
LINKS_PER_NAME = MAX_DEPTH // 3
"""A longer chain of calls or operators is cut by naming what it has made so far, which keeps the tree shallow."""
TEXT = TypeRef(0, 0, "string")
_TEXTS = frozenset({"string", "String", "System.String"})
_LISTS = frozenset({"block", "ERROR"})
"""Kinds that lower every child themselves, ERROR nodes included."""


def parts(node: Node) -> list[Node]:
    """The children of ``node`` with content: no punctuation, no comments, no directives; ``this`` and ``base`` too."""
    return [
        child
        for child in node.children
        if (child.is_named and child.type not in TRIVIA and not child.is_error) or child.type in KEYWORDS
    ]


class Tables:
    """Node type → handler, for the three kinds of place a node can stand in; ``statements_of`` lowers a list."""

    __slots__ = ("expressions", "members", "statements", "statements_of")

    def __init__(
        self,
        expressions: dict[str, ExprHandler],
        statements: dict[str, StmtHandler],
        members: dict[str, MemberHandler],
        statements_of: ListHandler,
    ) -> None:
        self.expressions = expressions
        self.statements = statements
        self.members = members
        self.statements_of = statements_of


class ClassDraft:
    """A class under construction.

    types      its fields' and properties' types, known before any member is lowered
    events     the names of its events; ``groups`` those of its methods
    primary    the function of its primary constructor, with ``primary_body`` what that runs after taking its parameters
    """

    __slots__ = (
        "events",
        "fields",
        "groups",
        "index",
        "instance_body",
        "instance_function",
        "is_interface",
        "methods",
        "name",
        "node",
        "outer",
        "primary",
        "primary_body",
        "primary_types",
        "receiver",
        "static_body",
        "static_function",
        "types",
    )

    def __init__(self, index: int, node: Node, name: Name, outer: ClassDraft | None, is_interface: bool) -> None:
        self.index = index
        self.node = node
        self.name = name
        self.outer = outer
        self.is_interface = is_interface
        self.types: dict[str, TypeRef | None] = {}
        self.events: set[str] = set()
        self.groups: set[str] = set()
        self.fields: list[Field] = []
        self.methods: list[int] = []
        self.static_function: int | None = None
        self.static_body: list[Stmt] = []
        self.instance_function: int | None = None
        self.instance_body: list[Stmt] = []
        self.primary: int | None = None
        self.primary_body: list[Stmt] = []
        self.primary_types: dict[str, TypeRef | None] = {}
        self.receiver: Node | None = None


class Frame:
    """The function being lowered. ``breaks`` is the label that an unlabelled ``break`` gets, ``pending`` the names
    declared inside the expression at hand, ``types`` the declared types of the names in scope, ``returns`` the
    declared result; ``yields`` and ``awaits`` say what its body was seen to do."""

    __slots__ = ("awaits", "breaks", "function", "pending", "returns", "types", "yields")

    def __init__(self, function: int, types: dict[str, TypeRef | None], returns: TypeRef | None) -> None:
        self.function = function
        self.types = types
        self.returns = returns
        self.breaks: str | None = None
        self.pending: list[Declare] = []
        self.yields = False
        self.awaits = False


class Unit:
    """The state of lowering one file. ``broken`` says that the tree has ERROR or MISSING nodes; ``backing`` is what
    ``field`` stands for, in an accessor: the owner and the name of the backing field."""

    def __init__(self, source: SourceFile, tables: Tables, broken: bool) -> None:
        self.source = source
        self.data = source.data
        self.tables = tables
        self.broken = broken
        self.package: str | None = None
        self.namespace: str | None = None
        self.imports: list[Import] = []
        self.functions: list[Function | None] = [None]
        self.classes: list[Class | None] = []
        self.flaws: list[Flaw] = []
        self.strays: list[Stmt] = []
        self.opaques = 0
        self.depth = 0
        self.klass: ClassDraft | None = None
        self.frame = Frame(0, {}, None)
        self.backing: str | None = None
        self.backing_static = False
        self.backing_used = False
        self._names = 0

    # ------------------------------------------------------------------ text and small nodes

    def text(self, node: Node) -> str:
        """The source text of ``node``."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def id(self, node: Node) -> str:
        """The text of an identifier, without the ``@`` of a verbatim one."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace").removeprefix("@")

    def name(self, node: Node) -> Name:
        """An identifier as a name; ``id`` is empty where the parser missed one."""
        return Name(node.start_byte, node.end_byte, self.id(node))

    def fresh(self) -> str:
        """A name unlike any written by hand."""
        self._names += 1
        return f"${self._names}"

    # ------------------------------------------------------------------ dispatch

    def expr(self, node: Node) -> Expr:
        """Lower an expression."""
        kind = node.type
        if kind == "identifier" and node.end_byte > node.start_byte:
            return self._identifier(node)
        handler = self.tables.expressions.get(kind)
        if handler is None or node.is_missing:
            return self.opaque(node)
        if self.depth >= MAX_DEPTH:
            return self.too_deep(node)
        self.depth += 1
        result = handler(self, node)
        self.depth -= 1
        if self.broken and node.has_error:
            errors = self._errors(node)
            if errors:
                self.opaques += 1
                result = Opaque(node.start_byte, node.end_byte, "ERROR", (result, *errors))
        return result

    def _identifier(self, node: Node) -> Expr:
        start, end = node.start_byte, node.end_byte
        name = self.id(node)
        if name == "field" and self.backing is not None and name not in self.frame.types:
            self.backing_used = True
            owner: Expr = This(start, end)
            if self.backing_static and self.klass is not None:
                owner = Name(start, end, self.klass.name.id)
            return Member(start, end, owner, self.backing)
        return Name(start, end, name)

    def stmt(self, node: Node, out: list[Stmt]) -> None:
        """Lower a statement and append what it becomes to ``out``."""
        kind = node.type
        if kind in TRIVIA:
            return
        handler = self.tables.statements.get(kind)
        if self.depth >= MAX_DEPTH:
            out.append(self.too_deep(node))
            return
        self.depth += 1
        if handler is not None:
            handler(self, node, out)
        else:
            out.append(self.opaque(node))
        self.depth -= 1
        if self.broken and kind not in _LISTS and node.has_error and handler is not None:
            out.extend(self._errors(node))

    def block(self, node: Node | None) -> Block:
        """The statements of a block, or the one statement that stands in its place."""
        out: list[Stmt] = []
        if node is not None:
            if node.type in _LISTS:
                self.tables.statements_of(self, node.named_children, out)
            else:
                self.stmt(node, out)
        return tuple(out)

    def full(self, node: Node) -> Expr:
        """Lower an expression that is a whole of its own; the names that it declares stay inside."""
        value, declares = self.hoisted(node)
        return Sequence(value.start, value.end, tuple(declares), value) if declares else value

    def hoisted(self, node: Node) -> tuple[Expr, list[Declare]]:
        """Lower a whole expression; the declarations of its names are the caller's to place before it."""
        frame = self.frame
        outer, frame.pending = frame.pending, []
        value = self.expr(node)
        declares, frame.pending = frame.pending, outer
        return value, declares

    # ------------------------------------------------------------------ what is not understood

    def opaque(self, node: Node) -> Opaque:
        """A node that has no lowering, with all expressions and statements below it."""
        if self.depth >= MAX_DEPTH:
            return self.too_deep(node)
        self.opaques += 1
        self.depth += 1
        inside = self._inside(node)
        self.depth -= 1
        return Opaque(node.start_byte, node.end_byte, node.type, inside)

    def too_deep(self, node: Node) -> Opaque:
        """A node nested too deeply to be lowered; a flaw says so."""
        self.opaques += 1
        if not any(flaw.message.startswith("nested too deeply") for flaw in self.flaws):
            self.flaws.append(depth_flaw(self.source, node.start_byte, node.end_byte))
        return Opaque(node.start_byte, node.end_byte, node.type, ())

    def keep_errors(self, node: Node) -> None:
        """Keep the ERROR children of a declaration, which has no place for them, as strays of the module."""
        if self.broken and node.has_error:
            self.strays.extend(self._errors(node))

    def _errors(self, node: Node) -> list[Opaque]:
        return [self.opaque(child) for child in node.children if child.is_error]

    def _inside(self, node: Node) -> tuple[Expr | Stmt, ...]:
        """What can be lowered below ``node``, the outermost of it, in order. Members join the current class."""
        tables = self.tables
        found: list[Stmt] = []
        values: list[Expr | Stmt] = []
        stack = list(reversed(node.named_children))
        while stack:
            child = stack.pop()
            kind = child.type
            if kind in tables.expressions or kind == "identifier":
                values.append(self.full(child))
            elif kind in tables.statements and kind not in _LISTS:
                self.stmt(child, found)
                values.extend(found)
                found.clear()
            elif kind in tables.members and self.klass is not None:
                tables.members[kind](self, child)
            elif kind not in TRIVIA:
                stack.extend(reversed(child.named_children))
        return tuple(values)

    # ------------------------------------------------------------------ functions and types

    def reserve(self) -> int:
        """The index of a function to be filled in."""
        self.functions.append(None)
        return len(self.functions) - 1

    def enter(self, function: int, types: dict[str, TypeRef | None], returns: TypeRef | None = None) -> Frame:
        """Start lowering inside a function; returns the frame to give back to ``leave``."""
        outer, self.frame = self.frame, Frame(function, types, returns)
        return outer

    def leave(self, outer: Frame) -> Frame:
        """Go back to the function around; returns the frame that was left."""
        left, self.frame = self.frame, outer
        return left

    def note_type(self, name: str, type_ref: TypeRef | None) -> None:
        """Remember the type of a local or parameter."""
        self.frame.types[name] = type_ref

    def type_of(self, name: str) -> TypeRef | None:
        """The declared type of a local, parameter, field or property, if it is known."""
        types = self.frame.types
        if name in types:
            return types[name]
        return self.field_type(name)

    def field_type(self, name: str) -> TypeRef | None:
        """The declared type of a field or property of the current class or those around it."""
        draft = self.klass
        while draft is not None:
            if name in draft.types:
                return draft.types[name]
            draft = draft.outer
        return None


def is_text_type(written: TypeRef | None) -> bool:
    """Whether a type is ``string``."""
    return written is not None and written.name in _TEXTS
