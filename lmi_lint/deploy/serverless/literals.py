"""Configuration written as JavaScript or TypeScript: the literals of a module, read as text and never run.

Only what stands at the top of a module counts: imports, constants and exports. An expression that is more than
literals, names and members of these is *unknown*.
"""

from __future__ import annotations

import re

from msgspec import Struct

from lmi_lint.deploy.nodes import ByteOffsets, TemplateError
from lmi_lint.model.source import Span

_TOKEN = re.compile(
    r"(?P<space>\s+|//[^\n]*|/\*(?:.*?\*/|.*))"
    r"|(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    r"|(?P<template>`(?:[^`\\]|\\.)*`)"
    r"|(?P<number>-?\d[\d_]*(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_$][\w$]*)"
    r"|(?P<mark>\.\.\.|=>|.)",
    re.DOTALL,
)
_MAX_DEPTH = 50
_OPENING, _CLOSING = "([{", ")]}"
_STATEMENTS = frozenset(["const", "let", "var", "export", "import", "module", "function", "class", "async", "type",
                         "interface", "exports"])  # fmt: skip
_WORDS = frozenset(["true", "false", "null"])
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class Text(Struct, frozen=True):
    """A string, number, boolean or null; ``plain``: not quoted; ``template``: with interpolations, escapes kept."""

    value: str
    span: Span
    plain: bool = False
    template: bool = False


class Name(Struct, frozen=True):
    """A name and members of it."""

    path: tuple[str, ...]
    span: Span


class Unknown(Struct, frozen=True):
    """Any other expression."""

    span: Span


class Entry(Struct, frozen=True):
    """A key with its value; a spread has no key."""

    key: Text | None
    value: Value


class Record(Struct, frozen=True):
    """An object."""

    entries: tuple[Entry, ...]
    span: Span


class Items(Struct, frozen=True):
    """An array; ``spreads``: the places in it that are spread."""

    values: tuple[Value, ...]
    span: Span
    spreads: tuple[int, ...] = ()


Value = Text | Name | Unknown | Record | Items


class Module(Struct, frozen=True):
    """``constants``: name → value; ``imports``: name → (specifier, exported name, ``*`` for all); ``exports``: exported
    name → value; ``passed_on``: exported name → (specifier, its name there), ``*`` → all of these specifiers."""

    constants: dict[str, Value]
    imports: dict[str, tuple[str, str]]
    exports: dict[str, Value]
    passed_on: dict[str, tuple[str, str]]
    all_of: tuple[str, ...] = ()


class _Token(Struct, frozen=True):
    kind: str
    text: str
    start: int
    newline: bool


_END = _Token("end", "", -1, True)


def read_module(data: bytes) -> Module:
    """The literals of a module. Raises TemplateError if it is nested too deeply."""
    return _Reader(data.decode("utf-8", "replace")).run()


class _Reader:
    """Reads a module from its tokens."""

    def __init__(self, text: str) -> None:
        self.offsets = ByteOffsets(text)
        self.tokens: list[_Token] = []
        newline = True
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup or ""
            if kind == "space":
                newline = newline or "\n" in match.group()
            else:
                self.tokens.append(_Token(kind, match.group(), match.start(), newline))
                newline = False
        self.at = 0
        self.module = Module({}, {}, {}, {})
        self.all_of: list[str] = []

    def run(self) -> Module:
        """All statements of the module."""
        while self.at < len(self.tokens):
            before = self.at
            self._statement()
            if self.at == before:
                self._skip_one()
        module = self.module
        return Module(module.constants, module.imports, module.exports, module.passed_on, tuple(self.all_of))

    def _peek(self, ahead: int = 0) -> _Token:
        index = self.at + ahead
        return self.tokens[index] if index < len(self.tokens) else _END

    def _take(self, *texts: str) -> bool:
        """Step over these tokens if they come next."""
        if all(self._peek(index).text == text for index, text in enumerate(texts)):
            self.at += len(texts)
            return True
        return False

    def _span(self, start: int) -> Span:
        last = self.tokens[min(self.at, len(self.tokens)) - 1]
        return Span(self.offsets[start], self.offsets[last.start + len(last.text)])

    # ---- statements ----

    def _statement(self) -> None:
        if self._take("import"):
            self._import()
        elif self._take("module", ".", "exports", "=") or self._take("export", "default") or self._take("export", "="):
            self.module.exports["default"] = self._value(0)
        elif self._take("export", "*", "from"):
            self.all_of.append(_unquoted(self._peek().text))
            self.at += 1
        elif self._take("export", "{"):
            self._export_list()
        else:
            exported = self._take("export")
            if self._peek().text in ("const", "let", "var") and self._peek(1).kind == "name":
                self._constant(exported)

    def _constant(self, exported: bool) -> None:
        name = self._peek(1).text
        self.at += 2
        if self._take(":"):
            self._skip_until("=")
        if not self._take("="):
            return
        if self._take("require", "(") and self._peek().kind == "string":
            self.module.imports[name] = (_unquoted(self._peek().text), "default")
            self.at += 1
            return
        value = self._value(0)
        self.module.constants[name] = value
        if exported:
            self.module.exports[name] = value

    def _import(self) -> None:
        """``import a, { b as c }, * as d from 'specifier'``."""
        self._take("type")
        names: list[tuple[str, str]] = []
        while self._peek().kind != "string" and self._peek() is not _END:
            if self._take("{"):
                names += self._names()
            elif self._take("*", "as"):
                names.append((self._peek().text, "*"))
                self.at += 1
            elif self._peek().kind == "name" and self._peek().text != "from":
                names.append((self._peek().text, "default"))
                self.at += 1
            elif self._peek().text in (",", "from"):
                self.at += 1
            else:
                return
        specifier = _unquoted(self._peek().text)
        self.at += 1
        self.module.imports.update({local: (specifier, name) for local, name in names})

    def _names(self) -> list[tuple[str, str]]:
        """``a, b as c }`` → (c, b) …: the new name first."""
        found: list[tuple[str, str]] = []
        while not self._take("}") and self._peek() is not _END:
            name = self._peek().text
            self.at += 1
            if self._take("as"):
                found.append((self._peek().text, name))
                self.at += 1
            elif name != ",":
                found.append((name, name))
        return found

    def _export_list(self) -> None:
        names = self._names()
        if self._take("from"):
            specifier = _unquoted(self._peek().text)
            self.at += 1
            self.module.passed_on.update({exported: (specifier, name) for exported, name in names})
        else:
            span = self._span(self.tokens[self.at - 1].start)
            self.module.exports.update({exported: Name((name,), span) for exported, name in names})

    # ---- expressions ----

    def _value(self, depth: int) -> Value:
        """An expression up to the end of its entry, item or statement."""
        if depth > _MAX_DEPTH:
            raise TemplateError(f"nested more than {_MAX_DEPTH} levels deep", self.offsets[max(self._peek().start, 0)])
        start = self._peek().start
        found = self._primary(depth)
        if self._peek().text in ("as", "satisfies"):
            self._skip_expression()
        if found is None or not self._at_end():
            self._skip_expression()
            return Unknown(self._span(max(start, 0)))
        return found

    def _primary(self, depth: int) -> Value | None:
        token = self._peek()
        if token.text == "{":
            return self._record(depth)
        if token.text == "[":
            return self._items(depth)
        if token.kind == "end":
            return None
        self.at += 1
        if token.kind == "string":
            return Text(_unquoted(token.text), self._span(token.start))
        if token.kind == "template":
            return Text(token.text[1:-1], self._span(token.start), template=True)
        if token.kind == "number" or token.text in _WORDS:
            return Text(token.text.replace("_", ""), self._span(token.start), plain=True)
        if token.kind != "name" or token.text in ("new", "await", "async", "function"):
            return None
        path = [token.text]
        while self._peek().text == "." and self._peek(1).kind == "name":
            path.append(self._peek(1).text)
            self.at += 2
        return Name(tuple(path), self._span(token.start))

    def _record(self, depth: int) -> Value:
        start = self._peek().start
        self.at += 1
        entries: list[Entry] = []
        while not self._take("}") and self._peek() is not _END:
            before = self.at
            entry = self._entry(depth)
            if entry is not None:
                entries.append(entry)
            self._take(",")
            if self.at == before:
                self.at += 1
        return Record(tuple(entries), self._span(start))

    def _entry(self, depth: int) -> Entry | None:
        if self._take("..."):
            return Entry(None, self._value(depth + 1))
        token = self._peek()
        if token.kind not in ("name", "string", "number"):
            self._skip_expression()  # a computed key
            return None
        self.at += 1
        key = Text(_unquoted(token.text) if token.kind == "string" else token.text, self._span(token.start))
        if self._take(":"):
            return Entry(key, self._value(depth + 1))
        if self._peek().text in (",", "}"):
            return Entry(key, Name((token.text,), key.span))
        self._skip_expression()  # a method
        return Entry(key, Unknown(key.span))

    def _items(self, depth: int) -> Value:
        start = self._peek().start
        self.at += 1
        values: list[Value] = []
        spreads: list[int] = []
        while not self._take("]") and self._peek() is not _END:
            before = self.at
            if self._take("..."):
                spreads.append(len(values))
            values.append(self._value(depth + 1))
            self._take(",")
            if self.at == before:
                self.at += 1
        return Items(tuple(values), self._span(start), tuple(spreads))

    def _at_end(self) -> bool:
        token = self._peek()
        return token.text in (",", ";", *_CLOSING) or token is _END or (token.newline and token.text in _STATEMENTS)

    def _skip_expression(self) -> None:
        while not self._at_end():
            self._skip_one()

    def _skip_until(self, text: str) -> None:
        while self._peek() is not _END and self._peek().text not in (text, ";"):
            self._skip_one()

    def _skip_one(self) -> None:
        """One token, or all between brackets."""
        open_brackets = 0
        while self._peek() is not _END:
            text = self._peek().text
            self.at += 1
            open_brackets += (text in _OPENING) - (text in _CLOSING) if len(text) == 1 else 0
            if open_brackets <= 0:
                return


def _unquoted(text: str) -> str:
    """The text of a quoted string."""
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match.group(1), match.group(1)), text[1:-1], flags=re.DOTALL)
