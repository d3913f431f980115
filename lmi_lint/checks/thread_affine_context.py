"""LMI109 thread-affine-context: what belongs to a thread or a flow, left behind, missed, or one for all."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_access, of_call
from lmi_lint.link.program import Program
from lmi_lint.model.finding import Finding, Severity

_WARNING = Severity.WARNING


@rule("LMI109")
def thread_affine_context(program: Program) -> Iterator[Finding]:
    """One finding per place and function."""
    if not program.runtime.shares_memory:
        return
    affinity = program.affinity
    for use in affinity.left():
        message = f"{use.name} keeps data of this invocation for the next one on this thread: nothing removes it"
        yield of_call(
            program, "LMI109", use.call, message, _WARNING, reasons=[use.entry.why], remedy=_remedy(use.entry.instead)
        )
    for use in affinity.missed():
        message = f"{use.name} is read on another thread, which has nothing of what the invocation put there"
        remedy = "Pass the value along to what runs there"
        yield of_call(program, "LMI109", use.call, message, _WARNING, reasons=[use.entry.why], remedy=remedy)
    told: set[object] = set()
    for write, _, gap in affinity.crossing():
        if (write.place, write.context.function) in told or gap is None:
            continue
        told.add((write.place, write.context.function))
        name = write.place_name.removesuffix(".Value")
        message = f"{name} belongs to the thread; after {program.gap_name(gap)} the code may go on in another one"
        yield of_access(program, "LMI109", write, message, _WARNING, reasons=[program.runtime.explanation])
    for read in affinity.made_by_one_thread():
        message = f"{read.place_name} is made by an initialiser, which one thread runs: all others find nothing there"
        yield of_access(program, "LMI109", read, message, _WARNING, reasons=[program.runtime.explanation])
    for use in affinity.leaking():
        message = f"{use.call.name} sets the store for whatever runs next, later invocations too"
        yield of_call(
            program, "LMI109", use.call, message, _WARNING, reasons=[use.entry.why], remedy=_remedy(use.entry.instead)
        )
    for write, held in affinity.one_for_all():
        name = write.place_name.removesuffix(".Value")
        message = f"{name} gives every invocation the same {program.object_name(held)}, which they change"
        yield of_access(program, "LMI109", write, message, _WARNING, reasons=[program.runtime.explanation])


def _remedy(instead: str) -> str:
    return f"Use {instead}" if instead else ""
