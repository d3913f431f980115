"""What assignments write: names, attributes, elements, and sequences of those."""

from __future__ import annotations

import libcst as cst

from lmi_lint.frontends.python.context import Lowering
from lmi_lint.ir import nodes as ir

_ELEMENT, _REST = "*", "..."


def target_of(low: Lowering, node: cst.BaseExpression, declares: bool = False) -> ir.Target:
    """Lower what stands left of ``=``; with ``declares`` its names are variables of a comprehension."""
    if isinstance(node, cst.Name):
        start, end = low.span(node)
        return ir.Name(start, end, node.value) if declares else low.bound(start, end, node.value)
    if isinstance(node, cst.Tuple | cst.List):
        return _pattern(low, node, declares)
    if isinstance(node, cst.StarredElement):
        return target_of(low, node.value, declares)
    value = low.expr(node)
    if isinstance(value, ir.Member | ir.Index | ir.Opaque):
        return value
    low.opaque_count += 1
    return ir.Opaque(value.start, value.end, type(node).__name__, (value,))


def _pattern(low: Lowering, node: cst.Tuple | cst.List, declares: bool) -> ir.Pattern:
    """One flat pattern for nested ones; targets stand in source order."""
    targets: list[ir.Name | ir.Member | ir.Index] = []
    paths: list[tuple[str, ...]] = []
    todo: list[tuple[cst.BaseExpression, tuple[str, ...]]] = [(node, ())]
    while todo:
        top, path = todo.pop()
        if isinstance(top, cst.Tuple | cst.List):
            todo.extend(reversed(_items(top, path)))
            continue
        target = target_of(low, top, declares)
        if isinstance(target, ir.Name | ir.Member | ir.Index):
            targets.append(target)
            paths.append(path)
    return ir.Pattern(*low.span(node), tuple(targets), tuple(paths), (None,) * len(targets))


def _items(node: cst.Tuple | cst.List, path: tuple[str, ...]) -> list[tuple[cst.BaseExpression, tuple[str, ...]]]:
    items: list[tuple[cst.BaseExpression, tuple[str, ...]]] = []
    counted = True
    for position, element in enumerate(node.elements):
        starred = isinstance(element, cst.StarredElement)
        counted = counted and not starred
        key = _REST if starred else f"{_ELEMENT}{position}" if counted else _ELEMENT
        items.append((element.value, (*path, key)))
    return items


def bound_names(node: cst.BaseExpression) -> set[str]:
    """The bare names that a target assigns."""
    found: set[str] = set()
    todo: list[cst.BaseExpression] = [node]
    while todo:
        top = todo.pop()
        if isinstance(top, cst.Name):
            found.add(top.value)
        elif isinstance(top, cst.Tuple | cst.List):
            todo.extend([element.value for element in top.elements])
        elif isinstance(top, cst.StarredElement):
            todo.append(top.value)
    return found
