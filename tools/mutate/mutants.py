"""Mutants of a module: what operators make of the code inside its functions.

Operators are those of mutmut, on trees of libcst, and the negation of conditions, which mutmut lacks. Left out are
those whose mutants a type checker finds (an argument or a value becomes None, an argument goes), which would only
flatter the figure; strings with a space in them, which are texts for people; a second and third spelling of one string;
and whatever stands outside functions: tables, defaults, decorators, declarations.
"""

from __future__ import annotations

import difflib
import functools
import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from msgspec import Struct

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


def same(files: Sequence[Path], old: Mutant) -> Drawn | None:
    """The same change in the code of today, wherever it stands now: in its own file if it is still there, in the place
    that is nearest to its line; None if no code can be changed in that way any more."""
    wanted = _changed(old.diff)
    for path in sorted(files, key=lambda path: (path.name != old.file, path)):
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        if not any(line.strip() == wanted[0][1:] for line in lines):
            continue
        tree, found = changes(text, path.name)
        for node, changed, mutant in sorted(found, key=lambda each: abs(each[2].line - old.line)):
            around = [line.strip() for line in lines[mutant.lines[0] - 1 : mutant.lines[1]]]
            make = functools.partial(mutated, tree, node, changed)
            near = mutant.operator == old.operator and wanted[0][1:] in around
            if near and _changed(difference(text, make())) == wanted:
                return mutant, tree, make
    return None


def _changed(diff: str) -> list[str]:
    """Lines taken out and put in, without where they stand."""
    return [line[0] + line[1:].strip() for line in diff.splitlines() if line[:1] in ("-", "+")]
