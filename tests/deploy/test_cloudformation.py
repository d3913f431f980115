"""CloudFormation and SAM: settings, intrinsics, inline code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lmi_lint.deploy.model import Entry, Provenance
from lmi_lint.model.names import Language

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lmi_lint.deploy.model import DeployedFunction, Deployment

    from .conftest import Deploy

HANDLER = "exports.handler = async (event) => event;\n"

SAM = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Size: {Type: Number, Default: 4096}
  Stage: {Type: String}
  Version: {Type: String, Default: '22'}
Mappings:
  PerRegion: {eu: {Timeout: 30}}
Conditions:
  Large: !Equals [!Ref Stage, prod]
Globals:
  Function:
    Runtime: !Sub nodejs${Version}.x
    MemorySize: 128
    Architectures: [x86_64]
    Environment:
      Variables: {TABLE: orders, STAGE: !Ref Stage}
Resources:
  Provider:
    Type: AWS::Serverless::CapacityProvider
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: services/orders/
      Handler: src/app.handler
      MemorySize: !Ref Size
      Timeout: !FindInMap [PerRegion, eu, Timeout]
      Architectures: [arm64]
      EphemeralStorage: {Size: 1024}
      Environment:
        Variables:
          MODE: fast
      FunctionUrlConfig: {AuthType: NONE, InvokeMode: RESPONSE_STREAM}
      CapacityProviderConfig:
        Arn: !GetAtt Provider.Arn
        PerExecutionEnvironmentMaxConcurrency: 8
        ExecutionEnvironmentMemoryGiBPerVCpu: 4.0
  Plain:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: services/plain
      Handler: index.handler
      Timeout: !If [Large, 60, 10]
      MemorySize: !If [Large, 2048, !Ref AWS::NoValue]
      EphemeralStorage: {Size: !If [Large, 512, '512']}
"""


def by_name(deployment: Deployment) -> dict[str, DeployedFunction]:
    return {function.name: function for function in deployment.functions}


def written(root: Path, function: DeployedFunction, setting: str) -> str:
    location = dict(function.locations)[setting]
    data = (root / location.path).read_bytes()
    return data[location.span.start : location.span.end].decode()


def test_sam_function(deploy: Deploy, tmp_path: Path) -> None:
    files = {"infra/template.yaml": SAM, "infra/services/orders/src/app.js": HANDLER}
    functions = by_name(deploy({**files, "infra/services/plain/index.js": HANDLER}))
    orders = functions["Orders"]
    assert orders.provenance is Provenance.DEPLOYED
    assert (orders.language, orders.runtime, orders.handler) == (Language.JAVASCRIPT, "nodejs22.x", "src/app.handler")
    assert orders.code_root == "infra/services/orders"
    assert orders.entry is not None
    assert (orders.entry.path, orders.entry.symbol) == ("infra/services/orders/src/app.js", "handler")
    assert (orders.memory_mb, orders.timeout_s, orders.ephemeral_mb, orders.architecture) == (4096, 30, 1024, "arm64")
    assert (orders.managed, orders.provider, orders.max_concurrency, orders.memory_per_vcpu) == (True, "Provider", 8, 4)
    assert dict(orders.environment) == {"TABLE": "orders", "STAGE": None, "MODE": "fast"}
    assert orders.streaming
    assert orders.unknown == ()
    assert orders.template == "infra/template.yaml"
    assert written(tmp_path, orders, "memory_mb") == "!Ref Size"
    assert written(tmp_path, orders, "max_concurrency") == "8"
    assert written(tmp_path, orders, "runtime") == "!Sub nodejs${Version}.x"
    assert orders.location is not None
    span = orders.location.span
    assert (tmp_path / orders.location.path).read_bytes()[span.start : span.end] == b"Orders"

    plain = functions["Plain"]
    assert plain.managed is False
    assert plain.timeout_s is None
    assert plain.memory_mb is None
    assert plain.ephemeral_mb == 512
    assert set(plain.unknown) == {"timeout_s", "memory_mb"}
    assert plain.architecture == "x86_64"
    assert not plain.streaming


def template(resources: Mapping[str, object]) -> str:
    return json.dumps({"Resources": resources}, indent=1)


def function(**properties: object) -> dict[str, object]:
    return {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "nodejs22.x", **properties}}


def test_plain_cloudformation_in_json(deploy: Deploy) -> None:
    config = {
        "LambdaManagedInstancesCapacityProviderConfig": {
            "CapacityProviderArn": "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool",
            "PerExecutionEnvironmentMaxConcurrency": "16",
        }
    }
    resources = {
        "F": function(Handler="index.handler", Code="./src", CapacityProviderConfig=config, MemorySize="2048"),
        "Url": {
            "Type": "AWS::Lambda::Url",
            "Properties": {"TargetFunctionArn": {"Fn::GetAtt": ["F", "Arn"]}, "InvokeMode": "RESPONSE_STREAM"},
        },
    }
    functions = by_name(deploy({"stack.template.json": template(resources), "src/index.js": HANDLER}))
    found = functions["F"]
    assert (found.managed, found.provider, found.max_concurrency) == (True, "pool", 16)
    assert found.memory_per_vcpu is None
    assert (found.memory_mb, found.streaming) == (2048, True)
    assert found.entry is not None
    assert found.entry.path == "src/index.js"


def test_code_elsewhere_is_not_local(deploy: Deploy) -> None:
    resources = {
        "Bucket": function(Handler="lonely.handler", Code={"S3Bucket": "b", "S3Key": "x.zip"}),
        "Image": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"PackageType": "Image", "Code": {"ImageUri": "1.dkr.ecr.example/x:1"}},
        },
        "Command": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "PackageType": "Image",
                "ImageUri": "x",
                "ImageConfig": {"Command": ["app.handler"]},
            },
        },
    }
    functions = by_name(deploy({"t.json": template(resources)}))
    assert [item.local for item in functions.values()] == [False, False, False]
    assert [item.entry for item in functions.values()] == [None, None, None]
    assert "container image" in functions["Image"].unresolved
    assert functions["Command"].handler == "app.handler"


def test_archive_name_tells_which_of_several_files(deploy: Deploy) -> None:
    key = {"Fn::Join": ["/", [{"Ref": "Prefix"}, "orders.zip"]]}
    resources = {"F": function(Handler="index.handler", Code={"S3Bucket": "b", "S3Key": key})}
    files = {"source/orders/index.js": HANDLER, "source/other/index.js": HANDLER}
    found = by_name(deploy({"deployment/t.template": template(resources), **files}))["F"]
    assert found.entry is not None
    assert found.entry.path == "source/orders/index.js"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("!Ref Given", "512"),
        ("!Ref Open", None),
        ("!Ref AWS::Region", None),
        ("!Ref FromStore", None),
        ("!Sub '${Given}'", "512"),
        ("!Sub ['${A}${B}', {A: 5, B: !Ref Given}]", "5512"),
        ("!Sub '${Open}'", None),
        ("!Sub '${!Given}12'", None),  # a literal ${Given}12, which is no number
        ("!Join ['', [5, '1', 2]]", "512"),
        ("!Join ['', [5, !Ref Open]]", None),
        ("!Select [1, [1, 512]]", "512"),
        ("!Select [9, [1, 512]]", None),
        ("!FindInMap [M, k, v]", "512"),
        ("!FindInMap [M, !Ref Open, v]", None),
        ("!If [C, 512, 512]", "512"),
        ("!If [C, 512, 256]", None),
        ("!ImportValue x", None),
        ("{'Fn::Sub': '${Given}'}", "512"),
        ("many", None),
    ],
)
def test_intrinsics(deploy: Deploy, value: str, expected: str | None) -> None:
    text = f"""\
Parameters:
  Given: {{Type: Number, Default: 512}}
  Open: {{Type: Number}}
  FromStore: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: 512}}
Mappings: {{M: {{k: {{v: 512}}}}}}
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Code: .
      MemorySize: {value}
"""
    found = by_name(deploy({"template.yaml": text}))["F"]
    assert found.memory_mb == (None if expected is None else int(expected))
    assert ("memory_mb" in found.unknown) == (expected is None)


@pytest.mark.parametrize("intro", ["|", "|-", "|2", "!Sub |", "> # folded"])
def test_inline_code_keeps_its_place(deploy: Deploy, intro: str) -> None:
    text = (
        "Resources:\n"
        "  É:\n"
        "    Type: AWS::Lambda::Function\n"
        "    Properties:\n"
        "      Runtime: nodejs22.x\n"
        "      Handler: index.handler\n"
        "      Code:\n"
        f"        ZipFile: {intro}\n"
        f"          exports.handler = async () => 'é';\n"
        f"          // end\n"
        "      MemorySize: 256\n"
    )
    found = by_name(deploy({"template.yaml": text}))["É"]
    assert found.inline is not None
    assert found.inline.language is Language.JAVASCRIPT
    data = text.encode()
    assert len(found.inline.data) == len(data)
    assert found.inline.data.split() == "exports.handler = async () => 'é'; // end".encode().split()
    at = found.inline.data.index(b"exports")
    assert data[at:].startswith(b"exports.handler")
    assert found.inline.data.count(b"\n") == data.count(b"\n")
    assert found.entry == Entry("template.yaml", "handler")


def test_inline_code_in_json_strings(deploy: Deploy) -> None:
    code = ['const q = "x\\n";', "exports.handler = async () => q;"]
    resources = {
        "Lines": function(Handler="index.handler", Code={"ZipFile": {"Fn::Join": ["\n", code]}}),
        "Text": function(Handler="index.handler", Code={"ZipFile": "\n".join(code)}),
    }
    text = template(resources)
    functions = by_name(deploy({"t.json": text}))
    for found in functions.values():
        assert found.inline is not None
        assert len(found.inline.data) == len(text)
    lines, single = functions["Lines"].inline, functions["Text"].inline
    assert lines is not None
    assert single is not None
    first, second = (line.strip() for line in lines.data.split(b"\n") if line.strip())
    assert first == b'const q =  "x \\n" ;'
    assert second == code[1].encode()
    assert [part.strip() for part in single.data.strip().split(b"\r")] == [first, second]


def test_python_inline_code_is_recognised_without_runtime(deploy: Deploy) -> None:
    code = "import json\ndef handler(event, context):\n  return 1\n"
    resource = {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "index.handler", "Code": {"ZipFile": code}}}
    found = by_name(deploy({"t.json": template({"F": resource})}))["F"]
    assert found.inline is not None
    assert found.inline.language is Language.PYTHON


def test_inline_code_holds_the_place_of_the_file_that_the_handler_names(deploy: Deploy) -> None:
    code = "import json\ndef lambda_handler(event, context):\n  return 1\n"
    names = {"Real": "update.lambda_handler", "Gone": "gone.lambda_handler", "Inline": "index.lambda_handler"}
    resources = {
        name: {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Runtime": "python3.13", "Handler": handler, "Code": {"ZipFile": code}},
        }
        for name, handler in names.items()
    }
    files = {f"src/{name}.py": "def lambda_handler(event, context):\n    return 2\n" for name in ("update", "index")}
    found = by_name(deploy({"deploy/t.json": template(resources), **files}))
    entries = {name: found[name].entry for name in names}
    assert {name: entry.path for name, entry in entries.items() if entry is not None} == {
        name: each.inline.path if each.inline is not None else "src/update.py"
        for name, each in found.items() if name in names
    }  # fmt: skip
    assert [name for name in names if found[name].inline is not None] == ["Gone", "Inline"]


def test_esbuild_entry_points(deploy: Deploy) -> None:
    text = """\
Resources:
  F:
    Type: AWS::Serverless::Function
    Metadata:
      BuildMethod: esbuild
      BuildProperties: {EntryPoints: [lambdas/orders/app.ts]}
    Properties: {CodeUri: backend/, Handler: app.handler, Runtime: nodejs22.x}
"""
    files = {"backend/lambdas/orders/app.ts": "export const handler = 1;", "backend/other/app.ts": "export {};"}
    found = by_name(deploy({"template.yaml": text, **files}))["F"]
    assert found.entry is not None
    assert found.entry.path == "backend/lambdas/orders/app.ts"
    assert found.language is Language.TYPESCRIPT


@pytest.mark.parametrize(
    "text",
    [
        "Resources: [AWS::Lambda::Function",
        "Resources: {F: {Type: AWS::Lambda::Function, Properties: *x}}",
        "Resources: {F: {Type: AWS::Lambda::Function, x: " + "[" * 50_000,
    ],
)
def test_broken_template_is_a_problem(deploy: Deploy, text: str) -> None:
    deployment = deploy({"template.yaml": text})
    assert deployment.functions == ()
    assert [(item.kind, item.location and item.location.path) for item in deployment.problems] == [
        ("template-error", "template.yaml")
    ]


def test_broken_yaml_that_is_no_template_is_nobodys_business(deploy: Deploy) -> None:
    assert deploy({"values.yaml": "a: {{ x }} ["}).problems == ()


@pytest.mark.parametrize(
    "resource",
    ["{Type: AWS::Lambda::Function}", "{Type: AWS::Lambda::Function, Properties: []}",
     "{Type: AWS::Serverless::Function, Properties: {Handler: [], Runtime: {}, Environment: 3, CodeUri: {Bucket: b}}}",
     "{Type: AWS::Serverless::Function, Properties: {CapacityProviderConfig: !If [A, {Arn: x}, !Ref AWS::NoValue]}}",
     "{Type: AWS::Serverless::Function, Metadata: 1, Properties: {Architectures: [], Handler: ../../../x.y}}"],
)  # fmt: skip
def test_odd_resources_do_no_harm(deploy: Deploy, resource: str) -> None:
    deployment = deploy({"template.yaml": f"Resources:\n  F: {resource}\n"})
    assert [item.name for item in deployment.functions] == ["F"]
    assert deployment.functions[0].entry is None
    assert deployment.functions[0].unresolved


def test_unknown_attachment_is_recorded(deploy: Deploy) -> None:
    config = "!If [A, {Arn: x}, !Ref AWS::NoValue]"
    text = f"Resources: {{F: {{Type: AWS::Serverless::Function, Properties: {{CapacityProviderConfig: {config}}}}}}}"
    found = by_name(deploy({"template.yaml": text}))["F"]
    assert not found.managed
    assert "managed" in found.unknown


@pytest.mark.parametrize("values", ["!Ref Open", "!Split [',', !ImportValue x]"])
def test_a_loop_over_what_only_the_deployment_knows_is_reported(deploy: Deploy, values: str) -> None:
    text = (
        "Parameters: {Open: {Type: CommaDelimitedList}}\n"
        f"Resources:\n  Fn::ForEach::X: [N, {values}, {{'F${{N}}': {{Type: AWS::Lambda::Function}}}}]\n"
    )
    (problem,) = deploy({"template.yaml": text}).problems
    assert "ForEach" in problem.message
    assert problem.location is not None
    assert text[problem.location.span.start : problem.location.span.end] == "Fn::ForEach::X"


def test_templates_among_tests_are_fixtures(deploy: Deploy) -> None:
    assert deploy({"tests/data/template.yaml": SAM}).functions == ()


@pytest.mark.parametrize(
    ("variable", "proxied"),
    [
        ("DB_HOST: !GetAtt Front.Endpoint", True),
        ("DB_URL: !Sub 'postgres://${Front.Endpoint}/shop'", True),
        ("DB_HOST: orders.proxy-abc.eu-west-1.rds.amazonaws.com", True),
        ("DB_HOST: !Ref RdsProxyEndpoint", True),
        ("DB_HOST: !GetAtt Database.Endpoint.Address", False),
        ("HTTP_PROXY: http://proxy.example", False),
    ],
)
def test_rds_proxy_in_the_environment(deploy: Deploy, variable: str, proxied: bool) -> None:
    template = (
        "Resources:\n  Front:\n    Type: AWS::RDS::DBProxy\n  Database:\n    Type: AWS::RDS::DBInstance\n"
        "  Orders:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: python3.13\n"
        f"      Handler: app.handler\n      Environment:\n        Variables:\n          {variable}\n"
    )
    (function,) = deploy({"template.yaml": template, "app.py": "def handler(event, context): ...\n"}).functions
    assert function.proxied is proxied
