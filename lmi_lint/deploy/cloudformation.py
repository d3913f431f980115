"""CloudFormation and SAM templates, synthesised CDK templates among them."""

from __future__ import annotations

import posixpath
import re

from lmi_lint.deploy.intrinsics import Resolver, intrinsic
from lmi_lint.deploy.model import DeployedFunction, InlineCode, Provenance
from lmi_lint.deploy.nodes import Mapping, Node, Pair, Scalar, Sequence
from lmi_lint.deploy.template import (
    EMPTY,
    Candidate,
    FunctionSettings,
    Template,
    inline_code,
    names_rds_proxy,
    proxies_of,
    real,
    reference,
    runtime_language,
    scalar,
    whole,
)
from lmi_lint.model.finding import Problem
from lmi_lint.model.names import Language

_SAM_FUNCTION = "AWS::Serverless::Function"
_CFN_FUNCTION = "AWS::Lambda::Function"
_WORTH = re.compile(rb"AWS::(?:Serverless|Lambda)::Function\b")
_REMOTE = re.compile(r"(?:s3|https?)://", re.IGNORECASE)


def may_be_template(data: bytes) -> bool:
    """Whether a file is worth parsing as a CloudFormation template that deploys functions."""
    return b"Resources" in data and _WORTH.search(data) is not None


def read_cloudformation(template: Template) -> tuple[list[Candidate], list[Problem]]:
    """The functions of a template, in file order."""
    candidates: list[Candidate] = []
    problems: list[Problem] = []
    for document in template.documents:
        if not isinstance(document, Mapping):
            continue
        resources = document.get("Resources")
        if not isinstance(resources, Mapping):
            continue
        reader = _Reader(template, document, resources)
        for pair in resources.pairs.values():
            if pair.key.value.startswith("Fn::ForEach"):
                location = template.location(pair.key)
                problems.append(
                    Problem("template-error", "Fn::ForEach is not expanded: its functions are not seen", location)
                )
            elif isinstance(pair.value, Mapping) and _type(pair.value) in (_SAM_FUNCTION, _CFN_FUNCTION):
                candidates.append(reader.function(pair.key, pair.value))
    return candidates, problems


def _type(resource: Mapping) -> str:
    node = resource.get("Type")
    return node.value if isinstance(node, Scalar) else ""


class _Reader:
    """Reads the functions of one document."""

    def __init__(self, template: Template, document: Mapping, resources: Mapping) -> None:
        self.template = template
        self.resolver = Resolver(document)
        functions = _submapping(document.get("Globals"), "Function")
        self.globals = functions
        self.streaming = _streaming_urls(resources)
        self.proxies = proxies_of(resources)

    def function(self, key: Scalar, resource: Mapping) -> Candidate:
        """One function."""
        sam = _type(resource) == _SAM_FUNCTION
        properties = resource.get("Properties")
        props = properties if isinstance(properties, Mapping) else EMPTY
        if sam:
            props = merged(self.globals, props)
        settings = FunctionSettings(self.template, self.resolver)
        runtime = settings.take("runtime", props.get("Runtime"), scalar)
        handler = settings.take("handler", props.get("Handler"), scalar)
        code = _Code(self.template, settings, resource, props, sam)
        if code.image:
            handler = code.command if code.command is not None else handler
        language = runtime_language(runtime)
        inline = code.inline(language or _guess_inline(handler, code.inline_nodes))
        managed, provider, concurrency, ratio = _managed(settings, props)
        variables = settings.mapping(props.get("Environment")).get("Variables")
        storage, url = settings.mapping(props.get("EphemeralStorage")), settings.mapping(props.get("FunctionUrlConfig"))
        return Candidate(
            DeployedFunction(
                name=key.value,
                provenance=Provenance.DEPLOYED,
                language=language or (inline.language if inline else None),
                runtime=runtime,
                handler=handler,
                inline=inline,
                local=code.local,
                template=self.template.path,
                location=self.template.location(key),
                code_root=code.root,
                memory_mb=settings.take("memory_mb", props.get("MemorySize"), whole),
                timeout_s=settings.take("timeout_s", props.get("Timeout"), whole),
                ephemeral_mb=settings.take("ephemeral_mb", storage.get("Size"), whole),
                architecture=_architecture(settings, props),
                managed=managed,
                provider=provider,
                max_concurrency=concurrency,
                memory_per_vcpu=ratio,
                environment=settings.environment(variables),
                locations=tuple(settings.locations),
                unknown=tuple(dict.fromkeys(settings.unknown)),
                streaming=key.value in self.streaming or settings.text(url.get("InvokeMode")) == "RESPONSE_STREAM",
                proxied=names_rds_proxy(settings.reducer.reduce(variables), self.proxies),
            ),
            self.template.folder,
            code.archive,
            code.entry_points,
            code.image,
        )  # fmt: skip


class _Code:
    """Where a function's code is: ``root`` (file or folder, project-relative), an image, or in the template."""

    def __init__(
        self, template: Template, settings: FunctionSettings, resource: Mapping, props: Mapping, sam: bool
    ) -> None:
        self.template = template
        self.settings = settings
        self.root: str | None = None
        self.local = True
        self.archive = ""
        self.inline_nodes: list[Scalar] = []
        self.command: str | None = None
        metadata = settings.mapping(resource.get("Metadata"))
        self.entry_points = _entry_points(settings, metadata)
        node = props.get("CodeUri") if sam else props.get("Code")
        self.image = settings.text(props.get("PackageType")) == "Image" or props.get("ImageUri") is not None
        literal = settings.reducer.reduce(node)
        if isinstance(literal, Mapping) and literal.get("ImageUri") is not None:
            self.image = True
        inline = props.get("InlineCode") if sam else _get(literal, "ZipFile")
        if self.image:
            self._image(props)
        elif inline is not None:
            self.inline_nodes = _code_scalars(inline)
        else:
            self._place(metadata, node, literal, sam)

    def inline(self, language: Language | None) -> InlineCode | None:
        """The inline code, if there is any in a known language."""
        if not self.inline_nodes or language is None:
            return None
        return inline_code(self.template, self.inline_nodes, language)

    def _image(self, props: Mapping) -> None:
        self.local = False
        commands = self.settings.reducer.reduce(self.settings.mapping(props.get("ImageConfig")).get("Command"))
        if isinstance(commands, Sequence) and commands.items:
            self.command = self.settings.text(commands.items[0])

    def _place(self, metadata: Mapping, node: Node | None, literal: Node | None, sam: bool) -> None:
        """A folder or an archive, here or elsewhere."""
        if node is None:
            self.root = self.template.folder or "." if sam else None
            self.local = sam
            return
        self.settings.locations.append(("code_root", self.template.location(node)))
        if isinstance(literal, Scalar):
            if _REMOTE.match(literal.value):
                self.local = False
                self._archive(literal.value)
            else:
                self.root = _joined(self.template.folder, literal.value)
                self._archive(literal.value)
            return
        self.local = False
        if literal is None:
            self.settings.unknown.append("code_root")
        key = _get(literal, "S3Key") or _get(literal, "Key")
        self._archive(self.settings.text(key) or _rough_text(key))
        asset = self.settings.text(metadata.get("aws:asset:path"))
        if asset:
            self.root = _joined(self.template.folder, asset)

    def _archive(self, path: str) -> None:
        stem, suffix = posixpath.splitext(posixpath.basename(path))
        if suffix in (".zip", ".jar"):
            self.archive = stem


def merged(base: Mapping, own: Mapping) -> Mapping:
    """SAM's Globals merge: maps merge, lists join with the global items first, anything else is overridden."""
    pairs = dict(base.pairs)
    for name, pair in own.pairs.items():
        other = pairs.get(name)
        left, right = other.value if other else None, pair.value
        if isinstance(left, Mapping) and isinstance(right, Mapping) and not (intrinsic(left) or intrinsic(right)):
            pairs[name] = Pair(pair.key, merged(left, right))
        elif isinstance(left, Sequence) and isinstance(right, Sequence) and not (intrinsic(left) or intrinsic(right)):
            joined = right.items if name == "Architectures" else left.items + right.items
            pairs[name] = Pair(pair.key, Sequence(joined, right.span))
        else:
            pairs[name] = pair
    return Mapping(pairs, own.span)


def _managed(settings: FunctionSettings, props: Mapping) -> tuple[bool, str | None, int | None, float | None]:
    """Whether and how a function is attached to a capacity provider: managed, provider, concurrency, GiB per vCPU."""
    node = props.get("CapacityProviderConfig")
    found = settings.take("managed", node, lambda literal: literal if isinstance(literal, Mapping) else None)
    if found is None:
        return False, None, None, None
    inner = settings.mapping(found.get("LambdaManagedInstancesCapacityProviderConfig"))
    config = inner if inner.pairs else found
    arn = config.get("CapacityProviderArn") or config.get("Arn")
    provider = reference(arn)
    if arn is not None:
        settings.locations.append(("provider", settings.template.location(arn)))
        if provider is None:
            settings.unknown.append("provider")
    concurrency = settings.take("max_concurrency", config.get("PerExecutionEnvironmentMaxConcurrency"), whole)
    ratio = settings.take("memory_per_vcpu", config.get("ExecutionEnvironmentMemoryGiBPerVCpu"), real)
    return True, provider, concurrency, ratio


def _architecture(settings: FunctionSettings, props: Mapping) -> str | None:
    def first(literal: Node) -> str | None:
        if isinstance(literal, Sequence):
            return settings.text(literal.items[0]) if len(literal.items) == 1 else None
        return scalar(literal)

    return settings.take("architecture", props.get("Architectures"), first)


def _entry_points(settings: FunctionSettings, metadata: Mapping) -> tuple[str, ...]:
    """``EntryPoints`` of SAM's esbuild."""
    if settings.text(metadata.get("BuildMethod")) != "esbuild":
        return ()
    listed = settings.reducer.reduce(settings.mapping(metadata.get("BuildProperties")).get("EntryPoints"))
    if not isinstance(listed, Sequence):
        return ()
    return tuple(text for text in map(settings.text, listed.items) if text)


def _streaming_urls(resources: Mapping) -> frozenset[str]:
    """Logical ids of functions that an AWS::Lambda::Url streams."""
    found: set[str] = set()
    for pair in resources.pairs.values():
        resource = pair.value
        if isinstance(resource, Mapping) and _type(resource) == "AWS::Lambda::Url":
            mode = _get(resource.get("Properties"), "InvokeMode")
            target = reference(_get(resource.get("Properties"), "TargetFunctionArn"))
            if isinstance(mode, Scalar) and mode.value == "RESPONSE_STREAM" and target:
                found.add(target)
    return frozenset(found)


def _code_scalars(node: Node) -> list[Scalar]:
    """The scalars that inline code is written in: itself, the text of a Sub, the lines of a Join."""
    call = intrinsic(node)
    if call is None:
        return [node] if isinstance(node, Scalar) else []
    name, argument = call
    if name == "Fn::Join" and isinstance(argument, Sequence) and len(argument.items) == 2:
        lines = argument.items[1]
        return [item for item in lines.items if isinstance(item, Scalar)] if isinstance(lines, Sequence) else []
    if name == "Fn::Sub":
        if isinstance(argument, Sequence):
            argument = argument.items[0] if argument.items else EMPTY
        return [argument] if isinstance(argument, Scalar) else []
    return []


def _guess_inline(handler: str | None, nodes: list[Scalar]) -> Language | None:
    """The language of inline code whose runtime is unknown: only JavaScript and Python can be inline."""
    text = "".join(node.value for node in nodes)
    if re.search(r"^\s*(?:def|import|from)\s+\w", text, re.MULTILINE) and re.search(
        r"^\s*def\s+\w+\(", text, re.MULTILINE
    ):
        return Language.PYTHON
    return Language.JAVASCRIPT if handler and ("exports." in text or "export " in text) else None


def _rough_text(node: Node | None) -> str:
    """The written end of a key that cannot be known in full: its file name is often literal."""
    call = intrinsic(node)
    if call is None:
        return node.value if isinstance(node, Scalar) else ""
    argument = call[1]
    if call[0] == "Fn::Sub":
        first = argument.items[0] if isinstance(argument, Sequence) and argument.items else argument
        return first.value if isinstance(first, Scalar) else ""
    if call[0] == "Fn::Join" and isinstance(argument, Sequence) and len(argument.items) == 2:
        parts = argument.items[1]
        last = parts.items[-1] if isinstance(parts, Sequence) and parts.items else None
        return last.value if isinstance(last, Scalar) else ""
    return ""


def _joined(folder: str, path: str) -> str:
    """A path of a template as a project-relative one; ``.`` for the root."""
    return posixpath.normpath(posixpath.join(folder, path.strip().replace("\\", "/").removeprefix("file://") or "."))


def _get(node: Node | None, key: str) -> Node | None:
    return node.get(key) if isinstance(node, Mapping) else None


def _submapping(node: Node | None, key: str) -> Mapping:
    found = _get(node, key)
    return found if isinstance(found, Mapping) else EMPTY
