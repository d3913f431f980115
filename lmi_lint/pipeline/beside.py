"""What a run finds beside the programs of functions: in their configuration, in manifests, in comments of both.

It rests on what a project is configured to and on a few files, which most edits leave as they are: so it is kept
between runs, with the questions about these files, as a whole and function by function; and what finds it is imported
when there is something to find.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache as once
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct, msgpack, structs

from lmi_lint.cache import Cache
from lmi_lint.deploy.kept import Entry
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment
from lmi_lint.deploy.watched import Noted, Watched
from lmi_lint.discover import Project
from lmi_lint.discover.manifests import MAX_LOCK_BYTES
from lmi_lint.discover.project import MAX_CONFIG_BYTES
from lmi_lint.facts.model import CommentFacts
from lmi_lint.index import Index
from lmi_lint.knowledge.known import Known
from lmi_lint.model.finding import Finding, Problem
from lmi_lint.model.source import TextFile
from lmi_lint.pipeline.settled import Asked, OfFunction

if TYPE_CHECKING:
    from lmi_lint.index.contents import Contents
    from lmi_lint.pipeline.settling import Settler

_KIND: Final = "beside"


class Beside(Struct, frozen=True, array_like=True):
    """``settings``: what is amiss with the configuration, and ``moved``: what would be if every function were on
    managed instances, whichever rules were selected; ``packages``: with what functions are deployed with.
    ``manifests``: the files that were read for that, and whether something could be read of each; ``comments``: those
    in these files and in templates that speak to lmi-lint. ``errors`` and ``moved_errors``: rules that failed."""

    settings: tuple[Finding, ...] = ()
    moved: tuple[Finding, ...] = ()
    packages: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    manifests: dict[str, bool] = {}
    comments: dict[str, tuple[CommentFacts, ...]] = {}
    errors: tuple[str, ...] = ()
    moved_errors: tuple[str, ...] = ()


def beside_programs(asked: Asked, questions: Noted, known: Known, cache: Cache) -> Beside:
    """What is found, or what was found of the same configuration and files in an earlier run; of what has changed it is
    found anew, function by function and file by file. PackError."""
    project, keeps = questions.project, cache.keeps
    key = msgpack.encode([asked.rules, asked.as_if_managed, asked.moved])
    entry = Entry(cache, _KIND, project.root, key, known.state() if keeps else "")
    entry.recall(questions)
    contents = Index.of(project).contents
    templates = templates_of(asked.deployment)
    whole = entry.key([asked, [contents.of(path, MAX_LOCK_BYTES) for path in templates]]) if keeps else b""
    found: Beside | None = entry.get(whole, Beside)
    if found is None:
        found = _found(asked, Watched.of(project, questions) if keeps else project, known, cache, entry)
        found = _comments(found, frozenset(templates), project, entry)
        if keeps and not (found.errors or found.moved_errors):
            entry.put(whole, found)
            entry.keep(questions)
    return found


def _found(asked: Asked, project: Project, known: Known, cache: Cache, entry: Entry) -> Beside:
    settler = once(partial(_settler, asked, project, known, cache))
    analysed, deployment = frozenset(asked.analysed), asked.deployment
    parts = [
        _part(function, deployment.provider_of(function), position in analysed, settler, entry)
        for position, function in enumerate(deployment.functions)
    ]
    if deployment.providers:  # what is said of them rests on all their functions
        parts.append(settler().of_providers())
    problems = dict.fromkeys(problem for part in parts for problem in part.problems)
    return Beside(
        tuple(sorted((each for part in parts for each in part.settings), key=_rule)),
        tuple(sorted((each for part in parts for each in part.moved), key=_rule)),
        tuple(each for part in parts for each in part.packages),
        tuple(sorted(problems, key=_path)),
        dict(sorted(each for part in parts for each in part.manifests.items())),
        {},
        tuple(each for part in parts for each in part.errors),
        tuple(each for part in parts for each in part.moved_errors),
    )


def _settler(asked: Asked, project: Project, known: Known, cache: Cache) -> Settler:
    from lmi_lint.pipeline.settling import Settler

    return Settler(asked, project, known, cache)


def _part(
    function: DeployedFunction,
    provider: CapacityProvider | None,
    analysed: bool,
    settler: Callable[[], Settler],
    entry: Entry,
) -> OfFunction:
    return entry.of(
        entry.key((function, provider, analysed)),
        OfFunction,
        lambda: settler().of_function(function, provider, analysed=analysed),
        lambda part: not (part.errors or part.moved_errors),
    )


def _comments(beside: Beside, templates: frozenset[str], project: Project, entry: Entry) -> Beside:
    """With the comments of manifests and templates that speak to lmi-lint, which rest on nothing but their files."""
    contents = Index.of(project).contents
    found: dict[str, tuple[CommentFacts, ...]] = {}
    for path in dict.fromkeys((*(path for path, read in beside.manifests.items() if read), *sorted(templates))):
        limit = MAX_CONFIG_BYTES if path in templates else MAX_LOCK_BYTES
        content = contents.of(path, limit) if entry.keeps else b""
        found[path] = entry.of(
            entry.key((path, limit, content)),
            tuple[CommentFacts, ...],
            partial(_comments_in, path, limit, project),
            partial(_is_still, contents, path, limit, content),
        )
    return structs.replace(beside, comments=found)


def _is_still(contents: Contents, path: str, limit: int, content: bytes, _: object) -> bool:
    return contents.of(path, limit) == content


def _comments_in(path: str, limit: int, project: Project) -> tuple[CommentFacts, ...]:
    from lmi_lint.deploy.comments import template_comments

    data = project.read_bytes(path, limit)
    return () if isinstance(data, Problem) else template_comments(TextFile(path, data))


def _rule(finding: Finding) -> str:
    return finding.rule


def _path(problem: Problem) -> str:
    return problem.location.path if problem.location is not None else ""


def templates_of(deployment: Deployment) -> list[str]:
    """The configuration files that say something of functions and providers, in order."""
    paths = [function.template for function in deployment.functions]
    paths += [provider.template for provider in deployment.providers]
    written: list[DeployedFunction | CapacityProvider] = [*deployment.functions, *deployment.providers]
    for each in written:
        paths += [location.path for _, location in each.locations]
        paths += [oddity.location.path for oddity in each.oddities]
    return list(dict.fromkeys(path for path in paths if path is not None))
