"""The Java front-end: one test per construct family, spans, recovery, depth, robustness."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from lmi_lint.frontends.java import FRONTEND
from lmi_lint.ir import nodes as ir
from lmi_lint.ir.nodes import Flags
from lmi_lint.ir.show import show
from lmi_lint.model.names import Language
from lmi_lint.model.source import SourceFile


def lower(text: str | bytes) -> ir.Module:
    data = text if isinstance(text, bytes) else text.encode()
    return FRONTEND.lower(SourceFile(path="src/A.java", language=Language.JAVA, data=data))


def clean(text: str) -> ir.Module:
    module = lower(text)
    assert module.flaws == ()
    assert module.opaque == 0
    return module


def in_method(statements: str) -> ir.Module:
    return clean("class A { void run() { " + statements + " } }")


def method(module: ir.Module, name: str) -> ir.Function:
    found = [function for function in module.functions if function.name == name]
    assert len(found) == 1, [function.name for function in module.functions]
    return found[0]


def shown(statements: str) -> list[str]:
    """The lines of the body of a method with these statements."""
    return body_of(in_method(statements), "run")


def body_of(module: ir.Module, name: str) -> list[str]:
    lines = show(module).splitlines()
    starts = [at for at, line in enumerate(lines) if line.startswith("fn#") and f" {name}(" in line]
    assert len(starts) == 1, lines
    body: list[str] = []
    for line in lines[starts[0] + 1 :]:
        if not line.startswith("  "):
            break
        body.append(line[2:])
    return body


def klass(module: ir.Module, name: str) -> ir.Class:
    return next(item for item in module.classes if item.name == name)


def all_nodes(module: ir.Module) -> Iterator[ir.Node]:
    for item in (*module.functions, *module.classes, *module.imports, *module.comments, *module.flaws):
        yield from ir.walk(item)


# --------------------------------------------------------------------------- the file


def test_package_and_imports() -> None:
    module = clean(
        "package a.b;\nimport x.y.C;\nimport x.y.*;\nimport static x.D.e;\nimport static x.D.*;\nclass A {}\n"
    )
    assert module.package == "a.b"
    assert module.language is Language.JAVA
    assert [(i.module, i.name, i.alias, i.kind) for i in module.imports] == [
        ("x.y", "C", "C", ir.ImportKind.VALUE),
        ("x.y", None, "", ir.ImportKind.WILDCARD),
        ("x.D", "e", "e", ir.ImportKind.STATIC),
        ("x.D", None, "", ir.ImportKind.STATIC),
    ]
    assert module.functions[0].body == ()
    assert module.functions[0].flags is Flags.INITIALIZER


def test_comments_of_all_forms() -> None:
    module = clean('/** doc\n */\nclass A { // end\n /* in */ int x; String s = "// no"; }')
    assert [(c.text, c.own_line) for c in module.comments] == [
        ("* doc", True),
        ("end", False),
        ("in", True),
    ]


def test_compact_source_file() -> None:
    module = clean("int n = 1;\nvoid main() { helper(); }\nvoid helper() {}\n")
    assert [(f.name, f.owner) for f in module.functions[1:]] == [("main", None), ("helper", None)]
    assert body_of(module, "<anonymous>") == ["let n: int = 1", "define fn#1", "define fn#2"]
    assert ("java.util", ir.ImportKind.WILDCARD) in {(i.module, i.kind) for i in module.imports}


def test_module_import_brings_packages() -> None:
    module = clean("import module java.base;\nclass A {}")
    assert "java.util.concurrent" in {i.module for i in module.imports}
    assert {i.kind for i in module.imports} == {ir.ImportKind.WILDCARD}


def test_module_info_and_empty_file() -> None:
    assert clean("module a.b { requires java.sql; exports a.b; }").classes == ()
    assert len(clean("").functions) == 1


# --------------------------------------------------------------------------- classes


def test_class_header() -> None:
    module = clean(
        '@Ann(value = 1, list = {X.class}) @p.Q("t") public final class A<T extends B, U> extends p.S<T>'
        " implements I, J<K> {}"
    )
    item = module.classes[0]
    assert item.type_params == ("T", "U")
    assert [(b.name, [a.name for a in b.args]) for b in item.bases] == [("p.S", ["T"])]
    assert [i.name for i in item.interfaces] == ["I", "J"]
    assert item.flags == Flags.PUBLIC | Flags.FINAL
    assert [d.name for d in item.decorators] == ["Ann", "p.Q"]
    assert [a.name for a in item.decorators[0].args] == ["value", "list"]
    text = item.decorators[1].args[0].value
    assert isinstance(text, ir.Literal)
    assert text.value == "t"


def test_nested_annotation_is_an_object() -> None:
    value = clean("@A({@B(x = 2)}) class C {}").classes[0].decorators[0].args[0].value
    assert isinstance(value, ir.Display)
    inner = value.items[0].value
    assert isinstance(inner, ir.Display)
    assert inner.kind is ir.DisplayKind.OBJECT
    assert inner.type is not None
    assert inner.type.name == "B"


def test_fields_and_initialisers() -> None:
    module = clean(
        "class A { private static final int[] X = {1, 2}, Y[] = null; static { go(); } volatile int a = f(); int b;"
        " { init(); } public static int Z; }"
    )
    item = module.classes[0]
    assert [(f.name, f.type and f.type.name, f.flags) for f in item.fields] == [
        ("X", "int[]", Flags.PRIVATE | Flags.STATIC | Flags.FINAL),
        ("Y", "int[][]", Flags.PRIVATE | Flags.STATIC | Flags.FINAL),
        ("a", "int", Flags.VOLATILE),
        ("b", "int", Flags.NONE),
        ("Z", "int", Flags.PUBLIC | Flags.STATIC),
    ]
    static, instance = method(module, "<static>"), method(module, "<init-fields>")
    assert static.flags == Flags.INITIALIZER | Flags.STATIC
    assert instance.flags == Flags.INITIALIZER | Flags.METHOD
    assert static.owner == instance.owner == 0
    assert set(item.methods) == {module.functions.index(static), module.functions.index(instance)}
    assert body_of(module, "<static>") == ["(class#0.X = [1, 2])", "(class#0.Y = None)", "block", "  go()"]
    assert body_of(module, "<init-fields>") == ["(this.a = f())", "block", "  init()"]


def test_methods_and_constructors() -> None:
    module = clean(
        "class A { A(int x) { this(); } A() { super(1); } @Override public synchronized String m(final int a,"
        " String... r)[] { return null; } static void s(A this) {} native int n(); abstract void q(); }"
    )
    assert [f.name for f in module.functions[1:]] == ["<init>", "<init>", "m", "s", "n", "q"]
    one, two, m, s, _, q = module.functions[1:]
    assert one.flags == two.flags == Flags.CONSTRUCTOR | Flags.METHOD
    assert m.flags == Flags.OVERRIDE | Flags.PUBLIC | Flags.SYNCHRONIZED | Flags.METHOD
    assert m.returns is not None
    assert m.returns.name == "String[]"
    assert [(p.name, p.type and p.type.name, p.rest) for p in m.params] == [
        ("a", "int", False),
        ("r", "String[]", True),
    ]
    assert s.flags == Flags.STATIC
    assert s.params == ()
    assert Flags.ABSTRACT in q.flags
    lines = show(module).splitlines()
    assert "  this()" in lines
    assert "  super(1)" in lines


def test_constructor_call_after_other_statements() -> None:
    module = clean("class A extends B { A(int x) { check(x); super(x, 1); y(); } }")
    assert body_of(module, "<init>") == ["check(x)", "super(x, 1)", "y()"]
    call = method(module, "<init>").body[1]
    assert isinstance(call, ir.Do)
    assert isinstance(call.value, ir.Call)
    assert isinstance(call.value.callee, ir.Super)


def test_nesting_of_classes() -> None:
    module = clean(
        "class A { class In { void i() {} } static class Nest {} interface If {} void m() { class Loc { void l() {} }"
        " Runnable r = new Runnable() { public void run() { go(); } }; } }"
    )
    outer = {item.name: item.outer_class for item in module.classes}
    assert outer == {"A": None, "In": 0, "Nest": 0, "If": 0, "Loc": 0, "": 0}
    m = module.functions.index(method(module, "m"))
    assert klass(module, "Loc").outer == m
    assert klass(module, "In").outer == 0
    assert method(module, "l").outer == m
    assert klass(module, "Nest").flags == Flags.STATIC
    assert Flags.STATIC in klass(module, "If").flags
    anonymous = klass(module, "")
    assert [b.name for b in anonymous.bases] == ["Runnable"]
    assert [module.functions[i].name for i in anonymous.methods] == ["run"]
    loc, anon = module.classes.index(klass(module, "Loc")), module.classes.index(anonymous)
    assert body_of(module, "m") == [f"define class#{loc}", f"let r: Runnable = new class#{anon}:Runnable()"]


def test_interface_members() -> None:
    module = clean("interface I extends P, Q { int K = 1; void a(); default void b() {} static void c() {} }")
    item = module.classes[0]
    assert item.flags == Flags.INTERFACE | Flags.ABSTRACT
    assert [i.name for i in item.interfaces] == ["P", "Q"]
    assert item.fields[0].flags == Flags.PUBLIC | Flags.STATIC | Flags.FINAL
    assert method(module, "a").flags == Flags.PUBLIC | Flags.ABSTRACT | Flags.METHOD
    assert method(module, "b").flags == Flags.PUBLIC | Flags.METHOD
    assert method(module, "c").flags == Flags.PUBLIC | Flags.STATIC
    assert body_of(module, "<static>") == ["(class#0.K = 1)"]


def test_annotation_type() -> None:
    module = clean("@interface N { int x() default 3; String y(); }")
    assert body_of(module, "x") == ["return 3"]
    assert Flags.ABSTRACT in method(module, "y").flags


def test_enum() -> None:
    module = clean("enum E implements I { A(1) { void f() {} }, B; static int n = 2; E(int... x) {} }")
    assert klass(module, "E").flags == Flags.ENUM
    assert [(f.name, f.type and f.type.name) for f in klass(module, "E").fields] == [
        ("A", "E"),
        ("B", "E"),
        ("n", "int"),
    ]
    assert body_of(module, "<static>") == [
        "(class#0.A = new class#1:E(1))",
        "(class#0.B = new E:E())",
        "(class#0.n = 2)",
    ]
    assert [b.name for b in module.classes[1].bases] == ["E"]


def test_record_gets_what_it_does_not_say() -> None:
    module = clean("record R(@N int x, String... ys) { R { check(x); } public int x() { return 1; } }")
    item = module.classes[0]
    assert item.flags == Flags.RECORD | Flags.FINAL
    assert [(f.name, f.type and f.type.name) for f in item.fields] == [("x", "int"), ("ys", "String[]")]
    assert [d.name for d in item.fields[0].decorators] == ["N"]
    assert body_of(module, "<init>") == ["check(x)", "(this.x = x)", "(this.ys = ys)"]
    assert body_of(module, "x") == ["return 1"]
    assert body_of(module, "ys") == ["return this.ys"]


def test_record_with_a_canonical_constructor_of_its_own() -> None:
    module = clean("record R(int x) { R(int x) { this.x = x + 1; } }")
    assert body_of(module, "<init>") == ["(this.x = (x + 1))"]
    other = clean("record R(int x) { R(String s) { this(1); } }")
    assert [f.name for f in other.functions].count("<init>") == 2


# --------------------------------------------------------------------------- expressions


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a.b.c(1).d;", "a.b.c(1).d"),
        ("foo(x, y);", "foo(x, y)"),
        ("this.<T>f();", "this.f<T>()"),
        ("super.m(1);", "super.m(1)"),
        ("I.super.m();", "super.m()"),
        ("Outer.this.x = 1;", "(Outer.this.x = 1)"),
        ("x = m[1][i];", "(x = m[1][i])"),
        ("x = (Foo) (Object) bar();", "(x = bar())"),
        ("x = new a.B<>(1);", "(x = new a.B:a.B(1))"),
        ("x = o.new In(2);", "(x = new o.In:In(2))"),
        ("x = Foo.class;", "(x = type<Foo>)"),
        ("x = int[].class;", "(x = type<int[]>)"),
        ("x = c ? 1 : 2;", "(x = (c ? 1 : 2))"),
        ("x = a && b || c;", "(x = ((a ? b : _) ? _ : c))"),
        ("x = !a;", "(x = (! a))"),
        ("x = -1;", "(x = -1)"),
        ("x = a - b - c;", "(x = (a - b - c))"),
        ("x = a < b == c;", "(x = ((a < b) == c))"),
        ("x += 2;", "(x <update>= (x + 2))"),
        ("this.n++;", "(this.n <update>= (this.n + 1))"),
        ("--a[i];", "(a[i] <update>= (a[i] - 1))"),
        ("x >>>= 1;", "(x <update>= (x >>> 1))"),
        ("x = y = 3;", "(x = (y = 3))"),
        ("x = o instanceof Foo;", "(x = (o instanceof type<Foo>))"),
        ('x = String.format("%s", a);', "(x = String.format('%s', a))"),
        ("x = a /* c */ . /* d */ b(1, // e\n 2);", "(x = a.b(1, 2))"),
    ],
)
def test_expression(source: str, expected: str) -> None:
    assert shown(source) == [expected]


def test_update_of_a_place_with_effects_evaluates_it_once() -> None:
    assert shown("next().n += 1;") == ["seq(let $1 = next(); ($1.n <update>= ($1.n + 1)))"]
    assert shown("a[i++] += 1;") == ["seq(let $1 = (i <update>= (i + 1)); (a[$1] <update>= (a[$1] + 1)))"]


def test_text_is_a_template() -> None:
    assert shown('x = "a" + b + c;') == ["(x = text('a', b, c))"]
    assert shown('x = a + b + "c" + (d + "e");') == ["(x = text((a + b), 'c', d, 'e'))"]
    assert shown('x += "b";') == ["(x <update>= text(x, 'b'))"]
    assert shown("x = 'a' + 1;") == ["(x = ('a' + 1))"]


def test_text_is_known_by_declared_type() -> None:
    module = clean(
        "class A { String s; int n; void f(String p, int q) { String l = p + q; use(l + p, q + n, this.s + n, s + n);}}"
    )
    assert body_of(module, "f") == [
        "let l: String = text(p, q)",
        "use(text(l, p), (q + n), text(this.s, n), text(s, n))",
    ]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1_000", 1000),
        ("0x1FL", 31),
        ("0b101", 5),
        ("017", 15),
        ("0", 0),
        ("-9223372036854775808L", -(1 << 63)),
        ("1.5f", 1.5),
        ("1e3", 1000.0),
        ("0x1p3", 8.0),
        ("true", True),
        ("null", None),
        ("'\\n'", "\n"),
        ('"\\u00e9\\t\\"\\101"', 'é\t"A'),
        ('"\\uD83D\\uDE00"', "😀"),
        ('"\\uD83D"', "\ufffd"),
        ('"""\n      a\n        b\\tc  \n      """', "a\n  b\tc\n"),
        ('"""\n  a\\\n  b"""', "ab"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_literal(source: str, value: object) -> None:
    declare = method(in_method(f"var x = {source};"), "run").body[0]
    assert isinstance(declare, ir.Declare)
    assert isinstance(declare.init, ir.Literal)
    assert declare.init.value == value
    assert type(declare.init.value) is type(value)


def test_arrays() -> None:
    module = in_method("byte[] a = new byte[SIZE]; int[][] b = {{1}, {}}; var c = new int[f()][3][]; d = new T[]{x};")
    a, b, c, _ = method(module, "run").body
    assert isinstance(a, ir.Declare)
    assert isinstance(a.init, ir.Display)
    assert a.init.items == ()
    assert a.init.type is not None
    assert a.init.type.name == "byte[]"
    assert isinstance(b, ir.Declare)
    assert isinstance(b.init, ir.Display)
    inner = b.init.items[0].value
    assert isinstance(inner, ir.Display)
    assert inner.type is not None
    assert inner.type.name == "int[]"
    assert isinstance(c, ir.Declare)
    assert isinstance(c.init, ir.Sequence)  # f() is called
    assert isinstance(c.init.value, ir.Display)
    assert c.init.value.type is not None
    assert c.init.value.type.name == "int[][][]"
    assert body_of(module, "run")[3] == "(d = [x])"


def test_lambdas() -> None:
    module = in_method("f = x -> x; g = (a, b) -> { go(); }; h = (int a, var b) -> a; k = () -> 1;")
    assert body_of(module, "run") == ["(f = fn#2)", "(g = fn#3)", "(h = fn#4)", "(k = fn#5)"]
    for function in module.functions[2:]:
        assert function.flags is Flags.LAMBDA
        assert function.outer == 1
        assert function.owner is None
    assert [[p.name for p in f.params] for f in module.functions[2:]] == [["x"], ["a", "b"], ["a", "b"], []]
    assert isinstance(module.functions[2].body[0], ir.Return)
    assert isinstance(module.functions[3].body[0], ir.Do)


def test_method_references() -> None:
    module = in_method("use(A::m, this::m, super::m, A::new, int[]::new, p.Q<T>::f, g()::h);")
    bodies = [
        show(module).splitlines()[i + 1].strip() for i, line in enumerate(show(module).splitlines()) if "lambda" in line
    ]
    assert bodies == [
        "return A.m(...$1)",
        "return this.m(...$2)",
        "return super.m(...$3)",
        "return new A:A(...$4)",
        "return []",
        "return p.Q.f(...$6)",
        "return g().h(...$7)",
    ]
    assert all(f.params[0].rest for f in module.functions[2:])


def test_string_template() -> None:
    assert shown('x = STR."a \\{b} c";') == ["(x = STR.process(text('a ', b, ' c')))"]


# --------------------------------------------------------------------------- statements


def test_locals() -> None:
    module = in_method("int a = 1, b[]; final String s = null; var v = f(); int _ = g();")
    found = [
        (d.name, d.type and d.type.name, d.kind, d.mutable)
        for d in method(module, "run").body
        if isinstance(d, ir.Declare)
    ]
    let, const = ir.DeclareKind.LET, ir.DeclareKind.CONST
    assert found == [
        ("a", "int", let, True),
        ("b", "int[]", let, True),
        ("s", "String", const, False),
        ("v", None, let, True),
    ]
    assert body_of(module, "run")[-1] == "g()"


def test_if_chain() -> None:
    assert shown("if (a) b(); else if (c) { d(); } else e();") == [
        "if a",
        "  b()",
        "else",
        "  if c",
        "    d()",
        "  else",
        "    e()",
    ]


def test_loops() -> None:
    module = in_method(
        "while (a) b(); do c(); while (d); for (int i = 0, j = 1; i < 3; i++, j--) ; for (;;) { }"
        " for (final var x : xs) y(); out: for (A k : ks) { while (true) { continue out; } }"
    )
    while_, do, for_, endless, each, labelled = method(module, "run").body
    assert isinstance(while_, ir.Loop)
    assert isinstance(do, ir.Loop)
    assert do.at_least_once
    assert isinstance(for_, ir.BlockStmt)
    inner = for_.body[-1]
    assert isinstance(inner, ir.Loop)
    assert isinstance(inner.update, ir.Sequence)
    assert inner.body == ()
    assert isinstance(endless, ir.Loop)
    assert endless.test is None
    assert isinstance(each, ir.Loop)
    assert each.declares is ir.DeclareKind.CONST
    assert isinstance(each.target, ir.Name)
    assert isinstance(labelled, ir.Loop)
    assert labelled.label == "out"
    nested = labelled.body[0]
    assert isinstance(nested, ir.Loop)
    assert nested.label is None
    jump = nested.body[0]
    assert isinstance(jump, ir.Jump)
    assert (jump.how, jump.label) == (ir.JumpKind.CONTINUE, "out")


def test_switch_statement_drops_final_breaks_and_keeps_inner_ones() -> None:
    assert shown(
        "switch (f()) { case 1: case 2, 3: a(); break; case X: { b(); break; } default: if (c) break; d(); }"
    ) == [
        "block",
        "  let $1 = f()",
        "  if ((($1 == 1) ? _ : ($1 == 2)) ? _ : ($1 == 3))",
        "    a()",
        "  else",
        "    if ($1 == X)",
        "      block",
        "        b()",
        "    else",
        "      if c",
        "        break switch",
        "      d()",
    ]


def test_switch_falls_through() -> None:
    assert shown("switch (x) { case 1: a(); case 2: b(); break; case 3: c(); }") == [
        "block",
        "  let $1 = x",
        "  if (($1 == 1) ? _ : ($1 == 2))",
        "    if ($1 == 1)",
        "      a()",
        "    b()",
        "  else",
        "    if ($1 == 3)",
        "      c()",
    ]


def test_switch_default_in_the_middle_falls_through() -> None:
    assert shown("switch (x) { default: a(); case 2: b(); break; case 3: c(); }") == [
        "block",
        "  let $1 = x",
        "  if ($1 == 3)",
        "    c()",
        "  else",
        "    if (! ($1 == 2))",
        "      a()",
        "    b()",
    ]


def test_break_in_a_loop_in_a_switch_is_the_loops() -> None:
    assert "      break" in shown("switch (x) { case 1: while (a) { break; } go(); }")


def test_switch_expression() -> None:
    assert shown("int k = switch (o) { case 1 -> f(); case 2 -> { g(); yield 2; } default -> throw e; };") == [
        (
            "let k: int = seq(let $1; let $2 = o; if ($2 == 1); ($1 = f()); else; if ($2 == 2); g(); ($1 = 2); "
            "else; raise e; $1)"
        )
    ]


def test_switch_statement_inside_a_switch_expression_assigns_nothing() -> None:
    (line,) = shown("x = switch (a) { default -> { switch (b) { case 1 -> f(); } yield 1; } };")
    assert "= f()" not in line
    assert "($1 = 1)" in line


def test_switch_patterns() -> None:
    assert shown(
        "switch (o) { case Foo f when f.ok() -> a(f); case P(int x, Q(var y, _)) -> b(); case null, default -> c(); }"
    ) == [
        "block",
        "  let $1 = o",
        "  let f: Foo",
        "  if (((f = $1) instanceof type<Foo>) ? f.ok() : _)",
        "    a(f)",
        "  else",
        "    let x: int",
        "    let y",
        "    if ((pattern(x@*, y@*.*) = $1) instanceof type<P> instanceof type<int> instanceof type<Q>)",
        "      b()",
        "    else",
        "      c()",
    ]


def test_instanceof_pattern_stays_in_its_statement() -> None:
    assert shown("if (o instanceof Foo f && f.ok()) a(f); b = p() instanceof final Foo f;") == [
        "block",
        "  let f: Foo",
        "  if (((f = o) instanceof type<Foo>) ? f.ok() : _)",
        "    a(f)",
        "seq(const f: Foo; (b = ((f = p()) instanceof type<Foo>)))",
    ]


def test_negated_instanceof_pattern_outlives_its_statement() -> None:
    assert shown("if (!(o instanceof Foo f)) return; use(f);") == [
        "let f: Foo",
        "if (! ((f = o) instanceof type<Foo>))",
        "  return",
        "use(f)",
    ]


def test_try() -> None:
    module = in_method("try { a(); } catch (final B | p.C e) { d(); } catch (F _) { } finally { g(); }")
    (found,) = method(module, "run").body
    assert isinstance(found, ir.Try)
    first, second = found.handlers
    assert first.name == "e"
    assert first.type is not None
    assert [t.name for t in first.type.args] == ["B", "p.C"]
    assert second.name is None
    assert second.type is not None
    assert second.type.name == "F"
    assert len(found.final) == 1


def test_try_with_resources() -> None:
    assert shown("try (A a = open(); b; this.c) { go(); } catch (E e) { }") == [
        "try",
        "  using open() as a",
        "    using b",
        "      using this.c",
        "        go()",
        "catch e E",
    ]
    assert shown("try (A a = open()) { go(); }") == ["using open() as a", "  go()"]


def test_synchronized() -> None:
    (found,) = method(in_method("synchronized (lock) { n++; }"), "run").body
    assert isinstance(found, ir.Scoped)
    assert found.how is ir.ScopedKind.MONITOR
    assert isinstance(found.resource, ir.Name)


def test_small_statements() -> None:
    assert shown('assert x > 0 : "m"; throw new E(); ') == ["if (! (x > 0))", "  raise 'm'", "raise new E:E()"]
    assert shown("{ a(); } ; l: { break l; }") == ["block", "  a()", "block", "  break l"]


def test_types() -> None:
    module = in_method("List<? extends Foo<int[]>>[] l; a.b.C<D>.E<F> m; @N Foo n; Map<?, ? super X> o;")
    found = [d.type for d in method(module, "run").body if isinstance(d, ir.Declare)]
    lines = body_of(module, "run")
    assert all(item is not None for item in found)
    assert lines == ["let l: List[]<Foo<int[]>>", "let m: a.b.C.E<F>", "let n: Foo", "let o: Map<?, X>"]


# --------------------------------------------------------------------------- spans, errors, depth


def test_spans_are_bytes_of_the_source() -> None:
    text = '// häuser 😀\nclass Ä { String ö = "é😀" + wert(); void tüt(int ß) { ß += 1; } }'
    data = text.encode()
    module = clean(text)

    def at(node: ir.Node) -> str:
        return data[node.start : node.end].decode()

    assert at(module.comments[0]) == "// häuser 😀"
    assert at(module.classes[0]).startswith("class Ä {")
    assert data[module.classes[0].name_start : module.classes[0].name_end].decode() == "Ä"
    tuet = method(module, "tüt")
    assert data[tuet.name_start : tuet.name_end].decode() == "tüt"
    assert at(tuet.params[0]) == "int ß"
    assert at(tuet.body[0]) == "ß += 1;"
    calls = [node for node in all_nodes(module) if isinstance(node, ir.Call)]
    assert [at(call) for call in calls] == ["wert()"]
    template = next(node for node in all_nodes(module) if isinstance(node, ir.Template))
    assert at(template) == '"é😀" + wert()'


def test_spans_of_a_chain_grow() -> None:
    text = "class A { void f() { a.b(c).d(); } }"
    calls = [node for node in all_nodes(clean(text)) if isinstance(node, ir.Call)]
    assert [text[c.start : c.end] for c in calls] == ["a.b(c).d()", "a.b(c)"]
    assert [text[c.callee.start : c.callee.end] for c in calls] == ["a.b(c).d", "a.b"]


def test_error_is_local_and_reported_once() -> None:
    module = lower("class A {\n int x = 1;\n void f() { a(); b( ; c(); }\n void g() { d(); }\n int # y;\n}\n")
    assert len(module.flaws) == 1
    flaw = module.flaws[0]
    assert flaw.message.startswith("not understood from line 3: ")
    assert flaw.end >= flaw.start
    assert body_of(module, "g") == ["d()"]
    called = {n.callee.id for n in all_nodes(module) if isinstance(n, ir.Call) and isinstance(n.callee, ir.Name)}
    assert {"a", "c", "d"} <= called
    assert body_of(module, "<init-fields>") == ["(this.x = 1)"]


def test_calls_inside_an_error_are_kept() -> None:
    module = lower("class A { void f() { if (x) ) kept(1); y ?? other(2); } }")
    assert module.opaque > 0
    assert any(isinstance(n, ir.Opaque) for n in all_nodes(module))
    called = {n.callee.id for n in all_nodes(module) if isinstance(n, ir.Call) and isinstance(n.callee, ir.Name)}
    assert {"kept", "other"} <= called


def depth_of(module: ir.Module) -> int:
    deepest = 0
    stack: list[tuple[ir.Node, int]] = [(function, 0) for function in module.functions]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        stack.extend((child, depth + 1) for child in ir.children(node))
    return deepest


LONG = {
    "text": 'x = "a"' + " + b" * 5000 + ";",
    "sum": "x = a" + " + b * c - d" * 5000 + ";",
    "and": "x = a" + " && b" * 5000 + ";",
    "fluent": "a" + ".b(c)" * 3000 + ";",
    "fields": "x = a" + ".b" * 3000 + ";",
    "else if": "if (a) b();" + " else if (c) d();" * 5000,
    "switch": "switch (x) {" + "".join(f"case {i}: a(); break;" for i in range(3000)) + "}",
    "labels": "switch (x) {" + "".join(f"case {i}:" for i in range(3000)) + " a(); }",
    "parentheses": "x = " + "(" * 5000 + "a" + ")" * 5000 + ";",
}


@pytest.mark.parametrize("shape", LONG)
def test_long_chains_are_lowered_whole_and_stay_shallow(shape: str) -> None:
    assert depth_of(in_method(LONG[shape])) < 300


def test_nothing_of_a_long_chain_is_lost() -> None:
    names = [node.id for node in all_nodes(in_method(LONG["fluent"])) if isinstance(node, ir.Name)]
    assert names.count("c") == 3000
    calls = [node for node in all_nodes(in_method(LONG["else if"])) if isinstance(node, ir.Call)]
    assert len(calls) == 5001


DEEP = {
    "calls": "a(" * 5000 + ")" * 5000 + ";",
    "sums": "x = " + "(a + " * 5000 + "b" + ")" * 5000 + ";",
    "blocks": "{" * 5000 + "}" * 5000,
    "ifs": "if (a) " * 5000 + "b();",
    "lambdas": "x = " + "a -> " * 5000 + "b;",
    "ternaries": "x = " + "a ? b : " * 5000 + "c;",
    "casts": "x = " + "(A) " * 5000 + "b;",
    "arrays": "int[] x = " + "{" * 5000 + "}" * 5000 + ";",
    "types": "List<" * 5000 + "X" + ">" * 5000 + " x;",
    "classes": "class B {" * 5000 + "}" * 5000,
    "switches": "x = " + "switch (x) { default -> " * 900 + "1" + "; }" * 900 + ";",
    "anonymous": "new A() { void f() { " * 900 + "} }; " * 900,
    "increments": "x" + "++" * 3000 + ";",
    "errors": "( { [" * 5000,
}


@pytest.mark.parametrize("shape", DEEP)
def test_absurd_nesting_is_a_flaw(shape: str) -> None:
    module = lower("class A { void run() { " + DEEP[shape] + " } void after() { ok(); } }")
    assert module.flaws
    assert depth_of(module) < 1200


# --------------------------------------------------------------------------- robustness

SOURCES = [
    """package a; import b.*;
public class H<T> implements RequestHandler<M<String, Object>, R> {
  private static final Map<String, List<? super T>> C = new HashMap<>(); static { C.put("a", List.of()); }
  @Override public synchronized R handleRequest(final M<String, Object> e, Context... c) throws IOException {
    try (var s = open("x" + e.get("k")); other) { for (int i = 0; i < 3; i++) { n += i; } }
    catch (A | B x) { throw new E("m: " + x.getMessage(), x); } finally { synchronized (C) { C.clear(); } }
    return e.stream().map(String::trim).filter(z -> !z.isEmpty()).collect(toList());
  } }""",
    """enum E implements I { A(1) { int f() { return -1; } }, B; final int[] v = {1, 2};
  sealed interface S permits P {} record P(int x, String y) implements S { P { if (x < 0) throw new Q(); } }
  String g(Object o) { label: while (true) { if (o instanceof P(var x, String y) && x > 0) break label; o = next(); }
    return switch (o) { case null -> "n"; case P p when p.x() > 1 -> { yield p.y() + 1; }
    default -> T.class.getName(); }; } }""",
    """void main() { var t = \"\"\"
      é \\t ${x}
      \"\"\"; int i = a[b++][2] ^= ~c; Runnable r = new Runnable() { public void run() { i--; } };
  switch (i) { case 1: case 2: f(); default: g(); break; case 3: { return; } }
  do { assert i > 0 : t; } while (i < 1L); }""",
]


@pytest.mark.parametrize("source", SOURCES)
def test_truncated_and_mutated_sources_never_raise(source: str) -> None:
    data = source.encode()
    assert lower(data).flaws == ()
    chance = random.Random(7)
    variants = [data[:cut] for cut in range(0, len(data), 5)]
    for _ in range(150):
        at, more = chance.randrange(len(data)), chance.randrange(12)
        junk = bytes(chance.choice(b"(){}[];,.<>\"'@:?+-=a0\\\xff\n") for _ in range(chance.randrange(4)))
        variants.append(data[:at] + junk + data[at + more :])
    for variant in variants:
        module = lower(variant)
        show(module)
        assert None not in module.functions
        assert None not in module.classes
        for node in all_nodes(module):
            assert 0 <= node.start <= node.end <= len(variant)
            for number in (node.function, node.klass) if isinstance(node, ir.Define) else ():
                assert number is None or number < max(len(module.functions), len(module.classes))


@pytest.mark.parametrize(
    "data", [b"\x00\xff\xfe", b"\xf0\x28\x8c\x28 class A {}", b'"' * 1001, b"/*" * 500, b"\\u0041"]
)
def test_bytes_that_are_no_java(data: bytes) -> None:
    assert lower(data).path == "src/A.java"
