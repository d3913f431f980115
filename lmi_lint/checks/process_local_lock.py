"""LMI205 process-local-lock: a lock of one process or worker around a file that all of them write."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import rule
from lmi_lint.checks.findings import at_site
from lmi_lint.checks.temp_files import fixed_path
from lmi_lint.link import texts
from lmi_lint.link.context import Held, Site
from lmi_lint.link.locks import taken_at
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.link.temp_writes import Standing
from lmi_lint.model.finding import Finding, Location, Severity

_CHANGES = ("file.write", "file.move", "file.delete")


@rule("LMI205")
def process_local_lock(program: Program) -> Iterator[Finding]:
    """One finding per place that takes such a lock; what is written under it has a finding of its own."""
    if not program.runtime.many_units_per_host:
        return
    taken: dict[Location, tuple[Site, Held, dict[Location, str]]] = {}
    for call in program.calls_of(_CHANGES):
        path = fixed_path(program, call)
        if path is None or program.temp_writes.standing(call, path) not in (Standing.OPEN, Standing.CACHE):
            continue
        for held in sorted(_local(program, call), key=lambda held: held.section):
            site = taken_at(program.machine.contexts.values(), held)
            if site is not None:
                _, _, writes = taken.setdefault(program.location(site), (site, held, {}))
                writes.setdefault(Location(call.path, call.span, "under it"), texts.show(path))
    for site, held, writes in taken.values():
        yield _finding(program, site, held, writes)


def _local(program: Program, call: LibraryCall) -> list[Held]:
    """The locks of the whole process or worker that are held, which are no locks on files."""
    known = {held: program.knowledge.lock(held.lock.type_name) for held in call.held if held.shared}
    return [held for held, entry in known.items() if entry is not None and entry.reach == "environment"]


def _finding(program: Program, site: Site, held: Held, writes: dict[Location, str]) -> Finding:
    unit = program.runtime.unit
    name = program.object_name(held.lock)
    paths = " and ".join(dict.fromkeys(writes.values()))
    message = f"{name} is a lock of this {unit} alone; it does not keep the other ones out of {paths}"
    entry = program.knowledge.type_entry(held.lock.type_name)
    instead = entry.instead if entry is not None else ""
    reasons = [entry.why] if entry is not None and entry.why else []
    return at_site(
        program, "LMI205", site, message, Severity.WARNING, name,
        reasons=(*reasons, program.runtime.explanation), related=tuple(writes),
        remedy=f"Give each invocation a file of its own, or use {instead}" if instead else "",
    )  # fmt: skip
