"""Terraform: functions, capacity providers and what other resources say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lmi_lint.deploy.model import Dialect
from lmi_lint.model.names import Language

if TYPE_CHECKING:
    from lmi_lint.deploy.model import DeployedFunction, Deployment

    from .conftest import Deploy

PYTHON = "def handler(event, context):\n    return event\n"

ORDERS = """\
provider "aws" {
  region = "eu-central-1"
}

data "archive_file" "orders" {
  type        = "zip"
  source_dir  = "${path.module}/../src"
  output_path = "${path.module}/build/orders.zip"
}

resource "aws_lambda_function" "orders" {
  function_name    = "orders"
  role             = aws_iam_role.orders.arn
  runtime          = "python3.13"
  handler          = "app.handler"
  filename         = data.archive_file.orders.output_path
  source_code_hash = data.archive_file.orders.output_base64sha256
  memory_size      = 4096
  timeout          = 30
  architectures    = ["arm64"]
  publish          = true
  publish_to       = "LATEST_PUBLISHED"
  layers           = [aws_lambda_layer_version.shared.arn, "arn:aws:lambda:eu-central-1:123:layer:tools:4"]

  ephemeral_storage {
    size = 1024
  }
  environment {
    variables = {
      STAGE = "prod"
      TABLE = aws_dynamodb_table.orders.name
      HOST  = aws_db_proxy.main.endpoint
    }
  }
  logging_config {
    log_format = "JSON"
  }
  capacity_provider_config {
    lambda_managed_instances_capacity_provider_config {
      capacity_provider_arn                     = aws_lambda_capacity_provider.pool.arn
      execution_environment_memory_gib_per_vcpu = 4
      per_execution_environment_max_concurrency = 24
    }
  }
}

resource "aws_lambda_layer_version" "shared" {
  layer_name = "shared"
}

resource "aws_dynamodb_table" "orders" {
  name = "orders"
}

resource "aws_lambda_capacity_provider" "pool" {
  name = "pool"
  vpc_config {
    subnet_ids         = [aws_subnet.a.id, aws_subnet.b.id, aws_subnet.c.id]
    security_group_ids = [aws_security_group.pool.id]
  }
  permissions_config {
    capacity_provider_operator_role_arn = aws_iam_role.operator.arn
  }
  instance_requirements {
    architectures          = ["arm64"]
    allowed_instance_types = ["m7g.large", "c7g.*"]
  }
  capacity_provider_scaling_config {
    max_vcpu_count = 40
    scaling_mode   = "Manual"
    scaling_policies = [{
      predefined_metric_type = "LambdaCapacityProviderAverageCPUUtilization"
      target_value           = 55.5
    }]
  }
}

resource "aws_lambda_function_scaling_config" "orders" {
  function_name = aws_lambda_function.orders.function_name
  qualifier     = "$LATEST.PUBLISHED"
  function_scaling_config {
    min_execution_environments = 3
    max_execution_environments = 20
  }
}

resource "aws_sqs_queue" "orders" {}

resource "aws_lambda_event_source_mapping" "orders" {
  event_source_arn = aws_sqs_queue.orders.arn
  function_name    = aws_lambda_alias.live.arn
}

resource "aws_lambda_alias" "live" {
  name          = "live"
  function_name = aws_lambda_function.orders.function_name
}
"""


def by_name(deployment: Deployment) -> dict[str, DeployedFunction]:
    return {function.name: function for function in deployment.functions}


def terraform(deploy: Deploy, text: str, **more: str) -> DeployedFunction:
    """The only deployed function of a template."""
    deployment = deploy({"main.tf": text, "app.py": PYTHON, **more})
    (function,) = [each for each in deployment.functions if each.dialect is Dialect.TERRAFORM]
    return function


def lambda_with(arguments: str, more: str = "") -> str:
    return f"""\
resource "aws_lambda_function" "f" {{
  function_name = "f"
  runtime       = "python3.13"
  handler       = "app.handler"
  {arguments}
}}
{more}
"""


def test_a_managed_function(deploy: Deploy) -> None:
    deployment = deploy({"infra/main.tf": ORDERS, "src/app.py": PYTHON})
    assert deployment.problems == ()
    (orders,) = deployment.functions
    assert (orders.name, orders.dialect, orders.template) == ("orders", Dialect.TERRAFORM, "infra/main.tf")
    assert orders.entry is not None
    assert (orders.entry.path, orders.entry.symbol, orders.code_root) == ("src/app.py", "handler", "src")
    assert (orders.language, orders.runtime, orders.handler) == (Language.PYTHON, "python3.13", "app.handler")
    assert (orders.memory_mb, orders.timeout_s, orders.ephemeral_mb, orders.architecture) == (4096, 30, 1024, "arm64")
    assert (orders.managed, orders.provider) == (True, "aws_lambda_capacity_provider.pool")
    assert (orders.max_concurrency, orders.memory_per_vcpu) == (24, 4.0)
    assert (orders.min_environments, orders.max_environments) == (3, 20)
    assert (orders.published, orders.log_format, orders.region) == ("latest", "JSON", "eu-central-1")
    assert orders.layers == ("shared", "arn:aws:lambda:eu-central-1:123:layer:tools:4")
    assert orders.role == "aws_iam_role.orders"
    assert dict(orders.environment) == {"STAGE": "prod", "TABLE": "orders", "HOST": None}
    assert orders.proxied
    assert [(event.kind, event.polled) for event in orders.events] == [("sqs", True)]
    assert (orders.vpc, orders.snapstart, orders.reserved, orders.provisioned, orders.edge) == (
        False, False, None, None, False,
    )  # fmt: skip
    assert orders.oddities == ()
    assert orders.unknown == ()


def test_places_are_those_of_the_text(deploy: Deploy) -> None:
    (orders,) = deploy({"infra/main.tf": ORDERS, "src/app.py": PYTHON}).functions
    places = dict(orders.locations)
    text = {name: ORDERS[place.span.start : place.span.end] for name, place in places.items()}
    assert text["memory_mb"] == "memory_size      = 4096"
    assert text["max_concurrency"].endswith("= 24")
    assert text["managed"] == "capacity_provider_config"
    assert text["min_environments"] == "min_execution_environments = 3"
    assert orders.location is not None
    assert ORDERS[orders.location.span.start : orders.location.span.end] == 'resource "aws_lambda_function" "orders"'


def test_a_capacity_provider(deploy: Deploy) -> None:
    deployment = deploy({"infra/main.tf": ORDERS, "src/app.py": PYTHON})
    (pool,) = deployment.providers
    assert (pool.name, pool.dialect) == ("aws_lambda_capacity_provider.pool", Dialect.TERRAFORM)
    assert (pool.architectures, pool.allowed, pool.excluded) == (("arm64",), ("m7g.large", "c7g.*"), None)
    assert (pool.subnets, pool.security_groups, pool.subnets_by_parameter) == (3, 1, False)
    assert (pool.scaling_mode, pool.policies, pool.target_utilisation, pool.max_vcpus) == ("Manual", 1, 55.5, 40)
    assert (pool.region, pool.oddities, pool.unknown) == ("eu-central-1", (), ())
    assert deployment.provider_of(deployment.functions[0]) is pool


@pytest.mark.parametrize(
    "written",
    [
        (
            "capacity_provider_config {\n lambda_managed_instances_capacity_provider_config {\n"
            "  capacity_provider_arn = aws_lambda_capacity_provider.p.arn\n"
            "  per_execution_environment_max_concurrency = 7\n }\n}"
        ),
        (
            "capacity_provider_config = [{ lambda_managed_instances_capacity_provider_config = [{\n"
            "  capacity_provider_arn = aws_lambda_capacity_provider.p.arn\n"
            "  per_execution_environment_max_concurrency = 7\n }] }]"
        ),
        (
            'dynamic "capacity_provider_config" {\n for_each = [7]\n content {\n'
            "  lambda_managed_instances_capacity_provider_config {\n"
            "   capacity_provider_arn = aws_lambda_capacity_provider.p.arn\n"
            "   per_execution_environment_max_concurrency = capacity_provider_config.value\n  }\n }\n}"
        ),
    ],
    ids=["blocks", "attributes", "dynamic"],
)
def test_ways_to_write_a_block(deploy: Deploy, written: str) -> None:
    function = terraform(deploy, lambda_with(written))
    assert (function.managed, function.max_concurrency, function.provider) == (
        True, 7, "aws_lambda_capacity_provider.p",
    )  # fmt: skip
    assert function.unknown == ()


def test_provider_as_lists_of_objects(deploy: Deploy) -> None:
    text = """\
resource "aws_lambda_capacity_provider" "p" {
  name = "p"
  vpc_config {
    subnet_ids = var.subnets
    security_group_ids = []
  }
  permissions_config {
    capacity_provider_operator_role_arn = "arn:aws:iam::1:role/r"
  }
  instance_requirements = [{ architectures = ["x86_64"], excluded_instance_types = ["m5.*"] }]
  capacity_provider_scaling_config = [{ max_vcpu_count = 12, scaling_mode = "Auto" }]
}
variable "subnets" {
  type = list(string)
}
"""
    (provider,) = deploy({"main.tf": text}).providers
    assert (provider.architectures, provider.excluded, provider.max_vcpus) == (("x86_64",), ("m5.*",), 12)
    assert (provider.scaling_mode, provider.policies) == ("Auto", 0)
    assert (provider.subnets, provider.subnets_by_parameter, provider.security_groups) == (None, True, 0)
    assert provider.unknown == ("subnets",)


def test_provider_by_its_name_in_an_arn(deploy: Deploy) -> None:
    more = 'resource "aws_lambda_capacity_provider" "p" {\n  name = "pool"\n}\n'
    block = """capacity_provider_config {
    lambda_managed_instances_capacity_provider_config {
      capacity_provider_arn = "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:%s"
    }
  }"""
    assert terraform(deploy, lambda_with(block % "pool", more)).provider == "aws_lambda_capacity_provider.p"
    assert terraform(deploy, lambda_with(block % "other", more)).provider == "other"


def test_settings_that_decide_on_the_move(deploy: Deploy) -> None:
    function = terraform(deploy, lambda_with("""
  reserved_concurrent_executions = 5
  vpc_config {
    subnet_ids         = var.subnets
    security_group_ids = []
  }
  snap_start {
    apply_on = "PublishedVersions"
  }
  publish = true
  logging_config {
    log_format = "Text"
  }""", """
variable "subnets" {}
resource "aws_lambda_provisioned_concurrency_config" "f" {
  function_name                     = aws_lambda_function.f.function_name
  qualifier                         = "1"
  provisioned_concurrent_executions = 9
}"""))  # fmt: skip
    assert (function.reserved, function.vpc, function.snapstart, function.provisioned) == (5, True, True, 9)
    assert (function.published, function.log_format) == ("version", "Text")


def test_no_reserve_and_no_subnets(deploy: Deploy) -> None:
    function = terraform(deploy, lambda_with("""
  reserved_concurrent_executions = -1
  vpc_config {
    subnet_ids         = []
    security_group_ids = []
  }"""))  # fmt: skip
    assert (function.reserved, function.vpc, function.unknown) == (None, False, ())


def test_an_image(deploy: Deploy) -> None:
    function = terraform(deploy, """\
resource "aws_lambda_function" "f" {
  function_name = "f"
  package_type  = "Image"
  image_uri     = "${aws_ecr_repository.r.repository_url}:1"
  image_config {
    command = ["app.handler"]
  }
}
""")  # fmt: skip
    assert (function.image, function.handler, function.local) == (True, "app.handler", False)
    assert function.entry is not None
    assert function.entry.path == "app.py"


def test_lambda_at_edge(deploy: Deploy) -> None:
    more = """
resource "aws_cloudfront_distribution" "d" {
  default_cache_behavior {
    lambda_function_association {
      event_type = "viewer-request"
      lambda_arn = aws_lambda_function.f.qualified_arn
    }
  }
}"""
    assert terraform(deploy, lambda_with("", more)).edge
    assert not terraform(deploy, lambda_with("")).edge


@pytest.mark.parametrize(
    ("resource", "event"),
    [
        (('aws_lambda_event_source_mapping" "x" {\n event_source_arn = "arn:aws:kinesis:eu-west-1:1:stream/s"\n'
         " function_name = aws_lambda_function.f.arn\n}"), ("kinesis", True)),
        (('aws_lambda_event_source_mapping" "x" {\n event_source_arn = aws_dynamodb_table.t.stream_arn\n'
         ' function_name = "f"\n}'), ("dynamodb", True)),
        (('aws_lambda_event_source_mapping" "x" {\n function_name = aws_lambda_function.f.arn\n topics = ["t"]\n'
         " self_managed_event_source {\n  endpoints = {}\n }\n}"), ("kafka", True)),
        (('aws_lambda_permission" "x" {\n function_name = aws_lambda_function.f.function_name\n'
         ' principal = "apigateway.amazonaws.com"\n}'), ("http", False)),
        ('aws_lambda_function_url" "x" {\n function_name = aws_lambda_function.f.function_name\n}', ("http", False)),
        ('aws_sns_topic_subscription" "x" {\n protocol = "lambda"\n endpoint = aws_lambda_function.f.arn\n}',
         ("sns", False)),
        (('aws_s3_bucket_notification" "x" {\n lambda_function {\n  lambda_function_arn = aws_lambda_function.f.arn\n'
         " }\n}"), ("s3", False)),
        (('aws_cloudwatch_event_target" "x" {\n rule = aws_cloudwatch_event_rule.r.name\n'
         ' arn = aws_lambda_function.f.arn\n}\nresource "aws_cloudwatch_event_rule" "r" {\n'
         ' schedule_expression = "rate(1 minute)"\n}'), ("schedule", False)),
        (('aws_cloudwatch_event_target" "x" {\n rule = aws_cloudwatch_event_rule.r.name\n'
         ' arn = aws_lambda_function.f.arn\n}\nresource "aws_cloudwatch_event_rule" "r" {\n event_pattern = "{}"\n}'),
         ("eventbridge", False)),
        ('aws_scheduler_schedule" "x" {\n target {\n  arn = aws_lambda_function.f.arn\n }\n}', ("schedule", False)),
    ],
)  # fmt: skip
def test_events(deploy: Deploy, resource: str, event: tuple[str, bool]) -> None:
    function = terraform(deploy, lambda_with("", f'resource "{resource}'))
    assert [(each.kind, each.polled) for each in function.events] == [event]


def test_streaming_url(deploy: Deploy) -> None:
    more = (
        'resource "aws_lambda_function_url" "u" {\n function_name = aws_lambda_function.f.arn\n'
        ' invoke_mode = "RESPONSE_STREAM"\n}'
    )
    assert terraform(deploy, lambda_with("", more)).streaming


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("execution_environment_memory_gi_b_per_v_cpu = 4",
         ("unknown-property", "execution_environment_memory_gib_per_vcpu")),
        ("per_execution_environment_concurrency = 4",
         ("unknown-property", "per_execution_environment_max_concurrency")),
    ],
)  # fmt: skip
def test_names_that_are_spelt_amiss(deploy: Deploy, written: str, expected: tuple[str, str]) -> None:
    block = f"""capacity_provider_config {{
    lambda_managed_instances_capacity_provider_config {{
      capacity_provider_arn = aws_lambda_capacity_provider.p.arn
      {written}
    }}
  }}"""
    (oddity,) = terraform(deploy, lambda_with(block)).oddities
    assert (oddity.kind, oddity.expected) == expected


def test_what_a_provider_lacks_or_has_amiss(deploy: Deploy) -> None:
    text = """\
resource "aws_lambda_capacity_provider" "p" {
  name = "p"
  vpc_config {
    subnet_ids = ["subnet-1"]
  }
  instance_requirements {
    architectures          = "arm64"
    allowed_instance_types = ["m7g.large"]
  }
  a_setting_of_next_year = true
}
"""
    (provider,) = deploy({"main.tf": text}).providers
    assert [(each.kind, each.name) for each in provider.oddities] == [
        ("missing", "permissions_config"), ("wrong-shape", "architectures"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ('resource "aws_security_group" "g" {\n ingress {\n  from_port = 443\n }\n}', True),
        (('resource "aws_security_group" "g" {}\nresource "aws_vpc_security_group_ingress_rule" "r" {\n'
         " security_group_id = aws_security_group.g.id\n}"), True),
        (('resource "aws_security_group" "g" {}\nresource "aws_security_group_rule" "r" {\n type = "egress"\n'
         " security_group_id = aws_security_group.g.id\n}"), False),
        ('data "aws_security_group" "g" {}', None),
    ],
)  # fmt: skip
def test_inbound_rules(deploy: Deploy, group: str, expected: bool | None) -> None:
    name = "data.aws_security_group.g.id" if group.startswith("data") else "aws_security_group.g.id"
    text = f"""\
resource "aws_lambda_capacity_provider" "p" {{
  name = "p"
  vpc_config {{
    subnet_ids         = [aws_subnet.a.id]
    security_group_ids = [{name}]
  }}
  permissions_config {{
    capacity_provider_operator_role_arn = "r"
  }}
}}
{group}
"""
    (provider,) = deploy({"main.tf": text}).providers
    assert provider.open_inbound is expected


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ("", False),
        ('resource "aws_nat_gateway" "n" {}', True),
        ('resource "aws_vpc_endpoint" "e" {\n service_name = "com.amazonaws.eu-west-1.logs"\n}', True),
        ('resource "aws_vpc_endpoint" "e" {\n service_name = "com.amazonaws.${var.r}.logs"\n}', True),
        ('resource "aws_vpc_endpoint" "e" {\n service_name = "com.amazonaws.eu-west-1.s3"\n}', False),
        ('module "network" {\n source = "terraform-aws-modules/vpc/aws"\n}', None),
    ],
)
def test_ways_out_for_logs(deploy: Deploy, network: str, expected: bool | None) -> None:
    text = f"""\
resource "aws_vpc" "v" {{}}
resource "aws_subnet" "a" {{}}
resource "aws_lambda_capacity_provider" "p" {{
  name = "p"
  vpc_config {{
    subnet_ids         = [aws_subnet.a.id]
    security_group_ids = []
  }}
  permissions_config {{
    capacity_provider_operator_role_arn = "r"
  }}
}}
{network}
"""
    (provider,) = deploy({"main.tf": text}).providers
    assert provider.log_egress is expected
