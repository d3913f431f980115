"""Loops whose turns are counted: something that they reckon with decides whether there is another one."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.ir import nodes as ir


def counted(loop: ir.Loop) -> bool:
    """Whether a name that the turns of a loop step (``n += 1``, ``left--``, ``wait *= 2``) stands in its test, or in
    one inside that may leave it."""
    nodes = [node for part in (loop.test, *loop.body, loop.update) if part is not None for node in ir.walk(part)]
    stepped = {_named(node.target) for node in nodes if isinstance(node, ir.Assign) and _steps(node)} - {""}
    if not stepped:
        return False
    return any(_named(node) in stepped for test in _tests(loop, nodes) for node in ir.walk(test))


def _steps(assign: ir.Assign) -> bool:
    value, name = assign.value, _named(assign.target)
    return isinstance(value, ir.Op) and value.kind is ir.OpKind.ARITH and name in map(_named, value.operands)


def _tests(loop: ir.Loop, nodes: list[ir.Node]) -> Iterator[ir.Node]:
    """The loop's own test, and those that decide on leaving it."""
    if loop.test is not None:
        yield loop.test
    for node in nodes:
        if isinstance(node, ir.If) and any(isinstance(each, ir.Jump | ir.Return | ir.Raise) for each in ir.walk(node)):
            yield node.test


def _named(node: ir.Node | None) -> str:
    """The text of a name or of a chain of members that begins with one; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ir.Member):
        parts.append(node.name)
        node = node.base
    if isinstance(node, ir.This):
        return ".".join(("this", *reversed(parts)))
    return ".".join((node.id, *reversed(parts))) if isinstance(node, ir.Name) else ""
