"""Small projects with one function each, and how a snippet is merged into them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from lmi_lint.deploy.model import Deployment
from lmi_lint.deploy.read import read
from lmi_lint.discover import discover
from lmi_lint.fitness.model import Assessment, Fit, Recommendation
from lmi_lint.fitness.snippets import Snippet, snippet_for
from lmi_lint.model.verdict import Verdict
from lmi_lint.settings import Settings

ADVICE = Recommendation(
    memory_mb=8192,
    gib_per_vcpu=4,
    max_concurrency=24,
    min_environments=4,
    max_environments=9,
    architecture="arm64",
    max_vcpus=48,
    reasons=("it waits more than it computes",),
)


class Project(Struct, frozen=True):
    """``files``: path → text; ``target``: the file that a snippet is merged into or written to."""

    files: dict[str, str]
    target: str
    function: str


def deployment(folder: Path) -> Deployment:
    """What the configuration below a folder says."""
    return read(discover([folder], Settings()))


def assessed(found: Deployment, name: str, advice: Recommendation | None = ADVICE) -> Assessment:
    """A judgement on the function of that name, as far as snippets look at it."""
    (function,) = (each for each in found.functions if each.name == name)
    return Assessment(
        function=function, verdict=Verdict.READY, fit=Fit.MOVE, reasons=(), signals=(), recommendation=advice
    )


def write(project: Project, folder: Path) -> None:
    """Its files, below a folder."""
    for name, text in project.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def snippet(project: Project, folder: Path) -> Snippet:
    """The snippet for the project's function, which is written below ``folder``."""
    write(project, folder)
    found = deployment(folder)
    return snippet_for(assessed(found, project.function), found)


def merge(project: Project, folder: Path, made: Snippet) -> None:
    """Put the snippet where its reader would."""
    target = folder / project.target
    if made.language in ("yaml", "json"):
        merged = deep(loaded(target.read_text(encoding="utf-8")), loaded(made.text))
        target.write_text(yaml.safe_dump(merged, sort_keys=False), encoding="utf-8")
    else:
        target.write_text(made.text, encoding="utf-8")


def deep(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Sections of the second into those of the first; nothing of the first may change."""
    found = dict(first)
    for key, value in second.items():
        if isinstance(value, dict) and isinstance(found.get(key), dict):
            found[key] = deep(found[key], value)
        else:
            assert key not in found, key
            found[key] = value
    return found


class _Loader(yaml.SafeLoader):
    """Reads short forms of intrinsic functions as long ones."""


def _intrinsic(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    assert isinstance(node, yaml.ScalarNode)
    value = loader.construct_scalar(node)
    if suffix == "GetAtt":
        return {"Fn::GetAtt": value.split(".", 1)}
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)


def loaded(text: str) -> dict[str, Any]:
    """A template as data."""
    found = yaml.load(text, _Loader)
    assert isinstance(found, dict)
    return found


JS = "exports.handler = async () => 1\n"

_PROVIDER_SAM = """\
  Shared:
    Type: AWS::Serverless::CapacityProvider
    Properties:
      OperatorRole: arn:aws:iam::123456789012:role/operator
      VpcConfig:
        SubnetIds: [subnet-0a1b2c3d4e5f60718, subnet-0a1b2c3d4e5f60719, subnet-0a1b2c3d4e5f60710]
        SecurityGroupIds: [sg-0a1b2c3d4e5f60718]
      InstanceRequirements: {Architectures: [arm64]}
      ScalingConfig: {MaxVCpuCount: 64}
"""
_PROVIDER_CFN = """\
  Shared:
    Type: AWS::Lambda::CapacityProvider
    Properties:
      PermissionsConfig:
        CapacityProviderOperatorRoleArn: arn:aws:iam::123456789012:role/operator
      VpcConfig:
        SubnetIds: [subnet-0a1b2c3d4e5f60718, subnet-0a1b2c3d4e5f60719, subnet-0a1b2c3d4e5f60710]
        SecurityGroupIds: [sg-0a1b2c3d4e5f60718]
      InstanceRequirements: {Architectures: [arm64]}
      CapacityProviderScalingConfig: {MaxVCpuCount: 64}
"""


def sam(events: str = "", extra: str = "") -> Project:
    """A SAM template; ``events``: YAML of ``Events``; ``extra``: more resources."""
    template = f"""\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Queue:
    Type: AWS::SQS::Queue
    UpdateReplacePolicy: Delete
    DeletionPolicy: Delete
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Handler: index.handler
      Runtime: nodejs22.x
      Timeout: 20
      Environment:
        Variables:
          MODE: fast
          QUEUE: !Ref Queue
      {events}
{extra}"""
    return Project({"template.yaml": template, "src/index.js": JS}, "template.yaml", "Orders")


def cloudformation(extra: str = "") -> Project:
    """A CloudFormation template."""
    template = f"""\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  OrdersRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{{Effect: Allow, Action: "sts:AssumeRole", Principal: {{Service: lambda.amazonaws.com}}}}]
  Orders:
    Type: AWS::Lambda::Function
    Properties:
      Code:
        ZipFile: |
          exports.handler = async () => {{
            return 1
          }}
      Handler: index.handler
      Role: !GetAtt OrdersRole.Arn
      Runtime: nodejs22.x
      Timeout: 20
      Environment: {{Variables: {{MODE: fast}}}}
{extra}"""
    return Project({"template.yaml": template}, "template.yaml", "Orders")


def serverless(extra: str = "") -> Project:
    """A service of the Serverless Framework; ``extra``: more below ``provider``."""
    service = f"""\
service: shop
provider:
  name: aws
  runtime: nodejs22.x
{extra}functions:
  orders:
    handler: src/index.handler
    timeout: 20
    environment: {{MODE: fast, TABLE: "${{env:TABLE}}"}}
    events:
      - sqs: arn:aws:sqs:eu-west-1:123456789012:orders
"""
    return Project({"serverless.yml": service, "src/index.js": JS}, "serverless.yml", "orders")


_PROVIDER_SERVERLESS = """\
  capacityProviders:
    shared-arm:
      vpc: {subnetIds: [subnet-a, subnet-b, subnet-c], securityGroupIds: [sg-a]}
      instanceRequirements: {architectures: [arm64]}
      scaling: {maxVCpuCount: 64}
"""


def terraform(extra: str = "") -> Project:
    """A Terraform module."""
    text = f"""\
resource "aws_lambda_function" "orders" {{
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"
  handler       = "index.handler"
  runtime       = "nodejs22.x"
  filename      = "orders.zip"
  timeout       = 20

  environment {{
    variables = {{ MODE = "fast" }}
  }}
}}
{extra}"""
    return Project({"main.tf": text, "index.js": JS}, "managed.tf", "orders")


def terraform_module() -> Project:
    """A function that a module of the registry makes."""
    text = """\
module "orders" {
  source        = "terraform-aws-modules/lambda/aws"
  function_name = "orders"
  handler       = "index.handler"
  runtime       = "nodejs22.x"
  source_path   = "src"
  timeout       = 20
}
"""
    return Project({"main.tf": text, "src/index.js": JS}, "managed.tf", "module.orders")


_PROVIDER_TERRAFORM = """
resource "aws_lambda_capacity_provider" "shared" {
  name = "shared"

  vpc_config {
    subnet_ids         = ["subnet-a", "subnet-b", "subnet-c"]
    security_group_ids = ["sg-a"]
  }

  permissions_config {
    capacity_provider_operator_role_arn = "arn:aws:iam::123456789012:role/operator"
  }

  instance_requirements {
    architectures = ["arm64"]
  }

  capacity_provider_scaling_config {
    scaling_mode   = "Auto"
    max_vcpu_count = 64
  }
}
"""

_TS = """\
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';

export class Shop extends Stack {
  constructor(scope: App, id: string) {
    super(scope, id);
    new lambda.Function(this, 'Orders', {
      code: lambda.Code.fromAsset('src'),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_22_X,
      timeout: Duration.seconds(20),
      environment: { MODE: 'fast' },
    });
  }
}
new Shop(new App(), 'Shop');
"""
_PY = """\
from aws_cdk import App, Duration, Stack, aws_lambda as lambda_


class Shop(Stack):
    def __init__(self, scope, construct_id):
        super().__init__(scope, construct_id)
        lambda_.Function(
            self, "Orders", code=lambda_.Code.from_asset("src"), handler="index.handler",
            runtime=lambda_.Runtime.PYTHON_3_13, timeout=Duration.seconds(20), environment={"MODE": "fast"},
        )


Shop(App(), "Shop")
"""
_JAVA = """\
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.Runtime;
import software.constructs.Construct;

public class Shop extends Stack {
    public Shop(final Construct scope, final String id) {
        super(scope, id);
        Function.Builder.create(this, "Orders")
            .code(Code.fromAsset("orders.jar"))
            .handler("shop.Orders::handle")
            .runtime(Runtime.JAVA_21)
            .timeout(Duration.seconds(20))
            .environment(Map.of("MODE", "fast"))
            .build();
    }

    public static void main(final String[] args) {
        new Shop(new App(), "Shop");
    }
}
"""
_CS = """\
using System.Collections.Generic;
using Amazon.CDK;
using Amazon.CDK.AWS.Lambda;
using Constructs;

public class Shop : Stack
{
    public Shop(Construct scope, string id) : base(scope, id)
    {
        new Function(this, "Orders", new FunctionProps
        {
            Code = Code.FromAsset("out"),
            Handler = "Shop::Shop.Orders::Handle",
            Runtime = Runtime.DOTNET_8,
            Timeout = Duration.Seconds(20),
            Environment = new Dictionary<string, string> { ["MODE"] = "fast" },
        });
    }
}

public class Program
{
    public static void Main() => new Shop(new App(), "Shop");
}
"""


def cdk(source: str, target: str, text: str) -> Project:
    """A CDK app in one file."""
    return Project({"cdk.json": '{"app": "x"}', source: text}, target, "Orders")


PROJECTS = {
    "sam": sam(),
    "sam, queue": sam("Events: {Work: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}"),
    "sam, provider": sam(extra=_PROVIDER_SAM),
    "cloudformation": cloudformation(),
    "cloudformation, provider": cloudformation(_PROVIDER_CFN),
    "serverless": serverless(),
    "serverless, provider": serverless(_PROVIDER_SERVERLESS),
    "terraform": terraform(),
    "terraform, provider": terraform(_PROVIDER_TERRAFORM),
    "terraform, module": terraform_module(),
    "cdk, typescript": cdk("lib/shop.ts", "lib/managed.ts", _TS),
    "cdk, python": cdk("shop.py", "managed.py", _PY),
    "cdk, java": cdk("src/main/java/Shop.java", "src/main/java/OrdersManaged.java", _JAVA),
    "cdk, csharp": cdk("src/Shop.cs", "src/OrdersManaged.cs", _CS),
}  # fmt: skip
SHARED = "provider"
