"""The Python front-end, construct by construct."""

from __future__ import annotations

import random
import sys
from textwrap import dedent

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from lmi_lint.frontends.python import FRONTEND
from lmi_lint.frontends.python.guards import MAX_BRACKETS, MAX_CHAIN, MAX_SIZE, danger
from lmi_lint.frontends.python.positions import Positions
from lmi_lint.ir import nodes as ir
from lmi_lint.ir.show import show, show_block, show_import, show_type
from lmi_lint.model.names import Language
from lmi_lint.model.source import SourceFile, Span


def source_of(text: str | bytes) -> SourceFile:
    data = text if isinstance(text, bytes) else dedent(text).encode()
    return SourceFile("a.py", data, language=Language.PYTHON)


def lower(text: str | bytes) -> ir.Module:
    return FRONTEND.lower(source_of(text))


def body(text: str, function: int = 0) -> list[str]:
    """The printed body of one function of a file that must lower without an Opaque or a flaw."""
    module = lower(text)
    assert module.opaque == 0, show(module)
    assert module.flaws == ()
    return [line[2:] for line in show_block(module.functions[function].body, 1)]


def heads(text: str) -> list[str]:
    return [line for line in show(lower(text)).splitlines() if line.startswith(("fn#", "class#", "  field"))]


def all_nodes(module: ir.Module) -> list[ir.Node]:
    return [node for item in (*module.functions, *module.classes) for node in ir.walk(item)]


# --------------------------------------------------------------------------- imports


def test_imports_stand_in_the_import_list_only() -> None:
    module = lower("""
        import os, a.b, a.b as c
        from m import x as y, z
        from . import s
        from ..p.q import t
        from w import *
        def f():
            import inner
    """)
    assert [show_import(item) for item in module.imports] == [
        "import * as os from 'os' (namespace)",
        "import * as a from 'a.b' (namespace)",
        "import * as c from 'a.b' (namespace)",
        "import x as y from 'm' (value)",
        "import z as z from 'm' (value)",
        "import s as s from '.' (value)",
        "import t as t from '..p.q' (value)",
        "import * from 'w' (wildcard)",
        "import * as inner from 'inner' (namespace)",
    ]
    assert [type(item) for item in module.functions[0].body] == [ir.Define]
    assert module.functions[1].body == ()


# --------------------------------------------------------------------------- expressions


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("f(a, *b, k=c, **d)", "f(a, ...b, k=c, ...d)"),
        ("a.b.c[k]", "a.b.c[k]"),
        ("a[1:2]", "a[opaque<slice>(1, 2)]"),
        ("a[1, x:]", "a[[1, opaque<slice>(x)]]"),
        ("f([1, *a], (b,), {c}, {'k': v, **r})", "f([1, ...a], [b], set{c}, map{'k': v, ...r})"),
        ("a if t else b", "(t ? a : b)"),
        ("a and b and c", "((a ? b : _) ? c : _)"),
        ("a or b", "(a ? _ : b)"),
        ("not a", "(not a)"),
        ("a < b <= c", "(a < <= b < <= c)"),
        ("a not in b", "(a not in b)"),
        ("a is not None", "(a is not None)"),
        ("a + b + c * d", "(a + b + (c * d))"),
        ("a - b + c", "((a - b) + c)"),
        ("a + 'x' + b", "text(a, 'x', b)"),
        ("-1 - ~a", "(-1 - (~ a))"),
        ("(n := f())", "(n = f())"),
        ("f(...)", "f(None)"),
        ("f(0xff, 1_0, 1.5, 2j)", "f(255, 10, 1.5, 2.0)"),
        ("f('a' \"b\" r'\\n' '\\x41\\n\\N{BULLET}')", "f('ab\\\\nA\\n•')"),
        ("f(b'\\xff')", "f('ÿ')"),
        ("f(f'a{b!r:>{w}}{{}}{c=}' 'd')", "f(text('a', b, w, '{}', 'c=', c, 'd'))"),
        ("'%s %s' % (a, *b)", "%format('%s %s', a, ...b)"),
        ("'%s' % a + 'x'", "text(%format('%s', a), 'x')"),
        ("a % b", "(a % b)"),
        ("'{}'.format(a)", "'{}'.format(a)"),
        ("t'a{b}'", "text('a', b)"),
    ],
)
def test_expressions(text: str, shown: str) -> None:
    assert body(text) == [shown]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x = [f(a) for a in b if a]", "[]; loop const a of b; if a; ($t1[None] = f(a))"),
        ("x = {a for a in b}", "set{}; loop const a of b; ($t1[None] = a)"),
        ("x = {k: v for k, v in b}", "map{}; loop const pattern(k@*0, v@*1) of b; ($t1[k] = v)"),
        ("x = (a for b in c for a in b)", "[]; loop const b of c; loop const a of b; ($t1[None] = a)"),
        ("x = [a async for a in b]", "[]; loop const a of b; (for await _); ($t1[None] = a)"),
    ],
)
def test_comprehensions_are_sequences(text: str, shown: str) -> None:
    assert body(text) == [f"(x = seq(const $t1 = {shown}; $t1))"]


def test_a_starred_comprehension_adds_each_element() -> None:
    assert body("x = [*a for a in b]") == [
        "(x = seq(const $t1 = []; loop const a of b; loop const $t2 of a; ($t1[None] = $t2); $t1))"
    ]


def test_lambdas_take_the_name_of_their_target() -> None:
    assert heads("f = lambda a, *b: g(a)\nh(lambda: 1)") == [
        "fn#0 <anonymous>() initializer",
        "fn#1 f(a, ...b) lambda outer fn#0",
        "fn#2 <anonymous>() lambda outer fn#0",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("async def f(): await g()", "(await g())"),
        ("async def f(): yield a", "(yield a)"),
        ("def f(): yield a", "(yield a)"),
        ("def f(): yield from a", "(yield a)"),
    ],
)
def test_suspensions(text: str, shown: str) -> None:
    assert body(text, 1) == [shown]
    suspends = any(isinstance(node, ir.Await) for node in all_nodes(lower(text)))
    assert suspends is text.startswith("async")


def test_yield_makes_a_generator() -> None:
    assert ir.Flags.GENERATOR in lower("def f(): x = yield").functions[1].flags
    assert ir.Flags.GENERATOR not in lower("def f():\n def g(): yield\n").functions[1].flags


# --------------------------------------------------------------------------- statements


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a = b = f()", ["(b = (a = f()))"]),
        ("a: int = 1", ["(a = 1)"]),
        ("a: int", []),
        ("a, b = c, d", ["(a = c)", "(b = d)"]),
        ("a, b = b, a", ["(pattern(a@*0, b@*1) = [b, a])"]),
        ("a, (b.c, *d[0]) = e", ["(pattern(a@*0, b.c@*1.*0, d[0]@*1....) = e)"]),
        ("a.n += f()", ["(a.n <update>= (a.n + f()))"]),
        ("a += 'x'", ["(a <update>= text(a, 'x'))"]),
        ("del a, b[0]", ["delete a", "delete b[0]"]),
        ("assert a, m", ["if (not a)", "  raise m"]),
        ("raise E(a) from f()", ["f()", "raise E(a)"]),
        ("global a", ["global a"]),
        ("if a: b()\nelif c: d()\nelse: e()", ["if a", "  b()", "else", "  if c", "    d()", "  else", "    e()"]),
        ("while a: b()\nelse: c()", ["loop while a", "  b()", "c()"]),
        ("with a as b, c: d()", ["with a as b", "  with c", "    d()"]),
        ("with a as (b, c): d()", ["with a as $t1", "  (pattern(b@*0, c@*1) = $t1)", "  d()"]),
        ("type X[T] = list[T]", ["(X = type<list<T>>)"]),
        ("'doc'\n...\npass", []),
        ("a(); b()", ["a()", "b()"]),
    ],
)
def test_statements(text: str, shown: list[str]) -> None:
    assert body(text) == shown


def test_a_loop_else_runs_unless_the_loop_breaks() -> None:
    text = "for x in a:\n  for y in b:\n    if y: break\n  else: c()\nelse: d()\n"
    assert body(text) == [
        "loop x of a",
        "  ($t2 = True)",
        "  loop y of b",
        "    if y",
        "      ($t2 = False)",
        "      break",
        "  if $t2",
        "    c()",
        "d()",
    ]


def test_try() -> None:
    text = """
        try: a()
        except (E, m.F) as e: b()
        except G: c()
        except errors[k]: d()
        except: e()
        else: f()
        finally: g()
    """
    assert body(text) == [
        "try",
        "  a()",
        "catch e |<E, m.F>",
        "  b()",
        "catch G",
        "  c()",
        "catch |",
        "  errors[k]",
        "  d()",
        "catch",
        "  e()",
        "else",
        "  f()",
        "finally",
        "  g()",
    ]
    assert body("try: a()\nexcept* E as e: b()\n") == ["try", "  a()", "catch e E", "  b()"]


def test_async_statements_suspend() -> None:
    text = "async def f():\n  async for x in a: b()\n  async with c as d: e()\n"
    assert body(text, 1) == ["loop x of a", "  (for await _)", "  b()", "await with c as d", "  e()"]


def test_match_is_a_chain_of_tests_of_one_subject() -> None:
    text = """
        match f():
            case 1 | 'b': a()
            case None: b()
            case [x, *r] if r: c()
            case {'k': v, **kw}: d()
            case A(y, k=1) as z: e()
            case _: g()
    """
    assert body(text) == [
        "($t1 = f())",
        "if (($t1 == 1) ? _ : ($t1 == 'b'))",
        "  a()",
        "else",
        "  if ($t1 is None)",
        "    b()",
        "  else",
        "    if ((is sequence $t1) ? seq((x = $t1[0]); (r = $t1[opaque<slice>()]); r) : _)",
        "      c()",
        "    else",
        "      if ((is mapping $t1) ? ('k' in $t1) : _)",
        "        (v = $t1['k'])",
        "        (kw = $t1)",
        "        d()",
        "      else",
        "        if (($t1 isinstance A) ? ($t1.k == 1) : _)",
        "          (y = $t1[0])",
        "          (z = $t1)",
        "          e()",
        "        else",
        "          g()",
    ]


# --------------------------------------------------------------------------- functions and classes


def test_parameters_and_decorators() -> None:
    text = "@a.b(1, k=c)\n@d\nasync def f(p, /, q: int = 1, *args: str, r=[], **kw) -> 'Out[int]': pass\n"
    assert heads(text)[1] == (
        "fn#1 f(p, q: int = 1, ...args: str, r = [], ...kw) async -> Out outer fn#0 @a.b(1, k=c) @d()"
    )
    function = lower(text).functions[1]
    assert [param.name for param in function.params] == ["p", "q", "args", "r", "kw"]
    assert [param.rest for param in function.params] == [False, False, True, False, True]
    assert [item.name for item in function.decorators] == ["a.b", "d"]
    assert show_type(function.returns) == "Out"


def test_class_bodies_run_in_a_static_initialiser() -> None:
    text = """
        class A(B, Generic[T], metaclass=M):
            '''doc'''
            X = 1
            Y: list[int] = [X]
            z: int
            def m(self, d=X): return X
            for i in a: X += i
            class In: pass
            sq = [X for q in range(X)]
    """
    assert heads(text) == [
        "class#0 A extends B, Generic<T> base B methods [2, 1]",
        "  field X static",
        "  field Y: list<int> static",
        "  field z: int",
        "  field sq static",
        "class#1 In methods []",
        "fn#0 <anonymous>() initializer",
        "fn#1 <anonymous>() static initializer in class#0 outer fn#0",
        "fn#2 m(d = class#0.X) method in class#0 outer fn#0",
    ]
    assert body(text, 1) == [
        "(class#0.X = 1)",
        "(class#0.Y = [class#0.X])",
        "loop class#0.i of a",
        "  (class#0.X <update>= (class#0.X + class#0.i))",
        "(class#0.In = class#1)",
        "(class#0.sq = seq(const $t1 = []; loop const q of range(class#0.X); ($t1[None] = X); $t1))",
    ]
    assert body(text, 2) == ["return X"]


def test_fields_of_a_dataclass_belong_to_its_instances() -> None:
    module = lower("@dataclass\nclass A:\n  a: int = 1\n  b: ClassVar[int] = 2\n  C: Final = 3\n  d = 4\n")
    fields = {field.name: field.flags for field in module.classes[0].fields}
    assert fields == {
        "a": ir.Flags.NONE,
        "b": ir.Flags.STATIC,
        "C": ir.Flags.FINAL,
        "d": ir.Flags.STATIC,
    }


@pytest.mark.parametrize(
    ("head", "params"),
    [
        ("@dataclass\nclass A:", ["a", "b"]),
        ("@dataclasses.dataclass(frozen=True)\nclass A(Generic[T]):", ["a", "b"]),
        ("@dataclass\nclass A(Other):", None),
        ("@other\nclass A:", None),
        ("class A:", None),
    ],
)
def test_a_dataclass_gets_a_constructor_of_its_fields(head: str, params: list[str] | None) -> None:
    text = f"{head}\n  _: KW_ONLY\n  a: int\n  b: str = 'x'\n  c: ClassVar[int] = 2\n  d: int = field(init=False)\n"
    made = [item for item in lower(text).functions if item.name == "__init__"]
    assert [[param.name for param in item.params] for item in made] == ([] if params is None else [params])
    for item in made:
        assert [line[2:] for line in show_block(item.body, 1)] == ["(this.a = a)", "(this.b = b)"]


def test_a_dataclass_may_write_its_own_constructor() -> None:
    module = lower("@dataclass\nclass A:\n  a: int\n  def __init__(self, z): self.a = z\n")
    assert [[param.name for param in item.params] for item in module.functions if item.name == "__init__"] == [["z"]]


def test_receivers() -> None:
    text = """
        class A:
            def __init__(self, a):
                super().__init__(a)
                self.a = lambda: self.b
                def inner(x): return self.c
                def shadow(self): return self.d
            @classmethod
            def make(cls): return cls()
            @staticmethod
            def s(a): return a
            @property
            def p(this): return this.q
            @p.setter
            def p(this, v): this.q = v
            def again(self):
                self = self.next
                return self.v
            def part(self): return [self for self in self.all]
    """
    module = lower(text)
    lines = show(module).splitlines()
    assert module.opaque == 0
    assert [line for line in lines if line.startswith("  ") and "define" not in line] == [
        "  super.__init__(a)",
        "  (this.a = fn#2)",
        "  return this.b",
        "  return this.c",
        "  return self.d",
        "  return class#0()",
        "  return a",
        "  return this.q",
        "  (this.q = v)",
        "  (self = this)",
        "  (self = self.next)",
        "  return self.v",
        "  return seq(const $t1 = []; loop const self of this.all; ($t1[None] = self); $t1)",
    ]
    flags = {function.name: function.flags for function in module.functions}
    assert flags["__init__"] == ir.Flags.METHOD | ir.Flags.CONSTRUCTOR
    assert flags["inner"] == ir.Flags.LAMBDA
    assert flags["make"] == flags["s"] == ir.Flags.METHOD | ir.Flags.STATIC
    assert flags["p"] == ir.Flags.METHOD | ir.Flags.ACCESSOR_SET
    assert {module.functions[index].name for index in module.classes[0].methods} >= {"__init__", "p", "part"}


def test_indexes_are_consistent() -> None:
    module = lower("class A:\n  x = lambda: 1\n  def m(self):\n    class B:\n      def n(self): return lambda: self\n")
    for position, klass in enumerate(module.classes):
        assert all(module.functions[index].owner == position for index in klass.methods)
    assert [(klass.name, klass.outer_class) for klass in module.classes] == [("A", None), ("B", 0)]
    n = next(index for index, function in enumerate(module.functions) if function.name == "n")
    assert module.functions[n + 1].outer == n
    m = next(index for index, function in enumerate(module.functions) if function.name == "m")
    assert module.functions[n].outer == m


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a.B[C, list[D]]", "a.B<C, list<D>>"),
        ("Optional[A]", "A"),
        ("A | None", "A"),
        ("A | B | None", "|<A, B>"),
        ("Union[A, B]", "|<A, B>"),
        ("'A.B[int]'", "A.B"),
        ("Annotated[A, x]", "A"),
        ("f()", ""),
        ("None", ""),
    ],
)
def test_types(written: str, shown: str) -> None:
    assert show_type(lower(f"def f(a: {written}): pass").functions[1].params[0].type) == shown


# --------------------------------------------------------------------------- comments and positions


def test_comments() -> None:
    module = lower("# one\nf(a)  # two é\nx = f'#{a}' + '# no'  # three\nif a:\n  # four\n  b()\n")
    assert [(item.text, item.own_line) for item in module.comments] == [
        ("one", True),
        ("two é", False),
        ("three", False),
        ("four", True),
    ]
    assert [item.start for item in module.comments][:2] == [0, 12]


@pytest.mark.parametrize("text", ["", "\n", "# only\r\n", "#!/usr/bin/env python\n", "'doc'", "\f", "x\n\n  "])
def test_almost_empty_files(text: str) -> None:
    module = lower(text)
    assert len(module.functions) == 1
    assert module.functions[0].flags == ir.Flags.INITIALIZER
    assert module.flaws == ()


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "before", ["", "é = '😀'\n", "\f\n# c\f\n", "if é:\n\tx = '''\n'''\n", "# -*- coding: latin-1 -*-\n"]
)
def test_spans_are_exact(newline: str, before: str) -> None:
    source = source_of((before + "x = ünïcode.größe( é,'→' ) \\\n  + f(x)\n").replace("\n", newline).encode())
    module = FRONTEND.lower(source)
    assert module.flaws == ()
    calls = [source.text(Span(node.start, node.end)) for node in all_nodes(module) if isinstance(node, ir.Call)]
    assert sorted(calls) == ["f(x)", "ünïcode.größe( é,'→' )"]
    names = [node for node in all_nodes(module) if isinstance(node, ir.Name)]
    assert len(names) >= 5
    assert all(source.text(Span(node.start, node.end)) == node.id for node in names)


_PIECES = [
    "x = 1  # é\n",
    "def f(a, *b, c: int = 2, **d) -> 'é':\n    return (a, *b)\n",
    "@d(1)\nclass A(B, k=C):\n\n    # c\n    x: int = f'{a!r:>{w}}' 'é'\n",
    "if a:\n\tpass\nelif b: pass\nelse:\n\tc ; d\n",
    "with (a as b, c): pass\n",
    "try:\n  a\nexcept (A, B) as e:\n  raise X from e\nfinally:\n  del b[1:2, ...]\n",
    "match a:\n  case [1, *r] | {'k': v} if r: pass\n  case A(b=c): pass\n",
    "async def g():\n  async for i in (x async for x in y): await (yield)\n",
    "z = lambda *a, b=(1, 2): [a for a in b if a] \\\n   if not a else {**a, 'é': 1}\n",
    "from . import (a as b,\n  c)\nimport d.e as f, g\nglobal h\n",
    "while (n := 1) < 2 <= -3: break\nelse: assert a, b\n",
]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=6), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_positions_agree_with_libcst(pieces: list[str], newline: str, ends: bool) -> None:
    text = "".join(pieces).replace("\n", newline)
    text = text if ends else text.rstrip()
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    spans = wrapper.resolve(ByteSpanPositionProvider)
    positions = Positions(wrapper.module, text)
    for node, span in spans.items():
        if node is wrapper.module:  # libcst counts a newline that it then takes back
            continue
        assert positions.span(node) == (span.start, span.start + span.length), type(node).__name__


# --------------------------------------------------------------------------- errors and dangers


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = (\n", 2),
        ("a = 1\n\nprint 'x'\n", 3),
        ("a\n  b\n", 2),
        ("a = 'unterminated\n", 1),
        ("if a:\n    b\n  c\n", 3),
        ("a\nx = \0\n", None),
        (b"a = 1\nb = '\xff'\n", 2),
        ("def f(:\n  pass", 1),
    ],
)
def test_an_unreadable_file_is_a_flaw(text: str | bytes, line: int | None) -> None:
    source = source_of(text)
    module = FRONTEND.lower(source)
    assert len(module.functions) == 1
    assert module.functions[0].body == ()
    (flaw,) = module.flaws
    assert line is None or source.line_of(flaw.start) == line


def test_a_failure_inside_libcst_is_a_flaw(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> cst.Module:
        raise TypeError("super(type, obj)")

    monkeypatch.setattr(cst, "parse_module", fail)
    module = lower("a = 1\n")
    assert [flaw.message for flaw in module.flaws] == ["not understood (line unknown): TypeError in the parser"]
    assert module.functions[0].body == ()


@pytest.mark.parametrize(
    "text",
    [
        "def f(a):\n    return(max(a) if a else '')\n",
        "def f(a):\n    assert(a if a else b), 1\n",
        "if a:\n  for b in c:\n              if d:\n                e()\n  else:\n\t    f()\n  if g:\n    h()\n",
        "try:\n  a()\nexcept B :\n  c()\nelse :\n  d()\n",
    ],
)
def test_what_libcst_stumbles_over_is_read_with_every_name_in_its_place(text: str) -> None:
    module = lower(text)
    assert module.flaws == ()
    names = [node for node in all_nodes(module) if isinstance(node, ir.Name)]
    assert names
    assert all(text[node.start : node.end] == node.id for node in names)


_REFUSED = {
    "parentheses": "x = " + "(" * 50_000,
    "unclosed lists": "[" * (MAX_BRACKETS + 1),
    "brackets in a format string": 'x = f"{' + "[" * (MAX_BRACKETS + 1) + "]" * (MAX_BRACKETS + 1) + '}"',
    "sum": "x = " + "a + " * (MAX_CHAIN + 1) + "a",
    "attributes": "x = a" + ".b" * (MAX_CHAIN + 1),
    "fluent calls": "x = (a" + "\n  .b(1)" * MAX_CHAIN + ")",
    "negations": "x = " + "not " * (MAX_CHAIN + 1) + "a",
    "adjacent literals": "x = " + "'a' " * (MAX_CHAIN + 1),
    "many chains": ("x = a" + ".b" * 1900 + "\n") * 4,
    "indentation": "".join(" " * i + "if a:\n" for i in range(120)) + " " * 120 + "b",
    "elif": "if a: b\n" + "elif a: b\n" * 1200,
    "patterns": "match a:\n case " + "[" * 30 + "x" + "]" * 30 + ": pass\n",
    "deletions": "del " + "(" * 30 + "x" + ",)" * 30,
    "size": "x = 1\n" * (MAX_SIZE // 6 + 1),
}


@pytest.mark.parametrize("shape", _REFUSED)
def test_what_would_crash_or_stall_the_parser_is_refused(shape: str) -> None:
    module = lower(_REFUSED[shape])
    assert module.functions[0].body == ()
    assert "not analysed" in module.flaws[0].message


@pytest.mark.parametrize(
    "text",
    [
        "x = [" + "a.b + c, " * 5000 + "]",
        "x = {" + "'a': {'b': [1, -2.5]},\n" * 3000 + "}",
        "x = (" + "'a'\n" * 1000 + ")",
        "x = '" + "(" * 3000 + "'",
        "# " + "[" * 3000,
        "x = '''\n" + "((((\n" * 1000 + "'''",
        "if a:\n  f(" + "\n".join(" " * i + "b," for i in range(150)) + ")\n",
    ],
)
def test_what_only_looks_dangerous_is_not_refused(text: str) -> None:
    assert danger(text.encode()) is None


_DEEP = {
    "lists": ("x = ", "[", "1", "]", MAX_BRACKETS - 1),
    "calls": ("", "f(", "", ")", MAX_BRACKETS - 1),
    "attributes": ("", "", "a", ".b", 1500),
    "negations": ("x = ", "not ", "a", "", 500),
    "lambdas": ("x = ", "lambda: ", "a", "", 400),
    "powers": ("x = ", "a ** ", "a", "", 500),
    "ternaries": ("x = ", "a if b else ", "c", "", 350),
    "elif": ("if a: b()\n", "elif a: b()\n", "", "", 500),
    "with": ("with ", "a, ", "a: b()", "", 500),
}


def refused_by_interpreter(module: ir.Module) -> bool:
    """Python 3.12 alone bounds recursion through C at a fixed depth, which libcst's own code reaches: there such a
    file is a flaw, as it must be, and nothing worse."""
    refused = [flaw for flaw in module.flaws if "RecursionError" in flaw.message]
    assert not refused or sys.version_info[:2] == (3, 12)
    return bool(refused)


@pytest.mark.parametrize("shape", _DEEP)
def test_deep_nesting_is_at_most_a_flaw(shape: str) -> None:
    first, before, middle, after, levels = _DEEP[shape]
    module = lower(first + before * levels + middle + after * levels)
    assert show(module)
    assert len(module.flaws) == (1 if levels >= 300 else 0)
    assert (module.opaque > 0) is (levels >= 300) or refused_by_interpreter(module)


@pytest.mark.parametrize(
    "text", ["a + " * 1900 + "b", "a and " * 900 + "b", "a < " * 1900 + "b", "a - b + " * 900 + "c"]
)
def test_long_chains_are_flat(text: str) -> None:
    module = lower(text)
    if refused_by_interpreter(module):
        return
    assert module.flaws == ()
    assert sum(1 for node in all_nodes(module) if isinstance(node, ir.Name)) == len(text.split()) // 2 + 1


def test_a_name_bound_again_in_nested_methods_is_lowered_in_reasonable_steps() -> None:
    levels = 40
    text = "".join(" " * (2 * i) + "class A:\n" + " " * (2 * i + 1) + "def m(self):\n" for i in range(levels))
    module = lower(text + " " * (2 * levels) + "self = 1\n")
    assert len(module.functions) == levels + 1
    assert module.flaws == ()


_SAMPLE = "".join(_PIECES)


@pytest.mark.parametrize("seed", range(8))
def test_damaged_files_never_raise(seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(_SAMPLE.encode())
    for _ in range(12):
        damaged = bytearray(data)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(damaged))
            kind = rng.randrange(3)
            if kind == 0:
                del damaged[at : at + rng.randint(1, 30)]
            elif kind == 1:
                damaged[at:at] = rng.choice([b"(", b'"', b"'''", b"\n", b"\t", b"\0", b"\xff", b"{", b":", b"\\"])
            else:
                del damaged[at:]
                break
            damaged = damaged or bytearray(b"x")
        module = lower(bytes(damaged))
        assert module.functions
        for node in all_nodes(module):
            assert 0 <= node.start <= node.end <= len(damaged)


def test_decorators_are_calls_innermost_first() -> None:
    assert body("@a\n@b(c)\ndef f(): pass\n") == ["(f = a(b(c)(fn#1)))"]
    assert body("@a.b\nclass C: pass\n") == ["(C = a.b(class#0))"]


def test_decorators_of_the_language_stay_notes() -> None:
    assert body("@functools.wraps(g)\ndef f(): pass\n") == ["define fn#1"]
    assert body("@dataclass\nclass C: pass\n") == ["define class#0"]


def test_a_decorated_method_is_an_attribute_of_its_class_too() -> None:
    module = lower("class C:\n  @property\n  @a\n  def m(self): pass\n")
    method = next(function for function in module.functions if function.name == "m")
    assert ir.Flags.REPLACED in method.flags
    assert ir.Flags.ACCESSOR_GET in method.flags
    initializer = next(function for function in module.functions if function.owner == 0 and not function.name)
    assert len(initializer.body) == 1
