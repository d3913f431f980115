"""CDK apps read from their source, in four languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lmi_lint.deploy.model import Dialect

if TYPE_CHECKING:
    from lmi_lint.deploy.model import DeployedFunction, Deployment

    from .conftest import Deploy

HANDLER = "export const handler = async (event: unknown) => event;\n"
PYTHON = "def handler(event, context):\n    return event\n"
APP = '{"app": "whatever"}\n'


def one(deployment: Deployment) -> DeployedFunction:
    (function,) = [each for each in deployment.functions if each.dialect is Dialect.CDK]
    return function


def entries(deployment: Deployment) -> dict[str, str | None]:
    """Name → file and symbol of each CDK function."""
    return {
        each.name: f"{each.entry.path}:{each.entry.symbol}" if each.entry is not None else None
        for each in deployment.functions
        if each.dialect is Dialect.CDK
    }


def stack(body: str, imports: str = "") -> str:
    """A TypeScript stack and its app."""
    return f"""\
import * as cdk from 'aws-cdk-lib';
import * as path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import {{ NodejsFunction }} from 'aws-cdk-lib/aws-lambda-nodejs';
{imports}
export class Main extends cdk.Stack {{
  constructor(scope: cdk.App, id: string, props?: any) {{
    super(scope, id, props);
{body}
  }}
}}
new Main(new cdk.App(), 'Main', {{}});
"""


def test_settings_of_a_function(deploy: Deploy) -> None:
    body = """
    const fn = new lambda.Function(this, 'Orders', {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(path.join(__dirname, '..', 'src', 'orders')),
      memorySize: 1024 * 2,
      timeout: cdk.Duration.minutes(2),
      architecture: lambda.Architecture.ARM_64,
      ephemeralStorageSize: cdk.Size.gibibytes(1),
      reservedConcurrentExecutions: 5,
      loggingFormat: lambda.LoggingFormat.JSON,
      snapStart: lambda.SnapStartConf.ON_PUBLISHED_VERSIONS,
      vpc: cdk.aws_ec2.Vpc.fromLookup(this, 'Vpc', {}),
      environment: { TABLE: 'orders', STAGE: process.env.STAGE! },
    });
    fn.addEnvironment('MODE', 'fast');
    new lambda.Alias(this, 'Live', { version: fn.currentVersion, provisionedConcurrentExecutions: 3 });
    fn.addFunctionUrl({ invokeMode: lambda.InvokeMode.RESPONSE_STREAM });
"""
    found = one(deploy({"cdk.json": APP, "lib/main.ts": stack(body), "src/orders/index.ts": HANDLER}))
    assert found.entry is not None
    assert (found.entry.path, found.entry.symbol) == ("src/orders/index.ts", "handler")
    assert (found.runtime, found.memory_mb, found.timeout_s, found.ephemeral_mb) == ("nodejs22.x", 2048, 120, 1024)
    assert (found.architecture, found.reserved, found.log_format) == ("arm64", 5, "JSON")
    assert (found.snapstart, found.vpc, found.provisioned, found.published) == (True, True, 3, "version")
    assert dict(found.environment) == {"TABLE": "orders", "STAGE": None, "MODE": "fast"}
    assert found.streaming
    assert [each.kind for each in found.events] == ["http"]
    assert found.unknown == ()
    source = stack(body).encode()
    memory = dict(found.locations)["memory_mb"]
    assert source[memory.span.start : memory.span.end] == b"memorySize: 1024 * 2"


NODEJS = {
    "entry": ("entry: path.join(__dirname, '../src/a.ts'), handler: 'main'", "src/a.ts:main"),
    "relative to cdk.json": ("entry: 'src/a.ts', handler: 'main'", "src/a.ts:main"),
    "handler by default": ("entry: 'src/b.ts'", "src/b.ts:handler"),
    "entry by default": ("memorySize: 128", "lib/main.Fn.ts:handler"),
}


@pytest.mark.parametrize(("props", "expected"), NODEJS.values(), ids=NODEJS)
def test_nodejs_function(deploy: Deploy, props: str, expected: str) -> None:
    files = {
        "cdk.json": APP,
        "lib/main.ts": stack(f"    new NodejsFunction(this, 'Fn', {{ {props} }});"),
        "lib/main.Fn.ts": HANDLER,
        "src/a.ts": "export const main = async (event: unknown) => event;\n",
        "src/b.ts": HANDLER,
    }
    assert entries(deploy(files)) == {"Fn": expected}


def test_props_helpers_loops_and_spreads_are_followed(deploy: Deploy) -> None:
    base = """\
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, NodejsFunctionProps } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Construct } from 'constructs';
export const DEFAULTS = { runtime: Runtime.NODEJS_22_X, memorySize: 256 };
export class Service extends NodejsFunction {
  constructor(scope: Construct, id: string, props: NodejsFunctionProps & { folder: string }) {
    const { folder, ...rest } = props;
    super(scope, id, { ...DEFAULTS, entry: `src/${folder}/index.ts`, ...rest });
  }
}
"""
    body = """
    for (const name of ['a', 'b']) {
      new Service(this, `Service-${name}`, { folder: name, memorySize: name === 'b' ? 512 : undefined });
    }
    ['c'].forEach((name) => this.make(name));
"""
    main = stack(body, "import { Service, DEFAULTS } from './base';").replace(
        "new Main(new cdk",
        "",
    )
    main = main.split("(), 'Main'")[0].rstrip().removesuffix(".App")
    main = main.rstrip()[:-1] + (
        "  private make(name: string, extra = {}) {\n"
        "    return new NodejsFunction(this, `Made-${name}`,"
        " { ...DEFAULTS, entry: path.join('src', name, 'index.ts'), ...extra });\n  }\n}\n"
        "new Main(new cdk.App(), 'Main', {});\n"
    )
    files = {"cdk.json": APP, "lib/base.ts": base, "lib/main.ts": main}
    found = deploy(files | {f"src/{name}/index.ts": HANDLER for name in "abc"})
    assert entries(found) == {
        "Service-a": "src/a/index.ts:handler",
        "Service-b": "src/b/index.ts:handler",
        "Made-c": "src/c/index.ts:handler",
    }
    assert {each.name: each.memory_mb for each in found.functions} == {
        "Service-a": None,
        "Service-b": 512,
        "Made-c": 256,
    }


def test_helpers_of_a_stack_that_no_app_makes(deploy: Deploy) -> None:
    source = """
import * as path from 'path';
import { Stack } from 'aws-cdk-lib';
import { PythonFunction } from '@aws-cdk/aws-lambda-python-alpha';
export class Workflows extends Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    this.tables();
  }
  private make(name: string, props: object) {
    return new PythonFunction(this, name, { entry: path.join(__dirname, 'src'), ...props });
  }
  private tables() {
    this.make('Migrate', { index: 'migrate.py', handler: 'handler' });
  }
}
export class Library {
  add(scope, name: string, props: object) {
    return new PythonFunction(scope, name, { entry: path.join(__dirname, 'src'), ...props });
  }
}
"""
    found = deploy({"cdk.json": APP, "stack.ts": source, "src/migrate.py": PYTHON, "src/index.py": PYTHON})
    names = {each.name: (each.handler, each.entry and each.entry.path) for each in found.functions if each.dialect}
    # What is spread may name another file than index.py.
    assert names == {"Migrate": ("migrate.handler", "src/migrate.py"), "PythonFunction": (None, None)}


def test_what_cannot_be_told_is_unknown(deploy: Deploy) -> None:
    body = """
    new lambda.Function(this, 'Fn', {
      runtime: lambda.Runtime.NODEJS_LATEST,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(process.env.FOLDER!),
      memorySize: this.node.tryGetContext('memory'),
      timeout: props.big ? cdk.Duration.seconds(30) : cdk.Duration.seconds(60),
      architecture: id === 'x' ? lambda.Architecture.ARM_64 : lambda.Architecture.ARM_64,
    });
"""
    found = one(deploy({"cdk.json": APP, "lib/main.ts": stack(body).replace("'Main', {}", "'Main', load()")}))
    assert (found.entry, found.unresolved) == (None, "its code is not written out")
    assert (found.runtime, found.memory_mb, found.timeout_s, found.architecture) == (None, None, None, "arm64")
    assert set(found.unknown) == {"runtime", "memory_mb", "timeout_s", "code_root"}


def test_a_construct_that_differs_between_stages_is_one_function(deploy: Deploy) -> None:
    body = (
        "    new NodejsFunction(this, 'Fn', { entry: 'src/a.ts', memorySize: props.memory, timeout: props.timeout });"
    )
    main = stack(body).replace(
        "new Main(new cdk.App(), 'Main', {});",
        "const app = new cdk.App();\n"
        "new Main(app, 'Dev', { memory: 128, timeout: cdk.Duration.seconds(3) });\n"
        "new Main(app, 'Prod', { memory: 512, timeout: cdk.Duration.seconds(3) });",
    )
    found = one(deploy({"cdk.json": APP, "lib/main.ts": main, "src/a.ts": HANDLER}))
    assert (found.memory_mb, found.timeout_s, found.unknown) == (None, 3, ("memory_mb",))


def test_capacity_provider(deploy: Deploy) -> None:
    body = """
    const vpc = new cdk.aws_ec2.Vpc(this, 'Vpc');
    const provider = new lambda.CapacityProvider(this, 'Shared', {
      subnets: vpc.privateSubnets,
      securityGroups: [new cdk.aws_ec2.SecurityGroup(this, 'Group', { vpc })],
      architectures: [lambda.Architecture.ARM_64],
      instanceTypeFilter: lambda.InstanceTypeFilter.allow([
        new cdk.aws_ec2.InstanceType('c8g.xlarge'),
        cdk.aws_ec2.InstanceType.of(cdk.aws_ec2.InstanceClass.M8G, cdk.aws_ec2.InstanceSize.XLARGE2),
      ]),
      scalingOptions: lambda.ScalingOptions.manual([lambda.TargetTrackingScalingPolicy.cpuUtilization(70)]),
      maxVCpuCount: 64,
    });
    const fn = new NodejsFunction(this, 'Fn', { entry: 'src/a.ts', runtime: lambda.Runtime.NODEJS_24_X });
    provider.addFunction(fn, {
      perExecutionEnvironmentMaxConcurrency: 32,
      executionEnvironmentMemoryGiBPerVCpu: 4,
      latestPublishedScalingConfig: { minExecutionEnvironments: 1, maxExecutionEnvironments: 9 },
    });
"""
    deployment = deploy({"cdk.json": APP, "lib/main.ts": stack(body), "src/a.ts": HANDLER})
    found = one(deployment)
    assert (found.managed, found.provider, found.max_concurrency, found.memory_per_vcpu) == (True, "Shared", 32, 4.0)
    assert (found.min_environments, found.max_environments, found.published) == (1, 9, "latest")
    provider = deployment.provider_of(found)
    assert provider is not None
    assert (provider.dialect, provider.architectures) == (Dialect.CDK, ("arm64",))
    assert provider.allowed == ("c8g.xlarge", "m8g.2xlarge")
    assert (provider.subnets, provider.security_groups, provider.unknown) == (None, 1, ("subnets",))
    assert (provider.scaling_mode, provider.policies, provider.target_utilisation) == ("Manual", 1, 70.0)
    assert provider.max_vcpus == 64


def test_level_one_constructs(deploy: Deploy) -> None:
    body = """
    const provider = new lambda.CfnCapacityProvider(this, 'Raw', {
      vpcConfig: { subnetIds: ['a', 'b'], securityGroupIds: ['g'] },
      instanceRequirements: { architectures: ['x86_64'], excludedInstanceTypes: ['t3.micro'] },
      capacityProviderScalingConfig: { scalingMode: 'Auto', maxVCpuCount: 12 },
    });
    new lambda.CfnFunction(this, 'Fn', {
      code: { zipFile: 'exports.handler = async (event) => event;' },
      handler: 'index.handler', runtime: 'nodejs22.x', role: 'arn:aws:iam::1:role/x', memorySize: 2048, timeout: 9,
      architectures: ['x86_64'],
      environment: { variables: { A: 'b' } },
      capacityProviderConfig: { lambdaManagedInstancesCapacityProviderConfig: {
        capacityProviderArn: provider.attrArn, perExecutionEnvironmentMaxConcurrency: 16 } },
      functionScalingConfig: { minExecutionEnvironments: 0 },
    });
"""
    deployment = deploy({"cdk.json": APP, "lib/main.ts": stack(body)})
    found = one(deployment)
    assert found.inline is not None
    assert found.inline.data.strip() == b"exports.handler = async (event) => event;"
    assert (found.runtime, found.memory_mb, found.timeout_s, found.role) == (
        "nodejs22.x", 2048, 9, "arn:aws:iam::1:role/x",
    )  # fmt: skip
    assert (found.provider, found.max_concurrency, found.min_environments) == ("Raw", 16, 0)
    assert dict(found.environment) == {"A": "b"}
    (provider,) = deployment.providers
    assert (provider.subnets, provider.security_groups, provider.excluded) == (2, 1, ("t3.micro",))
    assert (provider.scaling_mode, provider.max_vcpus) == ("Auto", 12)


def test_events(deploy: Deploy) -> None:
    body = """
    const fn = new NodejsFunction(this, 'Fn', { entry: 'src/a.ts', events: [new sources.SqsEventSource(queue)] });
    fn.addEventSource(new sources.DynamoEventSource(table, {}));
    new events.Rule(this, 'Rule', { schedule: events.Schedule.rate(x), targets: [new targets.LambdaFunction(fn)] });
    const other = new events.Rule(this, 'Other', { eventPattern: {} });
    other.addTarget(new targets.LambdaFunction(fn));
    new cdk.aws_apigateway.LambdaRestApi(this, 'Api', { handler: fn });
"""
    imports = (
        "import * as sources from 'aws-cdk-lib/aws-lambda-event-sources';\n"
        "import * as targets from 'aws-cdk-lib/aws-events-targets';\n"
        "import * as events from 'aws-cdk-lib/aws-events';"
    )
    found = one(deploy({"cdk.json": APP, "lib/main.ts": stack(body, imports), "src/a.ts": HANDLER}))
    assert [(each.kind, each.polled) for each in found.events] == [
        ("sqs", True), ("dynamodb", True), ("schedule", False), ("eventbridge", False), ("http", False),
    ]  # fmt: skip


def test_image_and_its_dockerfile(deploy: Deploy) -> None:
    body = """
    new lambda.DockerImageFunction(this, 'Given', {
      code: lambda.DockerImageCode.fromImageAsset('image', { cmd: ['app.handler'] }) });
    new lambda.DockerImageFunction(this, 'Read', { code: lambda.DockerImageCode.fromImageAsset('image') });
    new lambda.DockerImageFunction(this, 'Remote', { code: lambda.DockerImageCode.fromEcr(repository) });
"""
    files = {
        "cdk.json": APP,
        "lib/main.ts": stack(body),
        "image/Dockerfile": 'FROM public.ecr.aws/lambda/python:3.13\nCOPY app.py ./\nCMD ["app.handler"]\n',
        "image/app.py": PYTHON,
    }
    found = deploy(files)
    assert entries(found) == {"Given": "image/app.py:handler", "Read": "image/app.py:handler", "Remote": None}
    assert all(each.image for each in found.functions)


def test_code_out_of_an_image_comes_from_beside_its_dockerfile(deploy: Deploy) -> None:
    function = """
    new lambda.Function(this, '%s', { runtime: lambda.Runtime.PYTHON_3_13, handler: 'app.handler',
      code: lambda.Code.fromDockerBuild('.', { file: '%s/Dockerfile' }) });
"""
    files = {"cdk.json": APP, "lib/main.ts": stack(function % ("Orders", "orders") + function % ("Users", "users"))}
    for name in ("orders", "users"):
        files[f"{name}/Dockerfile"] = f"FROM public.ecr.aws/sam/build-python3.13\nCOPY {name}/app.py /asset/\n"
        files[f"{name}/app.py"] = PYTHON
    found = deploy(files)
    assert entries(found) == {"Orders": "orders/app.py:handler", "Users": "users/app.py:handler"}
    assert not any(each.image for each in found.functions)


PYTHON_STACK = """\
import os
from pathlib import Path
from aws_cdk import App, Duration, Stack, aws_lambda as _lambda, aws_lambda_python_alpha as python
from constructs import Construct

HERE = Path(__file__).parent
DEFAULTS = dict(runtime=_lambda.Runtime.PYTHON_3_13, memory_size=512)


class Main(Stack):
    def __init__(self, scope: Construct, construct_id: str, *, stage: str = "dev", **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        for name in ("a", "b"):
            _lambda.Function(
                self, f"Fn-{name}", handler="index.handler", **DEFAULTS,
                code=_lambda.Code.from_asset(str(HERE.parent / "src" / name)),
            )
        fn = self.made("C", os.path.join(os.path.dirname(__file__), "..", "src", "c"), timeout=Duration.seconds(9))
        fn.add_environment("STAGE", stage)
        python.PythonFunction(self, "P", entry="src/a", index="index.py", runtime=_lambda.Runtime.PYTHON_3_14)
        with open("src/b/index.py") as code:
            _lambda.Function(
                self, "I", code=_lambda.InlineCode(code.read()), handler="index.handler",
                runtime=_lambda.Runtime.PYTHON_3_13,
            )
        provider = _lambda.CapacityProvider(self, "Shared", subnets=["s"], security_groups=[], max_v_cpu_count=40)
        provider.add_function(
            fn, per_execution_environment_max_concurrency=8, execution_environment_memory_gib_per_v_cpu=2,
            latest_published_scaling_config=_lambda.LatestPublishedScalingConfig(min_execution_environments=2),
        )

    def made(self, name: str, folder: str, **more):
        return _lambda.Function(
            self, name, handler="index.handler", runtime=_lambda.Runtime.PYTHON_3_13, memory_size=2048,
            code=_lambda.Code.from_asset(folder), **more,
        )


app = App()
Main(app, "Main", stage="prod")
"""


def test_python(deploy: Deploy) -> None:
    files = {"cdk.json": APP, "infra/main.py": PYTHON_STACK} | {f"src/{name}/index.py": PYTHON for name in "abc"}
    found = deploy(files)
    assert entries(found) == {
        "Fn-a": "src/a/index.py:handler",
        "Fn-b": "src/b/index.py:handler",
        "C": "src/c/index.py:handler",
        "P": "src/a/index.py:handler",
        "I": "src/b/index.py:handler",
    }
    by_name = {each.name: each for each in found.functions}
    assert (by_name["Fn-a"].runtime, by_name["Fn-a"].memory_mb) == ("python3.13", 512)
    made = by_name["C"]
    assert (made.timeout_s, dict(made.environment)) == (9, {"STAGE": "prod"})
    assert (made.provider, made.max_concurrency, made.memory_per_vcpu, made.min_environments) == ("Shared", 8, 2.0, 2)
    (provider,) = found.providers
    assert (provider.subnets, provider.security_groups, provider.max_vcpus) == (1, 0, 40)


JAVA_STACK = """\
package app;

import software.amazon.awscdk.*;
import software.amazon.awscdk.services.lambda.*;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.lambda.eventsources.SqsEventSource;
import software.constructs.Construct;
import java.util.Map;

public class MainStack extends Stack {
    private static final int MEMORY = 2048;

    public MainStack(final Construct scope, final String id, final StackProps props) {
        super(scope, id, props);
        Function orders = Function.Builder.create(this, "Orders")
            .runtime(Runtime.JAVA_21)
            .code(Code.fromAsset("../orders/target/orders.jar"))
            .handler("shop.Orders::handleRequest")
            .memorySize(MEMORY)
            .timeout(Duration.seconds(30))
            .environment(Map.of("TABLE", "orders"))
            .build();
        orders.addEventSource(SqsEventSource.Builder.create(queue).batchSize(10).build());
        plain("Bills", "shop.Bills");
        CapacityProvider provider = CapacityProvider.Builder.create(this, "Shared")
            .architectures(java.util.List.of(Architecture.X86_64)).maxVCpuCount(16).build();
        provider.addFunction(orders, CapacityProviderFunctionOptions.builder()
            .perExecutionEnvironmentMaxConcurrency(20).build());
    }

    private Function plain(String id, String handler) {
        return new Function(this, id, FunctionProps.builder()
            .runtime(Runtime.JAVA_21).code(Code.fromAsset("../orders/target/orders.jar")).handler(handler).build());
    }

    public static void main(String[] args) {
        new MainStack(new App(), "Main", null);
    }
}
"""


def java(name: str) -> str:
    return f"package shop;\n\npublic class {name} {{ public String handleRequest(String event) {{ return event; }} }}\n"


def test_java(deploy: Deploy) -> None:
    files = {
        "infra/cdk.json": APP,
        "infra/src/main/java/app/MainStack.java": JAVA_STACK,
        "orders/pom.xml": "<project/>\n",
        "orders/src/main/java/shop/Orders.java": java("Orders"),
        "orders/src/main/java/shop/Bills.java": java("Bills"),
    }
    found = deploy(files)
    assert entries(found) == {
        "Orders": "orders/src/main/java/shop/Orders.java:shop.Orders",
        "Bills": "orders/src/main/java/shop/Bills.java:shop.Bills",
    }
    orders = next(each for each in found.functions if each.name == "Orders")
    assert (orders.runtime, orders.memory_mb, orders.timeout_s) == ("java21", 2048, 30)
    assert (orders.provider, orders.max_concurrency) == ("Shared", 20)
    assert [each.kind for each in orders.events] == ["sqs"]
    assert dict(orders.environment) == {"TABLE": "orders"}
    assert [(each.architectures, each.max_vcpus) for each in found.providers] == [(("x86_64",), 16)]


CSHARP_STACK = """\
using Amazon.CDK;
using Amazon.CDK.AWS.Lambda;
using Constructs;
using System.Collections.Generic;

namespace Infra
{
    public class MainStack : Stack
    {
        internal MainStack(Construct scope, string id, IStackProps props = null) : base(scope, id, props)
        {
            var orders = new Function(this, "Orders", new FunctionProps
            {
                Runtime = Runtime.DOTNET_8,
                Handler = "Shop::Shop.Orders::Handle",
                Code = Code.FromAsset("src\\\\Shop\\\\bin\\\\Release"),
                MemorySize = 1024,
                Timeout = Duration.Seconds(15),
                Environment = new Dictionary<string, string> { ["TABLE"] = "orders" },
            });
            var provider = new CapacityProvider(this, "Shared", new CapacityProviderProps { MaxVCpuCount = 8 });
            provider.AddFunction(orders, new CapacityProviderFunctionOptions
            {
                PerExecutionEnvironmentMaxConcurrency = 4,
            });
        }
    }

    sealed class Program
    {
        public static void Main(string[] args)
        {
            var app = new App();
            new MainStack(app, "Main");
        }
    }
}
"""


def test_csharp(deploy: Deploy) -> None:
    files = {
        "cdk.json": APP,
        "src/Infra/MainStack.cs": CSHARP_STACK,
        "src/Shop/Shop.csproj": "<Project/>\n",
        "src/Shop/Orders.cs": "namespace Shop;\npublic class Orders { public string Handle(string x) => x; }\n",
    }
    found = deploy(files)
    assert entries(found) == {"Orders": "src/Shop/Orders.cs:Shop.Orders"}
    orders = one(found)
    assert (orders.runtime, orders.memory_mb, orders.timeout_s) == ("dotnet8", 1024, 15)
    assert (orders.provider, orders.max_concurrency, dict(orders.environment)) == ("Shared", 4, {"TABLE": "orders"})
    assert [each.max_vcpus for each in found.providers] == [8]


def test_an_endless_program_is_bounded(deploy: Deploy) -> None:
    body = """
    const grow = (n: number): any => { for (const x of many) { grow(n + 1); grow(n + 2); } };
    let i = 0;
    while (true) { i = i + 1; }
    new NodejsFunction(this, 'Fn', { entry: 'src/a.ts' });
"""
    found = deploy({"cdk.json": APP, "lib/main.ts": stack(body), "src/a.ts": HANDLER})
    assert entries(found) == {"Fn": "src/a.ts:handler"}
    assert [(each.kind, "200 turns" in each.message) for each in found.problems] == [("limit", True)]


def test_a_file_that_cannot_be_read_is_a_problem(deploy: Deploy) -> None:
    found = deploy({"cdk.json": APP, "lib/main.ts": "// aws-cdk-lib\n" + "(" * 60_000, "src/a.ts": HANDLER})
    assert all(each.dialect is not Dialect.CDK for each in found.functions)


def test_without_the_cdk_nothing_is_read(deploy: Deploy) -> None:
    found = deploy({"src/a.ts": "class Function {}\nnew Function();\n" + HANDLER})
    assert [each.dialect for each in found.functions] == [None]


DOCUMENTED = {
    "subnets and groups of a network": (
        "subnets: vpc.privateSubnets, securityGroups: [group]", "", {"security_groups": 1, "scaling_mode": None}, {}
    ),
    "policy": (
        ("subnets: vpc.privateSubnets, securityGroups: [group],"
        " scalingOptions: lambda.ScalingOptions.manual([lambda.TargetTrackingScalingPolicy.cpuUtilization(70)])"),
        "", {"scaling_mode": "Manual", "policies": 1, "target_utilisation": 70.0}, {},
    ),
    "automatic": ("scalingOptions: lambda.ScalingOptions.auto()", "", {"scaling_mode": "Auto", "policies": None}, {}),
    "types allowed": (
        ("instanceTypeFilter: lambda.InstanceTypeFilter.allow(["
        "ec2.InstanceType.of(ec2.InstanceClass.M5, ec2.InstanceSize.LARGE)])"),
        "", {"allowed": ("m5.large",), "excluded": None}, {},
    ),
    "types excluded": (
        ("instanceTypeFilter: lambda.InstanceTypeFilter.exclude(["
        "ec2.InstanceType.of(ec2.InstanceClass.T2, ec2.InstanceSize.MICRO)])"),
        "", {"allowed": None, "excluded": ("t2.micro",)}, {},
    ),
    "options of a function": (
        "", ("provider.addFunction(fn, { perExecutionEnvironmentMaxConcurrency: 10,"
        " executionEnvironmentMemoryGiBPerVCpu: 4 });"),
        {}, {"max_concurrency": 10, "memory_per_vcpu": 4.0, "published": "latest"},
    ),
    "scaling of the latest version": (
        "", ("provider.addFunction(fn, { latestPublishedScalingConfig: { minExecutionEnvironments: 5,"
        " maxExecutionEnvironments: 25 } });"),
        {}, {"min_environments": 5, "max_environments": 25},
    ),
    "not published": (
        "", "provider.addFunction(fn, { publishToLatestPublished: false }); fn.currentVersion;",
        {}, {"managed": True, "published": "version", "min_environments": 3},
    ),
    "by the level below": (
        "", ("const raw = fn.node.defaultChild as lambda.CfnFunction; raw.capacityProviderConfig = {"
        " lambdaManagedInstancesCapacityProviderConfig: { capacityProviderArn: provider.capacityProviderArn } };"),
        {}, {"managed": True, "provider": "Pool"},
    ),
    "by an override": (
        "", ("fn.node.defaultChild.addPropertyOverride('CapacityProviderConfig."
        "LambdaManagedInstancesCapacityProviderConfig.CapacityProviderArn', provider.capacityProviderArn);"),
        {}, {"managed": True, "provider": "Pool"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("props", "use", "pool", "function"), DOCUMENTED.values(), ids=DOCUMENTED)
def test_documented_uses_of_capacity_providers(
    deploy: Deploy, props: str, use: str, pool: dict[str, object], function: dict[str, object]
) -> None:
    body = f"""
    const vpc = new ec2.Vpc(this, 'Vpc');
    const group = new ec2.SecurityGroup(this, 'Group', {{ vpc }});
    const provider = new lambda.CapacityProvider(this, 'Pool', {{ {props} }});
    const fn = new lambda.Function(this, 'Fn', {{
      runtime: lambda.Runtime.NODEJS_24_X, handler: 'index.handler', code: lambda.Code.fromAsset('src'),
      currentVersionOptions: {{ minExecutionEnvironments: 3 }},
    }});
    {use}
"""
    files = {"cdk.json": APP, "lib/main.ts": stack(body, "import * as ec2 from 'aws-cdk-lib/aws-ec2';")}
    found = deploy(files | {"src/index.ts": HANDLER})
    assert {key: getattr(found.providers[0], key) for key in pool} == pool
    assert {key: getattr(one(found), key) for key in function} == function


def test_a_function_is_where_its_class_is_used(deploy: Deploy) -> None:
    base = """\
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
export class Small extends NodejsFunction {}
export class Named extends NodejsFunction {
  constructor(scope: any, id: string) { super(scope, id, { memorySize: 128 }); }
}
"""
    body = "    new Small(this, 'One', { entry: 'src/one.ts' });\n    new Named(this, 'Two');"
    files = {
        "cdk.json": APP,
        "lib/base.ts": base,
        "lib/base.Two.ts": HANDLER,
        "src/one.ts": HANDLER,
        "lib/main.ts": stack(body, "import { Small, Named } from './base';"),
    }
    found = deploy(files)
    assert entries(found) == {"One": "src/one.ts:handler", "Two": "lib/base.Two.ts:handler"}
    assert {each.template for each in found.functions} == {"lib/main.ts"}


def test_csharp_namespaces_by_alias_and_in_full(deploy: Deploy) -> None:
    stack_text = """\
using Amazon.CDK;
using Lambda = Amazon.CDK.AWS.Lambda;
namespace Infra
{
    public class MainStack : Stack
    {
        private readonly Lambda.Function _one;

        internal MainStack(Construct scope, string id, IStackProps props = null) : base(scope, id, props)
        {
            _one = new Lambda.Function(this, "One", new Lambda.FunctionProps
            {
                Runtime = Lambda.Runtime.PYTHON_3_13, Code = Lambda.Code.FromAsset("src"), Handler = "one.handler",
            });
            new Amazon.CDK.AWS.Lambda.Function(this, "Two", new Amazon.CDK.AWS.Lambda.FunctionProps
            {
                Runtime = Amazon.CDK.AWS.Lambda.Runtime.PYTHON_3_13,
                Code = Amazon.CDK.AWS.Lambda.Code.FromAsset("src"), Handler = "two.handler",
            });
            _one.AddEnvironment("A", "b");
        }
    }
}
"""
    found = deploy({"cdk.json": APP, "Main.cs": stack_text, "src/one.py": PYTHON, "src/two.py": PYTHON})
    assert entries(found) == {"One": "src/one.py:handler", "Two": "src/two.py:handler"}
    assert [each.runtime for each in found.functions] == ["python3.13", "python3.13"]
    assert dict(found.functions[0].environment) == {"A": "b"}


def test_mappings_destinations_and_edge(deploy: Deploy) -> None:
    body = """
    const fn = new NodejsFunction(this, 'Fn', { entry: 'src/a.ts', onSuccess: new results.LambdaDestination(other) });
    fn.addEventSourceMapping('Queue', { eventSourceArn: queue.queueArn });
    new lambda.EventSourceMapping(this, 'Table', { target: fn, eventSourceArn: table.tableStreamArn });
    bucket.addEventNotification(created, new notifications.LambdaDestination(fn));
    new NodejsFunction(this, 'Other', { entry: 'src/a.ts', onSuccess: new results.LambdaDestination(fn) });
    const edge = new NodejsFunction(this, 'Edge', { entry: 'src/a.ts' });
    new cdk.aws_cloudfront.Distribution(this, 'Site', { defaultBehavior: { origin, edgeLambdas: [
      { functionVersion: edge.currentVersion, eventType: x } ] } });
"""
    imports = (
        "import * as results from 'aws-cdk-lib/aws-lambda-destinations';\n"
        "import * as notifications from 'aws-cdk-lib/aws-s3-notifications';"
    )
    found = deploy({"cdk.json": APP, "lib/main.ts": stack(body, imports), "src/a.ts": HANDLER})
    by_name = {each.name: each for each in found.functions}
    assert [(each.kind, each.polled) for each in by_name["Fn"].events] == [
        ("sqs", True), ("dynamodb", True), ("s3", False), ("other", False),
    ]  # fmt: skip
    assert {each.name: each.edge for each in found.functions} == {"Fn": False, "Other": False, "Edge": True}


def test_odd_programs_cost_only_themselves(deploy: Deploy) -> None:
    odd = """\
import * as lambda from 'aws-cdk-lib/aws-lambda';
class Self extends Self {}
class One extends Two {}
class Two extends One {}
new Self(1, 2); new One(); new Two();
const ring: any = {}; ring.ring = ring;
new lambda.Function(ring, ring, { ...ring, ...ring.ring });
const again = (f) => again(again(f)); again(again);
lambda.Function(); new lambda.Function(...ring); new lambda.CapacityProvider();
new lambda.CapacityProvider(this, 's', {
  instanceTypeFilter: lambda.InstanceTypeFilter.allow([null, 3]), scalingOptions: 4, subnets: null });
new lambda.Function(this, 'Odd', { timeout: Duration.seconds('x'), layers: [[[]]], environment: [1], handler: null });
new lambda.Function(this, 'Deep', { memorySize: DEEP });
"""
    odd = odd.replace("DEEP", "(" * 300 + "1" + ")" * 300)
    files = {"cdk.json": APP, "lib/a.ts": odd, "src/a.ts": HANDLER}
    body = "    new NodejsFunction(this, 'Fn', { entry: 'src/a.ts' });"
    assert entries(deploy(files | {"lib/main.ts": stack(body)}))["Fn"] == "src/a.ts:handler"
