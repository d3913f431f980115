"""HCL text → tree, by the tree-sitter grammar; the concrete tree dies here."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from lmi_lint.frontends.hcl.nodes import (
    Attr,
    Attribute,
    Block,
    Body,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    Item,
    Listing,
    Literal,
    Name,
    Object,
    Opaque,
    Operation,
    Parsed,
    Splat,
    Template,
)
from lmi_lint.frontends.treesitter import error_nodes, parse, room_to_recurse
from lmi_lint.model.source import Span

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_BYTES: Final = 1 << 20
"""Bytes of a file that is read; hand-written ones are a hundredth of it."""

MAX_LEVELS: Final = 120
"""Levels of nested blocks and expressions that are read; deeper ones are reported and unknown."""

_OPERATORS: Final = frozenset({"==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "&&", "||"})
_POSTFIX: Final = frozenset({"get_attr", "index", "splat"})
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}
_LINE: Final = re.compile(r"(?<=\n)")
_NUMBER_DIGITS: Final = 40


def parse_hcl(data: bytes) -> Parsed:
    """The tree of a file (UTF-8 without a BOM). Never raises: what is not understood is said and left out."""
    if len(data) > MAX_BYTES:
        return Parsed(Body(), f"{len(data)} bytes, the limit is {MAX_BYTES}")
    tree = parse("hcl", data)
    reader = _Reader(data)
    with room_to_recurse():
        bodies = [reader.body(child, 0) for child in tree.root_node.children if child.type in ("body", "ERROR")]
    attributes = tuple(each for body in bodies for each in body.attributes)
    whole = Body(attributes, tuple(each for body in bodies for each in body.blocks))
    errors = error_nodes(tree.root_node)
    if errors:
        at = errors[0].start_byte
        line = data.count(b"\n", 0, at) + 1
        return Parsed(whole, f"not understood from line {line}: what stands there is left out", at)
    if reader.deep is not None:
        return Parsed(whole, f"nested more than {MAX_LEVELS} levels deep: not read below that", reader.deep)
    return Parsed(whole)


class _Reader:
    """Reads one concrete tree. ``deep``: where it was first nested too deeply."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.deep: int | None = None

    def body(self, node: Node, level: int) -> Body:
        """Attributes and blocks of a body."""
        attributes: list[Attribute] = []
        blocks: list[Block] = []
        for child in node.children:
            if child.type == "attribute":
                value = next((each for each in child.children if each.type == "expression"), None)
                name = self.text(child.children[0])
                found = self.expression(value, level + 1) if value is not None else Opaque(_span(child))
                attributes.append(Attribute(name, found, _span(child)))
            elif child.type == "block":
                block = self._block(child, level)
                if block is not None:
                    blocks.append(block)
        return Body(tuple(attributes), tuple(blocks))

    def _block(self, node: Node, level: int) -> Block | None:
        if self._too_deep(node, level):
            return None
        head = [each for each in node.children if each.type in ("identifier", "string_lit")]
        if not head:
            return None
        body = next((each for each in node.children if each.type == "body"), None)
        words = [self.text(each).strip('"') for each in head]
        span = Span(head[0].start_byte, head[-1].end_byte)
        inside = self.body(body, level + 1) if body is not None else Body()
        return Block(words[0], tuple(words[1:]), inside, span, _span(node))

    def expression(self, node: Node, level: int) -> Expression:
        """An ``expression`` node."""
        return self._chain(node.children, node, level)

    def _chain(self, nodes: Sequence[Node], whole: Node, level: int) -> Expression:
        """A term and what follows it: attributes, indices, splats."""
        if self._too_deep(whole, level) or not nodes:
            return Opaque(_span(whole))
        if nodes[0].type == "(":
            inside = next((each for each in nodes if each.type == "expression"), None)
            found = self.expression(inside, level + 1) if inside is not None else Opaque(_span(whole))
        else:
            found = self._term(nodes[0], level)
        return self._postfixes(found, (each for each in nodes if each.type in _POSTFIX), level)

    def _postfixes(self, found: Expression, nodes: Iterable[Node], level: int) -> Expression:
        for node in nodes:
            span = Span(found.span.start, node.end_byte)
            if node.type == "get_attr":
                found = Attr(found, self.text(node.children[-1]), span)
            elif node.type == "index":
                found = Index(found, self._key(node, level), span)
            else:
                inner = node.children[0]
                start = Name("*", Span(inner.start_byte, inner.start_byte))
                rest = (each for each in inner.children if each.type in _POSTFIX)
                found = Splat(found, self._postfixes(start, rest, level), span)
            level += 1
            if self._too_deep(node, level):
                return Opaque(span)
        return found

    def _key(self, node: Node, level: int) -> Expression:
        inner = node.children[0]
        value = next((each for each in inner.children if each.type == "expression"), None)
        if value is not None:
            return self.expression(value, level + 1)
        digits = self.text(node).lstrip(".")
        return Literal(int(digits), _span(node)) if digits.isdigit() and len(digits) < 10 else Opaque(_span(node))

    def _term(self, node: Node, level: int) -> Expression:
        kind = node.type
        first = node.children[0] if node.children else node
        if kind in ("literal_value", "collection_value"):
            return self._term(first, level)
        if kind == "operation":
            return self._operation(first, level)
        if kind == "variable_expr":
            return Name(self.text(node), _span(node))
        if kind == "string_lit":
            return self._quoted(node, level)
        if kind == "template_expr":
            return self._heredoc(first, level) if first.type == "heredoc_template" else self._quoted(first, level)
        if kind == "numeric_lit":
            return Literal(_number(self.text(node)), _span(node))
        if kind == "bool_lit":
            return Literal(self.text(node) == "true", _span(node))
        if kind == "null_lit":
            return Literal(None, _span(node))
        if kind == "tuple":
            items = (each for each in node.children if each.type == "expression")
            return Listing(tuple(self.expression(each, level + 1) for each in items), _span(node))
        if kind == "object":
            return Object(tuple(self._items(node, level)), _span(node))
        if kind == "function_call":
            return self._call(node, level)
        if kind == "conditional":
            parts = [self.expression(each, level + 1) for each in node.children if each.type == "expression"]
            return Conditional(parts[0], parts[1], parts[2], _span(node)) if len(parts) == 3 else Opaque(_span(node))
        if kind == "for_expr":
            return self._for(first, level)
        return Opaque(_span(node))

    def _operation(self, node: Node, level: int) -> Expression:
        parts = node.children
        if node.type == "unary_operation" and len(parts) > 1:
            return Operation(self.text(parts[0]), None, self._chain(parts[1:], node, level + 1), _span(node))
        at = next((index for index, each in enumerate(parts) if each.type in _OPERATORS), 0)
        if not 0 < at < len(parts) - 1:
            return Opaque(_span(node))
        left, right = self._chain(parts[:at], node, level + 1), self._chain(parts[at + 1 :], node, level + 1)
        return Operation(parts[at].type, left, right, _span(node))

    def _items(self, node: Node, level: int) -> Iterable[Item]:
        for child in node.children:
            if child.type != "object_elem":
                continue
            parts = [each for each in child.children if each.type == "expression"]
            if len(parts) == 2:
                key = self.expression(parts[0], level + 1)
                bare = isinstance(key, Name) and parts[0].children[0].type != "("
                yield Item(
                    Literal(key.name, key.span) if bare and isinstance(key, Name) else key,
                    self.expression(parts[1], level + 1),
                )

    def _call(self, node: Node, level: int) -> Expression:
        listed = next((each for each in node.children if each.type == "function_arguments"), None)
        nodes = listed.children if listed is not None else []
        arguments = tuple(self.expression(each, level + 1) for each in nodes if each.type == "expression")
        return Call(self.text(node.children[0]), arguments, any(each.type == "ellipsis" for each in nodes), _span(node))

    def _for(self, node: Node, level: int) -> Expression:
        intro = next((each for each in node.children if each.type == "for_intro"), None)
        values = [self.expression(each, level + 1) for each in node.children if each.type == "expression"]
        if intro is None or not values:
            return Opaque(_span(node))
        names = tuple(self.text(each) for each in intro.children if each.type == "identifier")
        source = next((each for each in intro.children if each.type == "expression"), None)
        keyed = node.type == "for_object_expr"
        if source is None or not names or len(values) != (2 if keyed else 1):
            return Opaque(_span(node))
        condition = next((each for each in node.children if each.type == "for_cond"), None)
        test = next((each for each in condition.children if each.type == "expression"), None) if condition else None
        return For(
            names, self.expression(source, level + 1), values[0] if keyed else None, values[-1],
            self.expression(test, level + 1) if test is not None else None,
            any(each.type == "ellipsis" for each in node.children), _span(node),
        )  # fmt: skip

    # ---- texts ----

    def _quoted(self, node: Node, level: int) -> Expression:
        marks = node.children
        if len(marks) < 2:
            return Opaque(_span(node))
        return _template(self._parts(marks[1:-1], marks[0].end_byte, marks[-1].start_byte, level, True), _span(node))

    def _heredoc(self, node: Node, level: int) -> Expression:
        marks = [each for each in node.children if each.type == "heredoc_identifier"]
        if len(marks) != 2:
            return Opaque(_span(node))
        start = self.data.find(b"\n", marks[0].end_byte) + 1
        end = self.data.rfind(b"\n", 0, marks[1].start_byte) + 1
        at = node.children.index(marks[0])
        parts = self._parts(node.children[at + 1 : -1], start, max(end, start), level, False)
        if self.text(node.children[0]).endswith("-"):
            parts = _unindented(parts)
        return _template(parts, _span(node))

    def _parts(self, nodes: Sequence[Node], start: int, end: int, level: int, quoted: bool) -> list[Expression]:
        """Interpolations and directives, and the texts between them."""
        found: list[Expression] = []
        trim = False
        for node in (each for each in nodes if each.type in ("template_interpolation", "template_directive")):
            self._text_between(found, start, node.start_byte, quoted, trim)
            text = self.text(node)
            if text[2:3] == "~" and found and isinstance(found[-1], Literal):
                found[-1] = Literal(str(found[-1].value).rstrip(), found[-1].span)
            found.append(self._interpolation(node, level, quoted))
            trim, start = text[-2:-1] == "~", node.end_byte
        self._text_between(found, start, end, quoted, trim)
        return found

    def _text_between(self, found: list[Expression], start: int, end: int, quoted: bool, trim: bool) -> None:
        if end <= start:
            return
        text = self.data[start:end].decode("utf-8", "replace")
        text = _ESCAPE.sub(_unescaped, text) if quoted else text
        text = text.replace("$${", "${").replace("%%{", "%{")
        found.append(Literal(text.lstrip() if trim else text, Span(start, end)))

    def _interpolation(self, node: Node, level: int, quoted: bool) -> Expression:
        if node.type == "template_interpolation":
            value = next((each for each in node.children if each.type == "expression"), None)
            return self.expression(value, level + 1) if value is not None else Literal("", _span(node))
        choice = node.children[0] if node.children else node
        if choice.type != "template_if" or self._too_deep(node, level):
            return Opaque(_span(node))
        intro, *rest = choice.children
        test = next((each for each in intro.children if each.type == "expression"), None)
        otherwise = next((each for each in rest if each.type == "template_else_intro"), None)
        stop = rest[-1] if rest and rest[-1].type == "template_if_end" else None
        if test is None or stop is None:
            return Opaque(_span(node))
        middle = otherwise or stop
        yes = self._parts(rest, intro.end_byte, middle.start_byte, level + 1, quoted)
        no = self._parts([], otherwise.end_byte, stop.start_byte, level + 1, quoted) if otherwise else []
        if any(each.type.startswith("template_") and each.type not in _PLAIN for each in rest):
            return Opaque(_span(node))
        span = _span(node)
        return Conditional(self.expression(test, level + 1), _template(yes, span), _template(no, span), span)

    def text(self, node: Node) -> str:
        """The source text of a node."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def _too_deep(self, node: Node, level: int) -> bool:
        if level > MAX_LEVELS and self.deep is None:
            self.deep = node.start_byte
        return level > MAX_LEVELS


_PLAIN: Final = frozenset({"template_literal", "template_else_intro", "template_if_end"})
"""Parts of a conditional text that is read: no interpolations inside."""


def _template(parts: list[Expression], span: Span) -> Expression:
    if not parts:
        return Literal("", span)
    if len(parts) == 1 and isinstance(parts[0], Literal) and isinstance(parts[0].value, str):
        return Literal(parts[0].value, span)
    return Template(tuple(parts), span)


def _unindented(parts: list[Expression]) -> list[Expression]:
    """The parts of an indented heredoc without the indentation that all its lines have."""
    texts = [str(each.value) if isinstance(each, Literal) else "\0" for each in parts]
    lines = _LINE.split("".join(texts))
    indents = [len(line) - len(line.lstrip(" \t")) for line in lines if line.strip(" \t\r\n")]
    cut = min(indents, default=0)
    if not cut:
        return parts
    found: list[Expression] = []
    fresh = True
    for part, text in zip(parts, texts, strict=True):
        if isinstance(part, Literal):
            pieces = _LINE.split(text)
            shorter = [piece[cut:] if index or fresh else piece for index, piece in enumerate(pieces)]
            found.append(Literal("".join(shorter), part.span))
        else:
            found.append(part)
        fresh = text.endswith("\n")
    return found


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    if code:
        number = int(code, 16)
        return chr(number) if number <= sys.maxunicode and not 0xD800 <= number < 0xE000 else "\ufffd"
    kind = match.group(3)
    return _ESCAPED.get(kind, kind)


def _number(text: str) -> int | float | None:
    if len(text) > _NUMBER_DIGITS:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def _span(node: Node) -> Span:
    return Span(node.start_byte, node.end_byte)
