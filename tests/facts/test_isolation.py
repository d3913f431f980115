"""A file that hangs, crashes or exhausts a parser costs only itself, and no process is left behind."""

from __future__ import annotations

import gc
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import lmi_lint
from lmi_lint.discover import discover
from lmi_lint.facts import isolation, reading, worker
from lmi_lint.facts.isolation import Isolated, time_limit
from lmi_lint.facts.reading import read_hcl
from lmi_lint.facts.source import FactSource
from lmi_lint.frontends import frontend
from lmi_lint.frontends.hcl import parse
from lmi_lint.frontends.hcl.nodes import Body
from lmi_lint.frontends.hcl.parse import parse_hcl
from lmi_lint.model.names import SUFFIXES, Language
from lmi_lint.model.source import SourceFile, TextFile
from lmi_lint.settings import Settings
from tests.harness import ROOT


def source(path, data):
    return SourceFile(path, data, language=SUFFIXES[Path(path).suffix])


FILES = (
    SourceFile(
        "a.py", b"def f(x):\n    return open('/tmp/' + x, 'w')\n\nX = 10**40\nY = '\\ud800'\n", language=Language.PYTHON
    ),
    SourceFile(
        "a.js", b"let n = 0\nexports.f = async (x) => { n += await x['\\ud800'] }\n", language=Language.JAVASCRIPT
    ),
    SourceFile(
        "a.ts", b"export const f = (x: Map<string, number>) => x.get('a') as never\n", language=Language.TYPESCRIPT
    ),
    source("A.java", b"class A { long n = 99999999999999999999L; void f() { n++; } }\n"),
    source("A.cs", b"class A { static int n; void F() { lock (this) { n++; } } }\n"),
)
GOOD = FILES[0]
BAD = SourceFile("bad.py", b"# BAD\n", language=Language.PYTHON)
FORKS = pytest.mark.skipif(sys.platform != "linux", reason="what a test has replaced is there in a fork only")
HANDLER = "def handler(event, context):\n    with open('/tmp/data', 'w') as file:\n        file.write(event['x'])\n"


def hang():
    while True:
        time.sleep(1)


def hang_in_c():
    """Holds the interpreter's lock, as a native parser does."""
    re.match(r"(a+)+$", "a" * 100 + "b")


def crash():
    os.kill(os.getpid(), signal.SIGSEGV)


def leave():
    os._exit(3)


def fail():
    raise ZeroDivisionError("for a reason\nand more")


def hoard():
    bytearray(2 * worker.MEMORY)


@pytest.fixture
def bad(monkeypatch):
    """What the front-end does when it meets a file that says BAD; for processes forked later."""

    def use(action):
        real = frontend

        def fake(language):
            found = real(language)

            class Fake:
                load = staticmethod(found.load)

                @staticmethod
                def lower(source):
                    if b"BAD" in source.data:
                        action()
                    return found.lower(source)

            return Fake

        monkeypatch.setattr(reading, "frontend", fake)

    return use


@pytest.fixture(autouse=True)
def nobody_else_has_workers():
    """What other tests have dropped ends when it is collected."""
    gc.collect()


def has_children() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return False


@pytest.mark.parametrize("fork", [pytest.param(True, marks=FORKS), False])
def test_a_worker_reads_like_the_process_itself(fork):
    reader = Isolated(fork=fork)
    for source in FILES:
        found = reader.read(source)
        assert found.facts is not None
        assert found.facts == reading.read(source).facts
    reader.close()
    assert not reader.problems
    assert not has_children()


@FORKS
@pytest.mark.parametrize(
    ("action", "problem"),
    [
        (hang, "took longer than 1 s to read: not analysed"),
        (hang_in_c, "took longer than 1 s to read: not analysed"),
        (crash, "the parser crashed on it (SIGSEGV): not analysed"),
        (leave, "the parser crashed on it (exit status 3): not analysed"),
        (hoard, "it takes too much memory to read: not analysed"),
        (fail, "not analysed (ZeroDivisionError: for a reason)"),
    ],
)
def test_a_bad_file_costs_only_itself(action, problem, bad):
    bad(action)
    reader = Isolated(lambda source: 1.0 if source is BAD and "longer" in problem else 60.0, fork=True)
    before, found, after = (reader.read(source) for source in (GOOD, BAD, GOOD))
    reader.close()
    assert (found.facts, found.problem) == (None, problem)
    assert before.facts == after.facts is not None
    assert not reader.problems
    assert not has_children()


@FORKS
@pytest.mark.parametrize(
    ("action", "problem"), [(crash, "the parser crashed on it (SIGSEGV)"), (hang, "took longer than 1 s to read")]
)
def test_read_ahead_a_bad_file_costs_only_itself(action, problem, bad):
    bad(action)
    large = [source(f"{name}.py", GOOD.data + b"# " + b"x" * 20_000) for name in "abcdefgh"]
    small = [SourceFile(f"{name}.py", GOOD.data, language=Language.PYTHON) for name in "mn"]
    reader = Isolated(lambda source: 1.0 if source is BAD and "longer" in problem else 60.0, fork=True, most=2)
    reader.ahead([small[0], BAD, small[1], *large])
    found = {each.path: reader.read(each) for each in (*reversed(large), *small, BAD)}
    changed = reader.read(SourceFile("n.py", b"def g(): pass\n", language=Language.PYTHON))
    reader.close()
    assert found.pop("bad.py").problem == f"{problem}: not analysed"
    assert {path: each.facts for path, each in found.items()} == {
        each.path: reading.read(each).facts for each in (*large, *small)
    }
    assert changed.facts is not None
    assert [function.name for function in changed.facts.functions if function.name] == ["g"]
    assert (reader.failures, reader.problems) == (1, [])
    assert not has_children()


@FORKS
def test_what_was_read_ahead_is_there_apart(bad, tmp_path):
    bad(crash)
    (tmp_path / "app.py").write_text("from lib import helper\nimport bad\n")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "helper.py").write_text("import last\n")
    (tmp_path / "last.py").write_text("LAST = 1\n")
    (tmp_path / "bad.py").write_text("# BAD\n")
    (tmp_path / "other.py").write_text("OTHER = 1\n")
    facts = FactSource(discover([tmp_path], Settings(), tmp_path), Isolated(fork=True))
    facts.ahead(["app.py"], far=True)
    facts.reader.finish()
    facts.reader.close()
    facts.reader = facts.reader.apart()
    assert all(facts.facts(path) for path in ("app.py", "lib/helper.py", "last.py"))
    assert facts.facts("bad.py") is None
    assert [problem.message for problem in facts.problems] == ["the parser crashed on it (SIGSEGV): not analysed"]
    assert not has_children()
    assert facts.facts("other.py") is not None
    assert has_children()
    facts.reader.close()


@FORKS
def test_what_is_read_ahead_and_not_asked_for_is_not_reported(bad, tmp_path):
    bad(crash)
    (tmp_path / "app.py").write_text("import bad\nimport good\n" + HANDLER.replace("event['x']", "good.text(event)"))
    (tmp_path / "good.py").write_text("def text(event):\n    return event['x']\n")
    (tmp_path / "bad.py").write_text("# BAD\n")
    report = lmi_lint.run(lmi_lint.Request(paths=(tmp_path,), root=tmp_path))
    assert "LMI201" in {str(finding.rule) for finding in report.findings}
    assert "bad.py" not in {finding.location.path for finding in report.findings}
    assert not report.problems
    assert not has_children()


@FORKS
def test_of_a_project_only_the_bad_file_is_lost(bad, tmp_path):
    bad(crash)
    (tmp_path / "good.py").write_text(HANDLER)
    (tmp_path / "bad.py").write_text(HANDLER + "# BAD\n")
    report = lmi_lint.run(lmi_lint.Request(paths=(tmp_path,), root=tmp_path))
    found = {(finding.location.path, str(finding.rule)) for finding in report.findings}
    assert ("bad.py", "LMI001") in found
    assert ("good.py", "LMI201") in found
    assert [(problem.kind, problem.location.path) for problem in report.problems if problem.location] == [
        ("not-analysed", "bad.py")
    ]
    assert not has_children()


@FORKS
def test_without_a_process_files_are_read_here(monkeypatch, tmp_path):
    def fail():
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", fail)
    monkeypatch.setattr(isolation, "can_fork", lambda: True)
    (tmp_path / "good.py").write_text(HANDLER)
    (tmp_path / "other.py").write_text(HANDLER)
    report = lmi_lint.run(lmi_lint.Request(paths=(tmp_path,), root=tmp_path))
    assert len(report.findings) == 2
    (problem,) = report.problems
    assert problem.kind == "no-isolation"
    assert "temporarily unavailable" in problem.message


@FORKS
def test_a_process_that_does_not_come_up_is_none(monkeypatch):
    monkeypatch.setattr(isolation, "serve", lambda requests, replies: None)
    reader = Isolated(fork=True)
    assert reader.read(GOOD).facts == reading.read(GOOD).facts
    assert "ended at once" in reader.problems[0].message
    assert not has_children()


def test_no_interpreter_to_start(monkeypatch):
    monkeypatch.setattr(sys, "executable", "")
    reader = Isolated(fork=False)
    reader.prepare([Language.PYTHON])
    assert reader.read(GOOD).facts is not None
    assert len(reader.problems) == 1


def test_beside_a_thread_nothing_is_forked(monkeypatch):
    monkeypatch.setattr(isolation, "forked", lambda _: pytest.fail("forked beside a thread"))
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    reader = Isolated()
    try:
        assert reader.read(GOOD).facts is not None
    finally:
        reader.close()
        stop.set()
        thread.join()
    assert not reader.problems


@pytest.mark.parametrize("fork", [pytest.param(True, marks=FORKS), False])
def test_an_interrupt_ends_the_worker(fork, monkeypatch):
    def interrupt(stream):
        raise KeyboardInterrupt

    reader = Isolated(fork=fork)
    assert reader.read(GOOD).facts is not None
    monkeypatch.setattr(isolation, "receive", interrupt)
    with pytest.raises(KeyboardInterrupt):
        reader.read(GOOD)
    assert not has_children()


@pytest.mark.parametrize("fork", [pytest.param(True, marks=FORKS), False])
def test_a_forgotten_reader_leaves_no_worker(fork):
    reader = Isolated(fork=fork)
    reader.read(GOOD)
    assert has_children()
    del reader
    gc.collect()
    assert not has_children()


@FORKS
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_no_orphan_whatever_ends_the_run(end, tmp_path):
    (tmp_path / "app.py").write_text(HANDLER)
    limit = 60.0 if end is signal.SIGINT else 3.0  # where nobody ends the worker, this does
    program = (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in what a shell runs in the background
        "from lmi_lint import cli\n"
        "from lmi_lint.facts import extract, isolation\n"
        "def slow(*_):\n"
        "    os.write(3, b'x')\n"
        "    time.sleep(600)\n"
        "extract.extract = slow\n"
        f"isolation.Isolated.__init__.__defaults__ = (lambda source: {limit},)\n"
        f"sys.exit(cli.run_command([{str(tmp_path)!r}]))\n"
    )
    out, into = os.pipe()
    run = subprocess.Popen(
        [sys.executable, "-c", f"import os; os.dup2({into}, 3); os.set_inheritable(3, True)\n{program}"],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, pass_fds=(into,), start_new_session=True,
    )  # fmt: skip
    os.close(into)
    with os.fdopen(out, "rb") as signs:
        assert signs.read(1) == b"x"
        if end is signal.SIGINT:
            os.killpg(run.pid, end)
        else:
            run.send_signal(end)
        assert run.wait() == (130 if end is signal.SIGINT else -end)
        assert signs.read() == b""  # returns when the worker, too, has closed it


def test_time_limit_grows_with_the_file():
    small = time_limit(SourceFile("a.py", b"", language=Language.PYTHON))
    assert small < time_limit(SourceFile("a.py", b" " * (1 << 20), language=Language.PYTHON))


def test_the_worker_is_python_only(tmp_path: Path):
    """What a fresh worker is started with finds the package wherever this process found it."""
    done = subprocess.run(
        [sys.executable, "-c", isolation._BOOT.format(path=sys.path)], input=b"", capture_output=True, check=False,
        cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(worker.READY)


CONFIGURATION = TextFile("main.tf", b'resource "a" "b" {\n  c = [for d in e : "${d}-x" if f]\n}\n')


@pytest.mark.parametrize("fork", [pytest.param(True, marks=FORKS), False])
def test_a_worker_parses_configuration_like_the_process_itself(fork):
    reader = Isolated(fork=fork)
    assert reader.read_hcl(CONFIGURATION) == read_hcl(CONFIGURATION)
    assert read_hcl(CONFIGURATION).body.blocks
    reader.close()


@FORKS
@pytest.mark.parametrize(("action", "problem"), [(crash, "crashed on it (SIGSEGV)"), (fail, "ZeroDivisionError")])
def test_bad_configuration_costs_only_itself(action, problem, monkeypatch):
    def fake(data):
        if b"BAD" in data:
            action()
        return parse_hcl(data)

    monkeypatch.setattr(parse, "parse_hcl", fake)
    reader = Isolated(fork=True)
    bad = reader.read_hcl(TextFile("bad.tf", b"# BAD\n"))
    assert problem in bad.problem
    assert bad.body == Body()
    assert reader.read_hcl(CONFIGURATION).problem == ""
    reader.close()
