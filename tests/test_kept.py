"""Judgements kept between runs: the report is that of a run that keeps nothing, whatever has changed in between."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec import msgpack, structs

import lmi_lint
from lmi_lint import packs
from lmi_lint.cache import NO_CACHE, Cache
from lmi_lint.deploy import read as reading
from lmi_lint.deploy.consulted import Consulted
from lmi_lint.deploy.read import read
from lmi_lint.discover import discover
from lmi_lint.facts.isolation import Isolated, can_fork
from lmi_lint.facts.source import FactSource
from lmi_lint.fitness import assess
from lmi_lint.index import contents, scans
from lmi_lint.index.questions import Question
from lmi_lint.link.link import Linker
from lmi_lint.model.finding import Severity
from lmi_lint.pipeline import beside, fitting, judging, kept, settling
from lmi_lint.pipeline.anew import registry
from lmi_lint.pipeline.settled import Asked
from lmi_lint.report import json_v1
from lmi_lint.request import Costing
from lmi_lint.settings import Settings
from tests.harness import FIXTURES
from tests.link.linking import write

Said = dict[str, Any]


@pytest.fixture(scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with nothing but our own pages, knowledge and prices, which every run would parse anew."""
    return tmp_path_factory.mktemp("parsed")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, parsed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder; the cache is beside it."""
    shutil.copytree(parsed, tmp_path / "cache")
    monkeypatch.setenv("LMI_LINT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PARSED", str(parsed))
    project = tmp_path / "project"
    project.mkdir()
    return project


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the functions that were judged and not recalled, as it goes on."""
    names: list[str] = []
    real = judging.Judge.part

    def part(self, functions, positions):
        names.extend(functions[position].name for position in positions)
        return real(self, functions, positions)

    monkeypatch.setattr(judging.Judge, "part", part)
    return names


def said(folder: Path, *, jobs: int = 1, **given: Any) -> Said:
    report = lmi_lint.run(lmi_lint.Request(paths=(folder,), root=folder, pedantic=True, cache=True, jobs=jobs, **given))
    found: Said = json.loads(json_v1.render(report, report.pages))
    del found["stats"]["ms"]
    return found


def anew(folder: Path, **given: Any) -> Said:
    """What is said if nothing of the project was kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LMI_LINT_CACHE_DIR", os.environ["PARSED"])
        found = said(folder, **given)
    for kind in Path(os.environ["PARSED"]).glob("*/*"):
        if kind.name not in {"knowledge", "pages", "prices"}:
            shutil.rmtree(kind)
    return found


# ---- what is kept, and when it is not

TEMPLATE = """
    Resources:
    """
FUNCTION = """
      {name}:
        Type: AWS::Serverless::Function
        Properties: {{CodeUri: src/, Handler: {handler}, Runtime: {runtime}, MemorySize: 2048}}
    """


def template(runtime: str, **handlers: str) -> str:
    return TEMPLATE + "".join(FUNCTION.format(name=n, handler=h, runtime=runtime) for n, h in handlers.items())


JAVASCRIPT = {
    "template.yaml": template("nodejs22.x", One="one.handler", Two="two.handler"),
    "src/one.js": "const s = require('./store/keep');\nexports.handler = async (event) => s.put(event.user);\n",
    "src/two.js": "exports.handler = async (event) => event.user;\n",
    "src/store/keep/index.js": "exports.put = async (user) => user;\n",
}
KEEPS = "let last;\nexports.put = async (user) => { last = user; await fetch(user); return last; };\n"


def test_what_did_not_change_is_recalled(folder, judged) -> None:
    write(folder, JAVASCRIPT)
    first = said(folder)
    assert sorted(judged) == ["One", "Two"]
    assert said(folder) == first
    assert len(judged) == 2
    (folder / "src" / "store" / "keep" / "index.js").write_text(KEEPS)
    found = said(folder)
    assert judged[2:] == ["One"]
    assert found == anew(folder) != first


def java(**classes: str) -> dict[str, str]:
    return {f"src/app/{name}.java": f"package app; {text}" for name, text in classes.items()}


JAVA = {
    "template.yaml": template("java21", One="app.One::handle"),
    **java(
        One="public class One { private final Store store = Stores.one();"
        " public String handle(String user) { store.put(user); return user; } }",
        Stores="public class Stores { static native Store one(); }",
        Store="public interface Store { void put(String user); }",
    ),
}
CSHARP = {
    "template.yaml": template("dotnet8", One="app::App.One::Handle"),
    "src/app.csproj": "<Project Sdk='Microsoft.NET.Sdk'></Project>",
    "src/One.cs": "namespace App; public class One { public string Handle(string user) { user.Keep(); return user; } }",
}
TYPESCRIPT = {
    "template.yaml": template("nodejs22.x", One="one.handler"),
    "src/one.ts": "import { put } from '@store';\nexport const handler = async (e: any) => put(e.user);\n",
    "src/a.ts": "export const put = async (user: string) => user;\n",
    "src/b.ts": KEEPS.replace("exports.put =", "export const put ="),
    "tsconfig.json": '{"compilerOptions": {"paths": {"@store": ["./src/a"]}}}',
}
KEEPER = "public class Keeper implements Store { private String last; public void put(String user) { last = user; } }"
CHANGES = {
    "a file that comes before the one that was meant": (JAVASCRIPT, {"src/store/keep.js": KEEPS}),
    "an import that leads elsewhere": (TYPESCRIPT, {"tsconfig.json": TYPESCRIPT["tsconfig.json"].replace("/a", "/b")}),
    "an implementor": (JAVA, java(Keeper=KEEPER)),
    "an extension method": (
        CSHARP,
        {
            "src/Extensions.cs": "namespace App; public static class Extensions { static string last;"
            " public static void Keep(this string user) { last = user; } }"
        },
    ),
    "a setting of the function": (JAVASCRIPT, {"template.yaml": JAVASCRIPT["template.yaml"].replace("2048", "4096")}),
    "a rule that is not asked for": (JAVASCRIPT | {"src/two.js": KEEPS.replace("put", "handler")}, {
        "lmi-lint.toml": 'ignore = ["LMI104"]\n'
    }),
    "infrastructure that becomes a handler": (
        {"cdk.json": "{}", "app.js": "const cdk = require('aws-cdk-lib');\nnew cdk.App();\n"},
        {"app.js": "const cdk = require('aws-cdk-lib');\n" + KEEPS.replace("put", "handler")},
    ),
    "a file that cannot be read": (JAVASCRIPT, {"src/store/keep/index.js": "\0"}),
    "a comment that silences": (JAVASCRIPT | {"src/two.js": KEEPS.replace("put", "handler")}, {
        "src/two.js": "// lmi: ignore-file[LMI104] why\n" + KEEPS.replace("put", "handler")
    }),
}  # fmt: skip


@pytest.mark.parametrize(("before", "change"), CHANGES.values(), ids=CHANGES)
def test_what_changes_is_seen(folder, before, change) -> None:
    write(folder, before)
    first = said(folder)
    assert said(folder) == first
    write(folder, change)
    now = said(folder)
    assert now == anew(folder)
    assert now != first


POOL = "import psycopg2.pool\npool = psycopg2.pool.ThreadedConnectionPool(2, 4)\n"
SETTINGS = {
    "template.yaml": """
    Globals:
      Function: {MemorySize: 2048, Timeout: 3, EphemeralStorage: {Size: 512}}
    Resources:
      Plain:
        Type: AWS::Serverless::Function
        Properties: {CodeUri: src/, Handler: plain.handler, Runtime: nodejs22.x}
      Leaves:
        Type: AWS::Serverless::Function
        Properties: {CodeUri: src/, Handler: leaves.handler, Runtime: nodejs22.x}
      Pools:
        Type: AWS::Serverless::Function
        Properties: {CodeUri: src/, Handler: pools.handler, Runtime: python3.13}
    """,
    "src/plain.js": KEEPS.replace("put", "handler"),
    "src/leaves.js": "const fs = require('fs');\n"
    "exports.handler = async (e, c) => fs.writeFileSync(`/tmp/left-${c.awsRequestId}.json`, e.body);\n",
    "src/pools.py": POOL + "def handler(event, context):\n    return pool.getconn()\n",
}


def test_a_function_is_judged_again_for_settings_that_were_looked_at(folder, judged) -> None:
    write(folder, SETTINGS)
    notes: dict[str, Any] = {"min_severity": Severity.NOTE}
    first = said(folder, **notes)
    assert {each["rule"] for each in first["findings"]} >= {"LMI104", "LMI206", "LMI305"}
    for old, new, again in (
        ("Timeout: 3", "Timeout: 5", []),
        ("MemorySize: 2048", "MemorySize: 4096", ["Pools"]),
        ("Size: 512", "Size: 1024", ["Leaves"]),
        ("Timeout: 5, ", "", []),
        ("MemorySize: 4096", "Tracing: Active", ["Pools"]),
        ("nodejs22.x}\n  Pools", "nodejs20.x}\n  Pools", []),
        ("Handler: plain.handler", "Handler: plain.other", ["Plain"]),
    ):
        replaced(folder / "template.yaml", old, new)
        del judged[:]
        found = said(folder, **notes)
        assert judged == again, new
        assert found == anew(folder, **notes), new


def test_what_is_known_of_libraries_is_part_of_it(folder, tmp_path) -> None:
    write(folder, {"index.js": "const s = require('someone');\nexports.handler = async (e) => s.call(e);\n"})
    pack = tmp_path / "pack" / "knowledge" / "javascript" / "someone.toml"
    known = 'language = "javascript"\nsubject = "someone"\n[[call]]\nname = "someone.%s"\nrole = "process.exit"\n'
    known += 'why = "it ends"\nsource = "https://example.com"\n'
    pack.parent.mkdir(parents=True)
    pack.write_text(known % "other")
    packs = (tmp_path / "pack",)
    first = said(folder, packs=packs)
    assert said(folder, packs=packs) == first
    pack.write_text(known % "call")
    now = said(folder, packs=packs)
    assert now == anew(folder, packs=packs) != first


def test_what_was_not_judged_to_the_end_is_judged_again(folder, judged, monkeypatch) -> None:
    write(folder, JAVASCRIPT)
    real = judging._is_cut
    monkeypatch.setattr(judging, "_is_cut", lambda linked: linked.function.name == "One")
    first = said(folder)
    monkeypatch.setattr(judging, "_is_cut", real)
    del judged[:]
    assert said(folder) != first
    assert said(folder) == anew(folder)


def broken(book: kept.Book) -> Iterator[kept.Book]:
    """Books that are well-formed and make no sense."""
    (key, some), *_ = book.judgements.items()
    yield kept.Book(book.questions[:1], book.answers, book.files, book.judgements)
    yield kept.Book(book.questions, book.answers[:1], book.files, book.judgements)
    yield kept.Book(book.questions, book.answers, {}, book.judgements)
    for question in ((), ("",), ("file",), ("file", "\0"), ("file", "../../x"), ("type", "cobol", "x"), ("build", 1)):
        yield kept.Book([question] * len(book.questions), book.answers, book.files, book.judgements)  # type: ignore[list-item]
    yield kept.Book(book.questions, book.answers, book.files, {key: structs.replace(some, rests=b"\xff" * 99)})


def test_configuration_is_read_again_when_it_has_to_be(folder, monkeypatch) -> None:
    write(folder, JAVASCRIPT)
    times: list[int] = []
    real = reading._read

    def read_again(*given):
        times.append(len(times))
        return real(*given)

    monkeypatch.setattr(reading, "_read", read_again)
    first = said(folder)
    assert said(folder) == first
    (folder / "src" / "two.js").write_text(JAVASCRIPT["src/two.js"].replace("event.user", "event.id"))
    said(folder)
    (folder / "src" / "two.js").write_text("\n\n" + JAVASCRIPT["src/two.js"])
    shifted = said(folder)
    assert len(times) == 1
    assert shifted == anew(folder)
    (folder / "src" / "two.js").write_text("exports.other = async (event) => event.user;\n")
    assert said(folder) == anew(folder)
    assert len(times) == 4


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_manifests_are_read_again_when_they_have_to_be(folder, monkeypatch) -> None:
    shutil.copytree(FIXTURES / "rules" / "LMI501" / "python" / "sam", folder, dirs_exist_ok=True)
    found: list[Asked] = []
    real = beside._found

    def finding(asked, *given):
        found.append(asked)
        return real(asked, *given)

    monkeypatch.setattr(beside, "_found", finding)
    first = said(folder)
    assert said(folder) == first
    assert len(found) == 1
    edits: dict[str, Callable[[], object]] = {
        "no manifest": lambda: replaced(folder / "orders" / "app.py", "def handler", "\n\ndef handler"),
        "a version": lambda: replaced(folder / "web" / "requirements.txt", "2.1.0", "3.20.0"),
        "an included file": lambda: (folder / "requirements-common.txt").write_text("aws-lambda-powertools==2.0.0\n"),
        "a comment": lambda: replaced(folder / "web" / "requirements.txt", "# lmi: ignore[LMI501]", "#"),
        "a comment in the template": lambda: replaced(
            folder / "template.yaml", "Resources:", "# lmi: ignore[LMI601]\nResources:"
        ),
        "the template": lambda: replaced(
            folder / "template.yaml", "Globals:\n  Function:", "Globals:\n  Function:\n    MemorySize: 512"
        ),
        "a new file": lambda: (folder / "plain" / "requirements.txt").write_text("boto3==1.34.0\n"),
        "a file that is gone": (folder / "stock" / "uv.lock").unlink,
    }
    for number, (what, edit) in enumerate(edits.items()):
        edit()
        before = len(found)
        now = said(folder)
        assert (len(found) > before) == (number > 0), what
        assert now == anew(folder), what
    assert said(folder, as_if_managed=True) == anew(folder, as_if_managed=True) != said(folder)


APART = {
    "one/template.yaml": template("nodejs22.x", One="one.handler", Two="two.handler"),
    "two/template.yaml": template("python3.13", Three="three.handler", Four="four.handler"),
    "one/src/one.js": "exports.handler = async (event) => event;\n",
    "one/src/two.js": "exports.handler = async (event) => event;\n",
    "two/src/three.py": "def handler(event, context):\n    return event\n",
    "two/src/four.py": "def handler(event, context):\n    return event\n",
    "two/src/requirements.txt": "aws-lambda-powertools==2.0.0  # lmi: ignore[LMI502] other\n",
}


def test_what_is_found_of_other_functions_is_not_found_again(folder, monkeypatch) -> None:
    write(folder, APART)
    settled: list[str] = []
    assessed: list[str] = []
    of_function, of_group = settling.Settler.of_function, assess._of_group

    def settle(self, function, *given, **named):
        settled.append(function.name)
        return of_function(self, function, *given, **named)

    def group(judged, *given):
        assessed.extend(each.function.name for each in judged)
        return of_group(judged, *given)

    monkeypatch.setattr(settling.Settler, "of_function", settle)
    monkeypatch.setattr(assess, "_of_group", group)
    first = said(folder)
    assert {each["rule"] for each in first["findings"]} == {"LMI501", "LMI002"}  # and a comment that silences nothing
    everyone = ["One", "Two", "Three", "Four"]
    assert (settled, sorted(assessed)) == (everyone, sorted(everyone))
    manifest, comment = folder / "two" / "src" / "requirements.txt", "# lmi: ignore[LMI501] known"
    for what, path, old, new, again, judged in (
        ("a setting of one", folder / "one" / "template.yaml", "2048}", "4096}", everyone[:2], everyone[:2]),
        ("a comment at the end", folder / "two" / "template.yaml", None, "# more\n", [], []),
        ("a comment before them", folder / "two" / "template.yaml", "Res", "# more\nRes", everyone[2:], everyone[2:]),
        ("a manifest", manifest, "2.0.0", "3.20.0", everyone, everyone[2:]),
        ("a comment in a manifest", manifest, "# lmi: ignore[LMI502] other", comment, everyone, everyone[2:]),
    ):
        text = path.read_text()
        path.write_text(text + new if old is None else text.replace(old, new))
        del settled[:], assessed[:]
        found = said(folder)
        assert (settled, assessed) == (again, judged), what
        assert found == anew(folder), what


def test_the_fitness_is_judged_again_when_it_has_to_be(folder, tmp_path, monkeypatch) -> None:
    files = {"lmi-lint.toml": "traffic = 'traffic.toml'\n", "traffic.toml": "[default]\nrequests = 3_000_000\n"}
    write(folder, {**JAVASCRIPT, **files})
    judged: list[str] = []
    real = fitting.Fitting._assessed

    def assessed(*given):
        judged.append("")
        return real(*given)

    monkeypatch.setattr(fitting.Fitting, "_assessed", assessed)
    first = said(folder)
    assert said(folder) == first
    assert len(judged) == 1
    table = tmp_path / "ec2.csv"
    shipped = (packs.rules_root() / "prices" / "ec2.csv").read_text()
    table.write_text(re.sub(r"(?m)^(us-east-1,[^,]+,[^,]+,[^,]+,[^,]+,)", r"\g<1>9", shipped))
    costing = Costing()
    edits: list[tuple[Callable[[], object], dict[str, Any]]] = [
        (lambda: replaced(folder / "traffic.toml", "3_000_000", "5_000_000"), {}),
        (lambda: replaced(folder / "template.yaml", "MemorySize: 2048", "MemorySize: 4096"), {}),
        (lambda: (folder / "src" / "store" / "keep" / "index.js").write_text(KEEPS), {}),
        (lambda: None, {"costing": structs.replace(costing, region="eu-central-1")}),
        (lambda: None, {"costing": structs.replace(costing, prices=(table,))}),
        (lambda: None, {"costing": structs.replace(costing, assume=("management_fee=0.3",))}),
    ]
    for number, (edit, given) in enumerate(edits):
        edit()
        before = len(judged)
        now = said(folder, **given)
        assert len(judged) > before, number
        assert now == anew(folder, **given), number


@pytest.mark.parametrize("how", [KeyboardInterrupt, SystemExit])
def test_what_an_interrupted_run_has_judged_is_kept(folder, judged, monkeypatch, how) -> None:
    write(folder, JAVASCRIPT)
    real = judging.Judge.part

    def interrupted(self, functions, positions):
        if functions[positions[0]].name == "Two":
            raise how
        return real(self, functions, positions)

    with monkeypatch.context() as patch:
        patch.setattr(judging.Judge, "part", interrupted)
        with pytest.raises(how):
            said(folder)
    assert judged == ["One"]
    assert said(folder) == anew(folder)
    assert judged == ["One", "Two", *judged[2:]]


def test_a_handler_that_nothing_deploys_moves(folder, judged) -> None:
    twice = "exports.handler = async (event, context) => event;\n"
    write(folder, {"one.js": twice, "two.py": "def lambda_handler(event, context):\n    return event\n"})
    said(folder)
    for name in ("one.js", "two.py"):
        (folder / name).write_text("\n\n" + (folder / name).read_text())
    del judged[:]
    found = said(folder)
    assert len(judged) == 2
    assert found == anew(folder)


def test_a_template_whose_lines_move_costs_no_judgement(folder, judged) -> None:
    shutil.copytree(FIXTURES / "rules" / "LMI701", folder, dirs_exist_ok=True)
    first = said(folder)
    del judged[:]
    for path in folder.rglob("template.yaml"):
        path.write_text("# one more line\n\n" + path.read_text("utf-8"), "utf-8")
    found = said(folder)
    assert judged == []
    assert found == anew(folder) != first


# ---- files that are not read


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled at once, as most are that were not changed just now."""
    monkeypatch.setattr(contents, "_SETTLED_NS", 0)


@pytest.mark.skipif(not contents._TELLS_CHANGES, reason="the time of the last change is not kept here")
@pytest.mark.usefixtures("settled")
def test_a_change_that_leaves_size_and_time_is_seen(folder) -> None:
    path = folder / "src" / "two.js"
    write(folder, JAVASCRIPT | {"src/two.js": KEEPS.replace("put", "handler")})
    first, status = said(folder), path.stat()
    assert said(folder) == first
    path.write_text(path.read_text().replace("last = user", "user = last"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    now = said(folder)
    assert now == anew(folder) != first
    path.write_text(path.read_text().replace("user = last", "last = user"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert said(folder) == first


@pytest.mark.skipif(not contents._TELLS_CHANGES, reason="the time of the last change is not kept here")
def test_what_is_known_is_not_read_unless_it_was_changed_just_now(folder, tmp_path, monkeypatch) -> None:
    write(folder, JAVASCRIPT)

    def digests(keeps: bool = True) -> tuple[list[bytes], list[str]]:
        project = discover([folder], Settings(), folder)
        known = contents.Contents(project, Cache(tmp_path / "cache") if keeps else NO_CACHE)
        read: list[str] = []
        real = contents.Contents.read

        def noted(self: contents.Contents, path: str, limit: int) -> Any:
            read.append(path)
            return real(self, path, limit)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(contents.Contents, "read", noted)
            found = [known.of(path, 1 << 20) for path in project.files]
        known.keep()
        return found, read

    first, read = digests()
    assert digests() == (first, read)
    monkeypatch.setattr(contents, "_SETTLED_NS", 0)
    assert digests() == (first, read)
    assert digests() == (first, [])
    assert digests(keeps=False) == (first, read)
    (folder / "src" / "two.js").write_text(JAVASCRIPT["src/two.js"])
    assert digests() == (first, ["src/two.js"])


@pytest.mark.skipif(not can_fork(), reason="nothing is forked here")
@pytest.mark.usefixtures("settled")
def test_what_other_processes_have_found_in_files_is_not_looked_for_again(folder, monkeypatch) -> None:
    write(
        folder, CSHARP | {"template.yaml": template("dotnet8", One="app::App.One::Handle", Two="app::App.Two::Handle")}
    )
    write(folder, {"src/Two.cs": CSHARP["src/One.cs"].replace("One", "Two")})
    write(
        folder, {"src/Keeps.cs": "namespace App; static class Keeps { public static void Keep(this string user) {} }"}
    )
    first = said(folder, jobs=2)
    looked: list[str] = []

    def counting(kind: type, name: str) -> None:
        real = getattr(kind, name)

        def counted(self, path, about):
            looked.append(path)
            return real(self, path, about)

        monkeypatch.setattr(kind, name, counted)

    counting(scans.Scans, "_bytes")
    counting(contents.Contents, "read")
    assert said(folder) == first
    assert not [path for path in looked if path.endswith(".cs")]


def test_a_book_that_makes_no_sense_is_a_miss(folder, tmp_path) -> None:
    write(folder, JAVASCRIPT | {"src/two.js": KEEPS.replace("put", "handler")})
    first = said(folder)
    cache = Cache(tmp_path / "cache")
    (entry,) = (tmp_path / "cache").rglob("judged/*/*")
    key = entry.parent.name + entry.name
    book = cache.get("judged", key, msgpack.Decoder(kept.Book).decode)
    assert book is not None
    for each in broken(book):
        cache.put("judged", key, msgpack.encode(each))
        assert said(folder) == first
        assert said(folder) == first


def test_the_book_does_not_grow_with_every_edit(folder, tmp_path) -> None:
    write(folder, JAVASCRIPT)
    sizes = []
    for number in range(12):
        (folder / "src" / "one.js").write_text(f"const x = require('./other{number}');\n" + JAVASCRIPT["src/one.js"])
        (folder / "src" / f"other{number}.js").write_text("exports.x = 1;\n")
        said(folder)
        (entry,) = (tmp_path / "cache").rglob("judged/*/*")
        sizes.append(entry.stat().st_size)
    assert max(sizes) < 3 * sizes[0]


# ---- what a judgement rests on


def rests(folder: Path, *, backwards: bool) -> dict[str, set[Question]]:
    """Function → what was asked for it."""
    project = discover([folder], Settings(), folder)
    linker = Linker(project)
    judge = judging.Judge(linker, registry().rules, notes=True)
    functions = [function for function in read(project).functions if not function.edge]
    found: dict[str, set[Question]] = {}
    for position in sorted(range(len(functions)), reverse=backwards):
        part = judge.part(functions, [position])
        numbers = part.judged[position].rests
        if numbers is not None:
            found[functions[position].key] = {linker.questions.asked[number] for number in numbers}
    linker.facts.reader.close()
    return found


def test_link_looks_at_no_setting_but_those_that_always_count() -> None:
    """What it finds out about one function holds for all with the same code, whatever else is set."""
    folder = FIXTURES / "rules" / "LMI206"
    project = discover([folder], Settings(), folder)
    with closing(Isolated()) as reader:
        linker = Linker(project, FactSource(project, reader))
        functions = [Consulted(function) for function in read(project, reader).functions]
        programs = [next(linker.link((each.view,))).program for each in functions]
        assert sum(program is not None for program in programs) > 5
    for program, function in zip(programs, functions, strict=True):
        assert program is None or function.fields <= set(kept._ALWAYS), function.fields
    asks = re.compile(r"\bdeployed\.(\w+)")
    files = [file for file in (Path(lmi_lint.__file__).parent / "link").glob("*.py") if file.name != "show.py"]
    assert {name for file in files for name in asks.findall(file.read_text())} <= {"provenance"}


@pytest.mark.parametrize("rule", ["LMI103"])
def test_what_a_judgement_rests_on_does_not_depend_on_who_asked_first(rule) -> None:
    forwards = rests(FIXTURES / "rules" / rule, backwards=False)
    assert len(forwards) > 20
    assert any(len(questions) > 3 for questions in forwards.values())
    assert rests(FIXTURES / "rules" / rule, backwards=True) == forwards


# ---- anything

SOURCES = {".js", ".ts", ".py", ".java", ".cs"}
Edit = Callable[[random.Random, Path, list[Path]], None]


def chosen(dice: random.Random, files: list[Path], suffixes: set[str] | None = None) -> Path:
    return dice.choice([path for path in files if suffixes is None or path.suffix in suffixes] or files)


def add_line(dice: random.Random, _: Path, files: list[Path]) -> None:
    path = chosen(dice, files)
    path.write_text("\n" + path.read_text("utf-8"), "utf-8")


def drop_line(dice: random.Random, _: Path, files: list[Path]) -> None:
    path = chosen(dice, files)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    del lines[dice.randrange(len(lines) or 1) :][:1]
    if lines:
        del lines[dice.randrange(len(lines))]
    path.write_text("".join(lines), "utf-8")


def swap_words(dice: random.Random, _: Path, files: list[Path]) -> None:
    path = chosen(dice, files)
    words = path.read_text("utf-8").split(" ")
    left, right = dice.randrange(len(words)), dice.randrange(len(words))
    words[left], words[right] = words[right], words[left]
    path.write_text(" ".join(words), "utf-8")


def change_number(dice: random.Random, _: Path, files: list[Path]) -> None:
    path = chosen(dice, files, {".yaml", ".yml", ".tf", ".json"})
    path.write_text(
        path.read_text("utf-8").replace("2048", "1024").replace("30", "31").replace("true", "false"), "utf-8"
    )


def remove(dice: random.Random, _: Path, files: list[Path]) -> None:
    chosen(dice, files, SOURCES).unlink()


def rename(dice: random.Random, _: Path, files: list[Path]) -> None:
    path = chosen(dice, files, SOURCES)
    path.rename(path.with_stem(path.stem + "x"))


def repeat(dice: random.Random, folder: Path, files: list[Path]) -> None:
    """The same file a second time: nearer, further off, or in place of a package."""
    path = chosen(dice, files, SOURCES)
    place = dice.choice([folder / path.name, path.parent / "lib" / path.name, path.parent.with_suffix(path.suffix)])
    place.parent.mkdir(exist_ok=True)
    shutil.copy(path, place)


def derive(dice: random.Random, folder: Path, files: list[Path]) -> None:
    """Another class that extends and implements what one does."""
    path = chosen(dice, files, {".java", ".cs"})
    text = path.read_text("utf-8").replace(path.stem, path.stem + "Other")
    path.with_stem(path.stem + "Other").write_text(text, "utf-8")


def settings(dice: random.Random, folder: Path, _: list[Path]) -> None:
    (folder / "lmi-lint.toml").write_text(f'ignore = ["LMI{dice.choice("1234")}0{dice.randrange(9)}"]\n')


EDITS: tuple[Edit, ...] = (add_line, drop_line, swap_words, change_number, remove, rename, repeat, derive, settings)


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("name", sorted(path.name for path in (FIXTURES / "projects").iterdir()))
def test_the_report_is_that_of_a_run_that_keeps_nothing(folder, name, judged) -> None:
    steps(folder, FIXTURES / "projects" / name, random.Random(name), 4)


def steps(folder: Path, source: Path, dice: random.Random, count: int) -> None:
    """Run, change anything, run again. To look further: more steps, other dice, other sources."""
    shutil.copytree(source, folder, dirs_exist_ok=True)
    assert said(folder) == anew(folder)
    for _ in range(count):
        files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md")
        edit = dice.choice(EDITS)
        edit(dice, folder, files)
        jobs = dice.choice([1, 1, 2]) if can_fork() else 1
        assert said(folder, jobs=jobs) == anew(folder), edit.__name__
