"""LMI605 unsupported-runtime: a runtime that managed instances do not run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lmi_lint.checks.base import function_rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.model.finding import Finding, Severity
from lmi_lint.model.managed import supported

_ANY: Final = "Java 21, Python 3.13, Node.js 22, .NET 8 or later, or Rust on provided.al2023"


@function_rule("LMI605")
def unsupported_runtime(function: DeployedFunction, provider: CapacityProvider | None) -> Iterator[Finding]:
    """One finding at the runtime; images say nothing of theirs."""
    runtime = function.runtime
    if runtime is None or function.image:
        return
    needed = supported(runtime)
    if needed == runtime:
        return
    wanted = f"{needed} or later" if needed is not None else _ANY
    message = f"{function.name} runs on {runtime}; managed instances need {wanted}"
    yield of_setting(function, "LMI605", "runtime", message, Severity.ERROR)
