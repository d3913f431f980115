"""Functions of a project, for commands that need its configuration alone."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from lmi_lint.commands.costing import listed
from lmi_lint.commands.output import complain

if TYPE_CHECKING:
    from lmi_lint.deploy.model import DeployedFunction, Deployment

_MOST_NAMES: Final = 8


NO_CACHE: Final = click.option("--no-cache", is_flag=True, help="Neither use nor keep what was read before.")


class Configured(NamedTuple):
    """What a project's configuration says. ``functions``: the deployed ones that were asked for; ``traffic``: the file
    that the settings name."""

    deployment: Deployment
    functions: tuple[DeployedFunction, ...]
    traffic: Path | None


def deployed_functions(paths: tuple[Path, ...], patterns: tuple[str, ...], *, no_cache: bool) -> Configured:
    """The configuration of a project, and its deployed functions with names like one of ``patterns`` (all if none).

    Problems of reading are said on standard error. UsageError for a path that is not there, a pattern that no function
    matches, or a project without functions.
    """
    from lmi_lint.deploy.model import Provenance
    from lmi_lint.errors import UsageError
    from lmi_lint.pipeline.run import configuration
    from lmi_lint.request import Request

    settings, deployment = configuration(Request(paths=checked(paths), cache=not no_cache))
    for problem in deployment.problems:
        complain(f"warning: {problem.message}")
    found = [each for each in deployment.functions if each.provenance is Provenance.DEPLOYED and not each.edge]
    if not found:
        raise UsageError(
            f"no deployed Lambda functions found in {', '.join(map(str, paths)) or 'this folder'}",
            "a template has to name them; for one function without any: lmi-lint cost --requests … --duration …",
        )
    names = matching("--functions", patterns, [each.name for each in found]) if patterns else None
    functions = tuple(each for each in found if names is None or each.name in names)
    return Configured(deployment, functions, settings.traffic)


def checked(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """The paths given, the current folder if there are none. UsageError for one that is not there."""
    from lmi_lint.errors import UsageError

    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder", "check the spelling of the path")
    return paths or (Path(),)


def matching(option: str, patterns: tuple[str, ...], names: Iterable[str]) -> frozenset[str]:
    """Those of the functions' names that an option's patterns mean. UsageError if a pattern means none."""
    from fnmatch import fnmatchcase

    from lmi_lint.errors import UsageError

    known = sorted(set(names))
    chosen: set[str] = set()
    for pattern in listed(patterns):
        found = [name for name in known if fnmatchcase(name, pattern)]
        if not found:
            shown = [*known[:_MOST_NAMES], *(["…"] if len(known) > _MOST_NAMES else [])]
            raise UsageError(f"{option} {pattern}: no function is called so", f"there are: {', '.join(shown)}")
        chosen.update(found)
    return frozenset(chosen)
