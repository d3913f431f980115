"""LMI206 temp-file-left-behind: a file of the invocation's own that nothing removes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.checks.temp_files import VERBS, fixed_path
from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.link import texts
from lmi_lint.link.leftovers import Leftovers
from lmi_lint.link.program import Program
from lmi_lint.model.finding import Finding, Severity


@rule("LMI206")
def temp_file_left_behind(program: Program) -> Iterator[Finding]:
    """One finding per file or folder, where it is made."""
    worse = {(call.path, call.span) for call in program.calls_of(VERBS) if fixed_path(program, call) is not None}
    for left in Leftovers(program).all():
        if (left.call.path, left.call.span) in worse:
            continue  # a helper that writes files of fixed names too: LMI201
        what = re.sub("…+", "…", texts.show(left.text)) if left.named else f"what {left.call.name} makes"
        message = f"{what} is new in every invocation and never removed; {_amount(program.deployed)}"
        yield of_call(program, "LMI206", left.call, message, Severity.NOTE)


def _amount(deployed: DeployedFunction) -> str:
    """How much it can come to, as far as the deployment says."""
    space, concurrency = deployed.ephemeral_mb, deployed.max_concurrency
    if space is None and concurrency is None:
        return "how soon that fills the disk is not known here: neither its size nor the concurrency is set"
    if space is None:
        return f"up to {concurrency} invocations at once each leave one; the size of the disk is not set here"
    if concurrency is None:
        return f"it can come to the {space} MB of ephemeral storage, which all invocations share"
    return f"it can come to the {space} MB of ephemeral storage, which up to {concurrency} invocations share at once"
