"""Loops whose turns are counted: something that they reckon with decides whether there is another one."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.ir import nodes as ir


def counted(loop: ir.Loop) -> bool:
    """Whether a name that the turns of a loop step (``n += 1``, ``left--``, ``wait *= 2``), or one reckoned from it,
    stands in its test, or in one inside that may end it."""
    nodes = [node for part in (loop.test, *loop.body, loop.update) if part is not None for node in ir.walk(part)]
    stepped = {_named(node.target) for node in nodes if isinstance(node, ir.Assign) and _steps(node)} - {""}
    if not stepped:
        return False
    stepped.update(name for name, value in _assigned(nodes) if name and _reckons_with(value, stepped))
    return any(_named(node) in stepped for test in _tests(loop, nodes) for node in ir.walk(test))


def _steps(assign: ir.Assign) -> bool:
    return _named(assign.target) != "" and _reckons_with(assign.value, {_named(assign.target)})


def _reckons_with(value: ir.Node | None, names: set[str]) -> bool:
    return (
        isinstance(value, ir.Op) and value.kind is ir.OpKind.ARITH and any(_named(x) in names for x in value.operands)
    )


def _assigned(nodes: list[ir.Node]) -> Iterator[tuple[str, ir.Node | None]]:
    for node in nodes:
        if isinstance(node, ir.Assign):
            yield _named(node.target), node.value
        elif isinstance(node, ir.Declare):
            yield node.name, node.init


def _tests(loop: ir.Loop, nodes: list[ir.Node]) -> Iterator[ir.Node]:
    """The loop's own test, and those that decide on leaving it, or on what its own test asks."""
    asked = {_named(node) for node in ir.walk(loop.test)} - {""} if loop.test is not None else set()
    if loop.test is not None:
        yield loop.test
    for node in nodes:
        if isinstance(node, ir.If) and any(_ends(each, asked) for each in ir.walk(node)):
            yield node.test


def _ends(node: ir.Node, asked: set[str]) -> bool:
    if isinstance(node, ir.Assign):
        return _named(node.target) in asked
    return isinstance(node, ir.Jump | ir.Return | ir.Raise)


def _named(node: ir.Node | None) -> str:
    """The text of a name or of a chain of members that begins with one; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ir.Member):
        parts.append(node.name)
        node = node.base
    if isinstance(node, ir.This):
        return ".".join(("this", *reversed(parts)))
    return ".".join((node.id, *reversed(parts))) if isinstance(node, ir.Name) else ""
