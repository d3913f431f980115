"""Expressions → values, within bounds; nothing is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from lmi_lint.deploy.terraform.functions import call
from lmi_lint.deploy.terraform.values import (
    ANY,
    FAILED,
    HOLE,
    MAX_ITEMS,
    MAX_TEXT,
    UNKNOWN,
    Opened,
    Unknown,
    Value,
    as_bool,
    as_number,
    as_text,
    is_known,
    items_of,
    partly,
    refs_of,
    same,
    traced,
    unknown,
)
from lmi_lint.frontends.hcl.nodes import (
    Attr,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    Listing,
    Literal,
    Name,
    Object,
    Operation,
    Splat,
    Template,
)

MAX_STEPS: Final = 300_000
"""Expressions that are evaluated for one root module; what is left then is unknown."""

MAX_DEPTH: Final = 100
"""Levels of expressions within expressions, through locals, variables and outputs; deeper ones are unknown."""


class Names(Protocol):
    """What a module knows names by."""

    def look_up(self, root: str, path: tuple[str, ...], scope: Scope) -> tuple[Value, int]:
        """The value of a root name followed by attributes, and how many of these it used up."""


class Budget:
    """What one root module may cost. ``spent``: the names of bounds that were reached. ``open``: variables of the root
    are not taken to have their defaults."""

    def __init__(self) -> None:
        self.open = False
        self.modules = 0
        self.resources = 0
        self.steps = 0
        self.depth = 0
        self.spent: dict[str, None] = {}

    def step(self) -> bool:
        """Count one step of work; False if there were too many."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            self.exceeded(f"more than {MAX_STEPS} expressions")
            return False
        return True

    def exceeded(self, bound: str) -> None:
        """Note that a bound was reached."""
        self.spent[bound] = None


class Scope:
    """A module's names, and those of the block around an expression: ``each``, ``count``, iterators, loop names."""

    def __init__(self, names: Names, budget: Budget, local: Mapping[str, Value] | None = None) -> None:
        self.names = names
        self.budget = budget
        self.local: Mapping[str, Value] = local or {}

    def having(self, more: Mapping[str, Value]) -> Scope:
        """This scope with more local names."""
        return Scope(self.names, self.budget, {**self.local, **more})

    def evaluate(self, expression: Expression) -> Value:
        """The value of an expression. Never raises."""
        budget = self.budget
        if not budget.step():
            return UNKNOWN
        if budget.depth >= MAX_DEPTH:
            budget.exceeded(f"expressions more than {MAX_DEPTH} levels deep")
            return UNKNOWN
        budget.depth += 1
        try:
            return _KINDS.get(type(expression), _opaque)(expression, self)
        finally:
            budget.depth -= 1


def attribute(value: Value, name: str) -> Value:
    """``value.name``."""
    if isinstance(value, Opened):
        return value.attribute(name)
    if isinstance(value, dict):
        return value.get(name, FAILED)
    if isinstance(value, tuple) and name.isdigit() and int(name) < len(value):
        return value[int(name)]
    return unknown(value) if isinstance(value, Unknown) else FAILED


def indexed(value: Value, key: Value) -> Value:
    """``value[key]``."""
    if isinstance(value, Opened):
        return value
    number = as_number(key)
    if isinstance(value, tuple) and isinstance(number, int):
        return value[number] if 0 <= number < len(value) else FAILED
    text = as_text(key)
    if isinstance(value, dict) and text is not None:
        return value.get(text, FAILED)
    unsure = isinstance(value, Unknown) or not is_known(key)
    return unknown(value, key) if unsure else FAILED


def _opaque(expression: Expression, scope: Scope) -> Value:
    return UNKNOWN


def _literal(expression: Literal, scope: Scope) -> Value:
    return expression.value


def _template(expression: Template, scope: Scope) -> Value:
    values: list[Value] = []
    texts: list[str] = []
    size = 0
    known = True
    for part in expression.parts:
        value = scope.evaluate(part)
        if len(expression.parts) == 1:
            return value
        text = as_text(value)
        known = known and text is not None
        rough = text if text is not None else (value.text if isinstance(value, Unknown) and value.text else HOLE)
        size += len(rough)
        if size > MAX_TEXT:
            return Unknown(refs_of(*values), present=True)
        values.append(value)
        texts.append(rough)
    return traced("".join(texts), *values) if known else partly("".join(texts), *values)


def _listing(expression: Listing, scope: Scope) -> Value:
    return tuple(scope.evaluate(item) for item in expression.items)


def _object(expression: Object, scope: Scope) -> Value:
    found: dict[str, Value] = {}
    for item in expression.items:
        key = as_text(scope.evaluate(item.key))
        if key is None:
            return unknown(*(scope.evaluate(each.value) for each in expression.items))
        found[key] = scope.evaluate(item.value)
    return found


def _traversal(expression: Name | Attr, scope: Scope) -> Value:
    """A name and the attributes that follow it."""
    path: list[str] = []
    base: Expression = expression
    while isinstance(base, Attr):
        path.append(base.name)
        base = base.target
    path.reverse()
    if isinstance(base, Name):
        if base.name in scope.local:
            value, used = scope.local[base.name], 0
        else:
            value, used = scope.names.look_up(base.name, tuple(path), scope)
    else:
        value, used = scope.evaluate(base), 0
    for name in path[used:]:
        value = attribute(value, name)
    return value


def _index(expression: Index, scope: Scope) -> Value:
    return indexed(scope.evaluate(expression.target), scope.evaluate(expression.key))


def _splat(expression: Splat, scope: Scope) -> Value:
    value = scope.evaluate(expression.target)
    if value is None:
        return ()
    if isinstance(value, Unknown) and not value.present:
        return value
    items = value if isinstance(value, tuple) else (value,)
    found = tuple(scope.having({"*": item}).evaluate(expression.each) for item in items)
    if isinstance(value, Opened) and value.ref.key == ANY:
        return unknown(*found)  # of a resource with an unknown number of instances
    return found


def _call(expression: Call, scope: Scope) -> Value:
    if expression.name in ("try", "can"):
        return _try(expression, scope)
    values = [scope.evaluate(argument) for argument in expression.arguments]
    if expression.spread and values:
        rest = items_of(values[-1])
        if rest is None:
            return unknown(*values)
        values = [*values[:-1], *(item for _, item in rest)]
    return call(expression.name, values)


def _try(expression: Call, scope: Scope) -> Value:
    """The first argument that Terraform could compute, if that can be told."""
    values = [scope.evaluate(argument) for argument in expression.arguments]
    if expression.name == "can":
        return unknown(*values)
    for value in values:
        if not isinstance(value, Unknown):
            return value
        if not value.failed:
            break
    return Unknown(refs_of(*values))


def _conditional(expression: Conditional, scope: Scope) -> Value:
    test = as_bool(scope.evaluate(expression.test))
    if test is not None:
        return scope.evaluate(expression.yes if test else expression.no)
    yes, no = scope.evaluate(expression.yes), scope.evaluate(expression.no)
    return yes if same(yes, no) is True else Unknown(refs_of(yes, no))


def _operation(expression: Operation, scope: Scope) -> Value:
    right = scope.evaluate(expression.right)
    if expression.left is None:
        if expression.operator == "!":
            truth = as_bool(right)
            return unknown(right) if truth is None else not truth
        number = as_number(right)
        return unknown(right) if number is None else -number
    left = scope.evaluate(expression.left)
    if expression.operator in ("&&", "||"):
        return _logic(expression.operator == "||", left, right)
    if expression.operator in ("==", "!="):
        equal = _equal(left, right)
        return unknown(left, right) if equal is None else equal == (expression.operator == "==")
    return _arithmetic(expression.operator, left, right)


def _logic(decisive: bool, left: Value, right: Value) -> Value:
    """``&&`` and ``||``: one side may decide alone."""
    truths = (as_bool(left), as_bool(right))
    if decisive in truths:
        return decisive
    return unknown(left, right) if None in truths else not decisive


def _equal(left: Value, right: Value) -> bool | None:
    if isinstance(left, Unknown | Opened) or isinstance(right, Unknown | Opened):
        # A reference to something declared is not null.
        other = right if isinstance(left, Unknown | Opened) else left
        unsure = left if isinstance(left, Unknown | Opened) else right
        return False if other is None and _declared(unsure) else None
    return same(left, right)


def _declared(value: Value) -> bool:
    return isinstance(value, Opened) or (isinstance(value, Unknown) and value.present)


def _arithmetic(operator: str, left: Value, right: Value) -> Value:
    a, b = as_number(left), as_number(right)
    if a is None or b is None or abs(a) > 2**53 or abs(b) > 2**53:
        return unknown(left, right)
    compare = {"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}.get(operator)
    if compare is not None:
        return compare
    if operator in ("/", "%"):
        if not b:
            return UNKNOWN
        result = a / b if operator == "/" else a % b
    else:
        result = {"+": a + b, "-": a - b, "*": a * b}.get(operator, 0)
    return int(result) if result == int(result) else result


def _for(expression: For, scope: Scope) -> Value:
    source = scope.evaluate(expression.collection)
    items = items_of(source)
    if items is None:
        return unknown(source)
    found: list[tuple[Value, Value]] = []
    for key, item in items:
        names = dict(zip(expression.names[-2:], (key, item) if len(expression.names) > 1 else (item,), strict=False))
        inner = scope.having(names)
        if expression.test is not None:
            test = as_bool(inner.evaluate(expression.test))
            if test is None:
                return unknown(source)
            if not test:
                continue
        found.append((inner.evaluate(expression.key) if expression.key else None, inner.evaluate(expression.value)))
        if len(found) > MAX_ITEMS:
            return unknown(source)
    if expression.key is None:
        return tuple(value for _, value in found)
    return _keyed(found, expression.grouped)


def _keyed(found: list[tuple[Value, Value]], grouped: bool) -> Value:
    table: dict[str, Value] = {}
    for key, value in found:
        name = as_text(key)
        if name is None:
            return unknown(*(each for _, each in found))
        before = table.get(name, ())
        table[name] = (*before, value) if grouped and isinstance(before, tuple) else value
    return table


_KINDS: Final[Mapping[type, Callable[..., Value]]] = {
    Literal: _literal,
    Template: _template,
    Listing: _listing,
    Object: _object,
    Name: _traversal,
    Attr: _traversal,
    Index: _index,
    Splat: _splat,
    Call: _call,
    Conditional: _conditional,
    Operation: _operation,
    For: _for,
}
