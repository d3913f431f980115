"""The stage that judges the packages of the functions that were analysed, by what their manifests say."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec import Struct

from lmi_lint.cache import Cache
from lmi_lint.checks.base import AnyRule, DependencyRule
from lmi_lint.checks.run import check_dependencies
from lmi_lint.dependencies.files import Files
from lmi_lint.dependencies.read import read_dependencies
from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.discover import Project
from lmi_lint.knowledge.known import Known
from lmi_lint.knowledge.minimums import Minimums
from lmi_lint.model.finding import Finding, Problem
from lmi_lint.model.source import TextFile


class Packages(Struct, frozen=True):
    """What the manifests of functions say amiss; ``sources``: the files that were read for it."""

    findings: list[Finding]
    errors: list[str]
    problems: tuple[Problem, ...]
    sources: dict[str, TextFile]


def packages_of(
    project: Project, known: Known, cache: Cache, functions: Sequence[DeployedFunction], rules: Sequence[AnyRule]
) -> Packages:
    """What the rules among ``rules`` that ask for packages find; no manifest is read where there are none."""
    asked = [rule for rule in rules if isinstance(rule, DependencyRule)]
    read = [each for each in functions if each.language is not None]
    if not asked or not read:
        return Packages([], [], (), {})
    families = dict.fromkeys(each.language.family for each in read if each.language is not None)
    minimums = {family: Minimums(partial(known.minimums, family, cache)) for family in families}
    files = Files(project)
    wanted = {family: each.__contains__ for family, each in minimums.items()}
    dependencies = read_dependencies(files, read, wanted)
    findings, failed = check_dependencies(read, dependencies, minimums, asked)
    sources = {path: TextFile(path, data) for path, data in sorted(files.read.items())}
    return Packages(findings, [error.message for error in failed], dependencies.problems, sources)
