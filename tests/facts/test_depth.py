"""Deep and long input neither crashes nor makes facts that cannot be stored."""

from __future__ import annotations

import sys

import msgspec
import pytest

from lmi_lint.facts import flows
from lmi_lint.facts import model as facts
from lmi_lint.facts.extract import extract
from lmi_lint.facts.show import show
from lmi_lint.ir import nodes as ir
from lmi_lint.model.names import Language

DEEP = 2000


def name(index):
    return ir.Name(0, 1, f"x{index}")


SHAPES = {
    "op": lambda e, i: ir.Op(0, 1, ir.OpKind.ARITH, "+", (e, name(i))),
    "template": lambda e, _: ir.Template(0, 1, (e, ir.Literal(0, 1, "a"))),
    "member": lambda e, _: ir.Member(0, 1, e, "a"),
    "call": lambda e, _: ir.Call(0, 1, ir.Member(0, 1, e, "then"), ()),
    "left choice": lambda e, i: ir.Choice(0, 1, e, None, name(i)),
    "right choice": lambda e, i: ir.Choice(0, 1, name(i), None, e),
    "argument": lambda e, i: ir.Call(0, 1, name(i), (ir.Arg(0, 1, e),)),
    "display": lambda e, _: ir.Display(0, 1, ir.DisplayKind.SEQUENCE, (ir.Entry(0, 1, None, e),)),
}


def body_of(*statements):
    function = ir.Function(0, 1, "", 0, 0, (), statements, ir.Flags.INITIALIZER)
    return ir.Module("a.js", Language.JAVASCRIPT, None, (), (), (function,), (), (), (), 0)


def stored(module):
    made = extract(module, 1)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=facts.ModuleFacts) == made
    assert show(made)
    return made


@pytest.mark.parametrize("shape", SHAPES)
def test_deep_expressions(shape):
    expression = name(0)
    for index in range(1, DEEP):
        expression = SHAPES[shape](expression, index)
    made = stored(body_of(ir.Do(0, 1, expression)))
    assert len(made.functions[0].events) in (1, DEEP)
    assert len(made.functions[0].present) < 64 * DEEP  # not all that each of them says of those before it


def test_flat_text_of_many_parts():
    made = stored(body_of(ir.Do(0, 1, ir.Template(0, 1, tuple([name(index) for index in range(5000)])))))
    assert len(made.functions[0].events) == 5000


@pytest.mark.parametrize("kind", ["if", "else if", "loop", "try"])
def test_deep_statements_keep_all_events_and_say_that_order_is_lost(kind):
    block: tuple[ir.Stmt, ...] = (ir.Do(0, 1, ir.Call(0, 1, name(0), ())),)
    for index in range(500):
        shapes: dict[str, tuple[ir.Stmt, ...]] = {
            "if": (ir.If(0, 1, name(index), block),),
            "else if": (ir.If(0, 1, name(index), (ir.Do(0, 1, name(index)),), block),),
            "loop": (ir.Loop(0, 1, None, None, name(index), block),),
            "try": (ir.Try(0, 1, block, (ir.Handler(0, 1, None, None, (ir.Do(0, 1, name(index)),)),), (), ()),),
        }
        block = shapes[kind]
    made = stored(body_of(*block))
    assert flows.nesting(made.functions[0].flow) <= flows.MAX_NESTING
    assert len(made.flaws) == 1
    assert len(made.functions[0].events) == {"if": 501, "else if": 1001, "loop": 501, "try": 501}[kind]


def test_what_is_too_deep_becomes_a_flaw():
    expression = name(0)
    for _ in range(60_000):
        expression = ir.Member(0, 1, expression, "a")
    limit = sys.getrecursionlimit()
    made = extract(body_of(ir.Do(0, 1, expression)), 1)
    assert sys.getrecursionlimit() == limit
    assert made.functions[0].events == ()
    assert made.flaws
