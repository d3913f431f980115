"""What Python's manifests and lock files say."""

from __future__ import annotations

from lmi_lint.dependencies.pyproject import read_pipfile, read_pyproject
from lmi_lint.dependencies.requirements import read_requirements
from tests.dependencies.conftest import Make, anything, places, said


def test_requirements(make: Make) -> None:
    files = make(
        {
            "requirements.txt": (
                "# first\n"
                "-r requirements/base.txt\n"
                "--constraint=constraints.txt\n"
                "--index-url https://example.org/simple\n"
                "-e ./local\n"
                "Aws_Lambda.Powertools[tracer, parser] == 2.1 ; python_version >= '3.8'  # why\n"
                "old==1.0; python_version < '3.9'\n"
                "onwindows==1.0; sys_platform == 'win32'\n"
                "direct @ https://example.org/x.whl\n"
                "git+https://example.org/y.git#egg=y\n"
                "hashed==1.2.3 \\\n"
                "    --hash=sha256:aaaa \\\n"
                "    --hash=sha256:bbbb\n"
                "limited>=1\n"
                "é!!\n"
            ),
            "requirements/base.txt": "based~=1.4\n-r ../requirements.txt\n",
            "constraints.txt": "limited==1.5\nnever==9\n",
        }
    )
    found = read_requirements(files, "requirements.txt", anything)
    assert said(found) == {
        "aws-lambda-powertools": "2.1",
        "hashed": "1.2.3",
        "limited": "(==1.5,>=1)",
        "based": "(~=1.4)",
    }
    where = places(files, found)
    assert where["aws-lambda-powertools"].startswith("requirements.txt:6 Aws_Lambda")
    assert where["hashed"] == "requirements.txt:11 hashed==1.2.3"
    assert where["based"] == "requirements/base.txt:1 based~=1.4"


def test_includes_stay_in_the_project_and_end(make: Make) -> None:
    files = make(
        {
            "a/requirements.txt": "-r ../../../../etc/passwd\n-r /etc/passwd\n-r requirements-2.txt\none==1\n",
            "a/requirements-2.txt": "-r requirements.txt\n-c requirements-2.txt\ntwo==2\n",
        }
    )
    assert said(read_requirements(files, "a/requirements.txt", anything)) == {"one": "1", "two": "2"}


def test_many_includes_are_cut(make: Make) -> None:
    texts = {f"requirements-{n}.txt": f"-r requirements-{n + 1}.txt\np{n}==1\n" for n in range(300)}
    files = make(texts)
    assert len(read_requirements(files, "requirements-0.txt", anything)) == 100
    assert [each.message for each in files.problems] == [
        "leads to more than 100 files; what the others ask for is not known"
    ]


PEP621 = """\
[project]
name = "orders"
dependencies = [
  "aws-lambda-powertools[tracer]>=2,<3",
  'boto3',
  "old; python_version < '3.9'",
]
[project.optional-dependencies]
dev = ["devtool==1"]
"""


def test_pyproject(make: Make) -> None:
    files = make({"pyproject.toml": PEP621})
    found = read_pyproject(files, "pyproject.toml", anything)
    assert said(found) == {"aws-lambda-powertools": "(<3,>=2)", "boto3": "()"}
    assert places(files, found)["aws-lambda-powertools"].startswith("pyproject.toml:4")


def test_uv_lock_beats_the_range(make: Make) -> None:
    lock = (
        '[[package]]\nname = "aws-lambda-powertools"\nversion = "2.43.1"\n[[package]]\nname = "boto3"\nversion = "1"\n'
    )
    lock += '[[package]]\nname = "boto3"\nversion = "2"\n'
    files = make({"lambda/pyproject.toml": PEP621, "uv.lock": lock})
    found = read_pyproject(files, "lambda/pyproject.toml", anything)
    assert said(found) == {"aws-lambda-powertools": "2.43.1", "boto3": None}
    assert found[0].locked is not None
    assert found[0].locked.path == "uv.lock"


def test_poetry(make: Make) -> None:
    text = """\
[tool.poetry.dependencies]
python = "^3.13"
caret = "^2.3.1"
zero = "^0.2.3"
tilde = "~1.2"
exact = "1.2.3"
wild = "2.*"
table = {version = "^3", extras = ["x"]}
maybe = {version = "1", optional = true}
local = {path = "../x"}
either = "^1 || ^3"
any = "*"
[tool.poetry.group.dev.dependencies]
pytest = "8"
"""
    files = make({"pyproject.toml": text})
    found = said(read_pyproject(files, "pyproject.toml", lambda name: name != "python"))
    assert found == {
        "caret": "(<3,>=2.3.1)",
        "zero": "(<0.3,>=0.2.3)",
        "tilde": "(<1.3,>=1.2)",
        "exact": "1.2.3",
        "wild": "(==2.*)",
        "table": "(<4,>=3)",
        "either": None,
        "any": "()",
    }
    lock = '[[package]]\nname = "either"\nversion = "3.1"\n'
    files = make({"pyproject.toml": text, "poetry.lock": lock})
    assert said(read_pyproject(files, "pyproject.toml", anything))["either"] == "3.1"


def test_pipfile(make: Make) -> None:
    pipfile = (
        '[packages]\naws-lambda-powertools = "*"\nother = "==1.0"\nlocal = {path = "."}\n[dev-packages]\ndev = "*"\n'
    )
    lock = '{"default": {"aws-lambda-powertools": {"version": "==2.1.0"}}, "develop": {"dev": {"version": "==1"}}}'
    files = make({"Pipfile": pipfile})
    assert said(read_pipfile(files, "Pipfile", anything)) == {"aws-lambda-powertools": "()", "other": "1.0"}
    files = make({"Pipfile": pipfile, "Pipfile.lock": lock})
    assert said(read_pipfile(files, "Pipfile", anything)) == {"aws-lambda-powertools": "2.1.0", "other": "1.0"}
