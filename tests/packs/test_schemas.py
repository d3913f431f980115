"""The JSON schemas of pages and knowledge: current, right about every file of ours, and telling."""

from __future__ import annotations

import json
import tomllib
from typing import Any, Literal

import jsonschema
import pytest

from lmi_lint.commands.schemas import schema
from lmi_lint.knowledge.model import KnowledgeFile
from lmi_lint.packs import FAMILIES
from tests.harness import ROOT
from tests.packs.builders import KNOWLEDGE, PAGE

RULES = ROOT / "rules"
WHAT: tuple[Literal["page", "knowledge"], ...] = ("page", "knowledge")
VALIDATORS: dict[str, Any] = {what: jsonschema.Draft202012Validator(json.loads(schema(what))) for what in WHAT}


def front(text: str) -> dict[str, Any]:
    return tomllib.loads(text.split("+++")[1])


def faults(what: str, table: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATORS[what].iter_errors(table)]


@pytest.mark.parametrize("what", WHAT)
def test_what_is_checked_in_is_current(what: Literal["page", "knowledge"]) -> None:
    VALIDATORS[what].check_schema(VALIDATORS[what].schema)
    kept = (RULES / "schemas" / f"{what}.schema.json").read_text(encoding="utf-8")
    assert kept == schema(what), f"lmi-lint schema {what} > rules/schemas/{what}.schema.json"


def test_our_pages_and_those_of_tests_pass() -> None:
    pages = {path.name: path.read_text(encoding="utf-8") for path in (RULES / "catalog").glob("*.md")}
    assert len(pages) > 60
    assert {name: found for name, text in pages.items() if (found := faults("page", front(text)))} == {}
    assert faults("page", front(PAGE)) == []


def test_our_knowledge_passes() -> None:
    files = [path for family in FAMILIES for path in (RULES / "knowledge" / family).glob("*.toml")]
    assert len(files) > 50
    tables = {str(path): tomllib.loads(path.read_text(encoding="utf-8")) for path in files}
    assert {path: found for path, table in tables.items() if (found := faults("knowledge", table))} == {}
    assert faults("knowledge", tomllib.loads(KNOWLEDGE.format(family="java"))) == []


@pytest.mark.parametrize(
    ("what", "change", "place"),
    [
        ("page", {"sevrity": ["note"]}, "$"),
        ("page", {"id": "acme1"}, "$.id"),
        ("page", {"severity": ["fatal"]}, "$.severity[0]"),
        ("page", {"severity": []}, "$.severity"),
        ("page", {"languages": ["cobol"]}, "$.languages[0]"),
        ("page", {"match": {"call": "conection.open"}}, "$.match"),
        ("page", {"match": {"phase": "never"}}, "$.match"),
        ("knowledge", {"tpye": []}, "$"),
        ("knowledge", {"language": "ruby"}, "$.language"),
        ("knowledge", {"call": [{"role": "log"}]}, "$.call[0]"),
        ("knowledge", {"call": [{"name": "a", "role": "lgo"}]}, "$.call[0].role"),
        ("knowledge", {"call": [{"name": "a", "unique": "day"}]}, "$.call[0].unique"),
        ("knowledge", {"type": [{"name": "a", "safety": "secure"}]}, "$.type[0].safety"),
        ("knowledge", {"type": [{"name": "a", "adds": "put"}]}, "$.type[0].adds"),
    ],
)
def test_mistakes_are_found(what: str, change: dict[str, Any], place: str) -> None:
    table = front(PAGE) if what == "page" else {"language": "java", "subject": "x"}
    found = faults(what, table | change)
    assert [fault.partition(": ")[0] for fault in found] == [place]


def test_every_table_is_described() -> None:
    kinds = json.loads(schema("knowledge"))["$defs"]
    assert {field.encode_name for field in fields()} <= kinds["KnowledgeFile"]["properties"].keys()
    assert [name for name, kind in kinds.items() if not kind["description"]] == []
    assert "background.timer" in json.dumps(kinds["CallEntry"]["properties"]["role"])


def fields() -> tuple[Any, ...]:
    import msgspec

    return msgspec.structs.fields(KnowledgeFile)
