"""Functions divided among processes: the same report, whoever judges which function; what is lost when one dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import lmi_lint
from lmi_lint.facts.isolation import can_fork
from lmi_lint.pipeline import judging
from lmi_lint.pipeline.anew import registry
from lmi_lint.report import json_v1
from tests.harness import ROOT

pytestmark = pytest.mark.skipif(not can_fork(), reason="nothing is forked here")
FIXTURES = ROOT / "fixtures" / "rules"


def rendered(jobs: int, folder: Path, *, cache: bool = False) -> str:
    request = lmi_lint.Request(paths=(folder,), root=folder, pedantic=True, cache=cache, jobs=jobs)
    said = json.loads(json_v1.render(lmi_lint.run(request), registry().pages))
    del said["stats"]["ms"]
    return json.dumps(said)


def children() -> set[str]:
    """The processes that this one has started and that are still there."""
    return {pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}


def test_the_report_does_not_depend_on_the_number_of_processes(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LMI_LINT_CACHE_DIR", str(tmp_path))
    folder = FIXTURES / "LMI106"
    before = children()
    alone = rendered(1, folder)
    assert alone.count('"rule"') > 20
    assert rendered(2, folder) == alone
    assert rendered(3, folder, cache=True) == alone  # it finds nothing kept
    assert rendered(2, folder, cache=True) == alone  # it finds all kept
    assert children() <= before


def handlers(folder: Path, count: int) -> None:
    for number in range(count):
        (folder / f"f{number}.js").write_text(
            "let last;\nexports.handler = async (event) => { last = event.user; await g(); return last; };\n"
        )


def test_a_worker_that_dies_costs_its_functions_only(tmp_path, monkeypatch) -> None:
    handlers(tmp_path, 6)
    real = judging.Judge.part

    def fatal(self, functions, positions):
        if any("f2" in functions[position].key for position in positions):
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, functions, positions)

    monkeypatch.setattr(judging.Judge, "part", fatal)
    report = lmi_lint.run(lmi_lint.Request(paths=(tmp_path,), root=tmp_path, jobs=2))
    assert {finding.location.path for finding in report.findings} == {f"f{number}.js" for number in (0, 1, 3, 4, 5)}
    (error,) = report.internal_errors
    assert "SIGKILL" in error
    assert len(report.functions) == 6


def test_an_interrupt_leaves_nothing_running(tmp_path) -> None:
    handlers(tmp_path, 40)
    program = (
        "import os, signal, sys, time; from pathlib import Path\n"
        "import lmi_lint; from lmi_lint.pipeline import judging\n"
        # Whoever is started in the background by a shell is deaf to interrupts.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def slow(*_):\n"
        "    (Path(sys.argv[1]) / f'{os.getpid()}.pid').touch(); time.sleep(600)\n"
        "judging.Judge.part = slow\n"
        "lmi_lint.run(lmi_lint.Request(paths=(Path(sys.argv[1]),), root=Path(sys.argv[1]), jobs=2))\n"
    )
    started = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(list(tmp_path.glob("*.pid"))) < 2:
        assert time.monotonic() < deadline
        assert started.poll() is None
        time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    assert started.wait(60) != 0
    for each in tmp_path.glob("*.pid"):
        with pytest.raises(ProcessLookupError):
            os.kill(int(each.stem), 0)


def test_without_room_for_processes_functions_are_judged_here(tmp_path, monkeypatch) -> None:
    handlers(tmp_path, 4)

    def full(_):
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr("lmi_lint.pipeline.workers.forked", full)
    report = lmi_lint.run(lmi_lint.Request(paths=(tmp_path,), root=tmp_path, jobs=2))
    assert len(report.findings) == 4


def test_what_fails_in_a_worker_is_told(tmp_path, monkeypatch) -> None:
    handlers(tmp_path, 3)

    def fails(*_):
        raise ValueError("no such thing")

    monkeypatch.setattr(judging.Judge, "part", fails)
    report = lmi_lint.run(lmi_lint.Request(paths=(tmp_path,), root=tmp_path, jobs=2))
    assert len(report.internal_errors) == 3
    assert all("ValueError: no such thing" in error for error in report.internal_errors)
