"""Comments of configuration files silence findings as those of sources do."""

from __future__ import annotations

from pathlib import Path

import pytest

import lmi_lint
from lmi_lint.deploy.comments import template_comments
from lmi_lint.model.source import TextFile

TEMPLATE = """\
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: "exports.handler = async () => 1"}
      Runtime: nodejs22.x
      Handler: index.handler
      MemorySize: 512%s
      CapacityProviderConfig:
        LambdaManagedInstancesCapacityProviderConfig: {CapacityProviderArn: arn}
"""


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("t.yaml", "A: 1 # lmi: ignore[LMI601] for now\r\n", [("# lmi: ignore[LMI601] for now", False)]),
        ("t.yml", "  # lmi: ignore-file[LMI6]\nA: 1\n", [("# lmi: ignore-file[LMI6]", True)]),
        ("main.tf", "x = 1 // lmi: ignore[LMI601]\n", [("// lmi: ignore[LMI601]", False)]),
        ("t.yaml", "A: 1 // lmi: ignore[LMI601]\n", []),
        ("t.json", '{"A": "# lmi: ignore[LMI601]"}\n', []),
        ("t.yaml", "A: b#lmi: ignore[LMI601]\n", []),
    ],
)
def test_comments(path: str, text: str, found: list[tuple[str, bool]]) -> None:
    comments = template_comments(TextFile(path, text.encode()))
    assert [(comment.text, comment.own_line) for comment in comments] == found
    assert all(text.encode()[comment.start : comment.end].decode() == comment.text for comment in comments)


def rules_found(folder: Path, text: str, *, as_if_managed: bool = False) -> list[str]:
    (folder / "template.yaml").write_text(text)
    report = lmi_lint.run(lmi_lint.Request(paths=(folder,), root=folder, as_if_managed=as_if_managed))
    return sorted(str(finding.rule) for finding in report.findings)


def test_a_comment_silences_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    assert rules_found(tmp_path, TEMPLATE % "") == ["LMI601"]
    assert rules_found(tmp_path, TEMPLATE % " # lmi: ignore[LMI601] raised with the move") == []
    assert rules_found(tmp_path, TEMPLATE % " # lmi: ignore[LMI104]") == ["LMI002", "LMI601"]
    assert rules_found(tmp_path, (TEMPLATE % "").replace("512", "2048") + "# lmi: ignore-file[LMI601]\n") == ["LMI002"]


def test_plain_functions_are_judged_on_request_only(tmp_path: Path) -> None:
    plain = (TEMPLATE % "").split("      CapacityProviderConfig")[0]
    assert rules_found(tmp_path, plain) == []
    assert rules_found(tmp_path, plain, as_if_managed=True) == ["LMI601"]
