"""LMI701 process-memory: what every process loads for itself, against the memory of the environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from lmi_lint.checks.base import rule
from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.deploy.size import EnvironmentSize, environment_size
from lmi_lint.knowledge.model import FootprintEntry
from lmi_lint.link.heap import Phase
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.model.finding import Confidence, Finding, Location, Severity
from lmi_lint.model.names import RuleId
from lmi_lint.model.runtime import RuntimeModel
from lmi_lint.model.source import Span

_LEAST_MB: Final = 128
"""The smallest memory of a plain function: a process with less has no room for what ran there."""


def small_share(function: DeployedFunction, runtime: RuntimeModel) -> Iterator[Finding]:
    """The memory that the configuration leaves to each process, judged without any source."""
    if runtime.shares_memory or not function.managed:
        return
    size = environment_size(function, runtime)
    if not size.set_up or size.memory_mb >= _LEAST_MB * size.concurrency:
        return
    where = dict(function.locations)
    at = where.get("max_concurrency") or where.get("memory_mb") or function.location
    if at is None:
        return
    share = size.memory_mb // size.concurrency
    message = f"{size.concurrency} processes share {size.memory_mb} MB, which leaves {share} MB to each"
    yield _finding(function, runtime, at, message, Severity.WARNING, Confidence.HIGH, size)


@rule("LMI701", without_source=small_share)
def process_memory(program: Program) -> Iterator[Finding]:
    """One finding per function, at the largest thing that each of its processes loads."""
    function, runtime = program.deployed, program.runtime
    if runtime.shares_memory:
        return
    by_configuration = list(small_share(function, runtime))
    if by_configuration:
        yield from by_configuration
        return
    packages = heavy_packages(program)
    loads = _loads(program)
    if not (packages or loads):
        return
    size = environment_size(function, runtime)
    total = sum(package.entry.mib for package in packages)
    too_much = total * size.concurrency > size.memory_mb
    if not (loads or too_much):
        return
    places = [program.location((call.context, call.event), f"keeps what {call.name} loads") for call in loads]
    places += [package.location for package in packages]
    share = size.memory_mb // size.concurrency
    message = f"each of {size.concurrency} processes {places[0].message}: {share} MB is the share of each"
    if too_much:
        message += f", the packages that it imports take {total} MB already"
    severity = Severity.WARNING if size.set_up and too_much else Severity.NOTE
    trace = program.trace(loads[0].context) if loads else ()
    finding = _finding(function, runtime, places[0], message, severity, program.confidence(), size)
    yield msgspec.structs.replace(finding, related=tuple(places[1:]), trace=trace)


def _finding(
    function: DeployedFunction,
    runtime: RuntimeModel,
    at: Location,
    message: str,
    severity: Severity,
    confidence: Confidence,
    size: EnvironmentSize,
) -> Finding:
    return Finding(
        rule=RuleId("LMI701"),
        message=message,
        severity=severity,
        confidence=confidence,
        location=Location(at.path, at.span, "here"),
        reasons=(f"invocations: {size}", runtime.explanation),
        subject=f"{function.name}:memory",
        handlers=(function.key,),
    )


class HeavyPackage(Struct, frozen=True):
    """A package that takes much memory, and the import that brings it."""

    entry: FootprintEntry
    location: Location


def heavy_packages(program: Program) -> list[HeavyPackage]:
    """The packages of note that the function's modules import, the largest first."""
    imports: dict[str, Location] = {}
    for module in {context.function.module: None for context in program.machine.contexts.values()}:
        for each in module.facts.imports:
            at = Location(module.path, Span(each.start, each.end))
            for name in (each.module, f"{each.module}.{each.name}" if each.name else ""):
                if name:
                    imports.setdefault(name, at)
    found = []
    for entry in program.knowledge.footprints(imports).values():
        at = next(at for name, at in imports.items() if f"{name}.".startswith(f"{entry.name}."))
        found.append(HeavyPackage(entry, Location(at.path, at.span, f"imports {entry.name} ({entry.mib} MB)")))
    return sorted(found, key=lambda package: -package.entry.mib)


def _loads(program: Program) -> list[LibraryCall]:
    """The calls that load large objects, where these stay in memory."""
    return [
        call
        for call in program.index.known
        if call.entry is not None
        and call.entry.resident
        and (call.phase is Phase.LOAD or program.lasting.fills_shared_place(call))
    ]
