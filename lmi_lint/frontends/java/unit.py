"""What one file's lowering carries along: its growing lists, the current class and function, the dispatch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from lmi_lint.frontends.treesitter import MAX_DEPTH, depth_flaw
from lmi_lint.ir.nodes import (
    Arg,
    Block,
    Class,
    Declare,
    Expr,
    Field,
    Flaw,
    Function,
    Import,
    Name,
    Opaque,
    Sequence,
    Stmt,
    TypeRef,
)
from lmi_lint.model.source import SourceFile

if TYPE_CHECKING:
    from tree_sitter import Node

ExprHandler: TypeAlias = "Callable[[Unit, Node], Expr]"
StmtHandler: TypeAlias = "Callable[[Unit, Node, list[Stmt]], None]"
MemberHandler: TypeAlias = "Callable[[Unit, Node], None]"
AnonymousHandler: TypeAlias = "Callable[[Unit, Node, TypeRef, tuple[Arg, ...], Node], Expr]"

COMMENTS = frozenset({"line_comment", "block_comment"})
LINKS_PER_NAME = MAX_DEPTH // 3
"""A longer chain of calls or operators is cut by naming what it has made so far, which keeps the tree shallow."""
_LISTS = frozenset({"block", "constructor_body", "ERROR"})
"""Kinds that lower every child themselves, ERROR nodes included."""


class Tables:
    """Node type → handler, for the three kinds of place a node can stand in; and ``anonymous``, which lowers
    the construction (node, base type, arguments, class body) of an anonymous class."""

    __slots__ = ("anonymous", "expressions", "members", "statements")

    def __init__(
        self,
        expressions: dict[str, ExprHandler],
        statements: dict[str, StmtHandler],
        members: dict[str, MemberHandler],
        anonymous: AnonymousHandler,
    ) -> None:
        self.expressions = expressions
        self.statements = statements
        self.members = members
        self.anonymous = anonymous


class ClassDraft:
    """A class under construction. ``textual`` holds the names of its fields (and those around it) typed ``String``."""

    __slots__ = (
        "fields",
        "index",
        "instance_body",
        "instance_function",
        "is_interface",
        "methods",
        "name",
        "node",
        "static_body",
        "static_function",
        "textual",
    )

    def __init__(self, index: int, node: Node, name: Name, textual: set[str], is_interface: bool) -> None:
        self.index = index
        self.node = node
        self.name = name
        self.textual = textual
        self.is_interface = is_interface
        self.fields: list[Field] = []
        self.methods: list[int] = []
        self.static_function: int | None = None
        self.static_body: list[Stmt] = []
        self.instance_function: int | None = None
        self.instance_body: list[Stmt] = []


class Frame:
    """The function being lowered. ``breaks`` is the label that an unlabelled ``break`` gets, ``result`` the name that
    ``yield`` assigns, ``pending`` the pattern variables met in the expression at hand, ``label`` that of the
    statement about to be lowered, ``textual`` the names in scope known to hold text."""

    __slots__ = ("breaks", "function", "label", "pending", "result", "textual")

    def __init__(self, function: int, textual: set[str]) -> None:
        self.function = function
        self.textual = textual
        self.breaks: str | None = None
        self.result: str | None = None
        self.label: str | None = None
        self.pending: list[Declare] = []


class Unit:
    """The state of lowering one file. ``broken`` says that the tree has ERROR or MISSING nodes."""

    def __init__(self, source: SourceFile, tables: Tables, broken: bool) -> None:
        self.source = source
        self.data = source.data
        self.tables = tables
        self.broken = broken
        self.package: str | None = None
        self.imports: list[Import] = []
        self.functions: list[Function | None] = [None]
        self.classes: list[Class | None] = []
        self.flaws: list[Flaw] = []
        self.strays: list[Stmt] = []
        self.opaques = 0
        self.depth = 0
        self.klass: ClassDraft | None = None
        self.frame = Frame(0, set())
        self._names = 0

    # ------------------------------------------------------------------ text and small nodes

    def text(self, node: Node) -> str:
        """The source text of ``node``."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def name(self, node: Node) -> Name:
        """An identifier as a name; ``id`` is empty where the parser missed one."""
        return Name(node.start_byte, node.end_byte, self.text(node))

    def fresh(self) -> str:
        """A name unlike any written by hand."""
        self._names += 1
        return f"${self._names}"

    # ------------------------------------------------------------------ dispatch

    def expr(self, node: Node) -> Expr:
        """Lower an expression."""
        kind = node.type
        if kind == "identifier" and node.end_byte > node.start_byte:
            return Name(node.start_byte, node.end_byte, self.text(node))
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

    def stmt(self, node: Node, out: list[Stmt]) -> None:
        """Lower a statement and append what it becomes to ``out``."""
        kind = node.type
        if kind in COMMENTS or kind == ";":
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
                for child in node.named_children:
                    self.stmt(child, out)
            else:
                self.stmt(node, out)
        return tuple(out)

    def full(self, node: Node) -> Expr:
        """Lower an expression that is a whole of its own; its pattern variables stay inside."""
        value, declares = self.hoisted(node)
        return Sequence(value.start, value.end, tuple(declares), value) if declares else value

    def hoisted(self, node: Node) -> tuple[Expr, list[Declare]]:
        """Lower a whole expression; the declarations of its pattern variables are the caller's to place before it."""
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
            elif kind not in COMMENTS:
                stack.extend(reversed(child.named_children))
        return tuple(values)

    # ------------------------------------------------------------------ functions

    def reserve(self) -> int:
        """The index of a function to be filled in."""
        self.functions.append(None)
        return len(self.functions) - 1

    def enter(self, function: int, textual: set[str]) -> Frame:
        """Start lowering inside a function; returns the frame to give back to ``leave``."""
        outer, self.frame = self.frame, Frame(function, textual)
        return outer

    def leave(self, outer: Frame) -> None:
        """Go back to the function around."""
        self.frame = outer

    def note_type(self, name: str, type_ref: TypeRef | None) -> None:
        """Remember whether a local or parameter holds text."""
        if type_ref is not None and type_ref.name in ("String", "java.lang.String"):
            self.frame.textual.add(name)
        else:
            self.frame.textual.discard(name)
