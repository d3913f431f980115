"""What a snippet explains in comments: what it is, how traffic moves, and the way back.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html,
https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-version-publishing.html,
https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html,
https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

from __future__ import annotations

from typing import Final

from lmi_lint.deploy.model import Dialect
from lmi_lint.fitness.snippets.examples import examples
from lmi_lint.fitness.snippets.model import Plan
from lmi_lint.fitness.snippets.quoting import comments

DOCUMENTED: Final = (
    "CPU of the second function's environments, from the metrics that AWS documents for managed instances (every five"
    " minutes). They can also be had for one version, with the dimension Resource; should this alarm stay without data,"
    " look in the console under which dimensions the metric appears."
)
THROTTLES: Final = "Throttled invocations, in percent of all attempts."
PROVIDER: Final = (
    "A capacity provider of its own: functions that do not trust each other must not share one. Subnets in three zones;"
    " from them a way to CloudWatch Logs (NAT gateway or endpoint), or logs are lost; the security group needs no"
    " inbound rule. The role lets Lambda manage instances (managed policy AWSLambdaManagedEC2ResourceOperator)."
)
PERMISSION: Final = "Who deploys this needs lambda:PassCapacityProvider beside the usual permissions."


def head(plan: Plan) -> list[str]:
    """What the snippet is, and why its settings are what they are."""
    found = [
        (
            f"{plan.second} on managed instances, beside {plan.first.name}, which stays as it is: the capacity provider"
            " of a function can be neither added nor removed after its creation."
        ),
    ]
    found += ["", f"Whether it fits: {plan.verdict}."]
    if plan.obstacles:
        found += ["", "Mend before traffic moves:", *(f"- {each}" for each in plan.obstacles)]
    if plan.choices:
        found += ["", "Why these settings:", *(f"- {each}" for each in plan.choices)]
    return found


def moving(plan: Plan) -> list[str]:
    """How traffic moves from the one function to the other."""
    dialect = plan.first.dialect or Dialect.CLOUDFORMATION
    names = {"first": plan.first.name, "second": plan.second, **_NAMES[dialect]}
    kinds = list(dict.fromkeys(each.kind for each in plan.first.events)) or ["other"]
    ways = dict.fromkeys(_WAYS.get(kind, _WAYS["other"]) for kind in kinds)
    return [
        "How traffic moves: 10, 50, 100 %",
        (
            "A weighted alias divides invocations between two versions of one function, never between two functions;"
            f" so the shares are set where {plan.first.name} is invoked. Name {plan.second} without a version: that"
            " invokes $LATEST.PUBLISHED."
        ),
        *(f"- {way.format(**names)}" for way in ways),
        "Stay at each step through a daily peak with both alarms quiet; compare costs after one or two weeks at 100 %.",
    ]


def tail(plan: Plan, mark: str) -> str:
    """How traffic moves, with an example for each trigger that has one, and the way back, as comments."""
    return comments(moving(plan), mark) + (examples(plan) or f"{mark}\n") + comments(back(plan), mark)


def back(plan: Plan) -> list[str]:
    """The way back."""
    return [
        "The way back",
        f"1. Set the shares back to 0 % where they were set: {plan.first.name} is still deployed as it was.",
        (
            f"2. Set the least and the most environments of {plan.second} to 0: nothing of it runs or costs then, and"
            " traffic does not wake it."
        ),
        (
            f"3. When it is no longer wanted, delete {plan.second}, and then its capacity provider: a provider cannot"
            " be deleted while a version of a function uses it."
        ),
        f"Delete {plan.first.name} only when the way back is no longer needed.",
    ]


def notes(plan: Plan) -> tuple[str, ...]:
    """What the reader of any snippet has to know."""
    first = plan.first
    found = [
        "A weighted alias cannot divide traffic between two functions: the shares are set at what invokes them.",
        PERMISSION,
    ]
    if plan.provider is not None:
        found.append(
            f"{plan.second} uses the capacity provider {plan.provider.name}, which is declared already: a container is"
            " no boundary, so all functions on it must trust each other."
        )
    else:
        found.append("Subnets, security group and operator role of the capacity provider are yours to fill in.")
    if plan.unknown_environment:
        found.append(f"Set these variables as {first.name} has them: {', '.join(plan.unknown_environment)}.")
    if first.vpc:
        found.append(
            f"{first.name} has a network of its own; on managed instances that is the capacity provider’s, which must"
            " reach the same hosts. Where VpcConfig is set for all functions of the file, exempt the new one."
        )
    if plan.runtime != first.runtime:
        found.append(
            f"Managed instances do not run {first.runtime}, so the second function says {plan.runtime}: move"
            f" {first.name} to that first, and test it there."
        )
    if plan.architecture != (first.architecture or "x86_64"):
        found.append(f"{plan.second} runs on {plan.architecture}: native code in its package has to be built for that.")
    if first.provisioned or first.reserved is not None:
        found.append("Provisioned and reserved concurrency are left out: managed instances know neither.")
    if first.timeout_s is None and "timeout_s" in first.unknown:
        found.append("The timeout of the first function is not known here.")
    return tuple(found)


_CDK: Final = {
    "canary": "canarySetting of CfnStage",
    "weights": "ListenerAction.weightedForward",
    "mapping": "an SqsEventSource of the same queue",
    "off": "enabled: false",
    "repoint": "addEventSource makes a mapping that belongs to its function, so moving it makes a new one",
}
_NAMES: Final[dict[Dialect, dict[str, str]]] = {
    Dialect.SAM: {
        "canary": "CanarySetting of AWS::Serverless::Api",
        "weights": "ForwardConfig.TargetGroups of AWS::ElasticLoadBalancingV2::ListenerRule",
        "mapping": "an event of the same queue under Events",
        "off": "Enabled: false",
        "repoint": "An event under Events belongs to its function, so moving it makes a new mapping",
    },
    Dialect.CLOUDFORMATION: {
        "canary": "CanarySetting of AWS::ApiGateway::Stage",
        "weights": "ForwardConfig.TargetGroups of AWS::ElasticLoadBalancingV2::ListenerRule",
        "mapping": "a second AWS::Lambda::EventSourceMapping of the same queue",
        "off": "Enabled: false",
        "repoint": "Change FunctionName of the AWS::Lambda::EventSourceMapping, which is updated in place and keeps its"
        " position. A mapping made anew does not",
    },
    Dialect.SERVERLESS: {
        "canary": "a canary of the stage, CanarySetting of AWS::ApiGateway::Stage",
        "weights": "ForwardConfig.TargetGroups of AWS::ElasticLoadBalancingV2::ListenerRule under resources",
        "mapping": "an event of the same queue under events",
        "off": "enabled: false",
        "repoint": "An event under events belongs to its function, so moving it makes a new mapping",
    },
    Dialect.TERRAFORM: {
        "canary": "canary_settings of aws_api_gateway_stage",
        "weights": "forward of aws_lb_listener_rule",
        "mapping": "a second aws_lambda_event_source_mapping of the same queue",
        "off": "enabled = false",
        "repoint": "Change function_name of the aws_lambda_event_source_mapping, which is updated in place and keeps"
        " its position. A mapping made anew does not",
    },
    Dialect.CDK: _CDK,
    Dialect.CDK_OUTPUT: _CDK,
}

_STREAM: Final = (
    "Stream: two mappings would each get every record, so there are no shares; move it at once, in a quiet hour."
    " {repoint}: then choose its starting position, and let the handler bear records that come twice."
)
_UNSUPPORTED: Final = "This event source is not among those that managed instances poll: {first} has to stay for it."
_WAYS: Final = {
    "http": "HTTP: in a REST API let a stage variable name the function in the integration, and a canary override it"
    " ({canary}) for 10, then 50 % of requests; both functions need the API’s permission. HTTP APIs and function URLs"
    " have no shares: use an Application Load Balancer with a target group for each function ({weights}: 90 and 10, 50"
    " and 50, 0 and 100), or two domain names with weighted records in Route 53.",
    "sqs": "Queue: give {second} {mapping}. Both poll then, and a message goes to one of them. There are no shares,"
    " only how much each takes at once: bound that with the mappings’ maximum concurrency, and at 100 % turn the"
    " first’s off ({off}).",
    "kinesis": _STREAM,
    "dynamodb": _STREAM,
    "msk": _STREAM,
    "kafka": _STREAM,
    "mq": _UNSUPPORTED,
    "documentdb": _UNSUPPORTED,
    "sns": "Topic: two subscriptions would each get every message. Divide the messages by filter policies on an"
    " attribute, or move the subscription at once.",
    "s3": "Bucket: for one event and overlapping prefixes it notifies one function. Divide by prefix, or move at once.",
    "eventbridge": "Rule: all its targets get every event. Divide the events by two rules with patterns that exclude"
    " each other, or change the target at once.",
    "schedule": "Schedule: one invocation at a time, nothing to divide. Change its target.",
    "other": "Callers that name the function: let a setting of theirs (a feature flag, say) choose between {first} and"
    " {second} for 10, then 50 % of calls. A Step Functions state machine has weighted aliases of its own.",
}  # fmt: skip
