r"""Time lmi-lint beside semgrep, bandit, ruff and ast-grep, in one run and on the same files; print ratios.

    python tools/bench.py --tools TOOLS start
    python tools/bench.py --tools TOOLS trees TREE…
    python tools/bench.py --tools TOOLS changes TREE…
    python tools/bench.py --tools TOOLS growth TREE…

TOOLS is the ``bin`` folder of an environment with the others from their packages::

    python -m venv T && T/bin/pip install semgrep bandit ruff ast-grep-cli

and this script needs ``psutil``. A TREE is any checked-out repository.

``start``
    One small file, everything warm: bandit on the Python file is 1.
``trees``
    Per repository. *cold*: no cache; *warm*: the same run again; *changed*: after a comment was added to the file of
    one handler; *memory*: the peak of the resident memory of all processes together, shared pages counted once.
    semgrep and ast-grep have ten rules a language, of the intent of ours as far as one pattern can say it
    (``bench_rules/``); bandit and ruff take part where Python is.
``changes``
    Per repository, a run after one file was changed, to a run without a cache: a comment in the file of one handler of
    each kind of source, and of one template of each kind of configuration.
``growth``
    The time of 1, 4 and 16 copies of a tree in one folder, to that of one.

Every figure is a ratio of medians, followed by the lowest and the highest of the single rounds; commands that are
compared run in turn, so that a machine that is slow for a while is slow for both. Compiled bytecode is written first.
lmi-lint uses as many processes as it would by itself, unless ``--jobs`` says otherwise, and so do the others. There are
no figures with some files of a handler left out: lmi-lint reads what a handler reaches and nothing else (the columns
*lines* say how much of a tree that is), and never less.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from lmi_lint.discover.project import language_of

HERE = Path(__file__).resolve().parent
RULES = HERE / "bench_rules"
FIXTURES = HERE.parent / "fixtures" / "rules"
SMALL = {
    "python": FIXTURES / "LMI201" / "python" / "environment_default.py",
    "javascript": FIXTURES / "LMI101" / "javascript" / "started_at.js",
}
SAMPLE_S = 0.01
"""Seconds between two looks at the memory of a command's processes."""
COMMENTS = {
    "#": {".py", ".yaml", ".yml", ".tf"},
    "//": {".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".java", ".cs"},
}
"""What begins a comment → suffixes of the files in which it does."""
DONE = (0, 1)
"""Exit codes of a run that was not broken off: without and with findings."""


@dataclass(frozen=True)
class Command:
    """A command line; ``prepare`` is run before each of its runs and not timed."""

    name: str
    argv: tuple[str, ...]
    env: dict[str, str]
    prepare: Callable[[], None] | None = None

    def run(self) -> float:
        """Seconds of one run. SystemExit where the command fails."""
        if self.prepare is not None:
            self.prepare()
        began = time.perf_counter()
        done = subprocess.run(self.argv, env=self.env, capture_output=True, check=False)
        spent = time.perf_counter() - began
        if done.returncode not in DONE:
            raise SystemExit(f"{' '.join(self.argv)}\n{done.stderr.decode(errors='replace')[-2000:]}")
        return spent

    def peak(self) -> int:
        """The most memory that its processes took together, in bytes: proportional set sizes, or resident ones where
        the system does not tell those."""
        if self.prepare is not None:
            self.prepare()
        process = psutil.Popen(self.argv, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        most = 0
        while process.poll() is None:
            most = max(most, sum(_memory(each) for each in [process, *_children(process)]))
            time.sleep(SAMPLE_S)
        return most


def _children(process: psutil.Popen) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.Error:
        return []


def _memory(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
    except (psutil.Error, OSError):
        return 0
    return int(getattr(full, "pss", full.rss))


class Bench:
    """The commands of one comparison."""

    def __init__(self, tools: Path, work: Path, jobs: int | None) -> None:
        self.tools = tools
        self.work = work
        self.jobs = ("--jobs", str(jobs)) if jobs is not None else ()
        self.cache = work / "cache"
        clean = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        self.env = {**clean, "PATH": f"{tools}{os.pathsep}{clean.get('PATH', '')}"}

    def lmi_lint(self, tree: Path, name: str, prepare: Callable[[], None] | None = None) -> Command:
        """This tool, over a tree."""
        argv = (sys.executable, "-m", "lmi_lint", "--exit-zero", "--format", "sarif", *self.jobs, str(tree))
        env = {**self.env, "LMI_LINT_CACHE_DIR": str(self.cache), "PYTHONPATH": str(HERE.parent)}
        return Command(name, argv, env, prepare)

    def forget(self) -> None:
        """Remove what lmi-lint keeps."""
        shutil.rmtree(self.cache, ignore_errors=True)

    def semgrep(self, tree: Path, families: Sequence[str]) -> Command:
        """The ten rules of each family."""
        rules = [word for family in families for word in ("--config", str(RULES / "semgrep" / f"{family}.yaml"))]
        argv = ("semgrep", "scan", "--sarif", "--metrics", "off", "--disable-version-check", "--no-git-ignore")
        return Command("semgrep", (*argv, *rules, str(tree)), self.env)

    def ast_grep(self, tree: Path, families: Sequence[str]) -> Command:
        """The ten rules of each family."""
        folder = self.work / "ast-grep" / "-".join(families)
        folder.mkdir(parents=True, exist_ok=True)
        for family in families:
            shutil.copy(RULES / "ast-grep" / f"{family}.yml", folder)
        config = folder.with_suffix(".config.yml")
        config.write_text(f"ruleDirs: [{json.dumps(str(folder))}]\n")
        argv = ("ast-grep", "scan", "--config", str(config), "--json=stream", "--no-ignore", "vcs", str(tree))
        return Command("ast-grep", argv, self.env)

    def bandit(self, tree: Path) -> Command:
        """All its rules."""
        return Command("bandit", ("bandit", "-q", "-r", "-f", "json", str(tree)), self.env)

    def ruff(self, tree: Path) -> Command:
        """All its rules."""
        argv = ("ruff", "check", "--isolated", "--no-cache", "--select", "ALL", "--exit-zero", str(tree))
        return Command("ruff", argv, self.env)


def in_turn(commands: Sequence[Command], rounds: int) -> dict[str, list[float]]:
    """Seconds of each command, round by round."""
    spent: dict[str, list[float]] = {command.name: [] for command in commands}
    for _ in range(rounds):
        for command in commands:
            spent[command.name].append(command.run())
    return spent


def ratio(above: Sequence[float], below: Sequence[float]) -> str:
    """The ratio of the medians, with the lowest and the highest of the rounds."""
    single = [one / other for one, other in zip(above, below, strict=True)]
    return f"{statistics.median(above) / statistics.median(below):.2f} ({min(single):.2f}–{max(single):.2f})"


def start(bench: Bench, rounds: int) -> Iterator[str]:
    """The table of one small file."""
    files = {family: bench.work / "start" / family / source.name for family, source in SMALL.items()}
    for family, file in files.items():
        file.parent.mkdir(parents=True)
        shutil.copy(SMALL[family], file)
    python = files["python"].parent
    bandit = bench.bandit(python)
    warm = [bench.lmi_lint(file.parent, f"lmi-lint, {family}") for family, file in files.items()]
    cold = [
        bench.lmi_lint(file.parent, f"lmi-lint, {family}, no cache", bench.forget) for family, file in files.items()
    ]
    others = [bench.ruff(python), bench.ast_grep(python, ["python"]), bench.semgrep(python, ["python"])]
    for command in warm:
        command.run()
    kept = in_turn([bandit, *warm, *others], rounds)
    lost = in_turn([bandit, *cold], rounds)  # these empty the cache
    yield "| one small file | time, bandit = 1 |"
    yield "| --- | --- |"
    for spent in (kept, lost):
        for name in [each for each in spent if each != bandit.name]:
            yield f"| {name} | {ratio(spent[name], spent[bandit.name])} |"


def trees(bench: Bench, rounds: int, paths: Sequence[Path]) -> Iterator[str]:
    """The table of repositories."""
    yield (
        "| repository | language | lines given | lines analysed | semgrep / cold | semgrep / warm | ast-grep / warm "
        "| bandit / warm | ruff / warm | warm / cold | changed / cold | memory / semgrep’s |"
    )
    yield "|" + " --- |" * 12
    for path in paths:
        with copied(path, bench.work, 1) as tree:
            yield _row(bench, rounds, path.name, tree)


def _row(bench: Bench, rounds: int, name: str, tree: Path) -> str:
    lines = lines_of(tree)
    families = sorted(lines, key=lambda family: -lines[family])
    bench.forget()
    report = _report(bench, tree)
    touched = _entry(report, tree)
    cold, semgrep = bench.lmi_lint(tree, "cold", bench.forget), bench.semgrep(tree, families)
    commands = [cold, bench.lmi_lint(tree, "warm"), semgrep, bench.ast_grep(tree, families)]
    if "python" in families:
        commands += [bench.bandit(tree), bench.ruff(tree)]
    if touched is not None:
        commands.append(bench.lmi_lint(tree, "changed", lambda: _touch(touched)))
    spent = in_turn(commands, rounds)
    memory = [command.peak() for command in (cold, semgrep)]

    def of(above: str, below: str) -> str:
        return ratio(spent[above], spent[below]) if above in spent else "–"

    cells = [
        name, families[0], sum(lines.values()), report["stats"]["lines"],
        of("semgrep", "cold"), of("semgrep", "warm"), of("ast-grep", "warm"), of("bandit", "warm"), of("ruff", "warm"),
        of("warm", "cold"), of("changed", "cold"), f"{memory[0] / memory[1]:.2f}",
    ]  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def changes(bench: Bench, rounds: int, paths: Sequence[Path]) -> Iterator[str]:
    """The table of changed files."""
    yield "| repository | changed | file | changed / cold |"
    yield "| --- | --- | --- | --- |"
    for path in paths:
        with copied(path, bench.work, 1) as tree:
            bench.forget()
            touched = _entries(_report(bench, tree), tree)
            commands = [bench.lmi_lint(tree, "cold", bench.forget), bench.lmi_lint(tree, "warm")]
            commands += [bench.lmi_lint(tree, kind, partial(_touch, file)) for kind, file in touched.items()]
            spent = in_turn(commands, rounds)
            yield f"| {path.name} | – | – | {ratio(spent['warm'], spent['cold'])} |"
            for kind, file in touched.items():
                yield f"| {path.name} | {kind} | {file.relative_to(tree)} | {ratio(spent[kind], spent['cold'])} |"


def growth(bench: Bench, rounds: int, paths: Sequence[Path]) -> Iterator[str]:
    """The table of growing trees."""
    sizes = (1, 4, 16)
    yield "| repository | tool | " + " | ".join(f"{size} ×" for size in sizes) + " |"
    yield "|" + " --- |" * (2 + len(sizes))
    for path in paths:
        spent: dict[str, list[list[float]]] = {}
        for size in sizes:
            with copied(path, bench.work, size) as tree:
                families = sorted(lines_of(tree))
                commands = [bench.lmi_lint(tree, "lmi-lint, cold", bench.forget), bench.semgrep(tree, families)]
                for name, seconds in in_turn(commands, rounds).items():
                    spent.setdefault(name, []).append(seconds)
        for name, series in spent.items():
            base = statistics.median(series[0])
            figures = " | ".join(f"{statistics.median(each) / base:.1f}" for each in series)
            yield f"| {path.name} | {name} | {figures} |"


@contextmanager
def copied(path: Path, work: Path, copies: int) -> Iterator[Path]:
    """A folder with copies of a tree, one beside the other where there are several; without version control, and
    without links, which may lead anywhere."""
    folder = work / "tree" / path.name
    leave_out = shutil.ignore_patterns(".git", "node_modules")
    for number in range(copies):
        target = folder if copies == 1 else folder / f"copy{number}"
        shutil.copytree(path, target, symlinks=True, ignore=leave_out)
    for link in [each for each in folder.rglob("*") if each.is_symlink()]:
        link.unlink()
    try:
        yield folder
    finally:
        shutil.rmtree(folder.parent)


def lines_of(tree: Path) -> dict[str, int]:
    """Lines of source files in a tree by family of languages."""
    found: dict[str, int] = {}
    for path in tree.rglob("*"):
        language = language_of(path.name)
        if language is not None and path.is_file():
            found[language.family] = found.get(language.family, 0) + path.read_bytes().count(b"\n")
    return found


def _report(bench: Bench, tree: Path) -> dict[str, Any]:
    argv = [*bench.lmi_lint(tree, "").argv[:-1], "--format", "json", str(tree)]
    argv = [word for place, word in enumerate(argv) if "sarif" not in argv[place : place + 2]]
    done = subprocess.run(argv, env=bench.lmi_lint(tree, "").env, capture_output=True, check=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _entry(report: dict[str, Any], tree: Path) -> Path | None:
    """The file of the first handler that was found."""
    return next(iter(_entries(report, tree).values()), None)


def _entries(report: dict[str, Any], tree: Path) -> dict[str, Path]:
    """Suffix → the file of the first handler in such a file; likewise of the first template, if comments may stand in
    it."""
    found: dict[str, Path] = {}
    functions = report["functions"]
    for kind in ("source", "template"):
        for named in dict.fromkeys(function[kind] for function in functions if function[kind]):
            file = tree / named
            what = file.suffix if kind == "source" else f"template {file.suffix}"
            inline = kind == "source" and file.suffix in COMMENTS["#"] and file.suffix != ".py"
            if what not in found and file.is_file() and not inline and _sign(file) is not None:
                found[what] = file
    return found


def _sign(path: Path) -> str | None:
    """What begins a comment in a file."""
    return next((sign for sign, suffixes in COMMENTS.items() if path.suffix in suffixes), None)


def _touch(path: Path) -> None:
    """Add a comment, another one each time."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{_sign(path)} {time.time_ns()}\n")


def main() -> None:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", type=Path, required=True, help="bin folder with semgrep, bandit, ruff and ast-grep")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each command (default 5)")
    parser.add_argument("--jobs", type=int, help="processes of lmi-lint")
    parser.add_argument("what", choices=["start", "trees", "changes", "growth"])
    parser.add_argument("tree", type=Path, nargs="*")
    given = parser.parse_args()
    missing = [
        name for name in ("semgrep", "bandit", "ruff", "ast-grep") if shutil.which(name, path=given.tools) is None
    ]
    if missing or (given.what != "start" and not given.tree):
        parser.error(f"{given.tools} lacks {', '.join(missing)}" if missing else "name a tree")
    for tree in given.tree:
        if not tree.is_dir():
            parser.error(f"{tree} is no folder")
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(given.tools.resolve(), Path(work), given.jobs)
        # compiled bytecode, as after an installation
        subprocess.run(
            [sys.executable, "-m", "compileall", "-q", str(HERE.parent / "lmi_lint")], env=bench.env, check=True
        )
        tables = {"start": lambda: start(bench, given.rounds),
                  "trees": lambda: trees(bench, given.rounds, given.tree),
                  "changes": lambda: changes(bench, given.rounds, given.tree),
                  "growth": lambda: growth(bench, given.rounds, given.tree)}  # fmt: skip
        for line in tables[given.what]():
            print(line, flush=True)


if __name__ == "__main__":
    main()
