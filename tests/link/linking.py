"""Sources → a linked program, and the shorthands in which tests speak of it."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from lmi_lint.deploy.read import read
from lmi_lint.discover import discover
from lmi_lint.link import objects
from lmi_lint.link.link import Linker
from lmi_lint.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lmi_lint.link.heap import Val
    from lmi_lint.link.link import Linked
    from lmi_lint.link.program import Program
    from lmi_lint.link.races import Race
    from lmi_lint.link.record import Access


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files (path → text) below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")


def link_all(folder: Path, files: Mapping[str, str]) -> list[Linked]:
    """Every function of a project made of these files."""
    write(folder, files)
    project = discover([folder], Settings())
    return list(Linker(project).link(read(project).functions))


def link_one(folder: Path, files: Mapping[str, str]) -> Program:
    """The program of the project's only function."""
    (linked,) = link_all(folder, files)
    assert linked.program is not None, linked.problem
    assert not linked.problem
    return linked.program


def races(program: Program) -> list[tuple[str, str]]:
    """Kind and place of each race, sorted."""
    return sorted((race.kind.name, race.access.place_name) for race in program.races)


def serious(program: Program) -> list[tuple[str, str]]:
    """Kind and place of each race that is more than a note, sorted."""
    found = [race for race in program.races if race.severity.rank > 0]
    return sorted((race.kind.name, race.access.place_name) for race in found)


def race(program: Program) -> Race:
    """The only race."""
    (found,) = program.races
    return found


def line_of(program: Program, access: Access | None) -> int:
    """The 1-based line of an access."""
    assert access is not None
    return program.sources[access.path].line_of(access.span.start)


def stored(program: Program, path: str, name: str) -> Val:
    """What a module variable holds once everything has settled."""
    machine = program.machine
    module = machine.modules.module(path)
    assert module is not None
    value = machine.heap.load(objects.module_frame(machine, module), name, None)
    assert value is not None, f"{path} never stores {name}"
    return value


def library_calls(program: Program) -> list[str]:
    """Names of the library calls on the request path, in order."""
    return [call.name for call in program.calls if call.phase.name == "REQUEST"]
