"""Expressions over abstract values: each function emits the events of one node type and gives its operand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lmi_lint.facts import model as facts
from lmi_lint.facts.calls import call
from lmi_lint.facts.copies import kept_arm
from lmi_lint.facts.flows import EMPTY, branch, sequence
from lmi_lint.facts.frame import Frame, join_environments
from lmi_lint.facts.model import ELEMENT, NOTHING, THIS, Operand
from lmi_lint.facts.presence import told
from lmi_lint.facts.stores import assign_to, bind_variable, how_of, key_of
from lmi_lint.facts.values import computed, concatenated, join, literal, made_of, merge, type_name, typed
from lmi_lint.ir import nodes as ir

_THIS: Final = Operand((THIS,), (THIS,))


def _literal(_: Frame, node: ir.Literal) -> Operand:
    return literal(node.value)


def _name(f: Frame, node: ir.Name) -> Operand:
    variable = f.names.get(id(node))
    if variable is None:
        return f.emit(facts.LoadFree(node.start, node.end, f.guards, f.regions, node.id))
    if variable.tracked and variable.function == f.index:
        value = f.env.get(variable)
        if value is not None:
            return value if value.type is not None or variable.type is None else typed(value, variable.type)
        if not variable.frame:
            return NOTHING if variable.type is None else Operand(type=variable.type)
    value = f.emit(facts.LoadVar(node.start, node.end, f.guards, f.regions, variable.function, variable.key))
    return typed(value, variable.type)


def _this(_: Frame, __: ir.Node) -> Operand:
    return _THIS


def _member(f: Frame, node: ir.Member) -> Operand:
    base = EVALUATE[type(node.base)](f, node.base)
    return f.emit(facts.Load(node.start, node.end, f.guards, f.regions, base, node.name))


def _index(f: Frame, node: ir.Index) -> Operand:
    base = EVALUATE[type(node.base)](f, node.base)
    key, index = key_of(EVALUATE[type(node.key)](f, node.key))
    return f.emit(facts.Load(node.start, node.end, f.guards, f.regions, base, key, index))


def _template(f: Frame, node: ir.Template) -> Operand:
    parts = []
    for part in node.parts:
        parts.append(EVALUATE[type(part)](f, part))
    return concatenated(parts)


def _op(f: Frame, node: ir.Op) -> Operand:
    if node.text == "void" and len(node.operands) == 1:
        effect(f, node.operands[0])
        return literal(None)
    operands = []
    for part in node.operands:
        operands.append(EVALUATE[type(part)](f, part))
    if node.text == "yield":
        f.returns.extend(operands)
    return operated(node, operands)


def operated(node: ir.Op, operands: list[Operand]) -> Operand:
    """What the operator makes of evaluated operands."""
    # Of what is neither text nor number here, link knows whether it is text.
    if node.kind is ir.OpKind.ARITH and node.text == "+" and all(part.texts or part.made_from for part in operands):
        return concatenated(operands)
    return computed(operands)


def _display(f: Frame, node: ir.Display) -> Operand:
    items: list[facts.Item] = []
    for entry in node.items:
        key = ELEMENT
        if entry.key is not None:
            key = _constant_key(EVALUATE[type(entry.key)](f, entry.key))
        items.append(facts.Item(key, EVALUATE[type(entry.value)](f, entry.value), entry.spread))
    type_ = type_name(node.type)
    made = facts.MakeDisplay(node.start, node.end, f.guards, f.regions, node.kind.value, tuple(items), type_)
    return typed(f.emit(made), type_)


def _constant_key(key: Operand) -> str:
    if key.constant and isinstance(key.const, str | int) and not isinstance(key.const, bool):
        return str(key.const)
    return ELEMENT


def _choice(f: Frame, node: ir.Choice, is_used: bool = True) -> Operand:
    first = len(f.events)
    test = EVALUATE[type(node.test)](f, node.test)
    there = told(f, node.test, first)
    before, outer, start = f.guards, f.flow, f.env
    guards = merge(before, test.made_from)
    values: list[Operand] = []
    flows: list[facts.Flow] = []
    ends = []
    for arm, claims in zip((node.then, node.orelse), there, strict=True):
        begin = len(f.events)
        if arm is None:
            values.append(test)
            flows.append(EMPTY)
            ends.append(start)
            continue
        f.guards, f.flow, f.env = guards, [], start.copy()
        values.append(EVALUATE[type(arm)](f, arm) if is_used else effect(f, arm))
        f.note_presence(claims, begin, len(f.events))
        flows.append(sequence(f.flow))
        ends.append(f.env)
    f.flow, f.guards = outer, f.guarded(before)
    f.env = join_environments(ends[0] if ends[0] is not start else start.copy(), ends[1])
    both = branch(flows[0], flows[1])
    if both is not None:
        outer.append(both)
    copy = kept_arm(node.then, node.orelse)
    return join(values[0], values[1]) if copy is None else values[copy]


def _assign(f: Frame, node: ir.Assign) -> Operand:
    if node.how is ir.How.IF_ABSENT:
        return _assign_if_absent(f, node)
    if node.value is None:
        assign_to(f, node.target, NOTHING, how_of(node.how), node)
        return NOTHING
    if node.how is ir.How.UPDATE and isinstance(node.target, ir.Member | ir.Index):
        value = _update(f, node, node.target)
        if value is not None:
            return value
    value = EVALUATE[type(node.value)](f, node.value)
    assign_to(f, node.target, value, how_of(node.how), node)
    return value


def _update(f: Frame, node: ir.Assign, target: ir.Member | ir.Index) -> Operand | None:
    """``a.b op= c`` with ``a`` evaluated once; None where the value has another shape."""
    value = node.value
    if isinstance(value, ir.Op):
        terms = value.operands
    elif isinstance(value, ir.Template):
        terms = value.parts
    else:
        return None
    if not terms or not (terms[0] is target or terms[0] == target):
        return None
    base, key, index = _place(f, target)
    operands = [f.emit(facts.Load(target.start, target.end, f.guards, f.regions, base, key, index))]
    for term in terms[1:]:
        operands.append(EVALUATE[type(term)](f, term))
    result = operated(value, operands) if isinstance(value, ir.Op) else concatenated(operands)
    f.emit(facts.Store(node.start, node.end, f.guards, f.regions, base, key, result, facts.How.UPDATE, index))
    return result


def _place(f: Frame, target: ir.Member | ir.Index) -> tuple[Operand, str, Operand | None]:
    base = EVALUATE[type(target.base)](f, target.base)
    if isinstance(target, ir.Member):
        return base, target.name, None
    key, index = key_of(EVALUATE[type(target.key)](f, target.key))
    return base, key, index


def _assign_if_absent(f: Frame, node: ir.Assign) -> Operand:
    """The read of the target; then, guarded by it, the value and the store."""
    target = node.target
    if node.value is None:
        return NOTHING
    base, key, index = NOTHING, "", None
    if isinstance(target, ir.Member | ir.Index):
        base, key, index = _place(f, target)
        old = f.emit(facts.Load(target.start, target.end, f.guards, f.regions, base, key, index))
    else:
        old = EVALUATE[type(target)](f, target)
    before, outer = f.guards, f.flow
    f.guards, f.flow = merge(before, old.made_from), []
    start = f.env.copy()
    value = EVALUATE[type(node.value)](f, node.value)
    how = facts.How.IF_ABSENT
    if isinstance(target, ir.Member | ir.Index):
        f.emit(facts.Store(node.start, node.end, f.guards, f.regions, base, key, value, how, index))
    else:
        assign_to(f, target, value, how, node)
    both = branch(sequence(f.flow), EMPTY)
    f.guards, f.flow = before, outer
    f.env = join_environments(f.env, start)
    if both is not None:
        outer.append(both)
    return join(old, value)


def _await(f: Frame, node: ir.Await) -> Operand:
    value = NOTHING
    if isinstance(node.value, ir.Call):
        value = call(f, node.value, awaited=node.how is ir.AwaitKind.AWAIT)
    elif node.value is not None:
        value = EVALUATE[type(node.value)](f, node.value)
    if node.how is ir.AwaitKind.YIELD:
        if node.value is not None:
            f.returns.append(value)
        if not f.suspends_at_yield:
            return NOTHING
    result = f.emit(facts.Suspend(node.start, node.end, f.guards, f.regions, node.how.value, value))
    if node.how is ir.AwaitKind.YIELD or node.value is None:
        return result
    return value


def _closure(f: Frame, node: ir.Closure) -> Operand:
    value = f.emit(facts.MakeClosure(node.start, node.end, f.guards, f.regions, node.function))
    own = f.bindings.own_names.get(node.function)
    if own is not None:
        bind_variable(f, own, value, facts.How.SET, node, declares=True)
    return value


def _class_value(f: Frame, node: ir.ClassValue) -> Operand:
    value = make_class(f, node.klass, node)
    own = f.bindings.class_names.get(node.klass)
    if own is not None and own.function == f.index:
        bind_variable(f, own, value, facts.How.SET, node, declares=True)
    return value


def make_class(f: Frame, index: int, node: ir.Node) -> Operand:
    """A class of the module becomes a value; what it extends is evaluated first."""
    base_expr = f.module.classes[index].base_expr
    base = None
    # Inside the class's own functions the class is only named again.
    if base_expr is not None and f.function.owner != index:
        base = EVALUATE[type(base_expr)](f, base_expr)
    return f.emit(facts.MakeClass(node.start, node.end, f.guards, f.regions, index, base))


def _type_value(_: Frame, node: ir.TypeValue) -> Operand:
    return Operand(type=type_name(node.type))


def _sequence(f: Frame, node: ir.Sequence) -> Operand:
    f.run(node.body)
    return NOTHING if node.value is None else EVALUATE[type(node.value)](f, node.value)


def _opaque(f: Frame, node: ir.Opaque) -> Operand:
    values: list[Operand] = []
    for child in node.children:
        evaluation = EVALUATE.get(type(child))
        if evaluation is not None:
            values.append(evaluation(f, child))
        else:
            f.runs[type(child)](f, child)
    sources = made_of(values)
    return Operand((), sources) if sources else NOTHING


def effect(f: Frame, node: ir.Node) -> Operand:
    """Evaluate an expression whose value nothing uses."""
    if isinstance(node, ir.Call):
        return call(f, node, discarded=True)
    if isinstance(node, ir.Choice):
        return _choice(f, node, is_used=False)
    return EVALUATE[type(node)](f, node)


def _call(f: Frame, node: ir.Call) -> Operand:
    return call(f, node)


def _unexpected(f: Frame, node: ir.Node) -> Operand:
    """A node where the IR promises none: its children still count."""
    values: list[Operand] = []
    for child in ir.children(node):
        values.append(EVALUATE[type(child)](f, child))
    return computed(values)


EVALUATE: Final[dict[type, Callable[[Frame, Any], Operand]]] = {
    ir.Literal: _literal,
    ir.Name: _name,
    ir.This: _this,
    ir.Super: _this,
    ir.Member: _member,
    ir.Index: _index,
    ir.Template: _template,
    ir.Display: _display,
    ir.Op: _op,
    ir.Choice: _choice,
    ir.Call: _call,
    ir.Assign: _assign,
    ir.Await: _await,
    ir.Closure: _closure,
    ir.ClassValue: _class_value,
    ir.TypeValue: _type_value,
    ir.Sequence: _sequence,
    ir.Opaque: _opaque,
    ir.Entry: _unexpected,
    ir.Arg: _unexpected,
    ir.Pattern: _unexpected,
    ir.TypeRef: _unexpected,
}
"""Node type → its evaluation."""
