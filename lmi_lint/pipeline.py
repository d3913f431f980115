"""The whole run as one straight line; every stage meets here."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec import msgpack, structs

from lmi_lint.cache import NO_CACHE, Cache, digest, user_folder
from lmi_lint.catalog.page import Page
from lmi_lint.catalog.registry import OURS, Registry, asked_roles
from lmi_lint.checks import discover as discover_rules
from lmi_lint.checks.base import AnyRule
from lmi_lint.checks.declarative import rule_of
from lmi_lint.checks.run import check_deployment
from lmi_lint.checks.tool import tool_findings
from lmi_lint.deploy.comments import template_comments
from lmi_lint.deploy.kept import is_kept
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment
from lmi_lint.deploy.read import read
from lmi_lint.discover import Project, discover, find_root
from lmi_lint.discover.project import language_of
from lmi_lint.errors import ConfigError
from lmi_lint.facts.isolation import Isolated
from lmi_lint.facts.reading import uncollected
from lmi_lint.facts.source import FactSource
from lmi_lint.fitting import Fitting
from lmi_lint.index import Index
from lmi_lint.judging import Judge, Part, whole
from lmi_lint.kept import Keeper
from lmi_lint.knowledge.known import Known
from lmi_lint.link.link import Linker, together
from lmi_lint.manifests import packages_of
from lmi_lint.model.finding import Problem
from lmi_lint.model.names import Language, RuleId
from lmi_lint.model.source import SourceFile, TextFile
from lmi_lint.packs import Pack, in_force, rules_root
from lmi_lint.progress import Progress
from lmi_lint.request import Request
from lmi_lint.settings import Settings, load
from lmi_lint.triage import Options, triage
from lmi_lint.triage.model import Analysed, Report, Stats
from lmi_lint.triage.options import selected
from lmi_lint.workers import judge_all, readers

_ON_THE_EDGE = "CloudFront runs it (Lambda@Edge), which is never on managed instances: its code is not analysed"


class _Clock:
    """Milliseconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.add({name: time.perf_counter() - began})

    def add(self, seconds: dict[str, float]) -> None:
        """What took place elsewhere."""
        for name, spent in seconds.items():
            self.seconds[name] = self.seconds.get(name, 0.0) + spent


def registry(packs: Sequence[Pack] = (), cache: Cache = NO_CACHE) -> Registry[AnyRule]:
    """The rules of packs, of our own if there are none."""
    roots = [pack.root for pack in packs] or [rules_root()]
    return Registry.load(roots, discover_rules(), rule_of, cache)


def run(request: Request, progress: Progress | None = None) -> Report:
    """Judge a project; ``progress`` is told what the run is at. LmiLintError for unusable arguments, settings or
    packs."""
    cache = _cache(request)
    with uncollected(), closing(Isolated(most=readers(request.jobs))) as reader:
        report = _run(request, reader, cache, progress or Progress())
    cache.tidy()
    return report


def configuration(request: Request) -> tuple[Settings, Deployment]:
    """The settings in force and what the configuration of a project says; no function is judged. LmiLintError for
    unusable arguments or settings."""
    cache = _cache(request)
    settings, project = _discover(request, _Clock(), cache)
    deployment = read(project, cache=cache)
    Index.of(project).keep()
    cache.tidy()
    return settings, deployment


def _cache(request: Request) -> Cache:
    return Cache(user_folder()) if request.cache else NO_CACHE


def _run(request: Request, reader: Isolated, cache: Cache, progress: Progress) -> Report:
    clock = _Clock()
    progress.at("listing files")
    settings, project = _discover(request, clock, cache)
    progress.at("reading configuration")
    with clock.stage("deploy"):
        if not is_kept(project, cache):
            reader.prepare(_most(project))
        deployment = read(project, reader, cache)
    fits = Fitting.of(request, settings)
    packs = in_force(settings, project.root, request.packs)
    rules = registry(packs, cache)
    _hold_prefixes(settings, rules.pages)
    known = Known(tuple(pack.root for pack in packs), asked_roles(rules.pages.values()))
    known.hold(cache)
    linker = Linker(project, reader, cache, known)
    functions = [function for function in deployment.functions if not function.edge]
    chosen = [rule for rule in rules.rules if selected(rule.id, settings)]
    with clock.stage("recall"):
        about = digest(msgpack.encode([rules.pages[rule.id] for rule in chosen]))
        keeper = Keeper(cache, linker.questions, known.state(), about) if request.cache else None
        recalled = keeper.recall(functions) if keeper is not None else Part({})
    new = [function for number, function in enumerate(functions) if number not in recalled.judged]
    reader.prepare(_unread(new, linker.facts))
    with clock.stage("check"):
        findings, failed = check_deployment(deployment, chosen, as_if_managed=request.as_if_managed)
    judge = Judge(linker, chosen, notes=keeper is not None)
    parts = list(_told(judge_all(judge, new, project, request.jobs), new, progress))
    if keeper is not None:
        keeper.keep(new, parts)
    Index.of(project).keep()
    part = whole([recalled, *_placed(parts, recalled, len(functions))])
    clock.add(part.seconds)
    findings += [finding for each in part.judged.values() for finding in each.findings]
    errors = [error.message for error in failed] + [error for each in part.judged.values() for error in each.errors]
    analysed = [each.analysed for each in part.judged.values() if each.analysed is not None]
    cut = [problem for each in part.judged.values() for problem in each.problems]
    progress.at("reading manifests")
    with clock.stage("dependencies"):
        packages = packages_of(project, linker, [each.function for each in analysed], chosen)
    findings += packages.findings
    errors += packages.errors
    elsewhere = [function for function in deployment.functions if function.edge]
    analysed += [Analysed(function, problem=_ON_THE_EDGE) for function in elsewhere]
    cut += [Problem("edge", f"{function.name}: {_ON_THE_EDGE}", function.location) for function in elsewhere]
    findings += tool_findings(part.files, part.problems, analysed)
    options = Options(
        settings=settings,
        pages=rules.pages,
        focus=project.focus,
        pedantic=request.pedantic,
        only_managed=request.only_managed,
    )
    sources = _sources(project, deployment, part, linker.facts)
    comments = {file.path: file.comments for file in part.files}
    sources = {**packages.sources, **sources}
    for path in dict.fromkeys((*_templates(deployment), *(each for each in packages.sources if each not in comments))):
        if path in sources:
            comments[path] = (*comments.get(path, ()), *template_comments(sources[path]))
    progress.at("sorting findings")
    began = time.perf_counter()
    problems = [*project.problems, *deployment.problems, *part.problems, *packages.problems, *cut]
    report = triage(
        findings,
        analysed,
        comments,
        sources,
        problems,
        _stats(project, deployment, part, analysed, clock),
        options,
        errors,
    )
    clock.seconds["triage"] = time.perf_counter() - began
    progress.at("judging the fitness of functions")
    return report if fits is None else fits.judged(report, deployment, rules, cache)


def _told(parts: Iterable[Part], functions: Sequence[DeployedFunction], progress: Progress) -> Iterator[Part]:
    """The parts; meanwhile, how many functions are done with and what the first of the others runs."""
    waiting = dict.fromkeys(position for group in together(functions) for position in group)
    found = iter(parts)
    while True:
        first = functions[next(iter(waiting))] if waiting else None
        file = first.entry.path if first is not None and first.entry is not None else ""
        progress.at(f"judging functions, {len(functions) - len(waiting)} of {len(functions)}", file)
        part = next(found, None)
        if part is None:
            return
        for position in part.judged:
            waiting.pop(position, None)
        yield part


def _hold_prefixes(settings: Settings, pages: Mapping[RuleId, Page]) -> None:
    """ConfigError for rules of packs that no pack in force has."""
    for prefix in (*settings.select, *settings.ignore):
        if not prefix.startswith(OURS) and not any(page.startswith(prefix) for page in pages):
            hint = f"ids look like LMI101, LMI1 or LMI; {prefix} would be of a pack: is it in packs, or installed?"
            raise ConfigError(f"select and ignore: there is no rule {prefix}", hint)


def _placed(parts: Iterable[Part], recalled: Part, count: int) -> Iterator[Part]:
    """Parts by the positions that their functions have among all."""
    places = [position for position in range(count) if position not in recalled.judged]
    for part in parts:
        judged = {places[position]: each for position, each in part.judged.items()}
        yield structs.replace(part, judged=judged)


def _most(project: Project) -> list[Language]:
    """The language that most files are in, if there are any."""
    counted = Counter(filter(None, map(language_of, sorted(project.files))))
    return [language for language, _ in counted.most_common(1)]


def _unread(functions: Sequence[DeployedFunction], facts: FactSource) -> list[Language]:
    """The languages in which some handler's file has to be read, not only remembered."""
    entries = [(each.language, each.entry) for each in functions if each.inline is None]
    unread = {language for language, entry in entries if language and entry and not facts.recall(entry.path)}
    return sorted(unread, key=str)


def _discover(request: Request, clock: _Clock, cache: Cache) -> tuple[Settings, Project]:
    paths = [Path(path) for path in request.paths] or [Path()]
    with clock.stage("discover"):
        root = request.root or find_root(paths)
        settings = request.effective(request.settings or load(root))
        project = discover(paths, settings, root)
        Index.of(project).recall(cache)
        return settings, project


def _stats(project: Project, deployment: Deployment, part: Part, analysed: list[Analysed], clock: _Clock) -> Stats:
    return Stats(
        files_read=len(part.paths),
        skipped=project.skipped,
        lines=sum(file.lines for file in part.files),
        calls_resolved=sum(item.calls_resolved for item in analysed),
        calls_unresolved=sum(item.calls_unresolved for item in analysed),
        opaque=sum(file.opaque for file in part.files),
        left_out=len(deployment.left_out),
        ms=tuple((stage, round(value * 1000)) for stage, value in clock.seconds.items()),
    )


def _sources(project: Project, deployment: Deployment, part: Part, facts: FactSource) -> dict[str, TextFile]:
    """The text of every file that a location may name: sources read, and templates."""
    sources: dict[str, TextFile] = dict(facts.files)
    for path in part.paths:  # what another process has read
        loaded = project.load(path) if path not in sources and project.exists(path) else None
        if isinstance(loaded, SourceFile):
            sources[path] = loaded
    for path in _templates(deployment):
        data = project.read_bytes(path)  # of code inside a template link has all else blanked
        if not isinstance(data, Problem):
            sources[path] = TextFile(path, data)
    return sources


def _templates(deployment: Deployment) -> list[str]:
    """The configuration files that say something of functions and providers, in order."""
    paths = [function.template for function in deployment.functions]
    paths += [provider.template for provider in deployment.providers]
    written: list[DeployedFunction | CapacityProvider] = [*deployment.functions, *deployment.providers]
    for each in written:
        paths += [location.path for _, location in each.locations]
        paths += [oddity.location.path for oddity in each.oddities]
    return list(dict.fromkeys(path for path in paths if path is not None))
