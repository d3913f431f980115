"""The value lattice: join, its caps, and the heap's cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmi_lint.facts import model as f
from lmi_lint.link import heap as h
from lmi_lint.link.context import Context
from lmi_lint.link.heap import CONSTANT, NONE, NULL, Gap, Heap, Kind, Obj, Phase, ReadId, Val, blend, join, join_all, of
from lmi_lint.link.limits import LIMITS
from lmi_lint.link.names import ModuleInfo
from lmi_lint.model.names import Language

OBJECTS = [Obj(serial, Kind.OBJECT, Phase.LOAD) for serial in range(LIMITS.refs + 6)]
BODY = f.FunctionFacts("", 0, 0, 0, 0, 0, None, None, (), (), f.Seq(()), (), (), ())
MODULE = ModuleInfo(f.ModuleFacts("a.js", Language.JAVASCRIPT, None, (), (), (), (BODY,), (), (), (), 0, 1))


def context(serial):
    return Context(serial, MODULE.functions[0], Phase.REQUEST, NONE, [], None, frozenset(), frozenset())


CONTEXTS = [context(serial) for serial in range(4)]
READS = [ReadId(each, event) for each in CONTEXTS for event in range(LIMITS.reads)]
ORIGINS = [(root, *rest) for root in ("event", "context") for rest in [(), *[(letter,) for letter in "abcdef"]]]
TEXTS = [(letter,) for letter in "abcdefg"] + [("/tmp/", Gap("request"))]


def some(pool, size):
    """Sets of at most ``size`` of a pool; one number each, because drawing element by element is slow."""
    several = st.integers(0, 2 ** len(pool) - 1)
    return several.map(lambda bits: frozenset([item for place, item in enumerate(pool) if bits >> place & 1][:size]))


@st.composite
def values(draw, refs=3, data=3, reads=3, texts=2):
    """Values as evaluation makes them: within the caps; the sizes say how many parts of each kind at most."""
    special = draw(st.sampled_from([None, None, None, NONE, CONSTANT, NULL]))
    if special is not None:
        return special
    some_refs = draw(some([(obj, shared) for obj in OBJECTS for shared in (True, False)], refs))
    some_data = h._cap_data(draw(some(ORIGINS, data)))
    some_reads = draw(some(READS, reads))
    some_texts = draw(some(TEXTS, texts))
    plain = not (some_refs or some_data or some_reads)
    return Val(some_refs, some_data, some_reads, some_texts, constant=plain and draw(st.booleans()))


BIG = values(refs=LIMITS.refs, data=12, reads=LIMITS.reads, texts=LIMITS.texts)


def no_more_certain(lower: Val, upper: Val) -> bool:
    """Whether ``upper`` allows for everything that ``lower`` does, as far as no cap was reached."""
    whole = {origin[0] for origin in upper.data if len(origin) == 1}
    return (
        lower.refs <= upper.refs
        and all(origin in upper.data or origin[0] in whole for origin in lower.data)
        and lower.reads <= upper.reads
        and (lower.texts <= upper.texts or not upper.texts)
        and (lower.texts or lower.null or not upper.texts)
        and (lower.constant or not upper.constant)
        and (lower.null or not upper.null)
    )


class TestJoin:
    @given(values(), values())
    def test_commutative(self, left, right) -> None:
        assert join(left, right) == join(right, left)

    @given(BIG, BIG)
    def test_commutative_at_the_caps(self, left, right) -> None:
        assert join(left, right) == join(right, left)

    @given(BIG)
    def test_idempotent(self, value) -> None:
        assert join(value, Val(value.refs, value.data, value.reads, value.texts, value.constant, value.null)) == value

    @given(values(), values())
    def test_monotone(self, left, right) -> None:
        both = join(left, right)
        assert left is NONE or no_more_certain(left, both)
        assert right is NONE or no_more_certain(right, both)

    @given(values(), values(), values())
    def test_a_larger_operand_makes_a_larger_join(self, value, lower, more) -> None:
        upper = join(lower, more)
        assert NONE in (value, lower) or no_more_certain(join(value, lower), join(value, upper))

    @given(values(), values())
    def test_absorbs_what_it_has(self, left, right) -> None:
        both = join(left, right)
        assert join(both, right) == both
        assert join(both, left) == both

    @given(st.lists(values(), min_size=1, max_size=6), st.randoms(use_true_random=False))
    def test_order_of_what_refers_and_flows_does_not_matter(self, several, random) -> None:
        shuffled = several.copy()
        random.shuffle(shuffled)
        first, second = join_all(several), join_all(shuffled)
        assert (first.refs, first.data, first.reads) == (second.refs, second.data, second.reads)

    @given(values())
    def test_nothing_adds_nothing(self, value) -> None:
        assert join(value, NONE) is value
        assert join(NONE, value) == value

    def test_texts_are_lost_where_a_branch_has_none(self) -> None:
        text = Val(texts=frozenset({("a",)}))
        assert join(text, of(OBJECTS[0])).texts == frozenset()
        assert join(of(OBJECTS[0]), text).texts == frozenset()
        assert join(text, Val(texts=frozenset({("b",)}))).texts == {("a",), ("b",)}

    def test_null_keeps_texts(self) -> None:
        text = Val(texts=frozenset({("a",)}), constant=True)
        assert join(text, NULL) == text == join(NULL, text)

    def test_constant_and_null_need_both(self) -> None:
        assert join(CONSTANT, NULL).constant
        assert not join(CONSTANT, NULL).null
        assert not join(CONSTANT, of(OBJECTS[0])).constant


class TestCaps:
    @given(st.lists(BIG, min_size=1, max_size=12))
    def test_growing_settles(self, several) -> None:
        """Joining the same values round and round changes nothing after the second round."""
        value = several[0]
        for each in several * 2:
            value = join(value, each)
        for each in several:
            assert join(value, each) == value

    @given(st.lists(BIG, min_size=1, max_size=12))
    def test_sizes(self, several) -> None:
        value = join_all([NULL, *several])
        assert len(value.refs) <= LIMITS.refs
        assert len(value.reads) <= LIMITS.reads
        assert len(value.texts) <= LIMITS.texts

    @given(st.frozensets(st.sampled_from(ORIGINS)))
    def test_a_whole_takes_in_its_parts(self, data) -> None:
        capped = h._cap_data(data)
        whole = {origin[0] for origin in capped if len(origin) == 1}
        assert all(origin in capped or origin[0] in whole for origin in data)
        assert not any(len(origin) > 1 and origin[0] in whole for origin in capped)
        assert h._cap_data(capped) == capped

    def test_too_many_parts_of_the_event_are_the_event(self) -> None:
        parts = frozenset(("event", str(number)) for number in range(LIMITS.origins))
        assert h._cap_data(parts) == parts
        assert h._cap_data(parts | {("event", "one more")}) == {("event",)}

    def test_the_oldest_objects_stay(self) -> None:
        value = join_all([of(obj) for obj in reversed(OBJECTS)])
        assert value.objects() == OBJECTS[: LIMITS.refs]


def test_blend_drops_objects_and_texts() -> None:
    first = Val(of(OBJECTS[0]).refs, frozenset({("event", "a")}), texts=frozenset({("x",)}))
    second = Val(reads=frozenset({READS[0]}))
    assert blend([first, second]) == Val(data=first.data, reads=second.reads)
    assert blend([of(OBJECTS[0]), CONSTANT]) is NONE


class TestHeap:
    @pytest.fixture
    def heap(self) -> Heap:
        return Heap()

    def test_nothing_stored(self, heap) -> None:
        assert heap.load(OBJECTS[0], "a", None) is None
        assert heap.load_any(OBJECTS[0], None) is None

    def test_stores_add_up(self, heap) -> None:
        heap.store(OBJECTS[0], "a", of(OBJECTS[1]))
        heap.store(OBJECTS[0], "a", of(OBJECTS[2]))
        heap.store(OBJECTS[0], "b", of(OBJECTS[3]))
        assert heap.load(OBJECTS[0], "a", None).objects() == OBJECTS[1:3]
        assert heap.load_any(OBJECTS[0], None).objects() == OBJECTS[1:4]
        assert heap.load(OBJECTS[1], "a", None) is None

    def test_readers_of_what_changes_are_dirty(self, heap) -> None:
        reader, of_all, other = CONTEXTS[:3]
        heap.load(OBJECTS[0], "a", reader)
        heap.load_any(OBJECTS[0], of_all)
        heap.load(OBJECTS[0], "b", other)
        heap.store(OBJECTS[0], "a", of(OBJECTS[1]))
        assert set(heap.dirty) == {reader, of_all}

    def test_no_change_dirties_nobody(self, heap) -> None:
        heap.store(OBJECTS[0], "a", of(OBJECTS[1]))
        heap.load(OBJECTS[0], "a", CONTEXTS[0])
        heap.store(OBJECTS[0], "a", of(OBJECTS[1]))
        assert heap.dirty == []

    def test_environment_objects_keep_no_reads(self, heap) -> None:
        value = Val(of(OBJECTS[1]).refs, reads=frozenset({READS[0]}))
        mine = Obj(99, Kind.OBJECT, Phase.REQUEST)
        heap.store(OBJECTS[0], "a", value)
        heap.store(mine, "a", value)
        assert heap.load(OBJECTS[0], "a", None).reads == frozenset()
        assert heap.load(mine, "a", None).reads == {READS[0]}

    def test_home_is_the_first_place(self, heap) -> None:
        holder, held = Obj(0, Kind.OBJECT, Phase.LOAD), Obj(1, Kind.OBJECT, Phase.LOAD)
        heap.store(holder, "a", of(held))
        heap.store(holder, "b", of(held))
        assert held.home == (holder, "a")

    def test_an_object_is_not_its_own_home(self, heap) -> None:
        obj = Obj(0, Kind.OBJECT, Phase.LOAD)
        heap.store(obj, "self", of(obj))
        assert obj.home is None


def test_shared() -> None:
    mine = Obj(0, Kind.OBJECT, Phase.REQUEST)
    assert h.is_shared((OBJECTS[0], False))
    assert h.is_shared((mine, True))
    assert not h.is_shared((mine, False))


class TestNames:
    def test_of_a_cell(self) -> None:
        frame = Obj(0, Kind.FRAME, Phase.LOAD)
        cache = Obj(1, Kind.OBJECT, Phase.LOAD, type_name="Object")
        assert h.describe(frame, "cache") == "cache"
        cache.home = (frame, "cache")
        assert h.describe(cache, "user") == "cache.user"
        assert h.describe(cache, f.ELEMENT) == "cache[…]"

    def test_a_ring_of_homes_ends(self) -> None:
        one, two = Obj(0, Kind.OBJECT, Phase.LOAD), Obj(1, Kind.OBJECT, Phase.LOAD)
        one.home, two.home = (two, "a"), (one, "b")
        assert len(h.describe(one, "x")) < 40
