"""``serverless.ts`` and ``serverless.js``: a service's configuration, its literals followed through imports."""

from __future__ import annotations

import posixpath
import re

from lmi_lint.deploy.nodes import Mapping, Node, Pair, Scalar, Sequence, TemplateError
from lmi_lint.deploy.serverless.literals import Items, Module, Name, Record, Text, Unknown, Value, read_module
from lmi_lint.deploy.template import Template
from lmi_lint.discover.project import Project
from lmi_lint.index import Index
from lmi_lint.model.source import Span

_INTERPOLATION = re.compile(r"(\\?)\$\{([^{}]*)\}")
_OWN_FOLDER = re.compile(r"\s*\w*[pP]ath\w*\(\s*__dirname\s*\)\s*")
"""The helper of the framework's TypeScript template: the folder of a module relative to the service."""
_MAX_DEPTH = 60
_MAX_VALUES = 50_000
_NOWHERE = Span(0, 0)
_UNKNOWN = "!Unknown"  # a function that no reader knows, hence an unknown value


class Script:
    """One service written as a module. ``template`` holds its configuration; ``files`` all nodes by their file."""

    def __init__(self, project: Project, index: Index, path: str) -> None:
        self.project = project
        self.index = index
        self.folder = posixpath.dirname(path)
        self.nodes: dict[str, list[Node]] = {}
        self.texts: dict[str, bytes] = {}
        self._modules: dict[str, Module | None] = {}
        self._made = 0
        self._depth = 0
        found = self._export(path, "default")
        data = self.texts.get(path, b"")
        self.template = Template(path, data, (found,) if isinstance(found, Mapping) else ())

    def parts(self) -> list[tuple[Template, list[Node]]]:
        """The files that the configuration comes from, each with the nodes written there."""
        return [(Template(path, self.texts[path], ()), nodes) for path, nodes in self.nodes.items()]

    # ---- modules ----

    def _module(self, path: str) -> Module | None:
        if path not in self._modules:
            data = self.project.peek(path)
            self.texts[path] = data
            try:
                self._modules[path] = read_module(data) if data else None
            except TemplateError:
                self._modules[path] = None
        return self._modules[path]

    def _export(self, path: str, name: str) -> Node | None:
        """What a module exports under a name; ``*``: everything, as a mapping."""
        module = self._module(path)
        self._depth += 1
        try:
            if module is None or self._depth > _MAX_DEPTH:
                return None
            if name == "*":
                return self._everything(path, module)
            if name in module.exports:
                return self._node(path, module.exports[name])
            if name in module.passed_on:
                specifier, there = module.passed_on[name]
                return self._imported(path, specifier, there)
            found = (self._imported(path, specifier, name) for specifier in module.all_of)
            return next((node for node in found if node is not None), None)
        finally:
            self._depth -= 1

    def _everything(self, path: str, module: Module) -> Node:
        names = [name for name in (*module.exports, *module.passed_on) if name != "default"]
        pairs = {}
        for name in names:
            node = self._export(path, name)
            if node is not None:
                pairs[name] = Pair(Scalar(name, node.span), node)
        return self._kept(path, Mapping(pairs, _NOWHERE))

    def _imported(self, path: str, specifier: str, name: str) -> Node | None:
        target = self.index.resolve_js(path, specifier)
        return self._export(target, name) if target is not None else None

    # ---- values ----

    def _node(self, path: str, value: Value) -> Node:
        self._made += 1
        self._depth += 1
        try:
            if self._made > _MAX_VALUES or self._depth > _MAX_DEPTH:
                return Scalar("", value.span, _UNKNOWN)
            return self._kept(path, self._made_of(path, value))
        finally:
            self._depth -= 1

    def _kept(self, path: str, node: Node) -> Node:
        self.nodes.setdefault(path, []).append(node)
        return node

    def _made_of(self, path: str, value: Value) -> Node:
        if isinstance(value, Text):
            return self._text(path, value)
        if isinstance(value, Record):
            return self._mapping(path, value)
        if isinstance(value, Items):
            return self._sequence(path, value)
        if isinstance(value, Unknown):
            return Scalar("", value.span, _UNKNOWN)
        found = self._named(path, value)
        return found if found is not None else Scalar("", value.span, _UNKNOWN)

    def _mapping(self, path: str, value: Record) -> Mapping:
        pairs: dict[str, Pair] = {}
        for entry in value.entries:
            node = self._node(path, entry.value)
            if entry.key is not None:
                key = Scalar(entry.key.value, entry.key.span)
                self._kept(path, key)
                pairs[key.value] = Pair(key, node)
            elif isinstance(node, Mapping):
                pairs.update(node.pairs)
        return Mapping(pairs, value.span)

    def _sequence(self, path: str, value: Items) -> Node:
        items: list[Node] = []
        for index, each in enumerate(value.values):
            node = self._node(path, each)
            if index not in value.spreads:
                items.append(node)
            elif isinstance(node, Sequence):
                items += node.items
            else:
                return Scalar("", value.span, _UNKNOWN)
        return Sequence(tuple(items), value.span)

    def _named(self, path: str, value: Name) -> Node | None:
        """What a name, and members of it, stand for."""
        module = self._module(path)
        if module is None:
            return None
        first, *rest = value.path
        node: Node | None
        if first in module.constants:
            node = self._node(path, module.constants[first])
        elif first in module.imports:
            specifier, name = module.imports[first]
            node = self._imported(path, specifier, name)
            if node is None and name == "default":  # CommonJS: the module is what it exports
                node = self._imported(path, specifier, "*")
        else:
            return None
        for member in rest:
            node = node.get(member) if isinstance(node, Mapping) else None
        return node

    def _text(self, path: str, value: Text) -> Scalar:
        if not value.template:
            return Scalar(value.value, value.span, plain=value.plain)
        parts: list[str] = []
        at = 0
        for match in _INTERPOLATION.finditer(value.value):
            parts.append(value.value[at : match.start()])
            at = match.end()
            if match.group(1):  # escaped: a variable of the framework
                parts.append(match.group()[1:])
                continue
            found = self._interpolated(path, match.group(2), value.span)
            if found is None:
                return Scalar("", value.span, _UNKNOWN)
            parts.append(found)
        return Scalar("".join([*parts, value.value[at:]]), value.span)

    def _interpolated(self, path: str, expression: str, span: Span) -> str | None:
        if _OWN_FOLDER.fullmatch(expression):
            return posixpath.relpath(posixpath.dirname(path) or ".", self.folder or ".")
        names = expression.strip().split(".")
        if not all(name.isidentifier() for name in names):
            return None
        node = self._named(path, Name(tuple(names), span))
        return node.value if isinstance(node, Scalar) and not node.tag else None
