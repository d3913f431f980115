"""Statements over abstract values: each function runs one node type and tells whether control cannot pass it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lmi_lint.facts import model as facts
from lmi_lint.facts.calls import call
from lmi_lint.facts.expressions import EVALUATE, effect, make_class
from lmi_lint.facts.flows import EMPTY, branch, sequence
from lmi_lint.facts.frame import Environment, Frame, join_environments
from lmi_lint.facts.loops import loop
from lmi_lint.facts.model import NOTHING, Operand
from lmi_lint.facts.presence import told
from lmi_lint.facts.stores import bind_variable
from lmi_lint.facts.values import NULL, merge, type_name, typed
from lmi_lint.ir import nodes as ir
from lmi_lint.ir.nodes import DeclareKind, Flags

_RETURN: Final = facts.Exit("return")
_RAISE: Final = facts.Exit("raise")
_RERAISE: Final = facts.Exit("reraise")
_JUMP: Final = facts.Exit("jump")


def _do(f: Frame, node: ir.Do) -> bool:
    effect(f, node.value)
    return False


def _declare(f: Frame, node: ir.Declare) -> bool:
    variable = f.names.get(id(node))
    init = node.init
    if init is None:
        if variable is None or variable.function != f.index:
            return False
        if node.kind is not DeclareKind.VAR or variable not in f.env:
            f.env[variable] = NULL if variable.type is None else Operand(constant=True, type=variable.type)
        return False
    type_ = type_name(node.type)
    if isinstance(init, ir.Call):
        value = call(f, init, as_type=type_)
    elif isinstance(init, ir.Await) and isinstance(init.value, ir.Call) and init.how is ir.AwaitKind.AWAIT:
        value = call(f, init.value, awaited=True, as_type=type_)
        f.emit(facts.Suspend(init.start, init.end, f.guards, f.regions, init.how.value, value))
    else:
        value = EVALUATE[type(init)](f, init)
    if variable is not None:
        bind_variable(f, variable, typed(value, type_), facts.How.SET, node, declares=True)
    return False


def _if(f: Frame, node: ir.If) -> bool:
    first = len(f.events)
    test = EVALUATE[type(node.test)](f, node.test)
    yes, no = told(f, node.test, first)
    begin = len(f.events)
    before, outer, start = f.guards, f.flow, f.env
    guards = merge(before, test.made_from)
    exits = f.exits()
    f.guards, f.flow, f.env = guards, [], start.copy()
    then_left = f.run(node.then)
    middle = len(f.events)
    f.note_presence(yes, begin, middle)
    then_flow, then_env = sequence(f.flow), f.env
    orelse_flow: facts.Flow = EMPTY
    orelse_left = False
    f.env = start
    if node.orelse:
        then_exits = f.exits()
        f.set_exits(exits)
        f.guards, f.flow = guards, []
        orelse_left = f.run(node.orelse)
        f.note_presence(no, middle, len(f.events))
        if then_exits != exits:
            f.add_exits(then_exits)
        orelse_flow = sequence(f.flow)
    f.flow, f.guards = outer, f.guarded(before)
    both = branch(then_flow, orelse_flow)
    if both is not None:
        outer.append(both)
    if orelse_left:
        f.env = then_env
    elif not then_left:
        f.env = join_environments(then_env, f.env)
    if then_left is not orelse_left:
        f.lasting.append((no if then_left else yes, len(f.events)))
    return then_left and orelse_left


def _try(f: Frame, node: ir.Try) -> bool:
    before, outer, start, raised = f.guards, f.flow, f.env, f.raised
    f.flow, f.env = [], start.copy()
    left = f.run(node.body)
    thrown = join_environments(start.copy(), f.env)
    left = f.run(node.orelse) or left
    body, ends = sequence(f.flow), [] if left else [f.env]
    if node.handlers:
        f.raised = raised  # what the body raises does not leave the function
    handlers: list[facts.Flow] = []
    for handler in node.handlers:
        f.flow, f.env, f.guards = [], thrown.copy(), f.guarded(before)
        handler_left = _run_handler(f, handler)
        handlers.append(sequence(f.flow))
        left = left and handler_left
        if not handler_left:
            ends.append(f.env)
    f.env = _joined(ends) if ends else thrown
    f.flow, f.guards = [], f.guarded(before)
    if node.final:
        left = f.run(node.final) or left
    final = sequence(f.flow)
    f.flow = outer
    caught = tuple([_caught(handler.type) for handler in node.handlers])
    outer.append(facts.Attempt(body, tuple(handlers), final, caught))
    return left


def _caught(type_: ir.TypeRef | None) -> tuple[str, ...] | None:
    """The names of the types that a handler takes."""
    if type_ is None:
        return None
    return tuple([each.name for each in type_.args]) if type_.name == "|" else (type_.name,)


def _joined(environments: list[Environment]) -> Environment:
    joined = environments[0]
    for other in environments[1:]:
        joined = join_environments(joined, other)
    return joined


def _run_handler(f: Frame, handler: ir.Handler) -> bool:
    variable = f.names.get(id(handler))
    if variable is not None:
        bind_variable(f, variable, typed(NOTHING, type_name(handler.type)), facts.How.SET, handler, declares=True)
    outside = f.handling
    f.handling = handler.name or ""
    left = f.run(handler.body)
    f.handling = outside
    return left


def _scoped(f: Frame, node: ir.Scoped) -> bool:
    type_ = type_name(node.type)
    if isinstance(node.resource, ir.Call):
        resource = typed(call(f, node.resource, as_type=type_), type_)
    else:
        resource = typed(EVALUATE[type(node.resource)](f, node.resource), type_)
    how = ir.AwaitKind.USING_AWAIT.value
    if node.suspends:
        f.emit(facts.Suspend(node.start, node.start, f.guards, f.regions, how, resource))
    outside = f.regions
    f.held.append(facts.Region(node.how.value, resource, node.start, node.end))
    f.regions = (*outside, len(f.held) - 1)
    variable = f.names.get(id(node))
    if variable is not None:
        bind_variable(f, variable, resource, facts.How.SET, node, declares=True)
    left = f.run(node.body)
    f.regions = outside
    if node.suspends:
        f.emit(facts.Suspend(node.end, node.end, f.guards, f.regions, how, resource))
    return left


def _return(f: Frame, node: ir.Return) -> bool:
    if node.value is not None:
        f.returns.append(EVALUATE[type(node.value)](f, node.value))
    f.returned = merge(f.returned, f.guards)
    f.flow.append(_RETURN)
    return True


def _raise(f: Frame, node: ir.Raise) -> bool:
    if node.value is not None:
        EVALUATE[type(node.value)](f, node.value)
    again = node.value is None or (isinstance(node.value, ir.Name) and node.value.id == f.handling)
    f.raised = merge(f.raised, f.guards)
    f.flow.append(_RERAISE if again else _RAISE)
    return True


def _jump(f: Frame, node: ir.Jump) -> bool:
    if node.label == "switch":
        f.switched = merge(f.switched, f.guards)
    elif node.label is not None:
        f.labelled = merge(f.labelled, f.guards)
    else:
        f.jumped = merge(f.jumped, f.guards)
    f.flow.append(_JUMP)
    return False  # the locals' values still reach what follows the loop


def _define(f: Frame, node: ir.Define) -> bool:
    if node.function is not None:
        _define_function(f, node, node.function)
    if node.klass is not None and f.rules.class_values:
        if Flags.INTERFACE in f.module.classes[node.klass].flags:
            return False
        value = make_class(f, node.klass, node)
        variable = f.names.get(id(node))
        if variable is not None:
            bind_variable(f, variable, value, facts.How.SET, node, declares=True)
    return False


def _define_function(f: Frame, node: ir.Define, function: int) -> None:
    value = f.emit(facts.MakeClosure(node.start, node.end, f.guards, f.regions, function))
    variable = f.names.get(id(node))
    if variable is not None:
        bind_variable(f, variable, value, facts.How.SET, node, declares=True)


def _block_stmt(f: Frame, node: ir.BlockStmt) -> bool:
    """A bare block; a lowered ``switch`` is one, so what leaves a switch ends here."""
    before, switched = f.guards, f.switched
    left = f.run(node.body)
    if f.switched != switched:
        f.switched = switched
        f.guards = f.guarded(before)
    return left


def _opaque(f: Frame, node: ir.Opaque) -> bool:
    EVALUATE[ir.Opaque](f, node)
    return False


def _scope(_: Frame, __: ir.Scope) -> bool:
    return False


RUN: Final[dict[type, Callable[[Frame, Any], bool]]] = {
    ir.Do: _do,
    ir.Declare: _declare,
    ir.If: _if,
    ir.Loop: loop,
    ir.Try: _try,
    ir.Scoped: _scoped,
    ir.Return: _return,
    ir.Raise: _raise,
    ir.Jump: _jump,
    ir.Define: _define,
    ir.Scope: _scope,
    ir.BlockStmt: _block_stmt,
    ir.Opaque: _opaque,
}
"""Node type → how it runs."""
