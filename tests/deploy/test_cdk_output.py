"""Synthesised templates: found although ignored, traced to their sources, joined with the source of the app."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from lmi_lint.deploy.model import Dialect
from lmi_lint.deploy.read import read
from lmi_lint.discover import discover
from lmi_lint.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from lmi_lint.deploy.model import DeployedFunction

    from .conftest import Deploy

HANDLER = "def handler(event, context):\n    return event\n"
TYPED = "export const handler = async (event: unknown) => event;\n"
BUNDLE = """\
"use strict";
var __defProp = Object.defineProperty;

// node_modules/uuid/index.js
var uuid = 1;

// src/shared/log.ts
var log = 2;

// src/orders/main.ts
var handler = async (event) => event;
// Annotate the CommonJS export names for ESM import in node:
"""
APP = {"cdk.json": "{}\n"}


def template(*functions: dict[str, object], **more: object) -> str:
    resources = {str(each.pop("id")): each for each in functions}
    return json.dumps({"Resources": {**resources, **more}})


def function(name: str, path: str, asset: str = "", **props: object) -> dict[str, object]:
    """The resource of a function as the CDK writes it."""
    metadata: dict[str, object] = {"aws:cdk:path": f"{path}/Resource"}
    code: dict[str, object] = {"S3Bucket": "assets", "S3Key": f"{asset}.zip"}
    if asset:
        metadata |= {"aws:asset:path": f"asset.{asset}", "aws:asset:is-bundled": False, "aws:asset:property": "Code"}
    given = {"Code": code, "Handler": "index.handler", "Runtime": "python3.13", "Role": "r", **props}
    return {"id": name, "Type": "AWS::Lambda::Function", "Properties": given, "Metadata": metadata}


def by_name(deploy: Deploy, files: dict[str, str]) -> dict[str, DeployedFunction]:
    found = deploy(APP | files)
    return {each.name: each for each in found.functions if each.dialect in (Dialect.CDK, Dialect.CDK_OUTPUT)}


def place(found: DeployedFunction) -> str | None:
    return f"{found.entry.path}:{found.entry.symbol}" if found.entry is not None else None


def test_an_asset_is_traced_to_the_source_that_it_copies(deploy: Deploy) -> None:
    files = {
        "cdk.out/Main.template.json": template(function("OrdersAB12CD34", "Main/Orders", "1", MemorySize=512)),
        "cdk.out/asset.1/index.py": HANDLER,
        "lambda/orders/index.py": HANDLER,
        "lambda/other/index.py": "def handler(event, context):\n    return None\n",
    }
    found = by_name(deploy, files)["OrdersAB12CD34"]
    assert place(found) == "lambda/orders/index.py:handler"
    assert (found.dialect, found.memory_mb, found.code_root) == (Dialect.CDK_OUTPUT, 512, "lambda/orders")


def test_a_bundle_is_traced_to_its_last_module(deploy: Deploy) -> None:
    node = {"Runtime": "nodejs22.x"}
    files = {
        "app/cdk.json": "{}\n",
        "app/cdk.out/Main.template.json": template(
            function("A11111111", "Main/A", "1", **node), function("B11111111", "Main/B", "2", **node)
        ),
        "app/cdk.out/asset.1/index.js": BUNDLE,
        "app/cdk.out/asset.2/index.js": "var a=1;\n",
        "app/cdk.out/asset.2/index.js.map": json.dumps({"sources": ["../../src/shared/log.ts", "../../src/b/main.ts"]}),
        "app/src/orders/main.ts": TYPED,
        "app/src/shared/log.ts": "export const log = 2;\n",
        "app/src/b/main.ts": TYPED,
    }
    found = by_name(deploy, files)
    assert place(found["A11111111"]) == "app/src/orders/main.ts:handler"
    assert place(found["B11111111"]) == "app/src/b/main.ts:handler"


def test_an_ignored_assembly_is_found_with_its_stages(tmp_path: Path) -> None:
    files = {
        ".gitignore": "cdk.out\n",
        "cdk.json": '{"output": "synthesised"}\n',
        "cdk.out/Main.template.json": template(function("OneAAAAAAAA", "Main/One", "1")),
        "cdk.out/assembly-Prod/ProdMain.template.json": template(
            function("TwoAAAAAAAA", "Prod/Main/Two", "../asset.1".removeprefix("../asset."))
        ),
        "cdk.out/asset.1/index.py": HANDLER,
        "cdk.out/asset.1/ignored.template.json": template(function("NoAAAAAAAA", "Main/No", "1")),
        "synthesised/Other.template.json": template(function("ThreeAAAAAAAA", "Other/Three", "1")),
        "lambda/index.py": HANDLER,
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    project = discover([tmp_path], Settings())
    names = {each.name for each in read(project).functions}
    assert {"OneAAAAAAAA", "TwoAAAAAAAA", "ThreeAAAAAAAA"} <= names
    assert "NoAAAAAAAA" not in names
    assert not any(path.startswith("cdk.out") for path in project.all_sources)
    assert not any("cdk.out" in path for path in discover([tmp_path], Settings(exclude=("cdk.out",))).configs)


SOURCE = """\
import * as cdk from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
class Main extends cdk.Stack {
  constructor(scope: cdk.App, id: string) {
    super(scope, id);
    const fn = new NodejsFunction(this, 'Orders', { entry: 'src/orders/main.ts', memorySize: load() });
    const provider = new lambda.CapacityProvider(this, 'Shared', { subnets: [], securityGroups: [] });
    provider.addFunction(fn);
    new NodejsFunction(this, 'Later', { entry: 'src/later.ts' });
  }
}
const app = new cdk.App();
new Main(app, 'Dev');
new Main(app, 'Prod');
"""


def test_output_and_source_are_one_function(deploy: Deploy) -> None:
    managed = {
        "CapacityProviderConfig": {
            "LambdaManagedInstancesCapacityProviderConfig": {
                "CapacityProviderArn": {"Fn::GetAtt": ["SharedAB12CD34", "Arn"]},
                "PerExecutionEnvironmentMaxConcurrency": 16,
            }
        }
    }
    provider = {"Type": "AWS::Lambda::CapacityProvider", "Properties": {"VpcConfig": {"SubnetIds": ["a", "b"]}}}
    files = {
        "lib/main.ts": SOURCE,
        "src/orders/main.ts": TYPED,
        "src/later.ts": TYPED,
        "cdk.out/Dev.template.json": template(
            function("Orders11111111", "Dev/Orders", "1", Runtime="nodejs22.x", MemorySize=2048, Timeout=3, **managed),
            SharedAB12CD34=provider,
        ),
        "cdk.out/Prod.template.json": template(
            function("Orders22222222", "Prod/Orders", "1", Runtime="nodejs22.x", MemorySize=4096, Timeout=3, **managed)
        ),
    }
    deployment = deploy(APP | files)
    assert [(each.name, place(each)) for each in deployment.functions] == [
        ("Orders", "src/orders/main.ts:handler"),
        ("Later", "src/later.ts:handler"),
    ]
    found = deployment.functions[0]
    assert (found.memory_mb, found.timeout_s, found.max_concurrency) == (None, 3, 16)
    assert "memory_mb" in found.unknown
    assert (found.template, dict(found.locations)["memory_mb"].path) == ("lib/main.ts", "lib/main.ts")
    assert [(each.name, each.subnets, each.dialect) for each in deployment.providers] == [
        ("SharedAB12CD34", 2, Dialect.CDK_OUTPUT)
    ]
    assert deployment.provider_of(found) is deployment.providers[0]


def test_an_app_that_is_not_there_leaves_the_outer_ids_open(deploy: Deploy) -> None:
    source = SOURCE.split("const app", maxsplit=1)[0].replace("class Main", "export class Main")
    files = {
        "lib/main.ts": source,
        "src/orders/main.ts": TYPED,
        "cdk.out/Dev.template.json": template(function("Orders11111111", "Dev/Orders", "1", Runtime="nodejs22.x")),
    }
    found = by_name(deploy, files)
    assert list(found) == ["Orders", "Later"]
    assert (place(found["Orders"]), found["Orders"].runtime) == ("src/orders/main.ts:handler", "nodejs22.x")


def test_functions_that_the_cdk_adds_are_not_ours(deploy: Deploy) -> None:
    files = {
        "cdk.out/Main.template.json": template(
            function("LogRetentionaae0", "Main/LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a", "1"),
            function("Custom", "Main/Custom::S3AutoDelete/Handler", "1", Handler="__entrypoint__.handler"),
        ),
        "cdk.out/asset.1/index.py": HANDLER,
    }
    found = by_name(deploy, files)
    assert {(each.unresolved, each.local) for each in found.values()} == {
        ("a function that CDK adds for its own ends", False)
    }


def test_an_asset_without_a_source_says_so(deploy: Deploy) -> None:
    found = by_name(deploy, {"cdk.out/Main.template.json": template(function("A11111111", "Main/A", "1"))})
    assert found["A11111111"].unresolved == "the source of its asset (asset.1) is not in the project"
