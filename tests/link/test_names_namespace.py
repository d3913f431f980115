"""Names and classes of C#: generic classes, parts of one class."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmi_lint.link.names import parts_of
from lmi_lint.model.finding import Severity
from tests.link.linking import link_all, link_one, races


def test_classes_of_one_name_differ_by_type_parameters(tmp_path: Path) -> None:
    program = link_one(
        tmp_path,
        {
            "Base.cs": """
                using Amazon.Lambda.Core;
                namespace Shop;
                public abstract class Base
                {
                    public string FunctionHandler(string input, ILambdaContext context) => Process(input);
                    public abstract string Process(string input);
                }
                """,
            "BaseOf.cs": """
                namespace Shop;
                public abstract class Base<T> : Base
                {
                    private string _last;
                    public abstract string Handle(T item);
                    public override string Process(string input) { _last = input; return _last; }
                }
                """,
            "Function.cs": """
                namespace Shop;
                public class Function : Base<string>
                {
                    public override string Handle(string item) => item;
                }
                """,
        },
    )
    assert races(program) == [("REQUEST_DATA", "Base._last")]


def test_initialisers_and_constructors_of_all_parts(tmp_path: Path) -> None:
    program = link_one(
        tmp_path,
        {
            "Function.cs": """
                using System.Collections.Generic;
                using Amazon.Lambda.Core;
                namespace Shop;
                public partial class Function
                {
                    public int FunctionHandler(string input, ILambdaContext context)
                    {
                        _seen.Add(input);
                        _more.Add(input);
                        _other.Add(input);
                        return _seen.Count + _more.Count;
                    }
                }
                """,
            "Function.Parts.cs": """
                using System.Collections.Generic;
                namespace Shop;
                public partial class Function
                {
                    private readonly List<string> _seen = new();
                    private readonly ICollection<string> _more;
                    private static readonly ISet<string> _other;
                    static Function() { _other = new HashSet<string>(); }
                    public Function() { _more = new List<string>(); }
                }
                """,
        },
    )
    assert {place for _, place in races(program)} == {"Function._seen", "Function._more", "Function._other"}


def _function(body: str, more: str) -> dict[str, str]:
    return {
        "Function.cs": f"""
            using Amazon.Lambda.Core;
            namespace Shop;
            public class Function
            {{
                {body}
            }}
            {more}
            """
    }


@pytest.mark.parametrize(
    ("body", "more", "place"),
    [
        (
            (
                "private readonly IKeep _keep = new Keep();"
                " public void FunctionHandler(string input, ILambdaContext context) => _keep.Put(input);"
            ),
            (
                "public interface IKeep { void Put(string item); }"
                " public class Keep : IKeep { private string _last;"
                " void IKeep.Put(string item) { _last = item; System.Console.WriteLine(_last); } }"
            ),
            "Keep._last",
        ),
        (
            (
                "private readonly Inner _inner = new(); private class Inner { public string Last; }"
                " public string FunctionHandler(string input, ILambdaContext context)"
                " { _inner.Last = input; return _inner.Last; }"
            ),
            "",
            "Inner.Last",
        ),
        (
            (
                "private readonly State _state = new(null);"
                " public string FunctionHandler(string input, ILambdaContext context)"
                " { _state.Last = input; return _state.Last; }"
            ),
            "public record State(string Other) { public string Last { get; set; } }",
            "State.Last",
        ),
        (
            (
                "private readonly Wrapper _wrapper = new(new Keep());"
                " public string FunctionHandler(string input, ILambdaContext context) => _wrapper.Put(input);"
            ),
            (
                "public class Wrapper(Keep keep) { public string Put(string item) => keep.Put(item); }"
                " public class Keep { private string _last;"
                " public string Put(string item) { _last = item; return _last; } }"
            ),
            "Keep._last",
        ),
        (
            (
                "private static string _last;"
                " public static string FunctionHandler(string input, ILambdaContext context)"
                " { _last = input; return _last; }"
            ),
            "",
            "Function._last",
        ),
    ],
    ids=["explicit interface", "nested", "record", "primary constructor", "static handler"],
)
def test_members_of_all_kinds_of_types(tmp_path: Path, body: str, more: str, place: str) -> None:
    assert races(link_one(tmp_path, _function(body, more))) == [("REQUEST_DATA", place)]


def test_global_usings_hold_in_their_build_project_alone(tmp_path: Path) -> None:
    function = """
        public class Function
        {
            private readonly Store _store = new();
            public string FunctionHandler(string s, Amazon.Lambda.Core.ILambdaContext c) => _store.Keep(s);
        }
        """
    stores = "{0} public class Store {{ private string _last; public string Keep(string s) {{ {1} return _last; }} }}"
    programs = {
        linked.function.entry.path: linked.program
        for linked in link_all(
            tmp_path,
            {
                "a/A.csproj": '<Project><ItemGroup><Using Include="Shop.First" /></ItemGroup></Project>',
                "a/Function.cs": function,
                "b/B.csproj": "<Project />",
                "b/Function.cs": function,
                "b/Usings.cs": "// all\nglobal using Shop.Second;\n",
                "lib/Lib.csproj": "<Project />",
                "lib/First.cs": stores.format("namespace Shop.First;", "_last = s;"),
                "lib/Second.cs": stores.format("namespace Shop.Second;", ""),
            },
        )
        if linked.function.entry is not None
    }
    first, second = programs["a/Function.cs"], programs["b/Function.cs"]
    assert first is not None
    assert second is not None
    assert races(first) == [("REQUEST_DATA", "Store._last")]
    assert races(second) == []


def test_what_may_be_made_twice_without_harm(tmp_path: Path) -> None:
    program = link_one(
        tmp_path,
        {
            "Function.cs": """
                using System.Threading.Tasks;
                using Amazon.Lambda.Core;
                using Amazon.SecretsManager;
                using Amazon.SecretsManager.Model;
                using Microsoft.Extensions.Configuration;
                using Npgsql;
                public class Function
                {
                    private static IConfigurationRoot s_settings;
                    private static NpgsqlDataSource s_source;
                    private IAmazonSecretsManager _client;
                    private IAmazonSecretsManager Client => _client ??= new AmazonSecretsManagerClient();

                    public async Task<string> FunctionHandler(string input, ILambdaContext context)
                    {
                        s_settings ??= new ConfigurationBuilder().AddEnvironmentVariables().Build();
                        s_source ??= NpgsqlDataSource.Create(s_settings["db"]);
                        await Client.GetSecretValueAsync(new GetSecretValueRequest { SecretId = s_settings["id"] });
                        return input;
                    }
                }
                """,
        },
    )
    found = {race.access.place_name: race.severity for race in program.races}
    assert found == {
        "Function._client": Severity.NOTE,
        "Function.s_settings": Severity.NOTE,
        "Function.s_source": Severity.ERROR,
    }


def test_a_type_is_found_from_the_namespaces_around(tmp_path: Path) -> None:
    files = _function(
        "public void FunctionHandler(string input, ILambdaContext context) => Data.State.Count++;",
        "",
    )
    files["Function.cs"] = f"using System;\n{files['Function.cs']}"
    files["State.cs"] = "namespace Shop.Data; public class State { public static int Count; }"
    (access,) = [each for each in link_one(tmp_path, files).accesses if each.mode.changes]
    assert access.obj.klass is not None
    assert access.obj.klass.qualified == "Shop.Data.State"


def test_only_parts_of_a_class_are_its_parts(tmp_path: Path) -> None:
    parts = "public partial class Function { private int _n; } public partial class Other { } public class Third { }"
    files = {
        "Function.cs": """
            using Amazon.Lambda.Core;
            namespace Shop;
            public partial class Function
            {
                public void FunctionHandler(string input, ILambdaContext context) => _n++;
            }
            """,
        "Parts.cs": f"namespace Shop; {parts}",
    }
    program = link_one(tmp_path, files)
    (klass,) = {access.obj.klass for access in program.accesses if access.mode.changes}
    assert klass is not None
    assert [(part.module.path, part.name) for part in parts_of(program.machine.modules, klass)] == [
        ("Parts.cs", "Function")
    ]


def test_the_only_extension_of_a_name(tmp_path: Path) -> None:
    """A project may name further namespaces for all its files."""
    files = _function("public void FunctionHandler(string input, ILambdaContext context) => input.Keep();", "")
    files["Far.cs"] = (
        "namespace Far; public static class Extensions { static string s_last;"
        " public static void Keep(this string text) { s_last = text; System.Console.WriteLine(s_last); } }"
    )
    assert races(link_one(tmp_path, files)) == [("REQUEST_DATA", "Extensions.s_last")]


def test_an_extension_of_a_namespace_in_use(tmp_path: Path) -> None:
    extension = (
        "namespace {0}; public class {0}State {{ public static string Last; }}"
        " public static class Extensions {{ public static void Keep(this string text)"
        " {{ {0}State.Last = text; System.Console.WriteLine({0}State.Last); }} }}"
    )
    body = "public void FunctionHandler(string input, ILambdaContext context) => input.Keep();"
    files = {
        "Function.cs": f"using Amazon.Lambda.Core;\nusing Near;\nnamespace Shop;\npublic class Function {{ {body} }}",
        "Far.cs": extension.format("Far"),
        "Near.cs": extension.format("Near"),
    }
    assert races(link_one(tmp_path, files)) == [("REQUEST_DATA", "NearState.Last")]


def test_a_pattern_gives_way_to_the_name_itself(tmp_path: Path) -> None:
    source = """
        using Amazon.StepFunctions;
        using Amazon.SecretsManager;
        using Amazon.Lambda.Core;
        public class Function
        {
            public string FunctionHandler(string input, ILambdaContext context)
            {
                var client = new AmazonSecretsManagerClient();
                return client.GetSecretValueAsync(new() { SecretId = "name" }).Result.SecretString;
            }
        }
    """
    program = link_one(tmp_path, {"Function.cs": source})
    assert "Amazon.SecretsManager.AmazonSecretsManagerClient.GetSecretValueAsync" in {c.name for c in program.calls}
