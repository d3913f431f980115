"""The CDK apps of a project, each a piece of its own: when one has changed, it is evaluated again, and no other.

Which files make an app is nowhere written. Those below one ``cdk.json`` (or manifest of a build) are taken together,
and so are those of which one imports the other: that shows when they are evaluated, and then they are evaluated again
together.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import msgpack

from lmi_lint.cache import Cache, digest
from lmi_lint.deploy.cdk.apps import App, Apps
from lmi_lint.index import Index
from lmi_lint.model.finding import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lmi_lint.deploy.pieces import Pieces
    from lmi_lint.facts.isolation import Isolated
    from lmi_lint.ir.nodes import Module

MAX_ALL_STEPS: Final = 2_000_000
"""Steps that all apps of a project may take; what comes after is not read."""

_ROOTS: Final = (frozenset({"cdk.json", "sst.json"}), frozenset({"package.json", "pom.xml"}))
"""What lies in the folder of an app, and else in that of a build."""

_Group = tuple[str, ...]


def apps_of(paths: Sequence[str], pieces: Pieces, reader: Isolated, cache: Cache) -> Apps:
    """What the files in ``paths`` declare, those that use the CDK, in the order of their paths."""
    trees: dict[str, Module] = {}

    def read(group: _Group) -> App:
        from lmi_lint.deploy.cdk.source import read_app
        from lmi_lint.facts.trees import TreeSource

        project = pieces.watched
        return read_app(group, project, Index.of(project), TreeSource(project, reader, cache, trees))

    found: dict[_Group, App] = {}
    groups, steps = _by_folder(paths, frozenset(pieces.watched.configs)), 0
    while any(group not in found for group in groups) and steps <= MAX_ALL_STEPS:
        for group in groups:
            if group not in found and steps <= MAX_ALL_STEPS:
                app = pieces.of("app", digest(msgpack.encode(group)), App, partial(read, group))
                found[group] = app
                steps += app.steps
        groups = _joined(groups, found)
    return _together([found[group] for group in groups if group in found], steps)


def _together(apps: Sequence[App], steps: int) -> Apps:
    cut = {bound for app in apps for bound in app.cut}
    if steps > MAX_ALL_STEPS:
        cut.add(f"{MAX_ALL_STEPS:,} steps")
    problems = [
        Problem("limit", f"the CDK apps were not followed further than {bound}; some of their functions may be missing")
        for bound in sorted(cut)
    ]
    problems += sorted((each for app in apps for each in app.problems), key=_path)
    functions = sorted((each for app in apps for each in app.functions), key=lambda each: each.turn)
    providers = sorted((each for app in apps for each in app.providers), key=lambda each: each[0])
    return Apps(tuple(functions), tuple({each.key: each for _, each in providers}.values()), tuple(problems))


def _path(problem: Problem) -> str:
    return problem.location.path if problem.location is not None else ""


def _by_folder(paths: Sequence[str], configs: frozenset[str]) -> list[_Group]:
    """The files of each folder in which an app or a build has its root."""
    placed = [path.rpartition("/") for path in configs]
    roots = [{folder for folder, _, name in placed if name in names} for names in _ROOTS]
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(_root(path, roots), []).append(path)
    return [tuple(group) for group in found.values()]


def _root(path: str, roots: Sequence[set[str]]) -> str:
    """The nearest folder above a file that is a root of the first kind, else of the next; the project's if there is
    none."""
    folders = [path.rpartition("/")[0]]
    while folders[-1]:
        folders.append(folders[-1].rpartition("/")[0])
    return next((folder for each in roots for folder in folders if folder in each), "")


def _joined(groups: Sequence[_Group], found: dict[_Group, App]) -> list[_Group]:
    """The groups, those as one of which one has reached a file of the other, or that declare something in one file."""
    group_of = {path: number for number, group in enumerate(groups) for path in group}
    leader = list(range(len(groups)))

    def lead(number: int) -> int:
        while leader[number] != number:
            number = leader[number]
        return number

    for number, group in enumerate(groups):
        app = found.get(group)
        if app is not None:
            declared = {each.candidate.function.template or "" for each in app.functions}
            declared |= {each.template for _, each in app.providers}
            for path in sorted({*app.reached, *declared}):
                if path in declared:
                    group_of.setdefault(path, number)
                if path in group_of:
                    leader[max(lead(number), lead(group_of[path]))] = min(lead(number), lead(group_of[path]))
    members: dict[int, list[str]] = {}
    for number, group in enumerate(groups):
        members.setdefault(lead(number), []).extend(group)
    return [tuple(sorted(each)) for each in members.values()]
