"""One knowledge file: its decoded content, where its entries stand, and what is said when it cannot be used."""

from __future__ import annotations

import re
import tomllib
from functools import cached_property
from typing import Any, Final

import msgspec
from msgspec import Struct

from lmi_lint.errors import PackError
from lmi_lint.knowledge.model import KnowledgeFile

_PLACE: Final = re.compile(r" - at `\$(?:\.(\w+)\[(\d+)\])?(?:\.([\w.\[\]]+))?[^`]*`")
_UNKNOWN: Final = re.compile(r"unknown field `([^`]+)`")
_TOML_LINE: Final = re.compile(r" \(at line (\d+), column \d+\)")
_HEADER: Final = re.compile(r"^[ \t]*\[\[[ \t]*(\w+)[ \t]*\]\]", re.MULTILINE)
_SEPARATORS: Final = "./(:="
_NAMES: Final = ("name", "type", "call", "annotation", "package", "names", "method")


class Place(Struct, frozen=True):
    """Where an entry stands. ``line``: from 1, 0 if it is not known."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


class SourceText:
    """A file that was decoded. ``path`` names it in messages."""

    def __init__(self, path: str, data: bytes, family: str) -> None:
        self.path = path
        self._text = self._decoded(data)
        self._table = self._parsed()
        try:
            self.content = msgspec.convert(self._table, KnowledgeFile, strict=True)
        except msgspec.ValidationError as error:
            raise self._invalid(str(error)) from error
        if self.content.language != family:
            raise PackError(
                f"{self.path}:{self._line_of('language')}: language is {self.content.language!r}, "
                f"but the folder says {family!r}",
                f"move the file to knowledge/{self.content.language} or mend its language",
            )

    def _decoded(self, data: bytes) -> str:
        try:
            return data.decode().replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise PackError(f"{self.path}:{line}: not UTF-8: {error.reason}", "save the file as UTF-8") from error

    def _parsed(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            at = _TOML_LINE.search(str(error))
            line = int(at[1]) if at else self._text.count("\n") + 1
            what = _TOML_LINE.sub("", str(error))
            raise PackError(f"{self.path}:{line}: not valid TOML: {what}", "mend the syntax there") from error
        except RecursionError as error:
            raise PackError(f"{self.path}: values are nested too deep", "flatten them") from error

    def _invalid(self, message: str) -> PackError:
        """What a message of msgspec comes to, with the entry and the line that it speaks of."""
        match = _PLACE.search(message)
        what = _PLACE.sub("", message)
        unknown = _UNKNOWN.search(message)
        hint = "lmi-lint schema knowledge lists the keys and values that exist"
        if match is None or match[1] is None:
            key = unknown[1] if unknown else match[3].partition("[")[0] if match is not None and match[3] else ""
            line = self._line_of(key) if key else 1
            said = f", key {key!r}" if key and not unknown else ""
            return PackError(f"{self.path}:{line}: {what}{said}", hint)
        key = unknown[1] if unknown else (match[3] or "").partition("[")[0].partition(".")[0]
        said = f", key {match[3]!r}" if match[3] else ""
        return PackError(f"{self.entry(match[1], int(match[2]), key)}: {what}{said}", hint)

    def _line_of(self, key: str, first: int = 0, last: int | None = None) -> int:
        """The first line of the text between two offsets on which a key or a table of this name begins, or 1."""
        text = self._text[first:last]
        match = re.search(rf"^[ \t]*(?:\[+[ \t]*)?[\"']?{re.escape(key)}\b", text, re.MULTILINE)
        return self._text.count("\n", 0, first + match.start()) + 1 if match else 1

    def place(self, kind: str, index: int, key: str = "") -> Place:
        """Where an entry of a table stands, or one of its keys."""
        headers = self._headers.get(kind, [])
        if index >= len(headers):
            return Place(self.path, 0)
        begin, line = headers[index]
        if key:
            following = re.compile(r"^[ \t]*\[\[", re.MULTILINE).search(self._text, begin + 2)
            found = self._line_of(key, begin, following.start() if following else None)
            line = max(line, found)
        return Place(self.path, line)

    @cached_property
    def _headers(self) -> dict[str, list[tuple[int, int]]]:
        """Where the entries of each table begin, and their lines."""
        found: dict[str, list[tuple[int, int]]] = {}
        line, passed = 1, 0
        for match in _HEADER.finditer(self._text):
            line += self._text.count("\n", passed, match.start())
            passed = match.start()
            found.setdefault(match[1], []).append((passed, line))
        return found

    def entry(self, kind: str, index: int, key: str = "") -> str:
        """``file:line: [[kind]] "name"`` of an entry, at one of its keys."""
        entries = self._table.get(kind)
        entry = entries[index] if isinstance(entries, list) and index < len(entries) else None
        name = next((entry[key] for key in _NAMES if entry.get(key)), "?") if isinstance(entry, dict) else "?"
        return f'{self.place(kind, index, key)}: [[{kind}]] "{name}"'

    @cached_property
    def _starred(self) -> tuple[str, ...]:
        return tuple(prefix for prefix in self.content.sources if prefix.endswith("*"))

    def source_of(self, name: str) -> str:
        """The page of the longest prefix in ``[sources]`` that ``name`` begins with, or nothing."""
        sources = self.content.sources
        best = name
        while best and best not in sources:
            best = best[: max(0, *map(best.rfind, _SEPARATORS))]
        for prefix in self._starred:
            if len(prefix) > len(best) and name.startswith(prefix[:-1]):
                best = prefix
        page = sources[best] if best else ""
        return page.replace("{class}", re.split(r"[.(=]", name[len(best) + 1 :])[0]) if "{class}" in page else page
