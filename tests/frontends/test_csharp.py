"""The C# front-end: one test per construct family, spans, recovery, depth, robustness."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from lmi_lint.frontends.csharp import FRONTEND
from lmi_lint.ir import nodes as ir
from lmi_lint.ir.nodes import Flags
from lmi_lint.ir.show import show
from lmi_lint.model.names import Language
from lmi_lint.model.source import SourceFile


def lower(text: str | bytes) -> ir.Module:
    data = text if isinstance(text, bytes) else text.encode()
    return FRONTEND.lower(SourceFile(path="src/A.cs", language=Language.CSHARP, data=data))


def clean(text: str) -> ir.Module:
    module = lower(text)
    assert module.flaws == ()
    assert module.opaque == 0
    return module


def method(module: ir.Module, name: str) -> ir.Function:
    found = [function for function in module.functions if function.name == name]
    assert len(found) == 1, [function.name for function in module.functions]
    return found[0]


def body_of(module: ir.Module, heading: str) -> list[str]:
    """The lines of the body of the function whose heading starts so (``fn#3``) or has this name."""
    lines = show(module).splitlines()
    starts = [
        at for at, line in enumerate(lines) if line.startswith("fn#") and heading in (line.split()[0], _name_of(line))
    ]
    assert len(starts) == 1, lines
    body: list[str] = []
    for line in lines[starts[0] + 1 :]:
        if not line.startswith("  "):
            break
        body.append(line[2:])
    return body


def _name_of(line: str) -> str:
    return line.split(" ", 1)[1].partition("(")[0]


def shown(statements: str, members: str = "") -> list[str]:
    """The lines of the body of a method with these statements."""
    return body_of(clean("class A { " + members + " async Task Run() { " + statements + " } }"), "Run")


def klass(module: ir.Module, name: str) -> ir.Class:
    return next(item for item in module.classes if item.name == name)


def fields(module: ir.Module, name: str) -> dict[str, ir.Flags]:
    return {field.name: field.flags for field in klass(module, name).fields}


def all_nodes(module: ir.Module) -> Iterator[ir.Node]:
    for item in (*module.functions, *module.classes, *module.imports, *module.comments, *module.flaws):
        yield from ir.walk(item)


# --------------------------------------------------------------------------- the file


def test_usings() -> None:
    module = clean(
        "global using A.B;\nusing static X.Y;\nusing C = X.Y.Z<int>;\nusing global::System.IO;\nusing P = (int, int);\n"
    )
    assert [(i.module, i.name, i.alias, i.kind) for i in module.imports] == [
        ("A.B", None, "", ir.ImportKind.WILDCARD),
        ("X.Y", None, "", ir.ImportKind.STATIC),
        ("X.Y", "Z", "C", ir.ImportKind.VALUE),
        ("System.IO", None, "", ir.ImportKind.WILDCARD),
    ]


def test_file_scoped_namespace() -> None:
    module = clean("namespace A.B;\nclass C { }\n")
    assert module.package == "A.B"
    assert klass(module, "C").decorators == ()


def test_nested_and_differing_namespaces() -> None:
    module = clean("namespace A { namespace B { class C { } } class D { } }\nclass E { }\n")
    assert module.package == "A.B"
    spaces = {
        item.name: [arg.value.value for d in item.decorators for arg in d.args if isinstance(arg.value, ir.Literal)]
        for item in module.classes
    }
    assert spaces == {"C": [], "D": ["A"], "E": [""]}


def test_top_level_statements() -> None:
    module = clean(
        "using System;\nusing var client = new HttpClient();\nint count = 0;\nawait Run(args);\n"
        "async Task Run(string[] a) { count++; }\nclass C { }\n"
    )
    assert body_of(module, "fn#0") == [
        "using new HttpClient:HttpClient() as client",
        "  let count: int = 0",
        "  (await Run(args))",
        "  define fn#1",
    ]
    assert Flags.ASYNC in module.functions[0].flags
    assert method(module, "Run").outer == 0
    assert Flags.ASYNC in method(module, "Run").flags


def test_comments_and_attributes_of_the_assembly() -> None:
    module = clean("[assembly: LambdaSerializer(typeof(S))]\n// one\nclass A { /* two */ void M() { } // three\n}\n")
    assert [(c.text, c.own_line) for c in module.comments] == [("one", True), ("two", False), ("three", False)]


def test_directives() -> None:
    module = clean(
        "#nullable enable\n#if X\nusing A;\n#else\nusing B;\n#endif\nclass C {\n#region r\n#if Y\nvoid P() { }\n"
        "#else\nvoid Q() { }\n#endif\n#endregion\nvoid M() {\n#if Z\na();\n#else\nb();\n#endif\n}\n}\n"
    )
    assert [item.module for item in module.imports] == ["A", "B"]
    assert {function.name for function in module.functions} == {"", "P", "Q", "M"}
    assert body_of(module, "M") == ["if '#if'", "  a()", "else", "  b()"]


# --------------------------------------------------------------------------- classes


def test_class_header() -> None:
    module = clean(
        "[Obsolete, X(1, N = 2)] public sealed partial class C<T, U> : Base<T>, IFoo where T : new() { }\n"
        "class D : IBar { }\nstruct S : IFoo { }\ninterface I : J { }\nstatic class Q { }\n"
    )
    c = klass(module, "C")
    assert c.flags == Flags.PUBLIC | Flags.FINAL | Flags.PARTIAL
    assert [b.name for b in c.bases] == ["Base"]
    assert [b.name for b in c.interfaces] == ["IFoo"]
    assert c.type_params == ("T", "U")
    assert [(d.name, [arg.name for arg in d.args]) for d in c.decorators] == [("Obsolete", []), ("X", [None, "N"])]
    assert (klass(module, "D").bases, [i.name for i in klass(module, "D").interfaces]) == ((), ["IBar"])
    assert [i.name for i in klass(module, "S").interfaces] == ["IFoo"]
    assert Flags.INTERFACE in klass(module, "I").flags
    assert Flags.STATIC in klass(module, "Q").flags


def test_fields_and_initialisers() -> None:
    module = clean(
        "class A { [ThreadStatic] static int t; static readonly List<string> L = new(), M; const int K = 1;"
        " volatile bool v; private B b = new(2) { X = 1 }; int[] n = { 1, 2 }; static A() { t = K; } }"
    )
    assert fields(module, "A") == {
        "t": Flags.STATIC | Flags.PRIVATE | Flags.THREAD_STATIC,
        "L": Flags.STATIC | Flags.PRIVATE | Flags.READONLY | Flags.FINAL,
        "M": Flags.STATIC | Flags.PRIVATE | Flags.READONLY | Flags.FINAL,
        "K": Flags.STATIC | Flags.PRIVATE | Flags.READONLY | Flags.FINAL,
        "v": Flags.VOLATILE | Flags.PRIVATE,
        "b": Flags.PRIVATE,
        "n": Flags.PRIVATE,
    }
    assert body_of(module, "<static>") == [
        "(class#0.L = new List:List<string>())",
        "(class#0.K = 1)",
        "block",
        "  (t = K)",
    ]
    assert body_of(module, "<init-fields>") == ["(this.b = new B:B(2) fill{'X': 1})", "(this.n = [1, 2])"]
    assert method(module, "<static>").flags == Flags.INITIALIZER | Flags.STATIC


def test_nested_types_enums_delegates() -> None:
    module = clean(
        "class A { class B { } enum E : byte { X = 1, [N] Y, Z = X | Y } delegate Task<int> D(string s);"
        " B? f; int?[] g; }"
    )
    assert klass(module, "B").outer_class == 0
    assert body_of(module, "<static>") == ["(class#2.X = 1)", "(class#2.Y = 'Y')", "(class#2.Z = (X | Y))"]
    assert list(fields(module, "E")) == ["X", "Y", "Z"]
    invoke = method(module, "Invoke")
    assert [param.name for param in invoke.params] == ["s"]
    assert invoke.returns is not None
    assert invoke.returns.name == "Task"
    types = {field.name: field.type.name for field in klass(module, "A").fields if field.type is not None}
    assert types == {"f": "B", "g": "int[]"}


def test_constructors_and_finalizer() -> None:
    module = clean(
        "class A : B { public A(int x) : base(x, out var y) { z = y; } A() : this(1) => w(); ~A() { Close(); } }"
    )
    assert body_of(module, "fn#1") == ["let y", "super(x, out y)", "(z = y)"]
    assert body_of(module, "fn#2") == ["this(1)", "w()"]
    assert body_of(module, "Finalize") == ["Close()"]
    assert [f.flags & Flags.CONSTRUCTOR for f in module.functions[1:3]] == [Flags.CONSTRUCTOR, Flags.CONSTRUCTOR]


def test_records_and_primary_constructors() -> None:
    module = clean(
        'public record R(int A, string B = "") : Base(A) { public string B { get; init; } = B; }\n'
        "record struct S(int X);\nclass P(IStore store, ILog log) : Q(log) { readonly IStore _store = store; }\n"
    )
    assert fields(module, "R") == {
        "A": Flags.PUBLIC | Flags.READONLY | Flags.FINAL,
        "B": Flags.PUBLIC | Flags.READONLY | Flags.FINAL,
    }
    assert fields(module, "S") == {"X": Flags.PUBLIC}
    assert body_of(module, "fn#1") == ["(this.A = A)", "(this.B = B)", "super(A)"]
    assert body_of(module, "fn#3") == [
        "(this.store = store)",
        "(this.log = log)",
        "(this._store = store)",
        "super(log)",
    ]


def test_properties() -> None:
    module = clean(
        "class A { public int P { get; private set; } = 3; public int G { get; } int R => x; "
        "public string S { get => s; set => s = value; } string F { get; set { field = value; } }"
        " static int T { get => field; set => field = value; } }"
    )
    assert fields(module, "A") == {
        "P": Flags.PUBLIC,
        "G": Flags.PUBLIC | Flags.READONLY | Flags.FINAL,
        "<F>k__BackingField": Flags.PRIVATE,
        "<T>k__BackingField": Flags.PRIVATE | Flags.STATIC,
    }
    accessors = [(f.name, bool(f.flags & Flags.ACCESSOR_SET), [p.name for p in f.params]) for f in module.functions[2:]]
    assert accessors == [
        ("R", False, []),
        ("S", False, []),
        ("S", True, ["value"]),
        ("F", False, []),
        ("F", True, ["value"]),
        ("T", False, []),
        ("T", True, ["value"]),
    ]
    assert body_of(module, "fn#4") == ["(s = value)"]
    assert body_of(module, "fn#5") == ["return this.<F>k__BackingField"]
    assert body_of(module, "fn#6") == ["(this.<F>k__BackingField = value)"]
    assert body_of(module, "fn#7") == ["return A.<T>k__BackingField"]


def test_indexers_events_operators() -> None:
    module = clean(
        "class A { int this[int i, string k] { get => 1; set { s(k, value); } } event H E; "
        "event H F { add { a(value); } remove => r(); } public static A operator +(A l, A r) => l;"
        " public static implicit operator int(A a) => 1; }"
    )
    names = [(f.name, [p.name for p in f.params]) for f in module.functions[1:]]
    assert names == [
        ("Item", ["i", "k"]),
        ("Item", ["i", "k", "value"]),
        ("add_F", ["value"]),
        ("remove_F", ["value"]),
        ("operator +", ["l", "r"]),
        ("operator int", ["a"]),
    ]
    assert list(fields(module, "A")) == ["E"]


def test_methods_and_parameters() -> None:
    module = clean(
        'static class A { public static async Task<T> M<T>(this B b, ref int r, [X] string s = "d", params int[] p)'
        " => await F(); void I.N() { } }\ninterface I { int M(); void D() { x(); } }"
    )
    m = module.functions[1]
    assert m.flags == Flags.PUBLIC | Flags.STATIC | Flags.ASYNC | Flags.EXTENSION
    assert [(p.name, p.type.name if p.type else None, p.rest) for p in m.params] == [
        ("b", "B", False),
        ("r", "int", False),
        ("s", "string", False),
        ("p", "int[]", True),
    ]
    assert m.params[2].decorators[0].name == "X"
    assert body_of(module, "fn#1") == ["return (await F())"]
    assert module.functions[2].flags == Flags.PUBLIC | Flags.METHOD
    assert module.functions[3].flags == Flags.PUBLIC | Flags.METHOD | Flags.ABSTRACT
    assert body_of(module, "D") == ["x()"]


def test_extension_block() -> None:
    module = clean(
        "static class E { extension<T>(List<T> s) { public int Len => s.Count; void M(int a) { f(s, a); } } }"
    )
    assert [p.name for p in method(module, "Len").params] == ["s"]
    assert [p.name for p in method(module, "M").params] == ["s", "a"]
    assert Flags.EXTENSION in method(module, "M").flags
    assert body_of(module, "M") == ["f(s, a)"]


# --------------------------------------------------------------------------- expressions


def test_calls_and_members() -> None:
    assert shown("F(1); a.B<int>(x: 2).C[3]?.D(this)?[4]!.E(); base.M(); G<A.B>(); global::S.T.U(); int.Parse(s);") == [
        "F(1)",
        "a.B<int>(x=2).C[3].D(this)[4].E()",
        "super.M()",
        "G<A.B>()",
        "S.T.U()",
        "int.Parse(s)",
    ]


def test_by_reference() -> None:
    assert shown("F(ref a, in b, out int c, out var d, out _, out e.f); Use(c);") == [
        "let c: int",
        "let d",
        "let $1",
        "F(ref a, b, out c, out d, out $1, out e.f)",
        "Use(c)",
    ]


def test_constructions() -> None:
    assert shown(
        "var a = new N.Foo<int>(x) { A = 1, B = { C = 2 }, D = { 3 } }; Foo b = new(); F(new() { X = 1 });"
        ' var d = new D { ["k"] = 1, { "m", 2 } }; var l = new L { 1, y }; var o = new { a, b.C, E = 5 };'
    ) == [
        "let a = new N.Foo:N.Foo<int>(x) fill{'A': 1, 'B': {'C': 2}, 'D': [3]}",
        "let b: Foo = new Foo:Foo()",
        "F(new new() fill{'X': 1})",
        "let d = new D:D() fill{'k': 1, 'm': 2}",
        "let l = new L:L() fill{1, y}",
        "let o = {'a': a, 'C': b.C, 'E': 5}",
    ]


def test_target_typed_new_of_a_field() -> None:
    assert shown("_c ??= new(1); this._c = new(); return new();", "static HttpClient _c;") == [
        "(_c ?= new HttpClient:HttpClient(1))",
        "(this._c = new HttpClient:HttpClient())",
        "return new Task:Task()",
    ]


def test_arrays_collections_tuples_copies() -> None:
    assert shown(
        "var a = new int[F()]; int[] b = { 1, 2 }; var c = new[] { x }; List<int> d = [1, ..b]; var t = (1, n: y);"
        " var w = r with { A = 1 }; Span<int> s = stackalloc int[3]; var i = a[1..^2]; var j = a[1, 2];"
    ) == [
        "let a = seq(F(); [])",
        "let b: int[] = [1, 2]",
        "let c = [x]",
        "let d: List<int> = [1, ...b]",
        "let t = {'Item1': 1, 'n': y}",
        "let w = r.<clone>() fill{'A': 1}",
        "let s: Span<int> = []",
        "let i = a[(1 .. (^ 2))]",
        "let j = a[(1 , 2)]",
    ]


def test_operators_and_assignments() -> None:
    assert shown(
        "a++; --b.c; d[i()]++; e += await F(); g = h = 1; k <<= 2; m ??= n; p = q ?? throw r; t = u ? v : -1;"
    ) == [
        "(a <update>= (a + 1))",
        "(b.c <update>= (b.c - 1))",
        "seq(let $1 = i(); (d[$1] <update>= (d[$1] + 1)))",
        "(e <update>= (e + (await F())))",
        "(g = (h = 1))",
        "(k <update>= (k << 2))",
        "(m ?= n)",
        "(p = (q ? _ : seq(raise r; _)))",
        "(t = (u ? v : -1))",
    ]


def test_unary_operators_stand_before_whole_chains() -> None:
    assert shown("await a?.B(); c = !d.e?.F().g!; h = await (await i)?.J(); k = -(int)l?.M; n = (await o).P();") == [
        "(await a.B())",
        "(c = (! d.e.F().g))",
        "(h = (await (await i).J()))",
        "(k = (- l.M))",
        "(n = (await o).P())",
    ]


def test_casts_types_and_names() -> None:
    assert shown(
        "a = (int)b; c = d as E; f = typeof(List<>); g = nameof(H.I<J>); k = default(int); l = sizeof(int);"
    ) == [
        "(a = b)",
        "(c = d)",
        "(f = type<List<?>>)",
        "(g = 'I')",
        "(k = None)",
        "(l = (sizeof type<int>))",
    ]


def test_text() -> None:
    assert shown(
        'string s = "a" + b; s += c; var i = $"x{y:N2}{{z}}"; var v = @"p\\q""r"; var w = $@"\\{a}"; '
        'var e = "\\u0041\\n"; n += 1; m = s + n; var z = $"";'
    ) == [
        "let s: string = text('a', b)",
        "(s <update>= text(s, c))",
        "let i = text('x', y, '{z}')",
        "let v = 'p\\\\q\"r'",
        "let w = text('\\\\', a)",
        "let e = 'A\\n'",
        "(n <update>= (n + 1))",
        "(m = text(s, n))",
        "let z = ''",
    ]


def test_raw_strings() -> None:
    module = clean('class A { string s = """\n    one\n      "two"\n    """; string t = $$"""a{{b}}{c}"""; }')
    assert body_of(module, "<init-fields>") == [
        "(this.s = 'one\\n  \"two\"')",
        "(this.t = text('a', b, '{c}'))",
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0x1F", 31),
        ("0b1_0", 2),
        ("10UL", 10),
        ("1.5f", 1.5),
        ("1e3m", 1000.0),
        ("'a'", "a"),
        ("'\\n'", "\n"),
        ("-1", -1),
    ],
)
def test_literals(text: str, value: object) -> None:
    assert shown(f"x = {text};") == [f"(x = {value!r})"]


def test_events_are_calls() -> None:
    members = "event H Own; void On(object s) { } int step;"
    assert shown(
        "a.B += (s, e) => { }; a.B += On; a.B -= this.On; Own += h; a.B += new XHandler(y); n += step;", members
    ) == [
        "a.B.add_event(fn#3)",
        "a.B.add_event(On)",
        "a.B.remove_event(this.On)",
        "Own.add_event(h)",
        "a.B.add_event(new XHandler:XHandler(y))",
        "(n <update>= (n + step))",
    ]


def test_deconstruction_and_discards() -> None:
    assert shown("var (a, (b, _)) = t; (int c, d.e) = u; (f, g) = (g, f); _ = F(); foreach (var (k, v) in m) { }") == [
        "let a",
        "let b",
        "(pattern(a@Item1, b@Item2.Item1) = t)",
        "let c: int",
        "(pattern(c@Item1, d.e@Item2) = u)",
        "seq(let $1 = g; let $2 = f; (f = $1); (g = $2); _)",
        "F()",
        "loop let pattern(k@Item1, v@Item2) of m",
    ]


# --------------------------------------------------------------------------- functions as values


def test_lambdas_and_local_functions() -> None:
    module = clean(
        "class A { void M() { F(x => x, async (int a, ref B b) => { await a; }, delegate(int q) { return q; });"
        " int Local(int n) => n; async IAsyncEnumerable<int> Gen() { yield return 1; yield break; } } }"
    )
    assert body_of(module, "M") == ["F(fn#2, fn#3, fn#4)", "define fn#5", "define fn#6"]
    assert [f.flags & ~Flags.LAMBDA for f in module.functions[2:5]] == [Flags.NONE, Flags.ASYNC, Flags.NONE]
    assert all(Flags.LAMBDA in f.flags and f.outer == 1 for f in module.functions[2:])
    assert body_of(module, "Local") == ["return n"]
    assert method(module, "Gen").flags == Flags.ASYNC | Flags.GENERATOR | Flags.LAMBDA
    assert body_of(module, "Gen") == ["(yield 1)", "return"]


def test_lambda_modifiers_without_types() -> None:
    assert shown("P p = (text, out result) => int.TryParse(text, out result);") == ["let p: P = fn#2"]


def test_queries() -> None:
    module = clean(
        "class A { void M() { var q = from a in xs join b in ys on a.i equals b.j let c = a.k "
        "where c > 1 orderby c descending, a.l select new { a, c };"
        " var g = from o in os group o.v by o.k into h select h; } }"
    )
    assert body_of(module, "M") == [
        (
            "let q = xs.Join(ys, fn#2, fn#3, fn#4).Select(fn#5).Where(fn#6)"
            ".OrderByDescending(fn#7).ThenBy(fn#8).Select(fn#9)"
        ),
        "let g = os.GroupBy(fn#10, fn#11).Select(fn#12)",
    ]
    assert body_of(module, "fn#4") == ["return {'a': a, 'b': b}"]
    assert body_of(module, "fn#5") == [
        "let a = $1.a",
        "let b = $1.b",
        "let c = a.k",
        "return {'a': a, 'b': b, 'c': c}",
    ]
    assert body_of(module, "fn#10") == ["return o.k"]
    assert [p.name for p in module.functions[12].params] == ["h"]


# --------------------------------------------------------------------------- statements


def test_branches_and_pattern_variables() -> None:
    assert shown("if (!d.TryGetValue(k, out var v)) return; else if (o is Foo f) f.M(); else { } Use(v);") == [
        "let v",
        "if (! d.TryGetValue(k, out v))",
        "  return",
        "else",
        "  let f: Foo",
        "  if ((f = o) is type<Foo>)",
        "    f.M()",
        "Use(v)",
    ]


@pytest.mark.parametrize(
    ("pattern", "test"),
    [
        ("null", "(o == None)"),
        ("not null", "(! (o == None))"),
        ("Foo", "(o is type<Foo>)"),
        ("int or string", "((o is type<int>) ? _ : (o is type<string>))"),
        ("> 1 and < 3", "((o > 1) ? (o < 3) : _)"),
        ("{ A: 1, B.C: var x }", "((o.A == 1) ? ((x = o.B.C) is True) : _)"),
        ("Foo(var x, 2) y", "((((y = o) is type<Foo>) ? ((x = o.Item1) is True) : _) ? (o.Item2 == 2) : _)"),
        ("{ }", "(o != None)"),
        ("[1, .. ]", "((o.Length >= 1) ? (o[0] == 1) : _)"),
    ],
)
def test_patterns(pattern: str, test: str) -> None:
    assert shown(f"b = o is {pattern};")[-1] == f"(b = {test})"


def test_pattern_subject_is_evaluated_once() -> None:
    assert shown("b = F() is { A: 1, B: 2 };") == ["let $1", "(b = seq(($1 = F()); (($1.A == 1) ? ($1.B == 2) : _)))"]


def test_switch_statement() -> None:
    assert shown(
        "switch (F()) { case 1: case 2: a(); break; case Foo f when f.X: { while (t) break; if (q) break; break; }"
        " default: d(); return; case > 3: continue; }"
    ) == [
        "block",
        "  let $1 = F()",
        "  if (($1 == 1) ? _ : ($1 == 2))",
        "    a()",
        "  else",
        "    let f: Foo",
        "    if (((f = $1) is type<Foo>) ? f.X : _)",
        "      block",
        "        loop while t",
        "          break",
        "        if q",
        "          break switch",
        "    else",
        "      if ($1 > 3)",
        "        continue",
        "      else",
        "        d()",
        "        return",
    ]


def test_switch_expression() -> None:
    lines = shown("return F() switch { 1 => a(), (2, _) => b, null => throw new E(), _ => d };")
    assert "".join(lines).removeprefix("return seq(").split("; ") == [
        "let $1",
        "let $2 = F()",
        "if ($2 == 1)",
        "($1 = a())",
        "else",
        "if (($2.Item1 == 2) ? ($2.Item2 is True) : _)",
        "($1 = b)",
        "else",
        "if ($2 == None)",
        "raise new E:E()",
        "else",
        "($1 = d)",
        "$1)",
    ]


def test_loops() -> None:
    assert shown(
        "for (int i = 0, j = 1; i < 3; i++, j++) a(); while (x is Foo f) b(); do { c(); } while (d);"
        " foreach (string s in e) F(s + 1); await foreach (var g in h.ConfigureAwait(false)) { }"
    ) == [
        "block",
        "  let i: int = 0",
        "  let j: int = 1",
        "  loop while (i < 3) update seq((i <update>= (i + 1)); (j <update>= (j + 1)))",
        "    a()",
        "block",
        "  let f: Foo",
        "  loop while ((f = x) is type<Foo>)",
        "    b()",
        "loop until-after d",
        "  c()",
        "loop let s of e",
        "  F(text(s, 1))",
        "loop let g of h.ConfigureAwait(False)",
        "  (for await _)",
    ]


def test_resources_and_locks() -> None:
    assert shown(
        "lock (x) { a(); } using (var f = O(), g = P()) b(); await using (Q()) { } "
        "using S s = new(); c(); await using var t = T(); d();"
    ) == [
        "monitor x",
        "  a()",
        "using O() as f",
        "  using P() as g",
        "    b()",
        "await using Q()",
        "using new S:S() as s",
        "  c()",
        "  await using T() as t",
        "    d()",
    ]


def test_exceptions() -> None:
    assert shown("try { a(); } catch (E e) when (e.X is int x) { b(); } catch { throw; } finally { c(); }") == [
        "try",
        "  a()",
        "catch e E",
        "  let x: int",
        "  if ((x = e.X) is type<int>)",
        "    b()",
        "  else",
        "    raise",
        "catch",
        "  raise",
        "finally",
        "  c()",
    ]


def test_transparent_statements_and_goto() -> None:
    module = lower(
        "class A { void M() { unsafe { *p = 1; } checked { a(); } fixed (int* q = &b[0]) c(q); l: d(); goto l; } }"
    )
    assert module.flaws == ()
    assert module.opaque == 1
    assert body_of(module, "M") == [
        "block",
        "  (p[0] = 1)",
        "block",
        "  a()",
        "block",
        "  let q: int* = (& b[0])",
        "  c(q)",
        "d()",
        "opaque<goto_statement>(l)",
    ]


# --------------------------------------------------------------------------- newer syntax, spans, recovery


def test_syntax_that_the_grammar_lacks() -> None:
    assert shown("q?.Name = 1; q?.Items[0] += 2;") == ["(q.Name = 1)", "(q.Items[0] <update>= (q.Items[0] + 2))"]
    module = clean(
        "class A { void operator +=(int x) { t(x); } void G<T>() where T : allows ref struct { }\n"
        "void M() { f(1,\n#if DEBUG\n2,\n#else\n3,\n#endif\n4); } }"
    )
    assert body_of(module, "M") == ["f(1, 3, 4)"]
    assert body_of(module, "operator +") == ["t(x)"]


def test_spans_are_bytes() -> None:
    text = 'class Ä { void M() { var s = "é😀"; kühl(s); } }'
    data = text.encode()
    module = clean(text)
    call = next(node for f in module.functions for node in ir.walk(f) if isinstance(node, ir.Call))
    assert data[call.start : call.end].decode() == "kühl(s)"
    found = method(module, "M")
    assert data[found.name_start : found.name_end] == b"M"
    assert data[klass(module, "Ä").name_start : klass(module, "Ä").name_end].decode() == "Ä"


def test_errors_are_kept() -> None:
    module = lower("class A { void M() { a(); x = = b(1); c(); } void N() { d(); } }")
    assert len(module.flaws) == 1
    assert module.opaque > 0
    called = {
        node.callee.id for node in all_nodes(module) if isinstance(node, ir.Call) and isinstance(node.callee, ir.Name)
    }
    assert called == {"a", "b", "c", "d"}


def test_template_is_not_csharp() -> None:
    module = lower("namespace {{ name }};\npublic class {{ cls }} { void M() { f(); } }")
    assert len(module.flaws) == 1


_DEEP = 3000
_NESTED = {
    "parentheses": "x = " + "(" * _DEEP + "a" + ")" * _DEEP + ";",
    "calls": "f(" * _DEEP + "1" + ")" * _DEEP + ";",
    "lambdas": "f(" + "x => g(" * _DEEP + "1" + ")" * _DEEP + ");",
    "blocks": "{" * _DEEP + "}" * _DEEP,
    "ifs": "if (a) " * _DEEP + ";",
    "usings": "using var x = f();" * _DEEP,
    "patterns": "b = x is " + "{ A: " * _DEEP + "1" + " }" * _DEEP + ";",
    "types": "A<" * _DEEP + "B" + ">" * _DEEP + " x;",
    "initialisers": "x = " + "new A { B = " * _DEEP + "1" + "}" * _DEEP + ";",
    "local functions": "void f() { " * _DEEP + "}" * _DEEP,
    "conditionals": "x = " + "a ? " * _DEEP + "b" + " : c" * _DEEP + ";",
}


@pytest.mark.parametrize("kind", sorted(_NESTED))
def test_deep_nesting_is_a_flaw(kind: str) -> None:
    module = lower("class A { void M() { " + _NESTED[kind] + " } }")
    if kind == "parentheses":  # they mean nothing
        assert module.flaws == ()
    else:
        assert [flaw.message.startswith("nested too deeply") for flaw in module.flaws] == [True]
    show(module)


@pytest.mark.parametrize(
    "text",
    [
        "x = " + " + ".join(["a"] * _DEEP) + ";",
        "x = " + " && ".join(["a()"] * _DEEP) + ";",
        "x" + ".A()" * _DEEP + ";",
        "if (a) b();" + " else if (c) d();" * _DEEP,
        "switch (x) { " + "case 1: a(); break; " * _DEEP + "}",
        "y = x switch { " + "1 => 2, " * _DEEP + "_ => 3 };",
        "b = x is " + " or ".join(["1"] * _DEEP) + ";",
    ],
)
def test_long_chains_are_read_whole(text: str) -> None:
    module = clean("class A { void M() { " + text + " } }")
    assert max(_depth(function) for function in module.functions) < 600


def _depth(root: ir.Node) -> int:
    deepest = 0
    stack: list[tuple[ir.Node, int]] = [(root, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        stack.extend((child, depth + 1) for child in ir.children(node))
    return deepest


_SAMPLE = """using System; namespace N;
[X] public partial class A<T>(int p, string q = "d") : B(p), I where T : new() {
  static readonly Dictionary<string, int> D = new() { ["a"] = 1 }; public string S { get; set => field = value; }
  public int this[int i] => i; event H E; enum F { A, B = 2 } record R(int X, int Y);
  public async Task<string> M(ref int a, params string[] r) {
    if (!D.TryGetValue(S, out var v) || v is > 1 and < 3) return $"x{v:N}" + @"y"; _c ??= new();
    var z = a switch { 1 => "b", { } t when t > 2 => throw new E(), _ => (1, n: 2).n };
    foreach (var (k, w) in D) { E += (s, e) => { k++; }; continue; } await foreach (var i in G()) ;
    var l = from x in y where x.Q select x?.W[0]!.V; using var u = U(); lock (D) { D["k"] = await F(a, ref v); }
    try { switch (o) { case 1: case Foo f: break; default: goto case 1; } } catch (E e) when (e.X) { throw; }
    finally { }
    int L(int n) => n <= 1 ? 1 : n * L(n - 1); (a, var b) = (b, a); return r with { X = [1, ..y] };
  }
}
"""


def _check(data: bytes) -> None:
    module = lower(data)
    for node in all_nodes(module):
        assert 0 <= node.start <= node.end <= len(data)
    assert all(0 <= i < len(module.functions) for item in module.classes for i in item.methods)
    show(module)


def test_truncated_anywhere() -> None:
    data = _SAMPLE.encode()
    for end in range(0, len(data), 3):
        _check(data[:end])


def test_mutated_anywhere() -> None:
    rng = random.Random(5)
    data = _SAMPLE.encode()
    pieces = [
        b"{",
        b"}",
        b"(",
        b")",
        b";",
        b"=>",
        b"?",
        b"[",
        b"]",
        b'"',
        b"#if X\n",
        b"#endif\n",
        b"\xff",
        b"new ",
        b"is ",
    ]
    for _ in range(400):
        mutated = bytearray(data)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(mutated))
            if rng.random() < 0.5:
                del mutated[at : at + rng.randint(1, 12)]
            else:
                mutated[at:at] = rng.choice(pieces)
        _check(bytes(mutated))


def test_version_is_stated() -> None:
    assert FRONTEND.version.startswith("csharp-")
