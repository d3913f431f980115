"""JavaScript source → facts: scopes, calls, classes, modules."""

from __future__ import annotations

from lmi_lint.facts.model import Hole, param


def test_module_variables_live_in_the_frame_of_the_module(view):
    v = view("let n = 0; const c = {}; function f() { n = n + 1; return c; }")
    assert v.events("") == ["closure f1", "declare f0:f = 0", "declare f0:n = 0", "make object {}", "declare f0:c = 3"]
    assert v.events("f") == ["load f0:n", "store f0:n = <0>", "load f0:c"]
    assert v.returns("f") == ["2"]
    assert [(x.name, x.mutable) for x in v.module.variables] == [("n", True), ("c", False)]


def test_uncaptured_locals_leave_no_events(view):
    v = view("function f(p) { let a = p; const b = a; return b; }")
    assert v.events("f") == []
    assert v.returns("f") == ["p0"]


def test_captured_local_is_stored_and_final_reads_use_its_value(view):
    v = view("function f() { const a = mk(); use(a); return () => a; }")
    assert v.events("f") == ["call mk()", "declare f1:a = 0", "discarded call use(0)", "closure f2"]


def test_captured_local_that_changes_is_read_from_its_frame(view):
    v = view("function f() { let a = 1; const g = function () { a = 2; }; g(); return a; }")
    assert v.events("f")[-1] == "load f1:a"
    assert v.events("g") == ["store f1:a = 2"]


def test_captured_parameter_is_declared_at_entry(view):
    v = view("function f(p) { return () => p.id; }")
    assert v.events("f") == ["declare f1:p = p0", "closure f2"]


def test_block_scoped_namesakes_are_told_apart(view):
    v = view("function f() { { let a = 1; g(() => a); } { let a = 2; g(() => a); } }")
    stores = [e for e in v.events("f") if e.startswith("declare")]
    assert stores == ["declare f1:a = 1", "declare f1:a#2 = 2"]


def test_let_shadows_only_inside_its_block_and_var_reaches_the_function(view):
    v = view("let a; function f(x) { if (x) { let a = 1; a = 2; var b = x; } a = 3; return b; }")
    assert v.events("f") == ["store f0:a = 3"]
    assert v.returns("f") == ["p0"]


def test_undeclared_names_are_free(view):
    v = view("function f(x) { leaked = x; return other; }")
    assert v.events("f") == ["store leaked = p0", "load other"]


def test_imported_names_are_free_and_required_ones_are_variables(view):
    v = view(
        "import { a } from 'm'; const fs = require('fs'); export function f() { a(); a.b(); fs.readFileSync('x'); }"
    )
    assert v.events("f") == [
        "discarded call a()",
        "load a",
        "discarded call 1.b()",
        "load f0:fs",
        'discarded call 3.readFileSync("x")',
    ]
    assert 'call require("fs")' in v.events("")


def test_function_declarations_are_hoisted(view):
    v = view("function f() { g(); function g() {} }")
    assert v.events("f") == ["closure f2", "discarded call (0)()"]


def test_call_shapes(view):
    v = view("function f(a, b) { g(1); a.m(); a['n'](); a[b](); (b ? a : g)(); new a.K(); new K(); a(...b); }")
    assert v.events("f") == [
        "discarded call g(1)",
        "discarded call p0.m()",
        "discarded call p0.n()",
        "load p0.[] at p1",
        "discarded call (3)()",
        "load g if p1",
        "discarded call (p0,5)()",
        "discarded new p0.K()",
        "discarded new K()",
        "discarded call (p0)(...p1)",
    ]


def test_classes(view):
    v = view(
        """
        class A extends B {
          static s = 1;
          n = 2;
          constructor() { super(3); this.m(); }
          m() { super.m(); return A.s; }
        }
        """
    )
    assert v.events("") == ["load B", "class c0 extends 0", "declare f0:A = 1"]
    assert v.events("constructor") == ["discarded call super(3)", "discarded call this.m()"]
    assert v.events("m") == ["discarded call super.m()", "load f0:A", "load 1.s"]


def test_named_function_expression_knows_itself_but_a_method_does_not(view):
    v = view("const f = function g(n) { return g(n); }; const o = { h(n) { return h(n); } };")
    assert v.events("g") == ["load f0:g", "call (0)(p0)"]
    assert "declare f0:g = 0" in v.events("")
    assert v.events("h") == ["call h(p0)"]


def test_arguments(view):
    v = view("function f(a) { return g.apply(this, arguments); } const h = () => arguments;")
    assert v.events("f") == [
        "load p1.0",
        "load p1.1",
        "make sequence {0: p0, 1: 0, 2: 1}",
        "load g",
        "call 3.apply(this, 2)",
    ]
    assert v.events("h") == ["load arguments"]
    v = view("function f() { return g.apply(this, arguments); }")
    assert v.events("f") == ["load g", "call 0.apply(this, p0)"]


def test_destructuring(view):
    v = view("function f(e) { const { a, b: { c = d() }, ...rest } = e; const [x] = a; return [a, c, rest, x]; }")
    assert v.events("f") == [
        "load p0.a",
        "load p0.b",
        "load 1.c",
        "call d() if 2",
        "make object {...[]: p0}",
        "element 0 of 0",
        "make sequence {[]: 0, []: 2,3, []: 4, []: 5}",
    ]
    assert v.flow("f") == "0 1 2 (3|) 4 5 6 return"


def test_parameter_default_and_destructured_parameter(view):
    v = view("function f({ id }, n = mk()) { return [id, n]; }")
    assert v.events("f") == ["call mk() if p1", "load p0.id", "make sequence {[]: 1, []: p1,0}"]


def test_await_gives_the_promise_itself_and_marks_the_call(view):
    v = view("async function f() { const x = await g(); h(); return x; }")
    assert v.events("f") == ["awaited call g()", "suspend (await) 0", "discarded call h()"]
    assert v.returns("f") == ["0"]


def test_update_reads_before_the_await(view):
    v = view("let n = 0; async function f() { n += await g(); n = (await g()) + n; }")
    assert v.events("f") == [
        "load f0:n",
        "awaited call g()",
        "suspend (await) 1",
        'store f0:n = <0,1> "{0}{1}" (update)',
        "awaited call g()",
        "suspend (await) 4",
        "load f0:n",
        'store f0:n = <4,6> "{4}{6}"',
    ]


def test_member_update_evaluates_its_base_once(view):
    v = view("function f() { g().n += 1; this.a[g()]++; }")
    assert v.events("f") == [
        "call g()",
        "load 0.n",
        "store 0.n = <1> (update)",
        "load this.a",
        "call g()",
        "load 3.[] at 4",
        "store 3.[] at 4 = <5> (update)",
    ]


def test_assign_if_absent(view):
    v = view("let c; async function f(o) { c ??= await g(); o.x ||= 1; }")
    assert v.events("f") == [
        "load f0:c",
        "awaited call g() if 0",
        "suspend (await) 1 if 0",
        "store f0:c = 1 (if absent) if 0",
        "load p0.x",
        "store p0.x = 1 (if absent) if 4",
    ]
    assert v.flow("f") == "0 (1 2 3|) 4 (5|)"


def test_generators(view):
    v = view("async function* a(s) { for await (const c of s) { yield c; } } function* b() { yield 1; }")
    assert v.events("a") == ["element of p0", "suspend (for await) ?", "suspend (yield) 0"]
    assert v.returns("a") == ["0"]
    assert v.returns("b") == ["1"]
    assert v.events("b") == []


def test_texts_fold_and_keep_holes(view):
    v = view("function f(id) { const d = '/tmp'; put(`${d}/${id}.json`); put2('/a' + '/b'); }")
    assert v.argument("f", "put").texts == (("/tmp/", Hole((param(0),)), ".json"),)
    folded = v.argument("f", "put2")
    assert folded.constant
    assert folded.const == "/a/b"


def test_texts_of_a_choice(view):
    v = view("function f(x) { put(x ? '/tmp/a' : '/tmp/b'); or(process.env.DIR || '/tmp'); }")
    assert v.argument("f", "put").texts == (("/tmp/a",), ("/tmp/b",))
    assert v.argument("f", "or").texts == ((Hole((3,)),), ("/tmp",))


def test_default_export_and_directives(view):
    v = view("// lmi: ignore\n// other\nexport default { a: 1 };")
    assert [comment.text for comment in v.module.comments] == ["lmi: ignore"]
    assert v.events("") == ["make object {a: 1}", "declare f0:$default = 0"]
