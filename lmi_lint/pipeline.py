"""The whole run as one straight line; the only module that imports every stage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from lmi_lint.cache import NO_CACHE, Cache, user_folder
from lmi_lint.catalog.registry import Pack, Registry
from lmi_lint.checks import discover as discover_rules
from lmi_lint.checks.base import AnyRule
from lmi_lint.checks.run import check, check_deployment
from lmi_lint.checks.tool import tool_findings
from lmi_lint.deploy.comments import template_comments
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment, Provenance
from lmi_lint.deploy.read import read
from lmi_lint.discover import Project, discover, find_root
from lmi_lint.facts.isolation import Isolated
from lmi_lint.facts.source import FactSource
from lmi_lint.fitting import Fitting
from lmi_lint.knowledge.load import rules_root
from lmi_lint.link.link import Linked, Linker
from lmi_lint.model.finding import Finding, Problem
from lmi_lint.model.names import Language
from lmi_lint.model.source import TextFile
from lmi_lint.request import Request
from lmi_lint.settings import Settings, load
from lmi_lint.triage import Options, triage
from lmi_lint.triage.model import Analysed, Report, Stats
from lmi_lint.triage.options import selected

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
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began


def registry(cache: Cache = NO_CACHE) -> Registry[AnyRule]:
    """The rules that ship with lmi-lint."""
    return Registry.load([Pack("lmi-lint", rules_root(), discover_rules())], cache=cache)


def run(request: Request) -> Report:
    """Judge a project. LmiLintError for unusable arguments, settings or packs."""
    cache = Cache(user_folder()) if request.cache else NO_CACHE
    with closing(Isolated()) as reader:
        report = _run(request, reader, cache)
    cache.tidy()
    return report


def configuration(request: Request) -> Deployment:
    """What the configuration of a project says; no code is read. LmiLintError for unusable arguments or settings."""
    _, project = _discover(request, _Clock())
    return read(project)


def _run(request: Request, reader: Isolated, cache: Cache) -> Report:
    clock = _Clock()
    settings, project = _discover(request, clock)
    with clock.stage("deploy"):
        deployment = read(project, reader, cache)
    fits = Fitting.of(request, settings)
    linker = Linker(project, reader, cache)
    reader.prepare(_unread(deployment, linker.facts))
    rules = registry(cache)
    chosen = [rule for rule in rules.rules if selected(rule.id, settings)]
    findings: list[Finding] = []
    analysed: list[Analysed] = []
    errors: list[str] = []
    cut: list[Problem] = []
    with clock.stage("check"):
        found, failed = check_deployment(deployment, chosen, as_if_managed=request.as_if_managed)
    findings += found
    errors += [error.message for error in failed]
    programs = linker.link(tuple(function for function in deployment.functions if not function.edge))
    while True:
        with clock.stage("link"):
            linked = None  # the last program goes before the next one comes
            linked = next(programs, None)
        if linked is None:
            break
        if _mistaken(linked):
            continue
        with clock.stage("check"):
            found, failed = check(linked.function, linked.program, chosen)
        findings += found
        errors += [error.message for error in failed] + ([linked.error] if linked.error else [])
        analysed.append(_analysed(linked, bool(failed)))
        cut += _cut(linked)
    elsewhere = [function for function in deployment.functions if function.edge]
    analysed += [Analysed(function, problem=_ON_THE_EDGE) for function in elsewhere]
    cut += [Problem("edge", f"{function.name}: {_ON_THE_EDGE}", function.location) for function in elsewhere]
    findings += tool_findings(linker.facts, analysed)
    options = Options(
        settings=settings,
        pages=rules.pages,
        focus=project.focus,
        pedantic=request.pedantic,
        only_managed=request.only_managed,
    )
    sources = _sources(project, deployment, linker.facts)
    comments = {facts.path: facts.comments for facts in linker.facts.modules}
    for path in _templates(deployment):
        if path in sources:
            comments[path] = (*comments.get(path, ()), *template_comments(sources[path]))
    began = time.perf_counter()
    problems = [*project.problems, *deployment.problems, *linker.facts.problems, *reader.problems, *cut]
    report = triage(
        findings,
        analysed,
        comments,
        sources,
        problems,
        _stats(project, deployment, linker.facts, analysed, clock),
        options,
        errors,
    )
    clock.seconds["triage"] = time.perf_counter() - began
    return report if fits is None else fits.judged(report, deployment, rules, cache)


def _unread(deployment: Deployment, facts: FactSource) -> list[Language]:
    """The languages in which some handler's file has to be read, not only remembered."""
    entries = [(each.language, each.entry) for each in deployment.functions if each.inline is None]
    unread = {language for language, entry in entries if language and entry and not facts.recall(entry.path)}
    return sorted(unread, key=str)


def _discover(request: Request, clock: _Clock) -> tuple[Settings, Project]:
    paths = [Path(path) for path in request.paths] or [Path()]
    with clock.stage("discover"):
        root = request.root or find_root(paths)
        settings = request.effective(request.settings or load(root))
        return settings, discover(paths, settings, root)


def _analysed(linked: Linked, failed: bool) -> Analysed:
    program = linked.program
    problem = linked.problem or ("a rule failed on it" if failed else "")
    return Analysed(
        linked.function,
        program.recorder.resolved if program is not None else 0,
        program.recorder.unresolved if program is not None else 0,
        problem,
        handler_missing=bool(program.started.problem if program is not None else linked.problem and not linked.failed),
        outside=program is not None and program.started.outside,
        cut=_is_cut(linked),
        files=linked.files,
    )


def _mistaken(linked: Linked) -> bool:
    """Something that looked like a handler in the text, deployed by nothing, and turned out to be none."""
    started = linked.program.started if linked.program is not None else None
    guessed = linked.function.provenance is Provenance.CONVENTION
    return guessed and started is not None and bool(started.problem) and not started.outside


def _is_cut(linked: Linked) -> bool:
    """Whether something was not analysed to the end; merged evaluations only cost precision."""
    return linked.program is not None and bool(linked.program.cut - {"contexts"})


def _cut(linked: Linked) -> list[Problem]:
    what = "too large to be analysed to the end; some findings may be missing"
    found = Problem("limit", f"{linked.function.name}: {what}", linked.function.location)
    return [found] if _is_cut(linked) else []


def _stats(
    project: Project, deployment: Deployment, facts: FactSource, analysed: list[Analysed], clock: _Clock
) -> Stats:
    seconds = {**clock.seconds, **facts.seconds}
    seconds["link"] = max(seconds.get("link", 0.0) - facts.seconds["lower"] - facts.seconds["extract"], 0.0)
    return Stats(
        files_read=len(facts.files),
        skipped=project.skipped,
        lines=sum(module.lines for module in facts.modules),
        calls_resolved=sum(item.calls_resolved for item in analysed),
        calls_unresolved=sum(item.calls_unresolved for item in analysed),
        opaque=sum(module.opaque for module in facts.modules),
        left_out=len(deployment.left_out),
        ms=tuple((stage, round(value * 1000)) for stage, value in seconds.items()),
    )


def _sources(project: Project, deployment: Deployment, facts: FactSource) -> dict[str, TextFile]:
    """The text of every file that a location may name: sources read, and templates."""
    sources: dict[str, TextFile] = dict(facts.files)
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
