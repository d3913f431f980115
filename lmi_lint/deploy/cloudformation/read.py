"""All templates of a project → functions and providers; nested stacks are read with what is passed to them."""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Callable
from collections.abc import Mapping as AbstractMapping

from msgspec import Struct, structs

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


def read_templates(
    templates: AbstractMapping[str, Template], project: Project, load: Callable[[str], Template | None]
) -> Found:
    """What all templates declare, those of one stack together. ``load`` reads a file that a template includes."""
    return _Reader(templates, project, load).run()


class _Parent(Struct, frozen=True):
    """Where a stack is nested: what is passed to it, its logical id there, and the templates around it."""

    values: dict[str, Given]
    region: str | None
    name: str
    within: tuple[str, ...]


class _Reader:
    """Reads stacks from the outermost inward."""

    def __init__(
        self, templates: AbstractMapping[str, Template], project: Project, load: Callable[[str], Template | None]
    ) -> None:
        self.templates = templates
        self.project = project
        self.configs = SamConfigs(project)
        self._load = load
        self._regions: dict[str, dict[str, str]] = {}
        self._stacks: list[tuple[str, Stack]] = []
        self._waiting: deque[tuple[Stack, Resource, tuple[str, ...]]] = deque()
        self._too_many: list[Problem] = []

    def run(self) -> Found:
        """The stacks of the templates that are not nested in others, then those nested in them, level by level."""
        inner = {path for template in self.templates.values() for path in self._nested_paths(template)}
        for path in self.templates:
            if path not in inner:
                self._open(path)
        self._descend()
        # Templates that only nest one another in a ring.
        for path in self.templates:
            if path not in {stack.template.path for _, stack in self._stacks}:
                self._open(path)
                self._descend()
        return self._found()

    def _nested_paths(self, template: Template) -> list[str]:
        """The templates that a template nests, whatever their conditions."""
        found = []
        for document in template.documents:
            resources = document.get("Resources") if isinstance(document, Mapping) else None
            for _, node in resources.items() if isinstance(resources, Mapping) else ():
                kind = node.get("Type") if isinstance(node, Mapping) else None
                if isinstance(node, Mapping) and isinstance(kind, Scalar) and kind.value in _NESTED:
                    path = self._place(template, node, lambda each: each if isinstance(each, Scalar) else None)
                    if path is not None and path != template.path:
                        found.append(path)
        return found

    def _place(self, template: Template, node: Mapping, reduce: Callable[[Node | None], Node | None]) -> str | None:
        """The local template that a nested stack is made from; None if it is elsewhere."""
        props = (
            reduce(node.get("Properties"))
            if not isinstance(node.get("Properties"), Mapping)
            else node.get("Properties")
        )
        metadata = node.get("Metadata")
        places = [metadata.get("aws:asset:path")] if isinstance(metadata, Mapping) else []
        if isinstance(props, Mapping):
            places += [props.get("TemplateURL"), props.get("Location")]
        for place in places:
            literal = reduce(place) if place is not None else None
            if isinstance(literal, Scalar) and literal.value and not _REMOTE.match(literal.value):
                path = self.project.canonical(joined(template.folder, literal.value))
                for each in (path, *(posixpath.join(path, name) for name in ("template.yaml", "template.yml"))):
                    if each in self.templates:
                        return each
        return None

    def _open(self, path: str, parent: _Parent | None = None) -> list[Stack]:
        """Read a template with the values passed to it; the stacks that it nests are read later."""
        template = self.templates[path]
        opened: list[Stack] = []
        within = (*parent.within, path) if parent is not None else (path,)
        for document in template.documents:
            if not isinstance(document, Mapping):
                continue
            if len(self._stacks) >= MAX_STACKS:
                if not self._too_many:
                    message = f"more than {MAX_STACKS} stacks; the rest is not read"
                    self._too_many.append(Problem("limit", message, template.location(document)))
                break
            given, region = (parent.values, parent.region) if parent is not None else self.configs.of(path, document)
            stack = Stack(template, document, given, region or self._region_of(path), self._load)
            opened.append(stack)
            self._stacks.append((parent.name if parent is not None else "", stack))
            if len(within) <= _MAX_NESTED:
                self._waiting += [(stack, resource, within) for resource in stack.of_kind(*_NESTED)]
        return opened

    def _descend(self) -> None:
        """Read the nested stacks that wait, and those nested in them."""
        while self._waiting:
            stack, resource, within = self._waiting.popleft()
            path = self._place(stack.template, resource.node, stack.resolver.reduce)
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

    # ---- what was found ----

    def _found(self) -> Found:
        candidates: list[Candidate] = []
        pools: list[CapacityProvider] = []
        problems: list[Problem] = list(self._too_many)
        left_out: list[tuple[str, Location]] = []
        seen: dict[str, Candidate] = {}
        for name, stack in self._stacks:
            for candidate in Functions(stack).candidates():
                key = candidate.function.key
                if seen.get(key) == candidate:  # the same template nested twice with the same values
                    continue
                if key in seen:
                    function = structs.replace(candidate.function, name=f"{name}.{candidate.function.name}")
                    candidates.append(structs.replace(candidate, function=function))
                else:
                    seen[key] = candidate
                    candidates.append(candidate)
            pools += [each for each in providers(stack) if each not in pools]
            problems += [each for each in stack.problems if each not in problems]
            left_out += [each for each in stack.left_out if each not in left_out]
        deployed = {(each.function.template, each.function.location) for each in candidates}
        order = {path: index for index, path in enumerate(self.templates)}
        candidates.sort(key=lambda each: order.get(each.function.template or "", len(order)))
        return Found(
            tuple(candidates),
            tuple(pools),
            tuple(problems),
            tuple(each for each in left_out if (each[1].path, each[1]) not in deployed),
        )


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
