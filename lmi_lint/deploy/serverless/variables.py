"""Variables of the Serverless Framework: ``${self:…}``, ``${opt:…, 'default'}``, ``${env:…}``, ``${file(…):…}``."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable

from lmi_lint.deploy.intrinsics import intrinsic
from lmi_lint.deploy.nodes import Mapping, Node, Scalar, Sequence
from lmi_lint.deploy.template import Template
from lmi_lint.model.finding import Location
from lmi_lint.model.source import Span

_INNERMOST = re.compile(r"\$\{([^${}]*)\}")
_SOURCE = re.compile(
    r"(self|opt|env|sls|param|file|cf|s3|ssm|aws|git|strToBool|terraform|vault|doppler)\b\s*"
    r"(?:\(([^()]*)\))?[\w.-]*:?(.*)",
    re.DOTALL,
)
_ALTERNATIVE = re.compile(r"""\s*("[^"]*"|'[^']*'|(?:[^,'"(]|\([^()]*\))*)\s*(?:,|$)""")
_MAX_DEPTH = 30
_MAX_STEPS = 20_000
_MAX_TEXT = 20_000


class Variables:
    """Reduces nodes of one service to literal ones; what only a deployment knows stays unknown."""

    def __init__(self, template: Template, document: Mapping, load: Callable[[str], Template | None]) -> None:
        self.template = template
        self.document = document
        self._load = load
        self._files: dict[str, Template | None] = {}
        self._origins: dict[int, Template] = {}
        self._steps = 0
        self._depth = 0

    def reduce(self, node: Node | None) -> Node | None:
        """The literal node, or None if it is unknown (or absent). Only the top is reduced."""
        if node is None or intrinsic(node) is not None:
            return None
        if not isinstance(node, Scalar) or "${" not in node.value:
            return node
        self._steps += 1
        if self._depth > _MAX_DEPTH or self._steps > _MAX_STEPS:  # a variable may lead to itself
            return None
        self._depth += 1
        try:
            return self._expanded(node)
        finally:
            self._depth -= 1

    def location(self, node: Node) -> Location:
        """Where a node is written: in the service's own file, or in one that it includes."""
        return self._origins.get(id(node), self.template).location(node)

    def adopt(self, template: Template, nodes: Iterable[Node]) -> None:
        """Remember that nodes are written in a file."""
        for node in nodes:
            self._origins[id(node)] = template

    def _expanded(self, node: Scalar) -> Node | None:
        """A text with all variables replaced; what stands alone may be any kind of node."""
        text = node.value.strip()
        while True:
            match = _INNERMOST.search(text)
            if match is None:
                return Scalar(text, node.span, plain=True) if "${" not in text else None
            found = self._variable(match.group(1))
            if match.span() == (0, len(text)):
                return found
            if not isinstance(found, Scalar):
                return None
            text = text[: match.start()] + found.value + text[match.end() :]
            self._steps += 1
            if self._steps > _MAX_STEPS or len(text) > _MAX_TEXT:
                return None

    def _variable(self, expression: str) -> Node | None:
        """The first alternative of ``source:address, source:address, 'literal'`` that has a value."""
        at = 0
        while at < len(expression):
            match = _ALTERNATIVE.match(expression, at)
            if match is None or match.end() == at:
                return None
            at = match.end()
            item = match.group(1).strip()
            source = _SOURCE.fullmatch(item)
            if source is None or item[:1] in "\"'":
                return _literal(item)
            last = not expression[at:].strip()
            kind, argument, address = source.group(1), source.group(2), source.group(3).strip()
            found, absent = self._look_up(kind, argument, address, last)
            if not absent:
                return found
        return None

    def _look_up(self, kind: str, argument: str | None, address: str, last: bool) -> tuple[Node | None, bool]:
        """A value, and whether there is none, so that the next alternative counts."""
        if kind == "self":
            found = self._walk(self.document, address)
            if found is None and address == "provider.stage":
                found = _literal("dev")
            return self.reduce(found), found is None
        if kind == "strToBool" and argument is not None:
            return _boolean(argument), False
        if kind == "param":
            return self._parameter(address)
        if kind == "file" and argument is not None:
            return self._of_file(argument, address), False
        if (kind, address) in (("opt", "stage"), ("sls", "stage")) and last:
            stage = self._walk(self.document, "provider.stage")
            return (self.reduce(stage) if stage is not None else _literal("dev")), False
        # Given at deployment if at all; by default, the alternative counts.
        return None, kind in ("opt", "env")

    def _parameter(self, name: str) -> tuple[Node | None, bool]:
        """A parameter of the stage, else of all stages; one that is not declared may be given at deployment."""
        declared = self.reduce(self.document.get("params"))
        stage = self.reduce(_literal("${sls:stage}"))
        for section in (stage.value if isinstance(stage, Scalar) else "", "default"):
            group = self.reduce(declared.get(section)) if isinstance(declared, Mapping) else None
            found = group.get(name) if isinstance(group, Mapping) else None
            if found is not None:
                return self.reduce(found), False
        return None, True

    def _of_file(self, name: str, address: str) -> Node | None:
        path = posixpath.normpath(posixpath.join(self.template.folder, name.strip().strip("\"'")))
        if path not in self._files:
            loaded = self._files[path] = self._load(path)
            if loaded is not None:
                self._register(loaded)
        template = self._files[path]
        if template is None or not template.documents:
            return None
        root = template.documents[0]
        return self.reduce(self._walk(root, address) if address else root)

    def _register(self, template: Template) -> None:
        """Remember which file the nodes of an included file come from."""
        pending: list[Node] = list(template.documents)
        while pending:
            node = pending.pop()
            if id(node) in self._origins:
                continue
            self._origins[id(node)] = template
            if isinstance(node, Sequence):
                pending += node.items
            elif isinstance(node, Mapping):
                for pair in node.pairs.values():
                    pending += (pair.key, pair.value)

    def _walk(self, node: Node | None, address: str) -> Node | None:
        """The node at a dotted address."""
        for step in address.split(".") if address else ():
            node = self.reduce(node)
            if isinstance(node, Mapping):
                node = node.get(step)
            elif isinstance(node, Sequence) and step.isascii() and step.isdigit() and len(step) < 6:
                node = node.items[int(step)] if int(step) < len(node.items) else None
            else:
                return None
        return node


def _boolean(text: str) -> Scalar | None:
    """What ``strToBool`` makes of a text; None for one that it refuses."""
    word = text.strip().strip("\"'").lower()
    value = {"true": "true", "1": "true", "false": "false", "0": "false"}.get(word)
    return _literal(value) if value is not None else None


def _literal(text: str) -> Scalar:
    quoted = len(text) > 1 and text[0] in "\"'" and text[-1] == text[0]
    return Scalar(text[1:-1] if quoted else text, Span(0, 0), plain=not quoted)
