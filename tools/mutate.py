"""Mutation testing of ``lmi_lint/link``: would the tests notice if a condition there were another?

Draws mutants by a seed from all that the operators make of the code inside functions, puts each into a process of its
own and runs the tests that reach the changed statement, until one fails::

    pip install mutmut coverage
    python tools/mutate.py --mutants 200 --seed 1 --out mutants.json
    python tools/mutate.py --again mutants.json     # those that survived, once tests have been added

Operators are those of mutmut, on trees of libcst, and the negation of conditions, which mutmut lacks. Left out are
those whose mutants a type checker finds (an argument or a value becomes None, an argument goes), which would only
flatter the figure; strings with a space in them, which are texts for people; a second and third spelling of one string;
and whatever stands outside functions: tables, defaults, decorators, declarations. No mutant is ever written to disk:
the changed module is compiled, and the functions that are there get its code.

Tests run in pytest, collected once and in this process; each mutant is a fork of it. What files say (facts), knowledge
and rule pages come from a cache, as mutants of link cannot change them. A test that takes ten times the processor time
that it takes without a mutant, and at least ten seconds, counts as failed. ``--most`` bounds how many tests a mutant is
given, likely ones first: what is left over then counts as a survivor, so that the figure is too low, never too high.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import functools
import gc
import importlib
import itertools
import math
import os
import pickle
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Final

import libcst as cst
import msgspec
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider
from msgspec import Struct

ROOT: Final = Path(__file__).resolve().parents[1]
LINK: Final = ROOT / "lmi_lint" / "link"
TESTS: Final = ("tests/link", "tests/test_fixtures.py", "tests/test_catalog.py")
LEAST_S: Final = 10.0
TIMES_SLOWER: Final = 10
MEMORY_BYTES: Final = 6 << 30
_FOUND_BY_TYPES: Final = frozenset(
    {"operator_arg_removal", "operator_assignment", "operator_lambda", "operator_dict_arguments"}
)
_KINDS: Final[dict[str, Any]] = {
    "operator_keywords": (cst.Is, cst.IsNot, cst.In, cst.NotIn, cst.Break, cst.Continue),
    "operator_swap_op": (
        cst.BinaryOperation, cst.UnaryOperation, cst.BooleanOperation, cst.ComparisonTarget, cst.AugAssign
    ),
}  # fmt: skip
"""The nodes that operators look for among all that they are asked about."""

Operator = Callable[[Any], Iterable[cst.CSTNode]]


class Mutant(Struct, frozen=True):
    """One change: ``operator`` at the first line of a statement of a file. ``lines``: those of the statement (its head
    if it has a body); ``place``: which of the file's mutants; ``diff``: the change."""

    file: str
    place: int
    operator: str
    line: int
    lines: tuple[int, int]
    diff: str = ""


class Fate(Struct, frozen=True):
    """What became of a mutant: ``killed``, ``late`` (too slow: killed), ``died`` (the process: killed), ``survived``,
    ``uncovered`` (survived: no test gets there), ``left`` (survived as many tests as were asked for). ``by``: the test
    that ended it; ``tests``: how many had run."""

    mutant: Mutant
    what: str
    by: str = ""
    tests: int = 0


class Results(Struct, frozen=True):
    """A run. ``population``: mutants by file from which were drawn."""

    commit: str
    seed: int
    population: dict[str, int]
    fates: list[Fate]


class Baseline(Struct, frozen=True):
    """The tests without a mutant. ``seconds``: processor time of each that passes; ``reached``: the numbers of the
    tests, in that order, by file and line."""

    seconds: dict[str, float]
    reached: dict[str, dict[int, list[int]]]


# --- Mutants ---------------------------------------------------------------------------------------------------------


def negated(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The opposite of a condition, unless another operator makes it: comparisons and ``not`` have one."""
    test = getattr(node, "test", None)
    if isinstance(test, cst.BaseExpression) and not isinstance(test, cst.Comparison | cst.UnaryOperation):
        inside = test if test.lpar else test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        yield node.with_changes(test=cst.UnaryOperation(cst.Not(), inside))


def one_string(node: cst.BaseString) -> Iterator[cst.CSTNode]:
    """Another text, unless people are to read it."""
    from mutmut.mutation.mutators import operator_string

    if isinstance(node, cst.SimpleString) and " " not in node.value:
        yield from itertools.islice(operator_string(node), 1)


def operators() -> list[tuple[Any, Operator, str]]:
    """Type of node, operator and its name."""
    from mutmut.mutation.mutators import mutation_operators

    chosen: list[tuple[Any, Operator, str]] = [
        (kind, one_string if operator.__name__ == "operator_string" else operator, operator.__name__)
        for kind, operator in mutation_operators
        if operator.__name__ not in _FOUND_BY_TYPES
    ]
    narrowed = [(_KINDS.get(name, kind), operator, name.removeprefix("operator_")) for kind, operator, name in chosen]
    return [*narrowed, ((cst.If, cst.While, cst.CompIf, cst.IfExp), negated, "negated")]


class _Finder(cst.CSTVisitor):
    """All changes of a module: node, what replaces it, and the mutant."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, file: str) -> None:
        super().__init__()
        self.found: list[tuple[cst.CSTNode, cst.CSTNode, Mutant]] = []
        self._file = file
        self._operators = operators()
        self._functions = 0
        self._statements: list[tuple[int, int]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Look at a node; True if what it consists of is to be looked at."""
        if isinstance(node, cst.Annotation | cst.Decorator | cst.Parameters):
            return False
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in {"cast", "TypeVar"}:
            return False
        self._functions += isinstance(node, cst.FunctionDef)
        if isinstance(node, cst.BaseStatement | cst.BaseSmallStatement | cst.MatchCase):
            self._statements.append(self._extent(node))
        if self._functions:
            for kind, operator, name in self._operators:
                if isinstance(node, kind):
                    for changed in operator(node):
                        self._add(node, changed, name)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        """Leave a node."""
        self._functions -= isinstance(original_node, cst.FunctionDef)
        if isinstance(original_node, cst.BaseStatement | cst.BaseSmallStatement | cst.MatchCase):
            self._statements.pop()

    def _add(self, node: cst.CSTNode, changed: cst.CSTNode, name: str) -> None:
        extent = self._extent(node, whole=True) if isinstance(node, cst.Match) else self._statements[-1]
        mutant = Mutant(self._file, len(self.found), name, self._extent(node)[0], extent)
        self.found.append((node, changed, mutant))

    def _extent(self, node: cst.CSTNode, *, whole: bool = False) -> tuple[int, int]:
        where = self.get_metadata(PositionProvider, node)
        body = getattr(node, "body", None)
        if whole or not isinstance(body, cst.BaseSuite):
            return where.start.line, where.end.line
        return where.start.line, max(where.start.line, self.get_metadata(PositionProvider, body).start.line - 1)


def changes(text: str, file: str) -> tuple[cst.Module, list[tuple[cst.CSTNode, cst.CSTNode, Mutant]]]:
    """The tree of a module and all its mutants."""
    finder = _Finder(file)
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    wrapper.visit(finder)
    return wrapper.module, finder.found


def mutated(tree: cst.Module, node: cst.CSTNode, changed: cst.CSTNode) -> str:
    """The text of a module with one node replaced."""
    new = tree.deep_replace(node, changed)
    return new.code if isinstance(new, cst.Module) else tree.code


Drawn = tuple[Mutant, cst.Module, Callable[[], str]]
"""A mutant, what it is one of, and how to make its text, which takes a while."""


def draw(files: Sequence[Path], count: int, seed: int) -> tuple[dict[str, int], list[Drawn]]:
    """How many mutants each file has, and ``count`` of all of them."""
    trees = {path.name: changes(path.read_text(encoding="utf-8"), path.name) for path in sorted(files)}
    everything = [(name, place) for name, (_, found) in trees.items() for place in range(len(found))]
    chosen = random.Random(seed).sample(everything, min(count, len(everything)))  # noqa: S311  reproducible on purpose
    drawn: list[Drawn] = []
    for name, place in chosen:
        tree, found = trees[name]
        node, changed, mutant = found[place]
        drawn.append((mutant, tree, functools.partial(mutated, tree, node, changed)))
    return {name: len(found) for name, (_, found) in trees.items()}, drawn


def difference(old: str, new: str) -> str:
    """The lines that differ."""
    return "\n".join(list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0))[2:])


# --- In memory -------------------------------------------------------------------------------------------------------


def outer_codes(code: CodeType) -> Iterator[CodeType]:
    """The code of functions and methods, in order of writing; what is nested in them goes with them."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            if not constant.co_flags & 0x02:  # CO_NEWLOCALS: functions; class bodies have none
                yield from outer_codes(constant)


def numbered(codes: Iterable[CodeType]) -> dict[tuple[str, int], CodeType]:
    """Codes by qualified name and, as a property and its setter share one, by which of that name."""
    seen: Counter[str] = Counter()
    found = {}
    for code in codes:
        found[code.co_qualname, seen[code.co_qualname]] = code
        seen[code.co_qualname] += 1
    return found


def functions_below(folder: Path) -> list[FunctionType]:
    """All functions that were loaded from files below a folder. To be asked before ``gc.freeze``, which hides them."""
    found = [each for each in gc.get_objects() if isinstance(each, FunctionType)]
    return [each for each in found if each.__code__.co_filename.startswith(str(folder))]


def put_in(path: Path, text: str, functions: Iterable[FunctionType]) -> int:
    """Give those of the functions that are of a module the code of another text of it. How many have changed."""
    old = numbered(outer_codes(compile(path.read_text(encoding="utf-8"), str(path), "exec", dont_inherit=True)))
    new = numbered(outer_codes(compile(text, str(path), "exec", dont_inherit=True)))
    if old.keys() != new.keys():
        raise ValueError("a mutant has other functions")
    by_place = {(old[key].co_qualname, old[key].co_firstlineno): new[key] for key in old if old[key] != new[key]}
    count = 0
    for function in functions:
        code = function.__code__
        if code.co_filename == str(path) and (code.co_qualname, code.co_firstlineno) in by_place:
            function.__code__ = by_place[code.co_qualname, code.co_firstlineno]
            count += 1
    return count


def remember(folder: Path) -> None:
    """Have facts, knowledge and rule pages kept, for everything that this process and its children run."""
    from lmi_lint import cache, pipeline
    from lmi_lint.knowledge.load import load
    from lmi_lint.link import link
    from lmi_lint.packs import rules_root

    cache.NO_CACHE.__init__(folder)  # type: ignore[misc]  # what is asked of no cache is asked of this one
    found = cache.Cache.get

    def get(self: cache.Cache, kind: str, key: str, decode: Callable[[bytes], object]) -> object:
        """What link makes of all this is for each mutant to find."""
        return None if kind == "judged" else found(self, kind, key, decode)

    vars(cache)["Cache"].get = get
    vars(pipeline)["registry"] = functools.cache(pipeline.registry)
    loaded = functools.cache(lambda family: load(family, [rules_root()], cache.NO_CACHE))
    vars(link)["load"] = lambda family, _roots, _cache: loaded(family)


# --- Tests -----------------------------------------------------------------------------------------------------------


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


# --- Report ----------------------------------------------------------------------------------------------------------


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson)."""
    if of == 0:
        return 0.0, 1.0
    share = hits / of
    middle = share + z * z / (2 * of)
    spread = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - spread) / (1 + z * z / of), (middle + spread) / (1 + z * z / of)


def lives(fate: Fate) -> bool:
    """Whether no test noticed a mutant."""
    return fate.what in {"survived", "uncovered", "left"}


def report(results: Results) -> str:
    """Figures by module and operator, and what survived, as Markdown."""
    fates = results.fates
    killed = sum(not lives(fate) for fate in fates)
    low, high = wilson(killed, len(fates))
    share = f"{killed / max(len(fates), 1):.1%}; 95 % interval {low:.1%} to {high:.1%}"
    drawn = f"{len(fates)} drawn from {sum(results.population.values())}"
    lines = [f"Commit {results.commit}, seed {results.seed}: {killed} killed ({share}) of {drawn}."]
    for title, attribute in (("Module", "file"), ("Operator", "operator")):
        groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for fate in fates:
            groups[str(getattr(fate.mutant, attribute))][fate.what] += 1
        lines += ["", f"| {title} | drawn | killed | of these late or died | survived | of these never reached |"]
        lines.append("| --- | --: | --: | --: | --: | --: |")
        for name, of in sorted(groups.items()):
            ended, alive = of["late"] + of["died"], of["survived"] + of["uncovered"] + of["left"]
            lines.append(f"| {name} | {of.total()} | {of.total() - alive} | {ended} | {alive} | {of['uncovered']} |")
    for fate in filter(lives, fates):
        lines += ["", f"{fate.mutant.file} {fate.mutant.operator} ({fate.what}, {fate.tests} tests)", fate.mutant.diff]
    return "\n".join(lines)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", help="names of modules in lmi_lint/link; all if there are none")
    parser.add_argument("--mutants", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("mutants.json"))
    parser.add_argument("--cache", type=Path, help="where what files say is kept for the next run")
    parser.add_argument("--baseline", type=Path, help="what the tests do without a mutant; written if there is none")
    parser.add_argument(
        "--most", type=int, default=0, help="tests that a mutant is given at most (0: all that reach it)"
    )
    parser.add_argument("--again", type=Path, help="run what survived in these results, of the same code")
    options = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    before = msgspec.json.decode(options.again.read_bytes(), type=Results) if options.again else None
    files = [LINK / name for name in options.files] or sorted(LINK.glob("*.py"))
    count, seed = (sum(before.population.values()), before.seed) if before else (options.mutants, options.seed)
    if before is not None:
        alive = {(fate.mutant.file, fate.mutant.place) for fate in before.fates if lives(fate)}
        files = [LINK / name for name in sorted({name for name, _ in alive})]
    population, drawn = draw(files, count, seed)
    if before is not None:
        drawn = [each for each in drawn if (each[0].file, each[0].place) in alive]
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607
    results = Results(commit, seed, population, [])

    def done(fate: Fate) -> None:
        results.fates.append(fate)
        where = f"{fate.mutant.file}:{fate.mutant.line}"
        print(len(results.fates), where, fate.mutant.operator, fate.what, fate.by, flush=True)
        options.out.write_bytes(msgspec.json.format(msgspec.json.encode(results)))

    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        remember(options.cache or Path(folder) / "cache")
        plain = ["-q", "-s", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
        room = [f"--basetemp={folder}/tests", "-o", "tmp_path_retention_policy=none"]
        pytest.main(
            [*plain, *room, "-k", "not speaks_of_its_rule and not test_page", *TESTS],
            plugins=[Runner(drawn, options.baseline, options.most, done)],
        )
    print(report(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
