"""Documents of CloudFormation as data, written as YAML with comments or as JSON."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import yaml
from msgspec import Struct

from lmi_lint.fitness.snippets.quoting import comments

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9.]*")


class Intrinsic(Struct, frozen=True):
    """``Ref`` or ``GetAtt`` (``Name.Attribute``) of a resource or parameter."""

    name: str
    value: str


class Part(Struct, frozen=True):
    """One entry of a section, with what is said above it."""

    key: str
    value: dict[str, Any]
    said: tuple[str, ...] = ()


class _Dumper(yaml.SafeDumper):
    """Block style throughout; no anchors; intrinsic functions in their short form."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def choose_scalar_style(self) -> Any:
        style = super().choose_scalar_style()
        tag, value = getattr(self.event, "tag", None), getattr(self.event, "value", "")
        return "" if tag is not None and tag.startswith("!") and _PLAIN.fullmatch(value) else style


def _intrinsic(dumper: yaml.SafeDumper, data: Intrinsic) -> yaml.Node:
    return dumper.represent_scalar(f"!{data.name}", data.value)


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)


_Dumper.add_representer(Intrinsic, _intrinsic)
_Dumper.add_representer(str, _text)


def as_yaml(sections: dict[str, list[Part]], head: list[str], tail: str) -> str:
    """Sections under their keys, each part with its comments, between ``head`` and ``tail``, which is comments
    already."""
    found = [comments(head, "#")]
    for section, parts in sections.items():
        if parts:
            found.append(f"\n{section}:\n")
        for number, part in enumerate(parts):
            found.append("\n" if number and part.said else "")
            found.append(comments(part.said, "#", "  "))
            dumped = yaml.dump({part.key: part.value}, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)
            found += [f"  {line}\n" if line else "\n" for line in dumped.rstrip("\n").split("\n")]
    return "".join([*found, "\n", tail])


def as_json(sections: dict[str, list[Part]]) -> str:
    """The same without comments, intrinsic functions in their long form."""
    document = {
        section: {part.key: part.value for part in parts} for section, parts in sections.items() if parts
    }  # fmt: skip
    return json.dumps(_long(document), indent=2, ensure_ascii=False) + "\n"


def _long(value: Any) -> Any:
    if isinstance(value, Intrinsic):
        return {"Ref": value.value} if value.name == "Ref" else {"Fn::GetAtt": value.value.split(".", 1)}
    if isinstance(value, dict):
        return {key: _long(inner) for key, inner in value.items()}
    return [_long(inner) for inner in value] if isinstance(value, list) else value
