"""``lmi-lint knowledge NAME``: what is believed, inherited facts too, and where each comes from."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from lmi_lint.catalog.registry import asked_roles, load_pages
from lmi_lint.knowledge.load import join
from lmi_lint.knowledge.told import Library
from lmi_lint.knowledge.vocabulary import CALL_ROLES, TYPE_ROLES
from lmi_lint.packs import FAMILIES, rules_root
from lmi_lint.report import knowledge_json
from lmi_lint.report.knowledge_text import looks_at
from tests.harness import ROOT
from tests.packs.builders import KNOWLEDGE, lmi, pack, write

LINK_ONLY = {
    "container": "what it hands out is followed, for every rule",
    "provider": "as a container",
    "context": "what its members are is known to every rule",
    "wrapper": "what a wrapped handler is",
}
"""Roles that no rule asks for by itself, and what they are for."""
AMBIGUOUS = {"connection", "pool", "context", "provider"}
"""Words of messages too."""


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack with a type of two ancestors, whose names others have too."""
    text = """
[[type]]
name = "acme.Base"
safety = "unsafe"
why = "it has no lock"
instead = "acme.Locked"
role = "client"
adds = ["add*"]
source = "https://acme.example/base"

[[type]]
name = "acme.Leaf"
extends = ["acme.Base"]
role = "pool"
reads = ["get"]

[[call]]
name = "acme.Base.get"
role = "connection.query"
when = "^select"

[[call]]
name = "acme.part*.open"
role = "pool.open"
"""
    folder = pack(tmp_path)
    write(folder, {"knowledge/java/acme.toml": KNOWLEDGE.format(family="java") + text})
    monkeypatch.chdir(folder)
    return folder


def known(name: str, folder: Path) -> list[dict[str, Any]]:
    """What is told of a name by that pack alone."""
    pages = load_pages([folder])
    library = Library({family: join(family, [folder], asked_roles(pages.values())) for family in FAMILIES})
    told = [library.tell(family, each) for family, each in library.names(name)]
    found: list[dict[str, Any]] = json.loads(knowledge_json.render(name, told, (), PAGES | pages))["known"]
    return found


def test_a_type_with_what_it_inherits(library: Path) -> None:
    (told,) = known("acme.Leaf", library)
    assert (told["language"], told["name"], told["extends"]) == ("java", "acme.Leaf", ["acme.Base"])
    assert (told["safety"], told["reasons"], told["instead"]) == ("unsafe", ["it has no lock"], "acme.Locked")
    assert told["role"] == "pool", "the nearest wins"
    assert told["methods"] == [
        {"name": "get", "does": ["reads"], "of": "acme.Leaf"},
        {"name": "add*", "does": ["adds"], "of": "acme.Base"},
    ]
    file = str(library / "knowledge/java/acme.toml")
    places = [(each["table"], each["name"], each["path"], each["line"], each["source"]) for each in told["beliefs"]]
    assert places == [
        ("type", "acme.Leaf", file, 20, "https://acme.example/docs"),
        ("type", "acme.Base", file, 11, "https://acme.example/base"),
    ]
    (call,) = told["calls"]
    assert (call["name"], call["line"], call["role"], call["says"]) == (
        "acme.Base.get",
        26,
        "connection.query",
        {"when": "^select"},
    )
    assert "LMI302" in told["rules"]["pool"]
    assert "LMI302" in told["rules"]["connection.query"]


def test_a_call_by_way_of_its_type_and_by_a_glob(library: Path) -> None:
    (told,) = known("acme.Leaf.get", library)
    assert [belief["name"] for belief in told["beliefs"]] == ["acme.Base.get"]
    (told,) = known("acme.part7.open", library)
    assert [(belief["name"], belief["line"]) for belief in told["beliefs"]] == [("acme.part*.open", 31)]
    both = known("acme.flush", library)
    assert [each["language"] for each in both] == ["python", "java"]
    assert both[0]["rules"] == {"acme:flush": ["ACME101"]}


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("Leaf", ["acme.Leaf"]),
        ("leaf", ["acme.Leaf"]),
        ("acme.L*", ["acme.Leaf"]),
        ("acme.Base.*", ["acme.Base.get"]),
        ("acme.leaf", ["acme.Leaf"]),
        ("acme.BASE.ge", []),
    ],
)
def test_names(library: Path, wanted: str, names: list[str]) -> None:
    assert [each["name"] for each in known(wanted, library)] == names


def test_text(library: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lines = lmi(capfd, "knowledge", "acme.Leaf", "--pack", library).out.splitlines()
    assert lines[:6] == [
        "acme.Leaf (java)",
        "  safety    unsafe",
        "            because it has no lock",
        "            instead acme.Locked",
        "  role      pool",
        "  extends   acme.Base",
    ]
    assert "    knowledge/java/acme.toml:11  https://acme.example/base" in lines
    assert any(re.fullmatch(r" {4}add\* +adds +acme\.Base", line) for line in lines)


def test_beginnings_are_listed(capfd: pytest.CaptureFixture[str]) -> None:
    lines = lmi(capfd, "knowledge", "java.util.concurrent").out.splitlines()
    assert lines[0].split() == ["NAME", "LANGUAGE", "SAFETY", "ROLES"]
    assert len(lines) > 20
    assert all(line.startswith("java.util.concurrent.") for line in lines[1:])


def test_what_is_not_known(library: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = lmi(capfd, "knowledge", "acme.Laef", "--pack", library)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "nothing is known of acme.Laef (did you mean acme.Leaf" in err
    said = lmi(capfd, "knowledge", "HashMop", "--format", "json")
    assert said.code == 1
    assert "java.util.HashMap" in json.loads(said.out)["close"]


def test_ours_are_known_in_every_language() -> None:
    library = Library({family: join(family, [rules_root()]) for family in FAMILIES})
    names = ("HashMap", "pg.Pool", "pymysql.connect", "System.Random", "rm")
    told = {name: [library.tell(*found) for found in library.names(name)] for name in names}
    assert {name: found[0].language for name, found in told.items()} == {
        "HashMap": "java",
        "pg.Pool": "javascript",
        "pymysql.connect": "python",
        "System.Random": "csharp",
        "rm": "shell",
    }
    assert [(each.name, each.safety) for each in told["HashMap"]] == [("java.util.HashMap", "unsafe")]
    beliefs = [belief for found in told.values() for each in found for belief in (*each.beliefs, *each.calls)]
    assert all(belief.line and belief.source for belief in beliefs if belief.role or belief.table == "program")


# ------------------------------------------------------------------ which rules look at a role

PAGES = load_pages([rules_root()])
CHECKS = sorted((ROOT / "lmi_lint" / "checks").glob("*.py"))


def test_pages_name_the_roles_that_their_checks_ask_for() -> None:
    missing: dict[str, set[str]] = {}
    for path in CHECKS:
        words = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        texts = [node.value for node in words if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        roles = {part for text in texts for part in (text, *text.split())} & (CALL_ROLES | TYPE_ROLES) - AMBIGUOUS
        rules = [page for page in PAGES.values() if page.name == path.stem.replace("_", "-")]
        asked = {role for role in roles if "." in role or role in texts}
        for page in rules:
            missing[page.id] = {role for role in asked if not looks_at(page, role)}
    assert len(missing) > 25
    assert {rule: roles for rule, roles in missing.items() if roles} == {}, "add them to roles of the page"


def test_some_rule_looks_at_every_role() -> None:
    asked = {role for role in CALL_ROLES | TYPE_ROLES if any(looks_at(page, role) for page in PAGES.values())}
    assert asked | LINK_ONLY.keys() == CALL_ROLES | TYPE_ROLES, "add the role to a page, or say what it is for"
