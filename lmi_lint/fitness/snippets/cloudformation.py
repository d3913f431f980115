"""Snippets of SAM and CloudFormation; the alarms of both also serve the Serverless Framework.

Sources: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-capacityprovider.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-capacityprovider.html,
https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-monitoring.html
"""

from __future__ import annotations

import posixpath
import re
import textwrap
from typing import Any, Final

from lmi_lint.deploy.model import Dialect
from lmi_lint.fitness.snippets import words
from lmi_lint.fitness.snippets.documents import Intrinsic, Part, as_json, as_yaml
from lmi_lint.fitness.snippets.model import Plan, Snippet

_LOGICAL_ID: Final = re.compile(r"[A-Za-z0-9]{1,255}")


def cloudformation(plan: Plan) -> Snippet:
    """A snippet of SAM or CloudFormation, in JSON where the template is."""
    sam = plan.first.dialect is Dialect.SAM
    made = _Made(plan)
    resources = [] if plan.provider else [made.provider(sam=sam)]
    resources += [made.function(sam=sam), *alarms(plan, Intrinsic("Ref", plan.second), made.provider_name)]
    sections = {"Parameters": made.parameters, "Resources": resources}
    notes = words.notes(plan)
    if sam and plan.first.auto_alias:
        notes += (
            (
                "Where AutoPublishAlias is set for all functions of the file, exempt the new one: its numbered version"
                " would have environments of its own beside those of $LATEST.PUBLISHED."
            ),
        )
    dialect = plan.first.dialect or Dialect.CLOUDFORMATION
    head = words.head(plan)
    if (plan.first.template or "").lower().endswith(".json"):
        said = tuple(line for part in [*made.parameters, *resources] for line in part.said)
        notes += tuple(line for line in (*head, *said, *words.moving(plan), *words.back(plan)) if line)
        return Snippet(dialect, "json", as_json(sections), notes)
    return Snippet(dialect, "yaml", as_yaml(sections, head, words.tail(plan, "#")), notes)


class _Made:
    """Collects the parameters that the resources of one snippet ask for."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.parameters: list[Part] = []
        self.provider_id = plan.provider.name if plan.provider is not None else plan.capacity
        self.provider_name = Intrinsic("Ref", self.provider_id)

    def ask(self, name: str, description: str, kind: str = "String") -> Intrinsic:
        """A parameter to fill in."""
        key = f"{self.plan.second}{name}"
        self.parameters.append(Part(key, {"Type": kind, "Description": description}))
        return Intrinsic("Ref", key)

    def provider(self, *, sam: bool) -> Part:
        """The capacity provider."""
        plan = self.plan
        zones = [
            self.ask(f"Subnet{zone}", f"Subnet for managed instances, zone {zone}", "AWS::EC2::Subnet::Id")
            for zone in "ABC"
        ]
        group = self.ask("SecurityGroup", "Security group of managed instances", "AWS::EC2::SecurityGroup::Id")
        role = self.ask("OperatorRoleArn", "ARN of the role by which Lambda manages instances")
        network = {"SubnetIds": zones, "SecurityGroupIds": [group]}
        needs = {"Architectures": [plan.architecture]}
        properties: dict[str, Any] = {"VpcConfig": network, "InstanceRequirements": needs}
        scaling = {"MaxVCpuCount": plan.max_vcpus}
        if sam:
            properties |= {"OperatorRole": role, "ScalingConfig": scaling}
        else:
            properties |= {
                "PermissionsConfig": {"CapacityProviderOperatorRoleArn": role},
                "CapacityProviderScalingConfig": scaling,
            }
        kind = "AWS::Serverless::CapacityProvider" if sam else "AWS::Lambda::CapacityProvider"
        return Part(plan.capacity, {"Type": kind, "Properties": properties}, (words.PROVIDER,))

    def function(self, *, sam: bool) -> Part:
        """The second function."""
        plan, first = self.plan, self.plan.first
        arn = Intrinsic("GetAtt", f"{self.provider_id}.Arn")
        attached = {
            "PerExecutionEnvironmentMaxConcurrency": plan.concurrency,
            "ExecutionEnvironmentMemoryGiBPerVCpu": plan.gib_per_vcpu,
        }
        code, said = self._code(sam=sam)
        properties: dict[str, Any] = {**code, **self._same()}
        if sam:
            properties["CapacityProviderConfig"] = {"Arn": arn, **attached}
        else:
            inner = {"CapacityProviderArn": arn, **attached}
            properties["CapacityProviderConfig"] = {"LambdaManagedInstancesCapacityProviderConfig": inner}
        properties["FunctionScalingConfig"] = {
            "MinExecutionEnvironments": plan.minimum,
            "MaxExecutionEnvironments": plan.maximum,
        }
        properties["PublishToLatestPublished"] = True
        role = self._role(sam=sam)
        if role is not None:
            properties["Role"] = role
        kind = "AWS::Serverless::Function" if sam else "AWS::Lambda::Function"
        missing = [f"Set as {first.name} has it: Environment.Variables.{name}" for name in plan.unknown_environment]
        if "environment" in first.unknown:
            missing.append(f"Environment.Variables of {first.name} are not all known here: copy them")
        lead = f"As {first.name}, but for what managed instances need. Other settings of it (tags, tracing, dead-letter"
        said = [f"{lead} queue, file systems) have to be copied.", *said, *missing]
        return Part(plan.second, {"Type": kind, "Properties": properties}, tuple(said))

    def _code(self, *, sam: bool) -> tuple[dict[str, Any], list[str]]:
        """Where the code is, and what is to say of it."""
        first = self.plan.first
        if first.image:
            uri = self.ask("ImageUri", f"Image that {first.name} runs")
            if sam:
                return {"PackageType": "Image", "ImageUri": uri}, []
            return {"PackageType": "Image", "Code": {"ImageUri": uri}}, []
        if first.inline is not None and not (first.template or "").endswith(".json"):
            text = textwrap.dedent(first.inline.data.decode("utf-8", "replace").strip("\r\n")).strip() + "\n"
            return ({"InlineCode": text} if sam else {"Code": {"ZipFile": text}}), []
        if sam and first.code_root is not None and first.local:
            folder = posixpath.dirname(first.template or "")
            return {"CodeUri": posixpath.relpath(first.code_root or ".", folder or ".")}, []
        bucket = self.ask("CodeBucket", f"Bucket of the code of {first.name}")
        key = self.ask("CodeKey", f"Key of the code of {first.name} in that bucket")
        said = [f"The code is that of {first.name}: where a tool packages it, write Code as it is written there."]
        if sam:
            return {"CodeUri": {"Bucket": bucket, "Key": key}}, said
        return {"Code": {"S3Bucket": bucket, "S3Key": key}}, said

    def _same(self) -> dict[str, Any]:
        """What is as in the first function, with the size that is recommended."""
        plan, first = self.plan, self.plan.first
        found: dict[str, Any] = {}
        if not first.image:
            found["Handler"] = first.handler or self.ask("Handler", f"Handler of {first.name}")
            found["Runtime"] = plan.runtime or self.ask("Runtime", f"Runtime of {first.name}")
        found |= {"Architectures": [plan.architecture], "MemorySize": plan.memory_mb}
        if first.timeout_s is not None:
            found["Timeout"] = first.timeout_s
        if first.ephemeral_mb is not None:
            found["EphemeralStorage"] = {"Size": first.ephemeral_mb}
        if plan.known_environment:
            found["Environment"] = {"Variables": dict(plan.known_environment)}
        if first.layers:
            found["Layers"] = [_named(each) for each in first.layers]
        if first.log_format == "Text":
            found["LoggingConfig"] = {"LogFormat": "JSON"}
        return found

    def _role(self, *, sam: bool) -> Any:
        """The first function's role; the one that SAM makes is called after the function."""
        first = self.plan.first
        if first.role is None and sam and "role" not in first.unknown and _LOGICAL_ID.fullmatch(first.name):
            return Intrinsic("GetAtt", f"{first.name}Role.Arn")
        if first.role is not None and first.role.startswith("arn:"):
            return first.role
        if first.role is not None and _LOGICAL_ID.fullmatch(first.role):
            return Intrinsic("GetAtt", f"{first.role}.Arn")
        return self.ask("RoleArn", f"ARN of the execution role of {first.name}")


def _named(layer: str) -> Any:
    return Intrinsic("Ref", layer) if _LOGICAL_ID.fullmatch(layer) else layer


def alarms(plan: Plan, function: Any, provider: Any) -> list[Part]:
    """The two alarms: ``function`` and ``provider`` give the names of both."""

    def metric(name: str, identifier: str) -> dict[str, Any]:
        own = {"Namespace": "AWS/Lambda", "MetricName": name, "Dimensions": [_dimension("FunctionName", function)]}
        return {
            "Id": identifier,
            "MetricStat": {"Metric": own, "Period": 300, "Stat": "Sum"},
            "ReturnData": False,
        }

    rate = {"Id": "rate", "Expression": "100 * throttles / (invocations + throttles)", "Label": "Throttled, percent"}
    over: dict[str, Any] = {"ComparisonOperator": "GreaterThanThreshold"}
    throttles = {
        "AlarmDescription": f"More than 1 % of invocations of {plan.second} are throttled",
        "Metrics": [rate, metric("Throttles", "throttles"), metric("Invocations", "invocations")],
        **over,
        "Threshold": 1,
        "EvaluationPeriods": 2,
        "TreatMissingData": "notBreaching",
    }
    cpu = {
        "AlarmDescription": f"Environments of {plan.second} use more than 80 % of their CPU",
        "Namespace": "AWS/Lambda",
        "MetricName": "ExecutionEnvironmentCPUUtilization",
        "Dimensions": [_dimension("FunctionName", function), _dimension("CapacityProviderName", provider)],
        "Statistic": "Average",
        "Period": 300,
        **over,
        "Threshold": 80,
        "EvaluationPeriods": 3,
    }
    kind = "AWS::CloudWatch::Alarm"
    return [
        Part(f"{plan.second}Throttles", {"Type": kind, "Properties": throttles}, (words.THROTTLES,)),
        Part(f"{plan.second}Cpu", {"Type": kind, "Properties": cpu}, (words.DOCUMENTED,)),
    ]


def _dimension(name: str, value: Any) -> dict[str, Any]:
    return {"Name": name, "Value": value}
