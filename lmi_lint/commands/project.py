"""Functions of a project, for commands that need its configuration alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lmi_lint.commands.output import complain

if TYPE_CHECKING:
    from lmi_lint.deploy.model import DeployedFunction, Deployment


def deployed_functions(
    paths: tuple[Path, ...], patterns: tuple[str, ...]
) -> tuple[Deployment, tuple[DeployedFunction, ...]]:
    """The configuration of a project, and its deployed functions with names like one of ``patterns`` (all if none).

    Problems of reading are said on standard error. UsageError for a path that is not there, a pattern that no function
    matches, or a project without functions.
    """
    from fnmatch import fnmatchcase

    from lmi_lint.deploy.model import Provenance
    from lmi_lint.errors import UsageError
    from lmi_lint.pipeline import configuration
    from lmi_lint.request import Request

    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder", "check the spelling of the path")
    deployment = configuration(Request(paths=paths or (Path(),)))
    for problem in deployment.problems:
        complain(f"warning: {problem.message}")
    found = [each for each in deployment.functions if each.provenance is Provenance.DEPLOYED and not each.edge]
    if not found:
        raise UsageError(
            f"no deployed Lambda functions found in {', '.join(map(str, paths)) or 'this folder'}",
            "a template has to name them; for one function without any: lmi-lint cost --requests … --duration …",
        )
    wanted = [part.strip() for text in patterns for part in text.split(",") if part.strip()]
    for pattern in wanted:
        if not any(fnmatchcase(each.name, pattern) for each in found):
            names = ", ".join(sorted({each.name for each in found})[:8])
            raise UsageError(f"--functions {pattern}: no function is called so", f"there are: {names}")
    chosen = [each for each in found if not wanted or any(fnmatchcase(each.name, pattern) for pattern in wanted)]
    return deployment, tuple(chosen)
