"""``serverless.yml``: the functions of a service and its capacity providers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lmi_lint.deploy.cloudformation.functions import Functions
from lmi_lint.deploy.cloudformation.provider import providers
from lmi_lint.deploy.cloudformation.stack import Stack
from lmi_lint.deploy.files import DataFiles
from lmi_lint.deploy.nodes import Mapping, Node, Pair, Scalar, Sequence, is_null
from lmi_lint.deploy.serverless.functions import ServiceFunctions
from lmi_lint.deploy.serverless.javascript import Script
from lmi_lint.deploy.serverless.provider import ServiceProviders
from lmi_lint.deploy.serverless.variables import Variables
from lmi_lint.deploy.template import EMPTY, Found, Template
from lmi_lint.discover.project import Project
from lmi_lint.index import Index
from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.source import Span

_SECTIONS = ("Resources", "Conditions", "Mappings", "Parameters", "Outputs")


def read_script(project: Project, index: Index, path: str, files: DataFiles) -> Found:
    """The functions of a service that is written as a module; a problem if its configuration is computed."""
    script = Script(project, index, path)
    document = script.template.documents[0] if script.template.documents else None
    if isinstance(document, Mapping) and isinstance(document.get("provider"), Mapping):
        if document.get("functions") is None:
            return Found()
        reader = _Reader(script.template, document, files)
        for template, nodes in script.parts():
            reader.variables.adopt(template, nodes)
        return reader.read()
    if not re.search(rb"\bprovider\b", project.peek(path)):
        return Found()
    message = "not read: its configuration is computed, not written as literals"
    return Found(problems=(Problem("template-error", message, Location(path, Span(0, 0))),))


def read_serverless(template: Template, files: DataFiles) -> Found:
    """The functions of a service, in file order; nothing for other providers than AWS."""
    document = template.documents[0] if template.documents else None
    if not isinstance(document, Mapping) or document.get("functions") is None or document.get("provider") is None:
        return Found()
    return _Reader(template, document, files).read()


class _Reader:
    """Reads one service."""

    def __init__(self, template: Template, document: Mapping, files: DataFiles) -> None:
        self.template = template
        self.document = document
        self.problems: list[Problem] = []
        self.variables = Variables(template, document, files.load)

    def read(self) -> Found:
        """Everything, if the service is deployed to AWS as far as one can tell."""
        provider = self.variables.reduce(self.document.get("provider"))
        settings = provider if isinstance(provider, Mapping) else EMPTY
        name = self._text(provider if isinstance(provider, Scalar) else settings.get("name"))
        if name not in (None, "aws"):
            return Found()
        region = self._text(settings.get("region"))
        stack = Stack(
            self.template, self._resources(), {}, region, outer=self.variables.reduce, locate=self.variables.location
        )
        functions = ServiceFunctions(self.template, self.document, settings, self.variables, stack)
        candidates = [functions.candidate(key, own) for key, own in self._listed(self.document.get("functions"))]
        pools = ServiceProviders(self.template, settings, self.variables, stack)
        return Found(
            (*candidates, *Functions(stack).candidates()),
            (*pools.declared(candidate.function for candidate in candidates), *providers(stack)),
            (*self.problems, *stack.problems),
        )

    def _resources(self) -> Mapping:
        """The service's own CloudFormation: ``resources``, a mapping or a list of them, as one document."""
        found = self.variables.reduce(self.document.get("resources"))
        parts = [self.variables.reduce(part) for part in (found.items if isinstance(found, Sequence) else (found,))]
        sections: dict[str, Pair] = {}
        for name in _SECTIONS:
            pairs: dict[str, Pair] = {}
            for part in parts:
                section = self.variables.reduce(part.get(name)) if isinstance(part, Mapping) else None
                for each in section.items if isinstance(section, Sequence) else (section,):
                    inner = self.variables.reduce(each)
                    if isinstance(inner, Mapping):
                        pairs.update(self._known(inner))
            sections[name] = Pair(Scalar(name, EMPTY.span), Mapping(pairs, EMPTY.span))
        return Mapping(sections, EMPTY.span)

    def _known(self, section: Mapping) -> Iterator[tuple[str, Pair]]:
        """The entries of a section, those that are variables replaced by what they stand for."""
        for key, pair in section.pairs.items():
            value = self.variables.reduce(pair.value)
            yield key, pair if value is None or value is pair.value else Pair(pair.key, value)

    def _listed(self, node: Node | None) -> Iterator[tuple[Scalar, Mapping]]:
        """Keys and settings of functions: a mapping, a list of mappings, or files that hold them."""
        found = self.variables.reduce(node)
        parts = found.items if isinstance(found, Sequence) else (found,)
        for part in parts:
            functions = self.variables.reduce(part)
            if isinstance(functions, Mapping):
                for pair in functions.pairs.values():
                    settings = self.variables.reduce(pair.value)
                    if isinstance(settings, Mapping):
                        yield pair.key, settings
                    elif settings is None:
                        self._missing(pair.value, f"the settings of function {pair.key.value} cannot be known")
            elif functions is None and node is not None:
                self._missing(node, "the service's functions cannot be known")

    def _missing(self, node: Node, message: str) -> None:
        self.problems.append(Problem("template-error", message, self.variables.location(node)))

    def _text(self, node: Node | None) -> str | None:
        found = self.variables.reduce(node)
        return found.value if isinstance(found, Scalar) and not is_null(found) else None
