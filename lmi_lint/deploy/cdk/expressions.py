"""Expressions of a CDK app: each function gives the value of one node type."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from lmi_lint.deploy.cdk.machine import Args
from lmi_lint.deploy.cdk.members import call_method, call_value, elements, index, made_by, member
from lmi_lint.deploy.cdk.values import (
    MAX_NUMBER,
    UNKNOWN,
    Fn,
    Instance,
    Klass,
    Obj,
    Seq,
    Slot,
    Sym,
    Unknown,
    Value,
    either,
    is_known,
    joined_text,
    same,
    truth,
)
from lmi_lint.ir import nodes as ir

if TYPE_CHECKING:
    from lmi_lint.deploy.cdk.machine import Frame, Machine

_MAX_TEXT: Final = 10_000


def evaluate(m: Machine, f: Frame, node: ir.Node) -> Value:
    """The value of an expression."""
    m.step()
    found = EVALUATE.get(type(node))
    return found(m, f, node) if found is not None else UNKNOWN


def _literal(m: Machine, f: Frame, node: ir.Literal) -> Value:
    return node.value


def _name(m: Machine, f: Frame, node: ir.Name) -> Value:
    if f.tree.language.family in ("java", "csharp") and f.this is not None and f.scope.find(node.id) is None:
        own = _own(m, f, node.id)
        if own is not UNKNOWN:
            return own
    return m.names.value(f, node.id)


def _own(m: Machine, f: Frame, name: str) -> Value:
    """A field or static member that a bare name means in Java and C#; UNKNOWN if there is none."""
    if isinstance(f.this, Instance):
        if name in f.this.fields.slots:
            return f.this.fields.slots[name].value
        klass: Value = f.this.klass
    else:
        klass = f.this
    if isinstance(klass, Klass):
        statics = m.statics(klass)
        if name in statics.slots:
            return statics.slots[name].value
    return UNKNOWN


def _this(m: Machine, f: Frame, node: ir.This) -> Value:
    return f.this if f.this is not None else UNKNOWN


def _member(m: Machine, f: Frame, node: ir.Member) -> Value:
    return member(m, f, evaluate(m, f, node.base), node.name)


def _index(m: Machine, f: Frame, node: ir.Index) -> Value:
    base = evaluate(m, f, node.base)
    return index(m, f, base, evaluate(m, f, node.key))


def _template(m: Machine, f: Frame, node: ir.Template) -> Value:
    made = joined_text([evaluate(m, f, part) for part in node.parts])
    return made if not isinstance(made, str) or len(made) < _MAX_TEXT else UNKNOWN


def _op(m: Machine, f: Frame, node: ir.Op) -> Value:
    values = [evaluate(m, f, part) for part in node.operands]
    if node.kind is ir.OpKind.NOT:
        known = truth(values[0]) if values else None
        return UNKNOWN if known is None else not known
    if len(values) != 2:
        if node.text == "-" and len(values) == 1 and isinstance(values[0], int | float):
            return -values[0]
        return values[0] if values and node.text in ("as", "!", "satisfies", "+") else UNKNOWN
    left, right = values
    if node.kind is ir.OpKind.COMPARE:
        return _compared(node.text, left, right)
    return _computed(node.text, left, right)


def _compared(text: str, left: Value, right: Value) -> Value:
    if text in ("==", "===", "is", "!=", "!==", "is not"):
        if is_known(left) and is_known(right):
            return (left == right) != (text in ("!=", "!==", "is not"))
        if (left is None or right is None) and isinstance(right if left is None else left, Obj | Seq | Instance | Fn):
            return text in ("!=", "!==", "is not")
        return UNKNOWN
    if isinstance(left, int | float) and isinstance(right, int | float):
        table = {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}
        return table.get(text, UNKNOWN)
    return UNKNOWN


def _computed(text: str, left: Value, right: Value) -> Value:
    if text == "+" and (isinstance(left, str | Unknown) or isinstance(right, str | Unknown)):
        return joined_text([left, right])
    if isinstance(left, bool) or isinstance(right, bool):
        return UNKNOWN
    if isinstance(left, int | float) and isinstance(right, int | float):
        made = _reckoned(text, left, right) if abs(left) < MAX_NUMBER and abs(right) < MAX_NUMBER else None
        return UNKNOWN if made is None else made
    return UNKNOWN


def _reckoned(text: str, left: float, right: float) -> float | None:
    if text == "+":
        return left + right
    if text == "-":
        return left - right
    if text == "*":
        return left * right
    if text in ("/", "//") and right:
        return left / right if text == "/" else left // right
    return None


def _display(m: Machine, f: Frame, node: ir.Display) -> Value:
    if node.kind in (ir.DisplayKind.SEQUENCE, ir.DisplayKind.SET):
        return _sequence_display(m, f, node)
    made = Obj()
    for entry in node.items:
        key = None if entry.key is None else evaluate(m, f, entry.key)
        value = evaluate(m, f, entry.value)
        if entry.spread:
            made.spread(value.fields if isinstance(value, Instance) else value)
        elif isinstance(key, str | int):
            made.slots[str(key)] = Slot(value, f.at(entry))
        else:
            made.is_open = True
    return made


def _sequence_display(m: Machine, f: Frame, node: ir.Display) -> Value:
    made = Seq()
    for entry in node.items:
        value = evaluate(m, f, entry.value)
        if not entry.spread:
            made.items.append(Slot(value, f.at(entry)))
            continue
        inner = elements(value)
        if inner is None:
            made.is_open = made.is_open or value is not None
        else:
            made.items += [Slot(each, f.at(entry)) for each in inner]
    return made


def _choice(m: Machine, f: Frame, node: ir.Choice) -> Value:
    test = evaluate(m, f, node.test)
    known = truth(test)
    if node.then is None and test is not None and known is False:
        known = None  # ``??`` keeps 0 and the empty text, ``||`` does not
    if known is not None:
        arm = node.then if known else node.orelse
        return test if arm is None else evaluate(m, f, arm)
    m.uncertain += 1
    left = test if node.then is None else evaluate(m, f, node.then)
    right = test if node.orelse is None else evaluate(m, f, node.orelse)
    m.uncertain -= 1
    return either(left, right)


def _arguments(m: Machine, f: Frame, node: ir.Call) -> Args:
    args = Args()
    for each in node.args:
        value = evaluate(m, f, each.value)
        where = f.at(each.value)
        if each.keywords:
            args.named.spread(value.fields if isinstance(value, Instance) else value)
        elif each.spread:
            inner = elements(value)
            if inner is None:
                args.is_open = True
                if isinstance(value, Seq):
                    args.items += value.items
            else:
                args.items += [Slot(item, where) for item in inner]
        elif each.name is not None:
            args.named.slots[each.name] = Slot(value, f.at(each))
        else:
            args.items.append(Slot(value, where))
    return args


def _call(m: Machine, f: Frame, node: ir.Call) -> Value:
    callee = node.callee
    where = f.at(node)
    if isinstance(callee, ir.Super) or (isinstance(callee, ir.Member) and isinstance(callee.base, ir.Super)):
        return _super(m, f, node, callee)
    if isinstance(callee, ir.This):
        args = _arguments(m, f, node)
        klass = _owner(m, f)
        if isinstance(f.this, Instance) and klass is not None:
            m.initialise(f.this, klass, args, where, own=False)
        return None
    if isinstance(callee, ir.Member) and not node.new:
        base = evaluate(m, f, callee.base)
        return call_method(m, f, base, callee.name, _arguments(m, f, node), where)
    if isinstance(callee, ir.Name) and not node.new:
        own = _own_method(m, f, node, callee.id)
        if own is not UNKNOWN:
            return own
        if callee.id == "require" and len(node.args) == 1 and isinstance(node.args[0].value, ir.Literal):
            return m.names.require(f, str(node.args[0].value.value))
    value = m.names.dotted(f, node.type.name) if node.new and node.type is not None else evaluate(m, f, callee)
    return _made(m, f, node, value)


def _made(m: Machine, f: Frame, node: ir.Call, callee: Value) -> Value:
    """A call of a value, or a construction with the members that fill it."""
    args = _arguments(m, f, node)
    if not node.new:
        return call_value(m, f, callee, args, f.at(node))
    fills = Obj(callee.name if isinstance(callee, Sym) else "")
    for entry in node.fills:
        key = evaluate(m, f, entry.key) if entry.key is not None and not isinstance(entry.key, ir.Name) else None
        if isinstance(entry.key, ir.Name):
            key = entry.key.id
        value = evaluate(m, f, entry.value)
        if isinstance(key, str):
            fills.slots[key] = Slot(value, f.at(entry))
        elif entry.key is None:
            fills.is_open = True
    return made_by(m, f, callee, args, fills, f.at(node))


def _own_method(m: Machine, f: Frame, node: ir.Call, name: str) -> Value:
    """A method called by its bare name in Java and C#; UNKNOWN if there is none."""
    if f.tree.language.family in ("javascript", "python") or f.scope.find(name) is not None:
        return UNKNOWN
    klass = f.this.klass if isinstance(f.this, Instance) else _owner(m, f)
    found = m.method(klass, name, len(node.args)) if klass is not None else None
    if found is None:
        return UNKNOWN
    holder, which = found
    return m.call(Fn(holder.path, which, holder.scope, f.this), _arguments(m, f, node))


def _owner(m: Machine, f: Frame) -> Klass | None:
    """The class that the running function is a member of."""
    if f.klass is None:
        return None
    return m.names.klass(f.path, f.klass, m.scopes.get(f.path))


def _super(m: Machine, f: Frame, node: ir.Call, callee: ir.Node) -> Value:
    args = _arguments(m, f, node)
    klass = _owner(m, f)
    if klass is None or not isinstance(f.this, Instance):
        return UNKNOWN
    name = callee.name if isinstance(callee, ir.Member) else ""
    if name in ("", "__init__"):
        if isinstance(callee, ir.Member) and f.this.base is not None:
            return None
        m.construct_base(f.this, klass, args, f.at(node))
        return None
    base = m.base(klass)
    found = m.method(base, name, len(node.args)) if isinstance(base, Klass) else None
    if found is not None:
        return m.call(Fn(found[0].path, found[1], found[0].scope, f.this), args)
    return m.make(name, args, f.at(node), f.this.base)


def _assign(m: Machine, f: Frame, node: ir.Assign) -> Value:
    from lmi_lint.deploy.cdk.statements import assign

    value = evaluate(m, f, node.value) if node.value is not None else None
    if node.how is ir.How.IF_ABSENT and not isinstance(node.target, ir.Pattern):
        old = evaluate(m, f, node.target)
        value = value if old is None else old if is_known(old) else either(old, value)
    if m.uncertain and isinstance(node.target, ir.Name):
        scope = f.scope.find(node.target.id)
        if scope is not None and scope is not f.scope and not same(scope.names[node.target.id], value):
            value = UNKNOWN
    assign(m, f, node.target, value)
    return value


def _await(m: Machine, f: Frame, node: ir.Await) -> Value:
    return evaluate(m, f, node.value) if node.value is not None else None


def _closure(m: Machine, f: Frame, node: ir.Closure) -> Value:
    return Fn(f.path, node.function, f.scope, f.this)


def _class_value(m: Machine, f: Frame, node: ir.ClassValue) -> Value:
    return m.names.klass(f.path, node.klass, m.scopes.get(f.path))


def _sequence(m: Machine, f: Frame, node: ir.Sequence) -> Value:
    from lmi_lint.deploy.cdk.statements import block

    block(m, f, node.body)
    return evaluate(m, f, node.value) if node.value is not None else None


def _opaque(m: Machine, f: Frame, node: ir.Opaque) -> Value:
    for child in node.children:
        if type(child) in EVALUATE:
            evaluate(m, f, child)
    return UNKNOWN


EVALUATE: Final[dict[type, Callable[[Machine, Frame, Any], Value]]] = {
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
    ir.Sequence: _sequence,
    ir.Opaque: _opaque,
}
"""Node type → its value."""
