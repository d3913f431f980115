"""Texts with gaps."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmi_lint.facts.model import Hole
from lmi_lint.link import texts
from lmi_lint.link.heap import CONSTANT, NONE, NULL, Gap, Val
from lmi_lint.link.limits import LIMITS

CALL = Gap("unique", "call")
FROM_EVENT = Val(data=frozenset({("event", "id")}))


def text(*several):
    """A value that is one of some texts, each a string or a tuple of parts."""
    return Val(texts=frozenset(each if isinstance(each, tuple) else (each,) for each in several))


class TestTextsOf:
    def test_known(self) -> None:
        assert texts.texts_of(text("a", "b")) == {("a",), ("b",)}

    def test_data_of_the_invocation(self) -> None:
        assert texts.texts_of(FROM_EVENT) == {(texts.REQUEST,)}

    def test_known_text_outranks_its_data(self) -> None:
        assert texts.texts_of(Val(data=FROM_EVENT.data, texts=frozenset({("x", CALL)}))) == {("x", CALL)}

    @pytest.mark.parametrize("value", [NONE, NULL, CONSTANT])
    def test_nothing_known(self, value) -> None:
        assert texts.texts_of(value) == {(texts.UNKNOWN,)}


def alternatives(*several):
    """A part of a text: one of these texts."""
    return frozenset(each if isinstance(each, tuple) else (each,) for each in several)


class TestConcat:
    def test_neighbours_become_one(self) -> None:
        parts = [alternatives("/tmp"), alternatives("/a"), alternatives((CALL, ".txt"))]
        assert texts.concat(parts) == {("/tmp/a", CALL, ".txt")}

    def test_all_combinations(self) -> None:
        found = texts.concat([alternatives("a", "b"), alternatives("1", "2")])
        assert found == {("a1",), ("a2",), ("b1",), ("b2",)}

    def test_nothing_makes_the_empty_text(self) -> None:
        assert texts.concat([]) == {()}

    def test_a_part_without_alternatives_leaves_none(self) -> None:
        assert texts.concat([alternatives("a"), alternatives()]) == frozenset()

    def test_too_many_is_unknown(self) -> None:
        two = alternatives("a", "b")
        assert len(texts.concat([two, two])) == 4
        assert texts.concat([two, two, two]) == frozenset()
        assert texts.concat([two] * 40) == frozenset()

    def test_equal_combinations_count_once(self) -> None:
        assert texts.concat([alternatives("a", "aa")] * 2) == {("aa",), ("aaa",), ("aaaa",)}

    @given(st.lists(st.one_of(st.text(max_size=3), st.just(CALL)), max_size=12))
    def test_squeeze_keeps_what_is_said(self, parts) -> None:
        squeezed = texts.squeeze(tuple(parts))
        assert texts.show(squeezed) == texts.show(tuple(parts))
        assert "" not in squeezed
        assert not any(isinstance(a, str) and isinstance(b, str) for a, b in pairwise(squeezed))

    def test_length_is_bounded(self) -> None:
        assert len(texts.squeeze(("a", CALL) * 100)) == LIMITS.parts
        longest = "a" * LIMITS.chars
        assert texts.concat([alternatives(longest)]) == {(longest,)}
        assert texts.concat([alternatives(longest), alternatives("b")]) == frozenset()


class TestFold:
    def fold(self, *patterns, **values):
        sources = {1: NONE, **{int(name[1:]): value for name, value in values.items()}}
        return texts.fold(patterns, sources.__getitem__)

    def test_literal(self) -> None:
        assert self.fold(("a",), ("b",)) == {("a",), ("b",)}

    def test_hole_of_a_source(self) -> None:
        assert self.fold(("/tmp/", Hole((1,)), ".json"), s1=FROM_EVENT) == {("/tmp/", texts.REQUEST, ".json")}
        assert self.fold(("/tmp/", Hole((1,))), s1=text("a", "b")) == {("/tmp/a",), ("/tmp/b",)}

    def test_hole_of_several_sources(self) -> None:
        assert self.fold((Hole((1, 2)),), s1=text("a"), s2=FROM_EVENT) == {("a",), (texts.REQUEST,)}

    def test_hole_without_source(self) -> None:
        assert self.fold(("a", Hole(()))) == {("a", texts.UNKNOWN)}

    def test_too_many(self) -> None:
        assert self.fold(*[(letter,) for letter in "abcd"]) != frozenset()
        assert self.fold(*[(letter,) for letter in "abcde"]) == frozenset()


class TestJoined:
    @pytest.mark.parametrize(
        ("parts", "expected"),
        [
            (["/tmp", "a"], ("/tmp/a",)),
            (["/tmp/", "/a"], ("/tmp/a",)),
            (["a"], ("a",)),
            (["/tmp", "a", "b.txt"], ("/tmp/a/b.txt",)),
        ],
    )
    def test_literals(self, parts, expected) -> None:
        assert texts.joined([text(part) for part in parts]) == {expected}

    def test_gap(self) -> None:
        assert texts.joined([text("/tmp"), FROM_EVENT]) == {("/tmp/", texts.REQUEST)}

    def test_nothing(self) -> None:
        assert texts.joined([]) == frozenset()

    def test_separator(self) -> None:
        assert texts.joined([text("a"), text("b")], ".") == {("a.b",)}


class TestFormatted:
    @pytest.mark.parametrize(
        ("template", "expected"),
        [
            ("/tmp/%s.json", ("/tmp/x.json",)),
            ("/tmp/%s-%s", ("/tmp/x-y",)),
            ("{1}-{0}", ("y-x",)),
            ("{}-{}", ("x-y",)),
            ("100%%", ("100%",)),
            ("%n", ("\n",)),
            ("a%5.2fb", ("axb",)),
            ("plain", ("plain",)),
            ("%s%s%s", ("xy", texts.UNKNOWN)),
        ],
    )
    def test_places(self, template, expected) -> None:
        assert texts.formatted(text(template), [text("x"), text("y")]) == {expected}

    def test_line_end_takes_no_argument(self) -> None:
        assert texts.formatted(text("%n%s"), [text("x")]) == {("\nx",)}

    def test_argument_of_the_invocation(self) -> None:
        assert texts.formatted(text("/tmp/%s"), [FROM_EVENT]) == {("/tmp/", texts.REQUEST)}

    def test_unknown_template(self) -> None:
        assert texts.formatted(NONE, [text("x")]) == frozenset()
        assert texts.formatted(text(("a", CALL)), [text("x")]) == frozenset()


class TestLiteral:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (text("a"), "a"),
            (text(()), ""),
            (text("a", "b"), None),
            (text(("a", CALL)), None),
            (NONE, None),
        ],
    )
    def test_literal(self, value, expected) -> None:
        assert texts.literal(value) == expected

    def test_show(self) -> None:
        assert texts.show(("/tmp/", CALL, ".txt")) == "/tmp/….txt"


BASE, REQUEST, UNKNOWN, SETTING = texts.BASE, texts.REQUEST, texts.UNKNOWN, texts.SETTING
SECOND = Gap("unique", "second")
LOADED = Gap("unique", "environment")


@pytest.mark.parametrize(
    ("whole", "last"),
    [
        (("/tmp/a.txt",), ("a.txt",)),
        (("a.txt",), ("a.txt",)),
        (("/tmp/", REQUEST), (BASE,)),
        (("/tmp/", REQUEST, ".txt"), (BASE, ".txt")),
        ((REQUEST, "/a.txt"), ("a.txt",)),
        (("/tmp/", CALL, ".txt"), (CALL, ".txt")),
    ],
)
def test_last_part(whole, last) -> None:
    assert texts.last_part(text(whole)) == {last}


def test_last_part_of_data_and_of_nothing() -> None:
    assert texts.last_part(FROM_EVENT) == {(BASE,)}
    assert texts.last_part(NONE) == frozenset()


@pytest.mark.parametrize(
    ("whole", "folder"),
    [
        (("/tmp/a/b.txt",), ("/tmp/a",)),
        (("/a",), ("/",)),
        (("/tmp/", CALL, "/a.txt"), ("/tmp/", CALL)),
        (("/tmp/", BASE, ".txt"), ("/tmp",)),
        (("/tmp/a/", CALL), ("/tmp/a",)),
        (("/tmp/", REQUEST), (UNKNOWN,)),
        (("a.txt",), (UNKNOWN,)),
    ],
)
def test_directory(whole, folder) -> None:
    assert texts.directory(text(whole)) == {folder}


@pytest.mark.parametrize(
    ("whole", "end", "suffix", "renamed"),
    [
        (("/tmp/a.mp4",), ".gif", True, ("/tmp/a.gif",)),
        (("/tmp/a.b/c",), ".gif", True, ("/tmp/a.b/c.gif",)),
        (("/tmp/.rc",), ".gif", True, ("/tmp/.rc.gif",)),
        (("/tmp/", CALL), ".gif", True, ("/tmp/", CALL, ".gif")),
        (("/tmp/", CALL, ".mp4"), ".gif", True, ("/tmp/", CALL, ".gif")),
        (("/tmp/a.mp4",), "b.txt", False, ("/tmp/b.txt",)),
    ],
)
def test_renamed(whole, end, suffix, renamed) -> None:
    assert texts.renamed(text(whole), text(end), suffix=suffix) == {renamed}


@pytest.mark.parametrize(("cut", "piece"), [("/", BASE), ("\\", BASE), ("-", None), (".", None)])
def test_a_piece_of_data_is_a_base_only_between_slashes(cut, piece) -> None:
    assert texts.piece(FROM_EVENT, [text(cut)]) == ({(piece,)} if piece else frozenset())


@pytest.mark.parametrize(
    ("values", "made"),
    [
        ([text("a"), text("b")], frozenset()),
        ([FROM_EVENT], frozenset()),
        ([text((SECOND,)), text("a")], {(SECOND,)}),
        ([text((SECOND,)), FROM_EVENT], {(REQUEST,)}),
        ([text((BASE,)), text((SECOND,))], {(BASE,)}),
        ([text((LOADED,)), text((SETTING,))], {(LOADED,)}),
        ([text((SETTING,))], {(SETTING,)}),
        ([text((CALL,)), FROM_EVENT], {(UNKNOWN,)}),
        ([text((SECOND, UNKNOWN))], {(UNKNOWN,)}),
    ],
)
def test_what_is_computed_varies_as_its_parts_do(values, made) -> None:
    assert texts.computed(values) == made


class TestSettings:
    def test_one_text_beside_a_setting_is_its_default(self) -> None:
        found = texts.fold(((Hole((1,)),), ("/tmp",)), {1: text((SETTING,))}.__getitem__)
        assert found == {(Gap("setting", "/tmp"),)}

    def test_defaults_read_as_text(self) -> None:
        value = text((Gap("setting", "/tmp"), "/a"))
        assert texts.literal(value) == "/tmp/a"
        assert texts.show(next(iter(value.texts))) == "/tmp/a"
        assert texts.show(("/tmp/", SETTING)) == "/tmp/…"

    def test_without_default_nothing_is_certain(self) -> None:
        assert texts.literal(text((SETTING,))) is None


def test_a_sum_of_numbers_is_no_text() -> None:
    values = {1: NONE, 2: FROM_EVENT}
    assert texts.fold(((Hole((1,)), Hole((2,))),), values.__getitem__) == frozenset()


def test_names_added_are_text() -> None:
    values = {1: text("/tmp/"), 2: FROM_EVENT}
    assert texts.fold(((Hole((1,)), Hole((2,))),), values.__getitem__) == {("/tmp/", REQUEST)}
