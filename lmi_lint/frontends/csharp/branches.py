"""Chains of tests: what ``else if`` and ``switch`` become."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.frontends.treesitter import MAX_DEPTH
from lmi_lint.ir.nodes import Assign, Block, Declare, Do, Expr, If, Literal, Name, Stmt

if TYPE_CHECKING:
    from lmi_lint.frontends.csharp.unit import Unit

_ARMS_PER_FLAG = MAX_DEPTH // 3
"""A longer chain is cut: a flag says that none of the arms so far was taken. That keeps the tree shallow."""


class Arm(Struct, frozen=True):
    """One test and what runs if it holds; ``declares`` are the names that the test gives. ``start`` is in bytes."""

    start: int
    test: Expr
    declares: tuple[Declare, ...]
    body: Block


def chain(unit: Unit, arms: list[Arm], default: Block, end: int) -> list[Stmt]:
    """Statements that run the first arm whose test holds, or else ``default``; they end at byte offset ``end``."""
    pieces = [arms[cut : cut + _ARMS_PER_FLAG] for cut in range(0, len(arms), _ARMS_PER_FLAG)]
    if len(pieces) < 2:
        return _nested(arms, default, end)
    out: list[Stmt] = []
    before: Name | None = None
    for piece in pieces:
        start = piece[0].start
        flag = Name(start, end, unit.fresh())
        is_last = piece is pieces[-1]
        missed: Block = (Do(start, end, Assign(start, end, Literal(start, end, True), flag)),)
        stmts = _nested(piece, default if is_last else missed, end)
        if not is_last:
            out.append(Declare(start, end, flag.id, None, Literal(start, end, False)))
        if before is None:
            out.extend(stmts)
        else:
            out.append(If(start, end, before, tuple(stmts)))
        before = flag
    return out


def _nested(arms: list[Arm], default: Block, end: int) -> list[Stmt]:
    orelse: list[Stmt] = list(default)
    for arm in reversed(arms):
        orelse = [*arm.declares, If(arm.start, end, arm.test, arm.body, tuple(orelse))]
    return orelse
