"""Handler strings → entries, and handlers by convention."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lmi_lint.deploy.model import Provenance
from lmi_lint.model.names import Language

if TYPE_CHECKING:
    from lmi_lint.deploy.model import DeployedFunction, Deployment

    from .conftest import Deploy

HANDLER = "exports.handler = async (event) => event;\n"
TYPED = "export const handler = async (event: Event) => event;\n"
PYTHON = "def handler(event, context):\n    return event\n"


def sam(handler: str, runtime: str = "nodejs22.x", code: str = ".", extra: str = "") -> str:
    return f"""\
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: {code}
      Handler: {handler}
      Runtime: {runtime}
{extra}
"""


def one(deployment: Deployment) -> DeployedFunction:
    (found,) = (item for item in deployment.functions if item.provenance is Provenance.DEPLOYED)
    return found


def where(function: DeployedFunction) -> tuple[str, str, str | None] | str:
    entry = function.entry
    return function.unresolved if entry is None else (entry.path, entry.symbol, entry.method)


@pytest.mark.parametrize(
    ("handler", "code", "path"),
    [
        ("app.handler", "src", "src/app.js"),
        ("src/app.handler", ".", "src/app.js"),
        ("./src/app.handler", ".", "src/app.js"),
        ("dist/app.handler", ".", "src/app.js"),
        ("app.handler", "dist", "src/app.js"),
        ("app.handler", "dist/bundle.zip", "src/app.js"),
        ("build/src/app.handler", ".", "src/app.js"),
        ("app.handler", ".", "src/app.js"),
        ("other/app.handler", ".", None),
        ("app", ".", None),
    ],
)
def test_javascript(deploy: Deploy, handler: str, code: str, path: str | None) -> None:
    found = one(deploy({"template.yaml": sam(handler, code=code), "src/app.js": HANDLER}))
    assert where(found) == (path, "handler", None) if path else found.unresolved


def test_typescript_source_of_a_built_handler(deploy: Deploy) -> None:
    files = {"packages/api/src/orders.ts": TYPED, "packages/api/package.json": "{}"}
    found = one(deploy({"template.yaml": sam("orders.handler", code="packages/api/dist"), **files}))
    assert where(found) == ("packages/api/src/orders.ts", "handler", None)
    assert found.language is Language.TYPESCRIPT
    assert found.entry is not None
    assert found.entry.found


def test_namespaced_export(deploy: Deploy) -> None:
    found = one(deploy({"template.yaml": sam("app.ns.run"), "app.js": "exports.ns = { run() {} };"}))
    assert where(found) == ("app.js", "ns.run", None)


def test_a_lone_name_is_not_looked_for_all_over_the_project(deploy: Deploy) -> None:
    files = {"one/template.yaml": sam("index.handler", code="src"), "two/index.js": HANDLER}
    found = one(deploy(files))
    assert found.entry is None
    assert "index.handler" in found.unresolved
    assert found.local


def test_several_possible_files_are_named_not_guessed(deploy: Deploy) -> None:
    files = {"template.yaml": sam("fn/index.handler", code="gone"), "a/fn/index.js": HANDLER, "b/fn/index.js": HANDLER}
    found = one(deploy(files))
    assert found.entry is None
    assert "a/fn/index.js" in found.unresolved


def test_wrappers_lead_to_the_handler(deploy: Deploy) -> None:
    extra = "      Environment: {Variables: {DD_LAMBDA_HANDLER: src/app.handler}}"
    wrapper = "/opt/nodejs/node_modules/datadog-lambda-js/handler.handler"
    found = one(deploy({"template.yaml": sam(wrapper, extra=extra), "src/app.js": HANDLER}))
    assert where(found) == ("src/app.js", "handler", None)
    assert found.handler == wrapper


def test_spring_function_is_found_by_its_bean(deploy: Deploy) -> None:
    extra = "      Environment: {Variables: {SPRING_CLOUD_FUNCTION_DEFINITION: placeOrder}}"
    wrapper = "org.springframework.cloud.function.adapter.aws.FunctionInvoker::handleRequest"
    java = {"src/main/java/a/PlaceOrder.java": "package a; class PlaceOrder implements Function<A, B> {}"}
    found = one(deploy({"template.yaml": sam(wrapper, "java21", extra=extra), **java}))
    assert where(found) == ("src/main/java/a/PlaceOrder.java", "a.PlaceOrder", None)


SPRING = "org.springframework.cloud.function.adapter.aws.FunctionInvoker::handleRequest"
QUARKUS = "io.quarkus.amazon.lambda.runtime.QuarkusStreamHandler::handleRequest"
FUNQY = "io.quarkus.funqy.lambda.FunqyStreamHandler::handleRequest"
BEANS = "package a; class Beans { @Bean public Function<A, B> place() {} @Bean Function<A, List<B>> cancel() {} }"
NAMED = 'package a; @Named("{}") public class {} implements RequestHandler<A, B> {{ }}'


@pytest.mark.parametrize(
    ("handler", "variable", "value", "java", "expected"),
    [
        (SPRING, "SPRING_CLOUD_FUNCTION_DEFINITION", "cancel", {"Beans": BEANS}, ("Beans", "a.Beans", "cancel")),
        (SPRING, "X", "y", {"One": "package a; class One { @Bean Supplier<B> one() {} }"}, ("One", "a.One", "one")),
        (SPRING, "X", "y", {"Beans": BEANS}, None),
        (
            QUARKUS,
            "quarkus_lambda_handler",
            "two",
            {"P": NAMED.format("one", "P"), "Q": NAMED.format("two", "Q")},
            ("Q", "a.Q", None),
        ),
        (QUARKUS, "X", "y", {"P": NAMED.format("one", "P")}, ("P", "a.P", None)),
        (
            FUNQY,
            "QUARKUS_FUNQY_EXPORT",
            "greet",
            {"F": "package a; class F { @Funq public String greet(A a) {} @Funq String part(A a) {} }"},
            ("F", "a.F", "greet"),
        ),
        (
            "a.H",
            "FUNCTION_NAME",
            "place",
            {"H": "package a; public class H extends SpringBootRequestHandler<A, B> {}", "Beans": BEANS},
            ("Beans", "a.Beans", "place"),
        ),
    ],
)
def test_what_a_framework_hands_its_events_to(
    deploy: Deploy,
    handler: str,
    variable: str,
    value: str,
    java: dict[str, str],
    expected: tuple[str, str, str | None] | None,
) -> None:
    extra = f"      Environment: {{Variables: {{{variable}: {value}}}}}"
    files = {f"src/main/java/a/{name}.java": text for name, text in java.items()}
    found = one(deploy({"template.yaml": sam(handler, "java21", extra=extra), **files}))
    if expected is None:
        assert found.entry is None
    else:
        assert where(found) == (f"src/main/java/a/{expected[0]}.java", *expected[1:])


@pytest.mark.parametrize("handler", ["pkg.app.handler", "pkg/app.handler"])
def test_python(deploy: Deploy, handler: str) -> None:
    found = one(deploy({"template.yaml": sam(handler, "python3.13", "code"), "code/pkg/app.py": PYTHON}))
    assert where(found) == ("code/pkg/app.py", "handler", None)
    assert found.language is Language.PYTHON


def test_java(deploy: Deploy) -> None:
    java = {
        "one/src/main/java/com/acme/H.java": "package com.acme; public class H { static class Inner {} }",
        "two/src/main/java/com/acme/H.java": "package com.acme; public class H {}",
    }
    found = one(deploy({"template.yaml": sam("com.acme.H::run", "java21", "two/target/two.jar"), **java}))
    assert where(found) == ("two/src/main/java/com/acme/H.java", "com.acme.H", "run")
    found = one(deploy({"template.yaml": sam("com.acme.H$Inner", "java21", "one"), **java}))
    assert where(found) == ("one/src/main/java/com/acme/H.java", "com.acme.H$Inner", None)
    assert found.entry is not None
    assert found.entry.found
    found = one(deploy({"template.yaml": sam("com.acme.Gone", "java21"), **java}))
    assert "no Java source declares class com.acme.Gone" in found.unresolved
    found = one(deploy({"template.yaml": sam("com.acme.H", "java21"), **java}))
    assert "several files declare class com.acme.H" in found.unresolved


@pytest.mark.parametrize(
    ("handler", "owner"),
    [
        ("io.quarkus.amazon.lambda.runtime.QuarkusStreamHandler::handleRequest", "Quarkus"),
        ("io.micronaut.function.aws.proxy.MicronautLambdaHandler", "Micronaut"),
        (
            "com.amazonaws.serverless.proxy.spring.SpringDelegatingLambdaContainerHandler",
            "the serverless Java container",
        ),
    ],
)
def test_java_handlers_that_come_with_a_framework(deploy: Deploy, handler: str, owner: str) -> None:
    route = {"src/main/java/com/acme/Route.java": '@Path("/a") public class Route { }'}
    found = one(deploy({"template.yaml": sam(handler, "java21"), **route}))
    assert found.unresolved.startswith(f"it belongs to {owner};")
    assert not found.local


def test_java_handlers_in_another_language_of_the_jvm(deploy: Deploy) -> None:
    other = {"other/src/main/java/com/acme/H.java": "package com.acme; public class H {}"}
    twice = {**other, "third/src/main/java/com/acme/H.java": "package com.acme; public class H {}"}
    kotlin = {"code/src/main/kotlin/com/acme/H.kt": "package com.acme\nclass H"}
    found = one(deploy({"template.yaml": sam("com.acme.H::run", "java21", "code"), **twice, **kotlin}))
    assert (found.unresolved, found.local) == ("it is written in Kotlin", False)
    found = one(deploy({"template.yaml": sam("com.acme.Gone::run", "java21", "code"), **twice, **kotlin}))
    assert found.local


def test_csharp(deploy: Deploy) -> None:
    code = "namespace Acme;\npublic class F { public string Run(string x, ILambdaContext c) => x; }\n"
    files = {"src/App/F.cs": code, "src/App/App.csproj": "<Project/>"}
    found = one(deploy({"template.yaml": sam("App::Acme.F::Run", "dotnet8", "src/App"), **files}))
    assert where(found) == ("src/App/F.cs", "Acme.F", "Run")
    found = one(deploy({"template.yaml": sam("App", "dotnet8", "src"), **files}))
    assert where(found) == ("src/App/F.cs", "Acme.F", "Run")
    found = one(deploy({"template.yaml": sam("App::Acme.Gone::Run", "dotnet8", "src"), **files}))
    assert "no C# source declares type Acme.Gone" in found.unresolved


@pytest.mark.parametrize("runtime", ["ruby3.3", "go1.x", "provided.al2023"])
def test_other_languages_are_only_counted(deploy: Deploy, runtime: str) -> None:
    found = one(deploy({"template.yaml": sam("bootstrap", runtime)}))
    assert found.entry is None
    assert not found.local
    assert runtime in found.unresolved


def test_unknown_runtime_is_read_off_the_handler(deploy: Deploy) -> None:
    found = one(deploy({"template.yaml": sam("app.handler", "!Ref Open"), "app.py": PYTHON}))
    assert where(found) == ("app.py", "handler", None)
    assert "runtime" in found.unknown


# ---- conventions ----


def conventional(deployment: Deployment) -> list[str]:
    return [item.name for item in deployment.functions if item.provenance is Provenance.CONVENTION]


def test_conventions_without_a_template(deploy: Deploy) -> None:
    files = {
        "src/orders.ts": TYPED,
        "src/H.java": "package a; public class H implements RequestHandler<A, B> {}",
        "app.py": PYTHON,
        "F.cs": "class F { public void Run(object x, ILambdaContext c) {} }",
        "test/fake.js": HANDLER,
        "infra/cdk.json": "{}",
        "infra/bin/app.ts": "import 'aws-cdk-lib';\n",
    }
    assert conventional(deploy(files)) == ["F", "app.handler", "H", "src/orders.handler"]


def test_deployed_code_roots_account_for_their_files(deploy: Deploy) -> None:
    files = {
        "template.yaml": sam("app.handler", code="src"),
        "src/app.js": HANDLER,
        "src/unused.js": HANDLER,
        "src/tool.py": PYTHON,
        "other/app.js": HANDLER,
    }
    assert conventional(deploy(files)) == ["other/app.handler", "src/tool.handler"]


def test_a_template_that_explains_nothing_accounts_for_nothing(deploy: Deploy) -> None:
    assert conventional(deploy({"template.yaml": sam("gone.handler"), "src/app.js": HANDLER})) == ["src/app.handler"]


def test_helpers_of_other_handlers_are_none(deploy: Deploy) -> None:
    files = {
        "fn/index.js": "const report = require('./lib/error');\n" + HANDLER,
        "fn/lib/error.js": HANDLER,
        "py/app.py": "from operations import (\n    step)\n" + PYTHON,
        "py/operations/step.py": "def execute(event, context): pass\n",
        "py/mixed.py": PYTHON + "\ndef respond(event, context): pass\n",
    }
    assert conventional(deploy(files)) == ["fn/index.handler", "py/app.handler", "py/mixed.handler"]


def test_deployed_functions_come_first(deploy: Deploy) -> None:
    files = {"z/template.yaml": sam("app.handler"), "z/app.js": HANDLER, "a/app.js": HANDLER}
    assert [item.provenance for item in deploy(files).functions] == [Provenance.DEPLOYED, Provenance.CONVENTION]


# ---- Java: handlers by inheritance ----

RUNTIME = "import com.amazonaws.services.lambda.runtime.RequestHandler;\n"
BASE = "package a.base;\n" + RUNTIME + "public abstract class Base<T> implements RequestHandler<T, String> {}"


def test_classes_inherit_being_a_handler(deploy: Deploy) -> None:
    files = {
        "a/base/Base.java": BASE,
        "a/base/Middle.java": "package a.base; public abstract class Middle<A, B> extends Base<A> {}",
        "a/base/Same.java": "package a.base; class Same extends Middle<X, Map<Y, Z>> {}",
        "a/One.java": "package a;\nimport a.base.Base;\npublic class One extends Base<String> {}",
        "a/Two.java": "package a;\nimport a.base.*;\npublic final class Two extends Middle<A, B> implements X {}",
        "a/Three.java": "package a;\npublic class Three extends a.base.Base<String> {}",
        "a/Four.java": "package a;\npublic class Four extends Two {}",
        "a/Other.java": "package a;\nimport org.other.Base;\npublic class Other extends Base<String> {}",
        "a/Plain.java": "package a;\npublic class Plain extends Thread implements Runnable {}",
    }
    assert conventional(deploy(files)) == ["Four", "One", "Three", "Two", "Same"]


def test_classes_inherit_through_interfaces_and_within_a_file(deploy: Deploy) -> None:
    files = {
        "Api.java": RUNTIME + "interface Api extends RequestHandler<A, B> {}",
        "H.java": "class H extends Local {} abstract class Local implements Api {}",
    }
    assert conventional(deploy(files)) == ["H"]


def test_a_base_called_like_the_interface_is_followed_not_believed(deploy: Deploy) -> None:
    files = {
        "x/RequestHandler.java": "package x; public interface RequestHandler { void handle(); }",
        "x/H.java": "package x; class H extends B {}",
        "x/B.java": "package x; abstract class B implements RequestHandler {}",
    }
    assert conventional(deploy(files)) == []


def test_inheritance_in_a_circle_ends(deploy: Deploy) -> None:
    files = {
        "A.java": "class A extends B {}",
        "B.java": "class B extends A {}",
        "Base.java": BASE.replace("package a.base;", ""),
    }
    assert conventional(deploy(files)) == []


def test_java_by_signature_where_no_template_covers_it(deploy: Deploy) -> None:
    java = (
        "import com.amazonaws.services.lambda.runtime.Context;\n"
        "public class H { public String handleRequest(Map<String, String> in, final Context c) { return null; } }"
    )
    (found,) = deploy({"src/H.java": java}).functions
    assert where(found) == ("src/H.java", "H", "handleRequest")
    template = sam("G", "java21")
    assert conventional(deploy({"template.yaml": template, "src/G.java": "public class G {}"})) == []


# ---- C#: handlers by inheritance ----

CSHARP_BASE = """\
using Amazon.Lambda.Core;
namespace Shop.Base {
    public abstract class AFunction {
        /// public void Documented(ILambdaContext context)
        public AFunction(ILambdaContext context) { }
        public static void Prepare(Stream s, ILambdaContext context) { }
        public void Attach(ILambdaContext context) { }
        public async Task<string> FunctionHandlerAsync(string text, ILambdaContext context) => text;
        public async Task<Stream> FunctionHandlerAsync(Stream stream, ILambdaContext context) => stream;
        public abstract Task RunAsync(string text, ILambdaContext context);
    }
}
"""
GENERIC = """\
namespace Shop.Base;
public abstract class AFunction<TIn, TOut> : AFunction where TIn : class, new() where TOut : struct { }
"""


def entries(deployment: Deployment) -> list[tuple[str, str, str | None] | str]:
    return sorted((where(item) for item in deployment.functions), key=str)


def csharp(text: str, usings: str = "using Shop.Base;") -> str:
    return f"{usings}\nnamespace Shop.Orders;\n{text}"


@pytest.mark.parametrize(
    "text",
    [
        csharp("public sealed class F : AFunction { }"),
        csharp("public class F : AFunction<Dictionary<string, (int, int)>, int[,]>, IDisposable { }"),
        csharp('public class F(string a) : AFunction<A, B>(a + ")") { }'),
        csharp("public class F\n    : // the base, not: this\n    global::Shop.Base.AFunction\n{ }", ""),
        csharp("public class F : Base.AFunction;", ""),
        csharp("public class F : AFunction { }", ""),
        csharp("public class F : Root { }", "using Root = Shop.Base.AFunction;"),
        csharp("public class F : Local { } abstract class Local : AFunction<A, B> { }"),
        csharp("public class F : AFunction { public override Task RunAsync(string t, ILambdaContext c) => null; }"),
    ],
)
def test_csharp_classes_inherit_the_method(deploy: Deploy, text: str) -> None:
    files = {"base/A.cs": CSHARP_BASE, "base/AT.cs": GENERIC, "orders/F.cs": text}
    assert entries(deploy(files)) == [("orders/F.cs", "Shop.Orders.F", "FunctionHandlerAsync")]


@pytest.mark.parametrize(
    "text",
    [
        csharp("public abstract class F : AFunction { }"),
        csharp("public class F<T> : AFunction { }"),
        csharp("public class F : AFunction<A> { }"),
        csharp("public class F : Other.AFunction { }"),
        csharp("public class F : IDisposable { AFunction inner; }"),
        csharp("// class F : AFunction { }"),
        csharp("public class F : G { } public class G : F { }"),
    ],
)
def test_csharp_classes_that_inherit_none(deploy: Deploy, text: str) -> None:
    assert entries(deploy({"base/A.cs": CSHARP_BASE, "base/AT.cs": GENERIC, "orders/F.cs": text})) == []


def test_csharp_partial_classes_are_one(deploy: Deploy) -> None:
    files = {
        "base/A.cs": CSHARP_BASE.replace("abstract class", "abstract partial class"),
        "base/B.cs": "namespace Shop.Base; public partial class AFunction { }",
        "orders/F1.cs": csharp("public partial class F { }"),
        "orders/F2.cs": csharp("public partial class F : AFunction { }"),
        "orders/F3.cs": csharp("partial class F : AFunction { } partial class F : AFunction { }"),
        "orders/G1.cs": csharp("public partial class G : AFunction { }"),
        "orders/G2.cs": csharp("public abstract partial class G { }"),
    }
    assert entries(deploy(files)) == [("orders/F2.cs", "Shop.Orders.F", "FunctionHandlerAsync")]


def test_csharp_own_method_comes_before_an_inherited_one(deploy: Deploy) -> None:
    own = "public class F : AFunction { public void Go(string s, ILambdaContext c) { } }"
    below = "public class G : F { }"
    files = {"base/A.cs": CSHARP_BASE.replace("FunctionHandlerAsync", "Run"), "orders/F.cs": csharp(own + below)}
    assert entries(deploy(files)) == [("orders/F.cs", "Shop.Orders.F", "Go"), ("orders/F.cs", "Shop.Orders.G", "Run")]


def test_csharp_the_nearest_of_namesakes_is_the_base(deploy: Deploy) -> None:
    files = {
        "one/Base.cs": "namespace N; public abstract class B { public void One(X x, ILambdaContext c) { } }",
        "one/F.cs": "namespace N; public class F : B { }",
        "two/Base.cs": "namespace N; public abstract class B { public void Two(X x, ILambdaContext c) { } }",
        "two/src/G.cs": "namespace N; public class G : B { }",
    }
    assert entries(deploy(files)) == [("one/F.cs", "N.F", "One"), ("two/src/G.cs", "N.G", "Two")]


def test_csharp_inheritance_counts_only_where_no_template_covers(deploy: Deploy) -> None:
    template = sam("Orders::Shop.Orders.F::FunctionHandlerAsync", "dotnet8", "orders")
    files = {
        "template.yaml": template,
        "base/A.cs": CSHARP_BASE,
        "orders/F.cs": csharp("public class F : AFunction { } public class G : AFunction { }"),
        "tests/T.cs": csharp("public class T : AFunction { }"),
    }
    assert conventional(deploy(files)) == []


# ---- other platforms ----


@pytest.mark.parametrize(
    "service",
    [
        "provider:\n  name: tencent\n  runtime: Nodejs8.9\n",
        "provider: google # not AWS\n",
        "provider:\n  runtime: x\n  environment:\n    name: aws-like\n  name: 'azure'\n",
    ],
)
def test_services_of_other_providers_have_no_lambda_handlers(deploy: Deploy, service: str) -> None:
    functions = "functions:\n  f:\n    handler: app.handler\n"
    files = {"cloud/serverless.yml": service + functions, "cloud/src/app.js": HANDLER, "aws/app.js": HANDLER}
    assert conventional(deploy(files)) == ["aws/app.handler"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("function.json", '{"bindings": []}', ["y/app.handler"]),
        ("host.json", '{"version": "2.0", "extensionBundle": {}}', ["y/app.handler"]),
        ("wrangler.toml", 'name = "x"\n', ["y/app.handler"]),
        ("function.json", '{"name": "x"}', ["x/app.handler", "y/app.handler"]),
        ("host.json", "[" * 1000, ["x/app.handler", "y/app.handler"]),
    ],
)
def test_marks_of_other_platforms(deploy: Deploy, name: str, text: str, expected: list[str]) -> None:
    files = {f"x/{name}": text, "x/app.py": PYTHON, "y/app.py": PYTHON}
    assert conventional(deploy(files)) == expected


def test_a_wrapper_of_what_is_built_is_no_function(deploy: Deploy) -> None:
    service = "provider:\n  name: aws\n  runtime: nodejs22.x\nfunctions:\n  main:\n    handler: dist/main.handler\n"
    wrapper = "const { handler } = require('./dist/main');\nexports.handler = async (event) => handler(event);\n"
    other = "const { handler } = require('./dist/other');\nexports.handler = async (event) => handler(event);\n"
    files = {"serverless.yml": service, "local.js": wrapper, "src/lambda.js": HANDLER, "more.js": other}
    assert conventional(deploy(files)) == ["more.handler", "src/lambda.handler"]


def test_scripts_of_runbooks_are_no_functions(deploy: Deploy) -> None:
    step = "mainSteps:\n- action: '{}'\n  inputs:\n    Handler: handler\n    Script: '%%SCRIPT=enable.py%%'\n"
    files = {"scripts/enable.py": PYTHON, "lambda/other.py": PYTHON}
    runbook = {"runbooks/Enable.yaml": step.format("aws:executeScript")}
    assert conventional(deploy(files | runbook)) == ["lambda/other.handler"]
    other = {"runbooks/Enable.yaml": step.format("aws:invokeLambdaFunction")}
    assert conventional(deploy(files | other)) == ["lambda/other.handler", "scripts/enable.handler"]


def test_the_nearest_service_counts(deploy: Deploy) -> None:
    files = {
        "serverless.yml": "provider:\n  name: google\n",
        "in/serverless.yml": "provider:\n  name: aws\n",
        "in/app.js": HANDLER,
        "out/app.js": HANDLER,
        "sam/template.yaml": sam("gone.handler"),
        "sam/app.js": HANDLER,
    }
    assert conventional(deploy(files)) == ["in/app.handler", "sam/app.handler"]


@pytest.mark.parametrize("service", ["provider: ${file(p.yml)}\n", "provider: [\n", "provider: []\n", "- provider\n"])
def test_services_of_unknown_providers_say_nothing(deploy: Deploy, service: str) -> None:
    assert conventional(deploy({"serverless.yml": service, "app.js": HANDLER})) == ["app.handler"]
