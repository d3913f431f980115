"""From the constructs of an app to its functions."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from lmi_lint.deploy.cdk import props as taking
from lmi_lint.deploy.cdk.code import Finder
from lmi_lint.deploy.cdk.constructs import CONSTRUCTS, FUNCTIONS, Kind
from lmi_lint.deploy.cdk.props import Props, as_props, constant
from lmi_lint.deploy.cdk.values import Instance, Seq, Slot, Sym, Unknown, Value
from lmi_lint.deploy.model import DeployedFunction, Dialect, EventSource, Provenance
from lmi_lint.deploy.template import Candidate, ImageBuild, runtime_language
from lmi_lint.model.names import Language

if TYPE_CHECKING:
    from lmi_lint.deploy.cdk.machine import Machine
    from lmi_lint.model.finding import Location

_FAMILIES = {
    "nodejs": Language.JAVASCRIPT, "python": Language.PYTHON, "java": Language.JAVA, "dotnet": Language.CSHARP
}  # fmt: skip
_OF_KIND = {
    Kind.NODEJS: Language.JAVASCRIPT, Kind.PYTHON: Language.PYTHON, Kind.DOTNET: Language.CSHARP,
}  # fmt: skip


class Made(Struct):
    """A function under construction. ``path``: ids from the app down, None for what is not known; ``settings``: fields
    of the function; ``sym``: the construct."""

    sym: Sym
    kind: Kind
    path: tuple[str | None, ...]
    candidate: Candidate
    settings: dict[str, Any]
    events: list[EventSource]
    environment: dict[str, str | None]
    locations: list[tuple[str, Location]]
    unknown: list[str]

    def finished(self) -> Candidate:
        """The function with what other constructs did to it."""
        function = structs.replace(
            self.candidate.function,
            environment=tuple(self.environment.items()),
            events=tuple(self.events),
            locations=tuple(dict(reversed(self.locations)).items())[::-1],
            unknown=tuple(dict.fromkeys(self.unknown)),
            **self.settings,
        )
        return structs.replace(self.candidate, function=function)


def kind_of(made: Sym) -> Kind | None:
    """What a symbol is, if it was constructed."""
    return CONSTRUCTS.get(made.name) if made.called and made.base is None else None


def id_of(made: Sym) -> Value:
    """The id of a construct: its second argument."""
    slot = made.args[1] if len(made.args) > 1 else made.named.slots.get("id") or made.named.slots.get("construct_id")
    return slot.value if slot is not None else None


def construct_path(value: Value, depth: int = 0) -> tuple[str | None, ...]:
    """The ids of a construct and of those around it, outermost first, None for one that is not known."""
    if isinstance(value, Instance):
        value = value.base
    if not isinstance(value, Sym) or depth > 40:
        return (None,)
    if not value.called:
        return (None,)
    scope = value.args[0].value if value.args else None
    name = id_of(value)
    if scope is None and not isinstance(name, str):
        return ()
    return (*construct_path(scope, depth + 1), name if isinstance(name, str) else None)


class FunctionReader:
    """Reads the functions among constructs."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.finder = Finder(machine)
        self.functions: dict[int, Made] = {}

    def read(self, made: Sym) -> Made | None:
        """The function that a construct is; None if it is none."""
        kind = kind_of(made)
        if kind is None or kind not in FUNCTIONS or made.where is None:
            return None
        props = Props.of(made)
        given = props.value("runtime")
        runtime = props.take("runtime", "runtime", taking.runtime)
        family = taking.runtime_family(given)
        language = runtime_language(runtime) or _FAMILIES.get(family) or _OF_KIND.get(kind)
        code = self.finder.code(kind, made, props, language)
        if "handler" in props.slots:
            props.locations.append(("handler", props.slots["handler"].where))
        if not code.known:
            props.unknown.append("handler" if code.root is not None else "code_root")
        for key in ("code", "entry"):
            if key in props.slots:
                props.locations.append(("code_root", props.slots[key].where))
        settings = _settings(kind, props) | {"layer_roots": self._layer_roots(props)}
        environment = _environment(kind, props)
        name, functions_path = _name(made, props), construct_path(made)
        function = DeployedFunction(
            name=name,
            provenance=Provenance.DEPLOYED,
            language=language or (code.inline.language if code.inline is not None else None),
            runtime=runtime,
            handler=code.handler,
            entry=code.entry,
            inline=code.inline,
            unresolved=code.reason,
            local=code.local and code.known,  # what cannot be told is not missing
            template=made.where.path,
            location=made.where,
            code_root=code.root,
            dialect=Dialect.CDK,
            image=code.image,
            edge=kind is Kind.EDGE,
            proxied=_proxied(props),
        )
        folder = code.root or self.machine.working_folder(made.where.path)  # the code lies nowhere but in its root
        archive = posixpath.splitext(posixpath.basename(code.root or ""))
        candidate = Candidate(
            function, folder, archive[0] if archive[1] in (".zip", ".jar") else "", (), code.image,
            build=ImageBuild(code.root, code.dockerfile) if code.root and (code.image or code.built) else None,
            method="docker" if code.built else "",
            settled=code.settled and code.inline is None,
        )  # fmt: skip
        found = Made(
            made, kind, functions_path, candidate, settings, [], environment, props.locations, props.unknown
        )  # fmt: skip
        self.functions[id(made)] = found
        return found

    def _layer_roots(self, props: Props) -> tuple[str, ...]:
        slot = props.slot("layers")
        items = slot.value.items if slot is not None and isinstance(slot.value, Seq) else ()
        return tuple(root for item in items if (root := self.layer_root(item.value)))

    def layer_root(self, value: Value) -> str | None:
        """Where the code of a layer is that the app makes."""
        made = value.base if isinstance(value, Instance) else value
        return self.finder.layer(Props.of(made)) if isinstance(made, Sym) and made.called else None

    def of(self, value: Value, depth: int = 0) -> Made | None:
        """The function that a value is, or is a version or alias of."""
        if isinstance(value, Instance):
            value = value.base
        if not isinstance(value, Sym) or depth > 8:
            return None
        found = self.functions.get(id(value))
        if found is not None:
            return found
        if kind_of(value) in (Kind.ALIAS, Kind.VERSION):
            props = Props.of(value)
            return self.of(props.value("version") or props.value("lambda") or props.value("lambda_"), depth + 1)
        if (value.base is not None and value.last in _SAME) or (value.called and value.last in _SAME_CALLS):
            return self.of(value.base, depth + 1)
        return None


_SAME = frozenset({
    "currentVersion", "current_version", "CurrentVersion", "node", "Node", "defaultChild", "default_child",
    "DefaultChild", "latestVersion", "latest_version",
})  # fmt: skip
_SAME_CALLS = frozenset({
    "getCurrentVersion", "addAlias", "add_alias", "AddAlias", "getNode", "getDefaultChild", "getLatestVersion",
})  # fmt: skip


def _name(made: Sym, props: Props) -> str:
    name = id_of(made)
    if isinstance(name, str) and name:
        return name
    if isinstance(name, Unknown) and name.hint.strip("…"):
        return name.hint
    own = props.value("functionName")
    return own if isinstance(own, str) and own else made.last


def _settings(kind: Kind, props: Props) -> dict[str, Any]:
    """The fields of a function that its properties say."""
    level_one = kind in (Kind.CFN, Kind.SAM)
    found: dict[str, Any] = {
        "memory_mb": props.take("memory_mb", "memorySize", taking.whole),
        "timeout_s": props.take("timeout_s", "timeout", taking.seconds),
        "reserved": props.take("reserved", "reservedConcurrentExecutions", taking.whole),
        "architecture": props.take(
            "architecture", "architectures" if level_one else "architecture", taking.architecture
        ),
        "layers": _layers(props),
        "role": _role(props.value("role")),
        "vpc": (props.take("vpc", "vpcConfig" if level_one else "vpc", _present)) is True,
        "snapstart": props.take("snapstart", "snapStart", _snapstart) is True,
    }
    if level_one:
        storage, logging = props.inner("ephemeralStorage"), props.inner("loggingConfig")
        found["ephemeral_mb"] = storage.take("ephemeral_mb", "size", taking.whole)
        found["log_format"] = logging.take("log_format", "logFormat", taking.log_format)
        found |= managed_by_properties(props)
    else:
        found["ephemeral_mb"] = props.take("ephemeral_mb", "ephemeralStorageSize", taking.mebibytes)
        name = "loggingFormat" if "loggingFormat" in props.slots else "logFormat"
        found["log_format"] = props.take("log_format", name, taking.log_format)
    if kind is Kind.GO:
        found["custom_runtime"] = "go"
    return {key: value for key, value in found.items() if value is not None}


def managed_by_properties(props: Props) -> dict[str, Any]:
    """What CloudFormation's own properties say about managed instances."""
    config = props.inner("capacityProviderConfig")
    if props.value("capacityProviderConfig") is None:
        return {}
    inner = config.inner("lambdaManagedInstancesCapacityProviderConfig")
    inner = inner if inner.slots else config
    scaling = props.inner("functionScalingConfig")
    found: dict[str, Any] = {
        "managed": True,
        "provider": inner.take("provider", "capacityProviderArn", provider_name),
        "max_concurrency": inner.take("max_concurrency", "perExecutionEnvironmentMaxConcurrency", taking.whole),
        "memory_per_vcpu": inner.take("memory_per_vcpu", "executionEnvironmentMemoryGiBPerVCpu", taking.real),
        "min_environments": scaling.take("min_environments", "minExecutionEnvironments", taking.whole),
        "max_environments": scaling.take("max_environments", "maxExecutionEnvironments", taking.whole),
        "published": "latest" if props.value("publishToLatestPublished") is True else None,
    }
    return {key: value for key, value in found.items() if value is not None}


def provider_name(value: Value) -> str | None:
    """The id of the capacity provider that a value names: the construct, its attribute, or an ARN."""
    if isinstance(value, Instance):
        value = value.base
    while isinstance(value, Sym):
        if kind_of(value) in (Kind.PROVIDER, Kind.CFN_PROVIDER):
            name = id_of(value)
            return name if isinstance(name, str) else None
        value = value.base.base if isinstance(value.base, Instance) else value.base
    return value.rpartition(":")[2] if isinstance(value, str) else None


def _environment(kind: Kind, props: Props) -> dict[str, str | None]:
    slot = props.slot("environment")
    if slot is None:
        return {}
    props.locations.append(("environment", slot.where))
    given = as_props(slot.value)
    if kind in (Kind.CFN, Kind.SAM) and given is not None:
        given = as_props(given.slots["variables"].value) if "variables" in given.slots else None
    if given is None or given.is_open or not slot.sure:
        props.unknown.append("environment")
    if given is None:
        return {}
    return {key: _plain(each) for key, each in given.slots.items()}


def _plain(slot: Slot) -> str | None:
    return slot.value if isinstance(slot.value, str) and slot.sure else None


def _proxied(props: Props) -> bool:
    """Whether a variable of the environment is an RDS proxy's."""
    given = as_props(props.value("environment"))
    for slot in given.slots.values() if given is not None else ():
        value = slot.value
        while isinstance(value, Sym):
            if value.called and "DatabaseProxy" in value.last:
                return True
            value = value.base
    return False


def _present(value: Value) -> bool | None:
    """Whether something is given; None if that cannot be told."""
    return None if isinstance(value, Unknown) else value is not None


def _snapstart(value: Value) -> bool | None:
    name = constant(value, "SnapStartConf")
    if name is not None:
        return name == "ON_PUBLISHED_VERSIONS"
    inner = as_props(value)
    applied = inner.slots.get("applyOn") or inner.slots.get("apply_on") if inner is not None else None
    return applied.value == "PublishedVersions" if applied is not None else None


def _layers(props: Props) -> tuple[str, ...]:
    slot = props.slot("layers")
    if slot is None or not isinstance(slot.value, Seq):
        return ()
    return tuple(name for item in slot.value.items if (name := layer_name(item.value)))


def layer_name(value: Value) -> str | None:
    """The ARN or the id of a layer."""
    if isinstance(value, Instance):
        value = value.base
    if isinstance(value, Sym) and value.called:
        arns = [slot.value for slot in value.args[2:]]
        arn = next((each for each in arns if isinstance(each, str) and each.startswith("arn:")), None)
        name = id_of(value)
        return arn or (name if isinstance(name, str) else None)
    return value if isinstance(value, str) else None


def _role(value: Value) -> str | None:
    if isinstance(value, Instance):
        value = value.base
    if isinstance(value, Sym) and value.called:
        name = id_of(value)
        return name if isinstance(name, str) else None
    return value if isinstance(value, str) else None
