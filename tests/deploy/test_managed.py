"""Settings for managed instances in SAM, CloudFormation and the Serverless Framework, after the documented examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lmi_lint.deploy.model import Dialect

if TYPE_CHECKING:
    from pathlib import Path

    from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment, Oddity
    from lmi_lint.model.finding import Location

    from .conftest import Deploy

SAM = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  CapacityProvider: {VpcConfig: {SubnetIds: [subnet-1, subnet-2, subnet-3], SecurityGroupIds: [sg-1]}}
Resources:
  Pool:
    Type: AWS::Serverless::CapacityProvider
    Properties:
      CapacityProviderName: orders-pool
      InstanceRequirements:
        Architectures: [arm64]
        AllowedTypes: [m7g.large, 'c8g.*']
      ScalingConfig:
        MaxVCpuCount: 64
        AverageCPUUtilization: 70.5
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      MemorySize: 4096
      Architectures: [arm64]
      AutoPublishAlias: live
      CapacityProviderConfig:
        Arn: !GetAtt Pool.Arn
        PerExecutionEnvironmentMaxConcurrency: 32
        ExecutionEnvironmentMemoryGiBPerVCpu: 4.0
      FunctionScalingConfig: {MinExecutionEnvironments: 3, MaxExecutionEnvironments: 12}
      Events:
        Queue: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}
        Web: {Type: HttpApi}
"""

CFN = """\
Resources:
  Pool:
    Type: AWS::Lambda::CapacityProvider
    Properties:
      VpcConfig: {SubnetIds: [!Ref SubnetA, !Ref SubnetB], SecurityGroupIds: [!Ref Group]}
      PermissionsConfig: {CapacityProviderOperatorRoleArn: !GetAtt Operator.Arn}
      InstanceRequirements: {Architectures: [x86_64], ExcludedInstanceTypes: [t3.*]}
      CapacityProviderScalingConfig:
        MaxVCpuCount: 30
        ScalingMode: Manual
        ScalingPolicies:
          - {PredefinedMetricType: LambdaCapacityProviderAverageCPUUtilization, TargetValue: 60}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: x, VpcId: !Ref Net, SecurityGroupIngress: [{IpProtocol: tcp, CidrIp: 0.0.0.0/0}]}
  Net: {Type: AWS::EC2::VPC}
  SubnetA: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net}}
  SubnetB: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net}}
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      Role: !GetAtt WorkerRole.Arn
      MemorySize: 2048
      Code: .
      Layers: [!Ref Shared, 'arn:aws:lambda:eu-west-1:123456789012:layer:x:1']
      LoggingConfig: {LogFormat: JSON}
      CapacityProviderConfig:
        LambdaManagedInstancesCapacityProviderConfig:
          CapacityProviderArn: !Sub '${Pool.Arn}'
          PerExecutionEnvironmentMaxConcurrency: 16
  Plain:
    Type: AWS::Lambda::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      Code: .
      VpcConfig: {SubnetIds: [subnet-1], SecurityGroupIds: []}
      SnapStart: {ApplyOn: PublishedVersions}
      ReservedConcurrentExecutions: 5
  WorkerRole: {Type: AWS::IAM::Role}
  WorkerVersion:
    Type: AWS::Lambda::Version
    Properties:
      FunctionName: !Ref Worker
      FunctionScalingConfig: {MinExecutionEnvironments: 2}
  PlainVersion: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Plain}}
  PlainAlias:
    Type: AWS::Lambda::Alias
    Properties:
      FunctionName: !Ref Plain
      FunctionVersion: !GetAtt PlainVersion.Version
      ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 7}
  Stream: {Type: AWS::Kinesis::Stream}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !GetAtt Worker.Arn, EventSourceArn: !GetAtt Stream.Arn}
  Broker:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Plain, EventSourceArn: !Sub 'arn:aws:mq:${AWS::Region}:1:broker:b'}
  Nightly:
    Type: AWS::Events::Rule
    Properties: {ScheduleExpression: rate(1 day), Targets: [{Id: a, Arn: !GetAtt PlainAlias.AliasArn}]}
  Allowed:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Plain, Principal: events.amazonaws.com}
  AllowedToo:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Plain, Principal: apigateway.amazonaws.com}
"""

SERVERLESS = """\
service: shop
provider:
  name: aws
  runtime: nodejs24.x
  region: eu-west-1
  architecture: arm64
  vpc: {subnetIds: [subnet-1, subnet-2], securityGroupIds: [sg-1]}
  capacityProviders:
    big:
      permissions: {operatorRole: arn:aws:iam::123456789012:role/Operator}
      vpc: {subnetIds: [subnet-a, subnet-b, subnet-c], securityGroupIds: [sg-a]}
      instanceRequirements: {allowedInstanceTypes: [r7g.large, r7g.xlarge], architectures: [arm64]}
      scaling:
        mode: manual
        maxVCpuCount: 200
        policies:
          - {predefinedMetricType: LambdaCapacityProviderAverageCPUUtilization, targetValue: 70}
functions:
  etl:
    handler: src/etl.handler
    memorySize: 4096
    capacityProvider: {name: big, maxConcurrency: 100, memoryPerVCpu: 4, scaling: {min: 5, max: 10}}
    events:
      - sqs: arn:aws:sqs:eu-west-1:123456789012:jobs
      - stream: {type: dynamodb, arn: !GetAtt Orders.StreamArn}
      - httpApi: GET /x
  small: {handler: src/etl.handler, capacityProvider: default}
  own: {handler: src/etl.handler, capacityProvider: !GetAtt Extra.Arn}
  far: {handler: src/etl.handler, capacityProvider: 'arn:aws:lambda:us-east-1:123456789012:capacity-provider:far'}
  plain: {handler: src/etl.handler, snapStart: true, provisionedConcurrency: 3, reservedConcurrency: 9}
resources:
  Resources:
    Extra:
      Type: AWS::Lambda::CapacityProvider
      Properties:
        VpcConfig: {SubnetIds: [subnet-9], SecurityGroupIds: [sg-9]}
        PermissionsConfig: {CapacityProviderOperatorRoleArn: x}
    OnOrders:
      Type: AWS::Lambda::EventSourceMapping
      Properties: {FunctionName: !GetAtt SmallLambdaFunction.Arn, EventSourceArn: 'arn:aws:sqs:eu-west-1:1:q'}
"""


def by_name(deployment: Deployment) -> dict[str, DeployedFunction]:
    return {each.name: each for each in deployment.functions}


def pools(deployment: Deployment) -> dict[str, CapacityProvider]:
    return {each.name: each for each in deployment.providers}


def kinds(function: DeployedFunction) -> list[tuple[str, bool]]:
    return [(event.kind, event.polled) for event in function.events]


def written(root: Path, location: Location) -> str:
    data = (root / location.path).read_bytes()
    return data[location.span.start : location.span.end].decode()


def amiss(found: tuple[Oddity, ...]) -> list[tuple[str, str, str]]:
    return [(each.kind, each.name, each.expected) for each in found]


def test_sam(deploy: Deploy, tmp_path: Path) -> None:
    deployment = deploy({"template.yaml": SAM, "app.py": "def handler(event, context): ...\n"})
    (pool,) = deployment.providers
    assert (pool.name, pool.dialect, pool.architectures) == ("Pool", Dialect.SAM, ("arm64",))
    assert (pool.allowed, pool.excluded, pool.subnets, pool.security_groups) == (("m7g.large", "c8g.*"), None, 3, 1)
    assert (pool.scaling_mode, pool.policies, pool.target_utilisation, pool.max_vcpus) == ("Manual", 1, 70.5, 64)
    assert (pool.open_inbound, pool.log_egress, pool.subnets_by_parameter) == (None, None, False)
    assert (pool.unknown, pool.oddities) == ((), ())
    places = dict(pool.locations)
    assert written(tmp_path, places["max_vcpus"]) == "64"
    assert written(tmp_path, places["allowed"]) == "[m7g.large, 'c8g.*']"

    orders = by_name(deployment)["Orders"]
    assert (orders.dialect, orders.managed, orders.provider) == (Dialect.SAM, True, "Pool")
    assert deployment.provider_of(orders) is pool
    assert (orders.max_concurrency, orders.memory_per_vcpu) == (32, 4.0)
    assert (orders.min_environments, orders.max_environments) == (3, 12)
    assert (orders.published, orders.auto_alias) == ("latest", True)
    assert kinds(orders) == [("sqs", True), ("http", False)]
    assert written(tmp_path, dict(orders.locations)["min_environments"]) == "3"
    assert orders.oddities == ()


def test_cloudformation(deploy: Deploy, tmp_path: Path) -> None:
    deployment = deploy({"stack.yaml": CFN, "app.py": "def handler(event, context): ...\n"})
    (pool,) = deployment.providers
    assert (pool.dialect, pool.architectures, pool.excluded) == (Dialect.CLOUDFORMATION, ("x86_64",), ("t3.*",))
    assert (pool.subnets, pool.security_groups, pool.open_inbound, pool.log_egress) == (2, 1, True, False)
    assert (pool.scaling_mode, pool.policies, pool.target_utilisation, pool.max_vcpus) == ("Manual", 1, 60, 30)
    assert pool.oddities == ()
    functions = by_name(deployment)
    worker, plain = functions["Worker"], functions["Plain"]
    assert deployment.provider_of(worker) is pool
    assert (worker.max_concurrency, worker.min_environments, worker.max_environments) == (16, 2, None)
    assert (worker.role, worker.log_format, worker.published, worker.vpc) == ("WorkerRole", "JSON", "latest", False)
    assert worker.layers == ("Shared", "arn:aws:lambda:eu-west-1:123456789012:layer:x:1")
    assert kinds(worker) == [("kinesis", True)]
    assert (plain.managed, plain.vpc, plain.snapstart, plain.reserved, plain.provisioned) == (False, True, True, 5, 7)
    assert (plain.published, plain.auto_alias) == ("version", True)
    assert kinds(plain) == [("mq", True), ("schedule", False), ("http", False)]
    assert written(tmp_path, dict(plain.locations)["provisioned"]) == "7"
    assert written(tmp_path, dict(plain.locations)["vpc"]).startswith("{SubnetIds")


def test_a_way_out_for_logs(deploy: Deploy) -> None:
    endpoint = (
        "  Logs: {Type: AWS::EC2::VPCEndpoint, Properties: {ServiceName: !Sub 'com.amazonaws.${AWS::Region}.logs'}}\n"
    )
    (pool,) = deploy({"stack.yaml": CFN + endpoint}).providers
    assert pool.log_egress is True
    (routed,) = deploy({"stack.yaml": CFN + "  Way: {Type: AWS::EC2::Route}\n"}).providers
    assert routed.log_egress is None


def test_serverless(deploy: Deploy, tmp_path: Path) -> None:
    deployment = deploy({"serverless.yml": SERVERLESS, "src/etl.js": "exports.handler = async () => 1;\n"})
    assert deployment.problems == ()
    declared, functions = pools(deployment), by_name(deployment)
    assert set(declared) == {"big", "default", "Extra"}
    big = declared["big"]
    assert (big.dialect, big.subnets, big.security_groups) == (Dialect.SERVERLESS, 3, 1)
    assert (big.allowed, big.architectures) == (("r7g.large", "r7g.xlarge"), ("arm64",))
    assert (big.scaling_mode, big.policies, big.target_utilisation, big.max_vcpus) == ("Manual", 1, 70, 200)
    assert (big.region, big.oddities, big.unknown) == ("eu-west-1", (), ())
    assert written(tmp_path, big.location) == "big"
    default = declared["default"]
    assert (default.subnets, default.architectures, default.max_vcpus) == (2, ("arm64",), None)
    assert written(tmp_path, default.location) == "default"

    etl = functions["etl"]
    assert (etl.managed, etl.provider, etl.max_concurrency, etl.memory_per_vcpu) == (True, "big", 100, 4)
    assert (etl.min_environments, etl.max_environments, etl.vpc, etl.published) == (5, 10, False, "latest")
    assert kinds(etl) == [("sqs", True), ("dynamodb", True), ("http", False)]
    assert etl.region == "eu-west-1"
    assert [functions[name].provider for name in ("small", "own", "far")] == ["default", "Extra", "far"]
    assert all(functions[name].managed for name in ("small", "own", "far"))
    assert kinds(functions["small"]) == [("sqs", True)]
    plain = functions["plain"]
    assert (plain.snapstart, plain.provisioned, plain.reserved, plain.vpc) == (True, 3, 9, True)
    assert plain.published == "version"


@pytest.mark.parametrize(
    ("kind", "config", "expected"),
    [
        ("Serverless", "{Arn: a}", []),
        ("Serverless", "{LambdaManagedInstancesCapacityProviderConfig: {CapacityProviderArn: a}}",
         [("wrong-shape", "LambdaManagedInstancesCapacityProviderConfig", "Arn")]),
        ("Serverless", "{PerExecutionEnvironmentMaxConcurrency: 3}", [("missing", "Arn", "")]),
        ("Serverless", "{CapacityProviderArn: a}", [("unknown-property", "CapacityProviderArn", "Arn")]),
        ("Serverless", "{Arn: a, ExecutionEnvironmentMemoryGibPerVcpu: 2}",
         [("unknown-property", "ExecutionEnvironmentMemoryGibPerVcpu", "ExecutionEnvironmentMemoryGiBPerVCpu")]),
        ("Serverless", "!If [A, {Wrong: a}, !Ref AWS::NoValue]", []),
        ("Lambda", "{LambdaManagedInstancesCapacityProviderConfig: {CapacityProviderArn: a}}", []),
        ("Lambda", "{Arn: a}", [("wrong-shape", "Arn", "LambdaManagedInstancesCapacityProviderConfig")]),
        ("Lambda", "{LambdaManagedInstancesCapacityProviderConfig: {Arn: a}}",
         [("unknown-property", "Arn", "CapacityProviderArn")]),
        ("Lambda", "{}", [("missing", "LambdaManagedInstancesCapacityProviderConfig", "")]),
    ],
)  # fmt: skip
def test_oddities_of_functions(deploy: Deploy, kind: str, config: str, expected: list[tuple[str, str, str]]) -> None:
    text = f"Resources: {{F: {{Type: AWS::{kind}::Function, Properties: {{CapacityProviderConfig: {config}}}}}}}\n"
    (found,) = deploy({"t.yaml": text}).functions
    assert amiss(found.oddities) == expected


@pytest.mark.parametrize(
    ("kind", "properties", "expected"),
    [
        ("Serverless", "{VpcConfig: {SubnetIds: [a]}}", []),
        ("Serverless", "{VpcConfig: {SecurityGroupIds: [a]}}", [("missing", "SubnetIds", "")]),
        ("Serverless", "{VpcConfig: {SubnetIds: [a]}, ScalingConfig: {TargetResourceUtilization: 50}}",
         [("unknown-property", "TargetResourceUtilization", "AverageCPUUtilization")]),
        ("Serverless", "{VpcConfig: {SubnetIds: [a]}, InstanceRequirements: {AllowedInstanceTypes: [b]}}",
         [("unknown-property", "AllowedInstanceTypes", "AllowedTypes")]),
        ("Lambda", "{VpcConfig: {SubnetIds: [a]}}", [("missing", "PermissionsConfig", "")]),
        ("Lambda", "{VpcConfig: {SubnetIds: [a]}, OperatorRole: b, Nonsense: 1}",
         [("unknown-property", "OperatorRole", "PermissionsConfig"), ("unknown-property", "Nonsense", "")]),
    ],
)  # fmt: skip
def test_oddities_of_providers(
    deploy: Deploy, kind: str, properties: str, expected: list[tuple[str, str, str]]
) -> None:
    text = f"Resources: {{P: {{Type: AWS::{kind}::CapacityProvider, Properties: {properties}}}}}\n"
    (found,) = deploy({"t.yaml": text}).providers
    assert amiss(found.oddities) == expected


def test_what_is_not_known_is_named(deploy: Deploy) -> None:
    text = """\
Parameters: {Subnets: {Type: 'List<AWS::EC2::Subnet::Id>'}, Max: {Type: Number}}
Resources:
  P:
    Type: AWS::Serverless::CapacityProvider
    Properties:
      VpcConfig: {SubnetIds: !Ref Subnets, SecurityGroupIds: !Split [',', !ImportValue groups]}
      ScalingConfig: {MaxVCpuCount: !Ref Max}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CapacityProviderConfig: {Arn: !ImportValue pool, PerExecutionEnvironmentMaxConcurrency: !Ref Max}
      FunctionScalingConfig: !If [Unheard, {MinExecutionEnvironments: 1}, !Ref AWS::NoValue]
      LoggingConfig: !ImportValue logs
"""
    deployment = deploy({"t.yaml": text})
    (pool,) = deployment.providers
    assert (pool.subnets, pool.subnets_by_parameter, pool.security_groups, pool.max_vcpus) == (None, True, None, None)
    assert set(pool.unknown) == {"subnets", "security_groups", "max_vcpus"}
    (found,) = deployment.functions
    assert found.managed
    unknown = {"provider", "max_concurrency", "min_environments", "max_environments", "log_format"}
    assert set(found.unknown) >= unknown
    assert deployment.provider_of(found) is None


def test_edge_functions_are_not_judged(deploy: Deploy) -> None:
    text = """\
Resources:
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        DefaultCacheBehavior:
          LambdaFunctionAssociations: [{EventType: viewer-request, LambdaFunctionARN: !Ref Edge.Version}]
        CacheBehaviors:
          - LambdaFunctionAssociations: [{EventType: origin-request, LambdaFunctionARN: !Ref OtherVersion}]
  Edge: {Type: AWS::Serverless::Function, Properties: {Handler: app.handler, Runtime: python3.13}}
  Other: {Type: AWS::Lambda::Function, Properties: {Handler: app.handler, Runtime: python3.13, Code: .}}
  OtherVersion: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Other}}
  Trusted:
    Type: AWS::Lambda::Function
    Properties: {Handler: app.handler, Runtime: python3.13, Code: ., Role: !GetAtt EdgeRole.Arn}
  EdgeRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Principal: {Service: [lambda.amazonaws.com, edgelambda.amazonaws.com]}, Action: sts:AssumeRole}]
  Plain: {Type: AWS::Serverless::Function, Properties: {Handler: app.handler, Runtime: python3.13}}
"""
    found = by_name(deploy({"t.yaml": text, "app.py": "def handler(event, context): ...\n"}))
    assert {name for name, each in found.items() if each.edge} == {"Edge", "Other", "Trusted"}
    assert all("edge" in found[name].unresolved and found[name].entry is not None for name in ("Edge", "Other"))
    assert found["Plain"].unresolved == ""


def test_synthesised_templates(deploy: Deploy) -> None:
    body = (
        '{"Resources": {"F1": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "index.handler", '
        '"Runtime": "nodejs22.x", "Code": {"S3Bucket": "b", "S3Key": "k.zip"}}, '
        '"Metadata": {"aws:cdk:path": "App/F/Resource", "aws:asset:path": "asset.1"}}}}'
    )
    manifest = (
        '{"artifacts": {"App": {"environment": "aws://unknown-account/eu-central-1", '
        '"properties": {"templateFile": "App.template.json"}}}}'
    )
    files = {"cdk.out/App.template.json": body, "cdk.out/manifest.json": manifest}
    (found,) = deploy({**files, "cdk.out/asset.1/index.js": "exports.handler = async () => 1;\n"}).functions
    assert (found.dialect, found.region) == (Dialect.CDK_OUTPUT, "eu-central-1")
    assert found.entry is not None
    assert found.entry.path == "cdk.out/asset.1/index.js"
    elsewhere = deploy({"deploy/app.template": body}).functions[0]
    assert elsewhere.dialect is Dialect.CDK_OUTPUT


def test_functions_that_cdk_adds_are_not_the_projects(deploy: Deploy) -> None:
    body = ", ".join(
        f'"{name}": {{"Type": "AWS::Lambda::Function", "Properties": {{"Handler": "{handler}", '
        f'"Runtime": "nodejs22.x", "Code": {{"S3Bucket": "b", "S3Key": "k.zip"}}}}, '
        '"Metadata": {"aws:asset:path": "asset.1"}}'
        for name, handler in (
            ("OwnFn1A2B3C4D", "index.handler"),
            ("SeedProviderframeworkonEvent01D0325D", "framework.onEvent"),
            ("AWS679f53fac002430cb0da5b7982bd22872D164C4C", "index.handler"),
        )
    )
    files = {
        f"cdk.out/asset.1/{name}.js": "exports.handler = exports.onEvent = 1;\n" for name in ("index", "framework")
    }
    deployment = deploy({"cdk.out/App.template.json": f'{{"Resources": {{{body}}}}}', **files})
    assert [each.name for each in deployment.functions if each.entry is not None] == ["OwnFn1A2B3C4D"]
    assert all("CDK" in each.unresolved and not each.local for each in deployment.functions[1:])
