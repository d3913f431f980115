"""Spot checks: what the packs must say of well-known code."""

from __future__ import annotations

import pytest

from lmi_lint.knowledge.callee import Effect
from lmi_lint.knowledge.load import load
from lmi_lint.knowledge.query import KnowledgeBase
from lmi_lint.packs import rules_root


@pytest.fixture(scope="module")
def java() -> KnowledgeBase:
    return KnowledgeBase(load("java", [rules_root()]))


@pytest.fixture(scope="module")
def javascript() -> KnowledgeBase:
    return KnowledgeBase(load("javascript", [rules_root()]))


@pytest.mark.parametrize(
    ("name", "safety"),
    [
        ("java.text.SimpleDateFormat", "unsafe"),
        ("java.util.Calendar", "unsafe"),
        ("java.text.DecimalFormat", "unsafe"),
        ("java.security.MessageDigest", "unsafe"),
        ("javax.crypto.Mac", "unsafe"),
        ("javax.xml.parsers.DocumentBuilder", "unsafe"),
        ("java.util.regex.Matcher", "unsafe"),
        ("java.lang.StringBuilder", "unsafe"),
        ("java.util.HashMap", "unsafe"),
        ("java.util.ArrayList", "unsafe"),
        ("java.util.TreeMap", "unsafe"),
        ("java.sql.Connection", "unsafe"),
        ("java.sql.PreparedStatement", "unsafe"),
        ("org.apache.kafka.clients.consumer.KafkaConsumer", "unsafe"),
        ("redis.clients.jedis.Jedis", "unsafe"),
        ("java.time.format.DateTimeFormatter", "immutable"),
        ("java.util.regex.Pattern", "immutable"),
        ("java.util.Random", "safe"),
        ("java.util.concurrent.ConcurrentHashMap", "safe"),
        ("java.util.concurrent.atomic.AtomicInteger", "safe"),
        ("java.util.concurrent.atomic.LongAdder", "safe"),
        ("java.lang.ThreadLocal", "safe"),
        ("redis.clients.jedis.JedisPool", "safe"),
        ("com.zaxxer.hikari.HikariDataSource", "safe"),
        ("com.fasterxml.jackson.databind.ObjectMapper", "safe"),
        ("org.apache.kafka.clients.producer.KafkaProducer", "safe"),
        ("com.google.common.cache.LoadingCache", "safe"),
        ("com.google.common.collect.ImmutableMap", "immutable"),
        ("software.amazon.awssdk.services.s3.S3Client", "immutable"),
        ("software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient", "immutable"),
        ("com.amazonaws.services.s3.AmazonS3", "safe"),
        ("com.amazonaws.services.s3.AmazonS3ClientBuilder", "unknown"),
        ("com.amazonaws.services.lambda.runtime.Context", "unknown"),
        ("com.amazonaws.services.lambda.runtime.events.SQSEvent", "unknown"),
        ("java.util.Map", "unknown"),
    ],
)
def test_java_safety(java: KnowledgeBase, name: str, safety: str) -> None:
    assert java.safety_of(name).safety == safety


@pytest.mark.parametrize(
    ("type_name", "method", "effect"),
    [
        ("java.util.HashMap", "put", Effect(mutates=True, adds=True)),
        ("java.util.HashMap", "get", Effect(reads=True, element=True)),
        ("java.util.HashMap", "entrySet", Effect(reads=True, iterates=True, element=True)),
        ("java.util.LinkedHashMap", "clear", Effect(mutates=True, removes=True)),
        ("java.util.concurrent.ConcurrentHashMap", "merge", Effect(mutates=True, atomic=True, adds=True, element=True)),
        ("java.util.concurrent.ConcurrentHashMap", "containsKey", Effect(reads=True)),
        ("java.util.ArrayList", "add", Effect(mutates=True, adds=True)),
        ("java.util.ArrayList", "forEach", Effect(reads=True, iterates=True)),
        ("java.util.concurrent.atomic.AtomicLong", "incrementAndGet", Effect(mutates=True, atomic=True)),
        ("java.util.concurrent.atomic.AtomicLong", "set", Effect(mutates=True)),
        ("java.text.SimpleDateFormat", "format", Effect(mutates=True)),
        ("java.util.Calendar", "setTime", Effect(mutates=True)),
        ("java.util.regex.Pattern", "matcher", None),
    ],
)
def test_java_effects(java: KnowledgeBase, type_name: str, method: str, effect: Effect | None) -> None:
    assert java.method_effect(type_name, method) == effect


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("java.sql.DriverManager.getConnection", "connection.open"),
        ("com.zaxxer.hikari.HikariDataSource", "pool.open"),
        ("com.zaxxer.hikari.HikariDataSource.getConnection", ""),
        ("com.zaxxer.hikari.HikariDataSource.close", "pool.close"),
        ("com.mongodb.client.MongoClients.create", "pool.open"),
        ("software.amazon.awssdk.services.s3.S3Client.create", "client.open"),
        ("software.amazon.awssdk.services.s3.S3ClientBuilder.build", "client.open"),
        ("com.amazonaws.services.s3.AmazonS3ClientBuilder.defaultClient", "client.open"),
        ("java.lang.System.exit", "process.exit"),
        ("java.lang.System.setProperty", "process.env.write"),
        ("java.util.TimeZone.setDefault", "process.setting"),
        ("java.io.FileWriter", "file.write"),
        ("java.nio.file.Files.copy", "file.write"),
        ("java.io.File.createTempFile", "file.temp"),
        ("java.lang.System.out.println", "log.raw"),
        ("com.fasterxml.jackson.databind.ObjectMapper.registerModule", "client.reconfigure"),
        ("com.fasterxml.jackson.databind.ObjectMapper.readValue", ""),
        ("java.util.concurrent.CompletableFuture.supplyAsync", "background"),
    ],
)
def test_java_roles(java: KnowledgeBase, name: str, role: str) -> None:
    entry = java.call_entry(name, 1, None)
    assert entry is not None
    assert entry.role == role


def test_java_builder_leads_to_the_client(java: KnowledgeBase) -> None:
    builder = java.call_entry("software.amazon.awssdk.services.s3.S3Client.builder", 0, None)
    assert builder is not None
    assert builder.returns_type == "software.amazon.awssdk.services.s3.S3ClientBuilder"
    step = java.call_entry(f"{builder.returns_type}.region", 1, None)
    assert step is not None
    assert step.returns == "receiver"
    build = java.call_entry(f"{builder.returns_type}.build", 0, None)
    assert build is not None
    assert build.returns_type == "software.amazon.awssdk.services.s3.S3Client"


def test_java_entry_points(java: KnowledgeBase) -> None:
    params = {(entry.type.rpartition(".")[2], entry.method): entry.params for entry in java.entries}
    assert params["RequestHandler", "handleRequest"] == ("event", "context")
    assert params["RequestStreamHandler", "handleRequest"] == ("event", "response", "context")


def test_java_temporary_directory_only_by_that_property(java: KnowledgeBase) -> None:
    tmpdir = java.call_entry("java.lang.System.getProperty", 1, "java.io.tmpdir")
    other = java.call_entry("java.lang.System.getProperty", 1, "user.home")
    assert tmpdir is not None
    assert tmpdir.text == "tmpdir"
    assert other is not None
    assert other.text == ""


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("process.exit", "process.exit"),
        ("process.chdir", "process.refused"),
        ("process.stdout.write", "log.raw"),
        ("aws.lambda.Context.done", "context.legacy"),
        ("aws.lambda.Context.succeed", "context.legacy"),
        ("fs.writeFileSync", "file.write"),
        ("fs/promises.writeFile", "file.write"),
        ("fs.promises.rm", "file.delete"),
        ("fs.existsSync", "file.exists"),
        ("fs.mkdtempSync", "file.temp"),
        ("child_process.execSync", "blocking"),
        ("crypto.pbkdf2Sync", "blocking"),
        ("zlib.gzipSync", "blocking"),
        ("pg.Client", "connection.open"),
        ("pg.Pool", "pool.open"),
        ("pg.Pool.connect", ""),
        ("pg.Pool.end", "pool.close"),
        ("pg.PoolClient.end", "connection.close"),
        ("mysql2/promise.createConnection", "connection.open"),
        ("mongodb.MongoClient", "pool.open"),
        ("aws-sdk.S3", "client.open"),
        ("aws-sdk/clients/s3", "client.open"),
        ("@aws-sdk/client-s3.S3Client", "client.open"),
        ("aws-sdk.config.update", "client.reconfigure"),
        ("axios.interceptors.request.use", "client.reconfigure"),
        ("@aws-lambda-powertools/logger.Logger.appendPersistentKeys", "client.reconfigure"),
        ("@aws-lambda-powertools/logger.Logger.appendKeys", ""),
        ("@aws-lambda-powertools/logger.Logger.setLogLevel", ""),
    ],
)
def test_javascript_roles(javascript: KnowledgeBase, name: str, role: str) -> None:
    entry = javascript.call_entry(name, 1, None)
    assert entry is not None
    assert entry.role == role


@pytest.mark.parametrize(
    ("name", "arity"),
    [
        ("@vendia/serverless-express", 3),
        ("@codegenie/serverless-express", 3),
        ("lambda-api().run", 3),
        ("serverless-http", 1),
        ("@middy/core", 2),
        ("@sentry/aws-serverless.wrapHandler", 2),
        ("datadog-lambda-js.datadog", 0),
        ("hono/aws-lambda.handle", 2),
        ("@fastify/aws-lambda", 2),
    ],
)
def test_javascript_arity_of_wrapped_handlers(javascript: KnowledgeBase, name: str, arity: int) -> None:
    entry = javascript.call_entry(name, 1, None)
    assert entry is not None
    assert entry.arity == arity


@pytest.mark.parametrize(
    ("name", "text", "role"),
    [
        ("pg.Client.query", "BEGIN", "transaction.begin"),
        ("pg.Pool.query", "  begin", "transaction.begin"),
        ("pg.PoolClient.query", "COMMIT", "transaction.end"),
        ("pg.Client.query", "SET search_path TO x", "session.set"),
        ("pg.Client.query", "select set_config('a', 'b', false)", "session.set"),
        ("pg.Client.query", "select * from settings", "connection.query"),
        ("mysql2.PoolConnection.execute", "START TRANSACTION", "transaction.begin"),
        ("pg.Client.query", None, "connection.query"),
        ("process.on", "SIGTERM", "process.deaf"),
        ("process.on", "SIGINT", ""),
        ("process.on", "uncaughtException", "listener"),
    ],
)
def test_javascript_conditions(javascript: KnowledgeBase, name: str, text: str | None, role: str) -> None:
    entry = javascript.call_entry(name, 1, text)
    assert entry is not None
    assert entry.role == role


@pytest.mark.parametrize(
    ("name", "arguments", "role"),
    [("process.umask", 1, "process.refused"), ("process.umask", 0, None)],
)
def test_umask_only_sets_with_an_argument(
    javascript: KnowledgeBase, name: str, arguments: int, role: str | None
) -> None:
    entry = javascript.call_entry(name, arguments, None)
    assert (entry.role if entry else None) == role


@pytest.mark.parametrize("name", ["crypto.randomUUID", "uuid.v4", "nanoid.nanoid", "ulid.ulid", "fs.mkdtempSync"])
def test_javascript_unique(javascript: KnowledgeBase, name: str) -> None:
    entry = javascript.call_entry(name, 0, None)
    assert entry is not None
    assert entry.unique == "call"


@pytest.mark.parametrize("name", ["Array.push", "Map.set", "Set.add", "Array.sort", "RegExp.exec", "Map.delete"])
def test_javascript_mutators(javascript: KnowledgeBase, name: str) -> None:
    owner, _, method = name.partition(".")
    effect = javascript.method_effect(owner, method)
    assert effect is not None
    assert effect.mutates


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("Array.forEach", "now"),
        ("Promise.then", "after"),
        ("setTimeout", "after"),
        ("setInterval", "background"),
        ("process.on", "keeps"),
        ("@middy/core", "wraps"),
        ("async_hooks.AsyncLocalStorage.run", "now"),
        ("async-mutex.Mutex.runExclusive", "after"),
        ("aws-sdk.S3.getObject", "after"),
        ("express.Router.get", "keeps"),
    ],
)
def test_javascript_callbacks(javascript: KnowledgeBase, name: str, calls: str) -> None:
    entry = javascript.call_entry(name, 1, None)
    assert entry is not None
    assert entry.calls == calls


def test_javascript_mutex_holds_around_its_callback(javascript: KnowledgeBase) -> None:
    lock = javascript.lock("async-mutex.Mutex")
    assert lock is not None
    assert lock.around == ("runExclusive",)


def test_javascript_open_writes_by_its_flag(javascript: KnowledgeBase) -> None:
    for flag, role in (("w", "file.write"), ("a+", "file.write"), ("r", "file.read")):
        entry = javascript.call_entry("fs.openSync", 2, "/tmp/x", texts=("/tmp/x", flag))
        assert entry is not None
        assert entry.role == role
