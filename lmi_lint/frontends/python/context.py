"""The state of lowering one Python file, and the dispatch on node classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import libcst as cst
from msgspec import Struct

from lmi_lint.frontends.python.positions import Positions
from lmi_lint.frontends.treesitter import MAX_DEPTH, depth_flaw
from lmi_lint.ir import nodes as ir
from lmi_lint.model.source import SourceFile

LowerExpr: TypeAlias = "Callable[[Lowering, Any], ir.Expr]"
"""Lowers one expression node."""

LowerStmt: TypeAlias = "Callable[[Lowering, Any, list[ir.Stmt]], None]"
"""Lowers one statement node, appending what it becomes."""


class Tables(Struct, frozen=True):
    """Dispatch by node class."""

    expressions: Mapping[type, LowerExpr]
    statements: Mapping[type, LowerStmt]


class Receiver(Struct, frozen=True):
    """A name that stands for the receiver of the enclosing method."""


class OwnClass(Struct, frozen=True):
    """A name that stands for a class of this module: the first parameter of a class method."""

    klass: int


class ClassAttribute(Struct, frozen=True):
    """A name of a class body, which is an attribute of that class."""

    klass: int


Meaning: TypeAlias = Receiver | OwnClass | ClassAttribute
"""What a bare name means where it is not a variable."""


class Frame(Struct):
    """The function or class body being lowered.

    ``meanings``  names that are not variables here
    ``outside``   the meanings that functions and comprehensions written in a class body see
    ``klass``     the class whose body this is; None in functions
    ``method_of`` the class that the innermost enclosing method belongs to
    ``breaks``    one entry per enclosing loop of this function: the flag that its ``break`` clears, or None
    ``rebound``   names of ``meanings`` that turned out to be assigned here
    """

    index: int
    flags: ir.Flags
    meanings: dict[str, Meaning]
    outside: dict[str, Meaning]
    klass: int | None = None
    method_of: int | None = None
    breaks: list[str | None] = []
    rebound: set[str] = set()
    globals: set[str] = set()


class Checkpoint(Struct, frozen=True):
    """How much had been collected at some time."""

    imports: int
    functions: int
    classes: int
    flaws: int
    opaque_count: int
    temporaries: int


class Lowering:
    """Collects the parts of one ``ir.Module`` while its statements are lowered."""

    def __init__(self, source: SourceFile, positions: Positions, tables: Tables) -> None:
        self.source = source
        self.positions = positions
        self.span = positions.span
        self.imports: list[ir.Import] = []
        self.functions: list[ir.Function | None] = []
        self.classes: list[ir.Class | None] = []
        self.flaws: list[ir.Flaw] = []
        self.opaque_count = 0
        self.frame = Frame(0, ir.Flags.INITIALIZER, {}, {})
        self.klass: int | None = None
        self.rebound: dict[int, set[str]] = {}
        self._temporaries = 0
        self._depth = 0
        self._expressions = tables.expressions
        self._statements = tables.statements

    # ------------------------------------------------------------------ small things

    def text(self, node: cst.CSTNode) -> str:
        """The source text of a node, without the space around it."""
        start, end = self.span(node)
        return self.source.data[start:end].decode("utf-8", "replace")

    def temporary(self) -> str:
        """A fresh name for a synthesised local."""
        self._temporaries += 1
        return f"$t{self._temporaries}"

    def reserve_function(self) -> int:
        """The index of a function to be stored in ``functions`` later, so that outer ones come first."""
        self.functions.append(None)
        return len(self.functions) - 1

    def reserve_class(self) -> int:
        """The index of a class to be stored in ``classes`` later."""
        self.classes.append(None)
        return len(self.classes) - 1

    def checkpoint(self) -> Checkpoint:
        """What has been collected so far."""
        return Checkpoint(
            len(self.imports),
            len(self.functions),
            len(self.classes),
            len(self.flaws),
            self.opaque_count,
            self._temporaries,
        )

    def roll_back(self, to: Checkpoint) -> None:
        """Forget what has been collected since."""
        del self.imports[to.imports :]
        del self.functions[to.functions :]
        del self.classes[to.classes :]
        del self.flaws[to.flaws :]
        self.opaque_count = to.opaque_count
        self._temporaries = to.temporaries

    # ------------------------------------------------------------------ names

    def name(self, start: int, end: int, name: str) -> ir.Expr:
        """A read of a bare name."""
        meaning = self.frame.meanings.get(name)
        if meaning is None:
            return ir.Name(start, end, name)
        if isinstance(meaning, Receiver):
            return ir.This(start, end)
        if isinstance(meaning, OwnClass):
            return ir.ClassValue(start, end, meaning.klass)
        return ir.Member(start, end, ir.ClassValue(start, end, meaning.klass), name)

    def bound(self, start: int, end: int, name: str) -> ir.Name | ir.Member:
        """A bare name that is assigned here: a variable, or in a class body an attribute of the class."""
        frame = self.frame
        if frame.klass is not None and name not in frame.globals:
            frame.meanings[name] = ClassAttribute(frame.klass)
            return ir.Member(start, end, ir.ClassValue(start, end, frame.klass), name)
        if name in frame.meanings:
            frame.rebound.add(name)
        return ir.Name(start, end, name)

    # ------------------------------------------------------------------ dispatch

    def expr(self, node: cst.CSTNode) -> ir.Expr:
        """Lower an expression; what has no lowering becomes an Opaque."""
        handler = self._expressions.get(node.__class__)
        if handler is None:
            return self.opaque(node)
        if self._depth >= MAX_DEPTH:
            return self.too_deep(node)
        self._depth += 1
        result = handler(self, node)
        self._depth -= 1
        return result

    def optional(self, node: cst.CSTNode | None) -> ir.Expr | None:
        """Lower an expression that may be absent."""
        return None if node is None else self.expr(node)

    def stmt(self, node: cst.CSTNode, out: list[ir.Stmt]) -> None:
        """Lower a statement, appending what it becomes (nothing for ``pass`` and imports)."""
        handler = self._statements.get(node.__class__)
        if handler is None:
            out.append(self.opaque(node))
            return
        if self._depth >= MAX_DEPTH:
            out.append(self.too_deep(node))
            return
        self._depth += 1
        handler(self, node, out)
        self._depth -= 1

    def block(self, nodes: Iterable[cst.CSTNode]) -> ir.Block:
        """Lower statements in order; several on one line are several."""
        out: list[ir.Stmt] = []
        for node in nodes:
            if isinstance(node, cst.SimpleStatementLine):
                for small in node.body:
                    self.stmt(small, out)
            else:
                self.stmt(node, out)
        return tuple(out)

    def suite(self, node: cst.BaseSuite) -> ir.Block:
        """Lower the body of a compound statement."""
        return self.block(node.body)

    def descend(self, levels: int = 1) -> bool:
        """Go deeper without ``expr`` or ``stmt``; False, with nothing to undo, where that is too deep."""
        if self._depth + levels > MAX_DEPTH:
            return False
        self._depth += levels
        return True

    def ascend(self, levels: int = 1) -> None:
        """Undo a ``descend``."""
        self._depth -= levels

    # ------------------------------------------------------------------ what cannot be lowered

    def opaque(self, node: cst.CSTNode) -> ir.Opaque:
        """An Opaque for a node without lowering; what can be lowered below it is kept."""
        if self._depth >= MAX_DEPTH:
            return self.too_deep(node)
        self.opaque_count += 1
        self._depth += 1
        children: list[ir.Expr | ir.Stmt] = []
        for child in node.children:
            if child.__class__ in self._expressions:
                children.append(self.expr(child))
            elif child.__class__ in self._statements:
                below: list[ir.Stmt] = []
                self.stmt(child, below)
                children.extend(below)
            elif _has_meaning(child.children):
                children.append(self.opaque(child))
        self._depth -= 1
        return ir.Opaque(*self.span(node), type(node).__name__, tuple(children))

    def too_deep(self, node: cst.CSTNode) -> ir.Opaque:
        """An Opaque for what is nested too deeply; the first one in a file is a flaw as well."""
        self.opaque_count += 1
        start, end = self.span(node)
        if not self.flaws:
            self.flaws.append(depth_flaw(self.source, start, end))
        return ir.Opaque(start, end, "too deep", ())


def _has_meaning(children: Sequence[cst.CSTNode]) -> bool:
    return any(not isinstance(child, cst.BaseParenthesizableWhitespace) for child in children)
