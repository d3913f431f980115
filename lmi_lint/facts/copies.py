"""``c ? copy(x) : x``: who writes that copies ``x`` where it matters, so the value is the copy."""

from __future__ import annotations

from typing import Final

from lmi_lint.ir import nodes as ir

_COPIES: Final = frozenset({
    "assign", "slice", "from", "structuredClone", "clone", "cloneDeep", "copy", "deepcopy", "deepCopy", "deepClone",
    "shallowCopy", "copyOf", "ToList", "ToArray",
})  # fmt: skip
_DEPTH: Final = 8


def kept_arm(then: ir.Node | None, orelse: ir.Node | None) -> int | None:
    """Which of two arms is a copy of the other; None if neither is."""
    if then is None or orelse is None:
        return None
    if _copies(then, orelse):
        return 0
    return 1 if _copies(orelse, then) else None


def _copies(copy: ir.Node, original: ir.Node) -> bool:
    if isinstance(copy, ir.Display):
        return len(copy.items) == 1 and copy.items[0].spread and _same(copy.items[0].value, original, _DEPTH)
    if not isinstance(copy, ir.Call):
        return False
    callee = copy.callee
    name = callee.name if isinstance(callee, ir.Member) else callee.id if isinstance(callee, ir.Name) else ""
    if name not in _COPIES:
        return False
    given = [arg.value for arg in copy.args]
    if name == "assign":
        given = given[1:]
    elif isinstance(callee, ir.Member) and callee.base is not None:
        given.append(callee.base)
    return any(_same(each, original, _DEPTH) for each in given)


def _same(left: ir.Node, right: ir.Node, depth: int) -> bool:
    """Whether two expressions read the same: names, and members of names."""
    if depth == 0 or type(left) is not type(right):
        return False
    if isinstance(left, ir.Name) and isinstance(right, ir.Name):
        return left.id == right.id
    if isinstance(left, ir.Literal) and isinstance(right, ir.Literal):
        return left.value == right.value
    if isinstance(left, ir.Member) and isinstance(right, ir.Member):
        return left.name == right.name and _same(left.base, right.base, depth - 1)
    if isinstance(left, ir.Index) and isinstance(right, ir.Index):
        return _same(left.base, right.base, depth - 1) and _same(left.key, right.key, depth - 1)
    return False
