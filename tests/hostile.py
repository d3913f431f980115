"""Folders of people who mean no good, for ``test_hostile.py``: one row of docs/design/hostile.md each.

``OUT`` is the way from a folder to what lies outside of the project, ``ABSOLUTE`` the same as an absolute path.
"""

# ruff: noqa: E501  texts that are meant to be odd read better unbroken
from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

PYTHON: Final = "last = None\ndef handler(event, context):\n    open('/tmp/x', 'w').write(event['a'])\n"
SCRIPT: Final = "let last;\nexports.handler = async (event) => { last = event.user; await g(); return last; };\n"
FUNCTION: Final = "{Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: app.handler, WHERE}}\n"
MODULES: Final = ("click", "msgspec", "yaml", "libcst", "tomllib", "selectors", "difflib", "json", "subprocess", "ast")
"""What the command imports after it has begun."""


class Case(Struct, frozen=True):
    """``files``: texts by name; ``make``: what texts cannot say, given the folder and what is outside. ``told``: kinds of
    problems that are reported, by file; no other is."""

    files: Mapping[str, str | bytes] = {}
    told: Mapping[str, str] = {}
    make: Callable[[Path, Path], None] | None = None


def outside(folder: Path) -> None:
    """What no run may open: code, templates and manifests that would be findings or problems if it were read."""
    (folder / "module").mkdir(parents=True)
    names = ("app.py", "evil.py", "module/main.tf", "child.yaml", "config.yml", "package.json", "pom.xml", "Dockerfile")
    more = ("requirements.txt", "tsconfig.json", "lmi-lint.toml", "traffic.toml", "x.props", "evil.js", "secret.txt")
    for name in (*names, *more):
        (folder / name).write_text("CANARY ]] {{ not to be read\n")


def _links(folder: Path, beyond: Path) -> None:
    targets = {
        "app.py": beyond / "app.py", "passwd.py": Path("/etc/passwd"), "folder": beyond, "system": Path("/proc"),
        "template.yaml": beyond / "child.yaml", "package.json": beyond / "package.json", "zero.py": Path("/dev/zero"),
        "dangling.py": Path("nowhere.py"), "loop.py": Path("loop.py"), "up": Path(".."), "fifo.py": folder / "pipe",
    }  # fmt: skip
    for name, target in targets.items():
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "pipe")


def _special(folder: Path, _: Path) -> None:
    for name in ("app.py", "template.yaml", "package.json", ".gitignore"):
        os.mkfifo(folder / name)
    here = Path.cwd()
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(folder)  # the name of a socket is short
        listener.bind("socket.py")
        os.chdir(here)


def _locked(folder: Path, _: Path) -> None:
    (folder / "closed").mkdir()
    (folder / "closed" / "app.py").write_text(PYTHON)
    (folder / "closed").chmod(0)


def _odd(folder: Path, _: Path) -> None:
    for name in ODD_NAMES:
        (folder / f"{name}.js").write_text(SCRIPT)
    (folder / "deeper" / "::error::x").mkdir(parents=True)
    (folder / "deeper" / "::error::x" / "a\r\n::error::b.js").write_text(SCRIPT)
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.js")).write_text(SCRIPT)


ODD_NAMES: Final = (
    "-rf", "--help", "CON", "line\nbreak", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "back\x08\x08\x08", "tab\t",
    "\u202egnp", "zero\u200bwidth", "::error::pwned", "##[error]pwned", "a%0A::error::b", "<img src=x onerror=alert(1)>",
    "[link](javascript:alert(1))", "`rm -rf ~`", "$(id)", "'; DROP TABLE x; --", "&lt;", "name" * 55, "日本語", "e\u0301",
)  # fmt: skip


def _deep(folder: Path, _: Path) -> None:
    place = "/".join(["d"] * 300)
    (folder / place).mkdir(parents=True)
    (folder / place / "app.py").write_text(PYTHON)


def _costly(folder: Path, _: Path) -> None:
    (folder / ".gitignore").write_text("a*" * 40 + "b\n" + "**/a/" * 40 + "b\n/*(a)*(a)*(a)*(a)*(a)*(a)b\nout\n")
    (folder / ("a" * 250)).write_text("")
    (folder / ("(a)" * 80)).write_text("")
    (folder / "/".join("a" * 60)).mkdir(parents=True)
    (folder / "ignored").mkdir()
    (folder / "ignored" / ".gitignore").symlink_to("/dev/zero")


HANDLER: Final = {"app.py": PYTHON}
CASES: Final[Mapping[str, Case]] = {
    "code": Case({
        "template.yaml": "Resources:\n" + "".join(
            f"  F{number}: " + FUNCTION.replace("WHERE", f"CodeUri: '{place}'")
            for number, place in enumerate(("OUT", "ABSOLUTE", "src/../OUT", "file://ABSOLUTE", "//ABSOLUTE"))
        ),
        "plain.yaml": "Resources:\n  G: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13, Handler: "
                      "'OUT/app.handler', Code: 'OUT'}}\n",
    }),
    "include": Case({
        **HANDLER,
        "template.yaml": "Resources:\n  F: " + FUNCTION.replace("WHERE", "CodeUri: .")
        + "  Fn::Transform: {Name: AWS::Include, Parameters: {Location: 'OUT/child.yaml'}}\n"
        + "Outputs:\n  Fn::Transform: {Name: AWS::Include, Parameters: {Location: 'ABSOLUTE/child.yaml'}}\n",
    }),
    "stacks": Case({
        **HANDLER,
        "template.yaml": "Resources:\n  F: " + FUNCTION.replace("WHERE", "CodeUri: .") + "".join(
            f"  S{number}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: '{place}'}}}}\n"
            for number, place in enumerate(("OUT/child.yaml", "ABSOLUTE/child.yaml", "file://ABSOLUTE/child.yaml"))
        ),
    }),
    "serverless": Case({
        **HANDLER,
        "serverless.yml": "service: x\nprovider: {name: aws, runtime: python3.13, environment: "
        "'${file(OUT/config.yml):x}'}\ncustom: '${file(ABSOLUTE/config.yml)}'\nfunctions:\n"
        "  f: {handler: app.handler}\n  g: {handler: 'OUT/app.handler'}\n  h: '${file(OUT/config.yml):h}'\n",
    }, told={"serverless.yml": "template-error"}),
    "terraform": Case({
        "main.tf": 'module "a" {\n  source = "OUT/module"\n}\nmodule "b" {\n  source = "ABSOLUTE/module"\n}\n'
        'data "archive_file" "z" {\n  type = "zip"\n  source_dir = "OUT"\n  output_path = "OUT/x.zip"\n}\n'
        'locals {\n  text = file("OUT/secret.txt")\n  made = templatefile("ABSOLUTE/secret.txt", {})\n'
        '  all = fileset("OUT", "**")\n  sum = filebase64sha256("OUT/secret.txt")\n}\n'
        'resource "aws_lambda_function" "f" {\n  function_name = local.text\n  runtime = "python3.13"\n'
        '  handler = "app.handler"\n  filename = data.archive_file.z.output_path\n}\n'
        'resource "aws_lambda_function" "g" {\n  function_name = "g"\n  runtime = "python3.13"\n'
        '  handler = "app.handler"\n  filename = "ABSOLUTE/app.py"\n}\n',
    }),
    "cdk": Case({
        "cdk.json": '{"app": "node app.js; touch ran", "output": "OUT"}',
        "cdk.out/manifest.json": '{"version": "36.0.0", "artifacts": {}}',
        "cdk.out/S.assets.json": '{"files": {"a": {"source": {"path": "ABSOLUTE", "packaging": "zip"}}}}',
        "cdk.out/S.template.json": '{"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": '
        '{"Runtime": "python3.13", "Handler": "app.handler", "Code": {"S3Bucket": "b", "S3Key": "a.zip"}}, '
        '"Metadata": {"aws:asset:path": "OUT", "aws:asset:property": "Code"}}}}',
        "lib/stack.ts": "import * as cdk from 'aws-cdk-lib';\nimport * as lambda from 'aws-cdk-lib/aws-lambda';\n"
        "import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';\nclass S extends cdk.Stack {\n"
        "  constructor(scope: any, id: string) {\n    super(scope, id);\n    new lambda.Function(this, 'F', { runtime: "
        "lambda.Runtime.PYTHON_3_13, handler: 'app.handler', code: lambda.Code.fromAsset('ABSOLUTE') });\n"
        "    new NodejsFunction(this, 'G', { entry: '../OUT/evil.js' });\n  }\n}\nnew S(new cdk.App(), 'S');\n",
    }),
    "images": Case({
        **HANDLER,
        "template.yaml": "Resources:\n" + "".join(
            f"  I{number}: {{Type: AWS::Serverless::Function, Metadata: {{DockerContext: '{context}', Dockerfile: '{file}'}}, "
            "Properties: {PackageType: Image}}\n"
            for number, (context, file) in enumerate((("OUT", "Dockerfile"), (".", "OUT/Dockerfile"), (".", "Mine")))
        ),
        "Mine": 'FROM public.ecr.aws/lambda/python:3.13\nCOPY OUT/app.py ABSOLUTE/evil.py ./\nCMD ["app.handler"]\n',
    }),
    "scripts": Case({
        "index.js": "const a = require('OUT/evil'); const b = require('ABSOLUTE/evil.js');\nimport '@x/evil';\n" + SCRIPT,
        "tsconfig.json": '{"extends": "OUT/tsconfig.json", "compilerOptions": {"baseUrl": "OUT", "paths": '
        '{"@x/*": ["OUT/*", "ABSOLUTE/*"]}}, "references": [{"path": "OUT"}]}',
        "jsconfig.json": '{"extends": "ABSOLUTE/tsconfig.json"}',
        "package.json": '{"name": "x", "main": "OUT/evil.js", "workspaces": ["OUT/*", "ABSOLUTE/*"], '
        '"imports": {"#x": "OUT/evil.js"}, "dependencies": {"@aws-sdk/client-s3": "file:OUT"}}',
    }),
    "modules": Case({
        "app.py": "from ....outside import evil\nfrom ..outside import app\nimport outside.evil\n" + PYTHON,
        "requirements.txt": "-r OUT/requirements.txt\n-c ABSOLUTE/requirements.txt\n-e OUT\nboto3\n",
        "pyproject.toml": '[project]\nname = "x"\ndynamic = ["dependencies"]\n[tool.setuptools.dynamic]\n'
        'dependencies = {file = ["OUT/requirements.txt"]}\n',
    }),
    "builds": Case({
        "pom.xml": "<project><parent><groupId>a</groupId><artifactId>b</artifactId><version>1</version><relativePath>"
        "OUT/pom.xml</relativePath></parent><modules><module>OUT</module></modules></project>",
        "src/main/java/H.java": "import com.amazonaws.services.lambda.runtime.*;\npublic class H implements "
        "RequestHandler<String, String> { public String handleRequest(String s, Context c) { return s; } }\n",
        "sub/build.gradle": "apply from: 'OUT/evil.gradle'\ndependencies { implementation files('ABSOLUTE/a.jar') }\n",
        "net/F.csproj": '<Project><Import Project="../OUT/x.props"/><ItemGroup><ProjectReference Include="../OUT/F.csproj"'
        "/></ItemGroup></Project>",
        "net/F.cs": "using Amazon.Lambda.Core;\npublic class F { public string Handle(string s, ILambdaContext c) => s; }\n",
    }),
    "sam": Case({
        **HANDLER,
        "samconfig.toml": 'version = 0.1\n[default.deploy.parameters]\ntemplate_file = "OUT/child.yaml"\n'
        'parameter_overrides = "file://ABSOLUTE/secret.txt"\n',
        "template.yaml": "Resources:\n  F: " + FUNCTION.replace("WHERE", "CodeUri: ."),
    }),
    "links": Case({"good.js": SCRIPT}, make=_links),
    "special": Case({"good.js": SCRIPT}, make=_special),
    "locked": Case({"good.js": SCRIPT}, make=_locked),
    "names": Case(make=_odd),
    "nested": Case(make=_deep, told={"/".join(["d"] * 100): "limit"}),
    "ignoring": Case({"good.js": SCRIPT}, make=_costly, told={".gitignore": "limit"}),
    "merge": Case({
        **HANDLER, "template.yaml": "X: &a\n  <<: *a\nY: &b {<<: [*b, *a]}\nResources:\n  F: " + FUNCTION.replace("WHERE", "<<: *a"),
    }, told={"template.yaml": "template-error"}),
    "depth": Case(
        {
            "a.template.json": '{"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": ' + "[" * 50_000,
            "b.yaml": "Resources: {F: {Type: AWS::Lambda::Function, Properties: " + "[" * 50_000,
            "c.yaml": "Resources:\n" + "".join(" " * level + "a:\n" for level in range(1_000)) + "# AWS::Lambda",
            "d.tf": 'resource "aws_lambda_function" "f" { handler = ' + "(" * 50_000, "e.tf.json": '{"locals": ' * 20_000,
            "f.py": "def handler(event, context):\n    return " + "(\n" * 3_000, "serverless.ts": "export default {a: " * 3_000,
            "g.js": "exports.handler = async () => " + "[\n" * 3_000, "h.cs": "class A {\n" * 3_000, "i.java": "class A {\n" * 3_000,
        },
        told={"a.template.json": "template-error", "b.yaml": "template-error", "d.tf": "template-error", "e.tf.json": "template-error"},
    ),
    "lines": Case(
        {
            "a.py": "x = '" + "a" * 10_000_000 + "'\ndef handler(event, context): pass\n", "b.js": "x='" + "a" * 900_000 + "'",
            "template.yaml": "Resources: {F: {Type: AWS::Lambda::Function, Properties: {Description: '" + "a" * 10_000_000,
            "package.json": '{"name": "' + "a" * 10_000_000 + '"}',
        },
        told={"template.yaml": "template-error"},
    ),
    "many": Case({
        "app.py": PYTHON, **{f"a{number}.py": "" for number in range(2_000)},
        "template.yaml": "Resources:\n" + "".join(f"  F{number}: " + FUNCTION.replace("WHERE", "CodeUri: .") for number in range(600)),
    }),
    "encodings": Case({
        "app.py": ("\ufeff" + PYTHON).encode("utf-16"), "b.js": ("\ufeff\ufeff" + SCRIPT).encode(),
        "template.yaml": "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Runtime: python3.13, "
                         "Handler: app.handler}\n".encode("utf-16-le"),
        "other.yaml": b"Resources:\n  G: {Type: AWS::Lambda::Function, Properties: {Handler: \0}\n",
        "nul.py": b"def handler(event, context): pass\n\0", "wide.js": "x = 1".encode("utf-32"),
    }, told={"template.yaml": "binary", "nul.py": "binary"}),
    "comments": Case({
        "app.py": "# lmi-lint: ignore[" + "LMI101," * 600 + "\n" + "# lmi-lint: ignore[LMI101\n" * 5_000
        + PYTHON,
        "b.js": "/* lmi-lint: ignore[" + "\n" * 20_000 + SCRIPT,
    }),
    "shadows": Case({
        "__init__.py": "", "sub/conftest.py": "open('ran', 'w')", "setup.py": "open('ran', 'w')",
        "sub/setup.cfg": "[tool:pytest]\n", "gulpfile.js": "require('fs').writeFileSync('ran', '')",
    }),
}  # fmt: skip


def build(root: Path, beyond: Path) -> None:
    """All folders below ``root``, and what they reach for in ``beyond``."""
    outside(beyond)
    for name, case in CASES.items():
        folder = root / name
        folder.mkdir(parents=True)
        for path, content in case.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                (folder / path).write_bytes(content)
            else:
                (folder / path).write_text(content.replace("OUT", "../../outside").replace("ABSOLUTE", str(beyond)))
        if case.make is not None:
            case.make(folder, beyond)
    mine = root / "lmi_lint"
    mine.mkdir()
    for place in (mine / "__init__.py", mine / "__main__.py", root / "sitecustomize.py", root / "usercustomize.py"):
        place.write_text("open('ran', 'w').close()\nraise SystemExit(77)\n")
