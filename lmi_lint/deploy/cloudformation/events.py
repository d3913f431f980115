"""What invokes the functions of a stack."""

from __future__ import annotations

import re

from lmi_lint.deploy.cloudformation.stack import FUNCTIONS, SAM_FUNCTION, Resource, Stack
from lmi_lint.deploy.intrinsics import intrinsic
from lmi_lint.deploy.model import EventSource
from lmi_lint.deploy.nodes import Mapping, Node, Scalar

_SAM_EVENTS = {
    "SQS": "sqs", "Kinesis": "kinesis", "DynamoDB": "dynamodb", "MSK": "msk", "SelfManagedKafka": "kafka",
    "MQ": "mq", "DocumentDB": "documentdb", "SNS": "sns", "S3": "s3", "Schedule": "schedule",
    "ScheduleV2": "schedule", "EventBridgeRule": "eventbridge", "CloudWatchEvent": "eventbridge", "Api": "http",
    "HttpApi": "http",
}  # fmt: skip
"""``Type`` of an event in SAM (AWS SAM developer guide, EventSource) → kind."""

_OF_RESOURCE = {
    "AWS::SQS::Queue": "sqs", "AWS::Kinesis::Stream": "kinesis", "AWS::Kinesis::StreamConsumer": "kinesis",
    "AWS::DynamoDB::Table": "dynamodb", "AWS::DynamoDB::GlobalTable": "dynamodb",
    "AWS::Serverless::SimpleTable": "dynamodb", "AWS::MSK::Cluster": "msk", "AWS::MSK::ServerlessCluster": "msk",
    "AWS::AmazonMQ::Broker": "mq", "AWS::DocDB::DBCluster": "documentdb",
}  # fmt: skip
_OF_SERVICE = {
    "sqs": "sqs", "kinesis": "kinesis", "dynamodb": "dynamodb", "kafka": "msk", "mq": "mq", "rds": "documentdb",
}  # fmt: skip
"""Service of an event source's ARN → kind; DocumentDB's ARNs are those of RDS."""

_OF_PRINCIPAL = {
    "apigateway": "http", "elasticloadbalancing": "http", "vpc-lattice": "http", "sns": "sns", "s3": "s3",
    "events": "eventbridge", "scheduler": "schedule",
}  # fmt: skip

POLLED = frozenset({"sqs", "kinesis", "dynamodb", "msk", "kafka", "mq", "documentdb"})
"""Kinds that Lambda polls by an event source mapping."""


class Invokers:
    """Function → what invokes it, over all resources of a stack."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._of: dict[str, list[EventSource]] = {}
        for resource in stack.of_kind("AWS::Lambda::EventSourceMapping"):
            self._add(resource, resource.props.get("FunctionName"), self._mapped(resource), polled=True)
        for resource in stack.of_kind("AWS::Events::Rule"):
            kind = "schedule" if resource.props.get("ScheduleExpression") is not None else "eventbridge"
            for target in stack.items(resource.props.get("Targets")):
                self._add(resource, stack.get(target, "Arn"), kind)
        for resource in stack.of_kind("AWS::Scheduler::Schedule"):
            self._add(resource, stack.get(resource.props.get("Target"), "Arn"), "schedule")
        for resource in stack.of_kind("AWS::SNS::Subscription"):
            if stack.resolver.text(resource.props.get("Protocol")) == "lambda":
                self._add(resource, resource.props.get("Endpoint"), "sns")
        for resource in stack.of_kind("AWS::Lambda::Url"):
            self._add(resource, resource.props.get("TargetFunctionArn"), "http")
        for resource in stack.of_kind("AWS::Lambda::Permission"):
            self._permission(resource)

    def of(self, resource: Resource) -> tuple[EventSource, ...]:
        """What invokes a function: what it lists itself (SAM), then what names it."""
        own = self._listed(resource) if resource.kind == SAM_FUNCTION else []
        return (*own, *self.named(resource.id))

    def named(self, function: str) -> tuple[EventSource, ...]:
        """What names a function by its logical id."""
        return tuple(self._of.get(function, ()))

    def _listed(self, resource: Resource) -> list[EventSource]:
        found = []
        events = self.stack.resolver.reduce(resource.props.get("Events"))
        for _, pair in events.pairs.items() if isinstance(events, Mapping) else ():
            written = self.stack.resolver.text(self.stack.get(pair.value, "Type"))
            kind = _SAM_EVENTS.get(written or "", "other")
            found.append(EventSource(kind, kind in POLLED, self.stack.location(pair.key)))
        url = resource.props.get("FunctionUrlConfig")
        if url is not None and isinstance(self.stack.resolver.reduce(url), Mapping):
            found.append(EventSource("http", False, self.stack.location(url)))
        return found

    def _add(self, resource: Resource, function: Node | None, kind: str, polled: bool = False) -> None:
        name = self._function(function)
        if name is not None:
            event = EventSource(kind, polled, self.stack.location(resource.key))
            self._of.setdefault(name, []).append(event)

    def _permission(self, resource: Resource) -> None:
        """Who may invoke; says nothing new where the source itself is declared."""
        principal = self.stack.resolver.text(resource.props.get("Principal")) or ""
        service = principal.partition(".amazonaws.com")[0]
        name = self._function(resource.props.get("FunctionName"))
        if name is None or service == principal:
            return
        kind = _OF_PRINCIPAL.get(service, "other")
        known = {event.kind for event in self._of.get(name, ())}
        if kind not in known and not (kind == "eventbridge" and "schedule" in known):
            self._add(resource, resource.props.get("FunctionName"), kind)

    def _function(self, node: Node | None) -> str | None:
        """The function that a reference means, through its versions and aliases."""
        name = self.stack.resolver.reference(node)
        for _ in range(3):
            found = self.stack.resources.get(name or "")
            if found is None or found.kind in FUNCTIONS:
                break
            name = self.stack.resolver.reference(found.props.get("FunctionName"))
        return name

    def _mapped(self, resource: Resource) -> str:
        """The kind of an event source mapping's source."""
        props, stack = resource.props, self.stack
        for setting, kind in (
            ("SelfManagedEventSource", "kafka"),
            ("SelfManagedKafkaEventSourceConfig", "kafka"),
            ("AmazonManagedKafkaEventSourceConfig", "msk"),
            ("DocumentDBEventSourceConfig", "documentdb"),
            ("Queues", "mq"),
        ):
            if props.get(setting) is not None:
                return kind
        source = props.get("EventSourceArn")
        text = stack.resolver.text(source) or _literal(source)
        service = re.match(r"arn:[^:]*:([a-z0-9-]+):", text)
        if service is not None:
            return _OF_SERVICE.get(service.group(1), "other")
        known = _OF_RESOURCE.get(stack.kind_of(stack.resolver.reference(source)))
        return known or ("msk" if props.get("Topics") is not None else "other")


def _literal(node: Node | None) -> str:
    """The written text of a ``Sub``: an ARN's service is known although its account is not."""
    call = intrinsic(node)
    if call is None or call[0] != "Fn::Sub" or not isinstance(call[1], Scalar):
        return ""
    return re.sub(r"\$\{[^}]*\}", "_", call[1].value)
