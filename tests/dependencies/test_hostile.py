"""Manifests of people who mean no good: each is a problem at most, and costs little."""

from __future__ import annotations

import pytest

from lmi_lint.dependencies.files import Files
from lmi_lint.dependencies.gradle import read_gradle
from lmi_lint.dependencies.maven import Poms
from lmi_lint.dependencies.npm import read_package
from lmi_lint.dependencies.nuget import read_csproj
from lmi_lint.dependencies.pyproject import read_pipfile, read_pyproject
from lmi_lint.dependencies.requirements import read_requirements
from tests.dependencies.conftest import Make, anything

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><project>&b;</project>'
)
OUTSIDE = '<!DOCTYPE p SYSTEM "file:///etc/passwd"><project/>'


def read_all(files: Files) -> None:
    for path in sorted(files.known):
        read_package(files, path, anything) if path.endswith("package.json") else None
        read_pyproject(files, path, anything) if path.endswith("pyproject.toml") else None
        read_pipfile(files, path, anything) if path.endswith("Pipfile") else None
        read_requirements(files, path, anything) if path.endswith(".txt") else None
        Poms(files).read(path) if path.endswith("pom.xml") else None
        read_csproj(files, path) if path.endswith(".csproj") else None
        read_gradle(files, path) if path.endswith(".gradle") else None


DEEP = 100_000
PACKAGE = '{"name": "x", "dependencies": {"@aws-sdk/client-s3": "^3.0.0"}}'

PROBLEMS = {
    "billion laughs": ({"pom.xml": LAUGHS}, "declares a document type"),
    "entity from outside": ({"A.csproj": OUTSIDE}, "declares a document type"),
    "deep XML": ({"pom.xml": "<a>" * DEEP + "</a>" * DEEP}, "nested more than"),
    "wide XML": ({"pom.xml": "<project>" + "<a/>" * 60_000 + "</project>"}, "more than 50000 elements"),
    "broken XML": ({"pom.xml": "<project><a></project>"}, "not valid XML"),
    "deep JSON": ({"package.json": '{"dependencies": ' + "[" * DEEP + "]" * DEEP + "}"}, "nested more than"),
    "deep JSON lock": ({"package.json": PACKAGE, "package-lock.json": "[" * DEEP + "]" * DEEP}, "nested too deep"),
    "broken JSON lock": ({"package.json": PACKAGE, "package-lock.json": "{"}, "not valid JSON"),
    "deep YAML": ({"package.json": PACKAGE, "pnpm-lock.yaml": "importers: " + "[" * DEEP}, "nested more than"),
    "deep TOML": ({"pyproject.toml": "a = " + "[" * DEEP + "]" * DEEP}, "nested too deep"),
    "deep TOML tables": ({"pyproject.toml": "a = " + "{b=" * DEEP + "1" + "}" * DEEP}, "nested too deep"),
    "broken TOML": ({"Pipfile": "[packages\n"}, "not valid TOML"),
    "huge": ({"requirements.txt": "a==1\n" * 250_000}, "bytes"),
    "binary": ({"requirements.txt": "\0\0\0"}, ""),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_is_a_problem(name: str, make: Make) -> None:
    texts, message = PROBLEMS[name]
    files = make(texts)
    read_all(files)
    assert [message in each.message for each in files.problems] == [True]
    assert all(each.location is not None for each in files.problems)


HARMLESS = {
    "wrong types": {
        "package.json": '{"dependencies": ["a"], "overrides": 1, "workspaces": {"a": 1}, "pnpm": []}',
        "package-lock.json": '{"packages": [], "dependencies": 3}',
        "pyproject.toml": 'project = 1\ntool = "x"\n',
        "Pipfile": "packages = 3\n",
        "Pipfile.lock": '{"default": {"a": 1}}',
        "a/pyproject.toml": '[project]\ndependencies = [1, {}, "a==1"]\n[tool.poetry]\ndependencies = 4\n',
        "a/poetry.lock": 'package = "x"\n',
        "b/pyproject.toml": '[project]\ndependencies = ["a"]\n',
        "b/uv.lock": "[[package]]\nname = 3\n",
        "A.csproj": "<Project><ItemGroup><PackageReference/><PackageReference Include=''/></ItemGroup></Project>",
        "packages.lock.json": '{"dependencies": {"net8.0": [], "net9.0": {"a": 3}}}',
        "pom.xml": "<project><parent/><dependencies><dependency/></dependencies></project>",
        "build.gradle": "dependencies { implementation '::' ; implementation libs.a ; implementation 'a:b:' }",
        "gradle/libs.versions.toml": 'libraries = 1\nbundles = "x"\n[versions]\na = 1\n',
    },
    "empty": dict.fromkeys(
        ["package.json", "pom.xml", "pyproject.toml", "requirements.txt", "A.csproj", "build.gradle", "Pipfile"], ""
    ),
    "properties in a circle": {
        "pom.xml": "<project><properties><a>${b}${b}${b}</a><b>${a}${a}${a}</b></properties><dependencies><dependency>"
        "<groupId>g</groupId><artifactId>a</artifactId><version>${a}</version></dependency></dependencies></project>",
        "A.csproj": "<Project><PropertyGroup><A>$(B)$(B)</A><B>$(A)$(A)</B></PropertyGroup><ItemGroup>"
        "<PackageReference Include='x' Version='$(A)'/></ItemGroup></Project>",
        "build.gradle": "def a = '1'\ndependencies { implementation \"g:a:${a}${a}${a}\" }",
    },
    "out of the project": {
        "requirements.txt": "-r ../../../../../../etc/passwd\n-c /etc/passwd\n-r ~/x.txt\n",
        "pom.xml": "<project><parent><groupId>g</groupId><artifactId>a</artifactId>"
        "<relativePath>../../../../../../../etc/passwd</relativePath></parent></project>",
        "A.csproj": "<Project><ItemGroup><ProjectReference Include='..\\..\\..\\etc\\passwd'/></ItemGroup></Project>",
        "build.gradle": "dependencies { implementation project(':..:..:..:etc') }",
    },
    "slow patterns": {
        "build.gradle": "implementation " * 20_000 + '"' * 20_000 + "/*" * 20_000,
        "requirements.txt": "a" * 200_000 + "\n" + "a[" * 50_000 + "\n" + " \\\n" * 20_000,
        "yarn.lock": '"' * 50_000 + "\n" + ":\n  " * 20_000 + "\n" + ("a@^1:\n" * 20_000),
        "package.json": PACKAGE,
    },
}


@pytest.mark.parametrize("name", HARMLESS)
def test_is_harmless(name: str, make: Make) -> None:
    files = make(HARMLESS[name])
    read_all(files)
    assert not files.problems
    assert all(path in files.known for path in files.read)


def test_a_folder_outside_of_the_project_has_no_manifests(make: Make) -> None:
    """A walk upward from an absolute folder would show as a test that never ends."""
    files = make({"package.json": PACKAGE})
    for folder in ("/srv/app", "//srv", "/", "..", "../app"):
        assert list(files.upward(folder, "package.json")) == []
    assert list(files.upward("a/b", "package.json")) == ["package.json"]
