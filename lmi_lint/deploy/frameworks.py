"""Which code of the project a framework's own Java handler hands its events to."""

from __future__ import annotations

from collections.abc import Iterable

from lmi_lint.discover.found import Target
from lmi_lint.discover.frameworks import FRAMEWORKS, Framework
from lmi_lint.discover.project import Project, language_of
from lmi_lint.index import Index
from lmi_lint.model.names import Language

_OWNERS = (
    ("io.quarkus.", "Quarkus"),
    ("io.micronaut.", "Micronaut"),
    ("org.springframework.", "Spring"),
    ("com.amazonaws.serverless.proxy.", "the serverless Java container"),
)
"""Packages whose handlers serve the routes of an application."""


def owner_of(handler: str) -> str | None:
    """The framework that a handler's class comes with."""
    return next((owner for package, owner in _OWNERS if handler.strip().startswith(package)), None)


def framework_of(index: Index, handler: str) -> Framework | None:
    """The framework whose handler it is, or whose class the handler only extends."""
    found = next((each for each in FRAMEWORKS if each.part in handler), None)
    name = handler.partition("::")[0].strip()
    for path in index.find_type(name) if found is None else ():
        declared = index.thin_class(path, name)
        if declared is not None:
            found = found or next((each for each in FRAMEWORKS if any(base in declared for base in each.bases)), None)
    return found


def named_by(framework: Framework, environment: Iterable[tuple[str, str | None]]) -> str | None:
    """The function that the environment names."""
    variables = {name.upper(): (value or "").strip() for name, value in environment}
    return next((variables[name] for name in framework.variables if variables.get(name)), None)


def target(
    project: Project, index: Index, framework: Framework, name: str | None, root: str
) -> tuple[str, Target] | None:
    """The function of that name below a folder, with its file; without a name the only one that there is."""
    found = [
        (path, each)
        for path in sorted(project.primary)
        if language_of(path) is Language.JAVA and (not root or path.startswith(f"{root}/"))
        for each in index.framework_targets(path)
        if each.part == framework.part and (name is None or name in each.names)
    ]
    return found[0] if len(found) == 1 else None
