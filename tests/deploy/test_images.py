"""Container images that are built here: from a Dockerfile to the handler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lmi_lint.deploy.dockerfile import read_dockerfile
from lmi_lint.model.names import Language

if TYPE_CHECKING:
    from lmi_lint.deploy.model import DeployedFunction

    from .conftest import Deploy

PYTHON = "def handler(event, context):\n    return 1\n"
BASE = "FROM public.ecr.aws/lambda/python:3.13\n"


def sam(metadata: str, properties: str = "") -> str:
    return (
        "Resources:\n  F:\n    Type: AWS::Serverless::Function\n"
        f"    Metadata: {{{metadata}}}\n    Properties: {{PackageType: Image{properties}}}\n"
    )


def only(deploy: Deploy, files: dict[str, str]) -> DeployedFunction:
    (function,) = (each for each in deploy(files).functions if each.image)
    return function


@pytest.mark.parametrize(
    ("dockerfile", "handler"),
    [
        (BASE + 'CMD ["app.handler"]\n', "app.handler"),
        (BASE + "CMD [ 'app.handler' ]\n", "app.handler"),
        (BASE + "CMD app.handler\n", "app.handler"),
        (BASE + '# CMD ["old.handler"]\nCMD \\\n  # which\n  ["app.handler"]\n', "app.handler"),
        ('FROM python:3.13\nENTRYPOINT ["python", "-m", "awslambdaric"]\nCMD ["app.handler"]\n', "app.handler"),
        ("FROM python:3.13\nENTRYPOINT python -m awslambdaric app.handler\n", "app.handler"),
        ('ARG TAG=3.13\nFROM public.ecr.aws/lambda/python:${TAG} AS base\nFROM base\nENV H=app\nCMD ["${H}.handler"]\n',
         "app.handler"),
        (BASE + 'RUN <<EOT\nCMD ["no.handler"]\nEOT\nCMD ["app.handler"]\n', "app.handler"),
        ('FROM python:3.13\nCMD ["python", "app.py"]\n', None),
        (BASE, None),
        ("", None),
    ],
)  # fmt: skip
def test_command_of_the_image(deploy: Deploy, dockerfile: str, handler: str | None) -> None:
    files = {"template.yaml": sam("DockerContext: ./api"), "api/Dockerfile": dockerfile, "api/app.py": PYTHON}
    found = only(deploy, files)
    assert found.handler == handler
    assert (found.entry.path if found.entry else None) == (handler and "api/app.py")
    assert (found.unresolved == "") == (handler is not None)


def test_the_template_overrides_the_command(deploy: Deploy) -> None:
    text = sam("DockerContext: ., Dockerfile: docker/api.Dockerfile", ", ImageConfig: {Command: [other.handler]}")
    files = {"template.yaml": text, "docker/api.Dockerfile": BASE + 'COPY src/ ./\nCMD ["app.handler"]\n'}
    found = only(deploy, {**files, "src/other.py": PYTHON, "src/app.py": PYTHON})
    assert found.handler == "other.handler"
    assert found.entry is not None
    assert (found.entry.path, found.language, found.code_root) == ("src/other.py", Language.PYTHON, ".")


def test_copied_files_tell_two_images_apart(deploy: Deploy) -> None:
    text = "Resources:\n" + "".join(
        f"  {name}:\n    Type: AWS::Serverless::Function\n    Properties: {{PackageType: Image}}\n"
        f"    Metadata: {{DockerContext: ./src, Dockerfile: {name}/Dockerfile}}\n"
        for name in ("orders", "stock")
    )
    files = {"template.yaml": text}
    for name in ("orders", "stock"):
        files[f"src/{name}/Dockerfile"] = BASE + f'COPY {name}/app.py ${{LAMBDA_TASK_ROOT}}/\nCMD ["app.handler"]\n'
        files[f"src/{name}/app.py"] = PYTHON
    found = {each.name: each.entry and each.entry.path for each in deploy(files).functions}
    assert found == {"orders": "src/orders/app.py", "stock": "src/stock/app.py"}


def test_serverless_images(deploy: Deploy) -> None:
    text = (
        "service: x\nprovider:\n  name: aws\n  ecr:\n    images:\n      api: {path: ./api, file: api.docker}\n"
        "functions:\n  a: {image: api}\n  b: {image: {name: api, command: [jobs.handler]}}\n"
    )
    files = {"serverless.yml": text, "api/api.docker": BASE + 'CMD ["app.handler"]\n'}
    files |= {"api/app.py": PYTHON, "api/jobs.py": PYTHON}
    found = {each.name: each.entry and each.entry.path for each in deploy(files).functions}
    assert found == {"a": "api/app.py", "b": "api/jobs.py"}


def test_a_named_stage_is_built() -> None:
    text = 'FROM a AS one\nCMD ["one.handler"]\nFROM b AS two\nCOPY --from=one /x /y\nCMD two.handler\n'
    first, last = read_dockerfile(text, "one"), read_dockerfile(text)
    assert first is not None
    assert last is not None
    assert (first.command, last.command, last.copied) == (("one.handler",), ("two.handler",), ())
    assert read_dockerfile(text, "three") is None


@pytest.mark.parametrize("context", ["../outside", "/etc", "missing"])
def test_contexts_elsewhere_are_not_read(deploy: Deploy, context: str) -> None:
    found = only(deploy, {"infra/template.yaml": sam(f"DockerContext: '../{context}'")})
    assert found.entry is None
    assert found.unresolved


def test_rust_is_judged_by_its_configuration_alone(deploy: Deploy) -> None:
    resource = (
        "  {0}:\n    Type: AWS::Serverless::Function\n    {1}\n    Properties: {{CodeUri: {2}, Handler: bootstrap, "
    )
    text = "Resources:\n" + "".join(
        resource.format(name, metadata, uri) + "Runtime: provided.al2023}\n"
        for name, metadata, uri in (
            ("Built", "Metadata: {BuildMethod: rust-cargolambda}", "./api"),
            ("Plain", "DependsOn: []", "./crate"),
            ("Target", "DependsOn: []", "./crate/target/lambda/x"),
            ("Go", "Metadata: {BuildMethod: go1.x}", "./go"),
        )
    )
    files = {"template.yaml": text, "crate/Cargo.toml": "[package]\n", "go/main.py": "x = 1\n"}
    found = {each.name: (each.custom_runtime, "Rust" in each.unresolved) for each in deploy(files).functions}
    rust = ("rust", True)
    assert found == {"Built": rust, "Plain": rust, "Target": rust, "Go": (None, False)}
