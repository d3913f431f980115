"""serverless.yml: defaults, variables, included files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lmi_lint.model.names import Language

if TYPE_CHECKING:
    from lmi_lint.deploy.model import DeployedFunction, Deployment

    from .conftest import Deploy

HANDLER = "module.exports.run = async (event, context) => event;\n"

SERVICE = """\
service: shop
custom:
  memory: {dev: 1024, prod: 4096}
  stage: ${opt:stage, self:provider.stage}
  limits: ${file(config/limits.yml)}
provider:
  name: aws
  runtime: nodejs22.x
  stage: dev
  timeout: 20
  environment:
    STAGE: ${self:custom.stage}
    SECRET: ${ssm:/shop/secret}
functions:
  orders:
    handler: src/orders.run
    memorySize: ${self:custom.memory.${self:custom.stage}}
    timeout: ${self:custom.limits.timeout}
    environment:
      URL: https://${env:HOST, 'localhost'}/x
    capacityProvider:
      name: pool
      maxConcurrency: 12
      memoryPerVCpu: 4
    url:
      invokeMode: RESPONSE_STREAM
  pay: ${file(config/functions.yml):pay}
  named:
    handler: src/orders.run
    capacityProvider: pool
    memorySize: ${ssm:/memory}
"""
FILES = {
    "serverless.yml": SERVICE,
    "config/limits.yml": "timeout: 45\n",
    "config/functions.yml": "pay:\n  handler: src/orders.run\n  memorySize: 3000\n",
    "src/orders.js": HANDLER,
}


def by_name(deployment: Deployment) -> dict[str, DeployedFunction]:
    return {function.name: function for function in deployment.functions}


def test_service(deploy: Deploy) -> None:
    deployment = deploy(FILES)
    functions = by_name(deployment)
    assert deployment.problems == ()
    assert list(functions) == ["orders", "pay", "named"]
    orders = functions["orders"]
    assert (orders.runtime, orders.language, orders.handler) == ("nodejs22.x", Language.JAVASCRIPT, "src/orders.run")
    assert orders.entry is not None
    assert (orders.entry.path, orders.entry.symbol) == ("src/orders.js", "run")
    assert (orders.memory_mb, orders.timeout_s) == (1024, 45)
    assert dict(orders.environment) == {"STAGE": "dev", "SECRET": None, "URL": "https://localhost/x"}
    assert (orders.managed, orders.provider, orders.max_concurrency, orders.memory_per_vcpu) == (True, "pool", 12, 4)
    assert orders.streaming
    assert orders.unknown == ()
    assert functions["pay"].memory_mb == 3000
    assert functions["pay"].timeout_s == 20
    assert (functions["named"].managed, functions["named"].provider) == (True, "pool")
    assert functions["named"].memory_mb is None
    assert functions["named"].unknown == ("memory_mb",)


def test_places_lie_in_the_file_that_says_it(deploy: Deploy) -> None:
    functions = by_name(deploy(FILES))
    where = dict(functions["pay"].locations)
    text = FILES["config/functions.yml"]
    assert where["memory_mb"].path == "config/functions.yml"
    assert text[where["memory_mb"].span.start : where["memory_mb"].span.end] == "3000"
    assert where["timeout_s"].path == "serverless.yml"
    assert functions["pay"].location is not None
    assert functions["pay"].location.path == "serverless.yml"


def test_functions_in_several_files(deploy: Deploy) -> None:
    head = "service: x\nprovider: {name: aws, runtime: nodejs22.x}\n"
    text = head + "functions:\n  - ${file(a.yml)}\n  - b: {handler: h.run}\n"
    functions = by_name(deploy({"serverless.yml": text, "a.yml": "a: {handler: h.run}\n", "h.js": HANDLER}))
    assert list(functions) == ["a", "b"]
    assert all(function.entry for function in functions.values())


@pytest.mark.parametrize("place", ["${file(missing.yml)}", "${file(functions.js)}", "${ssm:/functions}"])
def test_functions_that_cannot_be_known_are_a_problem(deploy: Deploy, place: str) -> None:
    deployment = deploy({"serverless.yml": f"service: x\nprovider: {{name: aws}}\nfunctions: {place}\n"})
    assert deployment.functions == ()
    assert [item.kind for item in deployment.problems] == ["template-error"]


def test_other_clouds_are_left_alone(deploy: Deploy) -> None:
    text = "service: x\nprovider: {name: google}\nfunctions:\n  f: {handler: h.run}\n"
    assert deploy({"serverless.yml": text}).functions == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${self:custom.a}", None),
        ("${self:custom.a, 5}", None),
        ("${self:custom.none, 5}", 5),
        ("${self:custom.none, self:custom.number}", 7),
        ("${opt:memory, '6'}", 6),
        ("${opt:memory}", None),
        ("1${self:custom.number}2", 172),
        ("${self:custom.list.1}", 9),
        ("${self:custom.loop}", None),
        ("${", None),
        ("${}", None),
        ("${strange:x}", None),
        ("${param:x, ${self:custom.number}}", 7),
    ],
)
def test_variables(deploy: Deploy, value: str, expected: int | None) -> None:
    text = f"""\
service: x
custom:
  a: ${{self:custom.b}}
  b: ${{self:custom.a}}
  loop: "x${{self:custom.loop}}${{self:custom.loop}}"
  number: 7
  list: [8, 9]
provider: {{name: aws, runtime: nodejs22.x}}
functions:
  f:
    handler: h.run
    memorySize: "{value}"
"""
    found = by_name(deploy({"serverless.yml": text}))["f"]
    assert found.memory_mb == expected
    assert ("memory_mb" in found.unknown) == (expected is None)


def test_java_artifact(deploy: Deploy) -> None:
    text = """\
service: x
provider: {name: aws, runtime: java21}
package: {artifact: build/libs/x-all.jar}
functions:
  f: {handler: com.acme.Handler}
"""
    files = {"src/main/java/com/acme/Handler.java": "package com.acme; public class Handler {}"}
    found = by_name(deploy({"svc/serverless.yml": text, **{f"svc/{name}": code for name, code in files.items()}}))["f"]
    assert found.code_root == "svc/build/libs/x-all.jar"
    assert found.entry is not None
    assert (found.entry.path, found.entry.symbol) == ("svc/src/main/java/com/acme/Handler.java", "com.acme.Handler")
    assert found.entry.found
