"""Exports: ES module exports, ``export =``, and the exported members of a TypeScript namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.frontends.javascript.classes import define, lower_class
from lmi_lint.frontends.javascript.context import Lowering, real
from lmi_lint.frontends.javascript.functions import Owner, decorator, lower_function
from lmi_lint.frontends.javascript.imports import has, module_name
from lmi_lint.frontends.javascript.literals import string_value
from lmi_lint.ir import nodes as ir

if TYPE_CHECKING:
    from tree_sitter import Node

DEFAULT = "$default"
"""The name that ``export default <expression>`` declares."""

_FUNCTIONS = frozenset({"function_declaration", "generator_function_declaration"})
_CLASSES = frozenset({"class_declaration", "abstract_class_declaration"})


def export_statement(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """Every form of ``export``. Exported types vanish."""
    source = node.child_by_field_name("source")
    declaration = node.child_by_field_name("declaration")
    value = node.child_by_field_name("value")
    if source is not None:
        _reexport(low, node, string_value(low, source))
    elif declaration is not None:
        _export_declaration(low, node, declaration, out)
    elif value is not None:
        _export_default(low, node, value, out)
    elif has(node, "="):
        _export_equals(low, node, out)
    else:
        _export_clause(low, node)


def _export_declaration(low: Lowering, node: Node, declaration: Node, out: list[ir.Stmt]) -> None:
    before = len(out)
    namespace, low.namespace = low.namespace, None
    _declare(low, node, declaration, out)
    low.namespace = namespace
    names = [name for statement in out[before:] for name in _declared(low, statement)]
    if namespace is not None:
        out.extend([_fill(declaration, namespace, name) for name in names])
        return
    for name in names:
        _export(low, declaration, "default" if has(node, "default") else name, name)


def _declare(low: Lowering, node: Node, declaration: Node, out: list[ir.Stmt]) -> None:
    start, end = declaration.start_byte, declaration.end_byte
    decorators = tuple([decorator(low, child) for child in node.named_children if child.type == "decorator"])
    owner = Owner(flags=ir.Flags.EXPORTED, decorators=decorators)
    if declaration.type in _FUNCTIONS:
        out.append(ir.Define(start, end, lower_function(low, declaration, owner), None))
    elif declaration.type in _CLASSES:
        define(low, declaration, owner, out)
    else:
        low.stmt(declaration, out)


def _declared(low: Lowering, statement: ir.Stmt) -> list[str]:
    if isinstance(statement, ir.Declare):
        return [] if statement.name.startswith("$t") else [statement.name]
    if not isinstance(statement, ir.Define):
        return []
    index = statement.function if statement.function is not None else statement.klass
    defined = (low.functions if statement.function is not None else low.classes)[index or 0]
    return [defined.name] if defined is not None and defined.name else []


def _fill(node: Node, namespace: str, name: str) -> ir.Stmt:
    start, end = node.start_byte, node.end_byte
    target = ir.Member(start, end, ir.Name(start, end, namespace), name)
    return ir.Do(start, end, ir.Assign(start, end, ir.Name(start, end, name), target))


def _export_default(low: Lowering, node: Node, value: Node, out: list[ir.Stmt]) -> None:
    """``export default <expression>``, a function or class without a name included."""
    start, end = value.start_byte, value.end_byte
    lowered: ir.Expr
    own = value.child_by_field_name("name")
    if value.type == "class":
        decorators = tuple([decorator(low, child) for child in node.named_children if child.type == "decorator"])
        index = lower_class(low, value, Owner(flags=ir.Flags.EXPORTED, decorators=decorators))
        lowered = ir.ClassValue(start, end, index)
        if own is not None:
            out.append(ir.Define(start, end, None, index))
            _export(low, node, "default", low.text(own))
            return
    elif value.type in ("function_expression", "generator_function"):
        index = lower_function(low, value, Owner(flags=ir.Flags.EXPORTED))
        lowered = ir.Closure(start, end, index)
        if own is not None:
            out.append(ir.Define(start, end, index, None))
            _export(low, node, "default", low.text(own))
            return
    else:
        lowered = low.expr(value)
    out.append(ir.Declare(start, end, DEFAULT, None, lowered, ir.DeclareKind.CONST, False))
    _export(low, node, "default", DEFAULT)


def _export_equals(low: Lowering, node: Node, out: list[ir.Stmt]) -> None:
    """``export = x`` → ``module.exports = x``."""
    start, end = node.start_byte, node.end_byte
    values = real(node.named_children)
    value = low.expr(values[0]) if values else low.missing(node)
    target = ir.Member(start, end, ir.Name(start, end, "module"), "exports")
    out.append(ir.Do(start, end, ir.Assign(start, end, value, target)))


def _export(low: Lowering, node: Node, public: str, local: str | None, source: str | None = None) -> None:
    low.exports.append(ir.Export(node.start_byte, node.end_byte, public, local, source))


def _specifiers(node: Node) -> list[Node]:
    clauses = [child for child in node.named_children if child.type == "export_clause"]
    return [part for clause in clauses for part in clause.named_children if part.type == "export_specifier"]


def _reexport(low: Lowering, node: Node, source: str) -> None:
    """``local`` is the name in ``source``; None stands for the whole module."""
    if has(node, "type"):
        return
    for child in node.named_children:
        if child.type == "namespace_export":
            names = real(child.named_children)
            if names:
                _export(low, child, module_name(low, names[-1]), None, source)
            return
    specifiers = _specifiers(node)
    for part in specifiers:
        name, alias = part.child_by_field_name("name"), part.child_by_field_name("alias")
        if name is not None and not has(part, "type"):
            _export(low, part, module_name(low, alias if alias is not None else name), module_name(low, name), source)
    if not specifiers:
        _export(low, node, "*", None, source)


def _export_clause(low: Lowering, node: Node) -> None:
    if has(node, "type"):
        return
    for part in _specifiers(node):
        name, alias = part.child_by_field_name("name"), part.child_by_field_name("alias")
        if name is not None and not has(part, "type"):
            _export(low, part, module_name(low, alias if alias is not None else name), low.text(name))
