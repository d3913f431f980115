"""The JavaScript and TypeScript front-end, construct by construct."""

from __future__ import annotations

import random
from textwrap import dedent

import pytest

from lmi_lint.frontends.javascript import FRONTEND, grammar_of
from lmi_lint.frontends.treesitter import MAX_DEPTH, parse
from lmi_lint.ir import nodes as ir
from lmi_lint.ir.show import show, show_block, show_import, show_type
from lmi_lint.model.names import SUFFIXES
from lmi_lint.model.source import SourceFile, Span


def source_of(text: str, name: str = "a.ts") -> SourceFile:
    return SourceFile(name, dedent(text).encode(), language=SUFFIXES[name[name.rindex(".") :]])


def lower(text: str, name: str = "a.ts") -> ir.Module:
    return FRONTEND.lower(source_of(text, name))


def body(text: str, name: str = "a.ts", function: int = 0) -> list[str]:
    """The printed body of one function of a file that must lower without an Opaque or a flaw."""
    module = lower(text, name)
    assert module.opaque == 0, show(module)
    assert module.flaws == ()
    return [line[2:] for line in show_block(module.functions[function].body, 1)]


def heads(module: ir.Module) -> list[str]:
    return [line for line in show(module).splitlines() if line.startswith(("fn#", "class#", "  field"))]


def all_nodes(module: ir.Module) -> list[ir.Node]:
    found: list[ir.Node] = []
    for function in module.functions:
        found.extend(ir.walk(function))
    return found


# --------------------------------------------------------------------------- imports and exports


def test_es_imports_stand_in_the_import_list_only() -> None:
    module = lower("""
        import d, * as ns from "m"; import {a as b, default as c, type T} from "n";
        import type {X} from "y"; import "effect"; import r = require("rr");
    """)
    assert [show_import(item) for item in module.imports] == [
        "import default as d from 'm' (value)",
        "import * as ns from 'm' (namespace)",
        "import a as b from 'n' (value)",
        "import default as c from 'n' (value)",
        "import T as T from 'n' (type only)",
        "import X as X from 'y' (type only)",
        "import * from 'effect' (effect)",
        "import * as r from 'rr' (namespace)",
    ]
    assert module.functions[0].body == ()


def test_require_stays_a_call_and_is_recorded() -> None:
    text = "const fs = require('fs'); const {a, b: c} = require('y'); require('z')(x); require(dynamic)"
    module = lower(text, "a.js")
    assert [show_import(item) for item in module.imports] == [
        "import * as fs from 'fs' (namespace dynamic)",
        "import a as a from 'y' (value dynamic)",
        "import b as c from 'y' (value dynamic)",
        "import * from 'z' (namespace dynamic)",
    ]
    assert body(text, "a.js") == [
        "const fs = require('fs')",
        "const a",
        "const c",
        "(pattern(a@a, c@b) = require('y'))",
        "require('z')(x)",
        "require(dynamic)",
    ]


def test_await_of_a_call_with_type_arguments_awaits_the_call() -> None:
    text = "await f<T>(x); const y = await a.g<T>(x); (await f)<T>(x)"
    assert body(text) == ["(await f<T>(x))", "const y = (await a.g<T>(x))", "(await f)<T>(x)"]


def test_dynamic_import_is_a_call_and_is_recorded() -> None:
    text = "const m = await import('./m'); import.meta.url"
    assert [show_import(item) for item in lower(text).imports] == ["import * as m from './m' (namespace dynamic)"]
    assert body(text) == ["const m = (await import('./m'))", "import.meta.url"]


def test_exports() -> None:
    module = lower("""
        export const x = 1, {y, z: [w]} = q; export function f() {} export class C {}
        export {x as xx}; export {a as b} from "p"; export * from "q"; export * as ns from "r";
        export default g(1);
        export type {T} from "t"; export interface I {}
    """)
    exports = [line for line in show(module).splitlines() if line.startswith("export")]
    assert exports == [
        "export x as x",
        "export y as y",
        "export w as w",
        "export f as f",
        "export C as C",
        "export x as xx",
        "export a as b from 'p'",
        "export * as * from 'q'",
        "export * as ns from 'r'",
        "export $default as default",
    ]
    assert ir.Flags.EXPORTED in module.functions[1].flags


@pytest.mark.parametrize(
    ("text", "line", "export"),
    [
        ("export default function name() {}", "define fn#1", "export name as default"),
        ("export default function () {}", "const $default = fn#1", "export $default as default"),
        ("export default class K {}", "define class#0", "export K as default"),
        ("export default class {}", "const $default = class#0", "export $default as default"),
        ("export default async () => 1", "const $default = fn#1", "export $default as default"),
    ],
)
@pytest.mark.parametrize("name", ["a.ts", "a.js"])
def test_default_exports(text: str, line: str, export: str, name: str) -> None:
    module = lower(text, name)
    assert show_block(module.functions[0].body, 0) == [line]
    assert export in show(module)


def test_common_js_exports_stay_assignments() -> None:
    text = "module.exports = async function() {}; exports.foo = () => 1; export = zz;"
    assert body(text) == ["(module.exports = fn#1)", "(exports.foo = fn#2)", "(module.exports = zz)"]
    assert [function.name for function in lower(text).functions] == ["", "", "foo"]


# --------------------------------------------------------------------------- functions


def test_functions_take_the_name_they_are_bound_to() -> None:
    text = (
        "const f = () => 1; let g = function own() {}; o.h = async () => 2; "
        "const q = {m: () => 3, 'n-o'() {}}; k(() => 4)"
    )
    module = lower(text)
    assert [function.name for function in module.functions] == ["", "f", "own", "h", "m", "n-o", ""]
    named = module.functions[3]
    assert text[named.name_start : named.name_end] == "h"


def test_function_flags_and_nesting() -> None:
    module = lower("async function f() { const g = async () => function* () {}; } async function* h() {}")
    assert heads(module) == [
        "fn#0 <anonymous>() initializer",
        "fn#1 f() async method outer fn#0",
        "fn#2 g() async lambda outer fn#1",
        "fn#3 <anonymous>() generator method outer fn#2",
        "fn#4 h() async generator method outer fn#0",
    ]


def test_parameters() -> None:
    module = lower("const f = (this: X, a: Ev<string>, {p, q = 2}: C = {}, [r], b?, ...rest) => p")
    assert heads(module)[1] == "fn#1 f(a: Ev<string>, $1: C = {}, $2, b, ...rest) lambda outer fn#0"
    assert show_block(module.functions[1].body, 0) == [
        "let p",
        "let q",
        "(pattern(p@p, q@q ?? 2) = $1)",
        "let r",
        "(pattern(r@*0) = $2)",
        "return p",
    ]


@pytest.mark.parametrize(
    ("written", "arity"), [("(a, b)", 2), ("a", 1), ("(a, b = 1, c)", 1), ("(...a)", 0), ("({a}, [b])", 2), ("()", 0)]
)
def test_arity_as_javascript_counts_it(written: str, arity: int) -> None:
    counted = 0
    for param in lower(f"x = {written} => 1", "a.js").functions[1].params:
        if param.default is not None or param.rest:
            break
        counted += 1
    assert counted == arity


def test_overloads_declarations_and_types_vanish() -> None:
    assert body("""
        function f(a: string): void; function f(a: any) {}
        declare const x: any; declare global { interface Q {} } declare module "m" { const y: 1 }
        type T = {a: string};
    """) == ["define fn#1"]


def test_yield_suspends_in_async_generators_only() -> None:
    assert body("async function* f() { yield 1 }", function=1) == ["(yield 1)"]
    values = [node for node in all_nodes(lower("function* f() { yield 1 }")) if isinstance(node, ir.Await)]
    assert values == []


# --------------------------------------------------------------------------- classes


def test_class_members() -> None:
    module = lower("""
        @D("x") export class A<T> extends B<T> implements C, E.F {
          @In() private readonly x: Foo = 1;
          static s = new Map();
          y?: string;
          #p = () => this.x;
          static { setup(); }
          constructor(private a: T, b = 1) { super(b); }
          get g(): string { return this.#p(); }
          static async *z() {}
          abstract m(): void;
          over(a: string): void;
          over(a: any) {}
          [Symbol.iterator]() {}
        }
    """)
    text = show(module)
    assert "class#0 A exported extends B<T> base B implements C, E.F methods [4, 5, 6, 7, 8, 2, 1] @D('x')" in text
    assert [field.name for field in module.classes[0].fields] == ["x", "s", "y", "#p", "a"]
    assert heads(module)[1] == "  field x: Foo private readonly @In()"
    functions = {function.name: function for function in module.functions if function.owner == 0}
    assert ir.Flags.CONSTRUCTOR in functions["constructor"].flags
    assert show_block(functions["constructor"].body, 0) == ["(this.a = a)", "super(b)"]
    assert functions["g"].flags == ir.Flags.METHOD | ir.Flags.ACCESSOR_GET
    assert functions["z"].flags == ir.Flags.METHOD | ir.Flags.STATIC | ir.Flags.ASYNC | ir.Flags.GENERATOR
    assert "[Symbol.iterator]" in functions


def test_field_initialisers_run_in_initialiser_functions() -> None:
    module = lower("class A { a = 1; static b = 2; static { f() } #c = () => this.a; ['d'] = 4; [k] = 5; e; }", "a.js")
    instance = next(f for f in module.functions if f.owner == 0 and f.flags == ir.Flags.INITIALIZER)
    static = next(f for f in module.functions if f.owner == 0 and f.flags == ir.Flags.INITIALIZER | ir.Flags.STATIC)
    assert show_block(instance.body, 0) == ["(this.a = 1)", "(this.#c = fn#3)", "(this.d = 4)", "(this[k] = 5)"]
    assert show_block(static.body, 0) == ["(class#0.b = 2)", "block", "  f()"]
    arrow = module.functions[3]
    assert (arrow.name, arrow.outer, arrow.owner) == ("#c", module.functions.index(instance), None)


def test_class_expressions_and_expression_bases() -> None:
    module = lower("const A = class extends mixin(B) {}; f(class Own {})", "a.js")
    assert [klass.name for klass in module.classes] == ["A", "Own"]
    assert isinstance(module.classes[0].base_expr, ir.Call)
    assert module.classes[0].bases == ()
    assert body("class X extends a.B {}", "a.js") == ["define class#0"]
    assert [show_type(base) for base in lower("class X extends a.B {}", "a.js").classes[0].bases] == ["a.B"]


def test_decorators() -> None:
    module = lower("@A() @b.c export class X { @D m() {} @E() f = 1; n(@F('q') p) {} }")
    assert [item.name for item in module.classes[0].decorators] == ["A", "b.c"]
    assert [item.name for item in module.classes[0].fields[0].decorators] == ["E"]
    methods = {function.name: function for function in module.functions}
    assert [item.name for item in methods["m"].decorators] == ["D"]
    assert [item.name for item in methods["n"].params[0].decorators] == ["F"]


def test_interfaces_are_classes_without_define() -> None:
    module = lower("interface I extends J { a: string; m(): void }")
    assert heads(module) == [
        "class#0 I interface implements J methods []",
        "  field a: string",
        "fn#0 <anonymous>() initializer",
    ]
    assert module.functions[0].body == ()


def test_exported_types_are_not_there_at_run_time() -> None:
    module = lower("export type * from './a.js';\nexport type * as b from \"./b.js\"\nexport * from './c.js';\nf();\n")
    assert module.flaws == ()
    assert [(item.public, item.source) for item in module.exports] == [("*", "./c.js")]
    assert "f()" in show(module)


def test_a_property_may_be_called_abstract() -> None:
    module = lower("interface I {\n  abstract?: string\n  b: string\n}\nabstract class C {\n  abstract: number\n}\n")
    assert module.flaws == ()
    assert [line for line in heads(module) if "field" in line] == [
        "  field abstract: string", "  field b: string", "  field abstract: number",
    ]  # fmt: skip


# --------------------------------------------------------------------------- destructuring and assignment


def test_destructuring_declarations() -> None:
    assert body("const {a, b: {c = 1}, ...r} = e; var [x, , [y]] = f;") == [
        "const a",
        "const c",
        "const r",
        "(pattern(a@a, c@b.c ?? 1, r@...) = e)",
        "var x",
        "var y",
        "(pattern(x@*0, y@*2.*0) = f)",
    ]
    assert body("const {a: {b} = d} = e")[1] == "(pattern(b@a.b ?? d.b) = e)"


def test_destructuring_assignment_loops_and_catch() -> None:
    assert body(
        "[a, b] = [b, a]; ({a: o.p, b: c[0] = 3} = e); for (const [k, v] of m) {} try {} catch ({message}) {}"
    ) == [
        "(pattern(a@*0, b@*1) = [b, a])",
        "(pattern(o.p@a, c[0]@b ?? 3) = e)",
        "loop const pattern(k@*0, v@*1) of m",
        "try",
        "catch $t1",
        "  let message",
        "  (pattern(message@message) = $t1)",
    ]


def test_assignment_kinds() -> None:
    assert body(
        "n += await f(); i++; --o.p; c ??= 1; d ||= 2; e &&= 3; s += 't'; delete a.b; delete a[k]; x = y = z"
    ) == [
        "(n <update>= (n + (await f())))",
        "(i <update>= (i + 1))",
        "(o.p <update>= (o.p - 1))",
        "(c ?= 1)",
        "(d ?= 2)",
        "(e <update>= (e ? 3 : _))",
        "(s <update>= text(s, 't'))",
        "delete a.b",
        "delete a[k]",
        "(x = (y = z))",
    ]


def test_declarations() -> None:
    module = lower("var a = 1, b; let c: Foo[] | undefined; const d = 2")
    found = [node for node in module.functions[0].body if isinstance(node, ir.Declare)]
    assert [(node.name, node.kind.value, node.mutable, show_type(node.type)) for node in found] == [
        ("a", "var", True, ""),
        ("b", "var", True, ""),
        ("c", "let", True, "Foo[]"),
        ("d", "const", False, ""),
    ]


@pytest.mark.parametrize("name", ["a.js", "a.ts"])
def test_using_scopes_the_rest_of_the_block(name: str) -> None:
    assert body("{ using x = open(); f(x); await using y = g(); h(y) } i()", name) == [
        "block",
        "  using open() as x",
        "    f(x)",
        "    await using g() as y",
        "      h(y)",
        "i()",
    ]


# --------------------------------------------------------------------------- expressions


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a && b || c ?? d", "(((a ? b : _) ? _ : c) ? _ : d)"),
        ("a ? b : c", "(a ? b : c)"),
        ("!a", "(! a)"),
        ("typeof a", "(typeof a)"),
        ("a === b", "(a === b)"),
        ("#p in o", "('#p' in o)"),
        ("a + b + c - 1", "((a + b + c) - 1)"),
        ("a + b + 'c' + d", "text(a, b, 'c', d)"),
        ("'a' + b + `c${d}e`", "text('a', b, 'c', d, 'e')"),
        ("`plain`", "'plain'"),
        ("tag`x${y}z`", "tag(['x', 'z'], y)"),
        ("/a+/gi", "new RegExp('a+', 'gi')"),
        ("a?.b?.[c]?.(d)", "a.b[c](d)"),
        ("new Foo<Bar>(1, ...args)", "new Foo<Bar>(1, ...args)"),
        ("f<string>(a)", "f<string>(a)"),
        ("(a, b(), c)", "seq(a; b(); c)"),
        ("x = (<any>a as B)!", "(x = a)"),
        ("x = {a, b: 1, [k]: 2, ...r, 'q': 3, 4: 5}", "(x = {'a': a, 'b': 1, k: 2, ...r, 'q': 3, 4: 5})"),
        ("[1, , ...x]", "[1, ...x]"),
        ("new.target", "new.target"),
        ("super.x", "super.x"),
        ("void 0", "(void 0)"),
    ],
)
def test_expressions(text: str, shown: str) -> None:
    if text.startswith("(a, b"):
        text = f"x = {text}"
        shown = f"(x = {shown})"
    assert body(text) == [shown]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1_000", 1000),
        ("0xFF", 255),
        ("0b11", 3),
        ("0o17", 15),
        ("017", 15),
        ("089", 89),
        ("10n", 10),
        ("1.5e3", 1500.0),
        ("-2", -2),
        ("0xFFFFFFFFFFFFFFFFFF", float(0xFFFFFFFFFFFFFFFFFF)),
        (r"'\u{1F600}\x41\n\ud83d\ude00'", "😀A\n😀"),
        (r"'\ud800'", "\ufffd"),
        (
            r'"a\"b\
c"',
            'a"bc',
        ),
        ("undefined", None),
        ("null", None),
        ("true", True),
    ],
)
def test_literals(text: str, value: object) -> None:
    statement = lower(f"x = {text}", "a.js").functions[0].body[0]
    assert isinstance(statement, ir.Do)
    assert isinstance(statement.value, ir.Assign)
    literal = statement.value.value
    assert isinstance(literal, ir.Literal)
    assert literal.value == value
    assert type(literal.value) is type(value)


def test_jsx() -> None:
    text = "x = <A.B p='1' q={z} {...r} s>text {y} <br/><><C/></></A.B>"
    shown = "(x = A.B({'p': '1', 'q': z, ...r, 's': True, 'children': [y, {}, {'children': [C({})]}]}))"
    assert body(text, "a.tsx") == [shown]
    assert body(text, "a.jsx") == [shown]
    assert body("x = <A href='/b?c=1&call=' d='e &f'/>", "a.tsx") == ["(x = A({'href': '/b?c=1&call=', 'd': 'e &f'}))"]


# --------------------------------------------------------------------------- statements


def test_loops() -> None:
    assert body("""
        for (let i = 0; i < 10; i++) f(i);
        for (k in o) f(k);
        for await (const x of it()) f(x);
        do { g() } while (y);
        outer: while (a) { for (;;) { continue outer; } }
    """) == [
        "block",
        "  let i = 0",
        "  loop while (i < 10) update (i <update>= (i + 1))",
        "    f(i)",
        "loop k of (in o)",
        "  f(k)",
        "loop const x of it()",
        "  (for await _)",
        "  f(x)",
        "loop until-after y",
        "  g()",
        "loop outer: while a",
        "  loop",
        "    continue outer",
    ]


def test_try_and_throw() -> None:
    assert body("try { f() } catch (e) { throw e } finally { g() }") == [
        "try",
        "  f()",
        "catch e",
        "  raise e",
        "finally",
        "  g()",
    ]


def test_switch() -> None:
    assert body("switch (f(x)) { case 1: case 2: a(); break; case 3: { b(); break } default: c(); }") == [
        "block",
        "  const $t1 = f(x)",
        "  if (($t1 === 1) ? _ : ($t1 === 2))",
        "    a()",
        "  else",
        "    if ($t1 === 3)",
        "      block",
        "        b()",
        "    else",
        "      c()",
    ]


def test_switch_fall_through_and_inner_breaks() -> None:
    assert body(
        "switch (k) { case 1: a(); case 2: if (q) break; b(); break; default: d(); case 4: for (;;) break; }"
    ) == [
        "block",
        "  if ((k === 1) ? _ : (k === 2))",
        "    if (k === 1)",
        "      a()",
        "    if q",
        "      break switch",
        "    b()",
        "  else",
        "    if (! (k === 4))",
        "      d()",
        "    loop",
        "      break",
    ]


def test_long_switches_lose_no_arm() -> None:
    cases = "".join(f"case {n}: f{n}(); break; " for n in range(200))
    module = lower(f"switch (k) {{ {cases} default: g(); }}", "a.js")
    called = [node.callee for node in all_nodes(module) if isinstance(node, ir.Call)]
    assert {callee.id for callee in called if isinstance(callee, ir.Name)} == {f"f{n}" for n in range(200)} | {"g"}


def test_enums_and_namespaces() -> None:
    assert body("enum E { A, B = 5, C, 'd-e' = 'x' }") == ["const E = {'A': 0, 'B': 5, 'C': 6, 'd-e': 'x'}"]
    text = "namespace N { export const v = 1; const h = 2; export namespace M { export function f() {} } }"
    assert body(text) == [
        "var N = {}",
        "block",
        "  const v = 1",
        "  (N.v = v)",
        "  const h = 2",
        "  var M = {}",
        "  block",
        "    define fn#1",
        "    (M.f = f)",
        "  (N.M = M)",
    ]
    assert lower(text).exports == ()


# --------------------------------------------------------------------------- types


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("A.B<C, D[]>[]", "A.B[]<C, D[]>"),
        ("A | null | undefined", "A"),
        ("A | B | C", "<union_type><A, B, C>"),
        ("A & B", "<intersection_type><A, B>"),
        ("[a: A, b?: B, C]", "<tuple_type><A, B, C>"),
        ("readonly (A)[]", "A[]"),
        ("(a: A) => B", "<function_type>"),
        ("{a: A}", "<object_type>"),
        ("'lit'", "'lit'"),
        ("string", "string"),
    ],
)
def test_types(written: str, shown: str) -> None:
    declared = lower(f"let x: {written};").functions[0].body[0]
    assert isinstance(declared, ir.Declare)
    assert show_type(declared.type) == shown


# --------------------------------------------------------------------------- comments, spans, errors


@pytest.mark.parametrize("text", ["", "\n", "// only\r\n", "#!/usr/bin/env node\n", "'use strict'", "\0", "\u2028"])
def test_almost_empty_files(text: str) -> None:
    module = lower(text, "a.js")
    assert len(module.functions) == 1
    assert module.functions[0].flags == ir.Flags.INITIALIZER


def test_comments() -> None:
    module = lower("// one\nf(a /* two */); // three\n<!-- html\n", "a.js")
    assert [(comment.text, comment.own_line) for comment in module.comments][:3] == [
        ("one", True),
        ("two", False),
        ("three", False),
    ]


def test_spans_are_exact_on_non_ascii_text() -> None:
    source = source_of("const é = '😀'; ünïcode.größe(é + '→', `x${é}`)")
    module = FRONTEND.lower(source)
    spans = {
        type(node).__name__: source.text(Span(node.start, node.end))
        for node in all_nodes(module)
        if isinstance(node, ir.Call | ir.Member | ir.Declare)
    }
    assert spans == {
        "Declare": "é = '😀'",
        "Call": "ünïcode.größe(é + '→', `x${é}`)",
        "Member": "ünïcode.größe",
    }
    names = [node for node in all_nodes(module) if isinstance(node, ir.Name)]
    assert all(source.text(Span(node.start, node.end)) == node.id for node in names)


def test_a_syntax_error_is_local() -> None:
    module = lower("const a = 1;\nlet = = ;;; %%% \nfunction f() { return g(a) }\n", "a.js")
    assert len(module.flaws) == 1
    assert module.flaws[0].message.startswith("not understood from line 2: ")
    assert [function.name for function in module.functions] == ["", "f"]
    assert "return g(a)" in show(module)


def test_a_flaw_counts_the_other_places() -> None:
    module = lower("f(a b c);\ng();\nh(d e f);\n", "a.js")
    assert [flaw.message for flaw in module.flaws] == ["not understood from line 1: b c (and 1 more)"]


_DEEP = {
    "arrays": ("a.js", "[", "", "]"),
    "calls": ("a.js", "f(", "", ")"),
    "parentheses": ("a.js", "(", "1", ")"),
    "functions": ("a.js", "function f(){", "", "}"),
    "arrows": ("a.js", "x = a => ", "1", ""),
    "classes": ("a.js", "x = class { x = ", "1", "}"),
    "static blocks": ("a.js", "class A { static {", "", "}}"),
    "blocks": ("a.js", "{", "", "}"),
    "else if": ("a.js", "if (a) { f() } else ", ";", ""),
    "ternaries": ("a.js", "a ? b : ", "c", ""),
    "negations": ("a.js", "!", "a", ""),
    "member calls": ("a.js", "", "a", ".b()"),
    "chained and": ("a.js", "(", "z", " && a && b && c && d)"),
    "switches": ("a.js", "switch (a) { case 1: ", "", "}"),
    "templates": ("a.js", "`${", "a", "}`"),
    "loops": ("a.js", "for (;;) ", ";", ""),
    "elements": ("a.jsx", "<a>", "", "</a>"),
    "usings": ("a.js", "", "{", " using a = b();"),
    "patterns": ("a.js", "", "let ", "{a:"),
    "namespaces": ("a.ts", "namespace A {", "", "}"),
    "dotted namespaces": ("a.ts", "", "namespace A", ".B"),
    "types": ("a.ts", "", "let x: ", "A<"),
    "casts": ("a.ts", "", "x", " as T"),
    "unclosed": ("a.js", "({", "", ""),
}


@pytest.mark.parametrize("shape", _DEEP)
def test_deep_nesting_is_a_flaw_and_not_a_crash(shape: str) -> None:
    name, before, middle, after = _DEEP[shape]
    module = lower(before * 5000 + middle + after * 5000, name)
    assert show(module)
    if shape not in ("types", "patterns", "unclosed"):
        assert any("nested too deeply" in flaw.message for flaw in module.flaws)
    else:
        assert module.flaws


@pytest.mark.parametrize(
    "text",
    [
        "a + " * 5000 + "b",
        "'s' + " + "a + " * 5000 + "b",
        "a + b - " * 5000 + "c",
        "a && " * 5000 + "b",
        "a ?? " * 5000 + "b",
        "a, " * 5000 + "b",
        "switch (a) {" + "case 1: f(); break; " * 5000 + "}",
        "switch (a) {" + "case 1: f(); " * 5000 + "}",
    ],
)
def test_long_chains_are_lowered_whole_and_stay_shallow(text: str) -> None:
    module = lower(text, "a.js")
    assert (module.opaque, module.flaws) == (0, ())
    assert sum(1 for node in all_nodes(module) if isinstance(node, ir.Name)) >= 5001
    assert height(module.functions[0]) < MAX_DEPTH


def height(node: ir.Node) -> int:
    level, tallest = [node], 0
    while level:
        level = [child for parent in level for child in ir.children(parent)]
        tallest += 1
    return tallest


_SAMPLES = (
    """
    import {S3} from "aws"; const cache = new Map(); let n = 0;
    export const handler = async ({id, ...rest}, [x = 1]) => {
      try { cache[id] ??= await load(`k-${id}`); n++; } catch ({message}) { throw message } finally { n -= 1 }
      switch (id) { case 1: a(); case 2: { break } default: for await (const [k, v] of m) continue; }
      return <any>rest!.a?.b as T;
    };
    """,
    """
    @Dec({a: 1}) class A<T> extends B(C) implements D { static #p = () => this; constructor(private x: T) { super() }
      get y(): U<V>[] { return 1 } static { f() } [k]() {} async *g() { yield* h } }
    enum E { A = 1, B } namespace N.M { export const q = 1 } export * as z from "é😀";
    using u = open(); label: do { break label } while (/re/g.test(s)); export default class {}
    """,
    """
    const x = <div a={b} {...c}>{/* d */}<E f="g"/>text</div>; module.exports = {m() {}, get n() {}, [o]: p, ...q};
    const {a, b: c = 2} = require('y'); var [d, , ...e] = f, g; if (a) b; else if (c) d; else { e } tag`x${y}z`;
    """,
)


@pytest.mark.parametrize("seed", range(60))
def test_any_damaged_text_is_lowered(seed: int) -> None:
    draw = random.Random(seed)
    text = draw.choice(_SAMPLES)
    for _ in range(draw.randint(1, 6)):
        at = draw.randrange(len(text))
        length = draw.randint(0, 12)
        change = draw.choice(("cut", "insert", "truncate", "move"))
        if change == "cut":
            text = text[:at] + text[at + length :]
        elif change == "insert":
            text = text[:at] + "".join(draw.choices("(){}[]<>=;:,.'`\"\\/*@#$é\n\0x0", k=length)) + text[at:]
        elif change == "truncate":
            text = text[: max(at, 5)]
        else:
            other = draw.randrange(len(text))
            text = text[:at] + text[other : other + length] + text[at:]
    for name in ("a.js", "a.ts", "a.tsx"):
        source = source_of(text, name)
        module = FRONTEND.lower(source)
        assert show(module)
        assert all(0 <= node.start <= node.end <= len(source.data) for node in all_nodes(module))


@pytest.mark.parametrize("length", range(0, 700, 13))
def test_any_prefix_is_lowered(length: int) -> None:
    for sample in _SAMPLES:
        assert show(lower(sample[:length], "a.tsx"))


_KEPT = {
    "call_expression": ir.Call,
    "new_expression": ir.Call,
    "await_expression": ir.Await,
    "assignment_expression": ir.Assign,
    "augmented_assignment_expression": ir.Assign,
    "update_expression": ir.Assign,
    "throw_statement": ir.Raise,
}


@pytest.mark.parametrize("sample", _SAMPLES)
def test_no_call_await_assignment_or_throw_is_dropped(sample: str) -> None:
    source = source_of(sample, "a.tsx")
    module = FRONTEND.lower(source)
    nodes = all_nodes(module) + [node for klass in module.classes for node in ir.walk(klass)]
    lowered = {(type(node), node.start, node.end) for node in nodes}
    # ``@f()`` is a Decorator and no Call; TypeScript's ``using x = e`` is parsed as an assignment.
    decorators = {(node.start + 1, node.end) for node in nodes if isinstance(node, ir.Decorator)}
    missing: list[str] = []
    stack = [parse(grammar_of(source), source.data).root_node]
    while stack:
        node = stack.pop()
        stack.extend(node.named_children)
        kept, span = _KEPT.get(node.type), (node.start_byte, node.end_byte)
        is_using = any(child.type == "using" for child in node.children)
        if kept is not None and not is_using and (kept, *span) not in lowered and span not in decorators:
            missing.append(source.text(Span(*span)))
    assert missing == []
