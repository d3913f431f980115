"""A block as its readers see it: arguments with values and places, nested blocks however they are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lmi_lint.deploy.terraform.config import Placed
from lmi_lint.deploy.terraform.expressions import Scope
from lmi_lint.deploy.terraform.modules import Key, Module, argument
from lmi_lint.deploy.terraform.values import ANY, PROJECT, Ref, Unknown, Value, as_text, items_of, refs_of
from lmi_lint.frontends.hcl.nodes import Attr, Attribute, Block, Body, Expression, Literal, Name, Object
from lmi_lint.model.finding import Location

MAX_RESOURCES: Final = 10_000
"""Instances of resources of one root module that are read."""

MAX_BLOCKS: Final = 100
"""Blocks that one dynamic block may make; the rest is left out."""


class View:
    """One block, or one object that stands for it. ``unsure``: whether it is there cannot be known."""

    def __init__(self, location: Location, *, unsure: bool = False) -> None:
        self.location = location
        self.unsure = unsure

    def names(self) -> Iterator[tuple[str, Location]]:
        """Names of arguments and nested blocks, and where they stand."""
        raise NotImplementedError

    def get(self, name: str) -> Value:
        """The value of an argument; None if it is absent or null."""
        raise NotImplementedError

    def place(self, name: str) -> Location | None:
        """Where an argument's value is written; None if it is absent."""
        raise NotImplementedError

    def blocks(self, name: str) -> list[View]:
        """The nested blocks of a name: written as blocks, by ``dynamic``, or as an attribute."""
        raise NotImplementedError

    def block(self, name: str) -> View | None:
        """The first nested block of a name."""
        return next(iter(self.blocks(name)), None)

    def find(self, path: str) -> tuple[Value, Location] | None:
        """The value at ``block.block.argument`` and its place; unknown where a block may be missing."""
        view: View | None = self
        *blocks, name = path.split(".")
        unsure = False
        for each in blocks:
            view = view.block(each) if view is not None else None
            unsure = unsure or (view is not None and view.unsure)
        place = view.place(name) if view is not None else None
        if view is None or place is None:
            return None
        value = view.get(name)
        return (Unknown(refs_of(value)), place) if unsure else (value, place)

    def text(self, path: str) -> str | None:
        """The known text at a path."""
        found = self.find(path)
        return as_text(found[0]) if found is not None else None


class BlockView(View):
    """A block of a file, evaluated in a scope."""

    def __init__(
        self, module: Module, path: str, body: Body, scope: Scope, location: Location, *, unsure: bool = False
    ) -> None:
        super().__init__(location, unsure=unsure)
        self.module = module
        self.path = path
        self.body = body
        self.scope = scope

    def names(self) -> Iterator[tuple[str, Location]]:
        """See View."""
        for attribute in self.body.attributes:
            yield attribute.name, Location(self.path, attribute.span)
        for block in self.body.blocks:
            name = block.labels[0] if block.type == "dynamic" and block.labels else block.type
            yield name, Location(self.path, block.head)

    def get(self, name: str) -> Value:
        """See View."""
        found = self.written(name)
        return self.scope.evaluate(found.value) if found is not None else None

    def place(self, name: str) -> Location | None:
        """See View."""
        found = self.written(name)
        return self.module.origin(self.path, found) if found is not None else None

    def blocks(self, name: str) -> list[View]:
        """See View."""
        found: list[View] = []
        for block in self.body.blocks:
            if block.type == name:
                found.append(self._nested(block.body, self.scope, block))
            elif block.type == "dynamic" and block.labels[:1] == (name,):
                found += self._dynamic(block)
        attribute = self.written(name)
        if attribute is not None:
            found += objects(self.get(name), self.place(name) or self.location)
        return found

    def source(self, name: str) -> str:
        """An argument as it is written; empty if it is absent."""
        found = self.written(name)
        span = found.value.span if found is not None else None
        return self.data()[span.start : span.end].decode("utf-8", "replace") if span is not None else ""

    def data(self) -> bytes:
        """The text of the file; empty if it cannot be read again."""
        data = self.module.library.project.read_bytes(self.path)
        return data if isinstance(data, bytes) else b""

    def written(self, name: str) -> Attribute | None:
        """An argument as it was parsed."""
        return next((each for each in self.body.attributes if each.name == name), None)

    def _nested(self, body: Body, scope: Scope, block: Block, *, unsure: bool = False) -> View:
        location = Location(self.path, block.head)
        return BlockView(self.module, self.path, body, scope, location, unsure=unsure)

    def _dynamic(self, block: Block) -> Iterator[View]:
        content = next((each for each in block.body.blocks if each.type == "content"), None)
        placed = Placed(self.path, block)
        over, iterator = argument(placed, "for_each"), argument(placed, "iterator")
        if content is None or over is None:
            return
        name = getattr(iterator.value, "name", "") if iterator is not None else ""
        value = self.scope.evaluate(over.value)
        items = items_of(value)
        if items is None:
            hidden: Value = Unknown(refs_of(value))
            scope = self.scope.having({name or block.labels[0]: {"key": hidden, "value": hidden}})
            yield self._nested(content.body, scope, block, unsure=True)
            return
        if len(items) > MAX_BLOCKS:
            self.module.budget.exceeded(f"more than {MAX_BLOCKS} blocks of one dynamic block")
        for key, item in items[:MAX_BLOCKS]:
            each: Value = {"key": key, "value": item}
            yield self._nested(content.body, self.scope.having({name or block.labels[0]: each}), block)


class ObjectView(View):
    """An object in the place of a block."""

    def __init__(self, values: dict[str, Value], location: Location) -> None:
        super().__init__(location)
        self.values = values

    def names(self) -> Iterator[tuple[str, Location]]:
        """See View."""
        return ((name, self.location) for name in self.values)

    def get(self, name: str) -> Value:
        """See View."""
        return self.values.get(name)

    def place(self, name: str) -> Location | None:
        """See View."""
        return self.location if name in self.values else None

    def blocks(self, name: str) -> list[View]:
        """See View."""
        return objects(self.values.get(name), self.location)


class HiddenView(View):
    """A block of which nothing is known, not even whether it is there."""

    def __init__(self, value: Value, location: Location) -> None:
        super().__init__(location, unsure=True)
        self.value = value

    def names(self) -> Iterator[tuple[str, Location]]:
        """See View."""
        return iter(())

    def get(self, name: str) -> Value:
        """See View."""
        return Unknown(refs_of(self.value))

    def place(self, name: str) -> Location | None:
        """See View."""
        return self.location

    def blocks(self, name: str) -> list[View]:
        """See View."""
        return [HiddenView(self.value, self.location)]


def objects(value: Value, location: Location) -> list[View]:
    """The objects of an attribute that stands for blocks: one, or a list of them."""
    if isinstance(value, dict):
        return [ObjectView(value, location)]
    if isinstance(value, tuple):
        return [ObjectView(item, location) if isinstance(item, dict) else HiddenView(item, location) for item in value]
    return [HiddenView(value, location)] if value is not None else []


class Declared:
    """One instance of a resource, data source or module call, with what it says."""

    def __init__(self, module: Module, kind: str, placed: Placed, key: Key, scope: Scope) -> None:
        self.module = module
        self.placed = placed
        self.kind = kind
        self.name = placed.block.labels[-1]
        self.key = key
        self.ref = Ref(module.address, kind, self.name, key)
        self.view = BlockView(module, placed.path, placed.block.body, scope, placed.location())

    @property
    def region(self) -> str | None:
        """The region that it says itself, or that its provider has."""
        found = self.view.find("region") if self.kind != "module" else None
        return as_text(found[0]) if found is not None else region(self.module, self.view.source("provider"))


def declared(module: Module) -> Iterator[Declared]:
    """All resources and data sources of a module instance, then those of the modules that it calls; a call of a module
    that is not in the project counts as one thing of kind ``module``."""
    budget = module.budget
    for (kind, _), placed in module.config.resources.items():
        for key, names in module.instances(placed):
            budget.resources += 1
            if budget.resources > MAX_RESOURCES:
                budget.exceeded(f"more than {MAX_RESOURCES} resources")
                return
            yield Declared(module, kind, placed, key, module.scope.having(names) if names else module.scope)
    for placed, key, child in module.children():
        if child is not None:
            yield from declared(child)
        else:
            yield Declared(module, "module", placed, key, module.scope_of(placed, key))


def region(module: Module, provider: str = "") -> str | None:
    """The region of the AWS provider of that name (``aws``, ``aws.west``) as a module has it."""
    name = provider.strip() or "aws"
    at: Module | None = module
    while at is not None:
        for placed in at.config.providers:
            alias = argument(placed, "alias")
            known = as_text(at.scope.evaluate(alias.value)) if alias is not None else None
            if (f"{placed.block.labels[0]}.{known}" if known else placed.block.labels[0]) == name:
                found = argument(placed, "region")
                return as_text(at.scope.evaluate(found.value)) if found is not None else None
        name = _handed_down(at, name)
        at = at.parent
    return None


def _handed_down(module: Module, name: str) -> str:
    """What the caller of a module calls the provider that the module has under a name."""
    handed = argument(module.call[0], "providers") if module.call is not None else None
    if handed is None:
        return name
    if isinstance(handed.value, Object):
        for item in handed.value.items:
            if _provider_name(item.key) == name:
                return _provider_name(item.value)
    return ""


def _provider_name(expression: Expression) -> str:
    if isinstance(expression, Attr):
        return f"{_provider_name(expression.target)}.{expression.name}"
    if isinstance(expression, Name):
        return expression.name
    return str(expression.value) if isinstance(expression, Literal) else ""


def shown(text: str) -> str:
    """A text without what stands for the project's root."""
    return text.replace(f"{PROJECT}/", "").replace(PROJECT, ".")


def suffix(key: Key) -> str:
    """The key of an instance as part of a name; nothing where it cannot be known."""
    return "" if key is None or key == ANY else f"[{key}]" if isinstance(key, int) else f'["{key}"]'
