"""All templates of a project → functions and providers; nested stacks are read with what is passed to them."""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

from msgspec import Struct, structs

from lmi_lint.deploy.cdk.output import construct_of
from lmi_lint.deploy.cloudformation.code import joined
from lmi_lint.deploy.cloudformation.functions import Functions
from lmi_lint.deploy.cloudformation.provider import providers
from lmi_lint.deploy.cloudformation.resolver import Given
from lmi_lint.deploy.cloudformation.samconfig import SamConfigs
from lmi_lint.deploy.cloudformation.stack import Resource, Stack
from lmi_lint.deploy.model import CapacityProvider
from lmi_lint.deploy.nodes import Mapping, Node, Scalar, TemplateError
from lmi_lint.deploy.template import Candidate, Found, Template, parse_template
from lmi_lint.discover.project import Project
from lmi_lint.model.finding import Location, Problem

MAX_STACKS = 500
"""Stacks that the templates of a project make by nesting; the rest is reported, not read."""
_MAX_NESTED = 16

_NESTED = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")
_REMOTE = re.compile(r"(?:s3|https?)://", re.IGNORECASE)


class Opened(Struct, frozen=True):
    """What one stack declares. ``level``: how deep it is nested; ``name``: its logical id in the stack around it, empty
    for none; ``constructs``: of each candidate the ids of its construct, where the CDK synthesised it."""

    level: int
    name: str
    template: str
    candidates: tuple[Candidate, ...]
    constructs: tuple[tuple[str, ...] | None, ...]
    providers: tuple[CapacityProvider, ...]
    problems: tuple[Problem, ...]
    left_out: tuple[tuple[str, Location], ...]


class Opening(Struct, frozen=True):
    """The stacks of some templates and those nested in them, level by level; ``cut``: that there are too many;
    ``included``: problems of the files that templates include."""

    stacks: tuple[Opened, ...]
    cut: Problem | None = None
    included: tuple[Problem, ...] = ()


class Templates(Protocol):
    """The templates of a project."""

    def is_template(self, path: str) -> bool:
        """Whether a file is one."""

    def template(self, path: str) -> Template:
        """One of them. TemplateError if it is none."""


def read_stacks(
    roots: Iterable[str],
    others: Iterable[str],
    templates: Templates,
    project: Project,
    load: Callable[[str], Template | None],
) -> Opening:
    """The stacks of some templates (``roots``) and those nested in them; then those of ``others`` that none of them
    nests. ``load`` reads a file that a template includes."""
    return _Reader(templates, project, load).run(roots, others)


def nested_templates(path: str, templates: Templates, project: Project) -> list[str]:
    """The templates that a template nests, whatever their conditions."""
    found = []
    template = templates.template(path)
    for document in template.documents:
        resources = document.get("Resources") if isinstance(document, Mapping) else None
        for _, node in resources.items() if isinstance(resources, Mapping) else ():
            kind = node.get("Type") if isinstance(node, Mapping) else None
            if isinstance(node, Mapping) and isinstance(kind, Scalar) and kind.value in _NESTED:
                inner = _place(templates, project, template, node, _literal)
                if inner is not None and inner != path:
                    found.append(inner)
    return found


def together(paths: Sequence[str], open_: Callable[[str], Opening], inner: Collection[str]) -> Opening:
    """The stacks of all templates, those first that are in none (``inner``: those that are); ``open_``: what one of
    them opens."""
    openings = [open_(path) for path in paths if path not in inner]
    stacks = sorted((stack for each in openings for stack in each.stacks), key=lambda stack: stack.level)
    cut = next((each.cut for each in openings if each.cut is not None), None)
    included = dict.fromkeys(problem for each in openings for problem in each.included)
    opened = {stack.template for stack in stacks}
    for path in paths:  # templates that only nest one another in a ring
        if path not in opened:
            ring = open_(path)
            opened.update(stack.template for stack in ring.stacks)
            stacks += ring.stacks
            included.update(dict.fromkeys(ring.included))
            cut = cut or ring.cut
    return Opening(tuple(stacks), cut, tuple(included))


def declared(opening: Opening, paths: Sequence[str]) -> tuple[Found, tuple[tuple[str, ...] | None, ...]]:
    """What stacks declare, in the order of their templates (``paths``); and of each candidate the ids of its
    construct, where the CDK synthesised it."""
    candidates: list[tuple[Candidate, tuple[str, ...] | None]] = []
    pools: dict[CapacityProvider, None] = {}
    problems: list[Problem] = [opening.cut] if opening.cut is not None else []
    left_out: dict[tuple[str, Location], None] = {}
    seen: dict[str, Candidate] = {}
    for stack in opening.stacks:
        for candidate, construct in zip(stack.candidates, stack.constructs, strict=True):
            key = candidate.function.key
            if seen.get(key) == candidate:  # the same template nested twice with the same values
                continue
            if key in seen:
                function = structs.replace(candidate.function, name=f"{stack.name}.{candidate.function.name}")
                candidates.append((structs.replace(candidate, function=function), construct))
            else:
                seen[key] = candidate
                candidates.append((candidate, construct))
        pools.update(dict.fromkeys(stack.providers))
        problems += stack.problems
        left_out.update(dict.fromkeys(stack.left_out))
    deployed = {(each.function.template, each.function.location) for each, _ in candidates}
    order = {path: index for index, path in enumerate(paths)}
    candidates.sort(key=lambda each: order.get(each[0].function.template or "", len(order)))
    found = Found(
        tuple(candidate for candidate, _ in candidates),
        tuple(pools),
        tuple(dict.fromkeys(problems)),
        tuple(each for each in left_out if (each[1].path, each[1]) not in deployed),
    )
    return found, tuple(construct for _, construct in candidates)


def _literal(node: Node | None) -> Node | None:
    return node if isinstance(node, Scalar) else None


def _place(
    templates: Templates,
    project: Project,
    template: Template,
    node: Mapping,
    reduce: Callable[[Node | None], Node | None],
) -> str | None:
    """The local template that a nested stack is made from; None if it is elsewhere."""
    written = node.get("Properties")
    props = written if isinstance(written, Mapping) else reduce(written)
    metadata = node.get("Metadata")
    places = [metadata.get("aws:asset:path")] if isinstance(metadata, Mapping) else []
    if isinstance(props, Mapping):
        places += [props.get("TemplateURL"), props.get("Location")]
    for place in places:
        literal = reduce(place) if place is not None else None
        if isinstance(literal, Scalar) and literal.value and not _REMOTE.match(literal.value):
            path = project.canonical(joined(template.folder, literal.value))
            for each in (path, *(posixpath.join(path, name) for name in ("template.yaml", "template.yml"))):
                if templates.is_template(each):
                    return each
    return None


class _Parent(Struct, frozen=True):
    """Where a stack is nested: what is passed to it, its logical id there, and the templates around it."""

    values: dict[str, Given]
    region: str | None
    name: str
    within: tuple[str, ...]


class _Reader:
    """Reads stacks from the outermost inward."""

    def __init__(self, templates: Templates, project: Project, load: Callable[[str], Template | None]) -> None:
        self.templates = templates
        self.project = project
        self.configs = SamConfigs(project)
        self._load = load
        self._regions: dict[str, dict[str, str]] = {}
        self._stacks: list[tuple[int, str, Stack]] = []
        self._waiting: deque[tuple[Stack, Resource, tuple[str, ...]]] = deque()
        self._cut: Problem | None = None

    def run(self, roots: Iterable[str], others: Iterable[str]) -> Opening:
        """The stacks of the roots, then those nested in them, level by level; then those of others."""
        for path in roots:
            self._open(path)
        self._descend()
        for path in others:
            if path not in {stack.template.path for _, _, stack in self._stacks}:
                self._open(path)
                self._descend()
        return Opening(tuple(self._opened(*each) for each in self._stacks), self._cut)

    def _open(self, path: str, parent: _Parent | None = None) -> list[Stack]:
        """Read a template with the values passed to it; the stacks that it nests are read later."""
        template = self.templates.template(path)
        opened: list[Stack] = []
        within = (*parent.within, path) if parent is not None else (path,)
        for document in template.documents:
            if not isinstance(document, Mapping):
                continue
            if len(self._stacks) >= MAX_STACKS:
                if self._cut is None:
                    message = f"more than {MAX_STACKS} stacks; the rest is not read"
                    self._cut = Problem("limit", message, template.location(document))
                break
            given, region = (parent.values, parent.region) if parent is not None else self.configs.of(path, document)
            stack = Stack(template, document, given, region or self._region_of(path), self._load)
            opened.append(stack)
            self._stacks.append((len(within) - 1, parent.name if parent is not None else "", stack))
            if len(within) <= _MAX_NESTED:
                self._waiting += [(stack, resource, within) for resource in stack.of_kind(*_NESTED)]
        return opened

    def _descend(self) -> None:
        """Read the nested stacks that wait, and those nested in them."""
        while self._waiting:
            stack, resource, within = self._waiting.popleft()
            path = _place(self.templates, self.project, stack.template, resource.node, stack.resolver.reduce)
            if path is None or path in within:
                continue
            passed = stack.resolver.reduce(resource.props.get("Parameters"))
            pairs = passed.items() if isinstance(passed, Mapping) else ()
            given = {key: Given(node, stack.resolver) for key, node in pairs}
            for inner in self._open(path, _Parent(given, stack.region, resource.id, within)):
                stack.resolver.take_outputs(resource.id, _outputs(inner))

    def _region_of(self, path: str) -> str | None:
        """The region of a synthesised template, as the manifest beside it says."""
        folder = posixpath.dirname(path)
        if folder not in self._regions:
            self._regions[folder] = _manifest(self.project, folder)
        return self._regions[folder].get(posixpath.basename(path))

    def _opened(self, level: int, name: str, stack: Stack) -> Opened:
        """What a stack declares, after all that it nests was read."""
        candidates = tuple(Functions(stack).candidates())
        constructs = tuple(construct_of(each.function, self._written_in(each, stack)) for each in candidates)
        made = tuple(providers(stack))
        return Opened(
            level, name, stack.template.path, candidates, constructs, made, tuple(stack.problems), tuple(stack.left_out)
        )

    def _written_in(self, candidate: Candidate, stack: Stack) -> Template | None:
        """The template that a function stands in: the stack's, or one that this includes."""
        path = candidate.function.template
        if path is None or path == stack.template.path:
            return stack.template
        return self.templates.template(path) if self.templates.is_template(path) else None


def _outputs(stack: Stack) -> Callable[[str], str | None]:
    """Which resource an output of a stack refers to."""

    def of(name: str) -> str | None:
        outputs = stack.document.get("Outputs")
        output = outputs.get(name) if isinstance(outputs, Mapping) else None
        return stack.resolver.reference(stack.get(output, "Value")) if output is not None else None

    return of


def _manifest(project: Project, folder: str) -> dict[str, str]:
    """Template → region, of the manifest of a CDK output folder; nothing where regions are left open."""
    path = posixpath.join(folder, "manifest.json")
    if path not in project.configs:
        return {}
    data = project.read_bytes(path)
    if isinstance(data, Problem):
        return {}
    try:
        document = parse_template(path, data).documents[0]
    except TemplateError:
        return {}
    artifacts = document.get("artifacts") if isinstance(document, Mapping) else None
    found: dict[str, str] = {}
    for _, artifact in artifacts.items() if isinstance(artifacts, Mapping) else ():
        place = artifact.get("environment") if isinstance(artifact, Mapping) else None
        settings = artifact.get("properties") if isinstance(artifact, Mapping) else None
        file = settings.get("templateFile") if isinstance(settings, Mapping) else None
        match = re.fullmatch(r"aws://[^/]+/([a-z0-9-]+)", place.value) if isinstance(place, Scalar) else None
        if match is not None and isinstance(file, Scalar) and match.group(1) != "unknown-region":
            found[file.value] = match.group(1)
    return found
