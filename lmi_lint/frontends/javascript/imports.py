"""Imports: ES modules, ``import x = require()``, and the dynamic ``require()`` and ``import()``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.javascript.context import Lowering, real
from lmi_lint.frontends.javascript.literals import string_value
from lmi_lint.frontends.javascript.patterns import unwrap
from lmi_lint.ir import nodes as ir

if TYPE_CHECKING:
    from tree_sitter import Node


def module_name(low: Lowering, node: Node) -> str:
    """An imported or exported name, which may be written as a string."""
    return string_value(low, node) if node.type == "string" else low.text(node)


def has(node: Node, keyword: str) -> bool:
    """Whether a keyword stands directly in ``node``."""
    return any(child.type == keyword for child in node.children)


def _add_import(low: Lowering, node: Node, module: str, name: str | None, alias: str, kind: ir.ImportKind) -> None:
    low.imports.append(ir.Import(node.start_byte, node.end_byte, module, name, alias, kind))


# --------------------------------------------------------------------------- import


def import_statement(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``import … from "m"``, ``import "m"``, ``import x = require("m")``."""
    source = node.child_by_field_name("source")
    erased = has(node, "type") or has(node, "typeof")
    kind = ir.ImportKind.TYPE_ONLY if erased else ir.ImportKind.VALUE
    for clause in node.named_children:
        if clause.type == "import_require_clause":
            _import_require(low, clause, erased)
            return
        if clause.type == "import_clause" and source is not None:
            _import_clause(low, clause, string_value(low, source), kind)
            return
    if source is not None:
        _add_import(low, node, string_value(low, source), None, "", ir.ImportKind.EFFECT)


def _import_require(low: Lowering, clause: Node, erased: bool) -> None:
    source = clause.child_by_field_name("source")
    names = [child for child in clause.named_children if child.type == "identifier"]
    if source is not None and names:
        kind = ir.ImportKind.TYPE_ONLY if erased else ir.ImportKind.NAMESPACE
        _add_import(low, clause, string_value(low, source), None, low.text(names[0]), kind)


def _import_clause(low: Lowering, clause: Node, module: str, kind: ir.ImportKind) -> None:
    whole = ir.ImportKind.NAMESPACE if kind is ir.ImportKind.VALUE else kind
    for part in real(clause.named_children):
        if part.type == "identifier":
            _add_import(low, part, module, "default", low.text(part), kind)
        elif part.type == "namespace_import":
            names = real(part.named_children)
            if names:
                _add_import(low, part, module, None, low.text(names[-1]), whole)
        elif part.type == "named_imports":
            for specifier in part.named_children:
                if specifier.type == "import_specifier":
                    _import_specifier(low, specifier, module, kind)


def _import_specifier(low: Lowering, node: Node, module: str, kind: ir.ImportKind) -> None:
    name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
    if name is None:
        return
    if has(node, "type") or has(node, "typeof"):
        kind = ir.ImportKind.TYPE_ONLY
    _add_import(low, node, module, module_name(low, name), low.text(alias if alias is not None else name), kind)


def import_alias(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``import q = A.B`` → ``const q = A.B``."""
    parts = real(node.named_children)
    if len(parts) != 2:
        out.append(low.opaque(node))
        return
    declare = ir.Declare(
        node.start_byte, node.end_byte, low.text(parts[0]), None, low.expr(parts[1]), ir.DeclareKind.CONST, False
    )
    out.append(declare)


# --------------------------------------------------------------------------- require() and import()


def bind_dynamic(low: Lowering, target: Node, value: Node) -> None:
    """Note, before ``value`` is lowered, which names a declaration gives to what it requires."""
    node = unwrap(value)
    while node.type == "await_expression":
        inner = real(node.named_children)
        if not inner:
            return
        node = unwrap(inner[0])
    if node.type != "call_expression":
        return
    function = node.child_by_field_name("function")
    if function is None or low.text(function) not in ("require", "import"):
        return
    names: list[tuple[str | None, str]] = []
    if target.type == "identifier":
        names.append((None, low.text(target)))
    elif target.type == "object_pattern":
        names = [pair for pair in [_pattern_name(low, part) for part in real(target.named_children)] if pair]
    if names:
        low.bound_imports[node.start_byte] = tuple(names)


def _pattern_name(low: Lowering, part: Node) -> tuple[str | None, str] | None:
    """Imported and local name of ``a``, ``a: b``, ``a = 1``, ``a: b = 1``; None for anything deeper."""
    if part.type == "shorthand_property_identifier_pattern":
        return low.text(part), low.text(part)
    if part.type == "rest_pattern":
        inner = real(part.named_children)
        return (None, low.text(inner[0])) if inner else None
    if part.type == "object_assignment_pattern":
        left = part.child_by_field_name("left")
        return (low.text(left), low.text(left)) if left is not None else None
    key, value = part.child_by_field_name("key"), part.child_by_field_name("value")
    if value is not None and value.type == "assignment_pattern":
        value = value.child_by_field_name("left")
    if key is None or value is None:
        return None
    return module_name(low, key), low.text(value) if value.type == "identifier" else ""


def record_dynamic(low: Lowering, node: Node, args: tuple[ir.Arg, ...]) -> None:
    """Record ``require("m")`` or ``import("m")`` so that its file is pulled; the call itself stays in the body."""
    if not args or not isinstance(args[0].value, ir.Literal) or not isinstance(args[0].value.value, str):
        return
    module = args[0].value.value
    for name, alias in low.bound_imports.pop(node.start_byte, ((None, ""),)):
        kind = ir.ImportKind.NAMESPACE if name is None else ir.ImportKind.VALUE
        low.imports.append(ir.Import(node.start_byte, node.end_byte, module, name, alias, kind, dynamic=True))
