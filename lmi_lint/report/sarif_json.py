"""sarif-om objects → JSON.

Values equal to the model's default are left out, but for ``level``: the schema's default does not hold where a rule has
a configuration of its own (SARIF 2.1.0, 3.27.10). ``suppression.state`` is ``status`` in the schema.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

import attr

_RENAMED: Final = {("Suppression", "state"): "status"}


def dumps(log: object) -> str:
    """A sarif-om object as compact ASCII JSON with a final line end."""
    # ASCII, because names and texts may hold lone surrogates and characters that steer a terminal.
    return json.dumps(plain(log), separators=(",", ":")) + "\n"


def plain(value: Any) -> Any:
    """A sarif-om object, or data that holds some, as plain data."""
    return _plain(value, {})


def _plain(value: Any, kinds: dict[type, tuple[_Field, ...] | None]) -> Any:
    """``kinds``: what was found out about classes, None for those that are not of the model."""
    if isinstance(value, list | tuple):
        return [_plain(item, kinds) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, kinds) for key, item in value.items()}
    kind = type(value)
    if kind not in kinds:
        kinds[kind] = _fields(kind)
    fields = kinds[kind]
    if fields is None:
        return value
    found = {}
    for field in fields:
        item = getattr(value, field.name)
        if item is None or (field.may_go and item == field.default and type(item) is type(field.default)):
            continue
        found[field.written] = _plain(item, kinds)
    return found


class _Field(NamedTuple):
    """A field of a class of the model. ``may_go``: it is left out where it has its default."""

    name: str
    written: str
    may_go: bool
    default: Any


def _fields(kind: type) -> tuple[_Field, ...] | None:
    return tuple(_field(kind.__name__, each) for each in attr.fields(kind)) if attr.has(kind) else None


def _field(kind: str, field: Any) -> _Field:
    default = field.default
    if isinstance(default, attr.Factory):  # type: ignore[arg-type]  # attr.Factory is a class at run time
        default = default.factory()
    written = _RENAMED.get((kind, field.name)) or field.metadata["schema_property_name"]
    return _Field(field.name, written, field.name != "level" and default is not attr.NOTHING, default)
