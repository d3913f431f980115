"""How much a handler that is not found weighs."""

from __future__ import annotations

from pathlib import Path

import lmi_lint
from lmi_lint.model.finding import Severity

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "rules" / "LMI003"


def severities(folder: Path) -> dict[str, Severity]:
    request = lmi_lint.Request(paths=(folder,), root=folder, min_severity=Severity.NOTE, pedantic=True)
    findings = lmi_lint.run(request).findings
    return {each.message.partition(":")[0]: each.severity for each in findings if each.rule == "LMI003"}


def test_what_a_bundler_has_yet_to_build() -> None:
    assert severities(FIXTURES / "javascript" / "bundled") == {
        "NotBuiltYet": Severity.NOTE,
        "ElsewhereBuilt": Severity.NOTE,
    }


def test_a_handler_that_is_known_only_at_deployment(tmp_path: Path) -> None:
    function = (
        'resource "aws_lambda_function" "%s" {\n  function_name = "%s"\n  role = "r"\n  runtime = "python3.13"\n%s}\n'
    )
    (tmp_path / "main.tf").write_text(
        'variable "entry" {}\n'
        + function % ("later", "later", '  handler = var.entry\n  filename = "src"\n')
        + function % ("never", "never", '  handler = "gone.handler"\n  filename = "src"\n')
        + function % ("scaffold", "scaffold", '  handler = "{{name}}.handler"\n  filename = "src"\n')
        + function % ("blank", "blank", '  handler = "<ASSEMBLY-NAME>::<TYPE>::<METHOD>"\n  filename = "src"\n')
    )
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("def handler(event, context):\n    return event\n")
    assert severities(tmp_path) == {
        "later": Severity.NOTE,
        "never": Severity.WARNING,
        "scaffold": Severity.NOTE,
        "blank": Severity.NOTE,
    }


def test_archives(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_lambda_function" "packed" {\n  function_name = "packed"\n  role = "r"\n'
        '  runtime = "nodejs22.x"\n  handler = "index.handler"\n  filename = "packed.zip"\n}\n'
    )
    (tmp_path / "serverless.yml").write_text(
        "service: s\nprovider: {name: aws, runtime: python3.13}\nfunctions:\n  bucket:\n    handler: gone.handler\n"
        "    package: {artifact: 's3://packages/rotation.zip'}\n  plain: {handler: gone.handler}\n"
    )
    assert severities(tmp_path) == {"packed": Severity.NOTE, "bucket": Severity.NOTE, "plain": Severity.WARNING}


def test_code_that_is_given_or_built_by_the_project_itself(tmp_path: Path) -> None:
    module = tmp_path / "modules" / "function"
    module.mkdir(parents=True)
    (module / "main.tf").write_text(
        'variable "package_path" {}\nvariable "handler" {\n  default = "app.handler"\n}\n'
        'resource "aws_lambda_function" "given" {\n  function_name = "given"\n  role = "r"\n'
        '  runtime = "python3.13"\n  handler = var.handler\n  filename = var.package_path\n}\n'
    )
    for name in ("orders", "users"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text("def handler(event, context):\n    return event\n")
    function = (
        "    Type: AWS::Serverless::Function\n    Properties:\n"
        "      CodeUri: service/\n      Handler: built/main.handler\n      Runtime: nodejs22.x\n"
    )
    (tmp_path / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n"
        f"  Made:\n{function}    Metadata: {{BuildMethod: makefile}}\n  Plain:\n{function}"
    )
    (tmp_path / "service").mkdir()
    (tmp_path / "service" / "start.ts").write_text("export const handler = async () => 1;\n")
    assert severities(tmp_path) == {"given": Severity.NOTE, "Made": Severity.NOTE, "Plain": Severity.WARNING}


def test_power_shell_is_a_language_of_its_own_only_where_nothing_else_is(tmp_path: Path) -> None:
    function = (
        "    Type: AWS::Serverless::Function\n    Properties:\n"
        "      CodeUri: {0}/\n      Handler: {0}::Gone.Function::Run\n      Runtime: dotnet8\n"
    )
    (tmp_path / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n"
        f"  Script:\n{function.format('script')}  Sharp:\n{function.format('sharp')}"
    )
    for name in ("script", "sharp"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "deploy.ps1").write_text("Write-Host 'x'\n")
    (tmp_path / "sharp" / "Other.cs").write_text("public class Other { public void Run(string s) { } }\n")
    assert severities(tmp_path) == {"Sharp": Severity.WARNING}
