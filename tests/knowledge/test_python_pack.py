"""Spot checks of the Python pack: what it must say of well-known code, and that it hangs together."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lmi_lint.knowledge.callee import Effect
from lmi_lint.knowledge.load import load
from lmi_lint.knowledge.model import CallEntry
from lmi_lint.knowledge.query import KnowledgeBase
from lmi_lint.packs import rules_root


@pytest.fixture(scope="module")
def python() -> KnowledgeBase:
    return KnowledgeBase(load("python", [rules_root()]))


def entry_of(python: KnowledgeBase, name: str, texts: Sequence[str | None] = ()) -> CallEntry:
    """What the pack says of a call with these arguments; texts where they are known."""
    entry = python.call_entry(name, len(texts), texts[0] if texts else None, (), texts)
    assert entry is not None, name
    return entry


@pytest.mark.parametrize(
    ("name", "texts", "role", "path"),
    [
        ("open", ["/tmp/a"], "file.read", (0,)),
        ("open", ["/tmp/a", "r"], "file.read", (0,)),
        ("open", ["/tmp/a", "rb"], "file.read", (0,)),
        ("open", ["/tmp/a", "w"], "file.write", (0,)),
        ("open", ["/tmp/a", "ab"], "file.write", (0,)),
        ("open", ["/tmp/a", "xt"], "file.write", (0,)),
        ("open", ["/tmp/a", "r+"], "file.write", (0,)),
        ("open", ["/tmp/a", "ascii"], "file.read", (0,)),  # an encoding given by keyword
        ("open", ["/tmp/a", "latin-1"], "file.read", (0,)),
        ("os.remove", ["/tmp/a"], "file.delete", (0,)),
        ("os.makedirs", ["/tmp/a"], "file.mkdir", (0,)),
        ("os.replace", ["/tmp/a", "/tmp/b"], "file.move", (0, 1)),
        ("os.path.exists", ["/tmp/a"], "file.exists", (0,)),
        ("shutil.rmtree", ["/tmp/a"], "file.delete", (0,)),
        ("shutil.copyfile", ["a", "/tmp/a"], "file.write", (1,)),
        ("pathlib.Path.write_text", ["x"], "file.write", (-1,)),
        ("pathlib.PosixPath.unlink", [], "file.delete", (-1,)),
        ("pathlib.Path.open", [], "file.read", (-1,)),
        ("pathlib.Path.open", ["wb"], "file.write", (-1,)),
        ("zipfile.ZipFile", ["/tmp/a.zip"], "file.read", (0,)),
        ("zipfile.ZipFile", ["/tmp/a.zip", "w"], "file.write", (0,)),
        ("zipfile.ZipFile.extractall", ["/tmp"], "file.write", (0,)),
        ("zipfile.ZipFile.extract", ["a", "/tmp"], "file.write", (1,)),
        ("tarfile.open", ["/tmp/a.tgz", "r:gz"], "file.read", (0,)),
        ("tarfile.open", ["/tmp/a.tgz", "w:gz"], "file.write", (0,)),
        ("gzip.open", ["/tmp/a.gz", "wt"], "file.write", (0,)),
        ("logging.FileHandler", ["/tmp/log"], "file.write", (0,)),
        ("urllib.request.urlretrieve", ["https://a", "/tmp/a"], "file.write", (1,)),
        ("boto3.S3.Client.download_file", ["b", "k", "/tmp/a"], "file.write", (2,)),
        ("mypy_boto3_s3.client.S3Client.download_file", ["b", "k", "/tmp/a"], "file.write", (2,)),
        ("boto3.S3.Bucket.download_file", ["k", "/tmp/a"], "file.write", (1,)),
        ("boto3.S3.Object.download_file", ["/tmp/a"], "file.write", (0,)),
        ("boto3.S3.Client.upload_file", ["/tmp/a", "b", "k"], "file.read", (0,)),
        ("pandas.DataFrame.to_csv", ["/tmp/a.csv"], "file.write", (0,)),
        ("numpy.save", ["/tmp/a.npy", None], "file.write", (0,)),
        ("PIL.Image.Image.save", ["/tmp/a.png"], "file.write", (0,)),
        ("matplotlib.pyplot.savefig", ["/tmp/a.png"], "file.write", (0,)),
        ("cv2.imwrite", ["/tmp/a.png", None], "file.write", (0,)),
        ("joblib.dump", [None, "/tmp/a"], "file.write", (1,)),
        ("torch.save", [None, "/tmp/a"], "file.write", (1,)),
        ("sqlite3.connect", ["/tmp/a.db"], "connection.open", (0,)),
        ("sqlite3.connect", [":memory:"], "", ()),
    ],
)
def test_files(python: KnowledgeBase, name: str, texts: Sequence[str | None], role: str, path: tuple[int, ...]) -> None:
    entry = entry_of(python, name, texts)
    assert (entry.role, entry.path) == (role, path)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("sys.exit", "process.exit"),
        ("os._exit", "process.exit"),
        ("os.execv", "process.exit"),
        ("exit", "process.exit"),
        ("subprocess.run", "process.spawn"),
        ("os.system", "process.spawn"),
        ("os.environ.update", "process.env.write"),
        ("os.chdir", "process.setting"),
        ("threading.Thread.start", "background"),
        ("print", "log.raw"),
        ("logging.info", "log"),
        ("logging.LoggerAdapter.warning", "log"),
        ("aws_lambda_powertools.Logger.info", "log"),
        ("aws_lambda_powertools.Logger.inject_lambda_context", "wrapper"),
        ("boto3.client", "client.open"),
        ("boto3.Session.client", "client.open"),
        ("boto3.resource", "client.open"),
        ("requests.Session", "client.open"),
        ("requests.get", ""),
        ("opensearchpy.OpenSearch", "client.open"),
        ("psycopg2.connect", "connection.open"),
        ("psycopg2.pool.SimpleConnectionPool", "pool.open"),
        ("psycopg2.pool.ThreadedConnectionPool.getconn", ""),
        ("psycopg.connect", "connection.open"),
        ("pymysql.connect", "connection.open"),
        ("mysql.connector.connect", "connection.open"),
        ("asyncpg.connect", "connection.open"),
        ("sqlalchemy.create_engine", "pool.open"),
        ("sqlalchemy.engine.Engine.dispose", "pool.close"),
        ("pymongo.MongoClient", "pool.open"),
        ("redis.Redis", "pool.open"),
        ("redis.from_url", "pool.open"),
        ("pika.BlockingConnection", "connection.open"),
        ("confluent_kafka.Producer", "connection.open"),
        ("neo4j.GraphDatabase.driver", "pool.open"),
        ("snowflake.connector.connect", "connection.open"),
        ("tempfile.NamedTemporaryFile", ""),
    ],
)
def test_roles(python: KnowledgeBase, name: str, role: str) -> None:
    assert entry_of(python, name, [None]).role == role


@pytest.mark.parametrize(
    ("name", "text", "unique"),
    [
        ("os.path.join", "join", ""),
        ("pathlib.Path", "join", ""),
        ("pathlib.Path.__truediv__", "join", ""),
        ("pathlib.Path.joinpath", "join", ""),
        ("pathlib.Path.resolve", "same", ""),
        ("pathlib.Path.with_suffix", "with_suffix", ""),
        ("os.path.basename", "basename", ""),
        ("os.path.splitext", "", ""),
        ("str.format", "format", ""),
        ("%format", "format", ""),
        ("str.replace", "", ""),
        ("str", "same", ""),
        ("tempfile.gettempdir", "tmpdir", ""),
        ("tempfile.mkdtemp", "", "call"),
        ("tempfile.NamedTemporaryFile", "", "call"),
        ("uuid.uuid4", "", "call"),
        ("uuid.uuid5", "", ""),
        ("secrets.token_hex", "", "call"),
        ("time.time", "", "second"),
        ("datetime.datetime.now", "", "second"),
        ("datetime.datetime.strftime", "", "second"),
        ("random.randint", "", "second"),
        ("os.getpid", "", "process"),
        ("aws.lambda.Context.aws_request_id", "", "request"),
    ],
)
def test_texts_and_names(python: KnowledgeBase, name: str, text: str, unique: str) -> None:
    entry = entry_of(python, name)
    assert (entry.text, entry.unique) == (text, unique)


@pytest.mark.parametrize(
    ("name", "atomic"),
    [
        ("boto3.S3.Client.download_file", True),
        ("boto3.S3.Bucket.download_file", True),
        ("os.replace", True),
        ("pathlib.Path.rename", True),
        ("shutil.copyfile", False),
        ("open", False),
    ],
)
def test_atomic_publication(python: KnowledgeBase, name: str, atomic: bool) -> None:
    assert entry_of(python, name, [None, None, None]).atomic_publication is atomic


@pytest.mark.parametrize(
    ("name", "service", "returned"),
    [
        ("boto3.client", "s3", "boto3.S3.Client"),
        ("boto3.client", "sqs", "boto3.Client"),
        ("boto3.client", "s3control", "boto3.Client"),
        ("boto3.session.Session.client", "s3", "boto3.S3.Client"),
        ("boto3.resource", "s3", "boto3.S3.ServiceResource"),
        ("boto3.resource", "dynamodb", "boto3.DynamoDB.ServiceResource"),
    ],
)
def test_services_by_name(python: KnowledgeBase, name: str, service: str, returned: str) -> None:
    entry = entry_of(python, name, [service])
    assert entry.returns_type == returned
    assert python.role_of(returned) == "client"


def test_resource_leads_to_the_client(python: KnowledgeBase) -> None:
    bucket = entry_of(python, "boto3.S3.ServiceResource.Bucket", ["b"]).returns_type
    assert entry_of(python, f"{bucket}.Object", ["k"]).returns_type == "boto3.S3.Object"
    meta = entry_of(python, "boto3.S3.ServiceResource.meta").returns_type
    assert entry_of(python, f"{meta}.client").returns_type == "boto3.S3.Client"


@pytest.mark.parametrize(
    ("statement", "role"),
    [
        ("select 1", "connection.query"),
        ("BEGIN", "transaction.begin"),
        ("rollback", "transaction.end"),
        ("SET search_path TO t", "session.set"),
    ],
)
def test_statements_of_any_driver(python: KnowledgeBase, statement: str, role: str) -> None:
    connection = entry_of(python, "psycopg2.connect").returns_type
    cursor = entry_of(python, f"{connection}.cursor").returns_type
    assert entry_of(python, f"{cursor}.execute", [statement]).role == role


def test_default_of_an_environment_variable(python: KnowledgeBase) -> None:
    assert entry_of(python, "os.getenv", ["DIR"]).returns == ""
    assert entry_of(python, "os.getenv", ["DIR", "/tmp/d"]).returns == "arg1"
    assert entry_of(python, "os.environ.get", ["DIR", "/tmp/d"]).returns == "arg1"


@pytest.mark.parametrize(
    ("made_by", "reach"),
    [
        ("threading.Lock", "environment"),
        ("threading.RLock", "environment"),
        ("multiprocessing.Lock", "environment"),
        ("asyncio.Semaphore", "environment"),
        ("filelock.FileLock", "host"),
        ("portalocker.Lock", "host"),
    ],
)
def test_reach_of_locks(python: KnowledgeBase, made_by: str, reach: str) -> None:
    made = entry_of(python, made_by).returns_type
    lock = python.lock(made)
    assert lock is not None
    assert lock.reach == reach
    assert "acquire" in lock.acquire
    assert python.role_of(made) == "lock"


def test_file_locks_of_the_system_reach_other_processes(python: KnowledgeBase) -> None:
    lock = python.lock("fcntl")
    assert lock is not None
    assert lock.reach == "host"
    assert "flock" in lock.acquire


@pytest.mark.parametrize(
    ("type_name", "method", "effect"),
    [
        ("list", "append", Effect(mutates=True, adds=True)),
        ("list", "pop", Effect(mutates=True, removes=True, element=True)),
        ("dict", "get", Effect(reads=True, element=True)),
        ("collections.defaultdict", "clear", Effect(mutates=True, removes=True)),
        ("collections.deque", "popleft", Effect(mutates=True, removes=True, element=True)),
        ("str", "replace", None),
    ],
)
def test_effects(python: KnowledgeBase, type_name: str, method: str, effect: Effect | None) -> None:
    assert python.method_effect(type_name, method) == effect


@pytest.mark.parametrize("name", ["os.environ", "os.environb"])
def test_environment(python: KnowledgeBase, name: str) -> None:
    assert python.role_of(name) == "process.env"


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("functools.lru_cache", "once"),
        ("functools.lru_cache()", "once"),
        ("fastapi.FastAPI.get", "keeps"),
        ("fastapi.APIRouter.post()", "keeps"),
        ("chalice.Chalice.on_s3_event", "keeps"),
        ("aws_lambda_powertools.event_handler.Resolver.get", "keeps"),
        ("map", "now"),
        ("concurrent.futures.Executor.submit", "after"),
        ("atexit.register", "never"),
    ],
)
def test_functions_given(python: KnowledgeBase, name: str, calls: str) -> None:
    assert entry_of(python, name).calls == calls


def test_no_type_is_called_unsafe(python: KnowledgeBase) -> None:
    """Processes share no memory: a claim that a type must not be shared would only mislead."""
    assert not [entry.name for entry in python.knowledge.types.values() if entry.safety in ("unsafe", "confined")]


def test_every_claim_has_an_address(python: KnowledgeBase) -> None:
    knowledge = python.knowledge
    claims = {entry.name: entry.source for entry in knowledge.types.values() if entry.role or entry.safety != "unknown"}
    claims |= {entry.name: entry.source for calls in knowledge.calls.values() for entry in calls if entry.role}
    claims |= {lock.type: lock.source for lock in knowledge.locks.values()}
    assert len(claims) > 500
    assert not {name for name, source in claims.items() if not source.startswith("https://") or "{" in source}


def test_every_base_is_known(python: KnowledgeBase) -> None:
    types = python.knowledge.types
    assert {base for entry in types.values() for base in entry.extends} <= set(types)


def test_every_file_role_names_a_path(python: KnowledgeBase) -> None:
    calls = [entry for named in python.knowledge.calls.values() for entry in named]
    entries = [entry for entry in calls if entry.role.startswith("file.") and entry.role != "file.temp"]
    assert entries
    assert not [entry.name for entry in entries if not entry.path and not entry.path_options]
    assert not [entry.name for entry in calls if entry.role == "file.temp" and entry.unique != "call"]
