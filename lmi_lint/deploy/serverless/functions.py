"""``functions:`` of a service."""

from __future__ import annotations

import posixpath
import re

from msgspec import Struct

from lmi_lint.deploy.cloudformation.code import joined
from lmi_lint.deploy.cloudformation.events import POLLED, Invokers
from lmi_lint.deploy.cloudformation.stack import Stack
from lmi_lint.deploy.intrinsics import intrinsic
from lmi_lint.deploy.model import DeployedFunction, Dialect, EventSource, Provenance
from lmi_lint.deploy.nodes import Mapping, Node, Scalar, Sequence, is_true
from lmi_lint.deploy.serverless.variables import Variables
from lmi_lint.deploy.shapes import Shape, oddities
from lmi_lint.deploy.template import (
    EMPTY,
    Candidate,
    FunctionSettings,
    ImageBuild,
    Template,
    names_rds_proxy,
    real,
    runtime_language,
    scalar,
    whole,
)

_WSGI_HANDLERS = frozenset(("wsgi_handler.handler", "wsgi.handler"))
"""What the plugin serverless-wsgi provides; the application that it calls is named in ``custom.wsgi.app``
(https://github.com/logandk/serverless-wsgi)."""

_EVENTS = {
    "http": "http", "httpApi": "http", "alb": "http", "websocket": "http", "sns": "sns", "sqs": "sqs", "s3": "s3",
    "schedule": "schedule", "eventBridge": "eventbridge", "cloudwatchEvent": "eventbridge", "kafka": "kafka",
    "msk": "msk", "activemq": "mq", "rabbitmq": "mq",
}  # fmt: skip
"""Key of an event (Serverless Framework guide, events) → kind; ``stream`` is looked at."""

_PROXY_TYPES = ("AWS::RDS::DBProxy", "AWS::RDS::DBProxyEndpoint")
_SCALING = Shape(plain=("min", "max"), renamed=(("minimum", "min"), ("maximum", "max")))
ATTACHED = Shape(
    plain=("name", "maxConcurrency", "memoryPerVCpu"),
    inner=(("scaling", _SCALING),),
    required=("name",),
    renamed=(
        ("perExecutionEnvironmentMaxConcurrency", "maxConcurrency"),
        ("executionEnvironmentMemoryGiBPerVCpu", "memoryPerVCpu"),
        ("arn", "name"),
    ),
)
"""``capacityProvider`` of a function (Serverless Framework guide, managed instances)."""


class _Attached(Struct, frozen=True):
    """How a function is attached to a capacity provider."""

    managed: bool = False
    provider: str | None = None
    settings: Mapping = EMPTY


class ServiceFunctions:
    """Reads the functions of one service."""

    def __init__(
        self, template: Template, document: Mapping, provider: Mapping, variables: Variables, stack: Stack
    ) -> None:
        self.template = template
        self.document = document
        self.provider = provider
        self.variables = variables
        self.stack = stack
        self.invokers = Invokers(stack)
        self.proxies = frozenset(each.id for each in stack.of_kind(*_PROXY_TYPES))

    def candidate(self, key: Scalar, own: Mapping) -> Candidate:
        """One function, of the name ``key``."""
        settings = FunctionSettings(self.template, self.stack.resolver, self.variables.location)
        runtime = settings.take("runtime", self._either(own, "runtime"), scalar)
        image = own.get("image")
        handler = settings.take("handler", own.get("handler"), scalar)
        if image is not None:
            handler = self._image_command(settings, image) or handler
        if handler in _WSGI_HANDLERS:
            wsgi = settings.mapping(settings.mapping(self.document.get("custom")).get("wsgi"))
            handler = settings.text(wsgi.get("app")) or handler
        attached = self._attached(settings, own)
        scaling = settings.mapping(attached.settings.get("scaling"))
        artifact, root = self._code(settings, own)
        variables = (self.provider.get("environment"), own.get("environment"))
        events, edge = self._events(key.value, own)
        function = DeployedFunction(
            name=key.value,
            provenance=Provenance.DEPLOYED,
            language=runtime_language(runtime),
            runtime=runtime,
            handler=handler,
            local=image is None and "://" not in (artifact or ""),
            template=self.template.path,
            location=self.variables.location(key),
            code_root=None if image is not None else root,
            memory_mb=settings.take("memory_mb", self._either(own, "memorySize"), whole),
            timeout_s=settings.take("timeout_s", self._either(own, "timeout"), whole),
            ephemeral_mb=settings.take("ephemeral_mb", self._either(own, "ephemeralStorageSize"), whole),
            architecture=settings.take("architecture", self._either(own, "architecture"), scalar),
            managed=attached.managed,
            provider=attached.provider,
            max_concurrency=settings.take("max_concurrency", attached.settings.get("maxConcurrency"), whole),
            memory_per_vcpu=settings.take("memory_per_vcpu", attached.settings.get("memoryPerVCpu"), real),
            environment=settings.environment(*variables),
            streaming=self._streams(settings, own),
            proxied=any(names_rds_proxy(self.variables.reduce(each), self.proxies) for each in variables),
            dialect=Dialect.SERVERLESS,
            image=image is not None,
            edge=edge,
            region=self.stack.region,
            min_environments=settings.take("min_environments", scaling.get("min"), whole),
            max_environments=settings.take("max_environments", scaling.get("max"), whole),
            vpc=self._network(settings, own, attached.managed),
            snapstart=settings.take("snapstart", self._either(own, "snapStart"), _truth) is True,
            provisioned=settings.take("provisioned", self._either(own, "provisionedConcurrency"), whole),
            reserved=settings.take("reserved", own.get("reservedConcurrency"), whole),
            log_format=self._log_format(settings, own),
            published=self._published(settings, own, attached.managed),
            role=self._role(settings, own),
            layers=self._layers(settings, own),
            layer_roots=self._layer_roots(settings, own),
            events=events,
            oddities=tuple(oddities(
                self._either(own, "capacityProvider"), self.variables.location(key), ATTACHED, self.variables.location
            )),
            locations=tuple(settings.locations),
            unknown=tuple(dict.fromkeys(settings.unknown)),
        )  # fmt: skip
        archive = posixpath.splitext(posixpath.basename(artifact))[0] if artifact else ""
        build = self._image_build(settings, image) if image is not None else None
        return Candidate(
            function, self.template.folder, archive, image=image is not None, build=build, method=self._method(settings)
        )

    def _either(self, own: Mapping, key: str) -> Node | None:
        """A function's setting, else the provider's."""
        node = own.get(key)
        return node if node is not None else self.provider.get(key)

    def _code(self, settings: FunctionSettings, own: Mapping) -> tuple[str | None, str]:
        """The archive that is deployed, if one is named, and the folder or archive of the code."""
        package = settings.mapping(own.get("package"))
        artifact = settings.text(package.get("artifact")) or settings.text(
            settings.mapping(self.document.get("package")).get("artifact")
        )
        folder = self.template.folder
        # The plugin serverless-python-requirements packages a function's module by itself.
        module = settings.text(own.get("module"))
        return artifact, joined(folder, artifact or module or ".")

    def _method(self, settings: FunctionSettings) -> str:
        """What builds the code, in SAM's words, where a plugin says so."""
        plugins = self.variables.reduce(self.document.get("plugins"))
        named = plugins if isinstance(plugins, Sequence) else settings.mapping(plugins).get("modules")
        names = {settings.text(item) for item in named.items} if isinstance(named, Sequence) else set()
        return "rust-cargolambda" if names & {"serverless-rust", "serverless-cargo-lambda"} else ""

    # ---- managed instances ----

    def _attached(self, settings: FunctionSettings, own: Mapping) -> _Attached:
        """``capacityProvider`` is a name, an ARN, a reference to a resource, or a mapping with one of these."""
        node = self._either(own, "capacityProvider")
        if node is None:
            return _Attached()
        if intrinsic(node) is not None and self.stack.resolver.reference(node):
            settings.locations += [("managed", settings.locate(node)), ("provider", settings.locate(node))]
            return _Attached(True, self.stack.resolver.reference(node))
        found = settings.take("managed", node, lambda literal: literal if not isinstance(literal, Sequence) else None)
        if found is None:
            return _Attached()
        if isinstance(found, Scalar):
            settings.locations.append(("provider", settings.locate(node)))
            return _Attached(True, self.stack.resolver.reference(found))
        mapping = settings.mapping(node)
        named = mapping.get("name")
        provider = self.stack.resolver.reference(named)
        if named is not None:
            settings.locations.append(("provider", settings.locate(named)))
            if provider is None:
                settings.unknown.append("provider")
        return _Attached(True, provider, mapping)

    def _network(self, settings: FunctionSettings, own: Mapping, managed: bool) -> bool:
        """Whether the function has a network of its own: on managed instances that of
        ``provider`` is its capacity's."""
        node = own.get("vpc")
        if node is None and not managed:
            node = self.provider.get("vpc")

        def convert(literal: Node) -> bool | None:
            return isinstance(literal, Mapping) and literal.get("subnetIds") is not None

        return bool(settings.take("vpc", node, convert))

    def _published(self, settings: FunctionSettings, own: Mapping, managed: bool) -> str | None:
        """The framework publishes a version at each deployment unless it is told not to."""
        node = own.get("versionFunction")
        node = node if node is not None else self.provider.get("versionFunctions")
        versions = settings.take("published", node, _truth)
        if managed:
            return "latest"
        return None if versions is False or "published" in settings.unknown else "version"

    # ---- everything else ----

    def _image_command(self, settings: FunctionSettings, image: Node) -> str | None:
        command = settings.mapping(image).get("command")
        found = self.variables.reduce(command)
        return settings.text(found.items[0]) if isinstance(found, Sequence) and found.items else None

    def _image_build(self, settings: FunctionSettings, image: Node) -> ImageBuild | None:
        """Where an image of ``provider.ecr.images`` is built from; None for one that is only named by its URI."""
        found = self.variables.reduce(image)
        name = settings.text(found.get("name") if isinstance(found, Mapping) else found)
        images = settings.mapping(settings.mapping(self.provider.get("ecr")).get("images"))
        built = settings.mapping(images.get(name or ""))
        path = settings.text(built.get("path"))
        if path is None:
            return None
        target = settings.text(built.get("buildTarget")) or ""
        return ImageBuild(joined(self.template.folder, path), settings.text(built.get("file")) or "Dockerfile", target)

    def _streams(self, settings: FunctionSettings, own: Mapping) -> bool:
        url = settings.mapping(own.get("url"))
        mode = settings.text(url.get("invokeMode")) or ""
        return mode.upper() in ("RESPONSE_STREAM", "STREAM")

    def _log_format(self, settings: FunctionSettings, own: Mapping) -> str | None:
        logs = settings.mapping(own.get("logs")).get("logFormat")
        general = settings.mapping(settings.mapping(self.provider.get("logs")).get("lambda")).get("logFormat")
        found = settings.take("log_format", logs if logs is not None else general, scalar)
        return {"json": "JSON", "text": "Text"}.get(found.lower(), found) if found else None

    def _role(self, settings: FunctionSettings, own: Mapping) -> str | None:
        """A role as written: a name, an ARN, or the logical id of a resource; None for the service's own."""
        role = own.get("role")
        shared = settings.mapping(self.provider.get("iam")).get("role")
        if role is None and not isinstance(self.variables.reduce(shared), Mapping):
            role = shared
        role = role if role is not None else self.provider.get("role")
        if role is None:
            return None
        settings.locations.append(("role", settings.locate(role)))
        found = settings.text(role) or self.stack.resolver.reference(role)
        if found is None:
            settings.unknown.append("role")
        return found

    def _layers(self, settings: FunctionSettings, own: Mapping) -> tuple[str, ...]:
        node = self._either(own, "layers")
        listed = settings.take("layers", node, lambda each: each if isinstance(each, Sequence) else None)
        items = listed.items if listed is not None else ()
        found = [settings.text(item) or self.stack.resolver.reference(item) for item in items]
        return tuple(text for text in found if text)

    def _layer_roots(self, settings: FunctionSettings, own: Mapping) -> tuple[str, ...]:
        """The folders of the layers that the service declares; it calls their resources after them."""
        declared = settings.mapping(self.document.get("layers"))
        named = {
            _layer_id(name): settings.text(settings.mapping(layer).get("path")) for name, layer in declared.items()
        }
        names = (self.stack.resolver.reference(item) for item in self.stack.items(self._either(own, "layers")))
        paths = (named.get(name or "") for name in names)
        return tuple(joined(self.template.folder, path) for path in paths if path)

    def _events(self, name: str, own: Mapping) -> tuple[tuple[EventSource, ...], bool]:
        """What invokes a function, and whether CloudFront does."""
        found: list[EventSource] = []
        edge = own.get("lambdaAtEdge") is not None
        for item in self.stack.items(own.get("events")):
            literal = self.variables.reduce(item)
            if isinstance(literal, Scalar):
                found.append(_event(literal.value, None, self.variables, literal))
            for pair in literal.pairs.values() if isinstance(literal, Mapping) else ():
                edge = edge or pair.key.value == "cloudFront"
                found.append(_event(pair.key.value, self.variables.reduce(pair.value), self.variables, pair.key))
        url = own.get("url")
        if url is not None and (isinstance(self.variables.reduce(url), Mapping) or is_true(url)):
            found.append(EventSource("http", False, self.variables.location(url)))
        return (*found, *self.invokers.named(logical_id(name))), edge


def logical_id(name: str) -> str:
    """The logical id that the framework gives a function (Serverless Framework guide, resources)."""
    text = name.replace("-", "Dash").replace("_", "Underscore")
    return f"{text[:1].upper()}{text[1:]}LambdaFunction"


def _event(key: str, value: Node | None, variables: Variables, node: Node) -> EventSource:
    kind = _EVENTS.get(key, "other")
    if key == "stream":
        stream = value if isinstance(value, Mapping) else EMPTY
        arn = variables.reduce(stream.get("arn")) if stream.pairs else value
        written = variables.reduce(stream.get("type"))
        text = f"{written.value if isinstance(written, Scalar) else ''} {arn.value if isinstance(arn, Scalar) else ''}"
        kind = next((each for each in ("dynamodb", "kinesis") if re.search(rf"\b{each}\b", text)), "other")
        return EventSource(kind, True, variables.location(node))
    return EventSource(kind, kind in POLLED, variables.location(node))


def _truth(literal: Node) -> bool | None:
    return is_true(literal) if isinstance(literal, Scalar) else None


def _layer_id(name: str) -> str:
    """The logical id that the framework gives to a layer."""
    text = name.replace("-", "Dash").replace("_", "Underscore")
    return f"{text[:1].upper()}{text[1:]}LambdaLayer"
