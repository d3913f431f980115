"""CDK apps from their source: which files are read, and what their functions are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from lmi_lint.deploy.cdk.apps import App, Declared, common
from lmi_lint.deploy.cdk.constructs import CONSTRUCTS, FUNCTIONS
from lmi_lint.deploy.cdk.effects import apply
from lmi_lint.deploy.cdk.functions import FunctionReader, Made
from lmi_lint.deploy.cdk.machine import MAX_STEPS, Args, Machine, TooMuchError
from lmi_lint.deploy.cdk.providers import capacity_provider
from lmi_lint.deploy.cdk.values import Fn, Instance
from lmi_lint.ir import nodes as ir
from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lmi_lint.discover import Project
    from lmi_lint.facts.trees import TreeSource
    from lmi_lint.index import Index

_NAMES = frozenset(name.rpartition(".")[2] for name, kind in CONSTRUCTS.items() if kind in FUNCTIONS)


def read_app(paths: Sequence[str], project: Project, index: Index, trees: TreeSource) -> App:
    """The functions and capacity providers of the files in ``paths``, which use the CDK, in their order."""
    machine = Machine(project, index, trees)
    try:
        for number, visit in enumerate((_module, _programs, _unvisited)):
            for path in paths:
                machine.turn = number, path
                _guarded(machine, visit, path)
    except TooMuchError:
        machine.cut.add(f"{MAX_STEPS:,} steps")
    reader = FunctionReader(machine)
    made = [function for each in machine.made if (function := reader.read(each)) is not None]
    apply(reader, machine.made)
    providers = [(each.turn, provider) for each in machine.made if (provider := capacity_provider(each)) is not None]
    own = frozenset(paths)
    problems = [
        Problem("not-analysed", why, Location(path, Span(0, 0)))
        for path, why in sorted(trees.unreadable.items()) if path in own
    ]  # fmt: skip
    return App(
        tuple(_merged(made)),
        tuple(providers),
        tuple(problems),
        trees.asked - own,
        tuple(sorted(machine.cut)),
        machine.steps,
    )


def _guarded(machine: Machine, visit: Callable[[Machine, str], None], path: str) -> None:
    """Visit one file: every module first, then what no module led to: programs, constructors, functions."""
    try:
        visit(machine, path)
    except RecursionError:
        machine.reset()
        machine.cut.add("the depth of expressions")


def _module(machine: Machine, path: str) -> None:
    machine.module(path)


def _programs(machine: Machine, path: str) -> None:
    """``main`` of Java and C#."""
    tree = machine.tree(path)
    for index, function in enumerate(tree.functions if tree is not None else ()):
        if function.name in ("main", "Main") and ir.Flags.STATIC in function.flags and function.owner is not None:
            machine.call(Fn(path, index, machine.scopes.get(path), None), Args(), unknown=True)


def _unvisited(machine: Machine, path: str) -> None:
    """Functions that hold constructs and that nothing has called: their parameters may be anything."""
    tree, scope = machine.tree(path), machine.module(path)
    if tree is None:
        return
    pending = [index for index in range(1, len(tree.functions)) if _makes(tree, index)]
    # Constructors lead to methods, and functions to those inside them.
    pending.sort(key=lambda at: (bool(tree.functions[at].outer), ir.Flags.CONSTRUCTOR not in tree.functions[at].flags))
    for index in pending:
        function = tree.functions[index]
        if (path, index) in machine.visited:
            continue
        if function.owner is None or function.outer:
            machine.call(Fn(path, index, scope, None), Args(), unknown=True)
            continue
        klass = machine.names.klass(path, function.owner, scope)
        static = ir.Flags.STATIC in function.flags
        built = [at for at in tree.classes[function.owner].methods if ir.Flags.CONSTRUCTOR in tree.functions[at].flags]
        if built and not static and not any((path, at) in machine.visited for at in built):
            # It may call the method, which then has its arguments.
            here = Location(path, Span(tree.functions[built[0]].start, tree.functions[built[0]].end))
            machine.construct(klass, Args(is_open=True), here, unknown=True)
        if (path, index) not in machine.visited:
            machine.call(Fn(path, index, scope, klass if static else Instance(klass)), Args(), unknown=True)


def _makes(tree: ir.Module, index: int) -> bool:
    """Whether a function, or one inside it, names a construct that makes functions."""
    for at, function in enumerate(tree.functions):
        if at != index and not _inside(tree, at, index):
            continue
        for statement in function.body:
            for node in ir.walk(statement):
                if isinstance(node, ir.Call) and _called(node) in _NAMES:
                    return True
    declared = tree.functions[index].owner
    if declared is None or ir.Flags.CONSTRUCTOR not in tree.functions[index].flags:
        return False
    return any(base.name.rpartition(".")[2] in _NAMES for base in tree.classes[declared].bases)


def _inside(tree: ir.Module, at: int, index: int) -> bool:
    outer = tree.functions[at].outer
    while outer:
        if outer == index:
            return True
        outer = tree.functions[outer].outer
    return False


def _called(node: ir.Call) -> str:
    """The last name of what is called, the builder's class in Java."""
    callee = node.callee
    if isinstance(callee, ir.Member) and callee.name == "create" and isinstance(callee.base, ir.Member):
        callee = callee.base.base
    if node.type is not None:
        return node.type.name.rpartition(".")[2]
    return callee.name if isinstance(callee, ir.Member) else callee.id if isinstance(callee, ir.Name) else ""


def _merged(made: list[Made]) -> Iterator[Declared]:
    """One function for all that one place makes under one name: what differs between them is unknown."""
    grouped: dict[tuple[object, ...], list[Made]] = {}
    for each in made:
        function = each.candidate.function
        code = (function.code_root, function.handler, function.entry)
        grouped.setdefault((function.location, function.name, code), []).append(each)
    for group in grouped.values():
        candidates = [each.finished() for each in group]
        first = candidates[0]
        for other in candidates[1:]:
            first = structs.replace(first, function=common(first.function, other.function))
        yield Declared(first, tuple(dict.fromkeys(each.path for each in group)), group[0].sym.turn)
