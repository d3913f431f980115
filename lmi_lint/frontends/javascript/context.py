"""The state of lowering one JavaScript or TypeScript file, and the dispatch on node types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from lmi_lint.frontends.treesitter import MAX_DEPTH, depth_flaw
from lmi_lint.ir import nodes as ir
from lmi_lint.model.source import SourceFile

if TYPE_CHECKING:
    from tree_sitter import Node

LowerExpr: TypeAlias = "Callable[[Lowering, Node], ir.Expr]"
"""Lowers one expression node."""

LowerStmt: TypeAlias = "Callable[[Lowering, Node, list[ir.Stmt]], None]"
"""Lowers one statement node, appending what it becomes."""

COMMENTS = frozenset({"comment", "html_comment"})


class Tables(Struct, frozen=True):
    """Dispatch by node type. ``skipped`` types have no meaning at run time."""

    expressions: Mapping[str, LowerExpr]
    statements: Mapping[str, LowerStmt]
    skipped: frozenset[str]
    scoped: Callable[[Lowering, Node, Sequence[Node]], ir.Scoped | None]


class Frame(Struct):
    """The function being lowered. ``breaks`` holds ``"loop"`` or ``"switch"``, the innermost last."""

    index: int
    flags: ir.Flags
    breaks: list[str]


def real(nodes: Iterable[Node]) -> list[Node]:
    """The nodes that are not comments."""
    return [node for node in nodes if node.type not in COMMENTS]


class Lowering:
    """Collects the parts of one ``ir.Module`` while its statements are lowered."""

    def __init__(self, source: SourceFile, tables: Tables) -> None:
        self.source = source
        self.data = source.data
        self.imports: list[ir.Import] = []
        self.exports: list[ir.Export] = []
        self.functions: list[ir.Function | None] = []
        self.classes: list[ir.Class | None] = []
        self.flaws: list[ir.Flaw] = []
        self.opaque_count = 0
        self.updates = 0
        self.frame = Frame(0, ir.Flags.INITIALIZER, [])
        self.klass: int | None = None
        self.label: str | None = None
        self.split_let = False
        self.namespace: str | None = None
        self.bound_imports: dict[int, tuple[tuple[str | None, str], ...]] = {}
        self._temporaries = 0
        self._depth = 0
        self._expressions = tables.expressions
        self._statements = tables.statements
        self._skipped = tables.skipped
        self._scoped = tables.scoped
        self._has_using = b"using" in source.data

    # ------------------------------------------------------------------ small things

    def text(self, node: Node) -> str:
        """The source text of a node."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

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

    # ------------------------------------------------------------------ dispatch

    def expr(self, node: Node) -> ir.Expr:
        """Lower an expression; what has no lowering becomes an Opaque."""
        handler = self._expressions.get(node.type)
        if handler is None:
            return self.opaque(node)
        if self._depth >= MAX_DEPTH:
            return self.too_deep(node)
        self._depth += 1
        result = handler(self, node)
        self._depth -= 1
        return result

    def field(self, node: Node, name: str) -> ir.Expr:
        """Lower the expression in a field of ``node``; an Opaque where error recovery left none."""
        child = node.child_by_field_name(name)
        return self.missing(node) if child is None else self.expr(child)

    def optional(self, node: Node | None) -> ir.Expr | None:
        """Lower an expression that may be absent."""
        return None if node is None else self.expr(node)

    def stmt(self, node: Node, out: list[ir.Stmt]) -> None:
        """Lower a statement, appending what it becomes (nothing for types and empty statements)."""
        kind = node.type
        handler = self._statements.get(kind)
        if handler is None:
            if kind not in self._skipped:
                out.append(ir.Do(node.start_byte, node.end_byte, self.expr(node)))
            return
        if self._depth >= MAX_DEPTH:
            out.append(self.too_deep(node))
            return
        self._depth += 1
        handler(self, node, out)
        self._depth -= 1

    def block(self, nodes: Sequence[Node]) -> ir.Block:
        """Lower statements in order; a ``using`` declaration scopes all that follow it."""
        out: list[ir.Stmt] = []
        for position, node in enumerate(nodes):
            if self._has_using and self.descend():
                scoped = self._scoped(self, node, nodes[position + 1 :])
                self.ascend()
                if scoped is not None:
                    out.append(scoped)
                    break
            self.stmt(node, out)
        return tuple(out)

    def body(self, node: Node | None) -> ir.Block:
        """Lower the body of a compound statement: a block's content or a single statement."""
        if node is None:
            return ()
        return self.block(node.named_children if node.type == "statement_block" else [node])

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

    def opaque(self, node: Node) -> ir.Opaque:
        """An Opaque for a node without lowering; what can be lowered below it is kept."""
        if self._depth >= MAX_DEPTH:
            return self.too_deep(node)
        self.opaque_count += 1
        self._depth += 1
        children: list[ir.Expr | ir.Stmt] = []
        for child in node.named_children:
            kind = child.type
            if kind in self._expressions:
                children.append(self.expr(child))
            elif kind in self._statements:
                below: list[ir.Stmt] = []
                self.stmt(child, below)
                children.extend(below)
            elif child.named_child_count and kind not in self._skipped:
                children.append(self.opaque(child))
        self._depth -= 1
        return ir.Opaque(node.start_byte, node.end_byte, node.type, tuple(children))

    def missing(self, node: Node) -> ir.Opaque:
        """An Opaque for a part of ``node`` that the source lacks."""
        self.opaque_count += 1
        return ir.Opaque(node.start_byte, node.end_byte, "MISSING", ())

    def too_deep(self, node: Node) -> ir.Opaque:
        """An Opaque for what is nested too deeply; the first one in a file is a flaw as well."""
        self.opaque_count += 1
        if not self.flaws:
            self.flaws.append(depth_flaw(self.source, node.start_byte, node.end_byte))
        return ir.Opaque(node.start_byte, node.end_byte, "too deep", ())
