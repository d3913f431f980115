"""Look-ups: lineage, conditions, globs, effects."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmi_lint.knowledge.callee import Effect
from lmi_lint.knowledge.load import load
from lmi_lint.knowledge.query import KnowledgeBase

TEXT = """
language = "java"
subject = "test"
[sources]
a = "https://a.example"

[[type]]
name = "a.Base"
safety = "unsafe"
why = "it is old"
instead = "a.Other"
role = "client"
adds = ["add*"]
reads = ["get"]
element = ["get"]

[[type]]
name = "a.Middle"
extends = ["a.Base", "a.Unlisted"]
atomic = ["swap"]

[[type]]
name = "a.Leaf"
safety = "safe"
why = "it is locked"
extends = ["a.Middle"]
iterates = ["walk"]



[[type]]
name = "b.*Client"

[[type]]
name = "b.*MockClient"
reads = ["x"]

[[call]]
name = "a.Base.run"
pure = true

[[call]]
name = "a.Base.run"
when = "(?i)^begin"
role = "transaction.begin"

[[call]]
name = "a.Base.run"
when_args = 3
unique = "call"

[[call]]
name = "a.Unlisted.hello"
unique = "thread"

[[call]]
name = "a.open"

[[call]]
name = "a.open"
when = "^w"
when_arg = 1
role = "file.write"

[[call]]
name = "a.open"
when = "^false$"
when_name = "close"
role = "file.temp"

[[call]]
name = "a.Base.*"
calls = "after"

[[call]]
name = "b.*Client.*"
calls = "now"

[[call]]
name = "b.*ClientBuilder.build"
returns_type = "b.*Client"

[[lock]]
type = "a.Base"
acquire = ["take"]
"""


@pytest.fixture
def base(tmp_path: Path) -> KnowledgeBase:
    folder = tmp_path / "knowledge" / "java"
    folder.mkdir(parents=True)
    (folder / "a.toml").write_text(TEXT, encoding="utf-8")
    return KnowledgeBase(load("java", [tmp_path]))


def test_lineage(base: KnowledgeBase) -> None:
    assert [entry.name for entry in base.lineage("a.Leaf")] == ["a.Leaf", "a.Middle", "a.Base"]
    assert base.lineage_names("a.Leaf") == ("a.Leaf", "a.Middle", "a.Base", "a.Unlisted")
    assert base.lineage("a.Nobody") == ()
    assert base.lineage_names("a.Nobody") == ("a.Nobody",)
    assert base.is_subtype("a.Leaf", "a.Unlisted")
    assert not base.is_subtype("a.Base", "a.Leaf")


def test_nearest_claim_wins(base: KnowledgeBase) -> None:
    leaf, middle = base.safety_of("a.Leaf"), base.safety_of("a.Middle")
    assert (leaf.safety, leaf.reasons, leaf.instead) == ("safe", ("it is locked",), "")
    assert (middle.safety, middle.reasons, middle.instead) == ("unsafe", ("it is old",), "a.Other")
    assert middle.source == "https://a.example"
    assert base.safety_of("a.Unlisted").safety == "unknown"
    assert base.role_of("a.Leaf") == "client"


def test_method_effects_add_up(base: KnowledgeBase) -> None:
    assert base.method_effect("a.Leaf", "addAll") == Effect(mutates=True, adds=True)
    assert base.method_effect("a.Leaf", "swap") == Effect(mutates=True, atomic=True)
    assert base.method_effect("a.Leaf", "walk") == Effect(reads=True, iterates=True)
    assert base.method_effect("a.Leaf", "get") == Effect(reads=True, element=True)
    assert base.method_effect("a.Leaf", "getAll") is None


def test_call_conditions(base: KnowledgeBase) -> None:
    def run(count: int, text: str | None) -> tuple[str, str, bool]:
        entry = base.call_entry("a.Leaf.run", count, text)
        assert entry is not None
        return entry.role, entry.unique, entry.pure

    assert run(1, "Begin work") == ("transaction.begin", "", False)
    assert run(1, "select") == ("", "", True)
    assert run(1, None) == ("", "", True)
    assert run(3, None) == ("", "call", False)


def test_call_condition_on_another_argument(base: KnowledgeBase) -> None:
    writes = base.call_entry("a.open", 2, "/tmp/x", texts=("/tmp/x", "w"))
    reads = base.call_entry("a.open", 2, "/tmp/x", texts=("/tmp/x", "r"))
    unknown = base.call_entry("a.open", 2, "/tmp/x")
    assert writes is not None
    assert writes.role == "file.write"
    assert reads is not None
    assert reads.role == ""
    assert unknown is not None
    assert unknown.role == ""


def test_call_through_lineage(base: KnowledgeBase) -> None:
    own = base.call_entry("a.Leaf.hello", 0, None)
    assert own is not None
    assert own.unique == "thread"
    given = base.call_entry("my.Class.hello", 0, None, base.lineage_names("a.Leaf"))
    assert given is own
    glob = base.call_entry("my.Class.other", 0, None, base.lineage("a.Leaf"))
    assert glob is not None
    assert glob.calls == "after"
    assert base.call_entry("my.Class.hello", 0, None) is None
    assert base.call_entry("hello", 0, None) is None


def test_globs(base: KnowledgeBase) -> None:
    entry = base.type_entry("b.FooClient")
    assert entry is not None
    assert entry.name == "b.*Client"
    entry = base.type_entry("b.FooMockClient")
    assert entry is not None
    assert entry.name == "b.*MockClient"
    assert base.type_entry("b.c.FooClient") is None
    call = base.call_entry("b.FooClient.send", 1, None)
    assert call is not None
    assert call.calls == "now"
    call = base.call_entry("b.FooClientBuilder.build", 0, None)
    assert call is not None
    assert call.returns_type == "b.FooClient"


def test_lock_of_a_base(base: KnowledgeBase) -> None:
    lock = base.lock("a.Leaf")
    assert lock is not None
    assert lock.acquire == ("take",)
    assert base.lock("a.Unlisted") is None


def test_condition_on_a_named_argument(base: KnowledgeBase) -> None:
    named = base.call_entry("a.open", 2, "x", (), ("x", "false"), {"close": "false"})
    other = base.call_entry("a.open", 2, "x", (), ("x", "false"), {"closed": "false"})
    assert (named.role if named else None) == "file.temp"
    assert (other.role if other else None) == ""
