"""LMI605 unsupported-runtime: a runtime that managed instances do not run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import DeployedFunction, Deployment
from lmi_lint.model.finding import Finding, Severity

_VERSION: Final = re.compile(r"(?P<name>[a-z]+)(?P<version>\d+(?:\.\d+)*)(?P<rest>\.x|\.al2)?")
_LEAST: Final = {"python": (3, 13), "nodejs": (22,), "java": (21,), "dotnet": (8,)}
_CUSTOM: Final = "provided.al2023"
"""Supported versions: Lambda developer guide, ``lambda-managed-instances-runtimes``; ``and later`` there."""


@function_rule("LMI605")
def unsupported_runtime(function: DeployedFunction, deployment: Deployment) -> Iterator[Finding]:
    """One finding at the runtime; images say nothing of theirs."""
    runtime = function.runtime
    if runtime is None or function.image:
        return
    match = _VERSION.fullmatch(runtime)
    least = _LEAST.get(match["name"]) if match else None
    if match and least is not None:
        if tuple(int(part) for part in match["version"].split(".")) >= least:
            return
        needed = f"{match['name']}{'.'.join(map(str, least))}{match['rest']} or later"
    elif runtime == _CUSTOM:
        return
    else:
        needed = "Java 21, Python 3.13, Node.js 22, .NET 8 or later, or Rust on provided.al2023"
    message = f"{function.name} runs on {runtime}; managed instances need {needed}"
    yield of_setting(function, "LMI605", "runtime", message, Severity.ERROR)
