"""Malformed, recursive and hostile configuration: at most one diagnosis each, and nothing else is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmi_lint.deploy.read import read
from lmi_lint.discover import discover
from lmi_lint.settings import Settings

from .test_managed import CFN, SAM, SERVERLESS
from .test_stacks import CONDITIONS, ORDERS, PARENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from lmi_lint.deploy.model import Deployment
    from lmi_lint.model.finding import Location

    from .conftest import Deploy

CODE = {"app.py": "def handler(event, context): ...\n"}
GOOD = "  Good: {Type: AWS::Serverless::Function, Properties: {Handler: app.handler, Runtime: python3.13}}\n"
LEVELS = 30


def doubled(first: str, step: Callable[[str], str]) -> str:
    """Anchors l0, l1 … each of which uses the one before it twice: two to the thirtieth leaves."""
    lines = [f"  l0: &l0 {first}\n"]
    lines += [f"  l{level}: &l{level} {step(f'*l{level - 1}')}\n" for level in range(1, LEVELS)]
    return "Metadata:\n" + "".join(lines)


LAST = f"*l{LEVELS - 1}"


def used(properties: str) -> str:
    return (
        f"Resources:\n{GOOD}  Bad:\n    Type: AWS::Serverless::Function\n"
        f"    Properties: {{Handler: app.handler, Runtime: python3.13, {properties}}}\n"
    )


BOMBS = {
    "list": doubled("[x, x]", lambda below: f"[{below}, {below}]") + used(f"Layers: {LAST}"),
    "variables": doubled("{a: x}", lambda below: f"{{a: {below}, b: {below}}}")
    + used(f"Environment: {{Variables: {LAST}}}"),
    "if": doubled("x", lambda below: f"!If [C, {below}, {below}]") + used(f"MemorySize: {LAST}"),
    "reference": doubled("!ImportValue x", lambda below: f"!If [C, {below}, {below}]")
    + used(f"CapacityProviderConfig: {{Arn: {LAST}}}, Role: {LAST}"),
    "join": doubled("xxxxxxxx", lambda below: f"!Join ['', [{below}, {below}]]") + used(f"Timeout: {LAST}"),
    "json": doubled("[x]", lambda below: f"[{below}, {below}]")
    + used(f"Environment: {{Variables: {{A: {{'Fn::ToJsonString': {LAST}}}}}}}"),
    "globals": doubled("{a: x}", lambda below: f"{{a: {below}, b: {below}}}")
    + f"Other:\n  x: &other {{a: {LAST}, b: {LAST}}}\nGlobals: {{Function: {{Environment: {LAST}}}}}\n"
    + used("Environment: *other"),
    "condition": doubled("!Equals [!Ref A, x]", lambda below: f"!Or [{below}, {below}]")
    + f"Conditions: {{C: {LAST}}}\n"
    + used("MemorySize: !If [C, 1, 2]"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_aliases_that_explode(deploy: Deploy, name: str) -> None:
    deployment = deploy({"template.yaml": BOMBS[name], **CODE})
    assert {each.name for each in deployment.functions} == {"Good", "Bad"}
    assert deployment.problems == ()


def test_loops_that_explode(deploy: Deploy) -> None:
    body = "{'F${A}${B}${C}${D}': {Type: AWS::Lambda::Function}}"
    for name in "DCBA":
        values = ", ".join(f"v{index}" for index in range(40))
        body = f"{{'Fn::ForEach::{name}': [{name}, [{values}], {body}]}}"
    text = f"Resources: {{Good: {{Type: AWS::Lambda::Function}}, {body[1:]}\n"
    deployment = deploy({"template.yaml": text, "other.yaml": "Resources:\n" + GOOD, **CODE})
    assert [each.kind for each in deployment.problems] == ["limit"]
    assert [each.name for each in deployment.functions] == ["Good"]


def test_loops_over_aliases(deploy: Deploy) -> None:
    text = doubled("[x]", lambda below: f"[{below}, {below}]")
    text += f"Resources:\n  Fn::ForEach::A: [A, [a, b], {{'F${{A}}': {{Type: AWS::Lambda::Function, X: {LAST}}}}}]\n"
    assert [each.kind for each in deploy({"template.yaml": text}).problems] == ["limit"]


def test_includes_of_one_another(deploy: Deploy) -> None:
    include = "  Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: {}}}}}\n"
    chain = {
        f"part{index}.yaml": f"Part{index}: {{}}\n" + include.format(f"part{index + 1}.yaml")[2:]
        for index in range(300)
    }
    files = {"template.yaml": "Resources:\n" + GOOD + include.format("part0.yaml"), **chain, **CODE}
    assert [each.name for each in deploy(files).functions] == ["Good"]
    ring = {"a.yaml": "A:\n" + include.format("b.yaml"), "b.yaml": "B:\n" + include.format("a.yaml")}
    files = {"template.yaml": "Resources:\n" + GOOD + include.format("a.yaml"), **ring, **CODE}
    assert [each.name for each in deploy(files).functions] == ["Good"]


def test_too_many_stacks(deploy: Deploy) -> None:
    stack = "  S{}: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: {}, Parameters: {{N: '{}'}}}}}}\n"
    files = {f"l{level}.yaml": "Resources:\n" + "".join(stack.format(index, f"l{level + 1}.yaml", index)
             for index in range(10)) for level in range(6)}  # fmt: skip
    files["l6.yaml"] = "Resources:\n" + GOOD
    deployment = deploy({**files, "other.yaml": "Resources:\n" + GOOD, **CODE})
    assert [each.kind for each in deployment.problems] == ["limit"]
    assert "Good" in {each.name for each in deployment.functions if each.template == "other.yaml"}


@pytest.mark.parametrize(
    "text",
    [
        "service: x\nprovider: {name: aws}\nfunctions: ${file(serverless.yml):functions}\n",
        "service: x\nprovider: {name: aws}\nfunctions: ${self:functions}\n",
        "service: x\nprovider: ${self:provider}\nfunctions: {f: {handler: app.handler}}\n",
        "service: x\nprovider: {name: aws}\nfunctions: ${file(../../../../etc/passwd)}\n",
        "service: x\nprovider: {name: aws}\nparams: ${param:x}\nfunctions: {f: {handler: '${param:x}'}}\n",
    ],
)
def test_services_that_refer_to_themselves(deploy: Deploy, text: str) -> None:
    deployment = deploy({"sub/serverless.yml": text, "template.yaml": "Resources:\n" + GOOD, **CODE})
    assert len(deployment.problems) <= 1
    assert "Good" in {each.name for each in deployment.functions}


@pytest.mark.parametrize(
    "text",
    [
        "/*" * 100_000,
        "const a = " + "[" * 5_000,
        "const a = b; const b = a; export default { provider: a, functions: b };",
        "export * from './serverless'; export const provider = 1;",
        "module.exports = (" + "{" * 5_000,
        "const a = [1]; " + "".join(f"const a{i} = [a{i - 1 if i else ''}, a{i - 1 if i else ''}];" for i in range(30))
        + "export default { provider: { name: 'aws', x: a29 }, functions: a29 };",
        "export default { provider: `${" + "`${" * 500,
    ],
)  # fmt: skip
def test_scripts_that_lead_nowhere(deploy: Deploy, text: str) -> None:
    deployment = deploy({"serverless.ts": text, "template.yaml": "Resources:\n" + GOOD, **CODE})
    assert len(deployment.problems) <= 1
    assert "Good" in {each.name for each in deployment.functions}


@pytest.mark.parametrize(
    "dockerfile",
    ["COPY a b\n" * 50_000, "CMD [" * 10_000, "FROM x\nCMD " + "a." * 200_000, "FROM a AS a\nFROM a AS a\n" * 200],
)
def test_dockerfiles_that_are_none(deploy: Deploy, dockerfile: str) -> None:
    text = "Resources:\n" + GOOD + (
        "  Image:\n    Type: AWS::Serverless::Function\n    Metadata: {DockerContext: .}\n"
        "    Properties: {PackageType: Image}\n"
    )  # fmt: skip
    found = {each.name: each for each in deploy({"template.yaml": text, "Dockerfile": dockerfile, **CODE}).functions}
    assert found["Image"].entry is None
    assert found["Good"].entry is not None


def test_links_out_of_the_project(deploy: Deploy, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "child.yaml").write_text("Resources:\n" + GOOD)
    (outside / "Dockerfile").write_text('FROM public.ecr.aws/lambda/python:3.13\nCMD ["app.handler"]\n')
    (tmp_path / "link").symlink_to(outside)
    (tmp_path / "child.yaml").symlink_to(outside / "child.yaml")
    text = (
        "Resources:\n"
        "  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}\n"
        "  B: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: link/child.yaml}}\n"
        "  Image:\n    Type: AWS::Serverless::Function\n    Metadata: {DockerContext: link}\n"
        "    Properties: {PackageType: Image}\n"
    )
    deployment = deploy({"template.yaml": text, **CODE})
    (image,) = (each for each in deployment.functions if each.image)
    assert (image.name, image.handler, image.entry) == ("Image", None, None)


def places(deployment: Deployment) -> list[Location]:
    found = [place for each in deployment.functions for _, place in each.locations]
    found += [each.location for each in deployment.functions if each.location is not None]
    found += [event.location for each in deployment.functions for event in each.events if event.location is not None]
    found += [odd.location for each in deployment.functions for odd in each.oddities]
    found += [odd.location for each in deployment.providers for odd in each.oddities]
    found += [place for each in deployment.providers for _, place in each.locations]
    return found + [each.location for each in deployment.problems if each.location is not None]


damage = st.lists(
    st.tuples(
        st.sampled_from(["drop", "double", "swap", "insert"]), st.floats(0, 1), st.integers(1, 80),
        st.sampled_from(
            ["!If [C, ", "}", "[", ": ", "*x", "&x ", "${", "!Ref ", "\n", "- ", "'", "<<: ", "Fn::ForEach::A: "]
        ),
    ),
    min_size=1, max_size=3,
)  # fmt: skip


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.sampled_from([SAM, CFN, SERVERLESS, PARENT, ORDERS, CONDITIONS + used("Timeout: 1")]), damage)
def test_damaged_files(text: str, changes: list[tuple[str, float, int, str]]) -> None:
    for kind, place, length, inserted in changes:
        at = int(place * len(text))
        middle = text[at : at + length]
        middle = {"drop": "", "double": middle * 2, "swap": middle[::-1], "insert": inserted + middle}[kind]
        text = text[:at] + middle + text[at + length :]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        name = "serverless.yml" if "functions:" in text else "template.yaml"
        for path, content in {name: text, "stacks/orders.yaml": ORDERS, **CODE}.items():
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text(content)
        project = discover([root], Settings())
        deployment = read(project)
        assert read(project) == deployment
        keys = [each.key for each in deployment.functions]
        assert len(keys) == len(set(keys))
        for location in places(deployment):
            data = (root / location.path).read_bytes()
            assert 0 <= location.span.start <= location.span.end <= len(data)
