"""The stage that judges functions by their settings and packages, one after another; it asks for no program."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial

from lmi_lint.cache import Cache
from lmi_lint.checks import discover_beside
from lmi_lint.checks.base import DependencyRule, Packages
from lmi_lint.checks.run import check_packages, check_providers, check_settings
from lmi_lint.dependencies.files import Files
from lmi_lint.dependencies.model import Dependencies
from lmi_lint.dependencies.read import Reader
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Provenance
from lmi_lint.discover import Project
from lmi_lint.knowledge.known import Known
from lmi_lint.knowledge.layers import ContentEntry, contents
from lmi_lint.knowledge.minimums import Minimums
from lmi_lint.model.finding import Finding
from lmi_lint.model.names import Language
from lmi_lint.pipeline.settled import Asked, OfFunction


class Settler:
    """Finds what is amiss beside programs. No manifest is read where no rule that was selected asks for packages."""

    def __init__(self, asked: Asked, project: Project, known: Known, cache: Cache) -> None:
        self._asked = asked
        self._rules = discover_beside()
        self._chosen = [rule for rule in self._rules if rule.id in asked.rules]
        self._of_packages = any(isinstance(rule, DependencyRule) for rule in self._chosen)
        families = dict.fromkeys(language.family for language in Language)
        self._minimums = {family: Minimums(partial(known.minimums, family, cache)) for family in families}
        wanted = {family: each.__contains__ for family, each in self._minimums.items()}
        self._reader = Reader(Files(project), wanted)

    def of_function(
        self, function: DeployedFunction, provider: CapacityProvider | None, *, analysed: bool
    ) -> OfFunction:
        """What is amiss with one function; with its packages if its code was analysed."""
        asked = self._asked
        settings: list[Finding] = []
        moved: list[Finding] = []
        packages: list[Finding] = []
        errors: list[str] = []
        moved_errors: list[str] = []
        if function.provenance is Provenance.DEPLOYED and not function.edge:
            if function.managed or asked.as_if_managed:
                settings, failed = check_settings(function, provider, self._chosen)
                errors += (error.message for error in failed)
            if asked.moved:
                moved, failed = check_settings(function, provider, self._rules)
                moved_errors += (error.message for error in failed)
        dependencies = Dependencies()
        if analysed and function.language is not None and self._of_packages:
            dependencies = self._reader.read(function)
            packages, failed = check_packages(function, self._packages(function, dependencies), self._chosen)
            errors += (error.message for error in failed)
        return OfFunction(
            tuple(settings),
            tuple(moved),
            tuple(packages),
            dependencies.problems,
            dependencies.read,
            tuple(errors),
            tuple(moved_errors),
        )

    def _packages(self, function: DeployedFunction, dependencies: Dependencies) -> Packages:
        known = self._contents if function.layers else {}
        family = function.language.family if function.language is not None else ""
        return Packages(dependencies.manifests, self._minimums[family], dependencies.extensions, known)

    @cached_property
    def _contents(self) -> Mapping[str, ContentEntry]:
        return contents()

    def of_providers(self) -> OfFunction:
        """What is amiss with all capacity providers."""
        deployment = self._asked.deployment
        settings, failed = check_providers(deployment, self._chosen)
        moved, failed_moved = check_providers(deployment, self._rules) if self._asked.moved else ([], [])
        return OfFunction(
            tuple(settings),
            tuple(moved),
            errors=tuple(error.message for error in failed),
            moved_errors=tuple(error.message for error in failed_moved),
        )
