"""Calls and constructions."""

from __future__ import annotations

from lmi_lint.facts import model as facts
from lmi_lint.facts.frame import Frame
from lmi_lint.facts.model import ELEMENT, Argument, Operand, TypeName
from lmi_lint.facts.stores import assign_to, key_of
from lmi_lint.facts.values import join, made_of, merge, type_name, type_names
from lmi_lint.ir import nodes as ir


def call(
    f: Frame, node: ir.Call, awaited: bool = False, discarded: bool = False, as_type: TypeName | None = None
) -> Operand:
    """Emit a call: receiver or callee, arguments, the call itself, then what an object initialiser fills in."""
    receiver: Operand | None = None
    callee: Operand | None = None
    method = ""
    on_super = on_this = False
    made = type_name(node.type) if node.new else None
    target = node.callee
    if made is not None and isinstance(target, ir.Name | ir.Member):
        method = made.name if not made.array else f"{made.name}[]"
    elif isinstance(target, ir.Name):
        if f.rules.separate_functions or id(target) not in f.names:
            method = target.id
        else:
            callee = f.evaluate(target)
    elif isinstance(target, ir.Member):
        method = target.name
        on_super = isinstance(target.base, ir.Super)
        receiver = f.evaluate(target.base)
    elif isinstance(target, ir.Super):
        on_super = True
    elif isinstance(target, ir.This):
        on_this = True
    elif isinstance(target, ir.Index):
        receiver, method, callee = _by_key(f, target)
    else:
        callee = f.evaluate(target)
    event = facts.Call(
        node.start,
        node.end,
        f.guards,
        f.regions,
        receiver,
        method,
        callee,
        _arguments(f, node.args) if node.args else (),
        node.new,
        on_super,
        on_this,
        awaited,
        discarded,
        made,
        type_names(node.type_args) if node.type_args else (),
        as_type,
        node.decorates,
    )
    result = f.emit(event)
    if made is not None:
        result = Operand(result.sources, result.made_from, type=made)
    if node.fills:
        filled = _fill(f, node.fills, result)
        result = Operand(result.sources, merge(result.made_from, made_of(filled)), type=result.type)
    _write_back(f, node.args, result)
    return result


def _by_key(f: Frame, target: ir.Index) -> tuple[Operand | None, str, Operand | None]:
    """``a["m"](…)`` is a method call; with a computed key the element is called."""
    base = f.evaluate(target.base)
    key, index = key_of(f.evaluate(target.key))
    if key != ELEMENT:
        return base, key, None
    load = facts.Load(target.start, target.end, f.guards, f.regions, base, key, index)
    return None, "", f.emit(load)


def _arguments(f: Frame, args: tuple[ir.Arg, ...]) -> tuple[Argument, ...]:
    found: list[Argument] = []
    for arg in args:
        value = facts.NOTHING if _is_only_written(arg) else f.evaluate(arg.value)
        found.append(Argument(value, arg.name, arg.spread, arg.mode is not ir.ArgMode.IN, arg.keywords))
    return tuple(found)


def _is_only_written(arg: ir.Arg) -> bool:
    """Whether a call gives a value to the argument and never sees the old one."""
    return arg.mode is ir.ArgMode.OUT and isinstance(arg.value, ir.Name | ir.Member)


def _fill(f: Frame, fills: tuple[ir.Entry, ...], made: Operand) -> list[Operand]:
    """Store what an initialiser gives; like the arguments of a construction it is what the object is made from."""
    filled = []
    for entry in fills:
        key, index = ELEMENT, None
        if entry.key is not None:
            key, index = key_of(f.evaluate(entry.key))
        value = f.evaluate(entry.value)
        how = facts.How.SET
        f.emit(facts.Store(entry.start, entry.end, f.guards, f.regions, made, key, value, how, index))
        filled.append(value)
    return filled


def _write_back(f: Frame, args: tuple[ir.Arg, ...], result: Operand) -> None:
    """What the call writes to what it takes by reference."""
    for arg in args:
        if _is_only_written(arg) and isinstance(arg.value, ir.Member):
            assign_to(f, arg.value, result, facts.How.SET, arg)
        if arg.mode is ir.ArgMode.IN or not isinstance(arg.value, ir.Name):
            continue
        variable = f.names.get(id(arg.value))
        value = result
        if variable is not None and arg.mode is ir.ArgMode.REF and variable in f.env:
            value = join(f.env[variable], result)
        assign_to(f, arg.value, value, facts.How.SET, arg)
