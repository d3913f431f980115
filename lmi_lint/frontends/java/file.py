"""A whole file: package, imports, top-level declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lmi_lint.frontends.java.classes import CLASS_MEMBERS, LOCAL_CLASSES, anonymous_class, declare_class
from lmi_lint.frontends.java.expressions import EXPRESSIONS
from lmi_lint.frontends.java.methods import LOOSE_METHODS, METHODS
from lmi_lint.frontends.java.repair import JAVA_BASE, parse_java
from lmi_lint.frontends.java.statements import STATEMENTS
from lmi_lint.frontends.java.switches import SWITCHES
from lmi_lint.frontends.java.types import dotted
from lmi_lint.frontends.java.unit import COMMENTS, Tables, Unit
from lmi_lint.frontends.treesitter import comments, load_parser, room_to_recurse, syntax_flaws
from lmi_lint.ir.nodes import Class, Define, Flags, Flaw, Function, Import, ImportKind, Module, Opaque, Stmt
from lmi_lint.model.names import Language
from lmi_lint.model.source import SourceFile

if TYPE_CHECKING:
    from tree_sitter import Node

_TABLES = Tables(
    expressions={**EXPRESSIONS, **SWITCHES},
    statements={**STATEMENTS, **LOCAL_CLASSES, **LOOSE_METHODS},
    members={**CLASS_MEMBERS, **METHODS},
    anonymous=anonymous_class,
)
_NO_CODE = frozenset({"module_declaration"})
_DECLARATIONS = frozenset(LOCAL_CLASSES)


class JavaFrontend:
    """Lowers Java source files."""

    @property
    def version(self) -> str:
        """Changes whenever the lowering does; part of a cache key."""
        return "java-1"

    def load(self) -> None:
        """Import the parser."""
        load_parser()

    def lower(self, source: SourceFile) -> Module:
        """Lower one file. Never raises for bad input: what cannot be read becomes flaws and Opaques."""
        root = parse_java(source.data)
        with room_to_recurse():
            unit = Unit(source, _TABLES, root.has_error)
            body = _program(unit, root)
            if any(isinstance(stmt, Define) and stmt.function is not None for stmt in body):  # a compact source file
                _import_module(unit, 0, 0, "java.base")
        flaws = (*syntax_flaws(source, root), *unit.flaws)
        return _module(unit, root, body, flaws)


def _program(unit: Unit, root: Node) -> list[Stmt]:
    body: list[Stmt] = []
    stack = list(reversed(root.named_children))
    while stack:
        node = stack.pop()
        kind = node.type
        if kind == "package_declaration":
            _package(unit, node)
        elif kind == "import_declaration":
            _import(unit, node)
        elif kind in _DECLARATIONS:
            declare_class(unit, node)
        elif kind == "ERROR" and any(child.type in _DECLARATIONS for child in node.named_children):
            unit.opaques += 1
            stack.extend(reversed(node.named_children))
        elif kind not in COMMENTS and kind not in _NO_CODE:
            unit.stmt(node, body)
    return body


def _package(unit: Unit, node: Node) -> None:
    for child in node.named_children:
        if child.type in ("scoped_identifier", "identifier"):
            unit.package = dotted(unit, child)
    unit.keep_errors(node)


def _import(unit: Unit, node: Node) -> None:
    path: Node | None = None
    static = wildcard = False
    for child in node.children:
        if child.type in ("scoped_identifier", "identifier"):
            path = child
        elif child.type == "static":
            static = True
        elif child.type == "asterisk":
            wildcard = True
    if path is None:
        unit.strays.append(unit.opaque(node))
        return
    full = dotted(unit, path)
    start, end = node.start_byte, node.end_byte
    if unit.data[start : path.start_byte].split()[-1:] == [b"module"]:
        _import_module(unit, start, end, full)
        return
    if wildcard:
        kind = ImportKind.STATIC if static else ImportKind.WILDCARD
        unit.imports.append(Import(start, end, full, None, "", kind))
        return
    module, _, name = full.rpartition(".")
    kind = ImportKind.STATIC if static else ImportKind.VALUE
    unit.imports.append(Import(start, end, module, name, name, kind))


def _import_module(unit: Unit, start: int, end: int, name: str) -> None:
    """``import module m`` imports the packages of ``m``; which they are is known for ``java.base`` alone."""
    for package in JAVA_BASE if name == "java.base" else (name,):
        unit.imports.append(Import(start, end, package, None, "", ImportKind.WILDCARD))


def _module(unit: Unit, root: Node, body: list[Stmt], flaws: tuple[Flaw, ...]) -> Module:
    end = len(unit.data)
    if unit.strays:
        body.append(Opaque(0, end, "ERROR", tuple(unit.strays)))
    unit.functions[0] = Function(0, end, "", 0, 0, (), tuple(body), Flags.INITIALIZER)
    return Module(
        path=unit.source.path,
        language=Language.JAVA,
        package=unit.package,
        imports=tuple(unit.imports),
        exports=(),
        functions=cast("tuple[Function, ...]", tuple(unit.functions)),
        classes=cast("tuple[Class, ...]", tuple(unit.classes)),
        comments=comments(root, unit.data, COMMENTS),
        flaws=flaws,
        opaque=unit.opaques,
    )
