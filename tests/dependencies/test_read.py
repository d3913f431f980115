"""Which manifests belong to a function."""

from __future__ import annotations

from typing import Any

import pytest

from lmi_lint.dependencies.read import Reader
from lmi_lint.deploy.model import DeployedFunction, Dialect, Entry, InlineCode, Provenance
from lmi_lint.model.names import Language
from tests.dependencies.conftest import Make, anything

FILES = {
    "requirements.txt": "",
    "src/orders/requirements.txt": "",
    "src/orders/lib/app.py": "",
    "src/stock/app.py": "",
    "tools/pyproject.toml": "[tool.ruff]\n",
    "tools/app.py": "",
    "poetry/pyproject.toml": "[tool.poetry.dependencies]\n",
    "poetry/app.py": "",
    "both/requirements.txt": "",
    "both/pyproject.toml": "[project]\n",
    "both/app.py": "",
    "package.json": '{"name": "root"}',
    "web/index.js": "",
    "web/package.json": '{"type": "module"}',
    "api/package.json": '{"dependencies": {}}',
    "api/src/index.ts": "",
    "java/pom.xml": "<project/>",
    "java/src/main/java/A.java": "",
    "cs/A.csproj": "<Project/>",
    "cs/In/A.cs": "",
    "two/A.csproj": "<Project/>",
    "two/B.csproj": "<Project/>",
    "two/A.cs": "",
    "layer/python/requirements.txt": "",
    "layer/nodejs/package.json": "{}",
    "node_modules/x/package.json": "{}",
}


def of(path: str, dialect: Dialect | None, code_root: str | None, **more: Any) -> DeployedFunction:
    suffix = path.rpartition(".")[2]
    language = {"py": "python", "js": "javascript", "ts": "typescript", "java": "java", "cs": "csharp"}[suffix]
    fields: dict[str, Any] = {"entry": Entry(path, "handler"), **more}
    known = Provenance.DEPLOYED if dialect else Provenance.CONVENTION
    return DeployedFunction(
        name="f", provenance=known, language=Language(language), dialect=dialect, code_root=code_root, **fields
    )


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (of("src/orders/lib/app.py", Dialect.SAM, "src/orders"), ["src/orders/requirements.txt"]),
        (of("src/stock/app.py", Dialect.SAM, "src/stock"), []),
        (of("src/stock/app.py", Dialect.CDK, "src/stock"), []),
        (of("src/stock/app.py", Dialect.SERVERLESS, "."), ["requirements.txt"]),
        (of("src/stock/app.py", None, None), ["requirements.txt"]),
        (of("tools/app.py", None, None), ["requirements.txt"]),
        (of("poetry/app.py", Dialect.TERRAFORM, "poetry"), ["poetry/pyproject.toml"]),
        (of("both/app.py", Dialect.SAM, "both"), ["both/requirements.txt"]),
        (of("web/index.js", Dialect.CDK, "web"), ["package.json"]),
        (of("web/index.js", Dialect.TERRAFORM, "web"), []),
        (of("api/src/index.ts", Dialect.SAM, "api/dist"), ["api/package.json"]),
        (of("java/src/main/java/A.java", Dialect.SAM, "java"), ["java/pom.xml"]),
        (of("cs/In/A.cs", Dialect.SAM, "cs/In"), ["cs/A.csproj"]),
        (of("two/A.cs", Dialect.SAM, "two"), []),
        (
            of("src/orders/lib/app.py", Dialect.SAM, "src/orders", layer_roots=("layer",)),
            ["src/orders/requirements.txt", "layer/python/requirements.txt"],
        ),
        (
            of("api/src/index.ts", Dialect.SAM, "api", layer_roots=("layer",)),
            ["api/package.json", "layer/nodejs/package.json"],
        ),
        (of("both/app.py", Dialect.SAM, "both", entry=None), ["both/requirements.txt"]),
        (of("both/app.py", Dialect.SAM, "both", entry=None, local=False), []),
        (of("both/app.py", Dialect.SAM, None, inline=InlineCode("t.yaml", Language.PYTHON, b"")), []),
    ],
)
def test_manifest(function: DeployedFunction, expected: list[str], make: Make) -> None:
    families = dict.fromkeys(["python", "javascript", "java", "csharp"], anything)
    found = Reader(make(FILES), families).read(function)
    assert [each.path for each in found.manifests] == expected
    assert not found.problems
