"""Published shapes of Terraform for managed instances, rewritten: provider documentation, patterns of AWS, modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lmi_lint.deploy.model import CapacityProvider, DeployedFunction

    from .conftest import Deploy

PYTHON = "def handler(event, context):\n    return event\n"

# https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_capacity_provider: basic usage
BASIC = """\
resource "aws_lambda_capacity_provider" "this" {
  name = "this"
  vpc_config {
    subnet_ids         = aws_subnet.private[*].id
    security_group_ids = [aws_security_group.this.id]
  }
  permissions_config {
    capacity_provider_operator_role_arn = aws_iam_role.operator.arn
  }
}
resource "aws_subnet" "private" {
  count = 3
}
"""
# The same page: manual scaling with specific instance types
MANUAL = BASIC.replace("permissions_config", """\
instance_requirements {
    architectures          = ["x86_64"]
    allowed_instance_types = ["c6i.2xlarge", "c7i.2xlarge"]
  }
  capacity_provider_scaling_config {
    scaling_mode = "Manual"
    scaling_policies = [
      {
        predefined_metric_type = "LambdaCapacityProviderAverageCPUUtilization"
        target_value           = 50
      }
    ]
  }
  permissions_config""", 1)  # fmt: skip
# …/resources/lambda_function_scaling_config
SCALED = (
    BASIC
    + """
resource "aws_lambda_function" "this" {
  filename      = "lambda.zip"
  function_name = "this"
  role          = aws_iam_role.this.arn
  handler       = "app.handler"
  runtime       = "python3.14"
  memory_size   = 32768
  publish       = true
  publish_to    = "LATEST_PUBLISHED"
  capacity_provider_config {
    lambda_managed_instances_capacity_provider_config {
      capacity_provider_arn = aws_lambda_capacity_provider.this.arn
    }
  }
}
resource "aws_lambda_function_scaling_config" "this" {
  function_name = aws_lambda_function.this.function_name
  qualifier     = "$LATEST.PUBLISHED"
  function_scaling_config {
    min_execution_environments = 3
    max_execution_environments = 100
  }
}
"""
)
# A pattern with a network of its own: subnets of a list, a NAT gateway, a function published as a version
NETWORK = """\
locals {
  zones = ["a", "b", "c"]
}
resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "private" {
  count             = length(local.zones)
  availability_zone = "eu-west-1${local.zones[count.index]}"
}
resource "aws_nat_gateway" "this" {
  subnet_id = aws_subnet.private[0].id
}
resource "aws_security_group" "this" {
  egress {
    from_port = 0
    to_port   = 0
    protocol  = "-1"
  }
}
resource "aws_lambda_capacity_provider" "this" {
  for_each = { plain = aws_subnet.private[*].id, single = [aws_subnet.private[0].id] }
  name     = each.key
  vpc_config {
    subnet_ids         = each.value
    security_group_ids = [aws_security_group.this.id]
  }
  permissions_config {
    capacity_provider_operator_role_arn = aws_iam_role.operator.arn
  }
}
resource "aws_lambda_function" "this" {
  function_name = "this"
  handler       = "app.handler"
  runtime       = "python3.13"
  memory_size   = 2048
  timeout       = 60 * 60 // more than 15 minutes need managed instances
  publish       = true
  capacity_provider_config {
    lambda_managed_instances_capacity_provider_config {
      capacity_provider_arn = aws_lambda_capacity_provider.this["single"].arn
    }
  }
  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this.name
  }
}
"""
# Providers of a variable, every block dynamic
DYNAMIC = """\
variable "providers" {
  type = map(object({
    mode    = optional(string, "Auto")
    subnets = list(string)
    types   = optional(list(string))
  }))
  default = {
    small = { subnets = ["subnet-1"], types = ["m7g.large"] }
    large = { subnets = ["subnet-1", "subnet-2"], mode = "Manual" }
  }
}
resource "aws_lambda_capacity_provider" "all" {
  for_each = var.providers
  name     = each.key
  dynamic "vpc_config" {
    for_each = each.value.subnets != null ? [each.value.subnets] : []
    content {
      subnet_ids         = vpc_config.value
      security_group_ids = []
    }
  }
  dynamic "instance_requirements" {
    for_each = each.value.types != null ? [each.value.types] : []
    iterator = it
    content {
      architectures          = ["arm64"]
      allowed_instance_types = it.value
    }
  }
  dynamic "capacity_provider_scaling_config" {
    for_each = [each.value.mode]
    content {
      scaling_mode = capacity_provider_scaling_config.value
      dynamic "scaling_policies" {
        for_each = each.value.mode == "Manual" ? [60] : []
        content {
          target_value = scaling_policies.value
        }
      }
    }
  }
  permissions_config {
    capacity_provider_operator_role_arn = "arn:aws:iam::123456789012:role/operator"
  }
}
"""


def read(deploy: Deploy, text: str) -> tuple[tuple[DeployedFunction, ...], tuple[CapacityProvider, ...]]:
    """Functions and providers of a template without a trouble."""
    deployment = deploy({"main.tf": text, "app.py": PYTHON})
    assert deployment.problems == ()
    assert all(function.oddities == () for function in deployment.functions)
    assert all(provider.oddities == () for provider in deployment.providers)
    deployed = tuple(each for each in deployment.functions if each.template is not None)
    return deployed, deployment.providers


def test_basic_usage(deploy: Deploy) -> None:
    _, (provider,) = read(deploy, BASIC)
    assert (provider.subnets, provider.security_groups, provider.architectures) == (3, 1, None)
    assert (provider.scaling_mode, provider.policies, provider.unknown) == (None, None, ())


def test_manual_scaling(deploy: Deploy) -> None:
    _, (provider,) = read(deploy, MANUAL)
    assert (provider.scaling_mode, provider.policies, provider.target_utilisation) == ("Manual", 1, 50.0)
    assert (provider.allowed, provider.architectures) == (("c6i.2xlarge", "c7i.2xlarge"), ("x86_64",))


def test_scaling_of_a_function(deploy: Deploy) -> None:
    (function,), (provider,) = read(deploy, SCALED)
    assert (function.memory_mb, function.published, function.provider) == (32768, "latest", provider.name)
    assert (function.min_environments, function.max_environments) == (3, 100)


def test_a_network_of_its_own(deploy: Deploy) -> None:
    (function,), providers = read(deploy, NETWORK)
    assert [(each.name, each.subnets, each.open_inbound, each.log_egress) for each in providers] == [
        ('aws_lambda_capacity_provider.this["plain"]', 3, False, True),
        ('aws_lambda_capacity_provider.this["single"]', 1, False, True),
    ]
    assert function.provider == providers[1].name
    assert (function.timeout_s, function.published, function.log_format) == (3600, "version", "JSON")


def test_providers_of_a_variable(deploy: Deploy) -> None:
    _, providers = read(deploy, DYNAMIC)
    assert [(each.subnets, each.allowed, each.scaling_mode, each.policies) for each in providers] == [
        (1, ("m7g.large",), "Auto", 0), (2, None, "Manual", 1),
    ]  # fmt: skip
    assert providers[1].target_utilisation == 60.0


@pytest.mark.parametrize("given", ["aws_lambda_capacity_provider.this.arn", "null", "var.unset"])
def test_a_provider_that_a_module_is_given(deploy: Deploy, given: str) -> None:
    """The usual shape of wrappers: a block for each provider that is not null."""
    module = """\
variable "provider_arn" {
  default = null
}
resource "aws_lambda_function" "this" {
  function_name = "this"
  handler       = "app.handler"
  runtime       = "python3.13"
  publish       = var.provider_arn != null
  dynamic "capacity_provider_config" {
    for_each = var.provider_arn != null ? [true] : []
    content {
      lambda_managed_instances_capacity_provider_config {
        capacity_provider_arn = var.provider_arn
      }
    }
  }
}
"""
    call = f'{BASIC}\nvariable "unset" {{}}\nmodule "f" {{\n  source = "./f"\n  provider_arn = {given}\n}}\n'
    (function,) = deploy({"main.tf": call, "f/main.tf": module, "app.py": PYTHON}).functions
    expected = {
        "aws_lambda_capacity_provider.this.arn": (True, "aws_lambda_capacity_provider.this", "version", ()),
        "null": (False, None, None, ()),
        "var.unset": (False, None, None, ("managed", "published")),
    }
    found = (function.managed, function.provider, function.published)
    assert (*found, tuple(each for each in function.unknown if each in {"managed", "published"})) == expected[given]
