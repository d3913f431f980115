"""Terraform: several instances, modules, where the code is, JSON, what is too much."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lmi_lint.deploy.model import Dialect

if TYPE_CHECKING:
    from lmi_lint.deploy.model import DeployedFunction, Deployment

    from .conftest import Deploy

PYTHON = "def handler(event, context):\n    return event\n"
JAVASCRIPT = "exports.handler = async (event) => event;\n"


def deployed(deployment: Deployment) -> dict[str, DeployedFunction]:
    return {each.name: each for each in deployment.functions if each.dialect is Dialect.TERRAFORM}


def function(name: str, arguments: str) -> str:
    return f'resource "aws_lambda_function" "{name}" {{\n  function_name = "{name}"\n{arguments}\n}}\n'


PLAIN = '  runtime = "python3.13"\n  handler = "app.handler"\n'

EACH = """\
locals {
  functions = {
    orders = { memory = 512 }
    invoices = { memory = 1024, timeout = 9 }
  }
}
data "archive_file" "code" {
  for_each    = local.functions
  type        = "zip"
  source_dir  = "${path.module}/lambdas/${each.key}"
  output_path = "${path.module}/.build/${each.key}.zip"
}
resource "aws_lambda_function" "f" {
  for_each      = local.functions
  function_name = "shop-${each.key}"
  runtime       = "python3.13"
  handler       = "app.handler"
  memory_size   = each.value.memory
  timeout       = lookup(each.value, "timeout", 3)
  filename      = data.archive_file.code[each.key].output_path
}
"""


def test_one_function_per_element(deploy: Deploy) -> None:
    files = {"main.tf": EACH, "lambdas/orders/app.py": PYTHON, "lambdas/invoices/app.py": PYTHON}
    found = deployed(deploy(files))
    assert list(found) == ['f["orders"]', 'f["invoices"]']
    entries = [each.entry.path for each in found.values() if each.entry is not None]
    assert entries == ["lambdas/orders/app.py", "lambdas/invoices/app.py"]
    assert [(each.memory_mb, each.timeout_s) for each in found.values()] == [(512, 3), (1024, 9)]
    assert len({each.key for each in found.values()}) == 2


def test_count(deploy: Deploy) -> None:
    found = deployed(deploy({"main.tf": function("f", "  count = 2\n" + PLAIN), "app.py": PYTHON}))
    assert list(found) == ["f[0]", "f[1]"]


def test_an_unknown_collection_is_one_function(deploy: Deploy) -> None:
    text = 'variable "all" {}\n' + function(
        "f",
        '  for_each = var.all\n  runtime = "python3.13"\n  handler = "app.handler"\n  memory_size = each.value.memory',
    )
    (found,) = deployed(deploy({"main.tf": text, "app.py": PYTHON})).values()
    assert (found.name, found.memory_mb, found.unknown) == ("f", None, ("memory_mb",))


def test_switched_off(deploy: Deploy) -> None:
    """By a literal there is none; by a variable's default somebody may switch it on."""
    text = 'variable "on" {\n  default = false\n}\n'
    off = function("off", "  count = 0\n" + PLAIN)
    perhaps = function("perhaps", "  count = var.on ? 1 : 0\n" + PLAIN)
    deployment = deploy({"main.tf": text + off + perhaps, "app.py": PYTHON})
    assert list(deployed(deployment)) == ["perhaps"]
    assert [name for name, _ in deployment.left_out] == ["off"]


@pytest.mark.parametrize(
    ("name", "expected"), [("terraform.tfvars", 700), ("x.auto.tfvars", 700), ("prod.tfvars", 300)]
)
def test_variables_that_terraform_sets_by_itself(deploy: Deploy, name: str, expected: int) -> None:
    text = 'variable "memory" {\n  default = 300\n}\n' + function("f", PLAIN + "  memory_size = var.memory\n")
    (found,) = deployed(deploy({"main.tf": text, name: "memory = 700\n", "app.py": PYTHON})).values()
    assert found.memory_mb == expected


MODULE = """\
variable "name" {}
variable "memory" {
  default = 256
}
variable "source_dir" {}
data "archive_file" "code" {
  type        = "zip"
  source_dir  = var.source_dir
  output_path = "${path.module}/x.zip"
}
resource "aws_lambda_function" "this" {
  function_name = var.name
  runtime       = "python3.13"
  handler       = "app.handler"
  memory_size   = var.memory
  filename      = data.archive_file.code.output_path
}
output "arn" {
  value = aws_lambda_function.this.arn
}
"""
CALLS = """\
module "orders" {
  source     = "./modules/function"
  name       = "orders"
  memory     = 2048
  source_dir = "${path.root}/../src/orders"
}
module "others" {
  for_each   = toset(["a", "b"])
  source     = "./modules/function"
  name       = each.key
  source_dir = "../src/${each.key}"
}
resource "aws_sqs_queue" "q" {}
resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn = aws_sqs_queue.q.arn
  function_name    = module.others["b"].arn
}
"""
CALLED = {
    "infra/main.tf": CALLS,
    "infra/modules/function/main.tf": MODULE,
    "src/orders/app.py": PYTHON,
    "src/a/app.py": PYTHON,
    "src/b/app.py": PYTHON,
}


def test_a_module_in_several_instances(deploy: Deploy) -> None:
    found = deployed(deploy(CALLED))
    assert list(found) == ["module.orders.this", 'module.others["a"].this', 'module.others["b"].this']
    assert [each.entry.path for each in found.values() if each.entry] == [
        "src/orders/app.py", "src/a/app.py", "src/b/app.py",
    ]  # fmt: skip
    assert [each.memory_mb for each in found.values()] == [2048, 256, 256]
    assert len({each.key for each in found.values()}) == 3
    assert [[event.kind for event in each.events] for each in found.values()] == [[], [], ["sqs"]]


def test_what_a_call_sets_is_written_there(deploy: Deploy) -> None:
    found = deployed(deploy(CALLED))
    orders, other = dict(found["module.orders.this"].locations), dict(found['module.others["a"].this'].locations)
    assert orders["memory_mb"].path == "infra/main.tf"
    assert CALLS[orders["memory_mb"].span.start : orders["memory_mb"].span.end] == "memory     = 2048"
    assert other["memory_mb"].path == "infra/modules/function/main.tf"


@pytest.mark.parametrize(
    ("handed", "expected"),
    [("", "eu-west-1"), ("providers = { aws = aws.us }", "us-east-1"), ("providers = { other = aws.us }", None)],
)
def test_region_of_a_module(deploy: Deploy, handed: str, expected: str | None) -> None:
    providers = (
        'provider "aws" {\n  region = "eu-west-1"\n}\nprovider "aws" {\n  alias = "us"\n  region = "us-east-1"\n}\n'
    )
    call = f'module "f" {{\n  source = "./f"\n  {handed}\n}}\n'
    files = {"main.tf": providers + call, "f/main.tf": function("f", PLAIN), "app.py": PYTHON}
    (found,) = deployed(deploy(files)).values()
    assert found.region == expected


def test_region_of_a_provider_with_an_alias(deploy: Deploy) -> None:
    text = 'provider "aws" {\n  alias = "us"\n  region = "us-east-1"\n}\n' + function(
        "f", PLAIN + "  provider = aws.us\n"
    )
    (found,) = deployed(deploy({"main.tf": text, "app.py": PYTHON})).values()
    assert found.region == "us-east-1"


def test_one_module_of_two_roots(deploy: Deploy) -> None:
    call = 'module "f" {\n  source = "../modules/function"\n  name = "f"\n  source_dir = "../src"\n}\n'
    files = {"dev/main.tf": call, "prod/main.tf": call, "modules/function/main.tf": MODULE, "src/app.py": PYTHON}
    found = deployed(deploy(files))
    assert list(found) == ["module.f.this", "module.f.this (prod)"]
    assert len({each.key for each in found.values()}) == 2


def test_modules_that_call_each_other_end(deploy: Deploy) -> None:
    files = {
        "a/main.tf": 'module "b" {\n  source = "../b"\n}\n' + function("f", PLAIN),
        "b/main.tf": 'module "a" {\n  source = "../a"\n}\n',
        "app.py": PYTHON,
    }
    deployment = deploy(files)
    assert "f" in deployed(deployment)
    assert ["levels" in problem.message for problem in deployment.problems] == [True]


def test_more_instances_than_are_read(deploy: Deploy) -> None:
    text = function("f", "  count = 5000\n" + PLAIN)
    deployment = deploy({"main.tf": text, "app.py": PYTHON})
    assert len(deployed(deployment)) == 200
    assert ["more than 200 instances" in problem.message for problem in deployment.problems] == [True]


def test_malformed_files_cost_one_problem_each(deploy: Deploy) -> None:
    files = {
        "main.tf": function("f", PLAIN),
        "broken.tf": 'resource "aws_lambda_function" {{{',
        "deep.tf": "x = " + "[" * 9999,
        "bad.tf.json": '{"resource": [',
        "app.py": PYTHON,
    }
    deployment = deploy(files)
    assert list(deployed(deployment)) == ["f"]
    paths = [problem.location.path for problem in deployment.problems if problem.location]
    assert sorted(paths) == ["bad.tf.json", "broken.tf", "deep.tf"]


def test_json_syntax(deploy: Deploy) -> None:
    document = {
        "variable": {"memory": {"default": 640}},
        "locals": {"path": "${path.module}/src"},
        "data": {"archive_file": {"code": {"type": "zip", "source_dir": "${local.path}", "output_path": "x.zip"}}},
        "resource": {
            "aws_lambda_function": {
                "f": {
                    "function_name": "f",
                    "runtime": "python3.13",
                    "handler": "app.handler",
                    "filename": "${data.archive_file.code.output_path}",
                    "memory_size": "${var.memory}",
                    "environment": {"variables": {"A": "b-${var.memory}"}},
                    "capacity_provider_config": [
                        {
                            "lambda_managed_instances_capacity_provider_config": {
                                "capacity_provider_arn": "${aws_lambda_capacity_provider.p.arn}",
                                "per_execution_environment_max_concurrency": 8,
                            }
                        }
                    ],
                }
            }
        },
    }
    text = json.dumps(document, indent=2)
    (found,) = deployed(deploy({"main.tf.json": text, "src/app.py": PYTHON})).values()
    assert (found.memory_mb, dict(found.environment), found.max_concurrency) == (640, {"A": "b-640"}, 8)
    assert found.provider == "aws_lambda_capacity_provider.p"
    assert found.entry is not None
    assert found.entry.path == "src/app.py"
    place = dict(found.locations)["memory_mb"]
    assert text[place.span.start : place.span.end] == '"memory_size": "${var.memory}"'


def test_override_files(deploy: Deploy) -> None:
    over = 'resource "aws_lambda_function" "f" {\n  memory_size = 900\n}\n'
    files = {"main.tf": function("f", PLAIN + "  memory_size = 300\n"), "x_override.tf": over, "app.py": PYTHON}
    (found,) = deployed(deploy(files)).values()
    assert (found.memory_mb, found.handler) == (900, "app.handler")


@pytest.mark.parametrize(
    ("code", "more", "path"),
    [
        ("filename = data.archive_file.c.output_path",
         'data "archive_file" "c" {\n  source_file = "${path.module}/../fn/app.py"\n}', "fn/app.py"),
        ('filename = "code.zip"\n  source_code_hash = data.archive_file.c.output_base64sha256',
         'data "archive_file" "c" {\n  source_dir = "../fn"\n}', "fn/app.py"),
        ("s3_bucket = aws_s3_object.o.bucket\n  s3_key = aws_s3_object.o.key",
         ('resource "aws_s3_object" "o" {\n  key = "k"\n  source = data.archive_file.c.output_path\n}\n'
         'data "archive_file" "c" {\n  source_dir = "../fn"\n}'), "fn/app.py"),
        ("filename = data.archive_file.c.output_path",
         'data "archive_file" "c" {\n  source_dir = "${path.module}/../fn/dist"\n}', "fn/app.py"),
        ("filename = data.archive_file.c.output_path",
         ('data "archive_file" "c" {\n  source {\n    content = file("${path.module}/../fn/real.py")\n'
         '    filename = "app.py"\n  }\n}'), "fn/real.py"),
        ('filename = "../fn/dist/fn.zip"', "", "fn/app.py"),
    ],
    ids=["file", "hash", "bucket", "built", "renamed", "archive"],
)  # fmt: skip
def test_where_the_code_is(deploy: Deploy, code: str, more: str, path: str) -> None:
    source = "fn/real.py" if path == "fn/real.py" else "fn/app.py"
    files = {
        "infra/main.tf": function("f", PLAIN + "  " + code) + more,
        source: PYTHON, "other/app.py": PYTHON, "other/real.py": PYTHON,
    }  # fmt: skip
    (found,) = deployed(deploy(files)).values()
    assert found.entry is not None, found.unresolved
    assert found.entry.path == path


def test_a_bundle_by_another_name(deploy: Deploy) -> None:
    text = function("f", '  runtime = "nodejs22.x"\n  handler = "index.handler"\n  filename = "../fn/dist/fn.zip"')
    files = {"infra/main.tf": text, "fn/src/lambda.ts": "export const handler = async (event: object) => event;\n"}
    (found,) = deployed(deploy(files)).values()
    assert found.entry is not None
    assert found.entry.path == "fn/src/lambda.ts"


def test_code_in_a_heredoc(deploy: Deploy) -> None:
    archive = """
data "archive_file" "c" {
  type        = "zip"
  output_path = "x.zip"
  source {
    filename = "readme.txt"
    content  = "none"
  }
  source {
    filename = "app.py"
    content  = <<-PYTHON
      def handler(event, context):
          return f"{event}"
    PYTHON
  }
}
"""
    text = function("f", PLAIN + "  filename = data.archive_file.c.output_path") + archive
    (found,) = deployed(deploy({"infra/main.tf": text, "other/app.py": PYTHON})).values()
    assert found.inline is not None
    assert found.entry is not None
    assert (found.entry.path, found.entry.symbol) == ("infra/main.tf", "handler")
    assert len(found.inline.data) == len(text)
    code = found.inline.data.decode()
    assert code.split() == ["def", "handler(event,", "context):", "return", 'f"{event}"']
    assert code.index("def handler") == text.index("def handler")


def test_an_archive_of_another_application_is_not_guessed(deploy: Deploy) -> None:
    text = function("f", '  runtime = "nodejs22.x"\n  handler = "app.handler"\n  filename = "code.zip"')
    files = {"a/main.tf": text, "b/main.tf": function("g", PLAIN), "b/app.js": JAVASCRIPT}
    found = deployed(deploy(files))["f"]
    assert found.entry is None
    assert "another application" in found.unresolved


REGISTRY = """\
module "api" {
  source        = "terraform-aws-modules/lambda/aws"
  version       = "~> 8.0"
  function_name = "api"
  handler       = "app.handler"
  runtime       = "python3.13"
  source_path   = [{ path = "${path.module}/../src", pip_requirements = true }]
  memory_size   = 3072
  snap_start    = true
  layers        = [module.layer.lambda_layer_arn]
  managed_instances_capacity_provider_arn = aws_lambda_capacity_provider.p.arn
  environment_variables = { A = "b" }
  event_source_mapping = {
    queue = { event_source_arn = aws_sqs_queue.q.arn }
  }
  allowed_triggers = {
    api = { service = "apigateway" }
  }
}
module "layer" {
  source       = "terraform-aws-modules/lambda/aws"
  create_layer = true
  layer_name   = "l"
}
module "package" {
  source          = "terraform-aws-modules/lambda/aws"
  create_function = false
}
module "alias" {
  source = "terraform-aws-modules/lambda/aws//modules/alias"
}
resource "aws_sqs_queue" "q" {}
"""


def test_a_module_of_the_registry(deploy: Deploy) -> None:
    found = deployed(deploy({"infra/main.tf": REGISTRY, "src/app.py": PYTHON}))
    assert list(found) == ["module.api"]
    api = found["module.api"]
    assert api.entry is not None
    assert (api.entry.path, api.code_root) == ("src/app.py", "src")
    assert (api.memory_mb, api.snapstart, api.managed, api.provider) == (
        3072, True, True, "aws_lambda_capacity_provider.p",
    )  # fmt: skip
    assert dict(api.environment) == {"A": "b"}
    assert sorted((event.kind, event.polled) for event in api.events) == [("http", False), ("sqs", True)]
    assert api.layers == ("module.layer",)


def test_tests_of_a_module_are_no_roots(deploy: Deploy) -> None:
    files = {"main.tf": function("f", PLAIN), "tests/setup/main.tf": function("g", PLAIN), "app.py": PYTHON}
    assert list(deployed(deploy(files))) == ["f"]
