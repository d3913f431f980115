"""One folder of Terraform files: what it declares, from HCL and from JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from msgspec import Struct

from lmi_lint.deploy.jsonnodes import parse_json
from lmi_lint.deploy.nodes import Mapping, Node, Scalar, Sequence, TemplateError, number
from lmi_lint.deploy.terraform.roots import Folders, files_by_folder
from lmi_lint.discover.project import Project
from lmi_lint.frontends.hcl.nodes import (
    Attribute,
    Block,
    Body,
    Expression,
    Item,
    Listing,
    Literal,
    Object,
    Opaque,
    Parsed,
    Template,
)
from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.source import Span, TextFile

Parse = Callable[[TextFile], Parsed]

MAX_FILES: Final = 500
"""Files of one folder that are read."""

_OVERRIDE: Final = re.compile(r"(?:^|_)override\.tf(?:\.json)?$")
_AUTO_VARIABLES: Final = re.compile(r"(?:^|/)(?:terraform\.tfvars|[^/]+\.auto\.tfvars)(?:\.json)?$")
_LABELS: Final = {"resource": 2, "data": 2, "module": 1, "variable": 1, "output": 1, "provider": 1, "locals": 0}
_END: Final = "LMI_LINT_END_OF_TEXT"


class Placed(Struct, frozen=True):
    """A block and the file that it stands in."""

    path: str
    block: Block

    def location(self, span: Span | None = None) -> Location:
        """Of a span of the file, by default of the block's head."""
        return Location(self.path, span or self.block.head)


class Config(Struct, frozen=True):
    """What a folder declares. ``resources``: type and name, the type with ``data.`` in front for data sources."""

    folder: str
    variables: dict[str, Placed]
    locals: dict[str, tuple[str, Attribute]]
    resources: dict[tuple[str, str], Placed]
    modules: dict[str, Placed]
    outputs: dict[str, Placed]
    providers: tuple[Placed, ...]
    assigned: dict[str, tuple[str, Attribute]]
    """Variables that Terraform sets by itself, from ``terraform.tfvars`` and ``*.auto.tfvars``."""


class Library:
    """The folders of a project (``folders``: their files), each read when first asked for. ``problems``: what was not
    understood."""

    def __init__(self, project: Project, parse: Parse, folders: Folders | None = None) -> None:
        self.project = project
        self.problems: list[Problem] = []
        self._parse = parse
        self._configs: dict[str, Config] = {}
        self.folders = files_by_folder(project) if folders is None else folders

    def config(self, folder: str) -> Config | None:
        """What a folder (canonical, empty for the root) declares; None if it holds no Terraform."""
        if folder not in self.folders:
            return None
        if folder not in self._configs:
            self._configs[folder] = self._read(folder)
        return self._configs[folder]

    def _read(self, folder: str) -> Config:
        paths = self.folders[folder]
        if len(paths) > MAX_FILES:
            message = f"more than {MAX_FILES} Terraform files in one folder: the rest is not read"
            self.problems.append(Problem("template-error", message, Location(paths[MAX_FILES], Span(0, 0))))
            paths = paths[:MAX_FILES]
        files = [path for path in paths if path.lower().endswith((".tf", ".tf.json"))]
        ordered = sorted(files, key=lambda path: (_OVERRIDE.search(path) is not None, path))
        found = Config(folder, {}, {}, {}, {}, {}, (), self._assigned(paths))
        providers: dict[str, Placed] = {}
        for path in ordered:
            for block in self._body(path, _config_body).blocks:
                _declare(found, providers, Placed(path, block))
        return Config(
            folder, found.variables, found.locals, found.resources, found.modules, found.outputs,
            tuple(providers.values()), found.assigned,
        )  # fmt: skip

    def _assigned(self, paths: list[str]) -> dict[str, tuple[str, Attribute]]:
        found: dict[str, tuple[str, Attribute]] = {}
        automatic = [path for path in paths if _AUTO_VARIABLES.search(path)]
        for path in sorted(automatic, key=lambda path: (not path.rpartition("/")[2].startswith("terraform."), path)):
            found.update((each.name, (path, each)) for each in self._body(path, _plain_body).attributes)
        return found

    def _body(self, path: str, of_json: Callable[[Mapping, _Texts], Body]) -> Body:
        """The body of a file. What cannot be read is reported once."""
        data = self.project.read_bytes(path)
        if isinstance(data, Problem):
            self.problems.append(data)
            return Body()
        if not path.lower().endswith(".json"):
            parsed = self._parse(TextFile(path, data))
            if parsed.problem:
                self._report(path, parsed.problem, parsed.at)
            return parsed.body
        try:
            node = parse_json(data)
        except TemplateError as error:
            self._report(path, error.message, error.offset)
            return Body()
        return of_json(node, _Texts(path, node, self._parse)) if isinstance(node, Mapping) else Body()

    def _report(self, path: str, message: str, at: int) -> None:
        self.problems.append(Problem("template-error", message, Location(path, Span(at, at))))


def _declare(found: Config, providers: dict[str, Placed], placed: Placed) -> None:
    """Enter a top-level block; one that is there already is overridden attribute by attribute."""
    block = placed.block
    labels = block.labels
    if block.type == "locals":
        found.locals.update((each.name, (placed.path, each)) for each in block.body.attributes)
    elif block.type in ("resource", "data") and len(labels) == 2:
        key = (("data." if block.type == "data" else "") + labels[0], labels[1])
        found.resources[key] = _overridden(found.resources.get(key), placed)
    elif block.type == "provider" and labels:
        alias = next((each.value for each in block.body.attributes if each.name == "alias"), None)
        name = f"{labels[0]}.{alias.value}" if isinstance(alias, Literal) else labels[0]
        providers[name] = placed
    elif labels:
        table = {"variable": found.variables, "module": found.modules, "output": found.outputs}.get(block.type)
        if table is not None:
            table[labels[0]] = _overridden(table.get(labels[0]), placed)


def _overridden(before: Placed | None, placed: Placed) -> Placed:
    if before is None or not _OVERRIDE.search(placed.path):
        return placed
    old, new = before.block, placed.block.body
    names, types = {each.name for each in new.attributes}, {each.type for each in new.blocks}
    attributes = (*(each for each in old.body.attributes if each.name not in names), *new.attributes)
    blocks = (*(each for each in old.body.blocks if each.type not in types), *new.blocks)
    return Placed(before.path, Block(old.type, old.labels, Body(attributes, blocks), old.head, old.span))


# ---- JSON syntax: https://developer.hashicorp.com/terraform/language/syntax/json ----


class _Texts:
    """The texts of a JSON file that hold expressions, parsed together as heredocs of one HCL file."""

    def __init__(self, path: str, node: Node, parse: Parse) -> None:
        texts = list(dict.fromkeys(_interpolated(node)))
        lines = [f"t{index} = <<{_END}\n{text}\n{_END}\n" for index, text in enumerate(texts)]
        data = "".join(lines).encode("utf-8", "replace")
        body = parse(TextFile(path, data)).body if texts else Body()
        parsed = {each.name: each.value for each in body.attributes}
        self._values = {text: parsed.get(f"t{index}") for index, text in enumerate(texts)}

    def expression(self, scalar: Scalar) -> Expression:
        """A text as a template, without the line end of the heredoc."""
        value = self._values.get(scalar.value)
        if isinstance(value, Literal) and isinstance(value.value, str):
            return Literal(value.value.removesuffix("\n"), scalar.span)
        if not isinstance(value, Template):
            return Opaque(scalar.span)
        *parts, last = value.parts
        if isinstance(last, Literal) and isinstance(last.value, str):
            rest = last.value.removesuffix("\n")
            parts += [Literal(rest, scalar.span)] if rest else []
        else:
            parts.append(last)
        return Template(tuple(parts), scalar.span)


def _interpolated(root: Node) -> Iterator[str]:
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar):
            if not node.plain and ("${" in node.value or "%{" in node.value) and _END not in node.value:
                yield node.value
        elif isinstance(node, Sequence):
            stack.extend(node.items)
        else:
            stack.extend(pair.value for pair in node.pairs.values())


def _config_body(root: Mapping, texts: _Texts) -> Body:
    """A configuration file: blocks by type, their labels as keys."""
    blocks: list[Block] = []
    for kind, pair in root.pairs.items():
        depth = _LABELS.get(kind)
        if depth is not None:
            for labels, node, span in _labelled(pair.value, depth, (), pair.key.span):
                blocks.append(Block(kind, labels, _plain_body(node, texts), span, node.span))
    return Body((), tuple(blocks))


def _labelled(
    node: Node, depth: int, labels: tuple[str, ...], span: Span
) -> Iterator[tuple[tuple[str, ...], Mapping, Span]]:
    for each in _each(node):
        if isinstance(each, Mapping):
            if len(labels) == depth:
                yield labels, each, span
            else:
                for pair in each.pairs.values():
                    yield from _labelled(pair.value, depth, (*labels, pair.key.value), pair.key.span)


def _each(node: Node) -> Iterable[Node]:
    return node.items if isinstance(node, Sequence) else (node,)


def _plain_body(node: Mapping, texts: _Texts) -> Body:
    return Body(
        tuple(
            Attribute(key, _expression(pair.value, texts), Span(pair.key.span.start, pair.value.span.end))
            for key, pair in node.pairs.items()
        )
    )


def _expression(node: Node, texts: _Texts) -> Expression:
    """JSON nodes nest no deeper than their reader allows."""
    if isinstance(node, Sequence):
        return Listing(tuple(_expression(item, texts) for item in node.items), node.span)
    if isinstance(node, Mapping):
        pairs = node.pairs.values()
        items = (Item(Literal(pair.key.value, pair.key.span), _expression(pair.value, texts)) for pair in pairs)
        return Object(tuple(items), node.span)
    if not node.plain:
        return texts.expression(node) if "${" in node.value or "%{" in node.value else Literal(node.value, node.span)
    known: dict[str, bool | None] = {"true": True, "false": False, "null": None}
    if node.value in known:
        return Literal(known[node.value], node.span)
    value = number(node)
    whole = value is not None and abs(value) < 2**53 and value == int(value)
    return Literal(int(value) if whole and value is not None else value, node.span)
