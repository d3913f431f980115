"""AWS::Lambda::Function and AWS::Serverless::Function."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct, structs

from lmi_lint.deploy.cloudformation.code import REMOTE, Code, joined
from lmi_lint.deploy.cloudformation.events import Invokers
from lmi_lint.deploy.cloudformation.provider import provider_names
from lmi_lint.deploy.cloudformation.shapes import CFN_ATTACHED, SAM_ATTACHED, SCALING
from lmi_lint.deploy.cloudformation.stack import FUNCTIONS, SAM_FUNCTION, Resource, Stack
from lmi_lint.deploy.intrinsics import intrinsic
from lmi_lint.deploy.model import DeployedFunction, Oddity, Provenance
from lmi_lint.deploy.nodes import Mapping, Node, Scalar, Sequence, is_true
from lmi_lint.deploy.shapes import oddities
from lmi_lint.deploy.template import (
    Candidate,
    FunctionSettings,
    names_rds_proxy,
    real,
    runtime_language,
    scalar,
    whole,
)

_PROXY_TYPES = ("AWS::RDS::DBProxy", "AWS::RDS::DBProxyEndpoint")
_CDK_HANDLER = re.compile(r"framework\.(?:onEvent|isComplete|onTimeout)|__entrypoint__\.handler")
_CDK_SINGLETON = re.compile(r"[0-9A-Fa-f]{32}(?:[0-9A-F]{8})?$")
"""Functions that CDK adds for its own ends: a unique id is part of their logical id."""
_LAYERS = ("AWS::Serverless::LayerVersion", "AWS::Lambda::LayerVersion")
_EDGE = b"edgelambda.amazonaws.com"


class _Attached(Struct, frozen=True):
    """How a function is attached to a capacity provider."""

    managed: bool = False
    provider: str | None = None
    concurrency: int | None = None
    ratio: float | None = None


class Functions:
    """Reads the functions of one stack."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.invokers = Invokers(stack)
        self.streaming = _streaming_urls(stack)
        self.proxies = frozenset(each.id for each in stack.of_kind(*_PROXY_TYPES))
        self.versions, self.aliases = _by_function(stack, "Version"), _by_function(stack, "Alias")
        self.edge = _edge_functions(stack)
        self.providers = provider_names(stack)

    def candidates(self) -> list[Candidate]:
        """All functions, in file order."""
        found = [each for each in self.stack.resources.values() if each.kind in FUNCTIONS]
        return [self._function(each) for each in found]

    def _function(self, resource: Resource) -> Candidate:
        stack, props = self.stack, resource.props
        settings = stack.settings()
        runtime = settings.take("runtime", props.get("Runtime"), scalar)
        handler = settings.take("handler", props.get("Handler"), scalar)
        code = Code(stack, settings, resource)
        if code.image:
            handler = code.command if code.command is not None else handler
        language = runtime_language(runtime)
        inline = code.inline(language, handler)
        attached = self._attached(settings, props)
        variables = settings.mapping(props.get("Environment")).get("Variables")
        url = settings.mapping(props.get("FunctionUrlConfig"))
        lowest, highest = self._scaling(settings, resource)
        place = stack.location(resource.key)

        def within(setting: str, group: str, key: str) -> Node | None:
            return _inner(settings, setting, props.get(group), key)

        function = DeployedFunction(
            name=resource.id,
            provenance=Provenance.DEPLOYED,
            language=language or (inline.language if inline else None),
            runtime=runtime,
            handler=handler,
            inline=inline,
            local=code.local,
            template=place.path,
            location=place,
            code_root=code.root,
            memory_mb=settings.take("memory_mb", props.get("MemorySize"), whole),
            timeout_s=settings.take("timeout_s", props.get("Timeout"), whole),
            ephemeral_mb=settings.take("ephemeral_mb", within("ephemeral_mb", "EphemeralStorage", "Size"), whole),
            architecture=_architecture(settings, props),
            managed=attached.managed,
            provider=attached.provider,
            max_concurrency=attached.concurrency,
            memory_per_vcpu=attached.ratio,
            environment=settings.environment(variables),
            streaming=resource.id in self.streaming or settings.text(url.get("InvokeMode")) == "RESPONSE_STREAM",
            proxied=names_rds_proxy(settings.reducer.reduce(variables), self.proxies),
            dialect=stack.dialect(resource),
            image=code.image,
            edge=resource.id in self.edge or self._is_edge(resource),
            region=stack.region,
            min_environments=lowest,
            max_environments=highest,
            vpc=bool(settings.take("vpc", props.get("VpcConfig"), _network)),
            snapstart=settings.take("snapstart", within("snapstart", "SnapStart", "ApplyOn"), scalar)
            == "PublishedVersions",
            provisioned=self._provisioned(settings, resource),
            reserved=settings.take("reserved", props.get("ReservedConcurrentExecutions"), whole),
            log_format=settings.take("log_format", within("log_format", "LoggingConfig", "LogFormat"), scalar),
            published=self._published(settings, resource, attached.managed),
            auto_alias=self._auto_alias(settings, resource),
            role=self._role(settings, props.get("Role")),
            layers=self._layers(settings, props.get("Layers")),
            layer_roots=tuple(self._layer_roots(settings, props.get("Layers"))),
            events=self.invokers.of(resource),
            oddities=tuple(self._oddities(resource)),
            locations=tuple(settings.locations),
            unknown=tuple(dict.fromkeys(settings.unknown)),
        )
        if self.stack.is_cdk and (_CDK_HANDLER.fullmatch(handler or "") or _CDK_SINGLETON.search(resource.id)):
            function = structs.replace(
                function,
                unresolved="a function that CDK adds for its own ends",
                local=False,
                language=None,
                inline=None,
            )
            return Candidate(function, code.home, settled=True)
        return Candidate(function, code.home, code.archive, code.entry_points, code.image, code.build, code.method)

    def _attached(self, settings: FunctionSettings, props: Mapping) -> _Attached:
        """Whether and how a function is attached to a capacity provider."""
        node = props.get("CapacityProviderConfig")
        found = settings.take("managed", node, lambda literal: literal if isinstance(literal, Mapping) else None)
        if found is None:
            return _Attached()
        inner = settings.mapping(found.get("LambdaManagedInstancesCapacityProviderConfig"))
        config = inner if inner.pairs else found
        arn = config.get("CapacityProviderArn") or config.get("Arn")
        provider = self.stack.resolver.reference(arn)
        if arn is not None:
            settings.locations.append(("provider", self.stack.location(arn)))
            if provider is None:
                settings.unknown.append("provider")
        return _Attached(
            True,
            self.providers.get(provider or "", provider),
            settings.take("max_concurrency", config.get("PerExecutionEnvironmentMaxConcurrency"), whole),
            settings.take("memory_per_vcpu", config.get("ExecutionEnvironmentMemoryGiBPerVCpu"), real),
        )

    def _scaling(self, settings: FunctionSettings, resource: Resource) -> tuple[int | None, int | None]:
        """Least and most environments: of the function, else of a version of it."""
        nodes = [each.props.get("FunctionScalingConfig") for each in (resource, *self.versions.get(resource.id, ()))]
        node = next((each for each in nodes if each is not None), None)
        lowest = _inner(settings, "min_environments", node, "MinExecutionEnvironments")
        highest = _inner(settings, "max_environments", node, "MaxExecutionEnvironments")
        return settings.take("min_environments", lowest, whole), settings.take("max_environments", highest, whole)

    def _provisioned(self, settings: FunctionSettings, resource: Resource) -> int | None:
        """Provisioned concurrency: of the function (SAM), a version or an alias of it."""
        owners = (resource, *self.versions.get(resource.id, ()), *self.aliases.get(resource.id, ()))
        nodes = [each.props.get("ProvisionedConcurrencyConfig") for each in owners]
        node = next((each for each in nodes if each is not None), None)
        return settings.take(
            "provisioned", _inner(settings, "provisioned", node, "ProvisionedConcurrentExecutions"), whole
        )

    def _published(self, settings: FunctionSettings, resource: Resource, managed: bool) -> str | None:
        """What is published. CloudFormation publishes functions on managed instances to $LATEST.PUBLISHED by itself."""
        node = resource.props.get("PublishToLatestPublished")
        latest = settings.take("published", node, lambda each: "true" if is_true(each) else "false")
        if latest == "true" or (managed and latest is None and "published" not in settings.unknown):
            return "latest"
        versions = self.versions.get(resource.id)
        if versions:
            settings.locations.append(("published", self.stack.location(versions[0].key)))
        return "version" if versions or resource.props.get("AutoPublishAlias") is not None else None

    def _auto_alias(self, settings: FunctionSettings, resource: Resource) -> bool:
        """Whether a version is published and an alias moved to it: by SAM, or by resources."""
        if settings.take("auto_alias", resource.props.get("AutoPublishAlias"), scalar):
            return True
        named = {each.id for each in self.versions.get(resource.id, ())}
        for alias in self.aliases.get(resource.id, ()):
            if self.stack.resolver.reference(alias.props.get("FunctionVersion")) in named:
                settings.locations.append(("auto_alias", self.stack.location(alias.key)))
                return True
        return False

    def _role(self, settings: FunctionSettings, node: Node | None) -> str | None:
        """The logical id of a role that is declared, else its ARN as far as it is known."""
        if node is None:
            return None
        settings.locations.append(("role", self.stack.location(node)))
        name = self.stack.resolver.reference(node)
        found = name if self.stack.kind_of(name) else settings.text(node) or name
        if found is None:
            settings.unknown.append("role")
        return found

    def _layers(self, settings: FunctionSettings, node: Node | None) -> tuple[str, ...]:
        listed = settings.take("layers", node, lambda each: each if isinstance(each, Sequence) else None)
        found: list[str] = []
        for item in listed.items if listed is not None else ():
            text = settings.text(item) or _written(item) or self.stack.resolver.reference(item)
            if text:
                found.append(text)
        return tuple(found)

    def _layer_roots(self, settings: FunctionSettings, node: Node | None) -> Iterator[str]:
        """The folders of the layers that the template declares."""
        for item in self.stack.items(node):
            layer = self.stack.resources.get(self.stack.resolver.reference(item) or "")
            if layer is not None and layer.kind in _LAYERS and not self.stack.is_cdk:
                written = settings.text(layer.props.get("ContentUri") or layer.props.get("Content"))
                if written and not REMOTE.match(written):
                    yield joined(self.stack.origins.of(layer.node).folder, written)

    def _oddities(self, resource: Resource) -> Iterable[Oddity]:
        """What is amiss, as written: in the function or in Globals."""
        locate = self.stack.location
        config = resource.props.get("CapacityProviderConfig")
        shape = SAM_ATTACHED if resource.kind == SAM_FUNCTION else CFN_ATTACHED
        if config is not None:
            yield from oddities(config, locate(config), shape, locate)
        for pair in resource.props.pairs.values():
            if pair.key.value == "CapacityProvider":
                yield Oddity("unknown-property", pair.key.value, locate(pair.key), "CapacityProviderConfig")
        scaling = resource.props.get("FunctionScalingConfig")
        if scaling is not None:
            yield from oddities(scaling, locate(scaling), SCALING, locate)

    def _is_edge(self, resource: Resource) -> bool:
        """Whether the function's role is one that CloudFront assumes."""
        if _EDGE not in self.stack.template.data:
            return False
        policy = resource.props.get("AssumeRolePolicyDocument")
        role = self.stack.resources.get(self.stack.resolver.reference(resource.props.get("Role")) or "")
        if role is not None and role.kind == "AWS::IAM::Role":
            policy = role.props.get("AssumeRolePolicyDocument")
        if policy is None:
            return False
        span = policy.span
        return _EDGE in self.stack.template.data[span.start : span.end]


def _inner(settings: FunctionSettings, setting: str, group: Node | None, key: str) -> Node | None:
    """A key of a group; if the group is not known, nor is the setting."""
    if group is None:
        return None
    literal = settings.reducer.reduce(group)
    if literal is None:
        settings.locations.append((setting, settings.locate(group)))
        settings.unknown.append(setting)
    return literal.get(key) if isinstance(literal, Mapping) else None


def _network(literal: Node) -> bool | None:
    """Whether settings name a network: empty lists take a function out of one."""
    if not isinstance(literal, Mapping):
        return None
    subnets = literal.get("SubnetIds")
    return subnets is not None and not (isinstance(subnets, Sequence) and not subnets.items)


def _architecture(settings: FunctionSettings, props: Mapping) -> str | None:
    def first(literal: Node) -> str | None:
        if isinstance(literal, Sequence):
            return settings.text(literal.items[0]) if len(literal.items) == 1 else None
        return scalar(literal)

    return settings.take("architecture", props.get("Architectures"), first)


def _written(node: Node) -> str | None:
    """The text of a ``Sub``, as written: of a layer's ARN only the region and the partition are open."""
    call = intrinsic(node)
    return call[1].value if call is not None and call[0] == "Fn::Sub" and isinstance(call[1], Scalar) else None


def _by_function(stack: Stack, kind: str) -> dict[str, list[Resource]]:
    """Versions or aliases by the function they belong to."""
    found: dict[str, list[Resource]] = {}
    for resource in stack.of_kind(f"AWS::Lambda::{kind}"):
        function = stack.resolver.reference(resource.props.get("FunctionName"))
        if function is not None:
            found.setdefault(function, []).append(resource)
    return found


def _streaming_urls(stack: Stack) -> frozenset[str]:
    """Logical ids of functions that an AWS::Lambda::Url streams."""
    return frozenset(
        target for resource in stack.of_kind("AWS::Lambda::Url")
        if stack.resolver.text(resource.props.get("InvokeMode")) == "RESPONSE_STREAM"
        and (target := stack.resolver.reference(resource.props.get("TargetFunctionArn")))
    )  # fmt: skip


def _edge_functions(stack: Stack) -> frozenset[str]:
    """Logical ids of functions, or of their versions, that a CloudFront distribution calls."""
    found: set[str] = set()
    for resource in stack.of_kind("AWS::CloudFront::Distribution"):
        config = resource.props.get("DistributionConfig")
        behaviours = (stack.get(config, "DefaultCacheBehavior"), *stack.items(stack.get(config, "CacheBehaviors")))
        for behaviour in behaviours:
            for each in stack.items(stack.get(behaviour, "LambdaFunctionAssociations")):
                name = stack.resolver.reference(stack.get(each, "LambdaFunctionARN"))
                version = stack.resources.get(name or "")
                if version is not None and version.kind == "AWS::Lambda::Version":
                    name = stack.resolver.reference(version.props.get("FunctionName"))
                if name:
                    found.add(name)
    return frozenset(found)
