"""sarif-om objects → JSON.

Values equal to the model's default are left out, but for ``level``: the schema's default does not hold where a rule has
a configuration of its own (SARIF 2.1.0, 3.27.10). ``suppression.state`` is ``status`` in the schema.
"""

from __future__ import annotations

import json
from typing import Any, Final

import attr

_RENAMED: Final = {("Suppression", "state"): "status"}


def dumps(log: object) -> str:
    """A sarif-om object as compact ASCII JSON with a final line end."""
    # ASCII, because names and texts may hold lone surrogates and characters that steer a terminal.
    return json.dumps(plain(log), separators=(",", ":")) + "\n"


def plain(value: Any) -> Any:
    """A sarif-om object, or data that holds some, as plain data."""
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if not attr.has(type(value)):
        return value
    found = {}
    for field in attr.fields(type(value)):
        item = getattr(value, field.name)
        if item is None or (field.name != "level" and _is_default(field, item)):
            continue
        name = _RENAMED.get((type(value).__name__, field.name)) or field.metadata["schema_property_name"]
        found[name] = plain(item)
    return found


def _is_default(field: Any, item: Any) -> bool:
    default = field.default
    if isinstance(default, attr.Factory):  # type: ignore[arg-type]  # attr.Factory is a class at run time
        return bool(item == default.factory())
    return default is not attr.NOTHING and item == default and type(item) is type(default)
