"""Spot checks: what the C# pack must say of well-known code."""

from __future__ import annotations

import pytest

from lmi_lint.knowledge.callee import Effect
from lmi_lint.knowledge.load import load
from lmi_lint.knowledge.query import KnowledgeBase
from lmi_lint.packs import rules_root

DEFAULT_HEADERS = "System.Net.Http.HttpClient.DefaultRequestHeaders"
DICTIONARY = "System.Collections.Generic.Dictionary"
CONCURRENT = "System.Collections.Concurrent.ConcurrentDictionary"
LIST = "System.Collections.Generic.List"


@pytest.fixture(scope="module")
def csharp() -> KnowledgeBase:
    return KnowledgeBase(load("csharp", [rules_root()]))


def test_pack_loads_and_every_base_is_known(csharp: KnowledgeBase) -> None:
    knowledge = csharp.knowledge
    assert len(knowledge.types) > 300
    assert len(knowledge.calls) > 1500
    bases = {base for entry in (*knowledge.types.values(), *knowledge.type_globs) for base in entry.extends}
    assert bases <= set(knowledge.types)


def test_claims_have_addresses_as_sources(csharp: KnowledgeBase) -> None:
    knowledge = csharp.knowledge
    calls = [*knowledge.call_globs, *(entry for entries in knowledge.calls.values() for entry in entries)]
    sources = {entry.name: entry.source for entry in (*knowledge.types.values(), *knowledge.type_globs)}
    sources |= {entry.name: entry.source for entry in calls}
    assert not {n: s for n, s in sources.items() if s and (not s.startswith("https://") or "{" in s or "*" in s)}
    assert not {name for name, lock in knowledge.locks.items() if not lock.source}


def test_lists_name_methods(csharp: KnowledgeBase) -> None:
    flags = ("mutates", "reads", "iterates", "atomic", "adds", "removes", "element")
    listed = {(e.name, m) for e in csharp.knowledge.types.values() for flag in flags for m in getattr(e, flag)}
    assert not {(name, method) for name, method in listed if "." in method or "(" in method or not method}


@pytest.mark.parametrize(
    ("name", "safety"),
    [
        (DICTIONARY, "unsafe"),
        (LIST, "unsafe"),
        ("System.Collections.Generic.HashSet", "unsafe"),
        ("System.Collections.Generic.Queue", "unsafe"),
        ("System.Collections.Generic.SortedDictionary", "unsafe"),
        ("System.Collections.Hashtable", "unsafe"),
        ("System.Collections.Generic.IDictionary", "unknown"),
        (CONCURRENT, "safe"),
        ("System.Collections.Concurrent.ConcurrentQueue", "safe"),
        ("System.Collections.Concurrent.ConcurrentBag", "safe"),
        ("System.Collections.Immutable.ImmutableDictionary", "immutable"),
        ("System.Collections.Frozen.FrozenSet", "immutable"),
        ("System.String", "immutable"),
        ("System.DateTime", "immutable"),
        ("System.Lazy", "safe"),
        ("System.Random", "unsafe"),
        ("System.Random.Shared", "safe"),
        ("System.Text.StringBuilder", "unsafe"),
        ("System.Text.Encoding", "safe"),
        ("System.Text.RegularExpressions.Regex", "immutable"),
        ("System.Text.Json.JsonSerializerOptions", "safe"),
        ("System.Security.Cryptography.SHA256", "unsafe"),
        ("System.Security.Cryptography.HMACSHA256", "unsafe"),
        ("System.Security.Cryptography.RandomNumberGenerator", "safe"),
        ("System.IO.MemoryStream", "unsafe"),
        ("System.Net.Http.HttpClient", "safe"),
        ("Microsoft.Data.SqlClient.SqlConnection", "unsafe"),
        ("MySql.Data.MySqlClient.MySqlConnection", "unsafe"),
        ("Oracle.ManagedDataAccess.Client.OracleConnection", "unsafe"),
        ("Npgsql.NpgsqlDataSource", "safe"),
        ("Microsoft.EntityFrameworkCore.DbContext", "unsafe"),
        ("MongoDB.Driver.MongoClient", "safe"),
        ("StackExchange.Redis.ConnectionMultiplexer", "safe"),
        ("Amazon.S3.AmazonS3Client", "safe"),
        ("Amazon.DynamoDBv2.IAmazonDynamoDB", "safe"),
        ("Amazon.DynamoDBv2.AmazonDynamoDBException", "unknown"),
        ("Amazon.DynamoDBv2.DataModel.DynamoDBContext", "safe"),
        ("Amazon.Lambda.Core.ILambdaContext", "unknown"),
        ("System.Collections.Generic.KeyValuePair", "unknown"),
        ("int[]", "unknown"),
    ],
)
def test_safety(csharp: KnowledgeBase, name: str, safety: str) -> None:
    assert csharp.safety_of(name).safety == safety


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("System.Data.SqlClient.SqlConnection", "connection"),
        ("Npgsql.NpgsqlConnection", "connection"),
        ("Microsoft.Data.Sqlite.SqliteConnection", "connection"),
        ("Microsoft.EntityFrameworkCore.DbSet", "connection"),
        ("MySqlConnector.MySqlDataSource", "pool"),
        ("System.Threading.AsyncLocal", "context-local"),
        ("System.Threading.ThreadLocal", "thread-local"),
        ("System.Threading.SemaphoreSlim", "lock"),
        ("System.Threading.Interlocked", "atomic"),
        ("Amazon.Lambda.Core.ILambdaContext", "context"),
        ("Amazon.Lambda.Core.ILambdaLogger", "logger"),
        ("Microsoft.Extensions.Logging.ILogger", "logger"),
        ("Amazon.SQS.IAmazonSQS", "client"),
        ("Google.Apis.Drive.v3.DriveService", "client"),
        (DICTIONARY, ""),
    ],
)
def test_roles_of_types(csharp: KnowledgeBase, name: str, role: str) -> None:
    assert csharp.role_of(name) == role


@pytest.mark.parametrize(
    ("type_name", "method", "effect"),
    [
        (LIST, "Add", Effect(mutates=True, adds=True)),
        (LIST, "RemoveAll", Effect(mutates=True, removes=True)),
        (LIST, "Reverse", Effect(mutates=True)),
        (LIST, "ForEach", Effect(reads=True, iterates=True)),
        (LIST, "FirstOrDefault", Effect(reads=True, iterates=True, element=True)),
        ("System.Linq.IOrderedEnumerable", "Reverse", None),
        (DICTIONARY, "TryAdd", Effect(mutates=True, adds=True)),
        (DICTIONARY, "TryGetValue", Effect(reads=True, element=True)),
        (DICTIONARY, "Remove", Effect(mutates=True, removes=True, element=True)),
        (CONCURRENT, "TryAdd", Effect(mutates=True, adds=True, atomic=True)),
        (CONCURRENT, "AddOrUpdate", Effect(mutates=True, adds=True, atomic=True, element=True)),
        (CONCURRENT, "ContainsKey", Effect(reads=True)),
        ("System.Collections.Concurrent.ConcurrentQueue", "Enqueue", Effect(mutates=True, adds=True)),
        (
            "System.Collections.Concurrent.ConcurrentQueue",
            "TryDequeue",
            Effect(mutates=True, removes=True, atomic=True, element=True),
        ),
        ("System.Collections.Immutable.ImmutableList", "Add", None),
        ("System.Threading.Interlocked", "Increment", Effect(mutates=True, atomic=True)),
        ("System.Security.Cryptography.SHA256", "ComputeHash", Effect(mutates=True)),
        ("System.Security.Cryptography.SHA256", "HashData", None),
        ("System.Text.StringBuilder", "AppendLine", Effect(mutates=True, adds=True)),
        (DEFAULT_HEADERS, "TryAddWithoutValidation", Effect(mutates=True, adds=True)),
        ("Microsoft.Data.SqlClient.SqlConnection", "CreateCommand", Effect(mutates=True)),
        ("Amazon.S3.Model.S3Object[]", "ToList", Effect(reads=True, iterates=True)),
    ],
)
def test_effects(csharp: KnowledgeBase, type_name: str, method: str, effect: Effect | None) -> None:
    assert csharp.method_effect(type_name, method) == effect


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("System.Environment.Exit", "process.exit"),
        ("System.Environment.FailFast", "process.exit"),
        ("System.Environment.SetEnvironmentVariable", "process.env.write"),
        ("System.Environment.GetEnvironmentVariable", ""),
        ("System.IO.Directory.SetCurrentDirectory", "process.setting"),
        ("System.Console.SetOut", "process.setting"),
        ("System.Console.WriteLine", "log"),
        ("System.Console.Error.WriteLine", "log"),
        ("System.Console.Write", "log.raw"),
        ("System.Console.OpenStandardOutput", "log.raw"),
        ("System.IO.File.WriteAllTextAsync", "file.write"),
        ("System.IO.File.Copy", "file.write"),
        ("System.IO.File.Move", "file.move"),
        ("System.IO.File.Delete", "file.delete"),
        ("System.IO.File.ReadAllText", "file.read"),
        ("System.IO.FileStream", "file.write"),
        ("System.IO.Directory.CreateDirectory", "file.mkdir"),
        ("System.IO.Compression.ZipFile.ExtractToDirectory", "file.write"),
        ("System.Diagnostics.Process.Start", "process.spawn"),
        ("System.Threading.Thread.Sleep", "blocking"),
        ("System.Threading.Tasks.Task.WaitAll", "blocking"),
        ("System.Threading.Tasks.Task.Run", "background"),
        ("System.Threading.Timer", "background.timer"),
        ("System.Net.Http.HttpClient", "client.open"),
        (f"{DEFAULT_HEADERS}.Add", "client.reconfigure"),
        ("System.Net.Http.Headers.HttpRequestHeaders.Add", None),
        ("Microsoft.Data.SqlClient.SqlConnection", None),
        ("Microsoft.Data.SqlClient.SqlConnection.BeginTransaction", "transaction.begin"),
        ("Npgsql.NpgsqlConnection.QueryAsync", "connection.query"),
        ("MySqlConnector.MySqlCommand.ExecuteNonQueryAsync", "connection.query"),
        ("Microsoft.EntityFrameworkCore.DbContext.SaveChangesAsync", "connection.query"),
        ("MongoDB.Driver.MongoClient", "pool.open"),
        ("StackExchange.Redis.ConnectionMultiplexer.Connect", "pool.open"),
        ("Amazon.S3.AmazonS3Client", "client.open"),
        ("Amazon.DynamoDBv2.IAmazonDynamoDB.QueryAsync", ""),
        ("Amazon.S3.Transfer.TransferUtility.DownloadAsync", "file.write"),
        ("Amazon.Lambda.RuntimeSupport.LambdaBootstrapBuilder.Create", "wrapper"),
        ("Amazon.Lambda.Core.ILambdaLogger.LogInformation", "log"),
    ],
)
def test_roles_of_calls(csharp: KnowledgeBase, name: str, role: str | None) -> None:
    entry = csharp.call_entry(name, 1, None)
    assert (entry.role if entry else None) == role


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("System.Environment.CurrentDirectory", "process.setting"),
        ("System.Globalization.CultureInfo.DefaultThreadCurrentCulture", "process.setting"),
        ("System.Globalization.CultureInfo.CurrentCulture", ""),
        ("System.Net.Http.HttpClient.BaseAddress", "client.reconfigure"),
        (f"{DEFAULT_HEADERS}.Authorization", "client.reconfigure"),
        ("Newtonsoft.Json.JsonConvert.DefaultSettings", "process.setting"),
    ],
)
def test_only_setting_a_property_counts(csharp: KnowledgeBase, name: str, role: str) -> None:
    setting, getting = csharp.setter_entry(name, None), csharp.call_entry(name, 0, None)
    assert (setting.role if setting is not None else "") == role
    assert getting is None or getting.role == ""


@pytest.mark.parametrize(
    ("name", "unique"),
    [
        ("System.Guid.NewGuid", "call"),
        ("System.IO.Path.GetRandomFileName", "call"),
        ("System.IO.Path.GetTempFileName", "call"),
        ("Amazon.Lambda.Core.ILambdaContext.AwsRequestId", "request"),
        ("System.DateTime.UtcNow", "second"),
        ("System.DateTime.Now.Ticks", "second"),
        ("System.Environment.ProcessId", "process"),
        ("System.IO.Path.GetFileName", ""),
    ],
)
def test_unique(csharp: KnowledgeBase, name: str, unique: str) -> None:
    entry = csharp.call_entry(name, 0, None)
    assert entry is not None
    assert entry.unique == unique


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("System.IO.Path.Combine", "join"),
        ("System.IO.Path.GetTempPath", "tmpdir"),
        ("System.IO.Path.GetFileName", "basename"),
        ("System.String.Format", "format"),
        ("System.String.Concat", "concat"),
        ("System.IO.FileInfo.FullName", "same"),
    ],
)
def test_texts(csharp: KnowledgeBase, name: str, text: str) -> None:
    entry = csharp.call_entry(name, 1, None)
    assert entry is not None
    assert entry.text == text


@pytest.mark.parametrize(
    ("name", "calls", "passes"),
    [
        (f"{LIST}.ForEach", "now", "element"),
        (f"{LIST}.Select", "now", "element"),
        (f"{DICTIONARY}.Where", "now", "element"),
        ("string[].Any", "now", "element"),
        (f"{CONCURRENT}.GetOrAdd", "now", "arg0"),
        ("System.Lazy", "now", ""),
        ("System.Threading.Tasks.Task.Run", "background", ""),
        ("System.Threading.Tasks.Task.ContinueWith", "after", "receiver"),
        ("System.Threading.Tasks.Parallel.ForEachAsync", "now", ""),
        ("Amazon.Lambda.RuntimeSupport.LambdaBootstrap", "serves", ""),
    ],
)
def test_functions_given(csharp: KnowledgeBase, name: str, calls: str, passes: str) -> None:
    entry = csharp.call_entry(name, 1, None)
    assert entry is not None
    assert (entry.calls, entry.passes) == (calls, passes)


def test_a_file_opened_for_reading_is_no_write(csharp: KnowledgeBase) -> None:
    reads = csharp.call_entry("System.IO.FileStream", 3, "/tmp/x", texts=("/tmp/x", None, "System.IO.FileAccess.Read"))
    both = csharp.call_entry(
        "System.IO.FileStream", 3, "/tmp/x", texts=("/tmp/x", None, "System.IO.FileAccess.ReadWrite")
    )
    assert reads is not None
    assert reads.role == "file.read"
    assert both is not None
    assert both.role == "file.write"


def test_headers_of_the_client_are_told_from_those_of_a_message(csharp: KnowledgeBase) -> None:
    headers = csharp.call_entry(DEFAULT_HEADERS, 0, None)
    assert headers is not None
    assert headers.returns_type == DEFAULT_HEADERS


def test_locks(csharp: KnowledgeBase) -> None:
    semaphore, mutex = csharp.lock("System.Threading.SemaphoreSlim"), csharp.lock("System.Threading.Mutex")
    assert semaphore is not None
    assert (semaphore.acquire, semaphore.release) == (("Wait", "WaitAsync"), ("Release",))
    assert mutex is not None
    assert mutex.release == ("ReleaseMutex",)


def test_pooled_connections_lead_to_their_type(csharp: KnowledgeBase) -> None:
    opened = csharp.call_entry("Npgsql.NpgsqlDataSource.OpenConnectionAsync", 0, None)
    assert opened is not None
    assert (opened.role, opened.returns_type) == ("", "Npgsql.NpgsqlConnection")
