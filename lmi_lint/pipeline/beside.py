"""What a run finds beside the programs of functions: in their configuration, in manifests, in comments of both.

It rests on what a project is configured to and on a few files, which most edits leave as they are: so it is kept
between runs, with the questions about these files, and what finds it is imported when there is something to find.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct, msgpack

from lmi_lint.cache import Cache, digest
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment
from lmi_lint.deploy.watched import Noted, Watched
from lmi_lint.discover import Project
from lmi_lint.facts.model import CommentFacts
from lmi_lint.index.questions import Question
from lmi_lint.knowledge.known import Known
from lmi_lint.model.finding import Finding, Problem
from lmi_lint.model.names import RuleId
from lmi_lint.model.source import TextFile

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


class _Kept(Struct, frozen=True, array_like=True):
    """What was found, and a digest of what was asked; the questions that it rests on, and digests of their answers."""

    about: str
    questions: list[Question]
    answers: list[bytes]
    beside: Beside


_KEPT: Final = msgpack.Decoder(_Kept)


class Asked(Struct, frozen=True):
    """What is to be found out. ``rules``: those that are selected; ``analysed``: the functions whose code was analysed,
    by their positions; ``as_if_managed``: judge the configuration of each function as if it had moved; ``moved``:
    whether the findings of that are wanted in any case."""

    deployment: Deployment
    rules: tuple[RuleId, ...]
    analysed: tuple[int, ...]
    as_if_managed: bool
    moved: bool


def beside_programs(asked: Asked, questions: Noted, known: Known, cache: Cache) -> Beside:
    """What is found, or what was found of the same configuration and files in an earlier run. PackError."""
    project = questions.project
    if not cache.keeps:
        return _found(asked, project, known, cache)
    about = digest(known.state(), msgpack.encode(asked))
    key = digest(str(project.root), msgpack.encode([asked.rules, asked.as_if_managed, asked.moved]))
    kept = cache.get(_KIND, key, _KEPT.decode)
    try:
        if kept is not None and kept.about == about and questions.hold(kept.questions, kept.answers):
            return kept.beside
    except (LookupError, TypeError, ValueError):  # what was kept is well-formed, but makes no sense
        pass
    questions.notes = set()
    beside = _found(asked, Watched.of(project, questions), known, cache)
    if not (beside.errors or beside.moved_errors):
        rests = sorted(questions.notes)
        answers = [questions.digest(number) for number in rests]
        asking = [questions.asked[number] for number in rests]
        cache.put(_KIND, key, msgpack.encode(_Kept(about, asking, answers, beside)))
    return beside


def _found(asked: Asked, project: Project, known: Known, cache: Cache) -> Beside:
    from lmi_lint.checks import discover_beside
    from lmi_lint.checks.run import check_deployment
    from lmi_lint.deploy.comments import template_comments
    from lmi_lint.pipeline.manifests import packages_of

    rules = discover_beside()
    chosen = [rule for rule in rules if rule.id in asked.rules]
    settings, failed = check_deployment(asked.deployment, chosen, as_if_managed=asked.as_if_managed)
    moved, failed_moved = check_deployment(asked.deployment, rules, as_if_managed=True) if asked.moved else ([], [])
    functions = [asked.deployment.functions[position] for position in asked.analysed]
    packages = packages_of(project, known, cache, functions, chosen)
    sources = dict(packages.sources)
    for path in templates_of(asked.deployment):
        data = project.read_bytes(path)
        if not isinstance(data, Problem):
            sources[path] = TextFile(path, data)
    return Beside(
        tuple(settings),
        tuple(moved),
        tuple(packages.findings),
        packages.problems,
        {path: bool(source.data) for path, source in packages.sources.items()},
        {path: template_comments(source) for path, source in sources.items()},
        (*(error.message for error in failed), *packages.errors),
        tuple(error.message for error in failed_moved),
    )


def templates_of(deployment: Deployment) -> list[str]:
    """The configuration files that say something of functions and providers, in order."""
    paths = [function.template for function in deployment.functions]
    paths += [provider.template for provider in deployment.providers]
    written: list[DeployedFunction | CapacityProvider] = [*deployment.functions, *deployment.providers]
    for each in written:
        paths += [location.path for _, location in each.locations]
        paths += [oddity.location.path for oddity in each.oddities]
    return list(dict.fromkeys(path for path in paths if path is not None))
