"""The deployment stage: from a project's configuration files to its functions."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from contextlib import closing
from functools import partial

from msgspec import msgpack, structs

from lmi_lint.cache import NO_CACHE, Cache, digest
from lmi_lint.deploy.cdk.gathered import apps_of
from lmi_lint.deploy.cdk.merge import with_output, with_sources
from lmi_lint.deploy.cdk.output import Outputs
from lmi_lint.deploy.configuration import Configuration
from lmi_lint.deploy.conventions import by_convention, outline
from lmi_lint.deploy.handlers import HandlerResolver
from lmi_lint.deploy.kept import keep, recall
from lmi_lint.deploy.located import located
from lmi_lint.deploy.model import DeployedFunction, Deployment
from lmi_lint.deploy.pieces import Pieces
from lmi_lint.deploy.recognise import uses_of_cdk
from lmi_lint.deploy.template import Candidate
from lmi_lint.deploy.terraform.gathered import infrastructure_of
from lmi_lint.deploy.terraform.nearby import without_doubt
from lmi_lint.deploy.watched import Noted
from lmi_lint.discover.project import Project
from lmi_lint.facts.isolation import Isolated
from lmi_lint.facts.reading import decoded_hcl, encoded
from lmi_lint.frontends.hcl.nodes import Parsed
from lmi_lint.index import Index
from lmi_lint.model.source import TextFile


def read(project: Project, reader: Isolated | None = None, cache: Cache = NO_CACHE) -> Deployment:
    """All functions of a project: deployed ones by template in path order, then those of CDK apps, then those by
    convention. ``reader`` reads Terraform and the source of CDK apps, where there are any; ``cache`` keeps what it
    read."""
    if reader is None:
        with closing(Isolated()) as own:
            return read(project, own, cache)
    questions = Noted(project)
    deployment = recall(questions, cache) or read_anew(questions, reader, cache)
    return structs.replace(deployment, functions=located(deployment.functions, Index.of(project)))


def read_anew(questions: Noted, reader: Isolated, cache: Cache) -> Deployment:
    """The functions of a project whatever was kept; those by convention are at no place yet."""
    before = reader.failures
    questions.notes = set()
    pieces = Pieces(questions, cache, lambda: reader.failures)
    deployment = _read(pieces, reader, cache)
    if reader.failures == before:  # what a parser could not cope with may go otherwise the next time
        keep(deployment, questions, cache)
    pieces.keep()
    return deployment


def _read(pieces: Pieces, reader: Isolated, cache: Cache) -> Deployment:
    project = pieces.watched
    configuration = Configuration(pieces)
    services = configuration.services()
    stacks = configuration.stacks()
    terraform = infrastructure_of(pieces, partial(_hcl, reader, cache, {}))
    constructs = [*services.constructs, *stacks.constructs, *(None for _ in terraform.functions)]
    templates = [*services.found.candidates, *stacks.found.candidates]
    candidates = sorted(
        zip([*templates, *terraform.functions], constructs, strict=True),
        key=lambda each: each[0].function.template or "",
    )
    apps = apps_of(uses_of_cdk(project), pieces, reader, cache)
    owners = frozenset(posixpath.dirname(each.function.template) for each in templates if each.function.template)
    handlers = _Handlers(pieces, owners | {*terraform.roots})
    deployed = with_output(candidates, apps, handlers.of_asset, handlers.of)
    problems = [*services.found.problems, *stacks.found.problems, *services.included, *stacks.included]
    return Deployment(
        (*deployed, *_by_convention(pieces, deployed)),
        tuple(dict.fromkeys((*problems, *terraform.problems, *apps.problems))),
        with_sources((*services.found.providers, *stacks.found.providers, *terraform.providers), apps.providers),
        (*stacks.found.left_out, *terraform.left_out),
    )


class _Handlers:
    """Looks up the handler of one candidate after another."""

    def __init__(self, pieces: Pieces, owners: frozenset[str]) -> None:
        self._pieces = pieces
        self._owners = owners
        self._resolver = HandlerResolver(pieces.watched, Index.of(pieces.watched))
        self._outputs = Outputs(pieces.watched)

    def of(self, candidate: Candidate) -> DeployedFunction:
        """The candidate's function with its entry."""
        about = digest(msgpack.encode(candidate))
        found = self._pieces.of("handler", about, DeployedFunction, lambda: self._resolver.resolve(candidate))
        return without_doubt(candidate, found, self._owners)

    def of_asset(self, candidate: Candidate, construct: tuple[str, ...]) -> DeployedFunction:
        """The same for a candidate of a synthesised template, whose code is an asset."""
        about = digest(msgpack.encode((candidate, construct)))
        return self.of(self._pieces.of("asset", about, Candidate, lambda: self._outputs.refined(candidate, construct)))


def _by_convention(pieces: Pieces, deployed: Sequence[DeployedFunction]) -> Sequence[DeployedFunction]:
    about = list(dict.fromkeys(outline(each) for each in deployed))
    index = Index.of(pieces.watched)
    return pieces.of(
        "convention",
        digest(msgpack.encode(about)),
        tuple[DeployedFunction, ...],
        lambda: by_convention(pieces.watched, index, about),
    )


def _hcl(reader: Isolated, cache: Cache, known: dict[str, Parsed], source: TextFile) -> Parsed:
    """The tree of a configuration file in HCL, as it was if its content is. ``known``: trees by their content."""
    key = digest(source.data)
    found = known.get(key) or cache.get("hcl", key, decoded_hcl)
    if found is None:
        found = reader.read_hcl(source)
        if not found.problem:
            cache.put("hcl", key, encoded(found))
    known[key] = found
    return found
