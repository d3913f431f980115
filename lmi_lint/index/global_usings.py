"""Usings that hold in every file of a C# project: ``global using A.B;`` in any of its files (C# language specification,
"Global using directives") and ``<Using Include="A.B" />`` in its project file (learn.microsoft.com
/dotnet/core/project-sdk/msbuild-props#using)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_WRITTEN = re.compile(
    rb"^(?:\xef\xbb\xbf)?[ \t]*global\s+using\s+(?P<static>static\s+)?(?:@?(?P<alias>\w+)\s*=\s*)?(?:global::)?"
    rb"(?P<name>\w[\w.]*)\s*(?:<[^;\n]{0,400})?;",
    re.MULTILINE,
)
_ITEM = re.compile(rb"<Using\s([^>]{0,1000})>")
_ATTRIBUTE = re.compile(rb"""\b(Include|Alias|Static)\s*=\s*["']\s*([\w.]+)\s*["']""")


class GlobalUsing(NamedTuple):
    """``name``: the namespace or type; ``alias``: what it is called here, or nothing; ``static``: its members."""

    name: str
    alias: str
    static: bool


def in_source(source: bytes) -> tuple[GlobalUsing, ...]:
    """The global usings of a C# file."""
    if b"global" not in source:
        return ()
    return tuple(
        GlobalUsing(_text(match["name"]), _text(match["alias"] or b""), match["static"] is not None)
        for match in _WRITTEN.finditer(source)
    )


def in_project_file(source: bytes) -> tuple[GlobalUsing, ...]:
    """The usings of a project file."""
    return tuple(_items(source))


def _items(source: bytes) -> Iterator[GlobalUsing]:
    for match in _ITEM.finditer(source):
        given = {key: _text(value) for key, value in _ATTRIBUTE.findall(match[1])}
        if b"Include" in given:
            static = given.get(b"Static", "").lower() == "true"
            yield GlobalUsing(given[b"Include"], given.get(b"Alias", ""), static)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
