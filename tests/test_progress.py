"""What a long run shows on a terminal, with a real one; and what an interrupt leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from lmi_lint.pipeline.progress import _cut
from tests.harness import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

pty = pytest.importorskip("pty")
HANDLER: Final = "let last;\nexports.handler = async (event) => { last = event.user; await g(); return last; };\n"
# A run whose functions take their time: what it shows must come from the timer. The sleep is what makes it long.
SLOW: Final = (
    "import os, signal, sys, time\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in what a shell runs in the background
    "from lmi_lint import cli; from lmi_lint.pipeline import judging, progress, run as pipeline\n"
    "stage, seconds = os.environ['SLOW'].split()\n"
    "progress.AFTER_S = float(os.environ.get('AFTER', progress.AFTER_S))\n"
    "def slowed(place, name):\n"
    "    real = getattr(place, name)\n"
    "    def slow(*arguments, **named):\n"
    "        sign = os.environ.get('SIGN')\n"
    "        if sign:\n"
    "            open(os.path.join(sign, str(os.getpid())), 'w').close()\n"
    "        time.sleep(float(seconds))\n"
    "        return real(*arguments, **named)\n"
    "    setattr(place, name, slow)\n"
    "slowed(*{'list': (pipeline, 'discover'), 'configure': (pipeline, 'recall'), 'judge': (judging.Judge, 'part'),\n"
    "         'keep': (os, 'replace'), 'write': (os, 'chmod'), 'triage': (pipeline, 'triage')}[stage])\n"
    "cli.main(sys.argv[1:])\n"
)


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"CI", "NO_COLOR", "SIGN"}}
    return {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm", **more}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("a", "b", "c\x1b[31m\u202e"):
        (folder / f"{name}.js").write_text(HANDLER)
    return folder


def shown(arguments: list[str], **more: str) -> tuple[str, str]:
    """What a run writes to standard output (a pipe) and to a terminal that is its standard error."""
    terminal, end = pty.openpty()
    command = [sys.executable, "-c", SLOW, *arguments]
    with subprocess.Popen(
        command, env=environment(**more), stdout=subprocess.PIPE, stderr=end, stdin=subprocess.DEVNULL
    ) as run:
        os.close(end)
        said = b""
        while True:
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # how Linux says that nobody has the other end any more
                break
            if not piece:
                break
            said += piece
        assert run.stdout is not None
        report = run.stdout.read().decode()
        assert run.wait() == 1, said
    os.close(terminal)
    return report, said.decode()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_long_run_says_what_it_is_at(project: Path, jobs: str) -> None:
    report, said = shown(["--no-cache", "--jobs", jobs, str(project)], SLOW="judge 0.6")
    assert "3 functions" in report
    assert "\x1b" not in report
    lines = said.split("\r\x1b[K")
    assert lines[0] == lines[-1] == ""  # nothing but this line, and it is gone
    assert any(line.startswith("judging functions, 2 of 3 · ") for line in lines)
    assert any(line.endswith("c\\x1b[31m\\u202e.js") for line in lines)
    assert "\n" not in said
    assert said.replace("\r\x1b[K", "").isprintable()


@pytest.mark.parametrize(
    ("seconds", "more"),
    [("0", {"AFTER": "600"}), ("1.3", {"CI": "true"}), ("1.3", {"TERM": "dumb"})],
    ids=["a short run", "a build", "a terminal that cannot erase"],
)
def test_nothing_is_shown_to_nobody(project: Path, seconds: str, more: dict[str, str]) -> None:
    report, said = shown(["--no-cache", "--jobs", "1", str(project)], SLOW=f"triage {seconds}", **more)
    assert "3 functions" in report
    assert said == ""


def test_a_line_fits() -> None:
    assert _cut("abc", 3) == "abc"
    assert _cut("abcd", 3) == "abc"
    assert _cut("日本語", 5) == "日本"


# ---- interrupts ----


def started(folder: Path) -> Iterator[int]:
    return (int(each.name) for each in folder.iterdir())


@pytest.mark.parametrize(
    ("stage", "jobs", "number"),
    [
        ("configure", "1", signal.SIGINT),
        ("judge", "2", signal.SIGINT),
        ("judge", "2", signal.SIGTERM),
        ("keep", "1", signal.SIGTERM),
        ("write", "1", signal.SIGTERM),
        ("write", "1", signal.SIGINT),
    ],
)
def test_an_interrupt_leaves_nothing_broken(
    project: Path, tmp_path: Path, stage: str, jobs: str, number: signal.Signals
) -> None:
    sign, cache, output = tmp_path / "sign", tmp_path / "cache", tmp_path / "out" / "report.json"
    sign.mkdir()
    output.parent.mkdir()
    output.write_text("before")
    arguments = ["--jobs", jobs, "--format", "json", "--output", str(output), str(project)]
    command = [sys.executable, "-c", SLOW, *arguments]
    known = environment(SIGN=str(sign), SLOW=f"{stage} 600", LMI_LINT_CACHE_DIR=str(cache))
    with subprocess.Popen(command, env=known, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        deadline = time.monotonic() + 60
        while len(list(sign.iterdir())) < (2 if (stage, jobs) == ("judge", "2") else 1):
            assert time.monotonic() < deadline
            assert run.poll() is None, run.communicate()
            time.sleep(0.02)
        run.send_signal(number)
        said = run.communicate(timeout=60)
        assert run.returncode == 128 + number
    assert (said[0], said[1].strip()) == (b"", b"")
    for process in started(sign):
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    assert output.read_text() == "before"
    assert [each.name for each in output.parent.iterdir()] == ["report.json"]
    assert not [each for each in cache.rglob("*") if each.name.startswith(".")]
    known = environment(LMI_LINT_CACHE_DIR=str(cache))
    again = subprocess.run(
        [sys.executable, "-m", "lmi_lint", *arguments], env=known, cwd=ROOT, capture_output=True, check=False
    )
    assert again.returncode == 1, again.stderr
    assert output.read_text().count('"rule": "LMI10') == 3


@pytest.mark.parametrize("module", ["lmi_lint.cli", "click", "lmi_lint.request", "lmi_lint.pipeline.run"])
def test_an_interrupt_at_the_start_shows_no_traceback(project: Path, tmp_path: Path, module: str) -> None:
    program = (
        "import os, signal, sys\n"
        "module = sys.argv.pop(1)\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == module:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "from lmi_lint.start import main\n"
        "main()\n"
    )
    known = environment(LMI_LINT_CACHE_DIR=str(tmp_path / "cache"))
    command = [sys.executable, "-c", program, module, str(project)]
    done = subprocess.run(command, env=known, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "")
