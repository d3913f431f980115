"""The binder: which variable every bare name of a module means.

One walk over the module, functions entered where they are written, so that the scopes around them are known;
one visitor per node type.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lmi_lint.facts.resolver import Resolver, Scope
from lmi_lint.facts.scopes import Bindings
from lmi_lint.facts.values import type_name
from lmi_lint.ir import nodes as ir
from lmi_lint.ir.nodes import DeclareKind


def bind(module: ir.Module) -> Bindings:
    """Resolve all names of ``module`` that its own scopes declare as variables."""
    resolver = Resolver(module, VISIT)
    resolver.run()
    return resolver.bindings


def _nothing(b: Resolver, node: ir.Node) -> None:
    pass


def _children(b: Resolver, node: ir.Node) -> None:
    for child in ir.children(node):
        VISIT[type(child)](b, child)


def _name(b: Resolver, node: ir.Name) -> None:
    b.mention(id(node), node.id)


def _base(b: Resolver, node: ir.Member) -> None:
    VISIT[type(node.base)](b, node.base)


def _operands(b: Resolver, node: ir.Op) -> None:
    for operand in node.operands:
        VISIT[type(operand)](b, operand)


def _parts(b: Resolver, node: ir.Template) -> None:
    for part in node.parts:
        VISIT[type(part)](b, part)


def _value(b: Resolver, node: ir.Do | ir.Return | ir.Raise | ir.Await) -> None:
    value = node.value
    if value is not None:
        VISIT[type(value)](b, value)


def _call(b: Resolver, node: ir.Call) -> None:
    callee = node.callee
    if not (node.new and node.type is not None and isinstance(callee, ir.Name | ir.Member)) and not (
        b.rules.separate_functions and isinstance(callee, ir.Name)
    ):
        VISIT[type(callee)](b, callee)
    for arg in node.args:
        VISIT[type(arg.value)](b, arg.value)
        if arg.mode is not ir.ArgMode.IN and isinstance(arg.value, ir.Name):
            variable = b.names.get(id(arg.value))
            if variable is not None:
                b.write(variable)
    for entry in node.fills:
        _entry(b, entry)


def _entry(b: Resolver, node: ir.Entry) -> None:
    if node.key is not None:
        VISIT[type(node.key)](b, node.key)
    VISIT[type(node.value)](b, node.value)


def _display(b: Resolver, node: ir.Display) -> None:
    for entry in node.items:
        _entry(b, entry)


def _assign(b: Resolver, node: ir.Assign) -> None:
    if node.value is not None:
        VISIT[type(node.value)](b, node.value)
    b.bind_target(node.target, None)


def _closure(b: Resolver, node: ir.Closure) -> None:
    index = node.function
    function = b.module.functions[index]
    # A function expression knows its own name, a method of an object literal does not: `function ` precedes the name.
    own = b.rules.class_values and not b.rules.assignment_declares
    named = own and function.name and function.name_start - function.start >= len("function ")
    if not named or b.function_scopes[index] is not None:
        b.bind_function(index)
        return
    saved = b.scope
    b.scope = Scope(saved, b.function)
    variable = b.declare(b.scope, function.name, function.name_start, function.name_end)
    variable.initialised = True
    b.bind_function(index)
    b.scope = saved
    if variable.captured:
        b.bindings.own_names[index] = variable


def _class_value(b: Resolver, node: ir.ClassValue) -> None:
    index = node.klass
    name = b.module.classes[index].name
    if index in b.bound_classes or not name or not b.rules.class_values or b.rules.assignment_declares:
        b.bind_class(index)
        return
    klass = b.module.classes[index]
    saved = b.scope
    b.scope = Scope(saved, b.function)
    variable = b.declare(b.scope, name, klass.name_start, klass.name_end)
    variable.initialised = True
    b.bind_class(index)
    b.scope = saved
    if variable.captured:
        b.bindings.class_names[index] = variable


def _sequence(b: Resolver, node: ir.Sequence) -> None:
    saved = b.scope
    b.scope = Scope(saved, b.function)
    b.statements(node.body)
    if node.value is not None:
        VISIT[type(node.value)](b, node.value)
    b.scope = saved


def _declare(b: Resolver, node: ir.Declare) -> None:
    if node.init is not None:
        VISIT[type(node.init)](b, node.init)
    hoisted = node.kind is DeclareKind.VAR and b.rules.hoists_blocks
    variable = b.declare(b.function_scope() if hoisted else b.scope, node.name, node.start, node.end)
    b.names[id(node)] = variable
    if variable.initialised and node.init is not None:
        b.write(variable)
    variable.declared = True
    variable.initialised = variable.initialised or node.init is not None
    variable.mutable = node.mutable
    if node.type is not None:
        variable.type = type_name(node.type)


def _if(b: Resolver, node: ir.If) -> None:
    VISIT[type(node.test)](b, node.test)
    b.block(node.then)
    b.block(node.orelse)


def _loop(b: Resolver, node: ir.Loop) -> None:
    if node.iterates is not None:
        VISIT[type(node.iterates)](b, node.iterates)
    saved = b.scope
    b.scope = Scope(saved, b.function)
    b.turns.append(set())
    if node.target is not None:
        b.bind_target(node.target, node.declares)
    if node.test is not None:
        VISIT[type(node.test)](b, node.test)
    b.block(node.body)
    if node.update is not None:
        VISIT[type(node.update)](b, node.update)
    assigned = {one for one in b.turns.pop() if not node.start <= one.start < node.end}
    b.scope = saved
    if assigned:
        b.bindings.loops[id(node)] = tuple(sorted(assigned, key=lambda variable: (variable.start, variable.name)))
        if b.turns:
            b.turns[-1] |= assigned


def _try(b: Resolver, node: ir.Try) -> None:
    b.block(node.body)
    for handler in node.handlers:
        saved = b.scope
        b.scope = Scope(saved, b.function)
        _bind_held(b, handler)
        b.block(handler.body)
        b.scope = saved
    b.block(node.orelse)
    b.block(node.final)


def _bind_held(b: Resolver, node: ir.Handler | ir.Scoped) -> None:
    """Bind the name that a handler or a scoped block gives to what it holds."""
    if not node.name:
        return
    if b.rules.assignment_declares:
        variable = b.mention(id(node), node.name)
        if variable is not None:
            b.write(variable)
        return
    variable = b.declare(b.scope, node.name, node.start, node.start)
    variable.initialised = True
    b.names[id(node)] = variable


def _scoped(b: Resolver, node: ir.Scoped) -> None:
    VISIT[type(node.resource)](b, node.resource)
    saved = b.scope
    b.scope = Scope(saved, b.function)
    _bind_held(b, node)
    b.statements(node.body)
    b.scope = saved


def _define(b: Resolver, node: ir.Define) -> None:
    b.declare_defined(node)
    if node.function is not None:
        b.bind_function(node.function)
    if node.klass is not None:
        b.bind_class(node.klass)


def _block_stmt(b: Resolver, node: ir.BlockStmt) -> None:
    b.block(node.body)


VISIT: dict[type, Callable[[Resolver, Any], None]] = {
    ir.Literal: _nothing,
    ir.Name: _name,
    ir.This: _nothing,
    ir.Super: _nothing,
    ir.Member: _base,
    ir.Index: _children,
    ir.Template: _parts,
    ir.Display: _display,
    ir.Op: _operands,
    ir.Choice: _children,
    ir.Call: _call,
    ir.Pattern: _children,
    ir.Assign: _assign,
    ir.Await: _value,
    ir.Closure: _closure,
    ir.ClassValue: _class_value,
    ir.TypeValue: _nothing,
    ir.Sequence: _sequence,
    ir.Opaque: _children,
    ir.Entry: _entry,
    ir.Arg: _children,
    ir.TypeRef: _nothing,
    ir.Do: _value,
    ir.Declare: _declare,
    ir.If: _if,
    ir.Loop: _loop,
    ir.Try: _try,
    ir.Handler: _children,
    ir.Scoped: _scoped,
    ir.Return: _value,
    ir.Raise: _value,
    ir.Jump: _nothing,
    ir.Define: _define,
    ir.Scope: _nothing,
    ir.BlockStmt: _block_stmt,
}
