"""LMI305 pool-per-process: every process keeps a pool of its own, of which one invocation at a time uses it."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import of_call
from lmi_lint.deploy.size import environment_size
from lmi_lint.facts import model as f
from lmi_lint.link.heap import Phase
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.model.finding import Finding, Severity


@rule("LMI305")
def pool_per_process(program: Program) -> Iterator[Finding]:
    """One finding per pool of more than one connection that outlives the invocation."""
    if program.runtime.shares_memory:
        return
    for call in program.calls_of(("pool.open",)):
        lasting = call.phase is Phase.LOAD or program.lasting.fills_shared_place(call)
        connections = _connections(program, call) if lasting else None
        if connections is None or connections < 2:
            continue
        size = environment_size(program.deployed, program.runtime)
        message = (
            f"{call.name} lets each process hold {connections} connections, of which one invocation uses few: "
            f"{size.concurrency} processes can come to {connections * size.concurrency} for each environment"
        )
        reasons = (f"invocations: {size}", program.runtime.explanation)
        remedy = call.entry.instead if call.entry is not None else ""
        yield of_call(program, "LMI305", call, message, Severity.NOTE, reasons=reasons, remedy=remedy)


def _connections(program: Program, call: LibraryCall) -> int | None:
    """The most connections that the pool holds, where the arguments and the library's defaults say so."""
    event = call.context.function.facts.events[call.event]
    if call.entry is None or not call.entry.sizes or not isinstance(event, f.Call):
        return None
    if any(program.role_of(obj) == "unpooled" for arg in call.args for obj in arg.objects()):
        return None
    given: dict[str, f.Operand] = {}
    for position, argument in enumerate(event.args):
        if argument.spread:
            return None
        given[argument.name or f"arg{position}"] = argument.value
    total = 0
    for option, default in call.entry.sizes.items():
        value = given[option].const if option in given else default
        if not isinstance(value, int):
            return None
        total += value
    return total
