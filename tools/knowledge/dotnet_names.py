"""Looks .NET names up: in what npm packages record of the assemblies of .NET, ASP.NET Core and Entity Framework
(``bindings.json`` of ``@tsonic/*``), and in sources of libraries, as checked out from their public repositories."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import tree_sitter_c_sharp
from msgspec import Struct, field
from tree_sitter import Language, Node, Parser

_DIRECTIVE: Final = re.compile(rb"^[ \t]*#.*$", re.MULTILINE)
_NAMESPACE: Final = re.compile(r"^\s*namespace\s+([\w.]+)", re.MULTILINE)
_TYPE: Final = re.compile(r"\s*public [\w ]*\b(?:class|interface|struct|record) (\w+)(?:<[^>]*>)?\s*:?([^{]*)")
_MEMBER: Final = re.compile(
    r"\s*(?:public )?(?:static |virtual |override |abstract |async )*([\w.<>?,\[\]]+) (\w+)(?:<\w+>)?\s*(?:\(|\{|=>)"
)
_ARITY: Final = re.compile(r"`\d+")
_TYPES: Final = frozenset(
    f"{kind}_declaration" for kind in ("class", "struct", "interface", "record", "enum", "record_struct", "delegate")
)
_KEYWORDS: Final = frozenset(
    "bool byte sbyte char decimal double float int uint nint nuint long ulong short ushort object string void".split()
)


class _Type(Struct):
    """A type: what it extends, and the types of its members by name (empty where they do not matter)."""

    bases: set[str] = field(default_factory=set)
    members: dict[str, set[str]] = field(default_factory=dict)


class DotnetNames:
    """The public types of a folder of npm packages (``node_modules/@tsonic``) and of one of checked out sources."""

    def __init__(self, packages: Path, sources: Path) -> None:
        self.types: Final[dict[str, _Type]] = {}
        self.extensions: Final[set[str]] = set()
        self.simple: Final[dict[str, set[str]]] = {}
        for bindings in sorted(packages.glob("*/*/bindings.json")):
            self._read_bindings(bindings)
        parser = Parser(Language(tree_sitter_c_sharp.language()))
        for source in sorted(sources.rglob("*.cs")):
            # Without directives: what stands under any condition is declared.
            text = _DIRECTIVE.sub(b"", source.read_bytes())
            root = parser.parse(text).root_node
            self._walk(root, ())
            if root.has_error:
                self._scan(text.decode("utf-8", "replace"))
        for name in self.types:
            self.simple.setdefault(name.rpartition(".")[2], set()).add(name)

    def exists(self, name: str) -> bool:
        """Whether a type, a member or an extension method has this dotted name; ``*`` is any text without a dot."""
        name = name.removesuffix("=").replace(".get_Item", ".Item")
        if name.removesuffix("[]") in _KEYWORDS:
            return True
        parts = name.split(".")
        for count in range(len(parts), 0, -1):
            prefix = ".".join(parts[:count])
            found = self._named(prefix) or self._named(f"{prefix}Attribute")
            if any(self._has(each, parts[count:]) for each in found):
                return True
        return False

    def _named(self, name: str) -> list[str]:
        if "*" not in name:
            return [name] if name in self.types else []
        pattern = re.compile(re.escape(name).replace(r"\*", r"[^.]*"))
        return [each for each in self.types if pattern.fullmatch(each)]

    def _has(self, name: str, rest: list[str]) -> bool:
        if not rest:
            return True
        member, *others = rest
        pattern = re.compile(re.escape(member.removesuffix("[]")).replace(r"\*", ".*"))
        results = {
            result
            for each in self._hierarchy(name)
            for known, kinds in self.types[each].members.items()
            if pattern.fullmatch(known)
            for result in (kinds or {""})
        }
        if not others:
            return bool(results) or any(pattern.fullmatch(each) for each in self.extensions)
        return any(self._has(full, others) for result in results for full in self._meant(result))

    def _hierarchy(self, name: str) -> Iterator[str]:
        seen, waiting = {name}, [name, *self._meant("System.Object")]
        while waiting:
            each = waiting.pop()
            yield each
            fresh = {full for base in self.types[each].bases for full in self._meant(base)} - seen
            seen |= fresh
            waiting += fresh

    def _meant(self, written: str) -> set[str]:
        """The types that a name in a source may mean: that very one, or all of this simple name."""
        return {written} if written in self.types else self.simple.get(written.rpartition(".")[2], set())

    # ------------------------------------------------------------- assemblies

    def _read_bindings(self, path: Path) -> None:
        surface: dict[str, Any] = json.loads(path.read_bytes())["targetSurface"]
        for kind in surface["types"]:
            if kind["accessibility"] != "Public":
                continue
            known = self.types.setdefault(_plain(kind["targetName"]), _Type())
            bases = [kind.get("baseType"), *kind.get("interfaces", ())]
            known.bases.update(_plain(base["targetName"]) for base in bases if base)
            for table in ("methods", "properties", "fields", "events"):
                for member in kind.get(table, ()):
                    signature = member.get("normalizedSignature", "").split("|")
                    result = signature[1].rpartition(":")[2] if len(signature) > 1 else ""
                    known.members.setdefault(member["targetName"], set()).add(_plain(re.split(r"\[\[|_\d", result)[0]))
                    if member.get("isExtensionMethod"):
                        self.extensions.add(member["targetName"])

    # ---------------------------------------------------------------- sources

    def _walk(self, node: Node, scope: tuple[str, ...]) -> None:
        inside = scope
        for child in node.named_children:
            if child.type == "file_scoped_namespace_declaration":
                inside = (*scope, _text(child.child_by_field_name("name")))
                self._walk(child, inside)
            elif child.type == "namespace_declaration":
                self._walk(child, (*inside, _text(child.child_by_field_name("name"))))
            elif child.type in _TYPES:
                self._declare(child, inside)
            elif child.type in {"declaration_list", "ERROR"}:
                self._walk(child, inside)

    def _scan(self, text: str) -> None:
        """What a file declares that the grammar cannot read, by its lines: it lags behind the language."""
        scope = next(iter(_NAMESPACE.findall(text)), "")
        known: _Type | None = None
        for line in text.splitlines():
            if found := _TYPE.match(line):
                known = self.types.setdefault(f"{scope}.{found[1]}", _Type())
                known.bases.update(_simple(base) for base in found[2].split(",") if base.strip())
            elif known is not None and (found := _MEMBER.match(line)):
                known.members.setdefault(found[2], set()).add(_simple(found[1]))
                if "extension(" in text:
                    self.extensions.add(found[2])

    def _declare(self, node: Node, scope: tuple[str, ...]) -> None:
        full = (*scope, _text(node.child_by_field_name("name")))
        known = self.types.setdefault(".".join(full), _Type())
        for child in node.named_children:
            if child.type == "base_list":
                known.bases.update(_simple(_text(base)) for base in child.named_children)
        body = node.child_by_field_name("body")
        if body is not None:
            self._members(body, known, full)

    def _members(self, body: Node, known: _Type, full: tuple[str, ...]) -> None:
        for member in body.named_children:
            if member.type in _TYPES:
                self._declare(member, full)
                continue
            if member.type == "ERROR":
                self._members(member, known, full)
                continue
            if any(child.type == "modifier" and _text(child) == "private" for child in member.children):
                continue
            if member.type == "constructor_declaration" and _text(member.child_by_field_name("name")) == "extension":
                # A block of extension members, which the grammar takes for a constructor with functions inside.
                self.extensions.update(re.findall(r"\bpublic [\w.<>?,\[\] ]+? (\w+)(?:<\w+>)?\(", _text(member)))
                continue
            for name, result in _declared(member):
                known.members.setdefault(name, set()).add(_simple(result))
            if _is_extension(member):
                self.extensions.add(_text(member.child_by_field_name("name")))


def _declared(member: Node) -> Iterator[tuple[str, str]]:
    """The names that a member declaration makes, with their types as written."""
    if member.type in {"field_declaration", "event_field_declaration"}:
        for variable in member.named_children:
            if variable.type == "variable_declaration":
                result = _text(variable.child_by_field_name("type"))
                for each in variable.named_children:
                    if each.type == "variable_declarator":
                        yield _text(each.child_by_field_name("name")), result
    elif member.type == "indexer_declaration":
        yield "Item", _text(member.child_by_field_name("type"))
    elif (name := member.child_by_field_name("name")) is not None:
        written = member.child_by_field_name("type") or member.child_by_field_name("returns")
        yield _text(name), _text(written)


def _is_extension(member: Node) -> bool:
    parameters = member.child_by_field_name("parameters")
    if member.type != "method_declaration" or parameters is None or not parameters.named_children:
        return False
    return any(_text(word) == "this" for word in parameters.named_children[0].children)


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _simple(written: str) -> str:
    return re.split(r"[<(?\[\s]", written.strip())[0]


def _plain(name: str) -> str:
    return _ARITY.sub("", name).replace("+", ".")
