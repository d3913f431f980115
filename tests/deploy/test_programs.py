"""C# handlers that no class and method name: programs, generated code, web servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lmi_lint.deploy.model import Provenance

if TYPE_CHECKING:
    from lmi_lint.deploy.model import DeployedFunction, Deployment

    from .conftest import Deploy

TOP_LEVEL = """using A.B;
var handler = (string s) => s;
await LambdaBootstrapBuilder.Create(handler).Build().RunAsync();
"""
MAIN = """namespace Shop;
public class Program
{
    public static async Task Main() { await new LambdaBootstrap(w).RunAsync(); }
}
"""
WEB = """namespace Shop;
public class Entry : APIGatewayHttpApiV2ProxyFunction
{
    protected override void Init(IWebHostBuilder builder) { }
}
"""
ANNOTATED = """namespace Shop;
public class Functions
{
    [LambdaFunction(Role = "@(Role)"), Tag]
    [HttpApi(LambdaHttpMethod.Get, "/{id}")]
    public async Task<IHttpResult> Price(string id) => null;

    public int Helper() => 1;
}
"""


def sam(handler: str, code: str = ".") -> str:
    return (
        "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n"
        f"      CodeUri: {code}\n      Handler: {handler}\n      Runtime: dotnet8\n"
    )


def one(deployment: Deployment) -> DeployedFunction:
    (found,) = deployment.functions
    return found


def entry_of(function: DeployedFunction) -> tuple[str, str, str | None, bool]:
    entry = function.entry
    assert entry is not None, function.unresolved
    return entry.path, entry.symbol, entry.method, entry.program


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        (TOP_LEVEL, ("src/Api/Start.cs", "", None, True)),
        (MAIN, ("src/Api/Start.cs", "Shop.Program", "Main", True)),
        (WEB, ("src/Api/Start.cs", "Shop.Entry", "FunctionHandlerAsync", False)),
        (ANNOTATED, ("src/Api/Start.cs", "Shop.Functions", "Price", False)),
    ],
    ids=["statements", "main", "web server", "annotated"],
)
def test_by_convention(deploy: Deploy, text: str, entry: tuple[str, str, str | None, bool]) -> None:
    found = one(deploy({"src/Api/Start.cs": text}))
    assert found.provenance is Provenance.CONVENTION
    assert entry_of(found) == entry


@pytest.mark.parametrize(("text", "symbol"), [(TOP_LEVEL, ""), (MAIN, "Shop.Program")])
def test_a_handler_that_names_an_assembly_is_its_program(deploy: Deploy, text: str, symbol: str) -> None:
    files = {
        "src/Api/Api.csproj": "<Project/>",
        "src/Api/Start.cs": text,
        "src/Tool/Tool.csproj": "<Project/>",
        "src/Tool/Program.cs": "class T { static void Main(string[] a) { } }",
    }
    found = one(deploy({"template.yaml": sam("Api", "src"), **files}))
    entry = found.entry
    assert entry is not None, found.unresolved
    assert (entry.path, entry.symbol, entry.program) == ("src/Api/Start.cs", symbol, True)


def test_a_program_without_a_host_is_no_handler(deploy: Deploy) -> None:
    found = deploy({"Tool.cs": "class T { static void Main(string[] a) { System.Console.WriteLine(a); } }"})
    assert found.functions == ()


def test_a_generated_class_leads_to_the_written_one(deploy: Deploy) -> None:
    found = one(deploy({"template.yaml": sam("Shop::Shop.Functions_Price_Generated::Price"), "F.cs": ANNOTATED}))
    assert entry_of(found) == ("F.cs", "Shop.Functions", "Price", False)


def test_functions_of_one_class_name_differ_by_namespace(deploy: Deploy) -> None:
    text = "namespace {}; public class Function {{ public string Run(string s, ILambdaContext c) => s; }}"
    files = {f"{name}/Function.cs": text.format(name) for name in ("Orders", "Prices")}
    assert sorted(found.name for found in deploy(files).functions) == ["Orders.Function", "Prices.Function"]


def test_programs_are_called_after_their_assembly(deploy: Deploy) -> None:
    found = one(deploy({"src/Api/Shop.Api.csproj": "<Project/>", "src/Api/Program.cs": TOP_LEVEL}))
    assert found.name == "Shop.Api"
