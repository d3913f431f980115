"""Which values a condition says are there (true, not null, found), are not, or equal a text. That is all that is kept
of what conditions say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from lmi_lint.facts.model import Hole
from lmi_lint.ir import nodes as ir

if TYPE_CHECKING:
    from lmi_lint.facts.frame import Frame
    from lmi_lint.facts.model import Source

Claim: TypeAlias = tuple["Source", bool, str | None]
"""A value, whether it is absent, the text that it equals: as in ``facts.Presence``."""

Told: TypeAlias = tuple[tuple[Claim, ...], tuple[Claim, ...]]
"""What is said of values if a condition holds, and if it does not."""

_SAME: Final = frozenset({"==", "===", "is"})
_OTHER: Final = frozenset({"!=", "!==", "is not"})
_NOTHING: Final[Told] = ((), ())
_DEPTH: Final = 32
"""Operands of one chain of ``&&`` or ``||`` that are looked at, the last ones: of the others nothing is known."""


def told(f: Frame, test: ir.Node, first: int, depth: int = _DEPTH) -> Told:
    """What a condition says that has just been evaluated; ``first``: the number of its first event."""
    if depth == 0:
        return _NOTHING
    if isinstance(test, ir.Op):
        if test.kind is ir.OpKind.NOT and len(test.operands) == 1:
            yes, no = told(f, test.operands[0], first, depth - 1)
            return no, yes
        if test.kind is ir.OpKind.COMPARE and len(test.operands) == 2:
            return _compared(f, test.text, *test.operands, first)
        return _NOTHING
    if isinstance(test, ir.Choice):
        yes, no = told(f, test.test, first, depth - 1)
        if test.orelse is None and test.then is not None:  # a && b
            return (*yes, *told(f, test.then, first, depth - 1)[0]), ()
        if test.then is None and test.orelse is not None:  # a || b
            return (), (*no, *told(f, test.orelse, first, depth - 1)[1])
        return _NOTHING
    return _there_or_not(f, test, first)


def _compared(f: Frame, how: str, left: ir.Node, right: ir.Node, first: int) -> Told:
    if isinstance(left, ir.Literal):
        left, right = right, left
    if not isinstance(right, ir.Literal) or how not in _SAME | _OTHER:
        return _NOTHING
    if isinstance(left, ir.Op) and left.text == "typeof" and right.value == "undefined":
        left, right = left.operands[0], ir.Literal(right.start, right.end, None)
    yes: tuple[Claim, ...] = ()
    no: tuple[Claim, ...] = ()
    if right.value is None:
        no, yes = _there_or_not(f, left, first)
    elif right.value is True:
        yes = _there_or_not(f, left, first)[0]
    elif right.value is False:
        no = told(f, left, first)[0]
    elif isinstance(right.value, str):
        yes = _equal(f, left, first, right.value)
    return (yes, no) if how in _SAME else (no, yes)


def _equal(f: Frame, node: ir.Node, first: int, text: str) -> tuple[Claim, ...]:
    """That a value is a text, unless a default may be that text as well."""
    variable = f.names.get(id(node)) if isinstance(node, ir.Name) else None
    known = f.env.get(variable) if variable is not None else None
    for pattern in known.texts if known is not None else ():
        default = pattern[0] if len(pattern) == 1 else None
        if not (isinstance(default, Hole) or (isinstance(default, str) and default != text)):
            return ()
    return tuple((source, False, text) for source in _value(f, node, first))


def _there_or_not(f: Frame, node: ir.Node, first: int) -> Told:
    """That a value is there, and that it is not."""
    sources = _value(f, node, first)
    return tuple((source, False, None) for source in sources), tuple((source, True, None) for source in sources)


def _value(f: Frame, node: ir.Node, first: int) -> tuple[Source, ...]:
    """The value of a part of a condition: of a local, or of the event that stands for it."""
    while isinstance(node, ir.Await) and node.value is not None:
        node = node.value
    variable = f.names.get(id(node)) if isinstance(node, ir.Name) else None
    if variable is not None and variable in f.env:
        sources = f.env[variable].sources
        return sources if len(sources) == 1 else ()
    for number in range(len(f.events) - 1, first - 1, -1):
        if (f.events[number].start, f.events[number].end) == (node.start, node.end):
            return (number,)
    return ()
