"""The deployment stage: from a project's configuration files to its functions."""

from __future__ import annotations

import posixpath
import re
from contextlib import closing
from functools import partial

from msgspec import structs

from lmi_lint.cache import NO_CACHE, Cache, digest
from lmi_lint.deploy.cdk.apps import Apps
from lmi_lint.deploy.cdk.merge import with_output, with_sources
from lmi_lint.deploy.cdk.output import Outputs
from lmi_lint.deploy.conventions import by_convention, located
from lmi_lint.deploy.files import DataFiles
from lmi_lint.deploy.handlers import HandlerResolver
from lmi_lint.deploy.kept import keep, recall
from lmi_lint.deploy.model import CapacityProvider, Deployment
from lmi_lint.deploy.nodes import TemplateError
from lmi_lint.deploy.recognise import has_terraform, is_script, may_be_service, may_be_template, uses_of_cdk
from lmi_lint.deploy.template import Candidate, Found, Template, parse_template
from lmi_lint.deploy.terraform.infrastructure import Infrastructure
from lmi_lint.deploy.terraform.nearby import without_doubt
from lmi_lint.deploy.watched import Watched
from lmi_lint.discover.classify import in_test_folder
from lmi_lint.discover.project import Project
from lmi_lint.facts.isolation import Isolated
from lmi_lint.facts.reading import decoded_hcl, encoded
from lmi_lint.frontends.hcl.nodes import Parsed
from lmi_lint.index import Index
from lmi_lint.index.questions import Questions
from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.source import Span, TextFile

_SUFFIXES = (".yaml", ".yml", ".json", ".template")
_NAMED_TEMPLATE = re.compile(r"template|serverless|stack|cloudformation|^sam\b", re.IGNORECASE)
_SELDOM_TEMPLATES = frozenset({"package.json", "tsconfig.json", "jsconfig.json", "cdk.json", "nx.json", "lerna.json"})


def read(project: Project, reader: Isolated | None = None, cache: Cache = NO_CACHE) -> Deployment:
    """All functions of a project: deployed ones by template in path order, then those of CDK apps, then those by
    convention. ``reader`` reads Terraform and the source of CDK apps, where there are any; ``cache`` keeps what it
    read."""
    if reader is None:
        with closing(Isolated()) as own:
            return read(project, own, cache)
    deployment = recall(project, cache) or _read_anew(project, reader, cache)
    return structs.replace(deployment, functions=located(deployment.functions, Index.of(project)))


def _read_anew(project: Project, reader: Isolated, cache: Cache) -> Deployment:
    questions, before = Questions(project), reader.failures
    deployment = _read(Watched.of(project, questions), reader, cache)
    if reader.failures == before:  # what a parser could not cope with may go otherwise the next time
        keep(deployment, questions, cache)
    return deployment


def _read(project: Project, reader: Isolated, cache: Cache) -> Deployment:
    index = Index.of(project)
    configuration = _Configuration(project, index)
    found = configuration.found()
    terraform = _terraform(project, reader, cache)
    candidates = sorted(
        [*configuration.candidates, *found.candidates, *terraform.functions],
        key=lambda candidate: candidate.function.template or "",
    )
    resolver = HandlerResolver(project, index)
    apps = _apps(project, index, reader, cache)
    others = (each.function.template for each in (*configuration.candidates, *found.candidates))
    owners = frozenset(map(posixpath.dirname, filter(None, others))) | {*terraform.roots}
    deployed = with_output(
        candidates,
        apps,
        Outputs(project, configuration.templates),
        lambda candidate: without_doubt(candidate, resolver.resolve(candidate), owners),
    )
    problems = [*configuration.problems, *found.problems, *configuration.files.problems]
    return Deployment(
        (*deployed, *by_convention(project, index, deployed)),
        tuple(dict.fromkeys((*problems, *terraform.problems, *apps.problems))),
        with_sources((*configuration.providers, *found.providers, *terraform.providers), apps.providers),
        (*found.left_out, *terraform.left_out),
    )


# The readers of a dialect are many modules: they are imported where there is something for them to read.


def _terraform(project: Project, reader: Isolated, cache: Cache) -> Infrastructure:
    if not has_terraform(project):
        return Infrastructure()
    from lmi_lint.deploy.terraform.read import read_terraform

    return read_terraform(project, partial(_hcl, reader, cache))


def _hcl(reader: Isolated, cache: Cache, source: TextFile) -> Parsed:
    """The tree of a configuration file in HCL, as it was if its content is."""
    key = digest(source.data)
    kept = cache.get("hcl", key, decoded_hcl)
    if kept is None:
        kept = reader.read_hcl(source)
        if not kept.problem:
            cache.put("hcl", key, encoded(kept))
    return kept


def _apps(project: Project, index: Index, reader: Isolated, cache: Cache) -> Apps:
    paths = uses_of_cdk(project)
    if not paths:
        return Apps()
    from lmi_lint.deploy.cdk.source import read_apps
    from lmi_lint.facts.trees import TreeSource

    return read_apps(paths, project, index, TreeSource(project, reader, cache))


def _may_hold_functions(path: str) -> bool:
    """Whether a file's name allows for a template; those in folders for tests are fixtures."""
    return (
        path.lower().endswith(_SUFFIXES)
        and posixpath.basename(path) not in _SELDOM_TEMPLATES
        and not in_test_folder(path)
    )


class _Configuration:
    """The configuration files of a project: services are read file by file, templates are kept, as they may nest one
    another."""

    def __init__(self, project: Project, index: Index) -> None:
        self.project = project
        self.index = index
        self.files = DataFiles(project)
        self.templates: dict[str, Template] = {}
        self.candidates: list[Candidate] = []
        self.providers: list[CapacityProvider] = []
        self.problems: list[Problem] = []
        for path in project.configs:
            if is_script(path) and not in_test_folder(path):
                self._read_script(path)
            elif _may_hold_functions(path):
                self._read(path)

    def _read(self, path: str) -> None:
        """The functions of one file; nothing, and no complaint, if it is no template."""
        data = self.project.read_bytes(path)
        if isinstance(data, Problem):
            # A data file may be as large as it likes; what is named like a template should have been read.
            if _NAMED_TEMPLATE.search(posixpath.basename(path)) is not None:
                self.problems.append(data)
            return
        template, service = may_be_template(data), may_be_service(path, data)
        if not (template or service):
            return
        try:
            parsed = parse_template(path, data)
        except TemplateError as error:
            where = Location(path, Span(error.offset, error.offset))
            self.problems.append(Problem("template-error", error.message, where))
            return
        if service:
            from lmi_lint.deploy.serverless.read import read_serverless

            found = read_serverless(parsed, self.files)
            self._add(found)
            template = template and not (found.candidates or found.problems)
        if template:
            self.templates[path] = parsed

    def _read_script(self, path: str) -> None:
        from lmi_lint.deploy.serverless.read import read_script

        self._add(read_script(self.project, self.index, path, self.files))

    def found(self) -> Found:
        """What the templates declare, those of one stack together."""
        if not self.templates:
            return Found()
        from lmi_lint.deploy.cloudformation.read import read_templates

        return read_templates(self.templates, self.project, self.files.load)

    def _add(self, found: Found) -> None:
        self.candidates += found.candidates
        self.providers += found.providers
        self.problems += found.problems
