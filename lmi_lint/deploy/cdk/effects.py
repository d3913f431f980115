"""What other constructs and later calls do to functions: capacity providers, aliases, what invokes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.deploy.cdk import props as taking
from lmi_lint.deploy.cdk.constructs import EVENTS, Kind
from lmi_lint.deploy.cdk.functions import (
    FunctionReader,
    Made,
    kind_of,
    layer_name,
    managed_by_properties,
    provider_name,
)
from lmi_lint.deploy.cdk.props import Props, as_props, constant
from lmi_lint.deploy.cdk.values import Obj, Seq, Slot, Sym, Value, camel
from lmi_lint.deploy.model import EventSource

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCHEDULERS = ("cdk.aws_scheduler_targets", "cdk.aws_scheduler")


def apply(reader: FunctionReader, symbols: list[Sym]) -> None:
    """Record the effect of each symbol, in order, on the functions that the reader knows."""
    scheduled = _scheduled(symbols)
    for made in reader.functions.values():
        sources = Props.of(made.sym).value("events")
        for slot in sources.items if isinstance(sources, Seq) else ():
            _source(made, slot.value)
    for each in symbols:
        name = camel(each.last)
        effect = _EFFECTS.get(name) if each.base is not None else None
        if effect is not None:
            effect(reader, each)
        elif each.called and kind_of(each) in (Kind.ALIAS, Kind.VERSION):
            _alias(reader, each)
        elif each.called and kind_of(each) is Kind.URL:
            _url(reader, reader.of(Props.of(each).value("function")), Props.of(each))
        elif name == "defaultChild":
            _overridden(reader, each)
        elif each.called and each.base is None and each.last == "EventSourceMapping":
            _mapping(reader.of(Props.of(each).value("target")), each, Props.of(each))
        _event(reader, each, scheduled)
        _edge(reader, each)


def _scheduled(symbols: list[Sym]) -> set[int]:
    """The targets of rules that run on a schedule."""
    found: set[int] = set()
    for each in symbols:
        rule: Value = each if each.name == "cdk.aws_events.Rule" else each.base
        if not isinstance(rule, Sym) or rule.name != "cdk.aws_events.Rule" or "schedule" not in Props.of(rule).slots:
            continue
        targets = Props.of(rule).value("targets") if rule is each else None
        listed = [slot.value for slot in targets.items] if isinstance(targets, Seq) else []
        listed += [slot.value for slot in each.args] if rule is not each else []
        found.update(id(target) for target in listed)
    return found


def _event(reader: FunctionReader, each: Sym, scheduled: set[int]) -> None:
    kind = EVENTS.get(each.last)
    if kind is None or not each.called or each.base is not None:
        return
    for target in _functions(reader, each):
        word, polled = kind
        if each.last == "LambdaDestination" and not each.name.startswith("cdk.aws_s3_notifications"):
            word = "other"  # of asynchronous results, of logs
        if each.last in ("LambdaFunction", "LambdaInvoke"):
            timed = id(each) in scheduled or each.name.startswith(_SCHEDULERS)
            word = "schedule" if timed else word
        target.events.append(EventSource(word, polled, each.where))


def _functions(reader: FunctionReader, each: Sym) -> Iterator[Made]:
    """The functions among the arguments of a call and their properties."""
    values = [slot.value for slot in each.args] + [slot.value for slot in each.named.slots.values()]
    for value in list(values):
        if isinstance(value, Obj):
            values += [slot.value for slot in value.slots.values()]
    seen: set[int] = set()
    for value in values:
        made = reader.of(value)
        if made is not None and id(made) not in seen:
            seen.add(id(made))
            yield made


def _add_event_source(reader: FunctionReader, each: Sym) -> None:
    made = reader.of(each.base)
    if made is not None and each.args:
        _source(made, each.args[0].value)


def _source(made: Made, source: Value) -> None:
    """An event source that is given to a function."""
    if isinstance(source, Sym) and source.called:
        word, polled = EVENTS.get(source.last, ("other", True))
        made.events.append(EventSource(word, polled, source.where))


def _add_mapping(reader: FunctionReader, each: Sym) -> None:
    """``fn.addEventSourceMapping(id, options)``."""
    _mapping(reader.of(each.base), each, Props(as_props(each.args[1].value) if len(each.args) > 1 else each.named))


def _mapping(made: Made | None, each: Sym, options: Props) -> None:
    """An event source mapping; which attribute of the source it names tells what polls."""
    source = options.value("eventSourceArn")
    name = camel(source.last.removeprefix("get")) if isinstance(source, Sym) else ""
    if made is not None:
        made.events.append(EventSource(_ARNS.get(name, "other"), True, each.where))


_ARNS = {"queueArn": "sqs", "tableStreamArn": "dynamodb", "streamArn": "kinesis", "clusterArn": "msk"}


def _edge(reader: FunctionReader, each: Sym) -> None:
    """Functions that CloudFront runs: those of ``edgeLambdas`` of a behaviour."""
    values = [slot.value for slot in each.args] + [slot.value for slot in each.named.slots.values()]
    if each.last in ("EdgeLambda", "LambdaFunctionAssociation"):
        _mark_edge(reader, [each])
    for _ in range(_LEVELS):
        inner: list[Value] = []
        for value in values:
            if isinstance(value, Obj):
                for key, slot in value.slots.items():
                    if camel(key) in ("edgeLambdas", "lambdaFunctionAssociations") and isinstance(slot.value, Seq):
                        _mark_edge(reader, [item.value for item in slot.value.items])
                    inner.append(slot.value)
            elif isinstance(value, Seq):
                inner += [slot.value for slot in value.items]
        values = inner


def _mark_edge(reader: FunctionReader, associations: list[Value]) -> None:
    for value in associations:
        props = Props(as_props(value))
        made = reader.of(props.value("functionVersion") or props.value("lambdaFunction"))
        if made is not None:
            made.settings["edge"] = True


_LEVELS = 4
"""Objects within objects from a distribution down to its behaviours' functions."""


def _add_environment(reader: FunctionReader, each: Sym) -> None:
    made = reader.of(each.base)
    key = _argument(each, 0, "key")
    value = _argument(each, 1, "value")
    if made is None:
        return
    if isinstance(key, str):
        made.environment[key] = value if isinstance(value, str) else None
    else:
        made.unknown.append("environment")


def _add_layers(reader: FunctionReader, each: Sym) -> None:
    made = reader.of(each.base)
    if made is not None:
        names = tuple(name for slot in each.args if (name := layer_name(slot.value)))
        made.settings["layers"] = made.settings.get("layers", ()) + names
        roots = tuple(root for slot in each.args if (root := reader.layer_root(slot.value)))
        made.settings["layer_roots"] = made.settings.get("layer_roots", ()) + roots


def _add_function(reader: FunctionReader, each: Sym) -> None:
    """``provider.addFunction(fn, options)``."""
    made = reader.of(_argument(each, 0, "func"))
    base = each.base
    if made is None or not isinstance(base, Sym) or kind_of(base) is not Kind.PROVIDER or each.where is None:
        return
    options = Props(as_props(each.args[1].value) if len(each.args) > 1 else each.named)
    options.locations, options.unknown = made.locations, made.unknown
    scaling = options.inner("latestPublishedScalingConfig")
    published = options.value("publishToLatestPublished")
    found = {
        "managed": True,
        "provider": provider_name(base),
        "max_concurrency": options.take("max_concurrency", "perExecutionEnvironmentMaxConcurrency", taking.whole),
        "memory_per_vcpu": options.take("memory_per_vcpu", "executionEnvironmentMemoryGiBPerVCpu", taking.real),
        "min_environments": scaling.take("min_environments", "minExecutionEnvironments", taking.whole),
        "max_environments": scaling.take("max_environments", "maxExecutionEnvironments", taking.whole),
        "published": None if published is False else "latest",
    }
    if found["provider"] is None:
        made.unknown.append("provider")
    made.locations += [("managed", each.where), ("provider", each.where)]
    made.settings |= {key: value for key, value in found.items() if value is not None}


def _alias(reader: FunctionReader, each: Sym) -> None:
    made = reader.of(each) if each.base is None else reader.of(each.base)
    if made is None:
        return
    made.settings.setdefault("published", "version")
    if each.base is not None:
        options = Props(as_props(each.args[1].value) if len(each.args) > 1 else each.named)
    else:
        options = Props.of(each)
    options.locations, options.unknown = made.locations, made.unknown
    provisioned = options.take("provisioned", "provisionedConcurrentExecutions", taking.whole)
    if provisioned is not None:
        made.settings["provisioned"] = provisioned


def _current_version(reader: FunctionReader, each: Sym) -> None:
    """``fn.currentVersion``: publishes a version, as ``currentVersionOptions`` of the function has it."""
    made = reader.of(each.base)
    if made is None:
        return
    made.settings.setdefault("published", "version")
    options = Props.of(made.sym).inner("currentVersionOptions")
    options.locations, options.unknown = made.locations, made.unknown
    for setting, name in _OF_VERSION:
        value = options.take(setting, name, taking.whole)
        if value is not None:
            made.settings.setdefault(setting, value)


_OF_VERSION = (
    ("provisioned", "provisionedConcurrentExecutions"),
    ("min_environments", "minExecutionEnvironments"),
    ("max_environments", "maxExecutionEnvironments"),
)


def _function_url(reader: FunctionReader, each: Sym) -> None:
    options = Props(as_props(each.args[0].value) if each.args else each.named)
    made = reader.of(each.base)
    _url(reader, made, options)
    if made is not None:
        made.events.append(EventSource("http", False, each.where))


def _url(reader: FunctionReader, made: Made | None, options: Props) -> None:
    if made is not None and constant(options.value("invokeMode"), "InvokeMode") == "RESPONSE_STREAM":
        made.settings["streaming"] = True


def _overridden(reader: FunctionReader, each: Sym) -> None:
    """``(fn.node.defaultChild as CfnFunction).capacityProviderConfig = …``."""
    made = reader.of(each)
    if made is None or not each.fields.slots:
        return
    props = Props(each.fields)
    props.locations, props.unknown = made.locations, made.unknown
    made.settings |= managed_by_properties(props)


def _add_property_override(reader: FunctionReader, each: Sym) -> None:
    """``cfn.addPropertyOverride("MemorySize", 2048)``."""
    made = reader.of(each.base)
    path, slot = _argument(each, 0, "property_path"), each.args[1] if len(each.args) > 1 else None
    if made is None or not isinstance(path, str) or slot is None:
        return
    first, *rest = path.split(".")
    value: Value = slot.value
    for part in reversed(rest):
        holder = Obj()
        holder.slots[part] = Slot(value, slot.where)
        value = holder
    holder = Obj()
    holder.slots[first] = Slot(value, slot.where)
    props = Props(holder)
    props.locations, props.unknown = made.locations, made.unknown
    found = managed_by_properties(props)
    memory = props.take("memory_mb", "memorySize", taking.whole)
    made.settings |= found if memory is None else {**found, "memory_mb": memory}


def _argument(each: Sym, place: int, name: str) -> Value:
    if place < len(each.args):
        return each.args[place].value
    slot = each.named.slots.get(name)
    return slot.value if slot is not None else None


_EFFECTS = {
    "addEnvironment": _add_environment,
    "addEventSource": _add_event_source,
    "addLayers": _add_layers,
    "addEventSourceMapping": _add_mapping,
    "addFunction": _add_function,
    "addAlias": _alias,
    "currentVersion": _current_version,
    "getCurrentVersion": _current_version,
    "addFunctionUrl": _function_url,
    "addPropertyOverride": _add_property_override,
}
"""Method or property of a construct → what it does to the function."""
