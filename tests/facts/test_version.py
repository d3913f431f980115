"""Facts are stored: whoever changes their shape must change ``FACTS_VERSION``."""

from __future__ import annotations

import hashlib
import json

import msgspec

from lmi_lint.facts.model import FACTS_VERSION, ModuleFacts

VERSION = 10
HASH = "c4468b1b976f4de6"
"""Of the schema at that version; renew both together."""


def schema_hash() -> str:
    schema = msgspec.json.schema(ModuleFacts)
    for part in schema["$defs"].values():
        part.pop("description", None)
    return hashlib.sha256(json.dumps(schema, sort_keys=True).encode()).hexdigest()[:16]


def test_shape_and_version_change_together():
    assert (FACTS_VERSION, schema_hash()) == (VERSION, HASH)
