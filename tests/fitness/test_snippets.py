"""Snippets: what they say is read back as recommended, and other tools take them."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from cfnlint.api import lint as cfn_lint
from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform

import lmi_lint
from lmi_lint.model.finding import Severity
from tests.fitness.projects import ADVICE, PROJECTS, SHARED, deployment, loaded, merge, snippet

if TYPE_CHECKING:
    from pathlib import Path

_SECOND = {
    "serverless": "ordersManaged",
    "terraform": "orders_managed",
    "cdk": "Function",
}
_NAMES = [name for name in PROJECTS if not name.startswith("cdk")]


def _second(name: str) -> str:
    return _SECOND.get(name.partition(",")[0], "OrdersManaged")


@pytest.mark.parametrize("name", PROJECTS)
def test_read_back(name: str, tmp_path: Path) -> None:
    project = PROJECTS[name]
    made = snippet(project, tmp_path)
    merge(project, tmp_path, made)
    found = deployment(tmp_path)
    (second,) = (each for each in found.functions if each.name == _second(name))
    assert second.managed
    assert (second.memory_mb, second.memory_per_vcpu, second.max_concurrency) == (8192, 4, 24)
    assert (second.min_environments, second.max_environments) == (4, 9)
    assert (second.architecture, second.published) == ("arm64", "latest")
    provider = found.provider_of(second)
    assert provider is not None
    assert (provider.architectures, provider.max_vcpus) == (("arm64",), 64 if SHARED in name else ADVICE.max_vcpus)
    assert not [each.oddities for each in (second, provider) if each.oddities]
    (first,) = (each for each in found.functions if each.name == project.function)
    assert not first.managed
    if not name.startswith("terraform"):
        assert (second.handler, second.runtime, second.timeout_s) == (first.handler, first.runtime, 20)
        assert dict(second.environment)["MODE"] == "fast"


@pytest.mark.parametrize("name", PROJECTS)
def test_no_rule_objects(name: str, tmp_path: Path) -> None:
    project = PROJECTS[name]
    merge(project, tmp_path, snippet(project, tmp_path))
    report = lmi_lint.run(lmi_lint.Request(paths=(tmp_path,), root=tmp_path, min_severity=Severity.NOTE))
    assert not report.internal_errors
    found = [(each.rule, each.message) for each in report.findings if each.rule.startswith("LMI6")]
    assert not [each for each in report.findings if each.rule == "LMI001"]
    assert not [each for each in report.findings if each.rule.startswith("LMI6") and each.severity is not Severity.NOTE]
    assert [rule for rule, _ in found] == []


def _cloudformation(name: str) -> bool:
    return name.startswith(("sam", "cloudformation"))


@pytest.mark.parametrize("name", [name for name in PROJECTS if _cloudformation(name)])
def test_cfn_lint_accepts(name: str, tmp_path: Path) -> None:
    project = PROJECTS[name]
    merge(project, tmp_path, snippet(project, tmp_path))
    text = (tmp_path / project.target).read_text(encoding="utf-8")
    # cfn-lint does not know the attributes of AWS::Serverless::CapacityProvider, which CloudFormation's has.
    known = "E1010" if name == "sam, provider" else ""
    assert [str(match) for match in cfn_lint(text, regions=["us-east-1"]) if match.rule.id != known] == []


def test_cfn_lint_would_object(tmp_path: Path) -> None:
    project = PROJECTS["sam"]
    merge(project, tmp_path, snippet(project, tmp_path))
    text = (tmp_path / project.target).read_text(encoding="utf-8")
    assert cfn_lint(text.replace("MemorySize: 8192", "MemorySize: many"), regions=["us-east-1"])


@pytest.mark.parametrize("name", [name for name in PROJECTS if name.startswith("sam")])
def test_sam_translator_accepts(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    project = PROJECTS[name]
    merge(project, tmp_path, snippet(project, tmp_path))
    template = loaded((tmp_path / project.target).read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        if "CodeUri" in resource.get("Properties", {}):
            resource["Properties"]["CodeUri"] = "s3://bucket/key"  # as packaging leaves it
    found = transform(template, {}, ManagedPolicyLoader(None))["Resources"]["OrdersManaged"]
    attached = found["Properties"]["CapacityProviderConfig"]["LambdaManagedInstancesCapacityProviderConfig"]
    assert attached["PerExecutionEnvironmentMaxConcurrency"] == 24
    assert found["Properties"]["PublishToLatestPublished"] is True


TERRAFORM = os.environ.get("TERRAFORM") or shutil.which("terraform") or ""


@pytest.mark.skipif(not TERRAFORM, reason="no terraform on this machine")
@pytest.mark.parametrize("name", [name for name in PROJECTS if name.startswith("terraform")])
def test_terraform_fmt_has_nothing_to_change(name: str, tmp_path: Path) -> None:
    made = snippet(PROJECTS[name], tmp_path)
    command = [TERRAFORM, "fmt", "-check", "-diff", "-no-color", "-"]
    found = subprocess.run(command, input=made.text, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, ""), found.stderr
