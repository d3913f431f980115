"""The marker grammar and the comparison that every fixture rests on."""

from __future__ import annotations

import pytest

from lmi_lint.catalog.markers import find_markers, strip_markers
from tests.harness import Found, compare


def lines_of(text):
    return [(marker.line, marker.kind, marker.rule, marker.text) for marker in find_markers("a.js", text)]


def test_trailing_and_own_line() -> None:
    text = 'a // expect: LMI101 "a b"\n# todo: LMI102\n// ok: LMI103\nb\nc # todo-ok: LMI104\n'
    assert lines_of(text) == [
        (1, "expect", "LMI101", "a b"),
        (4, "todo", "LMI102", ""),
        (4, "ok", "LMI103", ""),
        (5, "todo-ok", "LMI104", ""),
    ]


def test_several_on_a_line() -> None:
    assert lines_of('a // expect: LMI101 "x", expect: LMI102\n') == [
        (1, "expect", "LMI101", "x"),
        (1, "expect", "LMI102", ""),
    ]


@pytest.mark.parametrize(
    "text",
    ["a // expect LMI101", "a // expected: LMI101", "a # todo_ok: LMI101", "a // ok: LMI1", "// expect: LMI101"],
    ids=["no colon", "other word", "underscore", "no whole id", "nothing after it"],
)
def test_what_is_nearly_a_marker_is_an_error(text) -> None:
    with pytest.raises(ValueError, match=r"a\.js"):
        find_markers("a.js", text)


def test_strip() -> None:
    assert (
        strip_markers('a; // expect: LMI101 "x"\n// ok: LMI102\nb; // ok: LMI101 because\n') == "a;\nb;  // because\n"
    )


@pytest.mark.parametrize(
    ("text", "findings", "agrees"),
    [
        ('a // expect: LMI101 "x"', [(1, "LMI101", "has x in it")], True),
        ('a // expect: LMI101 "x"', [(1, "LMI101", "has y in it")], False),
        ('a // expect: LMI101 "x"', [(1, "LMI102", "has x in it")], False),
        ('a // expect: LMI101 "x"', [], False),
        ('a // expect: LMI101 "x"', [(2, "LMI101", "x")], False),
        ('a // expect: LMI101 "x"', [(1, "LMI101", "x"), (1, "LMI101", "x")], False),
        ('a // expect: LMI101, expect: LMI101 "x"', [(1, "LMI101", "x"), (1, "LMI101", "y")], True),
        ("a // ok: LMI101", [], True),
        ("a // ok: LMI101", [(1, "LMI101", "x")], False),
        ("a // todo: LMI101", [], True),
        ("a // todo: LMI101", [(1, "LMI101", "x")], False),
        ("a // todo-ok: LMI101", [(1, "LMI101", "x")], True),
        ("a // todo-ok: LMI101", [], False),
        ("a", [(1, "LMI101", "x")], False),
        ("a", [], True),
    ],
)
def test_compare(text, findings, agrees) -> None:
    found = [Found("a.js", *finding) for finding in findings]
    difference = compare(find_markers("a.js", text + "\n"), found)
    assert (difference == "") is agrees
    if not agrees:
        assert difference.startswith("--- markers\n+++ findings\n")
