"""The cheap index: declared types, handler shapes, module resolution."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmi_lint.discover import discover
from lmi_lint.discover.scan import declarations, supertypes
from lmi_lint.discover.shapes import handler_shapes
from lmi_lint.index import Index
from lmi_lint.model.names import Language
from lmi_lint.settings import Settings


def index_of(root: Path, files: dict[str, str]) -> Index:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return Index.of(discover([root], Settings()))


JAVA = b"""
package com.acme
  .orders;
import java.util.*;
// class Commented {}
/* class AlsoCommented { */
public class Outer<T extends Comparable<T>> extends Base implements RequestHandler<A, B> {
    String s = "class InString {";
    char c = '{';
    String block = \"\"\"
        class InBlock { "
        \"\"\";
    record Point(int x, int y) {}
    enum Kind { ONE { void f() {} }, TWO }
    Object o = Foo.class;
    void m() { class Local {} record(); }
    static class Inner { interface Deep {} }
}
@interface Marker {}
"""


def test_java_declarations() -> None:
    declared = declarations(JAVA, Language.JAVA)
    assert declared.package == "com.acme.orders"
    assert [item.nested for item in declared.types] == [
        "Outer",
        "Outer.Point",
        "Outer.Kind",
        "Outer.Inner",
        "Outer.Inner.Deep",
        "Marker",
    ]
    outer = declared.types[0]
    assert JAVA[outer.span.start : outer.span.end] == b"Outer"
    assert JAVA[outer.body : outer.body + 1] == b"{"
    assert JAVA[outer.end - 1 : outer.end] == b"}"
    assert outer.qualified == "com.acme.orders.Outer"


CSHARP = b"""
using System;
namespace Acme.Orders {
    namespace Inner {
        public class A<T> where T : class { public struct S { } }
    }
    public record Line(int Id);
    public record struct Pair(int X) { }
    class B { string s = @"class ""No"" {"; string r = \"\"\"class {\"\"\"; }
#if DEBUG // class Nope {
#endif
}
"""


def test_csharp_declarations() -> None:
    names = [(item.kind, item.qualified) for item in declarations(CSHARP, Language.CSHARP).types]
    assert names == [
        ("class", "Acme.Orders.Inner.A"),
        ("struct", "Acme.Orders.Inner.A.S"),
        ("class", "Acme.Orders.Line"),
        ("struct", "Acme.Orders.Pair"),
        ("class", "Acme.Orders.B"),
    ]


def test_csharp_file_scoped_namespace() -> None:
    declared = declarations(b"using X;\nnamespace Acme.App;\n\npublic class F { }\n", Language.CSHARP)
    assert declared.package == "Acme.App"
    assert [item.qualified for item in declared.types] == ["Acme.App.F"]


@pytest.mark.parametrize("data", [b"", b"class", b"class A", b"}}}{{{", b"class A {" * 20_000, b'"""' * 5, b"/* x"])
@pytest.mark.parametrize("language", [Language.JAVA, Language.CSHARP])
def test_scanner_survives_anything(data: bytes, language: Language) -> None:
    declarations(data, language)
    handler_shapes(data, language)


def test_types_are_found_by_every_name(tmp_path: Path) -> None:
    index = index_of(
        tmp_path,
        {
            "src/main/java/a/Outer.java": "package a; class Outer { static class Inner {} }",
            "src/main/java/b/Outer.java": "package b; class Outer {}",
            "src/test/java/a/Helper.java": "package a; class Helper {}",
            "src/test/java/c/Outer.java": "package c; class Outer {}",
            "App/F.cs": "namespace N; class F { class G {} }",
        },
    )
    assert index.find_type("a.Outer") == ("src/main/java/a/Outer.java",)
    assert index.find_type("Outer") == ("src/main/java/a/Outer.java", "src/main/java/b/Outer.java")
    for name in ("Inner", "Outer.Inner", "a.Outer$Inner"):
        assert index.find_type(name) == ("src/main/java/a/Outer.java",)
    assert index.find_type("Helper") == ("src/test/java/a/Helper.java",)
    assert index.find_type("Absent") == ()
    assert index.find_type("N.F+G", Language.CSHARP) == ("App/F.cs",)
    assert index.find_type("F") == ()
    assert index.package_of("src/main/java/b/Outer.java") == "b"
    assert [item.qualified for item in index.types_of("App/F.cs")] == ["N.F", "N.F.G"]
    assert Index.of(index.project) is index


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("exports.handler = async (event) => {};", ["handler"]),
        ("module.exports.handler = function (event, context) {};", ["handler"]),
        ("exports.process = async (event, context) => {};", ["process"]),
        ("exports.parse = (event) => event.body;", []),
        ("module.exports = { handler, other };", ["handler"]),
        ("module.exports = {\n  handler: async (e) => e,\n};", ["handler"]),
        ("export const handler = middy(base);", ["handler"]),
        ("export const run: APIGatewayProxyHandler = async (event) => 1;", ["run"]),
        ("export const total = middy(base).use(x());", ["total"]),
        ("export const limit = 3;", []),
        ("export async function lambdaHandler(event: E, context: C) {}", ["lambdaHandler"]),
        ("export default middy(main);", ["default"]),
        ("export default async (event, context) => 1;", ["default"]),
        ("export default class Foo {}", []),
        ("export { main as handler, other };", ["handler"]),
        ("export { handler } from './x';", []),
        ("// exports.handler = 1", []),
        ("exports.handler = function(context, event, callback) {};", []),
        ("exports.handler = async (context, req) => {};", []),
        ("exports.handler = (req, res) => res.send('');", []),
        ("exports.handler = (request, context) => 1;", ["handler"]),
        ("exports.handler = (context) => 1;", ["handler"]),
        ("export async function handler(request: Request, env: Env) {}", []),
        ("export const handler = async (req: Request, res: Response) => {};", []),
        ("const handler = (req, res) => {};\nexports.handler = handler;", []),
        ("function handler(context, event, callback) {}\nmodule.exports = { handler };", []),
        ("const handler = async (event) => {};\nmodule.exports = { handler };", ["handler"]),
        ("exports.main_handler = (event, context, callback) => {};", []),
        ("export const get: RequestHandler = async ({ params }) => 1;", []),
        ("export const get: CloudFrontRequestHandler = async (event) => 1;", ["get"]),
        ("export const run: Handler = async (req, res) => 1;", []),
        ("if (exports.handler == 3) {}", []),
        ("function errorHandler(error, request, response, next) {}", []),
    ],
)
def test_javascript_shapes(text: str, names: list[str]) -> None:
    shapes = handler_shapes(text.encode(), Language.TYPESCRIPT)
    assert [shape.symbol for shape in shapes] == names
    for shape in shapes:
        assert text.encode()[shape.span.start : shape.span.end].decode() == shape.symbol


def test_python_shapes() -> None:
    text = (
        b"def lambda_handler(event, context):\n  def handler(event, context): pass\n"
        b"def other(event: dict, _context) -> None: pass\ndef helper(x): pass\nhandler = Mangum(app)\n"
    )
    assert [shape.symbol for shape in handler_shapes(text, Language.PYTHON)] == ["lambda_handler", "other", "handler"]


def test_java_shapes() -> None:
    text = b"""package a;
    public class H implements Foo, RequestHandler<Map<String, Object>, String> { }
    abstract class Base implements RequestHandler<A, B> { }
    class S implements RequestStreamHandler { static class RequestHandlerHelper {} }
    class X { RequestHandler<A, B> h; }
    interface I extends RequestHandler<A, B> { }
    """
    assert [shape.symbol for shape in handler_shapes(text, Language.JAVA)] == ["a.H", "a.S"]


def test_csharp_shapes() -> None:
    text = b"""namespace A;
    public class F {
        public async Task<string> FunctionHandler(Request input, ILambdaContext context) { Helper(context); }
        private void Hidden(ILambdaContext context) { }
    }
    public static class Extensions {
        public static CancellationTokenSource Cancels(this ILambdaContext context, TimeSpan before = default) => null;
    }"""
    assert [(shape.symbol, shape.method) for shape in handler_shapes(text, Language.CSHARP)] == [
        ("A.F", "FunctionHandler")
    ]


MONOREPO = {
    "package.json": '{"name": "root", "workspaces": ["packages/*"]}',
    "tsconfig.base.json": '{"compilerOptions": {"baseUrl": ".", "paths": {"@shared/*": ["packages/shared/src/*"]}}}',
    "packages/shared/package.json": '{"name": "@acme/shared", "main": "dist/index.js"}',
    "packages/shared/src/index.ts": "export {};",
    "packages/shared/src/log.ts": "export {};",
    "packages/tools/package.json": (
        '{"name": "tools", "exports": {".": {"import": "./dist/main.mjs"}, "./sub/*": "./dist/sub/*.js"}}'
    ),
    "packages/tools/src/main.mts": "export {};",
    "packages/tools/src/sub/x.ts": "export {};",
    "packages/api/package.json": '{"name": "api", "imports": {"#util/*": "./src/util/*.js"}}',
    "packages/api/tsconfig.json": (
        '// comments\n{"extends": "../../tsconfig.base.json", /* and */ "compilerOptions": {"strict": true,},}\n'
    ),
    "packages/api/src/handler.ts": "export const handler = 1;",
    "packages/api/src/util.ts": "export {};",
    "packages/api/src/util/time.ts": "export {};",
    "packages/api/src/service/index.ts": "export {};",
    "packages/api/src/view.tsx": "export {};",
    "packages/api/src/data.json": "{}",
    "layers/common/nodejs/shared.js": "exports.x = 1;",
}


@pytest.mark.parametrize(
    ("specifier", "target"),
    [
        ("./util", "packages/api/src/util.ts"),
        ("./util.js", "packages/api/src/util.ts"),
        ("./util/time", "packages/api/src/util/time.ts"),
        ("./service", "packages/api/src/service/index.ts"),
        ("./service/", "packages/api/src/service/index.ts"),
        ("./view.js", "packages/api/src/view.tsx"),
        ("../../shared/src/log", "packages/shared/src/log.ts"),
        ("./data.json", None),
        ("./absent", None),
        ("../../../../etc/passwd", None),
        ("@shared/log", "packages/shared/src/log.ts"),
        ("packages/shared/src/log", "packages/shared/src/log.ts"),
        ("@acme/shared", "packages/shared/src/index.ts"),
        ("@acme/shared/log", "packages/shared/src/log.ts"),
        ("@acme/shared/dist/log", "packages/shared/src/log.ts"),
        ("tools", "packages/tools/src/main.mts"),
        ("tools/sub/x", "packages/tools/src/sub/x.ts"),
        ("#util/time", "packages/api/src/util/time.ts"),
        ("/opt/nodejs/shared", "layers/common/nodejs/shared.js"),
        ("/etc/shared", None),
        ("axios", None),
        ("node:fs", None),
        ("", None),
        (".", None),
    ],
)
def test_module_resolution(tmp_path: Path, specifier: str, target: str | None) -> None:
    index = index_of(tmp_path, MONOREPO)
    assert index.resolve_js("packages/api/src/handler.ts", specifier) == target


def test_tsconfig_paths(tmp_path: Path) -> None:
    mapping = index_of(tmp_path, MONOREPO).modules.mapping_for("packages/api/src/handler.ts")
    assert mapping.base_url == "."
    assert mapping.paths == (("@shared/*", ("packages/shared/src/*",)),)


def test_tsconfig_that_extends_itself(tmp_path: Path) -> None:
    files = {"tsconfig.json": '{"extends": "./tsconfig.json", "compilerOptions": {"baseUrl": "src"}}', "src/a.ts": "x"}
    index = index_of(tmp_path, {**files, "b.ts": "x"})
    assert index.resolve_js("b.ts", "a") == "src/a.ts"


def test_an_ambiguous_layer_module_is_not_guessed(tmp_path: Path) -> None:
    index = index_of(
        tmp_path,
        {"layers/a/nodejs/x.js": "", "layers/b/nodejs/x.js": "", "src/h.js": "", "layers/a/nodejs/user.js": ""},
    )
    assert index.resolve_js("src/h.js", "/opt/nodejs/x") is None
    assert index.resolve_js("layers/a/nodejs/user.js", "/opt/nodejs/x") == "layers/a/nodejs/x.js"


def test_links_are_followed_in_imports(tmp_path: Path) -> None:
    (tmp_path / "fn").mkdir()
    (tmp_path / "fn" / "shared").symlink_to(Path("..") / "shared")
    index = index_of(tmp_path, {"shared/log.ts": "x", "fn/h.ts": "x"})
    assert index.resolve_js("fn/h.ts", "./shared/log") == "shared/log.ts"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def handler(event, context): pass", ["handler"]),
        ("def handler(*args): pass", ["handler"]),
        ("handler = wrap(main)", ["handler"]),
        ("def run(event, context): pass", ["run"]),
        ("handler = logging.StreamHandler()", []),
        ("handler = StreamHandler(sys.stdout)", []),
        ("handler = RotatingFileHandler('a.log')", []),
        ("def handler(request): pass", []),
        ("def handler(request: Request) -> str: pass", []),
        ("def handler(context, event): pass", []),
        ("def handler(ctx, data: io.BytesIO = None): pass", []),
        ("def main_handler(event, context): pass", []),
    ],
)
def test_python_shapes_of_all_kinds(text: str, names: list[str]) -> None:
    assert [shape.symbol for shape in handler_shapes(text.encode(), Language.PYTHON)] == names


RUNTIME = "import com.amazonaws.services.lambda.runtime."
PLAIN = 'public class H { String s = "{}"; public String handleRequest(Map<String, String> in, Context c) { } }'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("class H implements RequestHandler<A, B> {}", [("H", None)]),
        ("class H extends Base<A> implements X, com.amazonaws.services.lambda.runtime.RequestStreamHandler {}",
         [("H", None)]),
        ("public abstract class H implements RequestHandler<A, B> {}", []),
        ("// this is abstract\nfinal class H /* {} */ implements RequestHandler<A, B> {}", [("H", None)]),
        ("interface H extends RequestHandler<A, B> {}", []),
        ("class H extends Base<RequestHandler<A, B>> {}", []),
        ("import com.amazon.ask.dispatcher.request.handler.RequestHandler;\nclass H implements RequestHandler {}", []),
        (RUNTIME + "RequestHandler;\nclass H implements RequestHandler<A, B> {}", [("H", None)]),
        (RUNTIME + "Context;\n" + PLAIN, [("H", "handleRequest")]),
        (RUNTIME + "*;\n" + PLAIN, [("H", "handleRequest")]),
        (RUNTIME + "Context;\n" + PLAIN.replace("Map<String, String> in, ", "final "), [("H", "handleRequest")]),
        (RUNTIME + "Context;\n" + PLAIN.replace("Context c", "Object c"), []),
        ("import android.content.Context;\n" + PLAIN, []),
        (RUNTIME + "Context;\n" + PLAIN.replace("class", "abstract class"), []),
        (RUNTIME + "Context;\n" + PLAIN.replace("public String", "private String"), []),
        (RUNTIME + "Context;\n" + PLAIN.replace("public String", "// public String"), []),
        (RUNTIME + "Context;\nclass O { static " + PLAIN + " }", []),
        (RUNTIME + "Context;\nclass O { Object o = new Object() { public A handleRequest(A a, Context c) {} }; }", []),
        (RUNTIME + "*;\n" + PLAIN.replace("H {", "H implements RequestHandler<A, B> {"), [("H", None)]),
    ],
)  # fmt: skip
def test_java_shapes_of_all_kinds(text: str, found: list[tuple[str, str | None]]) -> None:
    assert [(shape.symbol, shape.method) for shape in handler_shapes(text.encode(), Language.JAVA)] == found


def test_abstract_csharp_classes_are_no_handlers() -> None:
    text = "class F { public void Run(A a, ILambdaContext c) {} }"
    assert [shape.symbol for shape in handler_shapes(text.encode(), Language.CSHARP)] == ["F"]
    assert handler_shapes(b"public abstract partial " + text.encode(), Language.CSHARP) == ()


@pytest.mark.parametrize(
    ("header", "base", "interfaces"),
    [
        ("class A {", None, ()),
        ("class A<T extends Comparable<T>> extends B<Map<K, V>> implements C, d . E<F> {", "B", ("C", "d.E")),
        ("class A extends @NonNull B // extends C\n permits D {", "B", ()),
        ("interface A extends B, C<D> {", None, ("B", "C")),
        ("record A(int b) implements C {", None, ("C",)),
        ("class A extends", None, ()),
        ("class A" + "<" * 5_000, None, ()),
    ],
)
def test_java_supertypes(header: str, base: str | None, interfaces: tuple[str, ...]) -> None:
    data = header.encode()
    found = supertypes(data, declarations(data, Language.JAVA).types[0])
    assert (found.base, found.interfaces) == (base, interfaces)


@pytest.mark.parametrize(
    ("files", "needed"),
    [
        (
            {
                "H.java": "package a.b;\nimport c.Two;\nimport d.*;\nimport static e.Four.of;\n"
                "class H { One one; Three three; Six six; }",
                "One.java": "package a.b; class One {}",
                "Two.java": "package c; class Two {}",
                "Three.java": "package d; class Three {}",
                "Four.java": "package e; class Four {}",
                "Five.java": "package a.b; class Five {}",
                "Six.java": "package f; class Six {}",
            },
            {"One.java", "Two.java", "Three.java", "Four.java"},
        ),
        (
            {
                "H.cs": "using C;\nusing Other = D.Three;\nnamespace A.B;\n"
                "class H { One one; Two two; Four four; Five five; void M() => one.Extend().Other(); }",
                "One.cs": "namespace A.B; class One {}",
                "Two.cs": "namespace C; class Two {}",
                "Three.cs": "namespace D { class Three {} }",
                "Four.cs": "namespace A; class Four {}",
                "Five.cs": "namespace E; class Five {}",
                "Six.cs": "namespace A.B; class Six {}",
                "Seven.cs": "namespace F; static class Seven { public static One Extend(this One one) => one; }",
            },
            {"One.cs", "Two.cs", "Three.cs", "Four.cs", "Seven.cs"},
        ),
        (
            {"h.py": "from a import b\nimport c\nimport os\n", "a/b.py": "", "c.py": "", "d.py": ""},
            {"a/b.py", "c.py"},
        ),
        ({"h.ts": "import { a } from './a'\nimport fs from 'fs'\n", "a.ts": "", "b.ts": ""}, {"a.ts"}),
    ],
)
def test_what_a_file_needs_by_its_text(files: dict[str, str], needed: set[str], tmp_path: Path) -> None:
    index = index_of(tmp_path, files)
    assert set(index.needed(next(iter(files)))) - {next(iter(files))} == needed
