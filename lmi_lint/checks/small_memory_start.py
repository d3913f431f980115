"""LMI636 small-memory-start: the smallest environment, most of which is taken before the first invocation."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.deployment.findings import of_setting
from lmi_lint.checks.process_memory import heavy_packages
from lmi_lint.deploy.size import MINIMUM_MB, environment_size
from lmi_lint.link.program import Program
from lmi_lint.model.finding import Finding, Severity


@rule("LMI636")
def small_memory_start(program: Program) -> Iterator[Finding]:
    """One finding at the memory setting where imports take more than half of it; LMI701 says where they take all."""
    function, runtime = program.deployed, program.runtime
    if runtime.shares_memory or not function.managed or function.memory_mb != MINIMUM_MB:
        return
    size = environment_size(function, runtime)
    packages = heavy_packages(program)
    total = sum(package.entry.mib for package in packages) * size.concurrency
    if size.memory_mb // 2 < total <= size.memory_mb:
        names = ", ".join(package.entry.name for package in packages)
        message = (
            f"{function.name} starts in {size.memory_mb} MB, of which {names} take {total} MB in "
            f"{size.concurrency} processes before the first invocation"
        )
        related = tuple(package.location for package in packages)
        yield of_setting(function, "LMI636", "memory_mb", message, Severity.NOTE, related=related)
