"""``using``, ``lock``, ``fixed``, and lists of statements, in which a ``using`` declaration holds to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.frontends.csharp.creation import initial, value_node
from lmi_lint.frontends.csharp.types import declared_type
from lmi_lint.frontends.csharp.unit import parts
from lmi_lint.ir.nodes import (
    Block,
    BlockStmt,
    Call,
    Declare,
    Expr,
    Scoped,
    ScopedKind,
    Stmt,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from lmi_lint.frontends.csharp.unit import Unit


class _Held(Struct, frozen=True):
    """A resource: where it is taken, its name, the expression, the declarations that stand before it."""

    start: int
    name: str | None
    resource: Expr
    declares: tuple[Declare, ...]
    suspends: bool


def statements_of(unit: Unit, nodes: list[Node], out: list[Stmt]) -> None:
    """Lower statements in order; what follows a ``using`` declaration is the body that it holds for."""
    levels: list[tuple[list[_Held], list[Stmt]]] = []
    current = out
    depth = unit.depth
    for node in nodes:
        kind = node.type
        if kind == "global_statement" and node.named_children:
            node = node.named_children[0]  # noqa: PLW2901 a wrapper
            kind = node.type
        if kind == "local_declaration_statement" and _is_using(node):
            held = _declared(unit, node)
            if held:
                levels.append((held, current))
                current = []
                unit.depth += len(held)
                continue
        unit.stmt(node, current)
    unit.depth = depth
    end = nodes[-1].end_byte if nodes else 0
    for held, around in reversed(levels):
        around.extend(_nested(held, tuple(current), end))
        current = around


def _is_using(node: Node) -> bool:
    return any(child.type == "using" for child in node.children[:2])


def _declared(unit: Unit, node: Node) -> list[_Held]:
    suspends = node.children[0].type == "await"
    declaration = next((child for child in node.named_children if child.type == "variable_declaration"), None)
    unit.keep_errors(node)
    return _held(unit, declaration, suspends) if declaration is not None else []


def _held(unit: Unit, node: Node, suspends: bool) -> list[_Held]:
    found: list[_Held] = []
    written = declared_type(unit, node.child_by_field_name("type"))
    frame = unit.frame
    for child in node.named_children:
        value = value_node(child) if child.type == "variable_declarator" else None
        if value is None:
            continue
        name = child.child_by_field_name("name")
        pending, frame.pending = frame.pending, []
        resource = initial(unit, value, written)
        declares, frame.pending = tuple(frame.pending), pending
        label = unit.id(name) if name is not None else None
        if label is not None:
            made = resource.type if isinstance(resource, Call) and resource.new else None
            unit.note_type(label, written or made)
        found.append(_Held(child.start_byte, label, resource, declares, suspends))
        unit.keep_errors(child)
    if suspends:
        frame.awaits = True
    return found


def _nested(held: list[_Held], body: Block, end: int) -> Block:
    for item in reversed(held):
        scoped = Scoped(
            item.start, max(end, item.resource.end), item.resource, item.name, body, ScopedKind.USING, item.suspends
        )
        body = (*item.declares, scoped)
    return body


def using(unit: Unit, node: Node, out: list[Stmt]) -> None:
    """``using (…) …``."""
    body_node = node.child_by_field_name("body")
    suspends = any(child.type == "await" for child in node.children)
    declaration = next((child for child in node.named_children if child.type == "variable_declaration"), None)
    held: list[_Held]
    if declaration is not None:
        held = _held(unit, declaration, suspends)
    else:
        values = [child for child in parts(node) if child != body_node]
        if not values:
            out.append(unit.opaque(node))
            return
        resource, declares = unit.hoisted(values[0])
        unit.frame.awaits = unit.frame.awaits or suspends
        held = [_Held(node.start_byte, None, resource, tuple(declares), suspends)]
    body = unit.block(body_node)
    stmts = _nested(held, body, node.end_byte)
    if any(item.declares for item in held):
        out.append(BlockStmt(node.start_byte, node.end_byte, stmts))
    else:
        out.extend(stmts)


def lock(unit: Unit, node: Node, out: list[Stmt]) -> None:
    """``lock (x) …``."""
    inner = parts(node)
    if len(inner) < 2:
        out.append(unit.opaque(node))
        return
    resource, declares = unit.hoisted(inner[0])
    out.extend(declares)
    body = unit.block(inner[-1])
    out.append(Scoped(node.start_byte, node.end_byte, resource, None, body, ScopedKind.MONITOR))


def fixed(unit: Unit, node: Node, out: list[Stmt]) -> None:
    """``fixed (T* p = …) …``: a block with the pointer declared."""
    stmts: list[Stmt] = []
    for child in parts(node):
        if child.type == "variable_declaration":
            written = declared_type(unit, child.child_by_field_name("type"))
            for item in _held(unit, child, suspends=False):
                stmts.extend(item.declares)
                if item.name is not None:
                    stmts.append(Declare(item.start, item.resource.end, item.name, written, item.resource))
        else:
            stmts.extend(unit.block(child))
    out.append(BlockStmt(node.start_byte, node.end_byte, tuple(stmts)))
