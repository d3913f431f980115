"""What the types of a Java or C# file derive from and which methods they have that a runtime may call, without saying
where: that is another place after most edits."""

from __future__ import annotations

import re
from typing import Final

from lmi_lint.discover.found import BaseType, Called, Declared, DeclaredType, Heritage, Relation
from lmi_lint.discover.scan import (
    base_types,
    is_abstract,
    is_partial,
    supertypes,
    type_parameters,
)
from lmi_lint.discover.shapes import ContextMethod, context_methods
from lmi_lint.model.names import Language

# The engine passes over all but ends of lines at once, which it does not where ``^`` stands.
_USING: Final = re.compile(rb"\n[ \t]*(?:global\s+)?using\s+(?:(\w+)\s*=\s*)?(?:global::)?([\w.]+)\s*;")
_IMPORT: Final = re.compile(rb"\n[ \t]*import\s+([\w.]+)\s*;")
_DERIVES: Final = {
    Language.JAVA: re.compile(rb"\b(?:extends|implements)\b"),
    Language.CSHARP: re.compile(rb"\b(?:class|record)\s+\w[^{};]{0,1000}:"),
}


def derives(data: bytes, language: Language) -> bool:
    """Whether some type of a file may derive from another."""
    pattern = _DERIVES.get(language)
    return pattern is not None and pattern.search(data) is not None


def heritage(data: bytes, language: Language, declared: Declared) -> Heritage:
    """What stands in a file of Java or C#, which declares what it does; nothing for other languages."""
    if language is Language.JAVA:
        types = tuple(_java(data, number, item) for number, item in enumerate(declared.types))
        return Heritage(declared.package, types, imports=tuple(map(_text, _IMPORT.findall(b"\n" + data))))
    if language is not Language.CSHARP:
        return Heritage("", ())
    methods = context_methods(data, declared)
    types = tuple(_csharp(data, number, item, methods) for number, item in enumerate(declared.types))
    usings = tuple((_text(alias), _text(name)) for alias, name in _USING.findall(b"\n" + data))
    return Heritage(declared.package, types, usings=usings)


def _java(data: bytes, number: int, item: DeclaredType) -> Relation:
    found = supertypes(data, item)
    names = (*found.interfaces, *([found.base] if found.base else []))
    bases = tuple(BaseType(name) for name in names)
    return Relation(
        number, item.name, item.nested, item.qualified, item.kind, abstract=is_abstract(data, item), bases=bases
    )


def _csharp(data: bytes, number: int, item: DeclaredType, methods: tuple[ContextMethod, ...]) -> Relation:
    return Relation(
        number,
        item.name,
        item.nested,
        item.qualified,
        item.kind,
        abstract=is_abstract(data, item),
        partial=is_partial(data, item),
        bases=base_types(data, item),
        arity=type_parameters(data, item),
        methods=tuple(
            Called(each.name, tuple(sorted(each.modifiers)), each.takes_stream)
            for each in methods
            if each.owner.span == item.span
        ),
    )


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
