"""Instances of modules: variables bound, locals, resources and outputs evaluated when asked for."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from typing import Final

from lmi_lint.deploy.terraform.config import Config, Library, Placed
from lmi_lint.deploy.terraform.expressions import Budget, Scope
from lmi_lint.deploy.terraform.values import (
    ANY,
    PROJECT,
    UNKNOWN,
    Opened,
    Ref,
    Traced,
    Unknown,
    Value,
    as_number,
    as_text,
    qualified,
    refs_of,
)
from lmi_lint.deploy.terraform.variables import completed
from lmi_lint.frontends.hcl.nodes import Attr, Attribute, Expression, Literal, Name
from lmi_lint.model.finding import Location

MAX_INSTANCES: Final = 200
"""Instances of one block with ``count`` or ``for_each`` that are read."""

MAX_MODULES: Final = 400
"""Module instances of one root module that are read."""

MAX_NESTING: Final = 12
"""Levels of modules within modules."""

Key = str | int | None
Instance = tuple[Key, dict[str, Value]]
_INPUTS: Final = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})
_SAME: Final = {("terraform_data", "output"): "input"}
"""Attributes that repeat an argument."""


class Module:
    """One instance of a module. ``address``: empty for the root; ``call``: the block that makes it, with the scope in
    which that is evaluated."""

    def __init__(
        self, library: Library, config: Config, budget: Budget, address: str = "", parent: Module | None = None,
        call: tuple[Placed, Scope] | None = None,
    ) -> None:  # fmt: skip
        self.library = library
        self.config = config
        self.budget = budget
        self.address = address
        self.parent = parent
        self.call = call
        self.scope = Scope(self, budget)
        self.root: Module = parent.root if parent is not None else self
        self.depth: int = parent.depth + 1 if parent is not None else 0
        self._values: dict[tuple[object, ...], Value] = {}
        self._running: set[tuple[object, ...]] = set()
        self._children: dict[tuple[str, Key], Module | None] = {}
        self._instances: dict[tuple[object, ...], list[Instance]] = {}

    # ---- names ----

    def look_up(self, root: str, path: tuple[str, ...], scope: Scope) -> tuple[Value, int]:
        """See expressions.Names."""
        first = path[0] if path else ""
        if root in ("each", "count", "self", "terraform", "*") or not path:
            return UNKNOWN, 0
        if root == "var":
            return self.variable(first), 1
        if root == "local":
            return self.local(first), 1
        if root == "path":
            return self._path(first), 1
        if root == "module":
            return self._module(first), 1
        if root == "data" and len(path) > 1:
            return self._resource("data." + first, path[1]), 2
        return self._resource(root, first), 1

    def variable(self, name: str) -> Value:
        """The value of an input variable."""
        return self._once(("var", name), lambda: self._variable(name))

    def local(self, name: str) -> Value:
        """The value of a local."""
        declared = self.config.locals.get(name)
        return self._once(("local", name), lambda: self.scope.evaluate(declared[1].value)) if declared else UNKNOWN

    def output(self, name: str) -> Value:
        """The value of an output."""
        declared = self.config.outputs.get(name)
        found = argument(declared, "value") if declared is not None else None
        return self._once(("output", name), lambda: self.scope.evaluate(found.value)) if found else UNKNOWN

    def _variable(self, name: str) -> Value:
        ref = Unknown((Ref(self.address, "var", name),))
        declared = self.config.variables.get(name)
        value: Value = None
        given = False
        if self.call is not None:
            placed, scope = self.call
            bound = argument(placed, name)
            given = bound is not None and name not in _INPUTS
            value = scope.evaluate(bound.value) if bound is not None and given else None
        elif name in self.config.assigned:
            given = True
            value = self.scope.evaluate(self.config.assigned[name][1].value)
        elif self.budget.open:
            return ref
        nullable = argument(declared, "nullable") if declared is not None else None
        if given and value is None and nullable is not None:
            given = not (isinstance(nullable.value, Literal) and nullable.value.value is False)
        if not given:
            default = argument(declared, "default") if declared is not None else None
            if default is None:
                return ref
            value = self.scope.evaluate(default.value)
        kind = argument(declared, "type") if declared is not None else None
        if kind is not None:
            value = completed(value, kind.value, self.scope)
        return ref if isinstance(value, Unknown) and not value.refs and not value.text else value

    def _path(self, name: str) -> Value:
        folder = self.config.folder if name == "module" else self.root.config.folder
        return f"{PROJECT}/{folder}" if folder else PROJECT

    def _once(self, key: tuple[object, ...], compute: Callable[[], Value]) -> Value:
        """A value that is computed once; unknown where it rests on itself."""
        key = (*key, self.budget.open)
        if key in self._values:
            return self._values[key]
        if key in self._running:
            return UNKNOWN
        self._running.add(key)
        try:
            value = compute()
        finally:
            self._running.discard(key)
        self._values[key] = value
        return value

    # ---- instances ----

    def instances(self, placed: Placed) -> list[Instance]:
        """The keys of a block's instances, each with the names that its arguments may use."""
        key = (placed.block.type, *placed.block.labels, self.budget.open)
        if key in self._running:
            return [(ANY, {})]
        if key not in self._instances:
            self._running.add(key)
            try:
                self._instances[key] = self._expanded(placed)
            finally:
                self._running.discard(key)
        return self._instances[key]

    def _expanded(self, placed: Placed) -> list[Instance]:
        count, each = argument(placed, "count"), argument(placed, "for_each")
        if count is None and each is None:
            return [(None, {})]
        found = self._counted(count.value) if count is not None else self._per_element(each.value if each else None)
        if not found and not self.budget.open:
            # With the default of a variable there is none; whoever deploys may say otherwise.
            self.budget.open = True
            try:
                again = self.instances(placed)
            finally:
                self.budget.open = False
            return [one for one in again if one[0] == ANY]
        if len(found) > MAX_INSTANCES:
            self.budget.exceeded(f"more than {MAX_INSTANCES} instances of one block")
        return found[:MAX_INSTANCES]

    def _counted(self, expression: Expression) -> list[Instance]:
        value = self.scope.evaluate(expression)
        number = as_number(value)
        if not isinstance(number, int):
            return [(ANY, {"count": {"index": Unknown(refs_of(value))}})]
        return [(index, {"count": {"index": index}}) for index in range(min(number, MAX_INSTANCES + 1))]

    def _per_element(self, expression: Expression | None) -> list[Instance]:
        value = self.scope.evaluate(expression) if expression is not None else UNKNOWN
        if isinstance(value, dict):
            return [(key, {"each": {"key": key, "value": item}}) for key, item in value.items()]
        if isinstance(value, tuple):
            keys = [as_text(item) for item in value]
            if all(key is not None for key in keys):
                return [(str(key), {"each": {"key": key, "value": key}}) for key in keys]
        hidden = Unknown(refs_of(value))
        return [(ANY, {"each": {"key": hidden, "value": hidden}})]

    def _gathered(self, placed: Placed, make: Callable[[Key], Opened]) -> Value:
        """All instances of a block as one value."""
        keys = [key for key, _ in self.instances(placed)]
        if keys in ([None], [ANY]):
            return make(keys[0])
        if all(isinstance(key, int) for key in keys):
            return tuple(make(key) for key in keys)
        return {str(key): make(key) for key in keys}

    # ---- resources ----

    def _resource(self, kind: str, name: str) -> Value:
        placed = self.config.resources.get((kind, name))
        if placed is None:
            return Unknown((Ref(self.address, kind, name),))
        return self._gathered(placed, lambda key: Resource(self, placed, Ref(self.address, kind, name, key)))

    def scope_of(self, placed: Placed, key: Key) -> Scope:
        """The scope of the arguments of one instance."""
        names = next((names for each, names in self.instances(placed) if each == key), {})
        return self.scope.having(names) if names else self.scope

    def resource_attribute(self, placed: Placed, ref: Ref, name: str) -> Value:
        """An argument of a resource, or something that only the provider knows."""
        found = argument(placed, _SAME.get((ref.kind, name), name))
        own = Ref(ref.module, ref.kind, ref.name, ref.key, name)
        if found is None:
            return Unknown((own,), present=name in ("arn", "id", "name") or name.endswith("_arn"))
        scope = self.scope_of(placed, ref.key)
        value = self._once((ref, name), lambda: scope.evaluate(found.value))
        if isinstance(value, Unknown):
            return Unknown((own, *value.refs), value.text, present=value.present)
        return Traced(value, (own, *refs_of(value))) if isinstance(value, str) else value

    # ---- modules ----

    def _module(self, name: str) -> Value:
        placed = self.config.modules.get(name)
        if placed is None:
            return Unknown((Ref(self.address, "module", name),))
        return self._gathered(placed, lambda key: Called(self, placed, Ref(self.address, "module", name, key)))

    def children(self) -> Iterator[tuple[Placed, Key, Module | None]]:
        """All instances of the modules that are called from here; None for one that is not in the project."""
        for name, placed in self.config.modules.items():
            for key, _ in self.instances(placed):
                yield placed, key, self.child(name, key)

    def child(self, name: str, key: Key) -> Module | None:
        """One instance of a module that is called from here."""
        if (name, key) not in self._children:
            self._children[name, key] = self._made(self.config.modules[name], key)
        return self._children[name, key]

    def _made(self, placed: Placed, key: Key) -> Module | None:
        source = source_of(placed)
        if not source.startswith(("./", "../")) and source not in (".", ".."):
            return None
        folder = posixpath.normpath(posixpath.join(self.config.folder, source))
        config = self.library.config("" if folder == "." else self.library.project.canonical(folder))
        if config is None:
            return None
        self.budget.modules += 1
        if self.budget.modules > MAX_MODULES or self.depth >= MAX_NESTING:
            self.budget.exceeded(f"more than {MAX_MODULES} module instances, or {MAX_NESTING} levels of them")
            return None
        address = qualified(self.address, f"module.{placed.block.labels[0]}", key)
        return Module(self.library, config, self.budget, address, self, (placed, self.scope_of(placed, key)))

    # ---- places ----

    def origin(self, path: str, found: Attribute) -> Location:
        """Where the value of an argument is written: what is only passed on, where the module is called."""
        module: Module = self
        while True:
            value = found.value
            passed_on = isinstance(value, Attr) and isinstance(value.target, Name) and value.target.name == "var"
            if not passed_on or not isinstance(value, Attr) or module.call is None or module.parent is None:
                return Location(path, found.span)
            placed = module.call[0]
            bound = argument(placed, value.name)
            if bound is None:
                return Location(path, found.span)
            module, path, found = module.parent, placed.path, bound


class Resource(Opened):
    """One instance of a resource or data source."""

    def __init__(self, module: Module, placed: Placed, ref: Ref) -> None:
        self.module = module
        self.placed = placed
        self.ref = ref

    def attribute(self, name: str) -> Value:
        """See Opened."""
        return self.module.resource_attribute(self.placed, self.ref, name)


class Called(Opened):
    """One instance of a module, as its caller sees it."""

    def __init__(self, module: Module, placed: Placed, ref: Ref) -> None:
        self.module = module
        self.placed = placed
        self.ref = ref

    def attribute(self, name: str) -> Value:
        """See Opened."""
        child = self.module.child(self.ref.name, self.ref.key)
        if child is not None:
            return child.output(name)
        return Unknown((Ref(self.ref.module, "module", self.ref.name, self.ref.key, name),))


def argument(placed: Placed, name: str) -> Attribute | None:
    """An argument of a block."""
    return next((each for each in placed.block.body.attributes if each.name == name), None)


def source_of(placed: Placed) -> str:
    """The source of a module call; empty if it is no plain text."""
    found = argument(placed, "source")
    value = found.value if found is not None else None
    return value.value.strip() if isinstance(value, Literal) and isinstance(value.value, str) else ""
