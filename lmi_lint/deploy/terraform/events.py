"""What invokes a function: event source mappings, and resources that name it as their target.

Kinds of sources are data: types of resources and parts of ARNs → the words of ``EventSource``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from lmi_lint.deploy.model import EventSource
from lmi_lint.deploy.terraform.values import Ref, Unknown, Value, as_text, refs_of
from lmi_lint.deploy.terraform.views import Declared, View
from lmi_lint.deploy.terraform.world import World

FUNCTION: Final = "aws_lambda_function"
_PASSED_ON: Final = ("aws_lambda_alias", "aws_lambda_function_url", "aws_lambda_permission")
_MAX_HOPS: Final = 3

_BY_TYPE: Final = {
    "aws_sqs_queue": "sqs",
    "aws_kinesis_stream": "kinesis",
    "aws_kinesis_stream_consumer": "kinesis",
    "aws_dynamodb_table": "dynamodb",
    "aws_msk_cluster": "msk",
    "aws_msk_serverless_cluster": "msk",
    "aws_mq_broker": "mq",
    "aws_docdb_cluster": "documentdb",
}
_BY_SERVICE: Final = {
    "sqs": "sqs",
    "kinesis": "kinesis",
    "dynamodb": "dynamodb",
    "kafka": "msk",
    "mq": "mq",
    "rds": "documentdb",
    "sns": "sns",
    "s3": "s3",
    "events": "eventbridge",
    "scheduler": "schedule",
    "apigateway": "http",
    "elasticloadbalancing": "http",
    "vpc-lattice": "http",
}
"""The service of an ARN or of a principal → the kind of event."""


class _Trigger(Struct, frozen=True):
    """A type of resource that invokes functions: where it names them, and the kind of event."""

    path: str
    kind: str


_TRIGGERS: Final = {
    "aws_lambda_function_url": _Trigger("function_name", "http"),
    "aws_api_gateway_integration": _Trigger("uri", "http"),
    "aws_apigatewayv2_integration": _Trigger("integration_uri", "http"),
    "aws_api_gateway_authorizer": _Trigger("authorizer_uri", "http"),
    "aws_lb_target_group_attachment": _Trigger("target_id", "http"),
    "aws_alb_target_group_attachment": _Trigger("target_id", "http"),
    "aws_s3_bucket_notification": _Trigger("lambda_function.lambda_function_arn", "s3"),
    "aws_sns_topic_subscription": _Trigger("endpoint", "sns"),
    "aws_cloudwatch_event_target": _Trigger("arn", "eventbridge"),
    "aws_scheduler_schedule": _Trigger("target.arn", "schedule"),
}


class Invocations:
    """The event sources of the functions of one root module."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.names = {text: each.ref for each in world.of_kind(FUNCTION) if (text := each.view.text("function_name"))}
        self._found: list[tuple[Ref, EventSource]] = []
        self._streaming: list[Ref] = []
        self._collect()

    def of(self, function: Ref) -> tuple[EventSource, ...]:
        """What invokes a function, mappings first; of what pushes events, each kind once."""
        mine = [event for ref, event in self._found if ref.means(function)]
        pushed = {event.kind: event for event in reversed(mine) if not event.polled}
        return (*(event for event in mine if event.polled), *sorted(pushed.values(), key=lambda event: event.kind))

    def streams(self, function: Ref) -> bool:
        """Whether a function's URL streams its responses."""
        return any(ref.means(function) for ref in self._streaming)

    def functions(self, value: Value, hops: int = 0) -> list[Ref]:
        """The functions that a value names: by reference, through an alias, or by name."""
        found: list[Ref] = []
        for ref in refs_of(value):
            if ref.kind in (FUNCTION, "module"):
                found.append(ref)
            elif ref.kind in _PASSED_ON and hops < _MAX_HOPS and (view := self.world.view(ref)) is not None:
                found += self.functions(view.get("function_name"), hops + 1)
        text = as_text(value)
        if not found and text is not None:
            name = text.rpartition(":function:")[2].split(":", 1)[0].removesuffix("/invocations")
            found += [self.names[name]] if name in self.names else []
        return list(dict.fromkeys(found))

    def _collect(self) -> None:
        for each in self.world.declared:
            if each.kind == "aws_lambda_event_source_mapping":
                self._mapping(each)
            elif each.kind == "aws_lambda_permission":
                self._permission(each)
            elif each.kind in _TRIGGERS:
                self._trigger(each)

    def _mapping(self, each: Declared) -> None:
        event = EventSource(mapping_kind(each.view), True, each.placed.location())
        self._add(each.view.get("function_name"), event)

    def _permission(self, each: Declared) -> None:
        """A permission says who may invoke; what it is about may say more."""
        service = (each.view.text("principal") or "").removesuffix(".amazonaws.com")
        kind = _BY_SERVICE.get(service)
        if kind is not None:
            kind = self._of_rule(each.view.get("source_arn")) if kind == "eventbridge" else kind
            self._add(each.view.get("function_name"), EventSource(kind, False, each.placed.location()))

    def _trigger(self, each: Declared) -> None:
        trigger = _TRIGGERS[each.kind]
        *outer, name = trigger.path.split(".")
        views: list[View] = [each.view]
        for block in outer:
            views = [inner for view in views for inner in view.blocks(block)]
        for view in views:
            value = view.get(name)
            kind = self._of_rule(each.view.get("rule")) if each.kind == "aws_cloudwatch_event_target" else trigger.kind
            self._add(value, EventSource(kind, False, each.placed.location()))
            if each.kind == "aws_lambda_function_url" and each.view.text("invoke_mode") == "RESPONSE_STREAM":
                self._streaming += self.functions(value)

    def _of_rule(self, value: Value) -> str:
        """``schedule`` if a rule of EventBridge has a schedule."""
        for ref in refs_of(value):
            view = self.world.view(ref) if ref.kind == "aws_cloudwatch_event_rule" else None
            if view is not None and view.get("schedule_expression") is not None:
                return "schedule"
        return "eventbridge"

    def _add(self, value: Value, event: EventSource) -> None:
        self._found += [(ref, event) for ref in self.functions(value)]


def mapping_kind(view: View) -> str:
    """The kind of an event source mapping."""
    if view.blocks("self_managed_event_source") or view.blocks("self_managed_kafka_event_source_config"):
        return "kafka"
    return source_kind(view.get("event_source_arn"))


def source_kind(value: Value) -> str:
    """The kind of a source by the type of what is referred to, or by its ARN."""
    for ref in refs_of(value):
        kind = _BY_TYPE.get(ref.kind.removeprefix("data."))
        if kind is not None:
            return kind
    text = value.text if isinstance(value, Unknown) else as_text(value)
    parts = (text or "").split(":")
    return _BY_SERVICE.get(parts[2], "other") if len(parts) > 2 and parts[0] == "arn" else "other"


def module_events(view: View, mappings: str, triggers: str) -> Iterator[EventSource]:
    """The events of a module of the registry, given as maps of objects."""
    sources, allowed = view.get(mappings) if mappings else None, view.get(triggers) if triggers else None
    for each in sources.values() if isinstance(sources, dict) else ():
        if isinstance(each, dict):
            kafka = "self_managed_event_source" in each
            kind = "kafka" if kafka else source_kind(each.get("event_source_arn"))
            yield EventSource(kind, True, view.place(mappings))
    kinds: dict[str, None] = {}
    for each in allowed.values() if isinstance(allowed, dict) else ():
        if isinstance(each, dict):
            service = as_text(each.get("service")) or (as_text(each.get("principal")) or "").split(".", 1)[0]
            if service in _BY_SERVICE:
                kinds[_BY_SERVICE[service]] = None
    yield from (EventSource(kind, False, view.place(triggers)) for kind in sorted(kinds))
