"""``lmi-lint debug``: what a stage makes of one file."""

from __future__ import annotations

from pathlib import Path

from lmi_lint.discover import discover
from lmi_lint.errors import UsageError
from lmi_lint.frontends import frontend, supported
from lmi_lint.model.finding import Problem
from lmi_lint.settings import Settings


def show_stage(stage: str, path: Path) -> str:
    """The text of ``ir`` or ``facts`` for a source file. UsageError if there is none."""
    if not path.is_file():
        raise UsageError(f"{path}: not a file", "name one source file")
    project = discover([path], Settings())
    relative = path.resolve().relative_to(project.root).as_posix()
    try:
        source = project.load(relative)
    except KeyError as error:
        raise UsageError(f"{path}: not a source file that lmi-lint knows") from error
    if isinstance(source, Problem):
        raise UsageError(f"{path}: {source.kind}: {source.message}")
    if not supported(source.language):
        raise UsageError(f"{path}: {source.language.value} has no front-end yet")
    module = frontend(source.language).lower(source)
    if stage == "ir":
        from lmi_lint.ir.show import show

        return show(module)
    from lmi_lint.facts.extract import extract
    from lmi_lint.facts.show import show as show_facts

    return show_facts(extract(module, len(source.line_starts)))
