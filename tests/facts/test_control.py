"""Guards, flow, joins and loops."""

from __future__ import annotations

import pytest

from lmi_lint.facts.model import Call


def test_condition_guards_its_arms(view):
    v = view("function f(a) { if (a.x) { g(); } else { h(); } k(); }")
    assert v.events("f") == [
        "load p0.x",
        "discarded call g() if 0",
        "discarded call h() if 0",
        "discarded call k()",
    ]
    assert v.flow("f") == "0 (1|2) 3"


def test_early_return_guards_the_rest(view):
    v = view("let c; async function f() { if (c) return c; c = await g(); return c; }")
    assert v.events("f") == [
        "load f0:c",
        "load f0:c if 0",
        "awaited call g() if 0",
        "suspend (await) 2 if 0",
        "store f0:c = 2 if 0",
        "load f0:c if 0",
    ]
    assert v.flow("f") == "0 (1 return|) 2 3 4 5 return"


def test_nested_early_return_guards_by_both_tests(view):
    v = view("function f(a, b) { if (a) { if (b) return 1; g(); } h(); }")
    assert v.events("f") == ["discarded call g() if p1,p0", "discarded call h() if p1,p0"]


def test_break_guards_the_rest_of_the_loop_only(view):
    v = view("function f(xs) { for (const x of xs) { if (x.a) continue; g(x); } h(); }")
    assert v.events("f") == ["element of p0", "load 0.a", "discarded call g(0) if 1", "discarded call h()"]
    assert v.flow("f") == "{0 1 (jump|) 2}n* 3"


@pytest.mark.parametrize(
    ("body", "flow"),
    [
        ("while (true) g();", "{0}*"),
        ("while (ready()) g();", "{0 1}*"),
        ("for (let i = 0; i < 3; i++) g();", "{0}n*"),
        ("let left = 3; while (left--) g();", "{0}n*"),
        ("let n = 0; do { g(); n += 1; } while (n < 3);", "{0}n+"),
        ("let n = 0; for (;;) { g(); n = n + 1; if (n > 3) break; }", "{0 (jump|)}n*"),
        ("let n = 0; for (;;) { g(); n += 1; if (n > 3) log(n); }", "{0 (1|)}*"),  # only told, not tested
        ("let wait = 1; for (;;) { g(wait); wait *= 2; if (wait > 64) throw wait; }", "{0 (raise|)}n*"),
        ("let n = 0; for (;;) { g(); const next = n + 5; if (a.size > next) n += 5; else break; }", None),
        ("let n = 0; let s = 1; while (s) { g(); if (n > 3) s = 0; else n++; }", None),
        ("let n = 0; let s = 1; while (s) { s = g(); if (n > 3) a.late = 1; n++; }", "{0 (1|)}*"),
        ("for (;;) { g(); if (a.tries > 3) return; a.tries += 1; }", None),
    ],
)
def test_counted_loops(view, body, flow):
    shown = view(f"function f(a) {{ {body} }}").flow("f")
    assert shown == flow if flow is not None else "}n*" in shown


def test_labelled_jump_guards_the_rest_of_the_labelled_loop(view):
    v = view("function f(a) { out: for (;;) { for (;;) { if (a) continue out; break; } g(); } h(); }")
    assert v.events("f") == ["discarded call g() if p0", "discarded call h()"]


def test_caught_raise_does_not_guard_what_follows(view):
    v = view("function f(a) { try { if (a) throw a; g(); } catch (e) { h(e); } finally { k(); } m(); }")
    assert v.events("f") == [
        "discarded call g() if p0",
        "discarded call h(?)",
        "discarded call k()",
        "discarded call m()",
    ]
    assert v.flow("f") == "try((raise|) 0;1;2) 3"


def test_uncaught_raise_guards(view):
    v = view("function f(a) { if (!a) { throw new Error('x'); } g(); }")
    assert v.events("f")[-1] == "discarded call g() if p0"


def test_short_circuit_guards(view):
    v = view("function f(a) { a && g(); return a || h(); }")
    assert v.events("f") == ["discarded call g() if p0", "call h() if p0"]
    assert v.returns("f") == ["p0,1"]


def test_loop_test_guards_the_body_and_not_what_follows(view):
    v = view("function f(a) { while (a.more()) { g(); } h(); do { k(); } while (a.x); }")
    assert v.events("f") == [
        "call p0.more()",
        "discarded call g() if 0",
        "discarded call h()",
        "discarded call k()",
        "load p0.x",
    ]
    assert v.flow("f") == "{0 1}* 2 {3 4}+"


def test_switch_is_a_flat_choice_and_breaks_end_with_it(view):
    v = view(
        """
        function f(k, z) {
          switch (k) {
            case 1: if (z) break; a(); break;
            case 2: b(); break;
            default: c();
          }
          d();
        }
        """
    )
    assert v.events("f") == [
        "discarded call a() if p1,p0",
        "discarded call b() if p0",
        "discarded call c() if p0",
        "discarded call d()",
    ]
    assert v.flow("f") == "((jump|) 0|1|2) 3"


def test_joins_unite_sources(view):
    v = view("function f(a, b) { let x = a; if (b) { x = g(); } return x; }")
    assert v.returns("f") == ["p0,0"]


def test_an_arm_that_leaves_does_not_join(view):
    v = view("function f(a, b) { let x = a; if (b) { x = g(); return 1; } return x; }")
    assert v.returns("f") == ["1", "p0"]


def test_join_of_equal_constants_stays_constant(view):
    v = view("function f(b) { let x; if (b) { x = 1; } else { x = 1; } return x; }")
    assert v.returns("f") == ["1"]


def test_loops_carry_what_their_turns_assign(view):
    v = view(
        "function f(xs) { let last = null, n = 0; for (const x of xs) { use(last, n); last = x; n += x.v; } return n; }"
    )
    call = next(event for event in v.function("f").events if isinstance(event, Call))
    assert [argument.value.made_from for argument in call.args] == [(0,), (2,)]
    assert [argument.value.constant for argument in call.args] == [False, False]
    assert v.returns("f") == ['<2> "{2}{2}"|"{}"']


def test_chains_through_several_turns_converge(view):
    v = view("function f(o) { let a, b, c; for (const x of o) { use(a); a = b; b = c; c = x.g(); } }")
    assert v.argument("f", "use").sources == (2,)


def test_nested_loops_emit_their_events_once(view):
    v = view("function f(o) { let a; for (;;) { for (;;) { for (;;) { for (;;) { for (;;) { a = g(a); } } } } } }")
    assert v.events("f") == ["call g(0)"]


def test_returns_in_repeated_bodies_count_once(view):
    v = view("function f(o) { let a; for (const x of o) { if (x) return a; a = x.y(); } }")
    assert v.returns("f") == ["1"]


def test_an_exit_in_one_arm_does_not_guard_the_other(view):
    v = view("function f(a, b, c) { if (a) { if (b) return 1; } else { if (c) { g(); } h(); } k(); }")
    assert v.events("f") == [
        "discarded call g() if p2,p0",
        "discarded call h() if p0",
        "discarded call k() if p1,p0",
    ]


def test_discarded_reaches_into_short_circuits_only(view):
    v = view("function f(a) { a && g(); a ? h(k()) : m(); void n(); return o(); }")
    assert v.events("f") == [
        "discarded call g() if p0",
        "call k() if p0",
        "discarded call h(1) if p0",
        "discarded call m() if p0",
        "discarded call n()",
        "call o()",
    ]
