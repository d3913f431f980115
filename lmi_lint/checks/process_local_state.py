"""LMI702 process-local-state: a counter, a limiter or a list of what was seen that counts one process alone."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_access
from lmi_lint.facts import model as f
from lmi_lint.link.heap import Kind, Obj
from lmi_lint.link.program import Program
from lmi_lint.link.record import Access, Mode
from lmi_lint.model.finding import Finding, Severity

_COLLECTIONS = frozenset({"set", "list", "collections.deque"})


@rule("LMI702")
def process_local_state(program: Program) -> Iterator[Finding]:
    """One finding per place and function."""
    if program.runtime.shares_memory:
        return
    told: set[tuple[object, object]] = set()
    for access in program.accesses:
        what = _counts(program, access) or _remembers(program, access)
        if what and (access.place, access.context.function) not in told:
            told.add((access.place, access.context.function))
            message = f"{access.place_name} {what} this process alone; other processes have their own"
            reasons = (program.runtime.explanation,)
            yield of_access(program, "LMI702", access, message, Severity.NOTE, reasons=reasons)


def _counts(program: Program, access: Access) -> str:
    """A number that each invocation changes and that decides something or is shown."""
    if access.mode is not Mode.WRITE or access.index is not None or access.value.refs:
        return ""
    reads = [a for a in program.accesses if a.place == access.place and a.mode is Mode.READ]
    updates = any(read.read_id in access.value.reads for read in reads)
    shown = any(read.read_id in program.outcome_reads for read in reads)
    return "adds up for" if updates and shown else ""


def _remembers(program: Program, access: Access) -> str:
    """A collection of what invocations brought, which is looked at before it is added to."""
    if access.mode is not Mode.ADD or not _is_collection(access.obj) or not _tested_first(access):
        return ""
    if program.invocation_data(access.value):
        return "remembers for"
    times = any(getattr(part, "kind", "") == "unique" for text in access.value.texts for part in text)
    return "limits" if times else ""


def _is_collection(obj: Obj) -> bool:
    return (obj.kind is Kind.OBJECT and obj.klass is None) or obj.type_name in _COLLECTIONS


def _tested_first(access: Access) -> bool:
    """Whether a test of the collection decides that it is added to."""
    events = access.context.function.facts.events
    results = access.context.results
    for source in events[access.event].guards:
        tested = [results[source]] if source >= 0 else []
        fact = events[source] if source >= 0 else None
        if isinstance(fact, f.Call):
            tested += [results[s] for arg in fact.args for s in arg.value.sources if s >= 0]
        if any(access.obj in value.objects() for value in tested):
            return True
    return False
