"""``lmi-lint debug``: what a stage makes of one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lmi_lint.discover import discover
from lmi_lint.errors import UsageError
from lmi_lint.frontends import frontend
from lmi_lint.model.finding import Problem
from lmi_lint.settings import Settings

if TYPE_CHECKING:
    from lmi_lint.discover import Project
    from lmi_lint.link.link import Linked
    from lmi_lint.model.source import SourceFile


def show_stage(stage: str, path: Path) -> str:
    """The text of one stage for a source file: ``ir`` and ``facts`` of the file alone, ``heap`` and ``summary`` of each
    function whose handler is in it. UsageError for a file that has none."""
    if not path.is_file():
        raise UsageError(f"{path}: not a file", "name one source file")
    project = discover([path], Settings())
    relative = path.resolve().relative_to(project.root).as_posix()
    source = _source(project, path, relative)
    if stage in ("heap", "summary"):
        return _show_linked(stage, project, path, relative)
    module = frontend(source.language).lower(source)
    if stage == "ir":
        from lmi_lint.ir.show import show

        return show(module)
    from lmi_lint.facts.extract import extract
    from lmi_lint.facts.show import show as show_facts

    return show_facts(extract(module, len(source.line_starts)))


def _source(project: Project, path: Path, relative: str) -> SourceFile:
    try:
        source = project.load(relative)
    except KeyError as error:
        raise UsageError(f"{path}: not a source file that lmi-lint knows") from error
    if isinstance(source, Problem):
        raise UsageError(f"{path}: {source.kind}: {source.message}")
    return source


def _show_linked(stage: str, project: Project, path: Path, relative: str) -> str:
    """The programs of the handlers in a file, one after another."""
    from lmi_lint.deploy.read import read
    from lmi_lint.link.link import Linker

    functions = [f for f in read(project).functions if f.entry is not None and f.entry.path == relative]
    if not functions:
        raise UsageError(f"{path}: holds no handler", "name a handler's file; lmi-lint functions lists them")
    return "\n".join(_show(stage, linked) for linked in Linker(project).link(tuple(functions)))


def _show(stage: str, linked: Linked) -> str:
    from lmi_lint.link.show import show_heap, show_summary

    if linked.program is None:
        return f"function {linked.function.name}\nproblem: {linked.problem}\n"
    return show_heap(linked.program) if stage == "heap" else show_summary(linked.program)
