"""Decorators: what is noted of them, and the calls that they are.

``@a`` over ``@b(c)`` over ``def f`` is ``f = a(b(c)(f))``. Decorators of the language that say what a function is
(a property, a static method) are noted on it instead; all are kept in its list.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
from msgspec import Struct

from lmi_lint.frontends.python.context import Lowering
from lmi_lint.frontends.python.expressions import arguments
from lmi_lint.frontends.python.types import dotted
from lmi_lint.ir import nodes as ir

_NOTED = frozenset(
    """
    property cached_property getter setter deleter staticmethod classmethod abstractmethod abstractproperty
    abstractclassmethod abstractstaticmethod override overload final no_type_check wraps dataclass contextmanager
    asynccontextmanager total_ordering runtime_checkable unique
    """.split()
)
"""Last parts of the names of decorators that leave the function or class what it is, or what its flags say."""


class Applied(Struct, frozen=True):
    """The decorators of one definition: all of them as noted, and the values that are called, outermost first."""

    noted: tuple[ir.Decorator, ...]
    called: tuple[ir.Expr, ...]

    def around(self, made: ir.Expr) -> ir.Expr:
        """What the name of the definition stands for, given what is defined."""
        value = made
        for each in reversed(self.called):
            given = ir.Arg(made.start, made.end, value)
            value = ir.Call(each.start, each.end, each, (given,), decorates=True)
        return value


def replaces(node: cst.Decorator) -> bool:
    """Whether a decorator is a call that gives what the name stands for."""
    written = node.decorator
    name = dotted(written.func if isinstance(written, cst.Call) else written)
    return name is None or name.rpartition(".")[2] not in _NOTED


def decorators(low: Lowering, nodes: Sequence[cst.Decorator]) -> Applied:
    """Lower the decorators of one definition, in the scope around it."""
    noted: list[ir.Decorator] = []
    called: list[ir.Expr] = []
    for node in nodes:
        written = node.decorator
        head = written.func if isinstance(written, cst.Call) else written
        name = dotted(head)
        if name is None:
            name = "".join(low.text(head).split())
        args: tuple[ir.Arg, ...] = ()
        if replaces(node):
            value = low.expr(written)
            called.append(value)
            args = value.args if isinstance(value, ir.Call) and isinstance(written, cst.Call) else ()
        elif isinstance(written, cst.Call):
            args = arguments(low, written)
        noted.append(ir.Decorator(*low.span(written), name, args))
    return Applied(tuple(noted), tuple(called))
