"""Running tests on mutants: each in a fork of a process that has collected the tests."""

from __future__ import annotations

import contextlib
import gc
import importlib
import math
import os
import pickle
import resource
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FunctionType
from typing import Any, Final

import msgspec
import pytest
from msgspec import Struct

from tools.mutate.memory import functions_below, put_in
from tools.mutate.mutants import Drawn, Mutant, difference
from tools.mutate.report import Fate

ROOT: Final = Path(__file__).resolve().parents[2]
LINK: Final = ROOT / "lmi_lint" / "link"
LEAST_S: Final = 10.0
TIMES_SLOWER: Final = 10
MEMORY_BYTES: Final = 6 << 30


class Baseline(Struct, frozen=True):
    """The tests without a mutant. ``seconds``: processor time of each that passes; ``reached``: the numbers of the
    tests, in that order, by file and line."""

    seconds: dict[str, float]
    reached: dict[str, dict[int, list[int]]]


def failed(item: pytest.Item, following: pytest.Item | None) -> bool:
    """Run one test."""
    from _pytest.runner import runtestprotocol

    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))


def in_child(work: Callable[[], object], seconds: float) -> tuple[Any, int]:
    """What ``work`` returns, from a fork that has ``seconds`` of wall clock, None if it was killed; and its wait
    status. RuntimeError if it raises."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os.close(reading)
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            signal.setitimer(signal.ITIMER_REAL, seconds)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
            try:
                payload = pickle.dumps(work())
            except Exception:  # noqa: BLE001  told to the parent
                payload = pickle.dumps(RuntimeError(traceback.format_exc()))
            with os.fdopen(writing, "wb") as stream:
                stream.write(payload)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        payload = stream.read()
    _, status = os.waitpid(child, 0)
    found = pickle.loads(payload) if payload else None  # noqa: S301  from our own child
    if isinstance(found, RuntimeError):
        raise found
    return found, status


def measure(items: Sequence[pytest.Item]) -> bytes:
    """Run all tests: the processor time of each that passes (not that of reading files, which another process does),
    and where it gets. An encoded Baseline."""
    import coverage

    watch = coverage.Coverage(data_file=None, include=[f"{LINK}/*"], config_file=False)
    seconds = {}
    watch.start()
    for item, after in zip(items, [*items[1:], None], strict=True):
        watch.switch_context(item.nodeid)
        began = time.process_time()
        if not failed(item, after):
            seconds[item.nodeid] = time.process_time() - began
    watch.stop()
    data, numbers = watch.get_data(), {name: number for number, name in enumerate(seconds)}
    reached = {
        Path(file).name: {
            line: sorted(numbers[name] for name in names if name in numbers)
            for line, names in data.contexts_by_lineno(file).items()
        }
        for file in data.measured_files()
    }
    return msgspec.json.encode(Baseline(seconds, reached))


def baseline(items: Sequence[pytest.Item], file: Path | None) -> Baseline:
    """The tests without a mutant: what ``file`` says, else measured in a child and written there."""
    if file is not None and file.exists():
        return msgspec.json.decode(file.read_bytes(), type=Baseline)
    found, status = in_child(lambda: measure(items), 3600)
    if found is None:
        raise RuntimeError(f"the tests cannot be run (status {status})")
    if file is not None:
        file.write_bytes(found)
    return msgspec.json.decode(found, type=Baseline)


class Runner:
    """A pytest plugin that, in place of running the tests, runs those that can notice a mutant, mutant by mutant."""

    def __init__(self, drawn: Sequence[Drawn], baseline: Path | None, most: int, done: Callable[[Fate], None]) -> None:
        self._drawn = drawn
        self._most = most
        self._baseline = baseline
        self._functions: list[FunctionType] = []
        self._done = done
        self._kills: Counter[tuple[str, str]] = Counter()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Called by pytest once tests are collected."""
        base = baseline(session.items, self._baseline)
        left_out = sorted({item.nodeid for item in session.items} - base.seconds.keys())
        print(f"{len(base.seconds)} tests pass in {sum(base.seconds.values()):.0f} s (traced); not used: {left_out}")
        items = {item.nodeid: item for item in session.items}
        for file in LINK.glob("*.py"):
            importlib.import_module(f"lmi_lint.link.{file.stem}")  # some are loaded when they are first needed
        gc.collect()
        self._functions = functions_below(LINK)
        gc.freeze()
        for mutant, tree, make in self._drawn:
            text = make()
            changed = msgspec.structs.replace(mutant, diff=difference(tree.code, text))
            fate = self._fate(changed, text, items, base)
            if fate.by:
                self._kills[mutant.file, fate.by] += 1
            self._done(fate)
        return True

    def _fate(self, mutant: Mutant, text: str, items: dict[str, pytest.Item], base: Baseline) -> Fate:
        names = self._order(mutant, base)
        if not names:
            return Fate(mutant, "uncovered")
        cut = 0 < self._most < len(names)
        names = names[: self._most] if cut else names
        with tempfile.NamedTemporaryFile("r", encoding="utf-8", prefix="mutant-") as progress:
            chosen = [items[name] for name in names]
            limits = [max(LEAST_S, TIMES_SLOWER * base.seconds[name]) for name in names]
            wall = 60 + 4 * TIMES_SLOWER * sum(base.seconds[name] for name in names)
            found, status = in_child(lambda: self._run(mutant, text, chosen, limits, Path(progress.name)), wall)
            at = int(progress.read() or 0)
        if found is None:
            late = os.WIFSIGNALED(status) and os.WTERMSIG(status) in {signal.SIGXCPU, signal.SIGALRM, signal.SIGKILL}
            return Fate(mutant, "late" if late else "died", names[at], at + 1)
        if found < 0:
            return Fate(mutant, "left" if cut else "survived", "", len(names))
        return Fate(mutant, "killed", names[found], found + 1)

    def _order(self, mutant: Mutant, base: Baseline) -> list[str]:
        """The tests that get to the statement: unit tests of the module, those that noticed most so far, short ones."""
        reached, tests = base.reached.get(mutant.file, {}), list(base.seconds)
        first, last = mutant.lines
        names = {tests[number] for line in range(first, last + 1) for number in reached.get(line, ())}
        own = f"tests/link/test_{mutant.file}"
        return sorted(
            names,
            key=lambda name: (
                not name.startswith(own) or base.seconds[name] > 1,
                -self._kills[mutant.file, name],
                base.seconds[name],
                name,
            ),
        )

    def _run(
        self, mutant: Mutant, text: str, items: Sequence[pytest.Item], limits: Sequence[float], progress: Path
    ) -> int:
        """Which of the tests fails first, -1 if none does. The system ends this process if one exceeds its limit."""
        if put_in(LINK / mutant.file, text, self._functions) == 0:
            raise ValueError(f"{mutant} changes nothing")
        for index, (item, after, limit) in enumerate(zip(items, [*items[1:], None], limits, strict=True)):
            progress.write_text(str(index), encoding="utf-8")
            used = math.ceil(time.process_time() + limit)
            resource.setrlimit(resource.RLIMIT_CPU, (used, resource.RLIM_INFINITY))
            if failed(item, after):
                return index
        return -1
