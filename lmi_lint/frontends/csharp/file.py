"""A whole file: namespaces, usings, declarations, top-level statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lmi_lint.frontends.csharp.classes import CLASS_MEMBERS, LOCAL_CLASSES, declare_class
from lmi_lint.frontends.csharp.closures import LOCAL_FUNCTIONS
from lmi_lint.frontends.csharp.expressions import EXPRESSIONS
from lmi_lint.frontends.csharp.grammar import TRIVIA, parse_csharp
from lmi_lint.frontends.csharp.members import LOOSE_MEMBERS, MEMBERS
from lmi_lint.frontends.csharp.resources import statements_of
from lmi_lint.frontends.csharp.statements import STATEMENTS
from lmi_lint.frontends.csharp.switches import SWITCH_STATEMENTS, SWITCHES
from lmi_lint.frontends.csharp.types import dotted
from lmi_lint.frontends.csharp.unit import Tables, Unit
from lmi_lint.frontends.treesitter import comments, load_parser, room_to_recurse, syntax_flaws
from lmi_lint.ir.nodes import Class, Flags, Function, Import, ImportKind, Module, Opaque, Stmt
from lmi_lint.model.names import Language
from lmi_lint.model.source import SourceFile

if TYPE_CHECKING:
    from tree_sitter import Node

_TABLES = Tables(
    expressions={**EXPRESSIONS, **SWITCHES},
    statements={**STATEMENTS, **SWITCH_STATEMENTS, **LOCAL_CLASSES, **LOCAL_FUNCTIONS, **LOOSE_MEMBERS},
    members={**CLASS_MEMBERS, **MEMBERS},
    statements_of=statements_of,
)
_COMMENTS = frozenset({"comment"})
_NO_CODE = frozenset({"extern_alias_directive", "global_attribute"})
_DECLARATIONS = frozenset(LOCAL_CLASSES)
_NAMESPACES = frozenset({"namespace_declaration", "file_scoped_namespace_declaration"})
_SCRAPS = frozenset({"modifier", "identifier", "attribute_list", "base_list", "type_parameter_list"})
"""What a broken declaration leaves of its header."""
_NAMES = frozenset({"identifier", "qualified_name", "generic_name", "alias_qualified_name", "predefined_type"})
_CONDITIONAL = frozenset({"preproc_if", "preproc_elif", "preproc_else"})


class CSharpFrontend:
    """Lowers C# source files."""

    @property
    def version(self) -> str:
        """Changes whenever the lowering does; part of a cache key."""
        return "csharp-1"

    def load(self) -> None:
        """Import the parser."""
        load_parser()

    def lower(self, source: SourceFile) -> Module:
        """Lower one file. Never raises for bad input: what cannot be read becomes flaws and Opaques."""
        root = parse_csharp(source.data)
        with room_to_recurse():
            unit = Unit(source, _TABLES, root.has_error)
            body = _program(unit, root)
        end = len(unit.data)
        if unit.strays:
            body.append(Opaque(0, end, "ERROR", tuple(unit.strays)))
        flags = Flags.INITIALIZER | (Flags.ASYNC if unit.frame.awaits else Flags.NONE)
        unit.functions[0] = Function(0, end, "", 0, 0, (), tuple(body), flags)
        return Module(
            path=source.path,
            language=Language.CSHARP,
            package=unit.package,
            imports=tuple(unit.imports),
            exports=(),
            functions=cast("tuple[Function, ...]", tuple(unit.functions)),
            classes=cast("tuple[Class, ...]", tuple(unit.classes)),
            comments=comments(root, unit.data, _COMMENTS),
            flaws=(*syntax_flaws(source, root), *unit.flaws),
            opaque=unit.opaques,
        )


def _program(unit: Unit, root: Node) -> list[Stmt]:
    """The declarations of a file join the unit; its top-level statements are returned."""
    unit.package = _first_namespace(unit, root)
    stmts: list[Node] = []
    stack: list[tuple[Node, str | None]] = [(child, None) for child in reversed(root.named_children)]
    current: str | None = None
    while stack:
        node, around = stack.pop()
        kind = node.type
        if kind == "file_scoped_namespace_declaration":
            current = _joined(around, unit, node)
        elif kind == "namespace_declaration":
            inner = _joined(around or current, unit, node)
            body = node.child_by_field_name("body")
            children = body.named_children if body is not None else []
            stack.extend((child, inner) for child in reversed(children))
            unit.keep_errors(node)
        elif kind == "using_directive":
            _using(unit, node)
        elif kind in _DECLARATIONS:
            unit.namespace = around or current
            declare_class(unit, node)
        elif kind in _CONDITIONAL:
            inside = _inside(node)
            if any(child.type == "global_statement" for child in inside):
                stmts.append(node)
            else:
                stack.extend((child, around) for child in reversed(inside))
        elif kind == "ERROR" and any(child.type in _DECLARATIONS | _NAMESPACES for child in node.named_children):
            unit.opaques += 1
            stack.extend((child, around) for child in reversed(node.named_children) if child.type not in _SCRAPS)
        elif kind not in TRIVIA and kind not in _NO_CODE:
            stmts.append(node)
    out: list[Stmt] = []
    unit.namespace = unit.package
    statements_of(unit, stmts, out)
    return out


def _inside(node: Node) -> list[Node]:
    """What stands in all branches of an ``#if`` and those inside it."""
    found: list[Node] = []
    stack = [node]
    while stack:
        top = stack.pop()
        if top.type in _CONDITIONAL:
            condition = top.child_by_field_name("condition")
            stack.extend(child for child in reversed(top.named_children) if child != condition)
        else:
            found.append(top)
    return found


def _first_namespace(unit: Unit, root: Node) -> str | None:
    """The first namespace that declares something, which stands for the file."""
    stack: list[tuple[Node, str | None]] = [(child, None) for child in reversed(root.named_children)]
    found: str | None = None
    while stack:
        node, around = stack.pop()
        kind = node.type
        if kind in _DECLARATIONS and around is not None:
            return around
        if kind == "file_scoped_namespace_declaration":
            return _joined(around, unit, node)
        body: Node | None = node if kind in _CONDITIONAL or kind == "ERROR" else None
        if kind == "namespace_declaration":
            around = _joined(around, unit, node)
            found = found or around
            body = node.child_by_field_name("body")
        if body is not None:
            stack.extend((child, around) for child in reversed(body.named_children))
    return found


def _joined(around: str | None, unit: Unit, node: Node) -> str | None:
    name = node.child_by_field_name("name")
    if name is None:
        return around
    own = dotted(unit, name)
    return f"{around}.{own}" if around else own


def _using(unit: Unit, node: Node) -> None:
    """``using A.B``, ``using static A.B``, ``using X = A.B.C``, with ``global`` or without."""
    static = False
    alias: str | None = None
    path: Node | None = None
    name = node.child_by_field_name("name")
    for child in node.children:
        if child.type == "static":
            static = True
        elif name is not None and child == name:
            alias = unit.id(child)
        elif child.is_named and not child.is_error and child.type not in TRIVIA:
            path = child
    unit.keep_errors(node)
    if path is None:
        unit.strays.append(unit.opaque(node))
        return
    start, end = node.start_byte, node.end_byte
    full = dotted(unit, path)
    if alias is not None:
        if path.type not in _NAMES:  # a tuple, an array, a pointer: no name to resolve
            return
        module, _, last = full.rpartition(".")
        unit.imports.append(Import(start, end, module, last, alias, ImportKind.VALUE))
        return
    kind = ImportKind.STATIC if static else ImportKind.WILDCARD
    unit.imports.append(Import(start, end, full, None, "", kind))
