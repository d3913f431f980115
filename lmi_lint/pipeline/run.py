"""The whole run as one straight line; every stage meets here."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, msgpack, structs

from lmi_lint.cache import NO_CACHE, Cache, digest, user_folder
from lmi_lint.catalog.page import Page
from lmi_lint.catalog.registry import OURS, asked_roles, load_pages
from lmi_lint.checks.tool import tool_findings
from lmi_lint.deploy.kept import is_kept, recall
from lmi_lint.deploy.located import located
from lmi_lint.deploy.model import Deployment
from lmi_lint.deploy.watched import Noted
from lmi_lint.discover import Project, discover, find_root
from lmi_lint.discover.classify import Tells
from lmi_lint.discover.project import language_of
from lmi_lint.errors import ConfigError
from lmi_lint.garbage import uncollected
from lmi_lint.index import Index
from lmi_lint.index.questions import Questions
from lmi_lint.knowledge.known import Known
from lmi_lint.model.finding import Problem
from lmi_lint.model.names import Language, RuleId
from lmi_lint.packs import in_force
from lmi_lint.pipeline.beside import Beside, beside_programs, templates_of
from lmi_lint.pipeline.cpus import readers
from lmi_lint.pipeline.fitting import Fitting, Kept
from lmi_lint.pipeline.judged import Part, whole
from lmi_lint.pipeline.kept import Keeper
from lmi_lint.pipeline.progress import Progress
from lmi_lint.pipeline.settled import Asked
from lmi_lint.pipeline.texts import Texts
from lmi_lint.request import Request
from lmi_lint.settings import Settings, load
from lmi_lint.triage import Options, triage
from lmi_lint.triage.model import Analysed, Report, Stats
from lmi_lint.triage.options import selected

if TYPE_CHECKING:
    from lmi_lint.facts.isolation import Isolated
    from lmi_lint.facts.source import FactSource
    from lmi_lint.model.source import SourceFile

# What judges and what reads is imported where there is something to judge or to read: mostly all is as it was.

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


class _Readers:
    """Processes that read files, and what they have read; what starts them is imported when there is something to
    read."""

    def __init__(self, jobs: int | None) -> None:
        self._jobs = jobs
        self._made: Isolated | None = None
        self._facts: FactSource | None = None

    def facts(self, project: Project, cache: Cache) -> FactSource:
        """The facts of the one project that a run is about."""
        if self._facts is None:
            from lmi_lint.facts.source import FactSource

            self._facts = FactSource(project, self.get(), cache)
        return self._facts

    def get(self) -> Isolated:
        """The same one each time."""
        if self._made is None:
            from lmi_lint.facts.isolation import Isolated

            self._made = Isolated(most=readers(self._jobs))
        return self._made

    def close(self) -> None:
        """End what was started."""
        if self._made is not None:
            self._made.close()


def run(request: Request, progress: Progress | None = None) -> Report:
    """Judge a project; ``progress`` is told what the run is at. LmiLintError for unusable arguments, settings or
    packs."""
    cache = _cache(request)
    with uncollected(), closing(_Readers(request.jobs)) as reading:
        report = _run(request, reading, cache, progress or Progress())
    cache.tidy()
    return report


def configuration(request: Request) -> tuple[Settings, Deployment]:
    """The settings in force and what the configuration of a project says; no function is judged. LmiLintError for
    unusable arguments or settings."""
    cache = _cache(request)
    settings, project = _discover(request, _Clock(), cache)
    with closing(_Readers(request.jobs)) as reading:
        deployment = _configured(Noted(project), reading, cache)
    Index.of(project).keep()
    cache.tidy()
    return settings, deployment


def _cache(request: Request) -> Cache:
    return Cache(user_folder()) if request.cache else NO_CACHE


def _run(request: Request, reading: _Readers, cache: Cache, progress: Progress) -> Report:
    clock = _Clock()
    progress.at("listing files")
    settings, project = _discover(request, clock, cache)
    progress.at("reading configuration")
    noted = Noted(project)
    with clock.stage("deploy"):
        first = not is_kept(project, cache)
        deployment = _configured(noted, reading, cache)
        if first:  # all functions are to be judged, and reading takes no less than what is to be done until then
            handlers = [each.file for each in deployment.functions if each.file is not None]
            reading.facts(project, cache).ahead(handlers, far=True)
    fits = Fitting.of(request, settings)
    packs = in_force(settings, project.root, request.packs)
    pages = load_pages([pack.root for pack in packs], cache)
    _hold_prefixes(settings, pages)
    known = Known(tuple(pack.root for pack in packs), asked_roles(pages.values()))
    known.hold(cache)
    chosen = tuple(rule for rule, page in pages.items() if not page.builtin and selected(rule, settings))
    positions = [number for number, function in enumerate(deployment.functions) if not function.edge]
    functions = [deployment.functions[position] for position in positions]
    questions = Questions(project)
    with clock.stage("recall"):
        about = digest(msgpack.encode([pages[rule] for rule in chosen]))
        keeper = Keeper(cache, questions, known.state(), about) if request.cache else None
        recalled = keeper.recall(functions) if keeper is not None else Part({})
    new = [function for number, function in enumerate(functions) if number not in recalled.judged]
    parts: list[Part] = []
    anew = None
    try:
        if new:
            from lmi_lint.pipeline.anew import Anew

            anew = Anew(questions, reading.facts(project, cache), known, pages)
            parts.extend(anew.judge(new, chosen, request.jobs, progress, notes=keeper is not None))
    finally:  # what an interrupted run has judged holds in the next one
        if keeper is not None:
            keeper.keep(new, parts)
    part = whole([recalled, *_placed(parts, recalled, len(functions))])
    clock.add(part.seconds)
    analysed = {positions[number]: each.analysed for number, each in part.judged.items() if each.analysed is not None}
    progress.at("reading manifests")
    with clock.stage("dependencies"):
        asked = Asked(deployment, chosen, tuple(analysed), request.as_if_managed, fits is not None)
        beside = beside_programs(asked, noted, known, cache)
    Index.of(project).keep()
    report = _report(
        _Found(settings, project, deployment, pages, part, tuple(analysed.values()), beside),
        anew.files if anew is not None else {},
        request,
        clock,
        progress,
    )
    progress.at("judging the fitness of functions")
    return report if fits is None else fits.judged(report, deployment, beside, Kept(cache, project.root))


class _Found(Struct, frozen=True):
    """What there is to report on. ``analysed``: the functions whose code was judged."""

    settings: Settings
    project: Project
    deployment: Deployment
    pages: Mapping[RuleId, Page]
    part: Part
    analysed: tuple[Analysed, ...]
    beside: Beside


def _report(
    found: _Found, files: Mapping[str, SourceFile], request: Request, clock: _Clock, progress: Progress
) -> Report:
    """``files``: the sources that this run has read."""
    project, deployment, part, beside = found.project, found.deployment, found.part, found.beside
    findings = [*beside.settings, *(finding for each in part.judged.values() for finding in each.findings)]
    findings += beside.packages
    errors = [*beside.errors, *(error for each in part.judged.values() for error in each.errors)]
    cut = [problem for each in part.judged.values() for problem in each.problems]
    elsewhere = [function for function in deployment.functions if function.edge]
    analysed = [*found.analysed, *(Analysed(function, problem=_ON_THE_EDGE) for function in elsewhere)]
    cut += [Problem("edge", f"{function.name}: {_ON_THE_EDGE}", function.location) for function in elsewhere]
    findings += tool_findings(part.files, part.problems, analysed)
    options = Options(
        settings=found.settings,
        pages=found.pages,
        focus=project.focus,
        pedantic=request.pedantic,
        only_managed=request.only_managed,
    )
    templates = templates_of(deployment)
    texts = Texts(project, files, part.paths, templates, beside.manifests)
    comments = {file.path: file.comments for file in part.files}
    for path in dict.fromkeys((*templates, *(each for each in beside.manifests if each not in comments))):
        if path in beside.comments:
            comments[path] = (*comments.get(path, ()), *beside.comments[path])
    progress.at("sorting findings")
    began = time.perf_counter()
    report = triage(
        findings,
        analysed,
        comments,
        texts,
        [*project.problems, *deployment.problems, *part.problems, *beside.problems, *cut],
        _stats(project, deployment, part, analysed, clock),
        options,
        errors,
    )
    clock.add({"triage": time.perf_counter() - began})
    return report


def _configured(questions: Noted, reading: _Readers, cache: Cache) -> Deployment:
    """What the configuration says, as it was if all that it rests on is."""
    project = questions.project
    kept = recall(questions, cache)
    if kept is None:
        from lmi_lint.deploy.read import read_anew

        reader = reading.get()
        if not is_kept(project, cache):
            reader.prepare(_most(project))
        kept = read_anew(questions, reader, cache)
    return structs.replace(kept, functions=located(kept.functions, Index.of(project)))


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


def _discover(request: Request, clock: _Clock, cache: Cache) -> tuple[Settings, Project]:
    paths = [Path(path) for path in request.paths] or [Path()]
    with clock.stage("discover"):
        root = request.root or find_root(paths)
        settings = request.effective(request.settings or load(root))
        known: list[Index] = []

        def telling(bare: Project) -> Tells:
            known.append(Index.of(bare))
            known[0].recall(cache)
            return known[0].scans.tells

        project = discover(paths, settings, root, telling)
        Index.of(project).go_on(known[0])
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
