"""Mutation testing changes what it says it changes, in memory, and nothing else."""

from __future__ import annotations

import importlib.util

import msgspec
import pytest

pytest.importorskip("resource", reason="limits of processes are those of POSIX")

from tools.mutate.memory import functions_below, put_in
from tools.mutate.mutants import Mutant, changes, difference, mutated, same
from tools.mutate.report import Fate, Results, report, wilson

MODULE = '''"""About == this."""
import functools

LIMIT = 1


class Shelf:
    size = 1

    @property
    def full(self) -> bool:
        return self.size == 1

    @full.setter
    def full(self, value: bool) -> None:
        self.size = 1 if value else 0


@functools.cache
def fits(count: int = 3) -> list[int]:
    """Whether == fits."""
    return [each for each in range(5) if each < count]
'''


def load(path):
    spec = importlib.util.spec_from_file_location("shelves", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_loaded_functions_get_the_code_of_another_text(tmp_path):
    path = tmp_path / "shelves.py"
    path.write_text(MODULE, encoding="utf-8")
    module = load(path)
    shelf = module.Shelf()
    assert (shelf.full, module.fits.__wrapped__()) == (True, [0, 1, 2])
    changed = MODULE.replace("self.size == 1", "self.size != 1").replace("each < count", "each > count")
    assert put_in(path, changed, functions_below(tmp_path)) == 2
    assert (shelf.full, module.fits.__wrapped__()) == (False, [4])
    assert path.read_text(encoding="utf-8") == MODULE


def test_what_a_mutant_cannot_become(tmp_path):
    path = tmp_path / "shelves.py"
    path.write_text(MODULE, encoding="utf-8")
    with pytest.raises(ValueError, match="other functions"):
        put_in(path, MODULE.replace("fits", "fit"), [])


def test_only_what_functions_do_is_changed():
    pytest.importorskip("mutmut", reason="no operators")
    tree, found = changes(MODULE, "shelves.py")
    texts = [mutated(tree, node, changed) for node, changed, _ in found]
    assert len(set(texts)) == len(texts) > 5
    untouched = ["LIMIT = 1\n", "    size = 1\n", "count: int = 3", '"""Whether == fits."""', "@functools.cache\n"]
    assert all(part in text for text in texts for part in untouched)
    lines = {mutant.operator: mutant.lines for *_, mutant in found}
    assert lines["swap_op"] in {(12, 12), (22, 22)}


def test_a_mutant_is_found_again_where_it_stands_now(tmp_path):
    pytest.importorskip("mutmut", reason="no operators")
    tree, found = changes(MODULE, "shelves.py")
    node, changed, drawn = next(each for each in found if "each < count" in MODULE.splitlines()[each[2].line - 1])
    old = msgspec.structs.replace(drawn, diff=difference(MODULE, mutated(tree, node, changed)))
    path = tmp_path / "moved.py"
    path.write_text("import os\n\n\n" + MODULE, encoding="utf-8")
    again = same([path], old)
    assert again is not None
    assert (again[0].file, again[0].line) == ("moved.py", old.line + 3)
    assert again[2]().splitlines()[3:] == mutated(tree, node, changed).splitlines()
    path.write_text(MODULE.replace("each < count", "each < 2"), encoding="utf-8")
    assert same([path], old) is None


@pytest.mark.parametrize(("hits", "of", "low", "high"), [(80, 100, 0.711, 0.867), (0, 0, 0, 1), (10, 10, 0.722, 1)])
def test_interval(hits, of, low, high):
    assert wilson(hits, of) == pytest.approx((low, high), abs=0.001)


def test_report_tells_what_survived():
    mutant = Mutant("a.py", 0, "swap_op", 3, (3, 3), "-a == b\n+a != b")
    fates = [Fate(mutant, "survived", "", 2), Fate(mutant, "killed", "t", 1), Fate(mutant, "late", "t", 1)]
    said = report(Results("abc", 1, {"a.py": 9}, fates))
    assert "2 killed (66.7%" in said
    assert "| a.py | 3 | 2 | 1 | 1 | 0 |" in said
    assert said.count("+a != b") == 1
