"""``serverless.yml``: services of the Serverless Framework."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from lmi_lint.deploy.model import DeployedFunction, Provenance
from lmi_lint.deploy.nodes import Mapping, Node, Scalar, Sequence, TemplateError, is_null
from lmi_lint.deploy.template import (
    EMPTY,
    Candidate,
    FunctionSettings,
    Template,
    names_rds_proxy,
    parse_template,
    proxies_of,
    real,
    runtime_language,
    scalar,
    whole,
)
from lmi_lint.deploy.variables import Variables
from lmi_lint.discover.project import Project
from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.source import Span

_NAME = re.compile(r"(?:^|/)serverless[^/]*\.(?:ya?ml|json)$")
_PROVIDER = re.compile(rb"^[\"']?provider[\"']?\s*:|\"provider\"\s*:", re.MULTILINE)
_FUNCTIONS = re.compile(rb"^[\"']?functions[\"']?\s*:|\"functions\"\s*:", re.MULTILINE)

_WSGI_HANDLERS = frozenset(("wsgi_handler.handler", "wsgi.handler"))
"""What the plugin serverless-wsgi provides; the application that it calls is named in ``custom.wsgi.app``
(https://github.com/logandk/serverless-wsgi)."""


def may_be_service(path: str, data: bytes) -> bool:
    """Whether a file is worth parsing as a Serverless Framework service that deploys functions."""
    if b"functions" not in data or b"provider" not in data or not _FUNCTIONS.search(data):
        return False
    return bool(_NAME.search(path)) or (_PROVIDER.search(data) is not None and b"handler" in data)


def read_serverless(template: Template, project: Project) -> tuple[list[Candidate], list[Problem]]:
    """The functions of a service, in file order; nothing for other providers than AWS."""
    document = template.documents[0] if template.documents else None
    if not isinstance(document, Mapping) or document.get("functions") is None or document.get("provider") is None:
        return [], []
    reader = _Reader(template, document, project)
    return (reader.candidates(), reader.problems) if reader.is_aws() else ([], [])


class _Reader:
    """Reads one service."""

    def __init__(self, template: Template, document: Mapping, project: Project) -> None:
        self.template = template
        self.document = document
        self.project = project
        self.problems: list[Problem] = []
        self.variables = Variables(template, document, self._load)
        provider = self.variables.reduce(document.get("provider"))
        self.provider = provider if isinstance(provider, Mapping) else EMPTY
        self.provider_name = self._text(provider if isinstance(provider, Scalar) else self.provider.get("name"))

    def is_aws(self) -> bool:
        """Whether the service is deployed to AWS, as far as one can tell."""
        return self.provider_name in (None, "aws")

    def candidates(self) -> list[Candidate]:
        """All functions."""
        return [self._function(key, node) for key, node in self._listed(self.document.get("functions"))]

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

    def _function(self, key: Scalar, own: Mapping) -> Candidate:
        settings = FunctionSettings(self.template, self.variables, self.variables.location)
        runtime = settings.take("runtime", self._either(own, "runtime"), scalar)
        image = own.get("image")
        handler = settings.take("handler", own.get("handler"), scalar)
        if image is not None:
            handler = self._image_command(settings, image) or handler
        if handler in _WSGI_HANDLERS:
            wsgi = settings.mapping(settings.mapping(self.document.get("custom")).get("wsgi"))
            handler = settings.text(wsgi.get("app")) or handler
        managed, provider, concurrency, ratio = self._managed(settings, own)
        package = settings.mapping(own.get("package"))
        artifact = settings.text(package.get("artifact")) or settings.text(
            settings.mapping(self.document.get("package")).get("artifact")
        )
        folder = self.template.folder
        root = posixpath.normpath(posixpath.join(folder, artifact)) if artifact else folder or "."
        variables = (self.provider.get("environment"), own.get("environment"))
        proxies = proxies_of(settings.mapping(settings.mapping(self.document.get("resources")).get("Resources")))
        function = DeployedFunction(
            name=key.value,
            provenance=Provenance.DEPLOYED,
            language=runtime_language(runtime),
            runtime=runtime,
            handler=handler,
            local=image is None,
            template=self.template.path,
            location=self.variables.location(key),
            code_root=None if image is not None else root,
            memory_mb=settings.take("memory_mb", self._either(own, "memorySize"), whole),
            timeout_s=settings.take("timeout_s", self._either(own, "timeout"), whole),
            ephemeral_mb=settings.take("ephemeral_mb", self._either(own, "ephemeralStorageSize"), whole),
            architecture=settings.take("architecture", self._either(own, "architecture"), scalar),
            managed=managed,
            provider=provider,
            max_concurrency=concurrency,
            memory_per_vcpu=ratio,
            environment=settings.environment(*variables),
            locations=tuple(settings.locations),
            unknown=tuple(dict.fromkeys(settings.unknown)),
            streaming=self._streams(settings, own),
            proxied=any(names_rds_proxy(self.variables.reduce(each), proxies) for each in variables),
        )
        archive = posixpath.splitext(posixpath.basename(artifact))[0] if artifact else ""
        return Candidate(function, folder, archive, image=image is not None)

    def _either(self, own: Mapping, key: str) -> Node | None:
        """A function's setting, else the provider's."""
        node = own.get(key)
        return node if node is not None else self.provider.get(key)

    def _managed(self, settings: FunctionSettings, own: Mapping) -> tuple[bool, str | None, int | None, float | None]:
        """managed, provider's name, concurrency, GiB per vCPU; ``capacityProvider`` is a name or a mapping."""
        node = self._either(own, "capacityProvider")
        found = settings.take("managed", node, lambda literal: literal if not isinstance(literal, Sequence) else None)
        if found is None or node is None:
            return False, None, None, None
        if isinstance(found, Scalar):
            settings.locations.append(("provider", self.variables.location(node)))
            return True, found.value, None, None
        mapping = settings.mapping(node)
        provider = settings.take("provider", mapping.get("name"), scalar)
        concurrency = settings.take("max_concurrency", mapping.get("maxConcurrency"), whole)
        return True, provider, concurrency, settings.take("memory_per_vcpu", mapping.get("memoryPerVCpu"), real)

    def _image_command(self, settings: FunctionSettings, image: Node) -> str | None:
        command = settings.mapping(image).get("command")
        found = self.variables.reduce(command)
        return settings.text(found.items[0]) if isinstance(found, Sequence) and found.items else None

    def _streams(self, settings: FunctionSettings, own: Mapping) -> bool:
        url = settings.mapping(own.get("url"))
        mode = settings.text(url.get("invokeMode")) or ""
        return mode.upper() in ("RESPONSE_STREAM", "STREAM")

    def _text(self, node: Node | None) -> str | None:
        found = self.variables.reduce(node)
        return found.value if isinstance(found, Scalar) and not is_null(found) else None

    def _load(self, path: str) -> Template | None:
        """An included file of the project; None if it is missing, no data file, or malformed (then reported)."""
        path = self.project.canonical(path)
        if path not in self.project.configs or not path.endswith((".yml", ".yaml", ".json")):
            return None
        data = self.project.read_bytes(path)
        if isinstance(data, Problem):
            self.problems.append(data)
            return None
        try:
            return parse_template(path, data)
        except TemplateError as error:
            location = Location(path, Span(error.offset, error.offset))
            self.problems.append(Problem("template-error", error.message, location))
            return None
