"""What stands between a function and *ready*, and what keeps it from managed instances for good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from lmi_lint.catalog.page import Page
from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.fitness.model import Judged
from lmi_lint.model.finding import Finding, Severity
from lmi_lint.model.names import RuleId
from lmi_lint.model.runtime import EXECUTABLES, RUNTIMES
from lmi_lint.model.verdict import Verdict

RUNTIME: Final = RuleId("LMI605")
_EVENTS: Final = RuleId("LMI628")
MENDED_FIRST: Final = frozenset({RUNTIME, _EVENTS})
"""Rules on configuration that a second function beside the first does not settle: what it runs or is fed by has to
change."""
_DEPLOYMENT: Final = "deployment"
_PROVIDED: Final = "provided"
_FAMILIES: Final = tuple({model.min_version.rstrip("0123456789.x") for model in RUNTIMES.values()})
"""Runtimes of which managed instances run a version, under any of its names: ``nodejs4.3-edge``, ``dotnetcore3.1``."""


def obstacles(judged: Judged, pages: Mapping[RuleId, Page]) -> tuple[str, ...]:
    """One line for each rule on the code, errors first, with counts; then one for each setting that has to change."""
    found = list(_of_code(judged, pages))
    if judged.verdict is Verdict.NOT_ANALYSED:
        found.insert(0, f"not analysed: {judged.problem or 'its code could not be analysed to the end'}")
    settings = sorted(_telling(judged.settings), key=lambda each: -each.severity.rank)
    return tuple(dict.fromkeys([*found, *(f"{_title(each.rule, pages)}: {each.message}" for each in settings)]))


def _of_code(judged: Judged, pages: Mapping[RuleId, Page]) -> Iterator[str]:
    told = {each.rule for each in judged.settings}
    counts = Counter((each.rule, each.severity) for each in _telling(judged.findings) if each.rule not in told)
    for (rule, severity), number in sorted(counts.items(), key=lambda item: (-item[0][1].rank, item[0][0])):
        yield f"{_title(rule, pages)}: {number} {severity.value}{'s' if number > 1 else ''}"


def _telling(findings: Iterable[Finding]) -> Iterator[Finding]:
    return (each for each in findings if each.severity is not Severity.NOTE)


def _title(rule: RuleId, pages: Mapping[RuleId, Page]) -> str:
    page = pages.get(rule)
    return f"{rule} {page.name}" if page is not None else str(rule)


def impossible(judged: Judged) -> str:
    """Why managed instances never run a function; empty if they may."""
    function = judged.function
    if function.edge:
        return "CloudFront runs it (Lambda@Edge), which is never on managed instances"
    language = function.custom_runtime
    if language and language not in EXECUTABLES:
        return f"it is an executable written in {language.capitalize()}; of those managed instances run only Rust"
    unsupported = any(each.rule == RUNTIME for each in judged.settings)
    if unsupported and not _has_successor(function):
        return f"managed instances do not run {function.runtime}, nor any later version of it"
    return ""


def _has_successor(function: DeployedFunction) -> bool:
    """Whether a later version of its runtime is supported."""
    runtime = function.runtime or ""
    if runtime.startswith(_PROVIDED):
        # What the executable is written in is often not known; Rust's may run there.
        return function.custom_runtime is None or function.custom_runtime in EXECUTABLES
    return runtime.startswith(_FAMILIES)
