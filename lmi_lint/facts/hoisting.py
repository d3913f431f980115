"""Which names a function declares by its statements, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.ir import nodes as ir
from lmi_lint.ir.nodes import DeclareKind


def declared_outside(body: ir.Block) -> dict[str, bool]:
    """Names that ``global`` (True) and ``nonlocal`` (False) take out of the function."""
    found: dict[str, bool] = {}
    for statement in body:
        for node in ir.walk(statement):
            if isinstance(node, ir.Scope):
                found.update(dict.fromkeys(node.ids, node.is_global))
    return found


def assigned_names(body: ir.Block) -> Iterator[tuple[str, int, int]]:
    """Names that a function binds by assignment, with their spans; loops that declare are comprehensions."""
    for statement in body:
        for node in ir.walk(statement):
            if isinstance(node, ir.Assign):
                yield from _target_names(node.target)
            elif isinstance(node, ir.Loop):
                yield from () if node.declares is not None else _target_names(node.target)
            elif isinstance(node, ir.Handler | ir.Scoped) and node.name:
                yield node.name, node.start, node.end


def defined_names(body: ir.Block, module: ir.Module) -> Iterator[tuple[str, int, int]]:
    """Names of the functions and classes that are defined anywhere in a function, with their spans."""
    for statement in body:
        for node in ir.walk(statement):
            if not isinstance(node, ir.Define):
                continue
            function = module.functions[node.function] if node.function is not None else None
            klass = module.classes[node.klass] if node.klass is not None else None
            for item in (function, klass):
                if item is not None and item.name:
                    yield item.name, item.name_start, item.name_end


def _target_names(target: ir.Target | None) -> Iterator[tuple[str, int, int]]:
    if isinstance(target, ir.Name):
        yield target.id, target.start, target.end
    elif isinstance(target, ir.Pattern):
        for part in target.targets:
            if isinstance(part, ir.Name):
                yield part.id, part.start, part.end


def var_names(body: ir.Block) -> Iterator[tuple[str, int, int]]:
    """Names that ``var`` declares anywhere in the statements of a function."""
    stack: list[ir.Block] = [body]
    while stack:
        for node in stack.pop():
            kind = type(node)
            if kind is ir.Do:
                continue
            if isinstance(node, ir.Declare):
                if node.kind is DeclareKind.VAR:
                    yield node.name, node.start, node.end
            elif isinstance(node, ir.Loop):
                if node.declares is DeclareKind.VAR:
                    yield from _target_names(node.target)
                stack.append(node.body)
            elif isinstance(node, ir.If):
                stack += (node.then, node.orelse)
            elif isinstance(node, ir.Try):
                stack += (node.body, node.orelse, node.final, *(handler.body for handler in node.handlers))
            elif isinstance(node, ir.Scoped | ir.BlockStmt):
                stack.append(node.body)
            elif isinstance(node, ir.Opaque):
                stack.append(node.children)  # type: ignore[arg-type]  # expressions among them match nothing
