"""Containers of services: which object a request gets, and who shares it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.link.linking import link_one, races

SERVICE = """
    using System.Collections.Generic;
    namespace Shop;
    public interface IStore { void Add(string item); }
    public class Store : IStore
    {
        private string _last;
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
                .Build();
            public void FunctionHandler(string input, ILambdaContext context)
                => _host.Services.GetRequiredService<IStore>().Add(input);
        }
        """
    assert races(link_one(tmp_path, {"Function.cs": handler, "Store.cs": SERVICE})) == [("REQUEST_DATA", "Store._last")]


def test_a_startup_class_behind_a_web_function(tmp_path: Path) -> None:
    web = """
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
    assert races(link_one(tmp_path, {"Entry.cs": web, "Store.cs": SERVICE})) == [("REQUEST_DATA", "Store._last")]


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
