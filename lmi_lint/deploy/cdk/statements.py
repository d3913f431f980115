"""Statements of a CDK app: each function walks one node type; True where nothing after it is reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from lmi_lint.deploy.cdk.expressions import evaluate
from lmi_lint.deploy.cdk.machine import MAX_TURNS, Frame
from lmi_lint.deploy.cdk.members import elements, member, store
from lmi_lint.deploy.cdk.values import UNKNOWN, Fn, Instance, Obj, Scope, Seq, Slot, Value, same, truth
from lmi_lint.ir import nodes as ir

if TYPE_CHECKING:
    from lmi_lint.deploy.cdk.machine import Machine


_TURNS: Final = f"{MAX_TURNS} turns of a loop"


def hoist(m: Machine, f: Frame, body: ir.Block) -> None:
    """Bind the functions that a block declares, which hold from its start."""
    for each in body:
        if isinstance(each, ir.Define) and each.function is not None:
            f.scope.names[f.tree.functions[each.function].name] = Fn(f.path, each.function, f.scope, f.this)


def block(m: Machine, f: Frame, body: ir.Block) -> bool:
    """Statements in order."""
    for each in body:
        m.step()
        run = RUN.get(type(each))
        if run is None:
            if isinstance(each, ir.Opaque):
                evaluate(m, f, each)
            continue
        if run(m, f, each):
            return True
    return False


def _do(m: Machine, f: Frame, node: ir.Do) -> bool:
    evaluate(m, f, node.value)
    return False


def _declare(m: Machine, f: Frame, node: ir.Declare) -> bool:
    f.scope.names[node.name] = evaluate(m, f, node.init) if node.init is not None else None
    return False


def _define(m: Machine, f: Frame, node: ir.Define) -> bool:
    if node.klass is not None:
        f.scope.names[f.tree.classes[node.klass].name] = m.names.klass(f.path, node.klass, f.scope)
    return False


def _if(m: Machine, f: Frame, node: ir.If) -> bool:
    known = truth(evaluate(m, f, node.test))
    if known is not None:
        return block(m, f, node.then if known else node.orelse)
    before = dict(f.scope.names)
    m.uncertain += 1
    left = block(m, f, node.then)
    after, f.scope.names = f.scope.names, dict(before)
    right = block(m, f, node.orelse)
    m.uncertain -= 1
    f.may_leave = f.may_leave or left or right
    if left and not right:
        return False
    if right and not left:
        f.scope.names = after
        return False
    for name in {*after, *f.scope.names}:
        if name in after and name in f.scope.names:
            if not same(after[name], f.scope.names[name]):
                f.scope.names[name] = UNKNOWN
        elif name in after:  # declared inside, which only the arm itself can see
            f.scope.names[name] = after[name] if name not in before else UNKNOWN
    return left and right


def _loop(m: Machine, f: Frame, node: ir.Loop) -> bool:
    if node.iterates is None:
        return _counted(m, f, node)
    values = elements(evaluate(m, f, node.iterates))
    if values is None:
        _turn(m, f, node, UNKNOWN)
        return False
    for each in values[:MAX_TURNS]:
        ended = _turn(m, f, node, each)
        if ended is not None:
            return ended
    if len(values) > MAX_TURNS:
        m.cut.add(_TURNS)
    return False


def _turn(m: Machine, f: Frame, node: ir.Loop, value: Value) -> bool | None:
    """One turn with names of its own: what a function made in it sees is that turn's. None if the loop goes on, else
    whether it leaves the function as well."""
    inner = Frame(f.path, f.tree, Scope(f.scope), f.this, f.klass)
    inner.returns = f.returns
    if node.target is not None:
        if node.declares is not None and isinstance(node.target, ir.Name):
            inner.scope.names[node.target.id] = value
        else:
            assign(m, inner if node.declares is not None else f, node.target, value)
    hoist(m, inner, node.body)
    left = block(m, inner, node.body)
    if not left:
        return False if inner.may_leave and node.iterates is None else None
    if inner.jump is None:
        return True
    return None if inner.jump is ir.JumpKind.CONTINUE else False


def _counted(m: Machine, f: Frame, node: ir.Loop) -> bool:
    for _ in range(MAX_TURNS):
        known = truth(evaluate(m, f, node.test)) if node.test is not None else None
        if known is False:
            return False
        if known is None:
            m.uncertain += 1
            _turn(m, f, node, UNKNOWN)
            m.uncertain -= 1
            return False
        ended = _turn(m, f, node, UNKNOWN)
        if ended is not None:
            return ended
        if node.update is not None:
            evaluate(m, f, node.update)
    m.cut.add(_TURNS)
    return False


def _try(m: Machine, f: Frame, node: ir.Try) -> bool:
    left = block(m, f, node.body) or block(m, f, node.orelse)
    m.uncertain += 1
    for handler in node.handlers:
        block(m, f, handler.body)
    m.uncertain -= 1
    return block(m, f, node.final) or left


def _scoped(m: Machine, f: Frame, node: ir.Scoped) -> bool:
    value = evaluate(m, f, node.resource)
    if node.name is not None:
        f.scope.names[node.name] = value
    return block(m, f, node.body)


def _return(m: Machine, f: Frame, node: ir.Return) -> bool:
    f.returns.append(evaluate(m, f, node.value) if node.value is not None else None)
    return True


def _raise(m: Machine, f: Frame, node: ir.Raise) -> bool:
    return True


def _jump(m: Machine, f: Frame, node: ir.Jump) -> bool:
    if node.label == "switch":
        return False
    f.jump = node.how
    return True


def _bare(m: Machine, f: Frame, node: ir.BlockStmt) -> bool:
    return block(m, f, node.body)


def assign(m: Machine, f: Frame, target: ir.Target, value: Value) -> None:
    """Write a value to a target."""
    if isinstance(target, ir.Name):
        scope = f.scope.find(target.id)
        if scope is None and f.tree.language.family in ("java", "csharp") and f.this is not None:
            store(m, f, f.this, target.id, Slot(value, f.at(target)))
            return
        (scope or f.scope).names[target.id] = value
    elif isinstance(target, ir.Member):
        store(m, f, evaluate(m, f, target.base), target.name, Slot(value, f.at(target)))
    elif isinstance(target, ir.Index):
        _assign_index(m, f, target, value)
    elif isinstance(target, ir.Pattern):
        for part, path, default in zip(target.targets, target.paths, target.defaults, strict=True):
            found = _part(m, f, value, path)
            if found is None and default is not None:
                found = evaluate(m, f, default)
            assign(m, f, part, found)


def _assign_index(m: Machine, f: Frame, target: ir.Index, value: Value) -> None:
    base = evaluate(m, f, target.base)
    key = evaluate(m, f, target.key)
    if isinstance(base, Seq):
        if key is None:
            base.items.append(Slot(value, f.at(target)))
        else:
            base.is_open = True
    elif isinstance(key, str):
        store(m, f, base, key, Slot(value, f.at(target)))
    elif isinstance(base, Obj):
        base.is_open = True


def _part(m: Machine, f: Frame, value: Value, path: tuple[str, ...]) -> Value:
    """What a destructuring takes of a value."""
    for step in path:
        if step == "...":
            if isinstance(value, Obj | Instance):
                rest = Obj()
                rest.spread(value if isinstance(value, Obj) else value.fields)
                value = rest
            elif not isinstance(value, Seq):
                value = UNKNOWN
        elif step.startswith("*"):
            values = elements(value)
            place = int(step[1:]) if step[1:].isdigit() else None
            known = values is not None and place is not None
            value = _at(values or [], place or 0) if known else UNKNOWN
        else:
            value = member(m, f, value, step)
    return value


def _at(values: list[Value], place: int) -> Value:
    return values[place] if place < len(values) else None


RUN: Final[dict[type, Callable[[Machine, Frame, Any], bool]]] = {
    ir.Do: _do,
    ir.Declare: _declare,
    ir.Define: _define,
    ir.If: _if,
    ir.Loop: _loop,
    ir.Try: _try,
    ir.Scoped: _scoped,
    ir.Return: _return,
    ir.Raise: _raise,
    ir.Jump: _jump,
    ir.BlockStmt: _bare,
}
"""Node type → its walk."""
