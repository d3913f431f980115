"""LMI202 weak-temp-name: a path under the temporary directory varies, but two invocations can come to the same."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.checks.temp_files import Use, changes, uses
from lmi_lint.link import texts
from lmi_lint.link.heap import Gap, Phase
from lmi_lint.link.program import Program
from lmi_lint.link.temp_paths import PathKind
from lmi_lint.link.temp_writes import Standing
from lmi_lint.model.finding import Finding, Severity

_WEAK = (PathKind.BASE, PathKind.WEAK, PathKind.REQUEST)
# Ids that the sender of an event makes unique: API Gateway, SQS, SNS, S3, Kinesis, custom resources.
_UNIQUE_MEMBERS = frozenset(
    "requestid request_id extendedrequestid messageid message_id eventid event_id sequencenumber invocationid"
    " invocation_id executionid execution_id uuid guid".split()
)


@rule("LMI202")
def weak_temp_name(program: Program) -> Iterator[Finding]:
    """One finding per call of the request path."""
    found = [use for use in uses(program, _WEAK) if use.call.phase is Phase.REQUEST and not _names_itself(use)]
    found = [use for use in found if use.is_look or use.standing(program) is Standing.OPEN]
    for use, related in changes(program, found):
        few = _of_a_few(program, use)
        quiet = (use.kind is PathKind.REQUEST and not few) or use.role == "file.mkdir" or use.published
        yield of_call(
            program, "LMI202", use.call, _message(use, few=few), Severity.NOTE if quiet else Severity.WARNING,
            reasons=(program.runtime.explanation,), related=related, confidence=use.confidence(program),
        )  # fmt: skip


def _names_itself(use: Use) -> bool:
    """Whether an id of the event is in the path."""
    return use.kind is PathKind.REQUEST and any(origin[-1].lower() in _UNIQUE_MEMBERS for origin in use.value.data)


def _of_a_few(program: Program, use: Use) -> bool:
    """Whether all data of the invocation in the path is known to have few values: a region, a stage, a stack."""
    few = [any(program.knowledge.member_values(name) == "few" for name in origin[1:]) for origin in use.value.data]
    return use.kind is PathKind.REQUEST and bool(few) and all(few)


def _message(use: Use, *, few: bool) -> str:
    path = texts.show(use.text)
    if few:
        return f"{path} is named by data of the invocation that has few values; two that run at once share the file"
    if use.kind is PathKind.BASE:
        return f"{path} takes the last part of a path from the invocation; two invocations can have the same"
    if use.kind is PathKind.REQUEST:
        return f"{path} is named by data of the invocation; two that run at once with the same data share the file"
    reaches = {part.reach for part in use.text if isinstance(part, Gap) and part.kind == "unique"}
    if "second" in reaches:
        return f"{path} differs by a time or a small number alone; invocations that run at once can get the same"
    return f"{path} differs by the number of the process alone, which serves several invocations at once"
