"""What deployment configuration says about one function, whatever dialect it is written in."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.names import Language


class Provenance(Enum):
    """How we know that something is a handler; feeds confidence."""

    DEPLOYED = "deployed"  # a template names it
    CONVENTION = "convention"  # nothing names it, but it looks like one


class Dialect(Enum):
    """How a configuration file is written, and so where its settings stand and what a snippet looks like."""

    SAM = "sam"
    CLOUDFORMATION = "cloudformation"
    CDK_OUTPUT = "cdk-output"
    CDK = "cdk"
    SERVERLESS = "serverless"
    TERRAFORM = "terraform"


class Entry(Struct, frozen=True):
    """The source file and the symbol that a handler string means.

    ``path``: file relative to the project root, POSIX. ``symbol``: export name (JavaScript, Python), or the class
    as written in the handler string or found by convention (Java, C#). ``method``: method name where the string gives
    one. ``program``: the symbol's method (without a symbol, the statements of the file) is run once at load and says
    itself what serves the invocations. ``found``: the index knows the symbol in the file.
    """

    path: str
    symbol: str
    method: str | None = None
    found: bool = False
    program: bool = False


class InlineCode(Struct, frozen=True):
    """Code written inside a template. ``data`` is as long as the template's bytes, blank outside the code, so that
    offsets and lines are the template's own.
    """

    path: str
    language: Language
    data: bytes


class EventSource(Struct, frozen=True):
    """What invokes a function. ``kind``: a stable word (``sqs``, ``kinesis``, ``dynamodb``, ``msk``, ``kafka``, ``mq``,
    ``documentdb``, ``sns``, ``s3``, ``schedule``, ``eventbridge``, ``http``, ``other``); ``polled``: by an event source
    mapping of Lambda."""

    kind: str
    polled: bool
    location: Location | None = None


class Oddity(Struct, frozen=True):
    """Something in the settings for managed instances that is written, but not as the dialect takes it.

    ``kind``: ``unknown-property`` (``name`` is no property there; ``expected``: the one that is meant, or empty),
    ``wrong-shape`` (``expected`` says which shape), ``missing`` (a property that is required).
    """

    kind: str
    name: str
    location: Location
    expected: str = ""


class CapacityProvider(Struct, frozen=True):
    """A capacity provider that the project's configuration declares.

    Every setting is None where it is absent or cannot be known statically (then its name is in ``unknown``).
    ``name``: logical id, Terraform address or name, as functions refer to it. ``subnets`` and ``security_groups``:
    how many are listed; ``subnets_by_parameter``: the list is one parameter. ``allowed`` and ``excluded``: instance
    types, wildcards as written. ``scaling_mode``: ``Auto`` or ``Manual``; ``policies``: how many scaling policies;
    ``target_utilisation`` in percent. ``max_vcpus``: ceiling. ``open_inbound``: a declared security group of it admits
    traffic. ``log_egress``: whether the declared network lets logs out. ``locations``: setting → where it is written.
    """

    name: str
    dialect: Dialect
    template: str
    location: Location
    architectures: tuple[str, ...] | None = None
    allowed: tuple[str, ...] | None = None
    excluded: tuple[str, ...] | None = None
    subnets: int | None = None
    subnets_by_parameter: bool = False
    security_groups: int | None = None
    scaling_mode: str | None = None
    policies: int | None = None
    target_utilisation: float | None = None
    max_vcpus: int | None = None
    open_inbound: bool | None = None
    log_egress: bool | None = None
    region: str | None = None
    locations: tuple[tuple[str, Location], ...] = ()
    unknown: tuple[str, ...] = ()
    oddities: tuple[Oddity, ...] = ()

    @property
    def key(self) -> str:
        """What tells it from every other provider."""
        return f"{self.template}:{self.location.span.start}:{self.name}"


class DeployedFunction(Struct, frozen=True):
    """One Lambda function.

    Every setting is None where it is absent or cannot be known statically (then its name is in ``unknown``).
    ``memory_mb`` MB, ``timeout_s`` seconds, ``ephemeral_mb`` MB, ``max_concurrency`` invocations per environment,
    ``memory_per_vcpu`` GiB. ``managed``: attached to a capacity provider; ``provider``: its name or logical id.
    ``code_root``: folder or archive of the code, relative to the project root. ``locations``: setting name (that of the
    field) → where it is written. ``proxied``: its environment names an RDS Proxy.
    ``entry`` is None where the handler was not found; ``unresolved`` then says why, and ``local`` whether the code
    should have been here. ``image``: a container. ``edge``: CloudFront runs it, never a managed instance.

    Settings that decide on the move: ``min_environments`` and ``max_environments`` of its scaling; ``vpc``: it has a
    network of its own; ``snapstart``; ``provisioned`` and ``reserved`` concurrency; ``log_format``: ``Text`` or
    ``JSON``; ``published``: a version is published (to ``$LATEST.PUBLISHED``: ``"latest"``, else ``"version"``);
    ``auto_alias``: the dialect publishes a version and moves an alias; ``role``: its execution role as written;
    ``layers``: ARNs or names as written; ``layer_roots``: the folders of those that the project makes; ``events``: what
    invokes it; ``oddities``: settings written amiss.
    ``custom_runtime``: the language of the executable that a ``provided`` runtime starts, where known: ``rust``.
    """

    name: str
    provenance: Provenance
    language: Language | None = None
    runtime: str | None = None
    handler: str | None = None
    entry: Entry | None = None
    inline: InlineCode | None = None
    unresolved: str = ""
    local: bool = True
    template: str | None = None
    location: Location | None = None
    code_root: str | None = None
    memory_mb: int | None = None
    timeout_s: int | None = None
    ephemeral_mb: int | None = None
    architecture: str | None = None
    managed: bool = False
    provider: str | None = None
    max_concurrency: int | None = None
    memory_per_vcpu: float | None = None
    environment: tuple[tuple[str, str | None], ...] = ()
    locations: tuple[tuple[str, Location], ...] = ()
    unknown: tuple[str, ...] = ()
    streaming: bool = False
    proxied: bool = False
    dialect: Dialect | None = None
    image: bool = False
    edge: bool = False
    region: str | None = None
    min_environments: int | None = None
    max_environments: int | None = None
    vpc: bool = False
    snapstart: bool = False
    provisioned: int | None = None
    reserved: int | None = None
    log_format: str | None = None
    published: str | None = None
    auto_alias: bool = False
    role: str | None = None
    layers: tuple[str, ...] = ()
    layer_roots: tuple[str, ...] = ()
    events: tuple[EventSource, ...] = ()
    oddities: tuple[Oddity, ...] = ()
    custom_runtime: str | None = None

    @property
    def file(self) -> str | None:
        """The file of the project that its handler is in, if it is judged from there."""
        judged = self.inline is None and not self.edge and self.custom_runtime is None
        return self.entry.path if self.entry is not None and judged else None

    @property
    def key(self) -> str:
        """What tells it from every other function: names repeat from template to template."""
        where = self.template or (self.entry.path if self.entry is not None else "")
        line = self.location.span.start if self.location is not None else 0
        return f"{where}:{line}:{self.name}"


class Deployment(Struct, frozen=True):
    """All functions of a project, deployed ones first, each group in file order, and its capacity providers.

    ``left_out``: name and place of each function that is declared but not deployed, as its condition is false.
    """

    functions: tuple[DeployedFunction, ...]
    problems: tuple[Problem, ...] = ()
    providers: tuple[CapacityProvider, ...] = ()
    left_out: tuple[tuple[str, Location], ...] = ()

    def provider_of(self, function: DeployedFunction) -> CapacityProvider | None:
        """The declared provider that a function is attached to; one of its own template before one elsewhere."""
        if function.provider is None:
            return None
        named = [each for each in self.providers if each.name == function.provider]
        return next(
            (each for each in named if each.template == function.template), named[0] if len(named) == 1 else None
        )
