"""Snippets of Terraform: what the first function has is taken from it by reference.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_function,
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_capacity_provider,
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_function_scaling_config,
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_metric_alarm
"""

from __future__ import annotations

import re
from typing import Final

from lmi_lint.deploy.model import Dialect
from lmi_lint.fitness.snippets import words
from lmi_lint.fitness.snippets.hcl import Block, written
from lmi_lint.fitness.snippets.model import Plan, Snippet
from lmi_lint.fitness.snippets.quoting import comments, hcl, snake

_Body = tuple[tuple[str, str] | Block | None, ...]
_MODULES: Final = re.compile(r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*")
_RESOURCE: Final = re.compile(r'([\w-]+)(\[(?:\d+|"[\w.-]*")\])?')
_CODE: Final = (
    "filename", "source_code_hash", "s3_bucket", "s3_key", "s3_object_version", "package_type", "image_uri",
)  # fmt: skip
_SAME: Final = ("role", "handler", "runtime", "timeout", "layers", "kms_key_arn")
_VERSION: Final = "6.54"
"""Of the provider hashicorp/aws: the first with aws_lambda_function_scaling_config."""


def terraform(plan: Plan) -> Snippet:
    """A snippet of Terraform, to stand in the module of the first function."""
    name = snake(plan.second)
    origin = _origin(plan.first.name)
    asked: list[Block] = []
    body = _by_reference(plan, origin) if origin is not None else _by_variables(plan, name, asked)
    blocks = [] if plan.provider else [_provider(plan, name, asked)]
    provider = plan.provider.name if plan.provider is not None else f"aws_lambda_capacity_provider.{name}"
    blocks += [_function(plan, name, provider, body), _scaling(plan, name), *_alarms(plan, name, provider)]
    text = "\n".join([comments(words.head(plan), "#"), *(written(block) for block in (*asked, *blocks))])
    text += "\n" + words.tail(plan, "#")
    notes = (*words.notes(plan), f"Needs the provider hashicorp/aws {_VERSION} or later.")
    if origin is not None and "module." in plan.first.name:
        notes += (f"Put it into the module that declares {plan.first.name}: it then serves each use of the module.",)
    if origin is None:
        notes += (f"{plan.first.name} is made by a module, so what the second function shares with it are variables.",)
    return Snippet(Dialect.TERRAFORM, "hcl", text, notes)


def _origin(name: str) -> str | None:
    """How the module of the first function refers to it; None where another module makes it."""
    found = _RESOURCE.fullmatch(_MODULES.sub("", name, count=1))
    return None if found is None or found[1] == "module" else f"aws_lambda_function.{found[0]}"


def _variable(name: str, description: str, kind: str = "string") -> Block:
    return Block("variable", (name,), (("type", kind), ("description", hcl(description))))


def _provider(plan: Plan, name: str, asked: list[Block]) -> Block:
    zones = [f"{name}_subnet_{zone}" for zone in "abc"]
    asked += [_variable(each, f"Id of a subnet for managed instances, zone {each[-1]}") for each in zones]
    asked.append(_variable(f"{name}_security_group", "Id of the security group of managed instances"))
    asked.append(_variable(f"{name}_operator_role_arn", "ARN of the role by which Lambda manages instances"))
    subnets = ", ".join(f"var.{each}" for each in zones)
    body: _Body = (
        ("name", hcl(name.replace("_", "-"))),
        None,
        Block(
            "vpc_config",
            (),
            (("subnet_ids", f"[{subnets}]"), ("security_group_ids", f"[var.{name}_security_group]")),
        ),
        None,
        Block("permissions_config", (), (("capacity_provider_operator_role_arn", f"var.{name}_operator_role_arn"),)),
        None,
        Block("instance_requirements", (), (("architectures", f"[{hcl(plan.architecture)}]"),)),
        None,
        Block(
            "capacity_provider_scaling_config",
            (),
            (("scaling_mode", hcl("Auto")), ("max_vcpu_count", str(plan.max_vcpus))),
        ),
    )
    return Block("resource", ("aws_lambda_capacity_provider", name), body, (words.PROVIDER,))


def _by_reference(plan: Plan, origin: str) -> _Body:
    """What is the first function's, by reference."""
    first = plan.first
    names = (*_CODE, *_SAME) if not first.image else (*_CODE, *(n for n in _SAME if n not in ("handler", "runtime")))
    newer = {"runtime": hcl(plan.runtime)} if plan.runtime is not None and plan.runtime != first.runtime else {}
    body: _Body = tuple((name, newer.get(name, f"{origin}.{name}")) for name in names)
    blocks: dict[str, tuple[str, ...]] = {
        "environment": ("variables",),
        "ephemeral_storage": ("size",),
        "dead_letter_config": ("target_arn",),
        "tracing_config": ("mode",),
    }
    if first.image:
        blocks["image_config"] = ("command", "entry_point", "working_directory")
    for kind, attributes in blocks.items():
        content = Block("content", (), tuple((name, f"{kind}.value.{name}") for name in attributes))
        body += (None, Block("dynamic", (kind,), (("for_each", f"{origin}.{kind}"), None, content)))
    return body


def _by_variables(plan: Plan, name: str, asked: list[Block]) -> _Body:
    """What is the first function's, where another module makes it: values as far as they are known, else variables."""
    first = plan.first
    asked.append(_variable(f"{name}_role_arn", f"ARN of the execution role of {first.name}"))
    body: _Body = (("role", f"var.{name}_role_arn"),)
    if first.image:
        asked.append(_variable(f"{name}_image_uri", f"Image that {first.name} runs"))
        body += (("package_type", hcl("Image")), ("image_uri", f"var.{name}_image_uri"))
    else:
        asked.append(_variable(f"{name}_package", f"Archive with the code of {first.name}"))
        body += (("filename", f"var.{name}_package"),)
        for setting, value in (("handler", first.handler), ("runtime", plan.runtime)):
            if value is None:
                asked.append(_variable(f"{name}_{setting}", f"The {setting} of {first.name}"))
            body += ((setting, hcl(value) if value is not None else f"var.{name}_{setting}"),)
    if first.timeout_s is not None:
        body += (("timeout", str(first.timeout_s)),)
    asked.append(_variable(f"{name}_environment", f"Environment variables of {first.name}", "map(string)"))
    return (*body, None, Block("environment", (), (("variables", f"var.{name}_environment"),)))


def _function(plan: Plan, name: str, provider: str, same: _Body) -> Block:
    attached = Block(
        "capacity_provider_config",
        (),
        (
            Block(
                "lambda_managed_instances_capacity_provider_config",
                (),
                (
                    ("capacity_provider_arn", f"{provider}.arn"),
                    ("per_execution_environment_max_concurrency", str(plan.concurrency)),
                    ("execution_environment_memory_gib_per_vcpu", str(plan.gib_per_vcpu)),
                ),
            ),
        ),
    )
    own: _Body = (
        ("function_name", hcl(name.replace("_", "-"))),
        ("architectures", f"[{hcl(plan.architecture)}]"),
        ("memory_size", str(plan.memory_mb)),
        ("publish", "true"),
        ("publish_to", hcl("LATEST_PUBLISHED")),
        None,
        attached,
        None,
    )
    logs: _Body = ()
    if plan.first.log_format == "Text":
        logs = (None, Block("logging_config", (), (("log_format", hcl("JSON")),)))
    said = (f"As {plan.first.name}, but for what managed instances need.",)
    return Block("resource", ("aws_lambda_function", name), (*own, *same, *logs), said)


def _scaling(plan: Plan, name: str) -> Block:
    bounds = Block(
        "function_scaling_config",
        (),
        (
            ("min_execution_environments", str(plan.minimum)),
            ("max_execution_environments", str(plan.maximum)),
        ),
    )
    body: _Body = (
        ("function_name", f"aws_lambda_function.{name}.function_name"),
        ("qualifier", hcl("$LATEST.PUBLISHED")),
        None,
        bounds,
    )
    return Block("resource", ("aws_lambda_function_scaling_config", name), body)


def _alarms(plan: Plan, name: str, provider: str) -> list[Block]:
    function = f"aws_lambda_function.{name}.function_name"

    def query(identifier: str, metric: str) -> Block:
        own: _Body = (
            ("namespace", hcl("AWS/Lambda")),
            ("metric_name", hcl(metric)),
            ("period", "300"),
            ("stat", hcl("Sum")),
            ("dimensions", f"{{ FunctionName = {function} }}"),
        )
        return Block("metric_query", (), (("id", hcl(identifier)), None, Block("metric", (), own)))

    rate = Block(
        "metric_query",
        (),
        (
            ("id", hcl("rate")),
            ("expression", hcl("100 * throttles / (invocations + throttles)")),
            ("label", hcl("Throttled, percent")),
            ("return_data", "true"),
        ),
    )
    over = ("comparison_operator", hcl("GreaterThanThreshold"))
    throttles: _Body = (
        ("alarm_name", hcl(f"{name.replace('_', '-')}-throttles")),
        ("alarm_description", hcl(f"More than 1 % of invocations of {plan.second} are throttled")),
        over,
        ("threshold", "1"),
        ("evaluation_periods", "2"),
        ("treat_missing_data", hcl("notBreaching")),
        None,
        rate,
        None,
        query("throttles", "Throttles"),
        None,
        query("invocations", "Invocations"),
    )
    cpu: _Body = (
        ("alarm_name", hcl(f"{name.replace('_', '-')}-cpu")),
        ("alarm_description", hcl(f"Environments of {plan.second} use more than 80 % of their CPU")),
        ("namespace", hcl("AWS/Lambda")),
        ("metric_name", hcl("ExecutionEnvironmentCPUUtilization")),
        ("dimensions", f"{{ FunctionName = {function}, CapacityProviderName = {provider}.name }}"),
        ("statistic", hcl("Average")),
        ("period", "300"),
        over,
        ("threshold", "80"),
        ("evaluation_periods", "3"),
    )
    return [
        Block("resource", ("aws_cloudwatch_metric_alarm", f"{name}_throttles"), throttles, (words.THROTTLES,)),
        Block("resource", ("aws_cloudwatch_metric_alarm", f"{name}_cpu"), cpu, (words.DOCUMENTED,)),
    ]
