"""Containers of services: which object a request gets, and who shares it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmi_lint.link.heap import Kind
from lmi_lint.link.names import LAMBDA
from lmi_lint.link.outside import Outside
from tests.link.linking import link_all, link_one, races

SERVICE = """
    using System.Collections.Generic;
    namespace Shop;
    public interface IStore { void Add(string item); }
    public class Store : IStore
    {
        private string _last;
        public static Store Make() => new Store();
        public void Add(string item) { _last = item; System.Console.WriteLine(_last); }
    }
    public class Outer
    {
        private readonly IStore _store;
        public Outer() { }
        public Outer(IStore store) { _store = store; }
        public void Add(string item) => _store.Add(item);
    }
"""
HANDLER = """
    using System;
    using Amazon.Lambda.Core;
    using Microsoft.Extensions.DependencyInjection;
    namespace Shop;
    public class Function
    {{
        private readonly ServiceProvider _root;
        public Function()
        {{
            var services = new ServiceCollection();
            {register}
            _root = services.BuildServiceProvider();
        }}
        public void FunctionHandler(string input, ILambdaContext context)
        {{
            using var scope = _root.CreateScope();
            {use}
        }}
    }}
"""
SCOPED = "scope.ServiceProvider.GetRequiredService<{}>().Add(input);"
ROOT = "_root.GetRequiredService<{}>().Add(input);"


@pytest.mark.parametrize(
    ("register", "use", "shared"),
    [
        ("services.AddSingleton<IStore, Store>();", SCOPED.format("IStore"), True),
        ("services.AddScoped<IStore, Store>();", SCOPED.format("IStore"), False),
        ("services.AddScoped<IStore, Store>();", ROOT.format("IStore"), True),
        ("services.AddTransient<IStore, Store>();", ROOT.format("IStore"), False),
        ("services.AddSingleton<IStore>(new Store());", SCOPED.format("IStore"), True),
        ("services.AddSingleton<IStore>(_ => new Store());", SCOPED.format("IStore"), True),
        ("services.AddScoped<IStore>(_ => new Store());", SCOPED.format("IStore"), False),
        ("services.AddSingleton(typeof(IStore), typeof(Store));", SCOPED.format("IStore"), True),
        ("IStore store = new Store(); services.AddSingleton(store);", SCOPED.format("IStore"), True),
        ("var store = new Store(); services.AddSingleton(store);", SCOPED.format("Store"), True),
        ("var store = new Store(); services.AddSingleton(store);", SCOPED.format("IStore"), False),
        ("services.AddSingleton(Store.Make());", SCOPED.format("Store"), True),
        ("services.AddSingleton<Store>(); services.AddScoped<Store>();", SCOPED.format("Store"), False),
        ("services.AddScoped<Store>(); services.TryAddSingleton<Store>();", SCOPED.format("Store"), False),
        ("services.AddHttpClient<IStore, Store>(c => { });", SCOPED.format("IStore"), False),
        ("services.AddScoped<IStore, Store>(); services.AddSingleton<Outer>();", SCOPED.format("Outer"), True),
        ("services.AddScoped<IStore, Store>(); services.AddTransient<Outer>();", SCOPED.format("Outer"), False),
        ("services.AddSingleton<IStore, Store>().AddTransient<Outer>();", SCOPED.format("Outer"), True),
    ],
)
def test_lifetimes(tmp_path: Path, register: str, use: str, shared: bool) -> None:
    files = {"Function.cs": HANDLER.format(register=register, use=use), "Store.cs": SERVICE}
    assert races(link_one(tmp_path, files)) == ([("REQUEST_DATA", "Store._last")] if shared else [])


def test_a_container_of_the_request_shares_nothing(tmp_path: Path) -> None:
    handler = """
        using Amazon.Lambda.Core;
        using Microsoft.Extensions.DependencyInjection;
        namespace Shop;
        public class Function
        {
            public void FunctionHandler(string input, ILambdaContext context)
            {
                var services = new ServiceCollection();
                services.AddSingleton<IStore, Store>();
                services.BuildServiceProvider().GetRequiredService<IStore>().Add(input);
            }
        }
        """
    assert races(link_one(tmp_path, {"Function.cs": handler, "Store.cs": SERVICE})) == []


def test_services_of_a_generic_host(tmp_path: Path) -> None:
    handler = """
        using Amazon.Lambda.Core;
        using Microsoft.Extensions.DependencyInjection;
        using Microsoft.Extensions.Hosting;
        namespace Shop;
        public class Function
        {
            private readonly IHost _host = Host.CreateDefaultBuilder()
                .ConfigureServices((context, services) => services.AddSingleton<IStore, Store>())
                .ConfigureServices(services => services.AddOptions())
                .Build();
            public void FunctionHandler(string input, ILambdaContext context)
                => _host.Services.GetRequiredService<IStore>().Add(input);
        }
        """
    program = link_one(tmp_path, {"Function.cs": handler, "Store.cs": SERVICE})
    assert races(program) == [("REQUEST_DATA", "Store._last")]
    given = [context.args for context in program.machine.contexts.values() if context.function.has(LAMBDA)]
    types = [[obj.type_name.rpartition(".")[2] for arg in args for obj in arg.objects()] for args in given]
    assert types == [["HostBuilderContext", "IServiceCollection"], ["IServiceCollection"]]


WEB = """
    using Microsoft.AspNetCore.Hosting;
    using Microsoft.AspNetCore.Mvc;
    using Microsoft.Extensions.DependencyInjection;
    namespace Shop;
    public class Entry : Amazon.Lambda.AspNetCoreServer.APIGatewayProxyFunction
    {
        protected override void Init(IWebHostBuilder builder) => builder.UseStartup<Startup>();
    }
    public class Startup
    {
        public void ConfigureServices(IServiceCollection services) => services.AddSingleton<IStore, Store>();
    }
    public class StoreController : ControllerBase
    {
        private readonly IStore _store;
        private string _own;
        public StoreController(IStore store) { _store = store; }
        public string Add(string item) { _own = item; _store.Add(item); return _own; }
        [NonAction]
        public void Never(string item) { Statics.Last = item; System.Console.WriteLine(Statics.Last); }
    }
    public static class Statics { public static string Last; }
    """


def test_a_startup_class_behind_a_web_function(tmp_path: Path) -> None:
    assert races(link_one(tmp_path, {"Entry.cs": WEB, "Store.cs": SERVICE})) == [("REQUEST_DATA", "Store._last")]


def test_method_groups_are_values(tmp_path: Path) -> None:
    program = """
        using System;
        using System.Threading.Tasks;
        using Amazon.Lambda.RuntimeSupport;
        namespace Shop;
        public class Program
        {
            private static string _last;
            private static async Task Main()
            {
                Func<string, string> handler = Handle;
                await LambdaBootstrapBuilder.Create(handler).Build().RunAsync();
            }
            private static string Handle(string input) { _last = input; return _last; }
        }
        """
    assert races(link_one(tmp_path, {"Program.cs": program})) == [("REQUEST_DATA", "Program._last")]


def test_local_functions_are_known_before_they_are_written(tmp_path: Path) -> None:
    program = """
        using Amazon.Lambda.RuntimeSupport;
        string last = null;
        await LambdaBootstrapBuilder.Create<string, string>(Handle).Build().RunAsync();
        string Handle(string input)
        {
            return Later(input);
            string Later(string item) { last = item; return last; }
        }
        """
    assert races(link_one(tmp_path, {"Program.cs": program})) == [("REQUEST_DATA", "last")]


def test_a_file_that_cannot_be_read_declares_no_controller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Outside.facts
    monkeypatch.setattr(Outside, "facts", lambda self, path: None if path == "Broken.cs" else read(self, path))
    files = {"Entry.cs": WEB, "Store.cs": SERVICE, "Broken.cs": "public class Broken : ControllerBase { }"}
    (linked,) = link_all(tmp_path, files)
    assert linked.program is not None
    assert races(linked.program) == [("REQUEST_DATA", "Store._last")]


@pytest.mark.parametrize(("group", "written"), [("Put", Kind.OBJECT), ("Keep", Kind.CLASS)])
def test_a_method_group_has_its_object(tmp_path: Path, group: str, written: Kind) -> None:
    program = """
        using Amazon.Lambda.Core;
        using System.Collections.Generic;
        using static Shop.Shelf;
        public class Function
        {
            private string _last;
            public void FunctionHandler(List<string> input, ILambdaContext context) => input.ForEach(GROUP);
            private void Put(string item) { _last = item; System.Console.WriteLine(_last); }
        }
        """
    shelf = """
        namespace Shop;
        public static class Shelf
        {
            private static string _last;
            public static void Keep(string item) { _last = item; System.Console.WriteLine(_last); }
        }
        """
    found = link_one(tmp_path, {"Function.cs": program.replace("GROUP", group), "Shelf.cs": shelf})
    assert [kind for kind, _ in races(found)] == ["REQUEST_DATA"]
    assert [access.obj.kind for access in found.accesses] == [written] * 2


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ("string", "REQUEST_DATA"),
        ("Microsoft.AspNetCore.Http.HttpContext", "REQUEST_DATA"),
        ("System.Net.Http.HttpClient", "SHARED_WRITE"),
        ("Microsoft.Extensions.Configuration.IConfiguration", "SHARED_WRITE"),
        ("Amazon.S3.IAmazonS3", "SHARED_WRITE"),
    ],
)
def test_parameters_of_a_route_are_of_the_request_or_services(tmp_path: Path, declared: str, kind: str) -> None:
    program = f"""
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Services.AddAWSLambdaHosting(LambdaEventSource.HttpApi);
        var app = builder.Build();
        app.MapGet("/", ({declared} given) => Kept.Put(given));
        app.Run();
        public static class Kept {{
            static object _last;
            public static string Put(object item) {{ _last = item; return _last.ToString(); }}
        }}
        """
    assert races(link_one(tmp_path, {"Program.cs": program})) == [(kind, "Kept._last")]


def test_what_any_route_shows(tmp_path: Path) -> None:
    program = """
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Services.AddAWSLambdaHosting(LambdaEventSource.HttpApi);
        var app = builder.Build();
        app.MapGet("/size", () => Kept.Size);
        app.MapGet("/last", () => Kept.Last);
        app.MapPost("/", (string item) => { Kept.Last = item; Kept.Size = Kept.Size + 1; });
        app.Run();
        public static class Kept { public static string Last; public static int Size; }
        """
    found = link_one(tmp_path, {"Program.cs": program})
    assert {found.reads_by_id[read].key for read in found.shown_reads} == {"Last", "Size"}


def test_what_a_factory_gives_may_be_made_after_it_was_asked(tmp_path: Path) -> None:
    register = "services.AddSingleton<IStore>(_ => Holder.Current);"
    use = "var store = _root.GetRequiredService<IStore>(); Holder.Current = new Store(); store.Add(input);"
    holder = """
        namespace Shop;
        public static class Holder { public static IStore Current = new Plain(); }
        public class Plain : IStore { public void Add(string item) { } }
    """
    files = {"Function.cs": HANDLER.format(register=register, use=use), "Store.cs": SERVICE, "Holder.cs": holder}
    assert ("REQUEST_DATA", "Store._last") in races(link_one(tmp_path, files))


def test_what_a_container_hands_out_is_mostly_one_object(tmp_path: Path) -> None:
    program = """
        using System;
        using System.Collections.Generic;
        using Amazon.Lambda.Core;
        using Microsoft.Extensions.DependencyInjection;
        public class Store { private readonly List<string> _all = new(); public int Size => _all.Count; }
        public class Function
        {
            private readonly IServiceProvider _root;
            private Store _asked;
            private Store _made;
            public Function(IServiceProvider root) { _root = root; }
            public int FunctionHandler(string input, ILambdaContext context)
            {
                _asked ??= _root.GetRequiredService<Store>();
                _made ??= new Store();
                return _asked.Size + _made.Size;
            }
        }
        """
    found = {race.access.key: race.severity.name for race in link_one(tmp_path, {"Function.cs": program}).races}
    assert found == {"_asked": "NOTE", "_made": "WARNING"}
