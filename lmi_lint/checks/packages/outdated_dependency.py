"""LMI501 outdated-dependency: a package older than the first version that works on managed instances."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.checks.base import Packages, dependency_rule
from lmi_lint.checks.plain import here, plain_finding
from lmi_lint.dependencies.model import Dependency, Scheme
from lmi_lint.dependencies.versions import outdated
from lmi_lint.deploy.model import DeployedFunction, Provenance
from lmi_lint.knowledge.layers import name_and_version
from lmi_lint.knowledge.model import MinimumEntry
from lmi_lint.model.finding import Confidence, Finding, Location, Severity


@dependency_rule("LMI501")
def outdated_dependency(function: DeployedFunction, packages: Packages) -> Iterator[Finding]:
    """One finding per manifest and product, at the first of its packages that is too old, and one per layer."""
    yield from _of_layers(function, packages)
    dialect = function.dialect.value if function.dialect is not None else ""
    for manifest in packages.manifests:
        old: dict[str, list[tuple[Dependency, MinimumEntry]]] = {}
        for dependency in manifest.dependencies:
            entry = packages.minimums.of(dependency.name)
            if entry is None or dialect in entry.left_out_by:
                continue
            if outdated(dependency, entry.version):
                old.setdefault(entry.what, []).append((dependency, entry))
        for several in old.values():
            yield _finding(function, several)


def _of_layers(function: DeployedFunction, packages: Packages) -> Iterator[Finding]:
    place = dict(function.locations).get("layers") or function.location
    named = [each for each in map(name_and_version, function.layers) if each is not None]
    for name, _ in named:
        content = packages.contents.get(name)
        entry = packages.minimums.of(content.package) if content is not None else None
        if content is None or entry is None or place is None:
            continue
        if outdated(Dependency(content.package, Scheme(content.scheme), place, content.below), entry.version):
            yield plain_finding(
                "LMI501",
                f"the layer {name} brings {content.package} below "
                f"{content.below}; managed instances need {entry.version} or later of {entry.what}",
                Severity.WARNING,
                here(place),
                f"{content.package}:{entry.version}",
                (function.key,),
                reasons=(entry.why, entry.source, content.source),
                remedy=f"Use a layer with {content.package} {entry.version} or later",
            )


def _finding(function: DeployedFunction, old: list[tuple[Dependency, MinimumEntry]]) -> Finding:
    dependency, entry = old[0]
    more = len({each.name for each, _ in old}) - 1
    others = f" ({more} more of its packages {'is' if more == 1 else 'are'} too old as well)" if more else ""
    return plain_finding(
        "LMI501",
        f"{_said(dependency)}; managed instances need {entry.version} or later of {entry.what}{others}",
        Severity.WARNING,
        here(dependency.location),
        f"{dependency.name}:{entry.version}",
        (function.key,),
        confidence=Confidence.HIGH if function.provenance is Provenance.DEPLOYED else Confidence.MEDIUM,
        related=tuple(_related(old)),
        reasons=(entry.why, entry.source),
        remedy=f"Raise {dependency.name} to {entry.version} or later",
    )


def _said(dependency: Dependency) -> str:
    if dependency.version is not None:
        return f"{dependency.name} is {dependency.version}"
    return f'{dependency.name} is held to "{dependency.admits}"'


def _related(old: list[tuple[Dependency, MinimumEntry]]) -> Iterator[Location]:
    first = old[0][0]
    if first.locked is not None and first.locked != first.location:
        yield Location(first.locked.path, first.locked.span, "the version that is deployed")
    for dependency, _ in old[1:]:
        if dependency.location != first.location:
            yield Location(dependency.location.path, dependency.location.span, "too old as well")
