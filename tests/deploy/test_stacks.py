"""Templates as they are deployed: nested stacks, conditions, loops, includes, settings beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lmi_lint.deploy.model import DeployedFunction, Deployment

    from .conftest import Deploy

CODE = {"app.py": "def handler(event, context): ...\n"}


def function(properties: str, name: str = "F", extra: str = "") -> str:
    return (
        f"  {name}:\n    Type: AWS::Serverless::Function\n{extra}"
        f"    Properties: {{Handler: app.handler, Runtime: python3.13, {properties}}}\n"
    )


def by_name(deployment: Deployment) -> dict[str, DeployedFunction]:
    return {each.name: each for each in deployment.functions}


def memory(deploy: Deploy, head: str, value: str) -> tuple[int | None, bool]:
    """What MemorySize comes to, and whether it is said to be unknown."""
    text = head + "Resources:\n" + function(f"MemorySize: {value}")
    (found,) = deploy({"template.yaml": text, **CODE}).functions
    return found.memory_mb, "memory_mb" in found.unknown


CONDITIONS = """\
Parameters:
  Stage: {Type: String, Default: dev}
  Empty: {Type: String, Default: ''}
  Open: {Type: String}
  Sizes: {Type: CommaDelimitedList, Default: '512, 1024'}
Mappings: {Size: {dev: {Mb: 256}, prod: {Mb: 4096}}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
  HasEmpty: !Not [!Equals [!Ref Empty, '']]
  Unknown: !Equals [!Ref Open, x]
  Either: !Or [!Condition IsDev, !Condition Unknown]
  Both: !And [!Condition IsDev, !Condition Unknown]
  Neither: !And [!Condition IsProd, !Condition Unknown]
  Loop: !Not [!Condition Loop]
"""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("!If [IsProd, 1, 2]", 2),
        ("!If [IsDev, 1, 2]", 1),
        ("!If [HasEmpty, 1, 2]", 2),
        ("!If [Either, 1, 2]", 1),
        ("!If [Neither, 1, 2]", 2),
        ("!If [Both, 1, 2]", "unknown"),
        ("!If [Both, 3, 3]", 3),
        ("!If [Unknown, 1, 2]", "unknown"),
        ("!If [Missing, 1, 2]", "unknown"),
        ("!If [Loop, 1, 2]", "unknown"),
        ("!If [IsDev, !If [IsProd, 1, 5], 2]", 5),
        ("!If [IsDev, !Ref AWS::NoValue, 2]", None),
        ("!FindInMap [Size, !Ref Stage, Mb]", 256),
        ("!FindInMap [Size, none, Mb, {DefaultValue: 9}]", 9),
        ("!FindInMap [Size, !Ref Open, Mb, {DefaultValue: 9}]", "unknown"),
        ("!Select [1, !Ref Sizes]", 1024),
        ("!Select [1, !Split ['|', '7|8']]", 8),
        ("{'Fn::Length': !Ref Sizes}", 2),
        ("!GetAtt Other.Arn", "unknown"),
    ],
)
def test_values(deploy: Deploy, value: str, expected: int | str | None) -> None:
    wanted = (None, True) if expected == "unknown" else (expected, False)
    assert memory(deploy, CONDITIONS, value) == wanted


def test_to_json_string(deploy: Deploy) -> None:
    text = (
        CONDITIONS
        + "Resources:\n"
        + function(
            "Environment: {Variables: {A: {'Fn::ToJsonString': {stage: !Ref Stage, n: 1, l: [true]}}, "
            "B: {'Fn::ToJsonString': {x: !Ref Open}}}}"
        )
    )
    (found,) = deploy({"template.yaml": text, **CODE}).functions
    assert dict(found.environment) == {"A": '{"stage":"dev","n":1,"l":[true]}', "B": None}


def test_resources_whose_condition_is_false_are_left_out(deploy: Deploy) -> None:
    text = (
        CONDITIONS
        + "Resources:\n"
        + "".join(
            function("Timeout: 3", name, f"    Condition: {condition}\n")
            for name, condition in (("A", "IsDev"), ("B", "IsProd"), ("C", "Unknown"))
        )
    )
    deployment = deploy({"template.yaml": text, **CODE})
    assert list(by_name(deployment)) == ["A", "C"]
    assert [name for name, _ in deployment.left_out] == ["B"]


PARENT = """\
Parameters: {Stage: {Type: String}, Name: {Type: String, Default: pool}}
Resources:
  Capacity:
    Type: AWS::Serverless::Application
    Properties: {Location: stacks/capacity.yaml, Parameters: {Name: !Ref Name}}
  Orders:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./stacks/orders.yaml
      Parameters:
        Size: 4096
        Stage: !Ref Stage
        Pool: !GetAtt Capacity.Outputs.PoolArn
        Layers: !Join [',', [a, b]]
"""
CAPACITY = """\
Parameters: {Name: {Type: String}}
Resources:
  Pool:
    Type: AWS::Serverless::CapacityProvider
    Properties: {CapacityProviderName: !Ref Name, VpcConfig: {SubnetIds: [a], SecurityGroupIds: [b]}}
Outputs:
  PoolArn: {Value: !GetAtt Pool.Arn}
"""
ORDERS = """\
Parameters:
  Size: {Type: Number, Default: 128}
  Stage: {Type: String, Default: dev}
  Pool: {Type: String}
  Left: {Type: Number, Default: 9}
  Layers: {Type: CommaDelimitedList}
Conditions: {IsDev: !Equals [!Ref Stage, dev]}
Resources:
""" + function(
    "MemorySize: !Ref Size, Timeout: !Ref Left, CapacityProviderConfig: {Arn: !Ref Pool}, Layers: !Ref Layers, "
    "EphemeralStorage: {Size: !If [IsDev, 512, 600]}, CodeUri: ../code"
)


def test_nested_stacks(deploy: Deploy) -> None:
    files = {"template.yaml": PARENT, "stacks/capacity.yaml": CAPACITY, "stacks/orders.yaml": ORDERS}
    deployment = deploy({**files, "code/app.py": CODE["app.py"]})
    (found,) = deployment.functions
    assert (found.memory_mb, found.timeout_s, found.layers) == (4096, 9, ("a", "b"))
    assert (found.ephemeral_mb, found.unknown) == (None, ("ephemeral_mb",))  # passed, but not known
    assert (found.template, found.provider) == ("stacks/orders.yaml", "Pool")
    assert found.entry is not None
    assert found.entry.path == "code/app.py"
    (pool,) = deployment.providers
    assert deployment.provider_of(found) is pool
    assert deployment.problems == ()


def test_a_stack_nested_twice(deploy: Deploy) -> None:
    child = "Parameters: {Size: {Type: Number}}\nResources:\n" + function("MemorySize: !Ref Size")
    parent = "Resources:\n" + "".join(
        f"  {name}: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: c.yaml, "
        f"Parameters: {{Size: {size}}}}}}}\n"
        for name, size in (("One", 128), ("Same", 128), ("Two", 256))
    )
    found = by_name(deploy({"p.yaml": parent, "c.yaml": child, **CODE}))
    assert {name: each.memory_mb for name, each in found.items()} == {"F": 128, "Two.F": 256}
    assert len({each.key for each in found.values()}) == 2


@pytest.mark.parametrize(
    "place", ["https://s3.amazonaws.com/b/c.yaml", "!Sub 'https://${B}.s3.amazonaws.com/c.yaml'", "no.yaml"]
)
def test_stacks_nested_from_elsewhere_are_read_by_themselves(deploy: Deploy, place: str) -> None:
    parent = f"Resources:\n  S: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: {place}}}}}\n"
    child = "Parameters: {Size: {Type: Number, Default: 128}}\nResources:\n" + function("MemorySize: !Ref Size")
    deployment = deploy({"p.yaml": parent, "c.yaml": child, **CODE})
    assert [each.memory_mb for each in deployment.functions] == [128]


def test_stacks_that_nest_one_another_end(deploy: Deploy) -> None:
    ring = "Resources:\n  S: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: {}}}}}\n"
    files = {"a.yaml": ring.format("b.yaml") + function("Timeout: 1", "A"), "b.yaml": ring.format("a.yaml")}
    files["c.yaml"] = ring.format("c.yaml") + function("Timeout: 1", "C")
    assert set(by_name(deploy({**files, **CODE}))) == {"A", "C"}


def test_loops(deploy: Deploy) -> None:
    text = """\
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: 'orders,sto-ck'}}
Mappings: {Sizes: {orders: {Mb: 512}, sto-ck: {Mb: 1024}}}
Conditions:
  Fn::ForEach::Wanted: [Name, [a, b], {'Is${Name}': !Equals ['${Name}', b]}]
Resources:
  Fn::ForEach::Outer:
    - Name
    - !Ref Names
    - Function&{Name}:
        Type: AWS::Serverless::Function
        Properties:
          Handler: !Sub '${Name}.handler'
          Runtime: python3.13
          MemorySize: !FindInMap [Sizes, !Ref Name, Mb]
          Environment:
            Variables:
              Fn::ForEach::Vars: [Var, [X, Y], {'${Var}': '${Name}-${Var}'}]
      Fn::ForEach::Inner:
        - Stage
        - [dev, prod]
        - '&{Name}${Stage}':
            Type: AWS::Serverless::Function
            Condition: Isb
            Properties: {Handler: '${Name}.handler', Runtime: python3.13}
  Fn::ForEach::Conditional: [Name, [a, b], {'Maybe${Name}': {Type: AWS::Lambda::Function, Condition: 'Is${Name}'}}]
"""
    deployment = deploy({"t.yaml": text, "orders.py": CODE["app.py"], "sto-ck.py": CODE["app.py"]})
    assert deployment.problems == ()
    found = by_name(deployment)
    looped = ["Functionorders", "ordersdev", "ordersprod", "Functionstock", "stockdev", "stockprod"]
    assert list(found) == [*looped, "Maybeb"]
    stock = found["Functionstock"]
    assert (stock.memory_mb, stock.handler) == (1024, "sto-ck.handler")
    assert dict(stock.environment) == {"X": "sto-ck-X", "Y": "sto-ck-Y"}
    assert stock.location is not None
    span = stock.location.span
    assert text[span.start : span.end] == "Function&{Name}"
    assert len({each.key for each in found.values()}) == len(found)


def test_includes(deploy: Deploy) -> None:
    text = """\
Resources:
  Fn::Transform: {Name: AWS::Include, Parameters: {Location: parts/functions.yaml}}
"""
    part = "F:\n  Type: AWS::Serverless::Function\n"
    part += "  Properties: {Handler: app.handler, Runtime: python3.13, CodeUri: ..}\n"
    files = {"template.yaml": text, "parts/functions.yaml": part, **CODE}
    (found,) = deploy(files).functions
    assert (found.name, found.template) == ("F", "parts/functions.yaml")
    assert found.entry is not None
    where = dict(found.locations)["handler"]
    assert (where.path, part[where.span.start : where.span.end]) == ("parts/functions.yaml", "app.handler")


@pytest.mark.parametrize("place", ["s3://b/x.yaml", "missing.yaml", "../outside.yaml", "template.yaml"])
def test_includes_that_lead_nowhere(deploy: Deploy, place: str) -> None:
    text = "Resources:\n" + function("Timeout: 1")
    text += f"  Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: '{place}'}}}}\n"
    assert [each.name for each in deploy({"template.yaml": text, **CODE}).functions][:1] == ["F"]


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ('"Size=2048 Other=x"', 2048),
        ('\'Size="2048" Stage="a b"\'', 2048),
        ('["Size=2048"]', 2048),
        ('"ParameterKey=Size,ParameterValue=2048"', 2048),
        ('"Stage=prod"', 128),
        ("5", 128),
    ],
)
def test_samconfig(deploy: Deploy, overrides: str, expected: int) -> None:
    text = "Parameters: {Size: {Type: Number, Default: 128}, Stage: {Type: String, Default: ''}}\nResources:\n"
    text += function("MemorySize: !Ref Size, Environment: {Variables: {REGION: !Ref AWS::Region}}")
    config = f'version = 0.1\n[default.deploy.parameters]\nregion = "eu-west-1"\nparameter_overrides = {overrides}\n'
    (found,) = deploy({"template.yaml": text, "samconfig.toml": config, **CODE}).functions
    assert (found.memory_mb, found.region) == (expected, "eu-west-1")
    assert dict(found.environment) == {"REGION": "eu-west-1"}


def test_samconfig_for_another_template(deploy: Deploy) -> None:
    text = "Parameters: {Size: {Type: Number, Default: 128}}\nResources:\n" + function("MemorySize: !Ref Size")
    config = '[default.global.parameters]\ntemplate_file = "other.yaml"\nparameter_overrides = "Size=1"\n'
    (found,) = deploy({"template.yaml": text, "samconfig.toml": config, **CODE}).functions
    assert (found.memory_mb, found.region) == (128, None)
    (broken,) = deploy({"template.yaml": text, "samconfig.toml": "[default", **CODE}).functions
    assert broken.memory_mb == 128


def test_globals(deploy: Deploy) -> None:
    text = """\
Globals:
  Function:
    MemorySize: 512
    Layers: [one]
    Environment: {Variables: {A: '1', B: '2'}}
    VpcConfig: {SubnetIds: [a], SecurityGroupIds: [b]}
    SnapStart: {ApplyOn: PublishedVersions}
    LoggingConfig: {LogFormat: JSON}
Resources:
"""
    text += function("Layers: [two], Environment: {Variables: {B: '3'}}, VpcConfig: !Ref AWS::NoValue", "A")
    text += function("Timeout: 1", "B", "    IgnoreGlobals: [MemorySize, SnapStart]\n")
    text += function("Timeout: 1", "C", "    IgnoreGlobals: '*'\n")
    found = by_name(deploy({"template.yaml": text, **CODE}))
    first, second, third = found["A"], found["B"], found["C"]
    assert (first.memory_mb, first.layers, first.vpc, first.snapstart) == (512, ("one", "two"), False, True)
    assert dict(first.environment) == {"A": "1", "B": "3"}
    assert (second.memory_mb, second.snapstart, second.vpc, second.log_format) == (None, False, True, "JSON")
    assert (third.memory_mb, third.layers, third.environment) == (None, (), ())
