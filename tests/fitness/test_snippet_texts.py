"""Snippets: names that were made to break out of strings, plans, and what is said."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment, Dialect, EventSource, Provenance
from lmi_lint.errors import UsageError
from lmi_lint.fitness.model import Assessment, Fit, Recommendation
from lmi_lint.fitness.snippets import Snippet, snippet_for
from lmi_lint.fitness.snippets.hcl import Block, written
from lmi_lint.fitness.snippets.plan import plan_for
from lmi_lint.model.finding import Location
from lmi_lint.model.managed import supported
from lmi_lint.model.source import Span
from lmi_lint.model.verdict import Verdict
from tests.fitness.projects import ADVICE, cloudformation, deployment, loaded, sam, serverless, snippet

if TYPE_CHECKING:
    from pathlib import Path

NASTY = (
    "a\"b'c`d\\e\nINJECTED = 1\r\n*/ // INJECTED() ${INJECTED} %{INJECTED} #{INJECTED}\u2028INJECTED\x85\u0000"
    "\\u000aINJECTED 😀"
)


def function(dialect: Dialect | None, template: str, **settings: object) -> DeployedFunction:
    """A function that is not on managed instances."""
    made = DeployedFunction(
        name="Orders", provenance=Provenance.DEPLOYED, runtime="nodejs22.x", handler="index.handler",
        code_root="src", timeout_s=20, dialect=dialect, template=template,
    )  # fmt: skip
    return replace(made, **settings)


def judged(first: DeployedFunction, advice: Recommendation | None = ADVICE) -> Assessment:
    """A judgement on it."""
    return Assessment(first, Verdict.READY, Fit.MOVE, (), (), advice, ("mend this",))


def made(first: DeployedFunction, advice: Recommendation = ADVICE) -> Snippet:
    """The snippet for it, in a project of its own."""
    return snippet_for(judged(first, advice), Deployment((first,)))


def nasty(dialect: Dialect, template: str) -> Snippet:
    """A snippet of which every text that comes from the project is nasty."""
    first = function(
        dialect, template, name=NASTY, handler=NASTY, environment=((NASTY, NASTY), ("MODE", "fast")), role=NASTY,
        layers=(NASTY,), code_root=NASTY,
    )  # fmt: skip
    assessment = replace(judged(first), obstacles=(NASTY,), recommendation=replace(ADVICE, reasons=(NASTY,)))
    return snippet_for(assessment, Deployment((first,)))


@pytest.mark.parametrize("dialect", [Dialect.SAM, Dialect.CLOUDFORMATION, Dialect.SERVERLESS])
def test_nasty_texts_stay_texts_in_yaml(dialect: Dialect) -> None:
    document = loaded(nasty(dialect, "template.yaml").text)
    if dialect is Dialect.SERVERLESS:
        assert set(document) == {"params", "provider", "functions", "resources"}
        (second,) = document["functions"].values()
        assert (second["handler"], second["environment"]) == ("FILL-IN", {"MODE": "fast"})
    else:
        assert set(document) == {"Parameters", "Resources"}
        properties = next(each["Properties"] for each in document["Resources"].values() if "Function" in each["Type"])
        assert (properties["Handler"], properties["Environment"]) == (
            NASTY,
            {"Variables": {NASTY: NASTY, "MODE": "fast"}},
        )


def test_nasty_texts_stay_texts_in_json() -> None:
    found = nasty(Dialect.CLOUDFORMATION, "template.json")
    document = json.loads(found.text)
    assert found.language == "json"
    assert any("The way back" in note for note in found.notes)
    properties = next(each["Properties"] for each in document["Resources"].values() if "Function" in each["Type"])
    assert properties["Handler"] == NASTY
    arn = properties["CapacityProviderConfig"]["LambdaManagedInstancesCapacityProviderConfig"]["CapacityProviderArn"]
    assert arn["Fn::GetAtt"][1] == "Arn"


def test_nasty_texts_stay_texts_in_python() -> None:
    text = nasty(Dialect.CDK, "app.py").text
    (made_class,) = (each for each in ast.parse(text).body if isinstance(each, ast.ClassDef))
    keywords = {
        each.arg: each.value for each in ast.walk(made_class) if isinstance(each, ast.keyword) and each.arg is not None
    }
    assert ast.literal_eval(keywords["handler"]) == NASTY
    assert ast.literal_eval(keywords["environment"]) == {NASTY: NASTY, "MODE": "fast"}


@pytest.mark.parametrize(
    ("template", "target"), [("a.ts", "lib/a.ts"), ("a.java", "A.java"), ("a.cs", "A.cs"), ("a.py", "a.py")]
)
def test_nasty_texts_are_read_back_in_cdk(template: str, target: str, tmp_path: Path) -> None:
    text = nasty(Dialect.CDK, template).text
    (tmp_path / "cdk.json").write_text('{"app": "x"}')
    (tmp_path / target).parent.mkdir(exist_ok=True)
    (tmp_path / target).write_text(text, encoding="utf-8")
    found = deployment(tmp_path)
    assert found.problems == ()
    (second,) = found.functions
    assert (second.handler, dict(second.environment)) == (NASTY, {NASTY: NASTY, "MODE": "fast"})
    assert (second.max_concurrency, second.memory_mb) == (24, 8192)


@pytest.mark.parametrize("name", ["module.orders", "orders", 'module.a["x"].orders[0]', NASTY, f"module.{NASTY}"])
def test_nasty_texts_stay_texts_in_terraform(name: str, tmp_path: Path) -> None:
    first = function(Dialect.TERRAFORM, "main.tf", name=name, handler=NASTY)
    text = snippet_for(replace(judged(first), obstacles=(NASTY,)), Deployment((first,))).text
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    found = deployment(tmp_path)
    assert found.problems == ()
    (second,) = found.functions
    assert second.handler in (NASTY, None)
    assert (second.max_concurrency, second.memory_mb, second.max_environments) == (24, 8192, 9)
    kinds = {line.split(" ")[0] for line in text.splitlines() if line and line[0] not in " #}"}
    assert kinds == {"variable", "resource"}


@pytest.mark.parametrize(
    "address", ["aws_lambda_capacity_provider.shared", 'aws_lambda_capacity_provider.shared["eu"]']
)
def test_a_declared_provider_is_named(address: str) -> None:
    assert f"capacity_provider_arn                     = {address}.arn" in beside(address).text


@pytest.mark.parametrize(
    "address", [NASTY, f"aws_lambda_capacity_provider.{NASTY}", "module.a.aws_lambda_capacity_provider.b"]
)
def test_a_declared_provider_that_cannot_be_named_is_not_used(address: str) -> None:
    assert "aws_lambda_capacity_provider.orders_managed.arn" in beside(address).text


def beside(address: str) -> Snippet:
    """The snippet of Terraform where a provider of that address is declared."""
    first = function(Dialect.TERRAFORM, "main.tf")
    place = Location("main.tf", Span(0, 1))
    declared = CapacityProvider(address, Dialect.TERRAFORM, "network.tf", place, architectures=("arm64",))
    return snippet_for(judged(first), Deployment((first,), providers=(declared,)))


def test_more_than_ten_variables_in_java() -> None:
    variables = tuple((f"V{number}", "x") for number in range(11))
    assert "Map.ofEntries(" in made(function(Dialect.CDK, "A.java", environment=variables)).text


@pytest.mark.parametrize("template", ["a.ts", "a.java", "a.cs", "a.py"])
def test_what_is_not_known_is_asked_for_in_cdk(template: str) -> None:
    known = made(function(Dialect.CDK, template, environment=(("MODE", "fast"),))).text
    unknown = made(
        function(Dialect.CDK, template, handler=None, runtime="perl5", environment=(("TABLE", None),), timeout_s=None)
    ).text
    image = made(function(Dialect.CDK, template, image=True)).text
    assert '"MODE"' in known
    assert "handler" in unknown.lower()
    assert "Duration.seconds" not in unknown
    assert "TABLE" not in unknown
    assert "environment of" in unknown.lower() or "environment variables" in unknown.lower()
    assert "DockerImageFunction" in image
    assert "Runtime" not in image.replace("runtime", "")


def test_output_of_a_cdk_app_gives_typescript() -> None:
    found = made(function(Dialect.CDK_OUTPUT, "cdk.out/Shop.template.json"))
    assert found.language == "typescript"
    assert any("source is not here" in note for note in found.notes)


def test_what_is_not_known_is_a_parameter_or_a_comment() -> None:
    first = function(
        Dialect.CLOUDFORMATION, "template.yaml", handler=None, runtime=None, environment=(("TABLE", None),),
        unknown=("role",),
    )  # fmt: skip
    found = made(first)
    asked = loaded(found.text)["Parameters"]
    assert {"OrdersManagedHandler", "OrdersManagedRuntime", "OrdersManagedRoleArn", "OrdersManagedCodeKey"} <= set(
        asked
    )
    assert "# Set as Orders has it: Environment.Variables.TABLE" in found.text
    assert "Set these variables as Orders has them: TABLE." in found.notes


def test_inline_code_is_repeated(tmp_path: Path) -> None:
    text = snippet(cloudformation(), tmp_path).text
    code = loaded(text)["Resources"]["OrdersManaged"]["Properties"]["Code"]["ZipFile"]
    assert code == "exports.handler = async () => {\n  return 1\n}\n"


def test_the_role_that_sam_makes_is_shared(tmp_path: Path) -> None:
    text = snippet(sam(), tmp_path).text
    assert "Role: !GetAtt OrdersRole.Arn" in text


@pytest.mark.parametrize(
    ("kind", "dialect", "part"),
    [
        ("http", Dialect.SAM, "CanarySetting of AWS::Serverless::Api"),
        ("http", Dialect.TERRAFORM, "canary_settings of aws_api_gateway_stage"),
        ("sqs", Dialect.CLOUDFORMATION, "second AWS::Lambda::EventSourceMapping of the same queue"),
        ("kinesis", Dialect.TERRAFORM, "Change function_name of the aws_lambda_event_source_mapping"),
        ("dynamodb", Dialect.SAM, "moving it makes a new mapping"),
        ("mq", Dialect.SAM, "not among those that managed instances poll"),
        ("sns", Dialect.CDK, "filter policies"),
        ("s3", Dialect.SERVERLESS, "prefix"),
        ("eventbridge", Dialect.SAM, "two rules"),
        ("schedule", Dialect.SAM, "nothing to divide"),
        ("other", Dialect.SAM, "feature flag"),
    ],
)
def test_how_traffic_moves_is_told_by_trigger(kind: str, dialect: Dialect, part: str) -> None:
    found = made(function(dialect, "template.x", events=(EventSource(kind, polled=False),)))
    joined = " ".join(line.lstrip("#/ ") for line in found.text.splitlines())
    assert part in joined
    assert "weighted alias" in " ".join(found.notes)
    assert "RoutingConfig" not in found.text


def test_both_alarms_have_documented_metrics(tmp_path: Path) -> None:
    resources = loaded(snippet(sam(), tmp_path).text)["Resources"]
    throttles = resources["OrdersManagedThrottles"]["Properties"]
    names = [each["MetricStat"]["Metric"]["MetricName"] for each in throttles["Metrics"] if "MetricStat" in each]
    assert (names, throttles["Threshold"]) == (["Throttles", "Invocations"], 1)
    cpu = resources["OrdersManagedCpu"]["Properties"]
    assert (cpu["MetricName"], cpu["Threshold"]) == ("ExecutionEnvironmentCPUUtilization", 80)
    assert [each["Name"] for each in cpu["Dimensions"]] == ["FunctionName", "CapacityProviderName"]


def test_names_of_resources_that_the_framework_generates(tmp_path: Path) -> None:
    extra = "  capacityProviders: {shared-arm_1: {instanceRequirements: {architectures: [arm64]}}}\n"
    alarms = loaded(snippet(serverless(extra), tmp_path).text)["resources"]["Resources"]
    values = [each["Value"]["Ref"] for each in alarms["OrdersManagedCpu"]["Properties"]["Dimensions"]]
    assert values == ["OrdersManagedLambdaFunction", "SharedDasharmUnderscore1LambdaCapacityProvider"]


def test_least_ceiling_of_the_framework() -> None:
    found = made(function(Dialect.SERVERLESS, "serverless.yml"), replace(ADVICE, max_vcpus=4))
    (provider,) = loaded(found.text)["provider"]["capacityProviders"].values()
    assert provider["scaling"]["maxVCpuCount"] == 12
    assert any("below 12" in note for note in found.notes)


@pytest.mark.parametrize(
    ("lowest", "highest", "ceiling", "expected"),
    [(3, 12, 64, (3, 12)), (3, None, 64, (3, 32)), (9, None, 4, (9, 9)), (0, None, 64, (0, 0)), (0, 0, 64, (0, 0))],
)
def test_both_bounds_are_set(lowest: int, highest: int | None, ceiling: int, expected: tuple[int, int]) -> None:
    advice = replace(ADVICE, min_environments=lowest, max_environments=highest, max_vcpus=ceiling)
    first = function(Dialect.SAM, "template.yaml")
    plan = plan_for(judged(first, advice), Deployment((first,)))
    assert (plan.minimum, plan.maximum) == expected


@pytest.mark.parametrize(
    ("name", "dialect", "expected"),
    [
        ("Orders", Dialect.SAM, "OrdersManaged"),
        ("orders-api", Dialect.SERVERLESS, "OrdersApiManaged"),
        ('module.api.orders["eu"]', Dialect.TERRAFORM, "OrdersEuManaged"),
        ("module.orders", Dialect.TERRAFORM, "OrdersManaged"),
        ("1st", Dialect.CDK, "Function1stManaged"),
        ("日本", Dialect.CDK, "FunctionManaged"),
        ("x" * 99, Dialect.SAM, "X" + "x" * 39 + "Managed"),
    ],
)
def test_names(name: str, dialect: Dialect, expected: str) -> None:
    first = function(dialect, "t.x", name=name)
    assert plan_for(judged(first), Deployment((first,))).second == expected


def test_names_that_are_taken() -> None:
    first, other = (function(Dialect.SAM, "t.yaml", name=name) for name in ("Orders", "ordersmanaged"))
    assert plan_for(judged(first), Deployment((first, other))).second == "OrdersManaged2"


def test_a_provider_of_another_architecture_is_not_used(tmp_path: Path) -> None:
    extra = "  capacityProviders: {intel: {scaling: {maxVCpuCount: 64}}}\n"
    document = loaded(snippet(serverless(extra), tmp_path).text)
    assert list(document["provider"]["capacityProviders"]) == ["ordersManagedCapacity"]


def test_a_new_architecture_is_told() -> None:
    assert any("native code" in note for note in made(function(Dialect.SAM, "t.yaml")).notes)
    assert not any("native code" in note for note in made(function(Dialect.SAM, "t.yaml", architecture="arm64")).notes)


@pytest.mark.parametrize(
    ("settings", "advice", "part"),
    [
        ({"managed": True}, ADVICE, "already"),
        ({"dialect": None}, ADVICE, "no template declares"),
        ({}, None, "no configuration to recommend"),
    ],
)
def test_no_snippet(settings: dict[str, object], advice: Recommendation | None, part: str) -> None:
    first = replace(function(Dialect.SAM, "t.yaml"), **settings)
    with pytest.raises(UsageError, match=part):
        snippet_for(judged(first, advice), Deployment((first,)))


def test_layout_of_terraform() -> None:
    inner = Block("vpc", (), (("ids", "[]"),))
    block = Block("resource", ("a", "b"), (("x", "1"), ("long", "2"), None, inner), ("said",))
    assert written(block) == '# said\nresource "a" "b" {\n  x    = 1\n  long = 2\n\n  vpc {\n    ids = []\n  }\n}\n'


def _example(text: str) -> str:
    """The commented configuration, as it would stand if it were filled in."""
    _, _, rest = text.partition("#   The first step, 10 %:\n")
    lines = []
    for line in rest.splitlines():
        if not line.startswith("#   ") and line != "#":
            break
        lines.append(line[4:])
    filled = "\n".join(lines).replace("<ARN of the queue>", '"arn:aws:sqs:eu-west-1:123456789012:work"')
    return re.sub(r"<[^>]*>", "filled", filled) + "\n"


@pytest.mark.parametrize("kind", ["http", "sqs", "kinesis"])
@pytest.mark.parametrize("dialect", [Dialect.SAM, Dialect.CLOUDFORMATION, Dialect.SERVERLESS])
def test_examples_of_yaml_are_yaml(dialect: Dialect, kind: str) -> None:
    text = made(function(dialect, "t.yaml", events=(EventSource(kind, polled=True),))).text
    example = _example(text)
    none = (dialect, kind) in {(Dialect.SAM, "kinesis"), (Dialect.SERVERLESS, "kinesis"), (Dialect.SERVERLESS, "http")}
    assert ("The first step" in text) is not none
    if not none:
        assert loaded(example)
        assert "rdersManaged" in example


@pytest.mark.parametrize("kind", ["http", "sqs", "kinesis"])
def test_examples_of_terraform_are_read(kind: str, tmp_path: Path) -> None:
    text = made(function(Dialect.TERRAFORM, "main.tf", events=(EventSource(kind, polled=True),))).text
    example = _example(text)
    inside = example if example.count("resource ") else f'resource "a" "b" {{\n{example}}}\n'
    (tmp_path / "main.tf").write_text(text + inside, encoding="utf-8")
    found = deployment(tmp_path)
    assert found.problems == ()
    (second,) = found.functions
    assert [each.kind for each in second.events] == (["sqs"] if kind == "sqs" else [])
    assert "aws_lambda_function.orders_managed." in example


def test_examples_keep_nasty_names_in_comments() -> None:
    sources = tuple(EventSource(kind, polled=True) for kind in ("http", "sqs", "kinesis"))
    for dialect in (Dialect.SAM, Dialect.CLOUDFORMATION, Dialect.SERVERLESS, Dialect.TERRAFORM):
        text = made(function(dialect, "t.x", name=NASTY, events=sources)).text
        _, _, rest = text.partition("# How traffic moves: 10, 50, 100 %\n")
        assert [line for line in rest.splitlines() if not line.startswith("#")] == []
        assert "INJECTED()" in rest


@pytest.mark.parametrize(
    ("dialect", "template"),
    [
        (Dialect.SAM, "t.yaml"),
        (Dialect.CLOUDFORMATION, "t.yaml"),
        (Dialect.SERVERLESS, "serverless.yml"),
        (Dialect.TERRAFORM, "main.tf"),
        (Dialect.CDK, "a.ts"),
    ],
)
def test_a_runtime_that_managed_instances_do_not_run_is_raised(dialect: Dialect, template: str) -> None:
    found = made(function(dialect, template, runtime="nodejs18.x"))
    assert "nodejs22.x" in found.text or "NODEJS_22_X" in found.text
    assert "18" not in found.text
    assert any("Managed instances do not run nodejs18.x" in note for note in found.notes)


@pytest.mark.parametrize(
    ("runtime", "expected"),
    [
        ("java8.al2", "java21"),
        ("dotnet6", "dotnet8"),
        ("python3.9", "python3.13"),
        ("python3.14", "python3.14"),
        ("nodejs24.x", "nodejs24.x"),
        ("provided.al2023", "provided.al2023"),
        ("go1.x", None),
        ("dotnetcore2.1", None),
        ("", None),
    ],
)
def test_runtimes_that_managed_instances_run(runtime: str, expected: str | None) -> None:
    assert supported(runtime) == expected
